"""The pictures of training's choices show the numbers they were given."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.evidence.statistics import mean_interval
from helpers.show import pictures
from helpers.show.pictures.choices import VERDICT


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    plt.close("all")


def names(axis):
    return [text.get_text() for text in axis.texts]


def test_a_film_strip_has_a_row_for_each_step_and_survives_greyscale():
    weights = np.random.default_rng(0).normal(size=(4, 5, 28, 28))
    figure = pictures.film_strip((0, 5, 40, 430), weights, (1, 3, 5, 7, 9), "title")
    shown = [axis.images[0] for axis in figure.axes]
    assert np.array_equal([image.get_array() for image in shown], weights.reshape(20, 28, 28))
    assert len({image.get_clim() for image in shown}) == 1  # one scale
    assert [axis.get_ylabel() for axis in figure.axes[::5]] == ["start", "step 5", "step 40", "step 430"]
    assert [axis.get_title() for axis in figure.axes[:5]] == ["1", "3", "5", "7", "9"]
    lightness = VERDICT(np.linspace(0, 1, 50))[:, :3] @ (0.299, 0.587, 0.114)
    assert (np.diff(lightness) < 0).all()


def test_bowls_write_the_factor_and_keep_every_step_in_the_picture():
    paths = {0.1: 0.9 ** np.arange(7), 2.1: (-1.1) ** np.arange(7)}
    left, right = pictures.bowls(paths, "title").axes
    assert (left.get_title(), right.get_title()) == ("η = 0.1\nw times 0.9", "η = 2.1\nw times −1.1")
    assert right.get_xlim()[0] < paths[2.1].min() < paths[2.1].max() < right.get_xlim()[1]


def test_hills_show_the_mean_of_the_seeds_between_the_worst_and_the_best():
    rates, values = (0.1, 1, 10), np.array([[60.0, 70, 80], [95, 96, 97], [20, 30, 70]])
    [axis] = pictures.hills(rates, {"SGD": values}, "title", [(1, 50, "a note")], lowest=10).axes
    assert np.array_equal(axis.lines[0].get_ydata(), values.mean(axis=1))
    band = axis.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (20, 97)
    assert names(axis) == ["a note"] and axis.get_ylim()[0] == 10 and "from 10 up" in axis.get_ylabel()


def test_learned_by_heart_marks_the_epoch_of_the_lowest_loss_in_both_panels():
    validation = np.array([[0.3, 0.1, 0.2], [0.3, 0.12, 0.2]])
    left, right = pictures.learned_by_heart(validation / 2, validation, 100 - validation, "title").axes
    assert [
        line.get_xdata()[0] for axis in (left, right) for line in axis.lines if len(set(line.get_xdata())) == 1
    ] == [2, 2]
    assert np.array_equal(left.lines[1].get_ydata(), validation.mean(axis=0))


def test_the_scoreboard_has_a_dot_for_each_seed_and_writes_the_mean():
    board = {"first": np.array([80.0, 90]), "last": np.array([98.0, 99])}
    [axis] = pictures.scoreboard(board, "title").axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["first", "last"]
    assert np.allclose(axis.lines[0].get_xdata(), [20, 10]) and names(axis) == ["15.0 %", "1.5 %"]


def test_before_and_after_has_a_panel_for_each_strategy_and_grey_for_the_earlier_gains():
    earlier = {"frozen": np.array([[0.0, 1], [2, 2]]), "fine-tuned": np.array([[1.0, 1], [2, 4]])}
    now = {name: gains + 1 for name, gains in earlier.items()}
    panels = pictures.before_and_after((3, 10), earlier, now, "title", ("earlier", "now")).axes
    assert [axis.get_title() for axis in panels] == ["frozen", "fine-tuned"]
    for axis, name in zip(panels, now):
        grey, colour = axis.containers
        assert grey[0].get_color() == "0.55" != colour[0].get_color()
        assert np.allclose(colour[0].get_ydata(), now[name].mean(axis=0))
        low, high = colour[2][0].get_segments()[0][:, 1]
        assert np.allclose((low, high), mean_interval(now[name][:, 0])[1:])
