"""Our programs beside a framework's: where the two could part, a tape of operations, and what moves though it is frozen."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import MultipleLocator, PercentFormatter

from helpers.show.pictures.still import ACCENT, written
from helpers.show.plots import COLOURS, look

OURS, THEIRS, GRADIENT = "#555555", COLOURS[0], "#A63D00"
STOPS = {  # ours, Keras's, and how far they agree: chapter 7 measures each
    "weights": ("Dense(784, 64)", "Dense(64)", "="),
    "logits": ("forward(x)", "model(x)", "= 13 digits"),
    "gradients": ("backward(δ)", "tape.gradient", "= 12 digits"),
    "20 steps": ("step()", "apply_gradients", "= 10 digits"),
    "frozen": ("freeze()", "trainable = False", "?"),
}


def _box(axis, x, y, text, edge, width=0.84, height=0.5, face="white"):
    """A box with a text in its middle."""
    corner = x - width / 2, y - height / 2
    style = "round,pad=0.02,rounding_size=0.08"
    axis.add_patch(FancyBboxPatch(corner, width, height, boxstyle=style, facecolor=face, edgecolor=edge, linewidth=1.6))
    axis.text(x, y, text, ha="center", va="center", fontsize=9)


def _arrow(axis, start, end, colour, bend=0.0):
    arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.4, "connectionstyle": f"arc3,rad={bend}"}
    axis.annotate("", end, start, arrowprops=arrow)


def two_lanes(
    stops=STOPS,
    names=("NumPy", "Keras"),
    title="Two programs, one network: equal number for number, until a layer is frozen",
):
    """Two programs as lanes of the same stops, and how far they agree at each.

    Parameters
    ----------
    stops : dict of str to (str, str, str)
        By the stop's name: what the first program writes there, what the second does, and the verdict between them.
    names : (str, str)
        Of the programs.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = plt.subplots(figsize=(8.6, 2.9), layout="constrained")
    axis.set(xlim=(-1.05, len(stops) - 0.5), ylim=(-0.4, 2.45))
    axis.axis("off")
    for height, name, colour in zip((1.6, 0), names, (OURS, THEIRS)):
        axis.text(-1.02, height, name, va="center", fontsize=11, fontweight="bold", color=colour)
    for place, (stop, (first, second, verdict)) in enumerate(stops.items()):
        axis.text(place, 2.2, stop, ha="center", fontsize=10.5, fontweight="bold")
        for height, text, colour in ((1.6, first, OURS), (0, second, THEIRS)):
            _box(axis, place, height, text, colour)
            if place:
                _arrow(axis, (place - 0.58, height), (place - 0.42, height), colour)
        axis.plot([place, place], [0.3, 1.3], color="0.75", linewidth=1, zorder=0)
        white = {"facecolor": "white", "edgecolor": "none", "pad": 2}
        axis.text(place, 0.8, verdict, ha="center", va="center", fontsize=10.5, bbox=white)
    figure.suptitle(title)
    return figure


def tape(nodes, operations, title):
    """A chain of operations: values go to the right, and gradients come back as products of the operations' slopes.

    Parameters
    ----------
    nodes : dict of str to (float, float)
        By name, from the weight to the loss: the value, and the gradient of the loss.
    operations : sequence of (str, float)
        Between each two nodes: what is computed, and its slope there.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = plt.subplots(figsize=(8.6, 2.7), layout="constrained")
    axis.set(xlim=(-0.5, 2 * len(nodes) - 1.5), ylim=(-1.05, 1.15))
    axis.axis("off")
    for place, (name, (value, gradient)) in enumerate(nodes.items()):
        _box(axis, 2 * place, 0, "", "black", height=0.95)
        axis.text(2 * place, 0.25, f"{name} = {_short(value)}", ha="center", va="center", fontsize=11)
        slope = f"∂L/∂{name} = {_short(gradient)}" if gradient is not None else ""
        axis.text(2 * place, -0.25, slope, ha="center", va="center", fontsize=9, style="italic", color=GRADIENT)
    for place, (operation, slope) in enumerate(operations):
        left, right = 2 * place + 0.48, 2 * place + 1.52
        _arrow(axis, (left, 0.25), (right, 0.25), "black")
        _arrow(axis, (right, -0.25), (left, -0.25), GRADIENT)
        axis.text(2 * place + 1, 0.36, operation, ha="center", va="bottom", fontsize=10)
        axis.text(2 * place + 1, -0.36, f"times {_short(slope)}", ha="center", va="top", fontsize=10, color=GRADIENT)
    axis.text(-0.42, 0.9, "forward: the tape writes down each operation  →", fontsize=10)
    axis.text(-0.42, -0.95, "←  backward: each operation multiplies by its own slope", fontsize=10, color=GRADIENT)
    figure.suptitle(title)
    return figure


def _short(value):
    return f"{value:g}".replace("-", "−")


def switch_and_list(fits, title):
    """Calls of `fit` in a row: what a layer's switch says, what the list says that `fit` uses, and how far it moved.

    Parameters
    ----------
    fits : dict of str to (bool, bool, float)
        By what was done before the call: whether the switch is on, whether the list has the layer, and the largest
        change of a weight.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (words, axis) = plt.subplots(
        2, 1, figsize=(7.6, 3.6), height_ratios=(1.5, 1.7), sharex=True, layout="constrained"
    )
    words.set(xlim=(-1.3, len(fits) - 0.4), ylim=(0.5, 3.6))
    words.axis("off")
    for height, text in ((3, "before this fit"), (2, "the layer's switch"), (1, "the list of compile")):
        words.text(-1.28, height, text, va="center", fontsize=10)
    for place, (done, (switch, listed, moved)) in enumerate(fits.items()):
        words.text(place, 3, done, ha="center", va="center", fontsize=10, fontweight="bold")
        for height, on, yes, no in ((2, switch, "trainable", "frozen"), (1, listed, "train it", "leave it")):
            face = "white" if on else "#D9D9D9"
            _box(words, place, height, yes if on else no, "black", width=0.8, height=0.62, face=face)
        colour = ACCENT if switch != listed else COLOURS[0]
        axis.bar(place, moved, 0.5, color=colour, hatch="//" if switch != listed else "", edgecolor="white", zorder=2)
        axis.annotate(f"{moved:.2f}", (place, moved), (0, 3), textcoords="offset points", ha="center", fontsize=10)
    axis.set(xticks=[], ylabel="largest change\nof a weight")
    axis.margins(y=0.25)
    axis.grid(False, axis="x")
    figure.suptitle(title)
    return figure


def wobble(fixed, drawn, xlabel, title):
    """One number computed many times by two programs: by one always the same, by the other not.

    Parameters
    ----------
    fixed : float
        What ours gives every time.
    drawn : float array, (N,)
        What the other one gives, time by time.
    xlabel, title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = plt.subplots(figsize=(7, 2.9), layout="constrained")
    axis.hist(drawn, 25, color=THEIRS, edgecolor="white", zorder=2)
    axis.axvline(fixed, color="black", linewidth=2.5, zorder=3)
    top = axis.get_ylim()[1]
    axis.set_ylim(0, 1.25 * top)
    axis.annotate(
        f"ours, {len(drawn)} times {written(fixed)}",
        (fixed, 1.15 * top),
        (6, 0),
        textcoords="offset points",
        va="center",
    )
    lowest = np.min(drawn)
    axis.annotate(f"Keras, {len(drawn)} passes", (lowest, 0.55 * top), color=THEIRS, ha="left", va="center")
    axis.set(xlabel=xlabel, ylabel="passes")
    axis.grid(False, axis="x")
    figure.suptitle(title)
    return figure


def paired(accuracies, xlabel, title):
    """Two strategies, repetition by repetition: a line joins what belongs together.

    Parameters
    ----------
    accuracies : dict of str to float array, (N,)
        Of two strategies, by a key, name or label that `plots.look` knows: shares from 0 to 1.
    xlabel, title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    (one, first), (other, second) = accuracies.items()
    figure, axis = plt.subplots(figsize=(7, 0.34 * len(first) + 1.5), layout="constrained")
    rows = np.arange(len(first))[::-1]
    axis.hlines(rows, first, second, color="0.7", linewidth=2, zorder=1)
    for name, values in ((one, first), (other, second)):
        axis.plot(values, rows, **{**look(name), "linestyle": "", "markersize": 8}, label=name)
    figure.legend(loc="outside lower center", ncols=2)
    axis.set(yticks=rows, yticklabels=np.arange(len(first)) + 1, ylabel="draw", xlabel=xlabel)
    axis.xaxis.set_major_locator(MultipleLocator(0.05))
    axis.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axis.margins(y=0.15)
    axis.grid(False, axis="y")
    figure.suptitle(title)
    return figure


def redrawn(steps, ours, theirs, names, title):
    """Accuracy against training steps, computed by two programs: the first's curves broad and grey, the second's on top.

    Parameters
    ----------
    steps : sequence of int, (S,)
    ours, theirs : dict of str to sequence of float, (S,)
        By strategy: shares from 0 to 1.
    names : (str, str)
        Of the programs.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = plt.subplots(figsize=(7.6, 4.2), layout="constrained")
    for name, curve in ours.items():
        axis.plot(steps, curve, color="0.78", linewidth=9, solid_capstyle="round", zorder=1)
        axis.plot(steps, theirs[name], **look(name), zorder=2)
    heights = {name: curve[-1] for name, curve in theirs.items()}
    order, low, gap = sorted(heights, key=heights.get), -np.inf, 0.055 * np.ptp(axis.get_ylim())
    for name in order:
        low = max(heights[name], low + gap)
        axis.annotate(name, (1.02, low), xycoords=("axes fraction", "data"), color=look(name)["color"], va="center")
    axis.plot([], [], color="0.78", linewidth=9, label=names[0])
    axis.plot([], [], color="black", marker="o", markersize=5, label=names[1])
    axis.legend(loc="upper left")
    axis.set(xscale="log", xlabel="training steps", ylabel="even test digits read correctly")
    axis.set_xticks(steps, [str(step) for step in steps])
    axis.minorticks_off()
    axis.yaxis.set_major_formatter(PercentFormatter(1))
    figure.suptitle(title)
    return figure
