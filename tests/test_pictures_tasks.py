"""Pictures of two tasks show the numbers they were given, and mark what they say they mark."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.show import plots
from helpers.show.pictures import tasks


@pytest.fixture(autouse=True)
def no_figure_is_left():
    plt.close("all")
    yield
    plt.close("all")


def test_each_row_has_its_name_and_each_picture_its_title(rng):
    figure = tasks.rows(rng.random((2, 3, 28, 28)), ["upper", "lower"], "a finding", titles=[list("abc"), list("def")])
    axes = np.reshape(figure.axes, (2, 3))
    assert [axis.get_ylabel() for axis in axes[:, 0]] == ["upper", "lower"]
    assert [axis.get_title() for axis in axes.flat] == list("abcdef")
    assert figure.get_suptitle() == "a finding"


def test_the_zero_of_signed_rows_is_the_middle_of_their_scale(rng):
    figure = tasks.rows(rng.normal(size=(2, 3, 28, 28)) * [[[[1]]], [[[9]]]], ["a", "b"], "", signed=True)
    limits = [axis.images[0].get_clim() for axis in figure.axes]
    assert all(low == -high for low, high in limits) and limits[0] != limits[3]


def test_shares_are_written_on_their_shades_and_the_largest_of_a_row_is_bold(rng):
    shares = np.array([[0.25, 0.75], [0.9, 0.1]])
    figure = tasks.called(shares, rng.random((2, 28, 28)), rng.random((2, 28, 28)), "a finding")
    written = [text for axis in figure.axes for text in axis.texts]
    assert [text.get_text() for text in written] == ["25%", "75%", "90%", "10%"]
    assert [text.get_fontweight() for text in written] == ["normal", "bold", "bold", "normal"]
    assert [text.get_color() for text in written] == ["black", "white", "white", "black"]


def test_winners_have_a_panel_for_each_kind_and_both_scores_in_it(rng):
    scores = {"guessers": rng.random((3, 10, 2)), "others": rng.random((3, 10, 2))}
    figure = tasks.winners((1, 10, 100), scores, ("chosen on", "fresh"), "a finding")
    assert [axis.get_title() for axis in figure.axes] == list(scores)
    for axis, values in zip(figure.axes, scores.values()):
        for which, container in enumerate(axis.containers):
            assert np.allclose(container[0].get_ydata(), values[..., which].mean(axis=1))


def test_gains_drawn_again_are_in_the_strategies_colours_over_the_earlier_ones_in_grey():
    now = {"first layer frozen": (np.array([-2.0, -1.0]), np.array([1.0, 0.5]))}
    before = {"first layer frozen": np.array([-1.0, -0.5])}
    [axis] = tasks.gains_again((3, 10), before, now, "a finding", "then", "now").axes
    grey, drawn = axis.lines[0], axis.containers[0][0]
    assert list(grey.get_ydata()) == [-1, -0.5] and grey.get_color() == "0.6" and grey.get_label() == "then"
    assert list(drawn.get_ydata()) == [-2, -1] and drawn.get_color() == plots.look("first layer frozen")["color"]
    assert {text.get_text() for text in axis.texts} == {"first layer frozen", "from scratch"}
