"""The look of all figures, and showing and saving them with words.

Lines differ in colour, marker and dash, so they can be told apart in greyscale and by colour-blind readers; the
colours are those of Okabe and Ito (2008). A strategy of transfer has one look wherever its name stands.
"""

from html import escape
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np

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
    number = strategy(name)
    if number is None:
        raise ValueError(f"{name!r} names no strategy: it should hold one of {', '.join(STRATEGIES)}")
    return style(number)


def strategy(name):
    """The number of a strategy's look, or None."""
    return next((number for word, number in STRATEGIES.items() if word in name.lower()), None)


def looks(names):
    """The numbers of the looks of lines that are drawn together: a strategy's own, and for all else one that is left."""
    numbers = [strategy(name) for name in names]
    left = (number for number in range(len(COLOURS)) if number not in numbers)
    return [
        next(left) if number is None or number in numbers[:place] else number for place, number in enumerate(numbers)
    ]


def style(number):
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
    from IPython import get_ipython
    from IPython.display import display

    alt = " ".join(alt.split())
    if not alt:
        raise ValueError("a picture needs words for those who do not see it: show(figure, alt)")
    if get_ipython() is None:  # a notebook run as a script: `display` would print the bytes
        print(alt)
        return
    data, metadata = live._repr_mimebundle_() if live is not None else ({}, {})
    data, metadata = {**data, "image/png": png, "text/plain": alt}, {**metadata, "image/png": {"alt": alt}}
    display(data, metadata=metadata, raw=True)
    described = f"<details><summary>What this figure shows</summary>{escape(alt)}</details>"
    display({"text/html": described, "text/plain": ""}, raw=True)


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


def label_ends(axis, lines):
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


def title_over_all(figure, title):
    """A title that may use the figure's whole width, as names to the left of the axes make them narrow."""
    figure.suptitle(title, fontsize=11.5)
