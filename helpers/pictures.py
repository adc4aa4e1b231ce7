"""Pictures that explain: what the chapters draw to teach, still or moving, from plain arrays; `plots` has measurements.

Functions return a Matplotlib figure, for `plots.show`, or the frames of an animation, for `play`.
"""

from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from helpers import plots
from helpers.plots import COLOURS, DASHES, MARKERS

LONGEST = 5  # seconds of an animation
PALETTE = 64  # colours of an animation, so that it stays small
LIGHT = ("#F2F2F2", "#BFD9EA", "#FBE3CF", "#D5EDE4", "#EBD3E0")  # regions behind points, of different lightness
ACCENT = COLOURS[1]


# Animations


def frame(figure):
    """The pixels of a figure, which is closed: one frame of an animation.

    Parameters
    ----------
    figure : matplotlib.figure.Figure

    Returns
    -------
    uint8 array, (rows, columns, 3)
    """
    pixels = _pixels(figure)
    plt.close(figure)
    return pixels


def _pixels(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba())[:, :, :3]


def _film(figure, draw, moments):
    """One frame for each moment, after `draw(moment)` has changed the figure; its layout is that of the first."""
    frames = []
    for moment in moments:
        draw(moment)
        frames.append(_pixels(figure))
        figure.set_layout_engine("none")  # or the axes would tremble
    plt.close(figure)
    return frames


def animation(frames, seconds=4):
    """Frames as an animated PNG that plays once and stays on its last frame.

    Where nothing moves (in print, in a viewer that knows only PNG) the last frame is shown, so it should tell all.

    Parameters
    ----------
    frames : sequence of uint8 arrays, (rows, columns, 3)
        All of one size.
    seconds : float
        At most `LONGEST`.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        Less than two frames, frames of different sizes, or too long.
    """
    from PIL import Image  # comes with Matplotlib

    sizes = {np.shape(one) for one in frames}
    if len(frames) < 2 or len(sizes) > 1:
        raise ValueError(f"an animation needs two or more frames of one size, not {len(frames)} of sizes {sizes}")
    if not 0 < seconds <= LONGEST:
        raise ValueError(f"an animation lasts at most {LONGEST} seconds, so that nobody has to wait, not {seconds}")
    sample = np.concatenate([frames[0], frames[len(frames) // 2], frames[-1]])
    palette = Image.fromarray(sample).quantize(PALETTE)
    images = [Image.fromarray(one).quantize(palette=palette, dither=Image.Dither.NONE) for one in frames]
    file = BytesIO()
    images[-1].save(
        file,
        format="PNG",
        save_all=True,
        default_image=True,  # the last frame stands before the animation, as what is shown where nothing moves
        append_images=images,
        duration=1000 * seconds / len(images),
        loop=1,
        optimize=True,
    )
    return file.getvalue()


def play(frames, alt, seconds=4):
    """Show an animation in a notebook, with words for those who do not see it.

    Parameters
    ----------
    frames : sequence of uint8 arrays, (rows, columns, 3)
    alt : str
        What moves, and what the last frame shows: the finding first. See `plots.show`.
    seconds : float
    """
    plots.show_png(animation(frames, seconds), alt)


def templates_emerging(steps, weights, names):
    """The weights of softmax units while they are trained; on one scale, zero is white.

    Parameters
    ----------
    steps : sequence of int, (T,)
    weights : float array, (T, K, rows, columns)
    names : sequence of str, (K,)

    Returns
    -------
    list of uint8 arrays
        T frames.
    """
    weights = np.asarray(weights)
    figure, axes = plt.subplots(1, len(names), figsize=(1.5 * len(names), 2), squeeze=False, layout="constrained")
    limit = np.abs(weights).max()
    shown = []
    for axis, name in zip(axes.flat, names):
        axis.set_title(name)
        axis.axis("off")
        shown.append(axis.imshow(weights[0, 0], cmap="RdBu_r", vmin=-limit, vmax=limit))

    def draw(moment):
        for image, unit in zip(shown, weights[moment]):
            image.set_data(unit)
        figure.suptitle(f"Weights after step {steps[moment]:,} (red: speaks for the digit; blue: against)")

    return _film(figure, draw, range(len(steps)))


def confusion_decaying(steps, matrices, digits, task):
    """A confusion matrix while the network learns something else, beside the accuracy that it stands for.

    Parameters
    ----------
    steps : sequence of int, (T,)
    matrices : int array, (T, K, K)
        Rows are the true digits, columns the predicted ones.
    digits : sequence of int, (K,)
    task : str
        What is shown, for the title.

    Returns
    -------
    list of uint8 arrays
        T frames.
    """
    matrices = np.asarray(matrices)
    shares = matrices / np.maximum(matrices.sum(axis=2, keepdims=True), 1)
    accuracy = np.trace(matrices, axis1=1, axis2=2) / matrices.sum(axis=(1, 2))
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.7), layout="constrained")
    image = left.imshow(shares[0], cmap="Blues", vmin=0, vmax=1)
    counts = [left.text(k, j, "", ha="center", va="center", fontsize=9) for j, k in np.ndindex(matrices.shape[1:])]
    places = range(len(digits))
    left.set(xticks=places, xticklabels=digits, yticks=places, yticklabels=digits)
    left.set(xlabel="predicted digit", ylabel="true digit")
    left.grid(False)
    right.plot(steps, accuracy, color="0.8")
    [line] = right.plot([], [], color=COLOURS[0])
    [point] = right.plot([], [], "o", color=COLOURS[0])
    right.set(xlabel="step", ylabel="share of images right", ylim=(0, 1.03))
    right.yaxis.set_major_formatter(PercentFormatter(1))

    def draw(moment):
        image.set_data(shares[moment])
        for text, count, share in zip(counts, matrices[moment].flat, shares[moment].flat):
            text.set(text=f"{count:,}", color="white" if share > 0.5 else "black")
        line.set_data(steps[: moment + 1], accuracy[: moment + 1])
        point.set_data([steps[moment]], [accuracy[moment]])
        figure.suptitle(f"{task}\nafter step {steps[moment]:,}: {accuracy[moment]:.0%} right")

    return _film(figure, draw, range(len(steps)))


def filter_sliding(image, kernel, output, count=36):
    """A filter sliding over a picture, row by row, and its output growing.

    Parameters
    ----------
    image : float array, (rows, columns)
        0 (paper) to 1.
    kernel : float array, (k, k)
    output : float array, (rows - k + 1, columns - k + 1)
        What the filter gives at each place.
    count : int
        Frames, spread over all places.

    Returns
    -------
    list of uint8 arrays
    """
    k = len(kernel)
    if np.shape(output) != (len(image) - k + 1, np.shape(image)[1] - k + 1):
        raise ValueError(f"a {k}x{k} filter does not make {np.shape(output)} of a picture of {np.shape(image)}")
    figure, axes = plt.subplots(1, 3, figsize=(7.6, 3.1), width_ratios=(5, 3, 5), layout="constrained")
    for axis, title in zip(axes, ("the picture", "the filter", "its output (–: far below zero)")):
        axis.set_title(title)
        axis.set(xticks=[], yticks=[])
        axis.grid(False)
        axis.spines[:].set_visible(True)
    axes[0].imshow(image, vmin=0, vmax=1)
    window = axes[0].add_patch(Rectangle((0, 0), k, k, fill=False, edgecolor=ACCENT, linewidth=2.5))
    signed = {"cmap": "RdBu_r", "vmin": -np.abs(kernel).max(), "vmax": np.abs(kernel).max()}
    axes[1].imshow(kernel, **signed)
    for (row, column), weight in np.ndenumerate(kernel):
        colour = "white" if abs(weight) > 0.6 * signed["vmax"] else "black"
        axes[1].text(column, row, _number(weight), ha="center", va="center", color=colour, fontsize=6.5)
    output = np.asarray(output)
    limit = np.abs(output).max() or 1
    grown = axes[2].imshow(np.zeros_like(output), cmap="RdBu_r", vmin=-limit, vmax=limit)
    pixel = axes[2].add_patch(Rectangle((0, 0), 1, 1, fill=False, edgecolor=ACCENT, linewidth=2.5))
    [minus] = axes[2].plot([], [], "_", color="white", markersize=4)  # tells blue from red without colour
    axes[2].set_facecolor("0.85")  # not computed yet

    def draw(place):
        row, column = divmod(place, output.shape[1])
        seen = np.arange(output.size).reshape(output.shape) <= place
        grown.set_data(np.ma.masked_array(output, ~seen))
        minus.set_data(*np.nonzero(seen & (output < -limit / 2))[::-1])
        window.set_xy((column - 0.5, row - 0.5))
        pixel.set_xy((column - 0.5, row - 0.5))
        figure.suptitle(f"{k * k} pixels times {k * k} weights, summed: one pixel of the output")

    return _film(figure, draw, np.linspace(0, output.size - 1, count).astype(int))


# Still pictures


def shaded_table(pixels, title=""):
    """The numbers of a picture, each on its shade.

    Parameters
    ----------
    pixels : uint8 array, (rows, columns)
        A crop small enough to read.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows, columns = pixels.shape
    figure, axis = plt.subplots(figsize=(0.45 * columns, 0.38 * rows + 0.4), layout="constrained")
    axis.imshow(pixels, vmin=0, vmax=255, aspect="auto")
    for (row, column), value in np.ndenumerate(pixels):
        axis.text(column, row, value, ha="center", va="center", color="white" if value > 127 else "black", fontsize=9)
    axis.axis("off")
    figure.suptitle(title)
    return figure


def intervals(values, lows, highs, truth, title):
    """The intervals of many repeated experiments beside the truth; those that miss it stand out.

    Parameters
    ----------
    values, lows, highs : float arrays, (N,)
        Shares from 0 to 1: what each experiment measured, and the ends of its interval.
    truth : float
    title : str
        How many hold the truth is added.

    Returns
    -------
    matplotlib.figure.Figure
    """
    values, lows, highs = np.asarray(values), np.asarray(lows), np.asarray(highs)
    held = (lows <= truth) & (truth <= highs)
    figure, axis = plt.subplots(figsize=(7.6, 3), layout="constrained")
    numbers = np.arange(1, len(values) + 1)
    for some, colour, marker, width in ((held, "0.6", "o", 1.2), (~held, ACCENT, "X", 2.4)):
        axis.vlines(numbers[some], lows[some], highs[some], color=colour, linewidth=width)
        axis.plot(numbers[some], values[some], marker, color=colour, markersize=2 if marker == "o" else 7)
    axis.axhline(truth, color="black", linewidth=1)
    axis.annotate("truth", (1.01, truth), xycoords=("axes fraction", "data"), va="center")
    axis.set(xlabel="experiment", ylabel="interval", title=f"{title}: {held.sum()} of {len(held)} hold the truth")
    axis.yaxis.set_major_formatter(PercentFormatter(1))
    axis.grid(False, axis="x")
    return figure


def decision_regions(points, labels, classifiers):
    """What classifiers make of the plane, side by side on one scale, their accuracies in the titles.

    Parameters
    ----------
    points : float array, (N, 2)
    labels : int array, (N,)
    classifiers : dict of str to function
        From points (M, 2) to logits (M, K) or to classes (M,).

    Returns
    -------
    matplotlib.figure.Figure
    """
    columns = min(3, len(classifiers))
    rows = -(-len(classifiers) // columns)
    size = (2.7 * columns, 2.8 * rows)
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    reach = 1.08 * np.abs(points).max()
    places = np.linspace(-reach, reach, 180)
    grid = np.stack(np.meshgrid(places, places), axis=-1).reshape(-1, 2)
    kinds = np.unique(labels)
    for axis, (name, classify) in zip(axes.flat, classifiers.items()):
        regions = _classes(classify(grid)).reshape(180, 180)
        levels = np.arange(kinds.max() + 2) - 0.5
        axis.contourf(places, places, regions, levels=levels, colors=LIGHT)
        axis.contour(places, places, regions, levels=levels[1:-1], colors="black", linewidths=0.8)
        for kind in kinds:
            chosen = points[labels == kind]
            face = ("white", COLOURS[0], ACCENT, COLOURS[2], COLOURS[3])[kind]
            axis.plot(
                *chosen.T, MARKERS[kind], color=face, markeredgecolor="black", markersize=3.5, markeredgewidth=0.5
            )
        right = np.mean(_classes(classify(points)) == labels)
        axis.set(title=f"{name}: {right:.0%} right", aspect="equal", xticks=[], yticks=[])
        axis.grid(False)
    for axis in axes.flat[len(classifiers) :]:
        axis.axis("off")
    return figure


def _classes(given):
    given = np.asarray(given)
    return given.argmax(axis=1) if given.ndim > 1 else given


def losses():
    """Cross-entropy beside squared error, against the probability of the true class; and how hard each pushes.

    Returns
    -------
    matplotlib.figure.Figure
    """
    p = np.linspace(0.002, 1, 500)
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.3), layout="constrained")
    loss = {"cross-entropy, −log p": -np.log(p), "squared error, (1 − p)²": (1 - p) ** 2}
    push = {"cross-entropy: 1 − p": 1 - p, "squared error: 2 p (1 − p)²": 2 * p * (1 - p) ** 2}
    places = ((0.3, 3), (0.4, 2)), ((0.4, 0.8), (0.12, 0.06))  # of the names, free of lines
    for axis, curves, spots in zip((left, right), (loss, push), places):
        for number, ((name, values), spot) in enumerate(zip(curves.items(), spots)):
            axis.plot(p, values, color=COLOURS[number], linestyle=DASHES[number], linewidth=2)
            lead = {"arrowstyle": "-", "color": COLOURS[number], "linewidth": 0.8}
            at = 60 if axis is left else 150
            axis.annotate(name, (p[at], values[at]), spot, color=COLOURS[number], arrowprops=lead)
        axis.set_xlabel("probability of the true class, p")
    left.set(ylabel="loss", title="A sure mistake costs without bound, or at most 1")
    right.set(ylabel="push on the true logit, −∂L/∂z", title="It is pushed hardest, or hardly at all")
    return figure


def activations_by_depth(activations, title):
    """How large the activations are, layer by layer, for several scales of the first weights.

    Parameters
    ----------
    activations : dict of str to list of float arrays
        By the scale's name: the values of each layer, from the first to the last. The axis is logarithmic, so zeros
        are left out, and of the others the sign.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    sizes = {
        name: [np.log10(np.abs(a[a != 0])) for a in map(np.asarray, layers)] for name, layers in activations.items()
    }
    ends = np.array([np.percentile(a, (0.5, 99.9)) for layers in sizes.values() for a in layers if a.size])
    bins = np.linspace(ends[:, 0].min(), ends[:, 1].max(), 90)
    figure, axes = plt.subplots(
        1, len(sizes), figsize=(3 * len(sizes), 3.6), sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    for number, (axis, (name, layers)) in enumerate(zip(axes.flat, sizes.items())):
        for depth, values in enumerate(layers, start=1):
            heights, _ = np.histogram(values, bins)
            outline = depth - 0.9 * heights / max(heights.max(), 1)
            axis.fill_between(
                bins[:-1], outline, depth, color=COLOURS[number], alpha=0.6, linewidth=0, step="post", zorder=depth
            )
        axis.set(title=name, xlabel="activation")
        axis.grid(False, axis="y")
    powers = range(int(np.ceil(bins[0])), int(np.floor(bins[-1])) + 1, max(1, round((bins[-1] - bins[0]) / 5)))
    axes[0, 0].set_xticks(powers, [f"$10^{{{power}}}$" for power in powers])
    deepest = max(map(len, sizes.values()))
    axes[0, 0].set(ylabel="layer", yticks=range(1, deepest + 1), ylim=(deepest + 0.15, 0))
    figure.suptitle(title)
    return figure


def ravine(loss, paths, x, y):
    """Paths of several optimizers over the contours of a loss, on one scale.

    Contours lie where the loss's square root grows by equal steps, so that a quadratic bowl has them at equal distances.

    Parameters
    ----------
    loss : function
        Of two arrays, the weights; zero at its minimum.
    paths : dict of str to float array, (T, 2)
        By the optimizer's name. One that leaves the picture is said to.
    x, y : (float, float)
        The ends of the axes.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(
        1, len(paths), figsize=(3.3 * len(paths), 2.9), sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    w1, w2 = np.meshgrid(np.linspace(*x, 301), np.linspace(*y, 301))
    heights = loss(w1, w2)
    lowest = np.unravel_index(heights.argmin(), heights.shape)
    for axis, (name, path) in zip(axes.flat, paths.items()):
        axis.contour(w1, w2, np.sqrt(heights), levels=16, colors="0.75", linewidths=0.7)
        axis.plot(*np.transpose(path), "o-", color=COLOURS[0], markersize=3, linewidth=1)
        axis.plot(*path[0], "s", color="black", markersize=6)
        axis.plot(w1[lowest], w2[lowest], "*", color=ACCENT, markeredgecolor="black", markersize=13)
        inside = (np.array([x[0], y[0]]) <= path).all() and (path <= np.array([x[1], y[1]])).all()
        axis.set(title=name if inside else f"{name} (leaves the picture)", xlim=x, ylim=y, xlabel="$w_1$ (along)")
        axis.grid(False)
    axes[0, 0].set_ylabel("$w_2$ (across)")
    return figure


# Backpropagation, stop by stop: columns of nodes with their values, and the gradients found so far

COLUMNS = ("x", "z1", "a1", "z2", "p")
LETTERS = {"x": "input $x$", "z1": "$z^{(1)}$", "a1": "$a^{(1)}$", "z2": "logits $z^{(2)}$", "p": "$p$"}
EDGES = {"W1": ("x", "z1"), "W2": ("a1", "z2")}
GRADIENT, NEW = "#A63D00", "#FFE1CC"


def backpropagation(values, stops, label):
    """One input's way through a network of two layers, and its gradients' way back, a panel for each stop.

    Parameters
    ----------
    values : dict of str to float array
        "x" (D,), "W1" (D, H), "z1" (H,), "a1" (H,), "W2" (H, K), "z2" (K,) and "p" (K,).
    stops : dict of str to dict
        By the stop's title: the gradients known there, with the names and the shapes of their values, of
        "z2", "W2", "a1", "z1" and "W1". Those that the stop before did not know are tinted.
    label : int
        The true class.

    Returns
    -------
    matplotlib.figure.Figure
    """
    tallest = max(len(values[column]) for column in COLUMNS)
    figure, axes = plt.subplots(
        len(stops),
        2,
        figsize=(8.4, len(stops) * (0.85 * tallest + 0.5)),
        width_ratios=(5, 1),
        squeeze=False,
        layout="constrained",
    )
    known = {}
    for (axis, beside), (title, gradients) in zip(axes, stops.items()):
        _draw_stop(axis, values, gradients, gradients.keys() - known.keys(), tallest)
        axis.set_title(title, loc="left", fontweight="bold")
        _draw_delta(beside, values["p"], label, gradients.get("z2"), tallest)
        known = gradients
    figure.supxlabel("upright: value; slanted: gradient of the loss, tinted where new", fontsize=9)
    return figure


def _heights(count, tallest):
    """Where the nodes of a column stand: one apart, round the middle."""
    return (tallest - 1) / 2 + (count - 1) / 2 - np.arange(count)


def _draw_stop(axis, values, gradients, new, tallest):
    axis.set(xlim=(-0.3, 4.3), ylim=(-0.45, tallest))
    axis.axis("off")
    heights = {column: _heights(len(values[column]), tallest) for column in COLUMNS}
    for place, column in enumerate(COLUMNS):
        axis.text(place, tallest - 0.25, LETTERS[column], ha="center", fontsize=9)
        gradient = gradients.get(column, [None] * len(values[column]))
        for value, slope, height in zip(values[column], gradient, heights[column]):
            _draw_node(axis, (place, height), value, slope, column in new)
    for name, (source, target) in EDGES.items():
        left = COLUMNS.index(source)
        for (i, j), weight in np.ndenumerate(values[name]):
            ends = np.array([heights[source][i], heights[target][j]])
            axis.plot([left, left + 1], ends, color="0.7", linewidth=0.8, zorder=1)
            share = 0.36 + 0.28 * (j % 2)  # neighbours' numbers stand apart
            slope = gradients[name][i, j] if name in gradients else None
            _draw_weight(axis, (left + share, ends @ (1 - share, share)), weight, slope, name in new)
    for a, height in zip(values["a1"], heights["a1"]):
        look = {"color": "0.3"} if a > 0 else {"color": "0.6", "linestyle": ":"}  # the gate is open, or shut
        axis.plot([1, 2], [height, height], zorder=1, **look)
        axis.text(1.5, height + 0.07, "open" if a > 0 else "shut", ha="center", fontsize=7.5, color="0.3")
    for start in heights["z2"]:
        for end in heights["p"]:
            axis.plot([3, 4], [start, end], color="0.7", linewidth=0.8, zorder=1)
    for left, text in ((1.5, "ReLU"), (3.5, "softmax")):
        axis.text(left, tallest - 0.25, text, ha="center", fontsize=8, color="0.3")


def _draw_node(axis, place, value, slope, new):
    left, bottom = place[0] - 0.17, place[1] - 0.3
    tint = NEW if new else "white"
    axis.add_patch(Rectangle((left, bottom), 0.34, 0.6, facecolor=tint, edgecolor="black", linewidth=0.9, zorder=2))
    centred = {"ha": "center", "va": "center", "fontsize": 8.5, "zorder": 3}
    axis.text(place[0], place[1] + (0.14 if slope is not None else 0), _number(value), **centred)
    if slope is not None:
        axis.text(place[0], place[1] - 0.14, _number(slope), color=GRADIENT, fontstyle="italic", **centred)


def _draw_weight(axis, place, weight, slope, new):
    box = {"facecolor": NEW if new else "white", "edgecolor": "none", "pad": 0.6}
    text = _number(weight) if slope is None else f"{_number(weight)}\n{_number(slope)}"
    colour = "0.25" if slope is None else GRADIENT
    axis.text(*place, text, color=colour, fontsize=7, ha="center", va="center", bbox=box, linespacing=0.95, zorder=1.5)


def _draw_delta(axis, p, label, delta, tallest):
    """Beside the nodes of p: what the truth is, and δ = p − truth as bars once it is known."""
    truth = np.arange(len(p)) == label
    heights = _heights(len(p), tallest)
    axis.set(xlim=(-1.15, 1.15), ylim=(-0.45, tallest), xticks=[-1, 0, 1], yticks=[])
    axis.text(0, tallest - 0.25, "truth" if delta is None else "δ = p − truth", fontsize=8, ha="center")
    for height, true in zip(heights, truth):
        axis.text(-1.1, height, f"{int(true)}", fontsize=8.5, va="center")
    if delta is None:
        axis.axis("off")
        return
    axis.vlines(0, -0.45, tallest - 0.5, color="black", linewidth=0.8)
    axis.barh(heights, delta, 0.34, color=ACCENT, edgecolor="white", hatch=["//" if one < 0 else "" for one in delta])
    axis.spines["left"].set_visible(False)
    axis.grid(False)
    axis.tick_params(labelsize=7)


def _number(value):
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")
