"""The look of all figures, and showing and saving them with words.

Lines differ in colour, marker and dash, so they can be told apart in greyscale and by colour-blind readers; the
colours are those of Okabe and Ito (2008). A strategy of transfer has one look in every figure, that of its table.
"""

import itertools
from html import escape
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np

from helpers.files import atomic_write
from helpers.transfer.strategies import METHODS

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


def style(look):
    """Keyword arguments for `Axes.plot`: colour, marker and dash change together."""
    dash = (0, tuple(map(float, look.dash.split()))) if look.dash else "-"
    return {"color": look.colour, "marker": look.marker, "linestyle": dash, "markersize": 5}


LOOKS = [
    METHODS[key].look
    for key in ("fine-tune", "scratch", "frozen", "random", "softmax", "probe", "kernel", "head-then-all")
]
COLOURS, _, MARKERS, HATCHES = zip(*LOOKS)
DASHES = [style(look)["linestyle"] for look in LOOKS]
LOOK_OF = {name: method.look for method in METHODS.values() for name in (method.key, method.name, method.label)}


def look(name):
    """The colour, marker and dash of a strategy, the same in every figure; keyword arguments for `Axes.plot`.

    Parameters
    ----------
    name : str
        A key, a name or a label of `helpers.transfer.strategies.METHODS`: "fine-tune", "fine-tuned", "from scratch", …

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        It is none of them.
    """
    if name not in LOOK_OF:
        raise ValueError(f"{name!r} names no strategy: it should be one of {', '.join(LOOK_OF)}")
    return style(LOOK_OF[name])


def looks(names, strategies=None):
    """A look for each of some lines drawn together: a strategy's own, and for all else one that is left.

    Parameters
    ----------
    names : sequence of str
    strategies : dict of str to str, optional
        The strategies of lines that have another name than theirs: {"even-scratch": "scratch"}.

    Returns
    -------
    list of Look
    """
    own = [LOOK_OF.get((strategies or {}).get(name, name)) for name in names]
    left = itertools.cycle([look for look in LOOKS if look not in own] or LOOKS)
    return [next(left) if look is None or look in own[:place] else look for place, look in enumerate(own)]


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
    """Close a figure, and return its picture as a notebook shows it, in bytes."""
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
    """Write a figure as a PNG file, whole or not at all, and close it."""
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
