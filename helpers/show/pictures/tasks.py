"""Two tasks side by side: their digits, what one is called by the other, rebuilt from the other, and gains drawn again."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import PercentFormatter

from helpers.show.plots import COLOURS, DASHES, MARKERS, look
from helpers.show.plots.appearance import label_ends


def _bare(axis, image, **scale):
    """Draw an image without ticks; its axis keeps its labels."""
    axis.imshow(image, **({"vmin": 0} | scale))
    axis.set(xticks=[], yticks=[])
    axis.grid(False)
    axis.spines[:].set_visible(False)


def rows(images, names, title, titles=None, signed=False):
    """Rows of pictures, each with its name to its left.

    Parameters
    ----------
    images : float array, (rows, columns, height, width)
        Digits, or with `signed` patterns: zero is grey, more is darker, and each row is on a scale of its own.
    names : sequence of str
        One for each row.
    title : str
    titles : sequence of str, optional
        One for each picture, (rows, columns).
    signed : bool

    Returns
    -------
    matplotlib.figure.Figure
    """
    images = np.asarray(images)
    count, columns = images.shape[:2]
    size = (columns * 0.95 + 1.6, count * (1.25 if titles is not None else 1.0) + 0.4)
    figure, axes = plt.subplots(count, columns, figsize=size, squeeze=False, layout="constrained")
    for row, name in enumerate(names):
        limit = np.abs(images[row]).max()
        scale = {"vmin": -limit, "vmax": limit} if signed else {}
        for column, axis in enumerate(axes[row]):
            _bare(axis, images[row, column], **scale)
            if titles is not None:
                axis.set_title(titles[row][column], fontsize=10)
        axes[row, 0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)
    figure.suptitle(title)
    return figure


def called(shares, left, above, title):
    """What images of one task are called by a classifier of another: shares on shades, the means of both beside them.

    Parameters
    ----------
    shares : float array, (rows, columns)
        Which share of the images of a row is given the name of a column.
    left, above : float arrays, (rows, 28, 28) and (columns, 28, 28)
        The mean image of each row, and that of each column.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    shares = np.asarray(shares)
    count, columns = shares.shape
    figure, axes = plt.subplots(
        count + 1, columns + 1, figsize=(0.8 * (columns + 1) + 1.6, 0.62 * (count + 1) + 1), layout="constrained"
    )
    for axis, image in zip((*axes[0, 1:], *axes[1:, 0]), (*above, *left)):
        _bare(axis, image)
    axes[0, 0].axis("off")
    for (row, column), share in np.ndenumerate(shares):
        axis = axes[row + 1, column + 1]
        _bare(axis, np.array([[share]]), vmax=1, aspect="auto")
        strong = share == shares[row].max()
        style = {"color": "white" if share > 0.5 else "black", "fontweight": "bold" if strong else "normal"}
        axis.text(0, 0, f"{share:.0%}", ha="center", va="center", fontsize=10, **style)
    figure.suptitle(title)
    figure.supylabel("shown: mean even digit", fontsize=10)
    figure.supxlabel("called: template of an odd digit, at the top", fontsize=10)
    return figure


def winners(numbers, scores, names, title):
    """The accuracy of the best of some candidates, on the images that chose it and on fresh ones.

    Parameters
    ----------
    numbers : sequence of int, (T,)
        How many candidates there were.
    scores : dict of str to float array, (T, repeats, 2)
        By the kind of candidate, a panel for each.
    names : (str, str)
        Of the two scores.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(
        1, len(scores), figsize=(4.4 * len(scores), 3.8), sharey=True, squeeze=False, layout="constrained"
    )
    for axis, (kind, values) in zip(axes.flat, scores.items()):
        for which, name in enumerate(names):
            style = {"color": COLOURS[which], "marker": MARKERS[which], "linestyle": DASHES[which]}
            mean, spread = values[..., which].mean(axis=1), values[..., which].std(axis=1)
            axis.errorbar(numbers, mean, yerr=spread, capsize=3, label=name, **style)
        axis.set(xscale="log", xlabel="candidates to choose from", title=kind)
        axis.set_xticks(numbers, [f"{number:,}" for number in numbers])
    axes[0, 0].set_ylabel("accuracy of the winner")
    axes[0, 0].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes[0, 0].legend(loc="upper left")
    figure.suptitle(title)
    return figure


def gains_again(labels, before, now, title, was, measured):
    """Gains over training from scratch, drawn again: as they are now, and in grey as they were before.

    Parameters
    ----------
    labels : sequence of int, (T,)
    before : dict of str to float array, (T,)
        By the strategy's name: means, in points.
    now : dict of str to (float array, float array), each (T,)
        By the same names: means, and halves of their intervals.
    title : str
    was, measured : str
        What the grey lines and the others are.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = plt.subplots(figsize=(7.6, 4.2), layout="constrained")
    places, last, ends = np.arange(len(labels)), len(labels) - 1, {}
    for number, (name, (mean, half)) in enumerate(now.items()):
        shift = 0.09 * (number - (len(now) - 1) / 2)
        axis.plot(places + shift, before[name], "o:", color="0.6", markersize=4, label="_" * (number > 0) + was)
        ends[name], *_ = axis.errorbar(places + shift, mean, half, capsize=4, **look(name))
    [ends["from scratch"]] = axis.plot([-0.2, last + 0.2], [0, 0], color=look("from scratch")["color"])
    axis.set(xlim=(-0.2, last + 0.2), xticks=places, xticklabels=labels)
    axis.set(xlabel="labelled images of each even digit", ylabel="gain over training from scratch (points)")
    axis.legend(loc="lower right", title=measured, alignment="left")
    label_ends(axis, ends)
    figure.suptitle(title)
    return figure
