"""Still pictures: pixels, intervals, regions, losses, activations and a ravine."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import PercentFormatter

from helpers.show.plots import COLOURS, DASHES, MARKERS

LIGHT = ("#F2F2F2", "#BFD9EA", "#FBE3CF", "#D5EDE4", "#EBD3E0")  # regions behind points, of different lightness
ACCENT = COLOURS[1]


def written(value):
    """A number as pictures show it: two digits, a true minus, no minus zero."""
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")


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
