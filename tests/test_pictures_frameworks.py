"""The pictures of chapter 7 show what they were given."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from helpers.show import plots
from helpers.show.pictures import frameworks


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    plt.close("all")


def texts(figure):
    return [text.get_text() for axis in figure.axes for text in axis.texts]


def test_two_lanes_write_each_stop_with_its_verdict():
    shown = texts(frameworks.two_lanes({"logits": ("forward", "model", "= 3 digits")}, ("A", "B"), "title"))
    assert {"logits", "forward", "model", "= 3 digits", "A", "B"} <= set(shown)


def test_the_tape_shows_values_gradients_and_slopes():
    nodes = {"w": (2.0, -12.0), "z": (5.0, 4.0), "L": (4.0, 1.0)}
    shown = texts(frameworks.tape(nodes, [("z = 3w", -3.0), ("L = z²", 4.0)], "title"))
    assert {"w = 2", "∂L/∂w = −12", "z = 3w", "times −3", "L = 4", "times 4"} <= set(shown)


def test_the_fit_in_which_switch_and_list_disagree_stands_out():
    fits = {"compile": (True, True, 0.08), "switch": (False, True, 0.05), "again": (False, False, 0.0)}
    figure = frameworks.switch_and_list(fits, "title")
    bars = figure.axes[1].patches
    assert [bar.get_height() for bar in bars] == [0.08, 0.05, 0]
    assert [bar.get_hatch() for bar in bars] == ["", "//", ""]
    assert [text for text in texts(figure) if text in ("trainable", "frozen")] == ["trainable", "frozen", "frozen"]


def test_a_fixed_value_is_a_line_and_the_drawn_ones_a_heap():
    axis = frameworks.wobble(0.5, np.linspace(-1, 1, 40), "logit", "title").axes[0]
    assert axis.lines[0].get_xdata() == [0.5, 0.5] and sum(bar.get_height() for bar in axis.patches) == 40


def test_pairs_have_the_looks_of_their_strategies():
    axis = frameworks.paired({"random probe": [0.7, 0.8], "probe": [0.9, 0.85]}, "accuracy", "title").axes[0]
    for line, name, values in zip(axis.lines, ("random probe", "probe"), ([0.7, 0.8], [0.9, 0.85])):
        assert list(line.get_xdata()) == values and to_rgb(line.get_color()) == to_rgb(plots.look(name)["color"])


def test_the_second_programs_curves_lie_on_the_grey_of_the_first():
    ours, theirs = {"scratch": [0.2, 0.6]}, {"scratch": [0.2, 0.5]}
    axis = frameworks.redrawn([1, 10], ours, theirs, ("ours", "Keras"), "title").axes[0]
    below, above = axis.lines[:2]
    assert list(below.get_ydata()) == [0.2, 0.6] and list(above.get_ydata()) == [0.2, 0.5]
    assert below.get_linewidth() > above.get_linewidth() and below.get_zorder() < above.get_zorder()
