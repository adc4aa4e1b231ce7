"""Backpropagation, stop by stop, on a network small enough for the head; and pushes that change a network's answers."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from helpers.show.pictures.still import written

ORDER = "z2", "W2", "a1", "z1", "W1"  # the way back
GRADIENT, NEW = "#A63D00", "#FFE1CC"
PLACES = {"x": 0.55, "z1": 4.0, "a1": 5.25, "z2": 8.1, "p": 9.35}
LETTERS = {"x": "input $x$", "z1": "$z^{(1)}$", "a1": "$a^{(1)}$", "z2": "logits $z^{(2)}$", "p": "$p$", "t": "truth"}
EDGES = {"W1": ("x", "z1"), "W2": ("a1", "z2")}
LEGEND = "upright: value      slanted: gradient      ↑ raise it, ↓ lower it, and the loss falls"
STOPS = {
    "z2": (
        "Stop 1: the gradient at the logits is probability minus truth",
        r"$\delta^{(2)} = p - \mathrm{truth}$",
        "delta[np.arange(len(y)), y] -= 1",
    ),
    "a1": (
        "Stop 2: a dense layer hands the gradient back along its weights",
        r"$\partial L/\partial W = a^\top\delta$      $\partial L/\partial a = \delta\,W^\top$",
        "a.T @ delta, delta.sum(axis=0), delta @ W.T",
    ),
    "z1": (
        "Stop 3: an open ReLU lets the gradient through, a shut one stops it",
        r"$\delta^{(1)} = \partial L/\partial a\,\odot\,[\,z > 0\,]$",
        "grad * (z > 0)",
    ),
    "W1": (
        "Stop 4: the first layer learns by the rule of stop 2",
        r"$\partial L/\partial W^{(1)} = x^\top\delta^{(1)}$",
        'dense_backward(x, params["W1"], delta1)',
    ),
}


def worked_example():
    """Three inputs, two hidden units of which one is shut, two classes, and all that backpropagation finds there.

    Returns
    -------
    dict of str to float array
        "x" (3,), "W1" (3, 2), "z1" (2,), "a1" (2,), "W2" (2, 2), "z2" (2,), "p" (2,), "truth" (2,), and by the same
        names with a "d" before them the gradients of the loss. Biases are zero.
    """
    x, truth = np.array([0.5, 1.0, 0.0]), np.array([1.0, 0.0])
    W1, W2 = np.array([[1.0, -1.0], [0.5, -1.0], [0.5, 1.0]]), np.array([[-1.0, 1.0], [2.0, -1.0]])
    z1 = x @ W1
    a1 = np.maximum(z1, 0)
    z2 = a1 @ W2
    p = np.exp(z2) / np.exp(z2).sum()
    dz2 = p - truth
    da1 = W2 @ dz2
    dz1 = da1 * (z1 > 0)
    values = {"x": x, "W1": W1, "z1": z1, "a1": a1, "W2": W2, "z2": z2, "p": p, "truth": truth}
    return values | {"dz2": dz2, "dW2": np.outer(a1, dz2), "da1": da1, "dz1": dz1, "dW1": np.outer(x, dz1)}


def backpropagation(values, stop="", title=""):
    """One input's way through a network of two layers, and how far its gradients have come back.

    Parameters
    ----------
    values : dict of str to float array
        As `worked_example` returns it; gradients that the stop has not reached may be missing.
    stop : str
        "z2", "a1", "z1" or "W1": where the gradients have come to, with the formula, the line of code and the numbers
        of that stop beneath. Not given: all that is in `values`, and nothing beneath.
    title : str
        In place of the stop's own.

    Returns
    -------
    matplotlib.figure.Figure
    """
    reached = ORDER[: ORDER.index(stop) + 1] if stop else ORDER
    gradients = {name: values[f"d{name}"] for name in reached if f"d{name}" in values}
    new = {"a1": {"a1", "W2"}}.get(stop, {stop})
    floor, ceiling = (-0.75, 5.05) if stop else (-0.5, 5.7)
    figure, axis = plt.subplots(figsize=(8.6, 0.86 * (ceiling - floor)), layout="constrained")
    axis.set(xlim=(0, 10.5), ylim=(floor, ceiling))
    axis.axis("off")
    heights = {name: _heights(len(values[name])) for name in PLACES}
    for name, left in PLACES.items():
        axis.text(left, 4.75, LETTERS[name], ha="center", fontsize=10.5)
        for number, height in enumerate(heights[name]):
            slope = gradients[name][number] if name in gradients else None
            _draw_node(axis, (left, height), values[name][number], slope, name in new)
    axis.text(10.2, 4.75, LETTERS["t"], ha="center", fontsize=10.5)
    for true, height in zip(values["truth"], heights["p"]):
        axis.text(10.2, height, f"{true:.0f}", ha="center", va="center", fontsize=11)
    for name, (source, target) in EDGES.items():
        _draw_edges(axis, name, values[name], gradients.get(name), (heights[source], heights[target]), name in new)
    for a, height in zip(values["a1"], heights["a1"]):
        look = {"color": "black", "linewidth": 1.6} if a > 0 else {"color": "0.5", "linestyle": ":"}
        axis.plot([4.45, 4.8], [height, height], zorder=1, **look)
        axis.text(4.62, height + 0.5, "open" if a > 0 else "shut", ha="center", fontsize=9.5)
    for start in heights["z2"]:
        for end in heights["p"]:
            axis.plot([8.55, 8.95], [start, end], color="0.6", linewidth=0.8, zorder=1)
    axis.text(0.1, 0.2, LEGEND, fontsize=9.5, color="0.25")
    if not stop:
        _draw_ways(axis)
    else:
        _, formula, code = STOPS[stop]
        axis.plot([0.1, 10.4], [0.08, 0.08], color="0.7", linewidth=0.8)
        axis.text(0.1, -0.2, formula, fontsize=12, va="center")
        axis.text(10.4, -0.2, code, fontsize=10.5, va="center", ha="right", family="monospace")
        axis.text(0.1, -0.6, "      ".join(_sums(values, stop)), fontsize=10.5, va="center", color=GRADIENT)
    axis.set_title(title or (STOPS[stop][0] if stop else ""), loc="left", fontweight="bold", fontsize=12)
    return figure


def _draw_ways(axis):
    """Two long arrows: forward above the network, back beneath it."""
    ways = ((5.42, 0.1, 10.4, "values, forward: what does the network say?", "black"),)
    ways += ((-0.28, 10.4, 0.1, "gradients, back: who should change, which way, how much?", GRADIENT),)
    for height, start, end, words, colour in ways:
        style = {"arrowstyle": "-|>", "color": colour, "linewidth": 2.2, "mutation_scale": 16}
        axis.annotate("", (end, height), (start, height), arrowprops=style)
        box = {"facecolor": "white", "edgecolor": "none", "pad": 3}
        axis.text(5.25, height, words, ha="center", va="center", fontsize=11, color=colour, bbox=box)


def _sums(values, stop):
    """The arithmetic of a stop, in words of numbers."""
    show, p, truth, dz2 = written, values["p"], values["truth"], values["dz2"]
    if stop == "z2":
        return [f"{show(one)} − {true:.0f} = {show(one - true)}" for one, true in zip(p, truth)]
    if stop == "a1":
        sums = [" + ".join(f"({show(w)})·({show(d)})" for w, d in zip(row, dz2)) for row in values["W2"]]
        return [f"{one} = {show(slope)}" for one, slope in zip(sums, values["da1"])]
    if stop == "z1":
        return [
            f"{show(slope)} · {int(z > 0)} = {show(slope * (z > 0))}" for z, slope in zip(values["z1"], values["da1"])
        ]
    return [f"{show(x)} · {show(values['dz1'][0])} = {show(x * values['dz1'][0])}" for x in values["x"]]


def _heights(count):
    """Where the nodes of a column stand."""
    return 2.5 + 1.5 * ((count - 1) / 2 - np.arange(count))


def arrow(slope):
    """Which way down is: up where the slope is negative."""
    return "" if written(slope).strip("−") == "0.00" else " ↑" if slope < 0 else " ↓"


def _draw_node(axis, place, value, slope, new):
    tint = NEW if new else "white"
    axis.add_patch(Rectangle((place[0] - 0.45, place[1] - 0.4), 0.9, 0.8, facecolor=tint, edgecolor="black", zorder=2))
    centred = {"ha": "center", "va": "center", "fontsize": 11, "zorder": 3}
    axis.text(place[0], place[1] + (0.19 if slope is not None else 0), written(value), **centred)
    if slope is not None:
        look = centred | {"color": GRADIENT, "fontstyle": "italic", "fontweight": "bold", "fontsize": 10}
        axis.text(place[0], place[1] - 0.19, written(slope) + arrow(slope), **look)


def _draw_edges(axis, name, weights, slopes, heights, new):
    left, right = (PLACES[column] + side for column, side in zip(EDGES[name], (0.45, -0.45)))
    for (i, j), weight in np.ndenumerate(weights):
        ends = np.array([heights[0][i], heights[1][j]])
        axis.plot([left, right], ends, color="0.6", linewidth=1, zorder=1)
        share = (0.3, 0.7)[j] if name == "W1" else 0.62 if i == j else 0.27  # neighbours' numbers stand apart
        place = left + share * (right - left), ends @ (1 - share, share)
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        look = {"ha": "center", "fontsize": 9.5, "zorder": 1.5}
        axis.text(*place, written(weight), va="center" if slopes is None else "bottom", bbox=box, **look)
        if slopes is not None:
            box = box | {"facecolor": NEW if new else "white"}
            look |= {"color": GRADIENT, "fontstyle": "italic", "fontweight": "bold"}
            axis.text(*place, written(slopes[i, j]) + arrow(slopes[i, j]), va="top", bbox=box, **look)


def pushed_images(images, sums, answers, title):
    """Images, ten times what was added to each, and the sums, with what a network answers.

    Parameters
    ----------
    images, sums : float array, (N, 784)
        Pixels from 0 to 1.
    answers : sequence of (str, str)
        What the network says to an image, and to its sum.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(3, len(images), figsize=(1.55 * len(images) + 0.7, 5.7), layout="constrained")
    pushes = 10 * (sums - images)
    reach = 1.7 * np.abs(pushes).max()  # so that the strongest push is not the darkest colour
    paper, signed = {"cmap": "Greys", "vmin": 0, "vmax": 1}, {"cmap": "RdBu_r", "vmin": -reach, "vmax": reach}
    for column, (before, after) in enumerate(answers):
        for axis, pixels, look in zip(axes[:, column], (images, pushes, sums), (paper, signed, paper)):
            axis.imshow(pixels[column].reshape(28, 28), **look)
            axis.set(xticks=[], yticks=[])
            axis.grid(False)
        axes[0, column].set_title(before, fontsize=10.5)
        axes[2, column].set_title(after, fontsize=10.5, fontweight="bold")
    for axis, name in zip(axes[:, 0], ("image", "push × 10", "sum, in [0, 1]")):
        axis.set_ylabel(name, fontsize=10.5)
    figure.suptitle(title, fontsize=12)
    return figure
