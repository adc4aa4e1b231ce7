"""Figures of comparisons: accuracies, differences, errors against labels, a whole population."""

from collections import Counter
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import PercentFormatter

from helpers.show.plots.appearance import COLOURS, LOOK_OF, label_ends, looks, style, title_over_all


def accuracy_bars(names, means, errors, title, note="", strategies=None):
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
    strategies : dict of str to str, optional
        Which strategy a name means that is not one's own: see `appearance.looks`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = plt.subplots(figsize=(7.5, 0.42 * len(names) + 1.3), layout="constrained")
    places = np.arange(len(names))[::-1]
    for place, mean, error, name in zip(places, means, np.transpose(errors), names):
        look = LOOK_OF.get((strategies or {}).get(name, name))
        shape = {"color": look.colour, "marker": look.marker} if look else {"marker": "o"}
        axis.errorbar(mean, place, xerr=np.reshape(error, (-1, 1)), **shape, ecolor="black", capsize=3)
    for place, mean in zip(places, means):
        axis.annotate(f"{mean:.2%}", (mean, place), (0, 6), textcoords="offset points", ha="center", fontsize=8)
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
    title_over_all(figure, title)
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
    for (name, values), look in zip(curves.items(), looks(curves)):
        values = 100 * np.asarray(values)
        if values.ndim > 1:
            values, low, high = values
            axis.fill_between(labels, low, high, color=look.colour, alpha=0.18, linewidth=0)
        [ends[name]] = axis.plot(labels, values, **style(look))
    below = {"textcoords": "offset points", "ha": "right", "va": "top", "fontsize": 9}  # where there are no lines
    for start, error, end, text in arrows:
        arrow = {"arrowstyle": "-|>", "color": "black", "linewidth": 1.4, "shrinkA": 4, "shrinkB": 0}
        axis.annotate("", (end, 100 * error), (start, 100 * error), arrowprops=arrow)
        axis.annotate(text, (start, 100 * error), (-3, -7), **below)
    axis.set_xticks(labels, [f"{count:,}" for count in labels])
    low, high = axis.get_ylim()
    ticks = [tick for tick in error_ticks if low <= tick <= high]
    axis.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    title_over_all(figure, title)
    label_ends(axis, ends)
    return figure


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
    for number, (look, (name, values)) in enumerate(zip(looks(rows), rows.items())):
        floor = len(rows) - 1 - number
        heights = floor + 0.05 + 0.5 * stacks[name] / highest
        axis.axhline(floor, color="0.6", linewidth=0.6)
        axis.plot(width * places[name], heights, "o", color=look.colour, markersize=2.6, alpha=0.75)
        median = np.median(values)
        axis.plot([median, median], [floor, floor + 0.6], color="black", linewidth=1.2)
        _write(axis, f"median {median:+.1f}".replace("-", "−"), (median, floor + 0.6), (0, 6), "center")
        _mark(axis, {label: values[index] for label, index in marked.items()}, floor)
    axis.margins(x=0.2)  # room for the names of marked members
    axis.set(xlabel=xlabel, ylim=(-0.35, len(rows) - 0.15))
    axis.set_yticks([len(rows) - 0.7 - number for number in range(len(rows))], [fill(name, 14) for name in rows])
    axis.tick_params(axis="y", length=0)
    axis.grid(False, axis="y")
    title_over_all(figure, title)
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
