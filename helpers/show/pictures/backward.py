"""Backpropagation, stop by stop: columns of nodes with their values, and the gradients found so far."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from helpers.show.pictures.still import ACCENT, written

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
    axis.text(place[0], place[1] + (0.14 if slope is not None else 0), written(value), **centred)
    if slope is not None:
        axis.text(place[0], place[1] - 0.14, written(slope), color=GRADIENT, fontstyle="italic", **centred)


def _draw_weight(axis, place, weight, slope, new):
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
    small = {"ha": "center", "fontsize": 7, "zorder": 1.5}
    axis.text(*place, written(weight), color="0.25", va="center" if slope is None else "bottom", bbox=box, **small)
    if slope is not None:
        box = box | {"facecolor": NEW if new else "white"}
        axis.text(*place, written(slope), color=GRADIENT, va="top", fontstyle="italic", bbox=box, **small)


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
