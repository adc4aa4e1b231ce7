"""Every figure, from plain arrays and tables. Each function returns the Matplotlib figure.

Lines differ in colour, marker and dash, so they can be told apart in greyscale and by colour-blind readers; the
colours are those of Okabe and Ito (2008).
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator, PercentFormatter

from helpers.files import atomic_write

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#8C6D1F")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
HATCHES = ("", "//", "..", "xx", "\\\\", "++", "oo", "--")


def _style(number):
    """The look of line `number`: colour, marker and dash change together."""
    number %= len(COLOURS)
    return {"color": COLOURS[number], "marker": MARKERS[number], "linestyle": DASHES[number], "markersize": 5}


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


def class_balance(counts, digits, title="Images of each digit"):
    """Bars for the number of images of each digit, part by part.

    Parameters
    ----------
    counts : dict of str to int array (K,)
        The parts' names and counts.
    digits : sequence of int
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = plt.subplots(figsize=(7, 3.2), layout="constrained")
    places, width = np.arange(len(digits)), 0.8 / len(counts)
    for number, (name, values) in enumerate(counts.items()):
        offset = (number - (len(counts) - 1) / 2) * width
        axis.bar(
            places + offset, values, width, label=name, color=COLOURS[number], hatch=HATCHES[number], edgecolor="white"
        )
    axis.set(xticks=places, xticklabels=digits, xlabel="digit", ylabel="number of images", title=title)
    axis.legend(title="part", loc="upper left", bbox_to_anchor=(1, 1))  # beside the bars, not over them
    return figure


def lines(curves, x=None, *, xlabel, ylabel, title, log_x=False, log_y=False, percent=False):
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

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = plt.subplots(figsize=(7, 3.6), layout="constrained")
    _draw_lines(axis, curves, x)
    axis.set(xlabel=xlabel, ylabel=ylabel, title=title)
    if log_x:
        axis.set_xscale("log")
    if log_y:
        axis.set_yscale("log")
    if percent:
        axis.yaxis.set_major_formatter(PercentFormatter(1))
    return figure


def _draw_lines(axis, curves, x=None):
    for number, (name, values) in enumerate(curves.items()):
        places = np.arange(1, len(values) + 1) if x is None else x
        style = _style(number)
        if len(values) > 30:  # markers would hide the line
            style["markevery"] = len(values) // 10
        axis.plot(places, values, label=name, **style)
    if x is None:
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))  # there is no epoch 2.5
    axis.grid(alpha=0.3)
    if len(curves) > 4:  # beside the axes, where it hides no line
        axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    elif len(curves) > 1:
        axis.legend()


def learning_curves(loss, accuracy, title="Learning curves"):
    """Loss and accuracy against the epoch, side by side.

    Parameters
    ----------
    loss, accuracy : dict of str to sequence of float
        By the line's name: {"training": history.loss, "validation": history.validation_loss}.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    _draw_lines(left, loss)
    _draw_lines(right, accuracy)
    left.set(xlabel="epoch", ylabel="cross-entropy (nats)", title="loss")
    right.set(xlabel="epoch", ylabel="share of images right", title="accuracy")
    right.yaxis.set_major_formatter(PercentFormatter(1, decimals=1))
    figure.suptitle(title)
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
    figure.suptitle(title)
    return figure


def accuracy_bars(names, means, errors, title, note="", reference=None):
    """Test accuracies as points with error bars, one line for each name.

    Points, not bars: the differences are too small for an axis that starts at zero.

    Parameters
    ----------
    names : sequence of str
    means : sequence of float
        0 to 1.
    errors : array, (N,) or (2, N)
        Half the length of each error bar, or the parts below and above.
    title : str
    note : str
        What the error bars mean.
    reference : float, optional
        An accuracy to compare with, drawn as a line.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = plt.subplots(figsize=(7.5, 0.42 * len(names) + 1.3), layout="constrained")
    places = np.arange(len(names))[::-1]
    axis.errorbar(means, places, xerr=errors, fmt="o", color=COLOURS[0], ecolor="black", capsize=3)
    for place, mean in zip(places, means):
        axis.annotate(f"{mean:.2%}", (mean, place), (0, 6), textcoords="offset points", ha="center", fontsize=8)
    if reference is not None:
        axis.axvline(reference, color=COLOURS[1], linestyle="--", linewidth=1)
    axis.set(yticks=places, yticklabels=names, xlabel=f"test accuracy{f' ({note})' if note else ''}", title=title)
    axis.set_ylim(-0.6, len(names) - 0.3)
    axis.xaxis.set_major_formatter(PercentFormatter(1, decimals=1))
    axis.grid(axis="x", alpha=0.3)
    return figure


def accuracy_by_labels(curves, title, marks=()):
    """Test accuracy against labels per class, with a band of one standard deviation.

    Both axes are stretched (log and logit), so that from 98 to 99 % is as far as from 50 to 67 %.

    Parameters
    ----------
    curves : dict of str to (labels, means, stds)
        As `results.accuracy_curve` returns them.
    title : str
    marks : sequence of float
        Labels per class at which to draw a vertical line: crossing points.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = plt.subplots(figsize=(8, 4.6), layout="constrained")
    for number, (name, (labels, means, stds)) in enumerate(curves.items()):
        axis.plot(labels, means, label=name, **_style(number))
        axis.fill_between(labels, means - stds, means + stds, color=COLOURS[number], alpha=0.12, linewidth=0)
    for mark in marks:
        axis.axvline(mark, color="grey", linestyle=":", linewidth=1)
    shares = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99]
    axis.set_yscale("logit")
    axis.set_yticks(shares, [f"{share:.0%}" for share in shares])
    axis.set(xscale="log", xlabel="labelled images per class", ylabel="test accuracy", title=title)
    axis.set_xticks(labels, [f"{count:,}" for count in labels])
    axis.minorticks_off()
    axis.grid(alpha=0.3)
    axis.legend(loc="lower right")
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
    drawn = axis.barh(places, list(values.values()), color=COLOURS[0])
    axis.bar_label(drawn, [fmt.format(value) for value in values.values()], padding=3, fontsize=9)
    axis.set(yticks=places, yticklabels=list(values), xlabel=xlabel, title=title)
    axis.margins(x=0.15)
    return figure


def save(figure, path):
    """Write a figure as a PNG file, whole or not at all, and close it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : str or Path
    """
    with atomic_write(path) as file:
        figure.savefig(file, format="png", dpi=120, metadata={"Software": None})
    plt.close(figure)
