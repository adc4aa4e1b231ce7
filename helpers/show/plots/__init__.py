"""Figures of results, from plain arrays and tables, and the look of all figures. Functions return the Matplotlib figure."""

from helpers.show.plots.appearance import COLOURS, DASHES, HATCHES, MARKERS, look, png, save, show, show_png
from helpers.show.plots.comparing import accuracy_bars, census, differences, error_by_labels
from helpers.show.plots.training import bars, before_and_after, confusion_matrices, images, lines

__all__ = [
    "COLOURS",
    "DASHES",
    "HATCHES",
    "MARKERS",
    "accuracy_bars",
    "bars",
    "before_and_after",
    "census",
    "confusion_matrices",
    "differences",
    "error_by_labels",
    "images",
    "lines",
    "look",
    "png",
    "save",
    "show",
    "show_png",
]
