"""Pictures of the choices that training leaves open: rates, seeds, schedules, and what a better training buys."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator

from helpers.evidence.statistics import mean_interval
from helpers.show.pictures.still import ACCENT
from helpers.show.plots import COLOURS, DASHES, MARKERS, look

# From light to dark, so that it survives a greyscale printer: ink that speaks against the digit, silent, for it.
VERDICT = LinearSegmentedColormap.from_list("verdict", ["#E4F3FF", "#A9A9A9", "#5A0F00"])


def film_strip(steps, weights, names, title):
    """The weights of softmax units at a few steps of their training, a row for each step, on one scale.

    Parameters
    ----------
    steps : sequence of int, (T,)
    weights : float array, (T, K, rows, columns)
    names : sequence of str, (K,)
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    weights = np.asarray(weights)
    size = (1.25 * len(names) + 1.2, 1.22 * len(steps) + 0.7)
    figure, axes = plt.subplots(len(steps), len(names), figsize=size, squeeze=False, layout="constrained")
    limit = np.percentile(np.abs(weights[-1]), 99.5)
    for axis, name in zip(axes[0], names):
        axis.set_title(name, fontsize=13)
    for row, step, units in zip(axes, steps, weights):
        for axis, unit in zip(row, units):
            axis.imshow(unit, cmap=VERDICT, vmin=-limit, vmax=limit)
            axis.set(xticks=[], yticks=[])
            axis.grid(False)
            axis.spines[:].set_visible(False)
        row[0].set_ylabel("start" if step == 0 else f"step {step:,}", rotation=0, ha="right", va="center", fontsize=11)
    figure.suptitle(title)
    return figure


def bowls(paths, title):
    """Gradient descent in the bowl L(w) = w² / 2, a panel for each rate.

    Parameters
    ----------
    paths : dict of float to float array, (T,)
        All w on the way, by the learning rate.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    size = (2.3 * len(paths), 2.7)
    figure, axes = plt.subplots(
        1, len(paths), figsize=size, sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    reach = 1.1 * max(np.abs(path).max() for path in paths.values())
    bowl = np.linspace(-reach, reach, 100)
    for axis, (rate, path) in zip(axes.flat, paths.items()):
        axis.plot(bowl, bowl**2 / 2, color="0.6")
        axis.plot(path, path**2 / 2, "o-", color=ACCENT, markersize=4.5, linewidth=1)
        axis.plot(path[0], path[0] ** 2 / 2, "s", color="black", markersize=6)
        axis.set(title=f"η = {rate:g}\nw times {1 - rate:.1f}".replace("-", "−"), xlabel="w")
        axis.grid(False)
    axes[0, 0].set_ylabel("loss L(w)")
    figure.suptitle(title)
    return figure


def hills(rates, accuracies, title, notes=(), lowest=0):
    """Accuracy against learning rate: the mean of the seeds as a line, from the worst to the best of them as a band.

    Parameters
    ----------
    rates : sequence of float, (R,)
    accuracies : dict of str to float array, (R, seeds)
        In per cent, by the optimizer's name.
    title : str
    notes : sequence of (float, float, str)
        Words to write, and where: the rate, and the accuracy in per cent.
    lowest : float
        Where the axis of the accuracies begins.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = plt.subplots(figsize=(7, 3.8), layout="constrained")
    for (name, values), colour, marker, dash in zip(accuracies.items(), COLOURS, MARKERS, DASHES):
        axis.plot(rates, values.mean(axis=1), color=colour, marker=marker, linestyle=dash, label=name)
        axis.fill_between(rates, values.min(axis=1), values.max(axis=1), color=colour, alpha=0.18, linewidth=0)
    for rate, accuracy, text in notes:
        axis.text(rate, accuracy, text, ha="center", va="center", fontsize=10)
    axis.set(xscale="log", ylim=(lowest, 100.5), xlabel="learning rate η", title=title)
    axis.set_ylabel("validation accuracy (%)" + (f", from {lowest} up" if lowest else ""))
    axis.set_xticks(rates, [f"{rate:.1g}" for rate in rates])
    axis.minorticks_off()
    if len(accuracies) > 1:
        axis.legend(loc="lower center")
    return figure


def learned_by_heart(training, validation, accuracy, title):
    """Losses and validation accuracy, epoch by epoch, side by side: means of the seeds, and bands over all of them.

    Parameters
    ----------
    training, validation : float arrays, (seeds, epochs)
        Losses.
    accuracy : float array, (seeds, epochs)
        Of the validation images, in per cent.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.5), layout="constrained")
    curves = (left, "training", training, 0), (left, "validation", validation, 1), (right, "validation", accuracy, 1)
    for axis, name, values, number in curves:
        values = np.asarray(values)
        epochs, mean = np.arange(1, values.shape[1] + 1), values.mean(axis=0)
        drawn = {"color": COLOURS[number], "marker": MARKERS[number], "linestyle": DASHES[number], "markevery": 4}
        axis.plot(epochs, mean, markersize=5, **drawn)
        axis.fill_between(
            epochs, values.min(axis=0), values.max(axis=0), color=COLOURS[number], alpha=0.18, linewidth=0
        )
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        axis.annotate(name, (epochs[-1], mean[-1]), (0, 9), textcoords="offset points", ha="right", fontsize=10)
    lowest = 1 + int(np.mean(validation, axis=0).argmin())
    for axis in (left, right):
        axis.axvline(lowest, color="0.4", linewidth=1, linestyle=":")
    left.annotate("lowest", (lowest, 0.36), (4, 0), textcoords="offset points", fontsize=10, color="0.3")
    left.set(xlabel="epoch", ylabel="loss (nats)", ylim=(0, 0.4), title="The loss is lowest early, then rises")
    right.set(xlabel="epoch", ylabel="accuracy (%), from 80 up", ylim=(80, 100.5), title="The accuracy stays level")
    figure.suptitle(title)
    return figure


def scoreboard(board, title):
    """The error of each decision, from the first to the last: all its seeds, and their mean.

    Parameters
    ----------
    board : dict of str to float array, (seeds,)
        Accuracies in per cent, by the decision.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axis = plt.subplots(figsize=(7.6, 0.5 * len(board) + 1.4), layout="constrained")
    places = range(len(board))[::-1]
    for place, accuracies in zip(places, board.values()):
        errors = 100 - np.asarray(accuracies)
        axis.plot(errors, np.full(len(errors), place), "o", color=COLOURS[0], markersize=5, alpha=0.45)
        axis.plot(errors.mean(), place, "|", color="black", markersize=18, markeredgewidth=2)
        shown = f"{errors.mean():.1f} %"
        axis.annotate(shown, (errors.mean(), place), (0, 12), textcoords="offset points", ha="center", fontsize=9)
    axis.set(xscale="log", yticks=places, yticklabels=list(board), ylim=(-0.5, len(board) - 0.3))
    ticks = [tick for tick in (1, 2, 5, 10, 20, 50) if axis.get_xlim()[0] <= tick <= axis.get_xlim()[1]]
    axis.set_xticks(ticks, [str(tick) for tick in ticks])
    axis.minorticks_off()
    axis.set_xlabel("validation error (%), logarithmic; a dot for each seed, a bar for their mean")
    axis.grid(False, axis="y")
    figure.suptitle(title)
    return figure


def before_and_after(labels, earlier, now, title, names):
    """Chapter 0's picture with a piece exchanged: gains over training from scratch, the earlier ones in grey.

    Parameters
    ----------
    labels : sequence of int, (L,)
    earlier, now : dict of str to float array, (repetitions, L)
        Gains in points, by strategy: a panel for each.
    title : str
    names : (str, str)
        What the earlier and the present gains are called.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, axes = plt.subplots(
        1, len(now), figsize=(4.1 * len(now), 3.7), sharey=True, squeeze=False, layout="constrained"
    )
    for axis, strategy in zip(axes.flat, now):
        own = look(strategy)
        grey = {"color": "0.55", "marker": "s", "linestyle": "--", "markersize": 5}
        for gains, drawn, shift in ((earlier[strategy], grey, -0.06), (now[strategy], own, 0.06)):
            ends = np.array([mean_interval(column) for column in np.transpose(gains)])  # (L, 3)
            places = np.arange(len(labels)) + shift
            axis.errorbar(places, ends[:, 0], [ends[:, 0] - ends[:, 1], ends[:, 2] - ends[:, 0]], capsize=4, **drawn)
        axis.axhline(0, color=look("scratch")["color"])
        axis.set(xticks=range(len(labels)), xticklabels=labels, xlim=(-0.3, len(labels) - 0.7), title=strategy)
        axis.set_xlabel("labelled images of each even digit")
        handles = [plt.Line2D([], [], **grey), plt.Line2D([], [], **own)]
        axis.legend(handles, names, loc="lower right", fontsize=9)
    axes[0, 0].set_ylabel("gain over training from scratch (points)")
    figure.suptitle(title)
    return figure
