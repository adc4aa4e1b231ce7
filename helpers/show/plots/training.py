"""Figures of images, trainings and classifications."""

from textwrap import fill, shorten

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator, PercentFormatter

from helpers.show.plots.appearance import COLOURS, LOOK_OF, label_ends, looks, style


def images(pictures, titles=None, columns=10, title="", signed=False):
    """Show pictures in a grid.

    Parameters
    ----------
    pictures : array, (N, rows, columns)
        Digits (0 is paper), or with `signed` the weights of units.
    titles : sequence of str, optional
        One for each picture.
    columns : int
    title : str
    signed : bool
        Zero is white, positive is red, negative is blue, on one scale for all pictures.

    Returns
    -------
    matplotlib.figure.Figure
    """
    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    height = 1.0 + (0.3 if titles is not None else 0.0)
    figure, axes = plt.subplots(
        rows, columns, figsize=(columns, rows * height + 0.5), squeeze=False, layout="constrained"
    )
    limit = np.abs(pictures).max() if signed else None
    look = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit} if signed else {"cmap": "Greys", "vmin": 0}
    for index, axis in enumerate(axes.flat):
        axis.axis("off")
        if index < len(pictures):
            axis.imshow(pictures[index], **look)
            if titles is not None:
                axis.set_title(titles[index], fontsize=9)
    figure.suptitle(title)
    return figure


def before_and_after(rows, title):
    """Pictures as they were, each beside the image that a network sees, a row for each class.

    Parameters
    ----------
    rows : dict of str to sequence of (array, array)
        By class: a picture in grey, 0 for black to 255 for white, of any size; and its image, where 0 is paper.
    title : str
        What was done.

    Returns
    -------
    matplotlib.figure.Figure
    """
    pairs = max(map(len, rows.values()))
    figure, axes = plt.subplots(
        len(rows), 2 * pairs, figsize=(1.8 * pairs + 1.4, 0.95 * len(rows) + 0.9), squeeze=False, layout="constrained"
    )
    for line, (name, shown) in zip(axes, rows.items()):
        for axis, picture in zip(line, (one for pair in shown for one in pair)):
            axis.imshow(
                picture, cmap="gray", vmin=0, vmax=255
            )  # not turned about: whether it was inverted shall be seen
            axis.add_patch(plt.Rectangle((0, 0), 1, 1, transform=axis.transAxes, fill=False, color="0.6"))
        for axis in line:
            axis.axis("off")
        name = shorten(str(name), 16, placeholder="…")
        line[0].text(-0.1, 0.5, name, transform=line[0].transAxes, ha="right", va="center")
    for axis, word in zip(axes[0][: 2 * len(next(iter(rows.values())))], pairs * ("before", "after")):
        axis.set_title(word, fontsize=9)
    figure.suptitle(fill(title, 14 * pairs + 18))
    return figure


def lines(curves, x=None, *, xlabel, ylabel, title, log_x=False, log_y=False, percent=False, strategies=None):
    """Lines over a common x axis.

    Parameters
    ----------
    curves : dict of str to sequence of float
    x : sequence of float, optional
        1, 2, 3, … if not given.
    xlabel, ylabel, title : str
    log_x, log_y : bool
        Logarithmic axes.
    percent : bool
        The values are shares, to be shown in per cent.
    strategies : dict of str to str, optional
        Which strategy a line shows that is not named after one: see `appearance.looks`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for (name, values), look in zip(curves.items(), looks(curves, strategies)):
        places = np.arange(1, len(values) + 1) if x is None else x
        drawn = style(look)
        if len(values) > 30:  # markers would hide the line
            drawn["markevery"] = len(values) // 10
        axis.plot(places, values, label=name, **drawn)
    if x is None:
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))  # there is no epoch 2.5
    axis.set(xlabel=xlabel, ylabel=ylabel, title=title)
    if log_x:
        axis.set_xscale("log")
        if x is not None and len(x) < 9:
            axis.set_xticks(x, [f"{value:,g}" for value in x])
            axis.minorticks_off()
    if log_y:
        axis.set_yscale("log")
    if percent:
        axis.yaxis.set_major_formatter(PercentFormatter(1))
    if len(axis.lines) > 1:
        label_ends(axis, {line.get_label(): line for line in axis.lines})
    return figure


def confusion_matrices(matrices, digits, title="Confusion matrices"):
    """Confusion matrices beside each other; the shade is the share of the row.

    Parameters
    ----------
    matrices : dict of str to int array (K, K)
        By title. Rows are the true digits, columns the predicted ones.
    digits : sequence of int, or dict of str to sequence of int
        What the classes stand for; a dict if the matrices differ in that.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(1, len(matrices), figsize=(3.6 * len(matrices), 4), squeeze=False, layout="constrained")
    for axis, (name, matrix) in zip(axes.flat, matrices.items()):
        shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
        axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for (row, column), count in np.ndenumerate(matrix):
            colour = "white" if shares[row, column] > 0.5 else "black"
            axis.text(column, row, f"{count:,}", ha="center", va="center", color=colour, fontsize=9)
        labels = digits[name] if isinstance(digits, dict) else digits
        places = range(len(labels))
        axis.set(xticks=places, xticklabels=labels, yticks=places, yticklabels=labels, title=name)
        axis.set(xlabel="predicted digit", ylabel="true digit")
        axis.grid(False)
    figure.suptitle(title)
    return figure


def bars(values, *, xlabel, title, fmt="{:,.0f}"):
    """Horizontal bars from zero, one for each name, with their values written beside them.

    Parameters
    ----------
    values : dict of str to float
    xlabel, title : str
    fmt : str
        How to write a value.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = plt.subplots(figsize=(7.5, 0.42 * len(values) + 1.2), layout="constrained")
    places = np.arange(len(values))[::-1]
    colours = [LOOK_OF[name].colour if name in LOOK_OF else COLOURS[0] for name in values]
    drawn = axis.barh(places, list(values.values()), color=colours, zorder=2)
    axis.bar_label(drawn, [fmt.format(value) for value in values.values()], padding=3, fontsize=9)
    axis.set(yticks=places, yticklabels=list(values), xlabel=xlabel, title=title)
    axis.margins(x=0.15)
    axis.grid(False, axis="y")
    return figure
