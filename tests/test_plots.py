"""Every figure is drawn, labelled, and can be told apart without colour."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib.text import Text

from helpers.show import plots
from helpers.show.plots import appearance
from helpers.transfer.strategies import METHODS

SHARES = {"one": [0.5, 0.6, 0.7], "two": [0.4, 0.6, 0.8]}
ERRORS = {
    "banded": np.array([[0.45, 0.2, 0.05], [0.4, 0.18, 0.04], [0.5, 0.22, 0.06]]),
    "near it": [0.4, 0.2, 0.051],
    "nearer": [0.5, 0.3, 0.0505],
    "reference": [0.55, 0.4, 0.3],
}
GAINS = {"one": np.array([-1.0, 0, 2, 2, 3]), "two": np.array([0.0, 1, 1, 1, 4])}
DRAWINGS = {
    "images": lambda: plots.images(np.ones((7, 28, 28)), titles=list("abcdefg"), columns=5, title="digits"),
    "signed images": lambda: plots.images(np.linspace(-1, 1, 5 * 9).reshape(5, 3, 3), title="weights", signed=True),
    "before_and_after": lambda: plots.before_and_after(
        {"a": [(np.eye(40, 60), np.eye(28))] * 2, "b": [(np.eye(9), np.eye(28))]}, "two images were inverted"
    ),
    "lines": lambda: plots.lines(SHARES, [1, 10, 100], xlabel="x", ylabel="y", title="t", log_x=True, log_y=True),
    "percent lines": lambda: plots.lines(SHARES, xlabel="x", ylabel="y", title="t", percent=True),
    "confusion_matrices": lambda: plots.confusion_matrices(
        {"one": np.eye(2, dtype=int), "two": np.ones((2, 2), int)}, (0, 2)
    ),
    "accuracy_bars": lambda: plots.accuracy_bars(["a", "b"], [0.9, 0.95], [0.01, 0.02], "t", "std"),
    "differences": lambda: plots.differences(["a", "b"], [1, 2], [-1, 1], [3, 3], "t", "points"),
    "error_by_labels": lambda: plots.error_by_labels([1, 10, 100], ERRORS, "t", [(1, 0.45, 3.5, "saves 2.5")]),
    "census": lambda: plots.census(GAINS, {"here": 3, "there": 0}, "t", "points"),
    "bars": lambda: plots.bars({"a": 1.0, "b": 2.5}, xlabel="x (s)", title="t", fmt="{:.1f} s"),
}


@pytest.fixture(params=DRAWINGS)
def figure(request):
    drawn = DRAWINGS[request.param]()
    yield drawn
    plt.close(drawn)


def test_a_figure_has_a_title_and_axis_labels(figure):
    shown = [axis for axis in figure.axes if axis.axison]
    assert (figure.get_suptitle() or any(axis.get_title() for axis in shown)) != ""
    for axis in shown:
        assert axis.get_xlabel()
        assert axis.get_ylabel() or [label.get_text() for label in axis.get_yticklabels()]


def test_lines_differ_in_more_than_colour():
    looks = [appearance.style(look) for look in {method.look for method in METHODS.values()}]
    for key in ("marker", "linestyle"):
        assert len({str(look[key]) for look in looks}) == len(looks)
    assert len({look.hatch for look in appearance.LOOKS}) == len(set(plots.COLOURS)) == len(appearance.LOOKS)


def test_save_writes_a_png_and_closes_the_figure(tmp_path):
    drawn = DRAWINGS["lines"]()
    plots.save(drawn, tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert not plt.fignum_exists(drawn.number)


def test_a_confusion_matrix_shows_its_counts():
    drawn = plots.confusion_matrices({"m": np.array([[41, 2], [3, 54]])}, (0, 2))
    assert [text.get_text() for text in drawn.axes[0].texts] == ["41", "2", "3", "54"]
    plt.close(drawn)


def boxes(drawn, texts):
    drawn.canvas.draw()
    return [Text.get_window_extent(text) for text in texts]  # without the lines that lead to them


def test_a_difference_is_filled_where_its_interval_excludes_zero():
    drawn = plots.differences(["surely more", "unsure", "surely less"], [2, 1, -1], [1, -1, -2], [3, 3, -0.5], "t", "x")
    faces = [line.get_markerfacecolor() for line in drawn.axes[0].lines if line.get_marker() == "o"]
    assert [face != "white" for face in faces] == [True, False, True]
    plt.close(drawn)


def test_errors_are_named_at_their_ends_in_order_and_apart():
    drawn = plots.error_by_labels([1, 10, 100], ERRORS, "t")
    names = [text for text in drawn.axes[0].texts if text.get_text() in ERRORS]
    assert [name.get_text() for name in names] == ["banded", "nearer", "near it", "reference"]  # upwards
    for lower, upper in zip(boxes(drawn, names), boxes(drawn, names)[1:]):
        assert lower.y1 < upper.y0
    plt.close(drawn)


def test_a_band_is_drawn_where_one_is_given():
    drawn = plots.error_by_labels([1, 10, 100], ERRORS, "t")
    [band] = drawn.axes[0].collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == pytest.approx((4, 50))
    plt.close(drawn)


def test_an_arrow_points_from_the_labels_needed_to_those_it_replaces():
    drawn = plots.error_by_labels([1, 10, 100], ERRORS, "t", [(10, 0.2, 25, "saves 15")])
    [arrow] = [text for text in drawn.axes[0].texts if text.get_text() == "" and text.arrow_patch]
    assert arrow.xyann == (10, 20) and arrow.xy == (25, 20)
    assert "saves 15" in [text.get_text() for text in drawn.axes[0].texts]
    plt.close(drawn)


def test_the_census_shows_everybody_once_and_the_marked_where_they_are():
    drawn = plots.census(GAINS, {"here": 2, "there": 3}, "t", "points")  # at the same place
    lines = drawn.axes[0].lines
    for values in GAINS.values():
        [dots] = [
            line for line in lines if len(line.get_xdata()) == 5 and np.allclose(line.get_xdata(), values, atol=0.05)
        ]
        assert len(set(zip(dots.get_xdata(), dots.get_ydata()))) == 5, "no dot hides another"
    marks = [line.get_xdata()[0] for line in lines if len(line.get_xdata()) == 1]
    assert sorted(marks) == [1, 1, 2, 2]
    texts = [text for text in drawn.axes[0].texts if text.get_text() in ("here", "there")]
    for one in range(0, 4, 2):
        left, right = sorted(boxes(drawn, texts[one : one + 2]), key=lambda box: box.x0)
        assert left.x1 < right.x0
    plt.close(drawn)


def test_a_strategy_has_one_look_in_every_figure_and_no_other_line_has_it():
    scratch = plots.look("scratch")
    for name, strategies in (("from scratch", None), ("scratch", None), ("even-scratch", {"even-scratch": "scratch"})):
        drawn = plots.lines({"other": [1, 2], name: [1, 2]}, xlabel="x", ylabel="y", title="t", strategies=strategies)
        other, line = drawn.axes[0].lines
        assert (line.get_color(), line.get_marker()) == (scratch["color"], scratch["marker"])
        assert other.get_color() != line.get_color() and other.get_marker() != line.get_marker()
        plt.close(drawn)
    for method in METHODS.values():
        assert plots.look(method.key) == plots.look(method.name) == plots.look(method.label)
    with pytest.raises(ValueError, match="names no strategy: it should be one of scratch, from scratch"):
        plots.look("starting from scratch")  # what merely sounds like a strategy is none


def test_two_lines_of_one_strategy_can_be_told_apart():
    drawn = plots.lines({"frozen": [1, 2], "first layer frozen": [2, 1]}, xlabel="x", ylabel="y", title="t")
    assert len({line.get_color() for line in drawn.axes[0].lines}) == 2
    plt.close(drawn)


def test_several_lines_are_named_at_their_ends():
    drawn = DRAWINGS["lines"]()
    assert sorted(text.get_text() for text in drawn.axes[0].texts) == ["one", "two"]
    assert drawn.axes[0].get_legend() is None
    plt.close(drawn)


@pytest.fixture
def shell():
    """An IPython, without which there is nowhere to show anything."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def test_a_shown_figure_carries_its_words_for_a_page_and_beneath_it_folded(shell):
    drawn = DRAWINGS["lines"]()
    with capture_output() as captured:
        plots.show(drawn, "Two lines\n rise, & one < two.")
    picture, words = captured.outputs
    assert picture.data["image/png"].startswith(b"\x89PNG")
    assert picture.metadata == {"image/png": {"alt": "Two lines rise, & one < two."}}
    assert words.data["text/html"] == (
        "<details><summary>What this figure shows</summary>Two lines rise, &amp; one &lt; two.</details>"
    )
    assert not plt.fignum_exists(drawn.number)


def test_no_picture_is_shown_without_words():
    drawn = DRAWINGS["lines"]()
    with pytest.raises(ValueError, match="needs words for those who do not see it"):
        plots.show(drawn, " ")
