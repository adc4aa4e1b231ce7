"""Animations: PNGs that play once, and those of the chapters, frame by frame."""

from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from helpers.show import plots
from helpers.show.pictures.still import ACCENT, written
from helpers.show.plots import COLOURS

LONGEST = 5  # seconds of an animation
PALETTE = 64  # colours of an animation, so that it stays small


def _film(figure, draw, moments):
    """One frame for each moment, after `draw(moment)` has changed the figure; its layout is that of the first."""
    frames, canvas = [], FigureCanvasAgg(figure)
    for moment in moments:
        draw(moment)
        canvas.draw()
        frames.append(np.array(canvas.buffer_rgba())[:, :, :3])
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
    # Not the default, median cut: it mixes rare colours, the strongest weights say, into brown.
    palette = Image.fromarray(sample).quantize(PALETTE, method=Image.Quantize.MAXCOVERAGE)
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
        axes[1].text(column, row, written(weight), ha="center", va="center", color=colour, fontsize=6.5)
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
