"""Every figure of results, from plain arrays and tables, and the look of all figures. Functions return the Matplotlib figure.

Lines differ in colour, marker and dash, so they can be told apart in greyscale and by colour-blind readers; the
colours are those of Okabe and Ito (2008). A strategy of transfer has one look wherever its name stands.
"""

from collections import Counter
from html import escape
from io import BytesIO
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator, PercentFormatter

from helpers.files import atomic_write

# The look of every figure, those that a chapter draws by hand included; white behind them, also on a dark page.
plt.rcParams.update(
    {
        "axes.grid": True,
        "axes.grid.axis": "both",
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlesize": 11,
        "figure.titlesize": 11.5,
        "grid.alpha": 0.3,
        "image.cmap": "Greys",
        "legend.frameon": False,
    }
)
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000", "#8C6D1F")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)))
HATCHES = ("", "//", "..", "xx", "\\\\", "++", "oo", "--")
# Which look a name has: that of the first of these words in it. "random first layer frozen" is a random one, above all.
STRATEGIES = {
    "random": 3,
    "scratch": 1,
    "kernel": 6,
    "softmax": 4,
    "probe": 5,
    "but the head": 5,
    "head first": 7,
    "fine-tun": 0,
    "froze": 2,
    "freez": 2,
}


def look(name):
    """The colour, marker and dash of a strategy, the same in every figure; keyword arguments for `Axes.plot`.

    Parameters
    ----------
    name : str
        Holds one of the words of `STRATEGIES`: "from scratch", "all layers fine-tuned", "first layer frozen", …

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        It holds none of them.
    """
    number = _strategy(name)
    if number is None:
        raise ValueError(f"{name!r} names no strategy: it should hold one of {', '.join(STRATEGIES)}")
    return _style(number)


def _strategy(name):
    """The number of a strategy's look, or None."""
    return next((number for word, number in STRATEGIES.items() if word in name.lower()), None)


def _looks(names):
    """The numbers of the looks of lines that are drawn together: a strategy's own, and for all else one that is left."""
    numbers = [_strategy(name) for name in names]
    left = (number for number in range(len(COLOURS)) if number not in numbers)
    return [
        next(left) if number is None or number in numbers[:place] else number for place, number in enumerate(numbers)
    ]


def _style(number):
    """The look of line `number`: colour, marker and dash change together."""
    number %= len(COLOURS)
    return {"color": COLOURS[number], "marker": MARKERS[number], "linestyle": DASHES[number], "markersize": 5}


def show(figure, alt):
    """Show a figure in a notebook, with words for those who do not see it, and close it.

    The picture carries the words as its alternative text, for exports and pages that read it; as JupyterLab does not,
    they also stand beneath it, folded.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    alt : str
        What the figure shows, its finding first. Numbers in it are rounded so that another processor finds the same.
    """
    show_png(png(figure), alt)


def png(figure):
    """Close a figure, and return its picture as a notebook shows it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure

    Returns
    -------
    bytes
    """
    file = BytesIO()
    figure.savefig(file, format="png", dpi=100, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
    return file.getvalue()


def show_png(png, alt, live=None):
    """Show a picture in a notebook, with words for those who do not see it: see `show`.

    Parameters
    ----------
    png : bytes
    alt : str
    live : ipywidgets.DOMWidget, optional
        Stands in the picture's place where a notebook runs.

    Raises
    ------
    ValueError
        There are no words.
    """
    from IPython.display import display

    alt = " ".join(alt.split())
    if not alt:
        raise ValueError("a picture needs words for those who do not see it: show(figure, alt)")
    data, metadata = live._repr_mimebundle_() if live is not None else ({}, {})
    data, metadata = {**data, "image/png": png, "text/plain": alt}, {**metadata, "image/png": {"alt": alt}}
    display(data, metadata=metadata, raw=True)
    described = f"<details><summary>What this figure shows</summary>{escape(alt)}</details>"
    display({"text/html": described, "text/plain": ""}, raw=True)


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
        if x is not None and len(x) < 9:
            axis.set_xticks(x, [f"{value:,g}" for value in x])
            axis.minorticks_off()
    if log_y:
        axis.set_yscale("log")
    if percent:
        axis.yaxis.set_major_formatter(PercentFormatter(1))
    _name_lines(axis)
    return figure


def _draw_lines(axis, curves, x=None):
    """Draw lines; several are named at their ends, once the axes have their scale: see `_name_lines`."""
    for (name, values), number in zip(curves.items(), _looks(curves)):
        places = np.arange(1, len(values) + 1) if x is None else x
        style = _style(number)
        if len(values) > 30:  # markers would hide the line
            style["markevery"] = len(values) // 10
        axis.plot(places, values, label=name, **style)
    if x is None:
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))  # there is no epoch 2.5


def _name_lines(axis):
    """Write the name of each line beside its end, if there are several."""
    if len(axis.lines) > 1:
        _label_ends(axis, {line.get_label(): line for line in axis.lines})


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
    _name_lines(left)
    _name_lines(right)
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
        axis.grid(False)
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
    for place, mean, error, name in zip(places, means, np.transpose(errors), names):
        shape = (
            {key: look(name)[key] for key in ("color", "marker")} if _strategy(name) is not None else {"marker": "o"}
        )
        axis.errorbar(mean, place, xerr=np.reshape(error, (-1, 1)), **shape, ecolor="black", capsize=3)
    for place, mean in zip(places, means):
        axis.annotate(f"{mean:.2%}", (mean, place), (0, 6), textcoords="offset points", ha="center", fontsize=8)
    if reference is not None:
        axis.axvline(reference, color=COLOURS[1], linestyle="--", linewidth=1)
    axis.set(yticks=places, yticklabels=names, xlabel=f"test accuracy{f' ({note})' if note else ''}", title=title)
    axis.set_ylim(-0.6, len(names) - 0.3)
    axis.xaxis.set_major_formatter(PercentFormatter(1, decimals=1))
    axis.grid(False, axis="y")
    return figure


def differences(names, values, lows, highs, title, xlabel, fmt="{:+.1f}"):
    """Paired differences with their intervals, a line for each: filled where the interval excludes zero, else hollow.

    Parameters
    ----------
    names : sequence of str, (N,)
    values, lows, highs : sequences of float, (N,)
        The differences and the ends of their intervals, in the unit that `xlabel` names.
    title, xlabel : str
    fmt : str
        How to write a difference.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = plt.subplots(figsize=(6.4, 0.45 * len(names) + 1.3), layout="constrained")
    axis.axvline(0, color="black", linewidth=1, zorder=1)
    for place, value, low, high in zip(range(len(names))[::-1], values, lows, highs):
        face = COLOURS[0] if low > 0 or high < 0 else "white"
        axis.plot([low, high], [place, place], color=COLOURS[0], linewidth=1.5, zorder=2)
        axis.plot(value, place, "o", color=COLOURS[0], markerfacecolor=face, markersize=7)
        shown = fmt.format(value).replace("-", "−")
        box = {
            "boxstyle": "square,pad=0.1",
            "facecolor": "white",
            "edgecolor": "none",
        }  # where it crosses the zero line
        axis.annotate(
            shown, (value, place), (0, 6), textcoords="offset points", ha="center", fontsize=9, bbox=box, zorder=1.5
        )
    axis.set(yticks=range(len(names))[::-1], yticklabels=names, ylim=(-0.5, len(names) - 0.3), xlabel=fill(xlabel, 52))
    axis.grid(False, axis="y")
    _title_over_all(figure, title)
    return figure


def error_by_labels(labels, curves, title, arrows=(), error_ticks=(0.5, 1, 2, 5, 10, 20, 50)):
    """Test error against labels per class, both on logarithmic axes, each line labelled at its end.

    A band belongs to a comparison: it is the 95 % interval of the *difference* to one of the lines, the reference, drawn
    round the line that is compared with it. Where the reference runs outside a band, the two differ; where it runs
    inside, nobody can tell. The reference itself has no band, and bands of two other lines say nothing of each other.

    Parameters
    ----------
    labels : sequence of int, (L,)
        Labels per class, rising.
    curves : dict of str to float array, (L,) or (3, L)
        Test errors, 0 to 1, by the line's name; with a band, also its lower and its upper end.
    title : str
        Should name the reference.
    arrows : sequence of (int, float, float, str)
        Labels that are saved: from so many, at this error, to as many as another line needs for it; and what to write
        below the arrow's start, best in two short lines.
    error_ticks : sequence of float
        Where to write the error, in per cent.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = plt.subplots(figsize=(6.4, 5), layout="constrained")
    axis.set(xscale="log", yscale="log", xlabel="labelled images per class", ylabel="test error (%)")
    ends = {}
    for (name, values), number in zip(curves.items(), _looks(curves)):
        values = 100 * np.asarray(values)
        if values.ndim > 1:
            values, low, high = values
            axis.fill_between(labels, low, high, color=COLOURS[number], alpha=0.18, linewidth=0)
        [ends[name]] = axis.plot(labels, values, **_style(number))
    below = {"textcoords": "offset points", "ha": "right", "va": "top", "fontsize": 9}  # where there are no lines
    for start, error, end, text in arrows:
        look = {"arrowstyle": "-|>", "color": "black", "linewidth": 1.4, "shrinkA": 4, "shrinkB": 0}
        axis.annotate("", (end, 100 * error), (start, 100 * error), arrowprops=look)
        axis.annotate(text, (start, 100 * error), (-3, -7), **below)
    axis.set_xticks(labels, [f"{count:,}" for count in labels])
    low, high = axis.get_ylim()
    ticks = [tick for tick in error_ticks if low <= tick <= high]
    axis.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    _title_over_all(figure, title)
    _label_ends(axis, ends)
    return figure


def _label_ends(axis, lines):
    """Write names beside the ends of lines, from bottom to top and apart, and lead each to its line's end."""
    size = 10
    axis.autoscale_view()  # else the scale waits until the figure is drawn
    to_fraction = (axis.transData + axis.transAxes.inverted()).transform
    ends = {name: (line.get_xdata()[-1], line.get_ydata()[-1]) for name, line in lines.items()}
    heights = {name: to_fraction(end)[1] for name, end in ends.items()}
    names = sorted(ends, key=heights.get)
    gap = 1.6 * size / 72 / (axis.figure.get_figheight() - 1.1)  # of the axis; an inch or so goes to title and labels
    wanted = np.array([heights[name] for name in names])
    steps = gap * np.arange(len(names))
    lifted = np.maximum.accumulate(wanted - steps)  # no name below its neighbour
    lowered = np.minimum.accumulate((wanted - steps)[::-1])[::-1]  # no name above it
    for name, place in zip(names, (lifted + lowered) / 2 + steps):
        lead = {"arrowstyle": "-", "color": lines[name].get_color(), "linewidth": 1.2, "shrinkA": 1, "shrinkB": 5}
        axis.annotate(
            name, ends[name], (1.06, place), textcoords="axes fraction", va="center", fontsize=size, arrowprops=lead
        )


def _title_over_all(figure, title):
    """A title that may use the figure's whole width, as names to the left of the axes make them narrow."""
    figure.suptitle(title, fontsize=11.5)


def census(gains, marked, title, xlabel):
    """A dot for each member of a whole population, a row for each method, with a line at zero.

    Dots are moved to the nearest of some seventy places, and stacked there.

    Parameters
    ----------
    gains : dict of str to float array, (N,)
        By method, in the unit that `xlabel` names; the same members in the same order.
    marked : dict of str to int
        Members to point out, by name: where they stand in the arrays.
    title, xlabel : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = plt.subplots(figsize=(6.4, 1.35 * len(gains) + 1.1), layout="constrained")
    axis.axvline(0, color="black", linewidth=1, linestyle="--")
    rows = {name: np.asarray(values) for name, values in gains.items()}
    width = np.ptp(list(rows.values())) / 70
    places = {name: np.round(values / width) for name, values in rows.items()}
    stacks = {name: _stack(values) for name, values in places.items()}
    highest = max(heights.max() for heights in stacks.values())
    for number, (look_number, (name, values)) in enumerate(zip(_looks(rows), rows.items())):
        floor = len(rows) - 1 - number
        heights = floor + 0.05 + 0.5 * stacks[name] / highest
        axis.axhline(floor, color="0.6", linewidth=0.6)
        axis.plot(width * places[name], heights, "o", color=COLOURS[look_number], markersize=2.6, alpha=0.75)
        median = np.median(values)
        axis.plot([median, median], [floor, floor + 0.6], color="black", linewidth=1.2)
        _write(axis, f"median {median:+.1f}".replace("-", "−"), (median, floor + 0.6), (0, 6), "center")
        _mark(axis, {label: values[index] for label, index in marked.items()}, floor)
    axis.margins(x=0.2)  # room for the names of marked members
    axis.set(xlabel=xlabel, ylim=(-0.35, len(rows) - 0.15))
    axis.set_yticks([len(rows) - 0.7 - number for number in range(len(rows))], [fill(name, 14) for name in rows])
    axis.tick_params(axis="y", length=0)
    axis.grid(False, axis="y")
    _title_over_all(figure, title)
    return figure


def _stack(places):
    """How many at the same place came before each: the height of a dot in its stack."""
    heights, seen = [], Counter()
    for place in places:
        heights.append(seen[place])
        seen[place] += 1
    return np.array(heights)


def _mark(axis, marked, floor):
    """Point out values below a row of dots: the leftmost is named to the left, the rightmost to the right."""
    names = sorted(marked, key=marked.get)
    sides = {name: ((0, -20), "center") for name in names}
    sides |= {name: ((-6, -9), "right") for name in names[:1]} | {name: ((6, -9), "left") for name in names[-1:]}
    for marker, name in zip("^v<>dshp", marked):
        _write(axis, name, (marked[name], floor), *sides[name])
        axis.plot(marked[name], floor - 0.12, marker, color="black", markersize=6)


def _write(axis, text, place, shift, side):
    """A small text on white, some points away from a place."""
    white = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
    axis.annotate(text, place, shift, textcoords="offset points", ha=side, va="center", fontsize=9, bbox=white)


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
    colours = [COLOURS[_strategy(name) or 0] for name in values]
    drawn = axis.barh(places, list(values.values()), color=colours, zorder=2)
    axis.bar_label(drawn, [fmt.format(value) for value in values.values()], padding=3, fontsize=9)
    axis.set(yticks=places, yticklabels=list(values), xlabel=xlabel, title=title)
    axis.margins(x=0.15)
    axis.grid(False, axis="y")
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
