"""Every figure is drawn, labelled, and can be told apart without colour."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers import plots

SHARES = {"one": [0.5, 0.6, 0.7], "two": [0.4, 0.6, 0.8]}
DRAWINGS = {
    "images": lambda: plots.images(np.ones((7, 28, 28)), titles=list("abcdefg"), columns=5, title="digits"),
    "signed images": lambda: plots.images(np.linspace(-1, 1, 5 * 9).reshape(5, 3, 3), title="weights", signed=True),
    "class_balance": lambda: plots.class_balance({"train": np.array([3, 4]), "test": np.array([1, 2])}, (1, 3)),
    "lines": lambda: plots.lines(SHARES, [1, 10, 100], xlabel="x", ylabel="y", title="t", log_x=True, log_y=True),
    "percent lines": lambda: plots.lines(SHARES, xlabel="x", ylabel="y", title="t", percent=True),
    "learning_curves": lambda: plots.learning_curves(SHARES, SHARES),
    "confusion_matrices": lambda: plots.confusion_matrices(
        {"one": np.eye(2, dtype=int), "two": np.ones((2, 2), int)}, (0, 2)
    ),
    "accuracy_bars": lambda: plots.accuracy_bars(["a", "b"], [0.9, 0.95], [0.01, 0.02], "t", "std", reference=0.93),
    "accuracy_by_labels": lambda: plots.accuracy_by_labels(
        {name: ([1, 10, 100], np.array(values), np.full(3, 0.01)) for name, values in SHARES.items()}, "t", marks=[5.0]
    ),
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
    looks = [plots._style(number) for number in range(len(plots.COLOURS))]
    for key in ("color", "marker", "linestyle"):
        assert len({str(look[key]) for look in looks}) == len(looks)


def test_save_writes_a_png_and_closes_the_figure(tmp_path):
    drawn = DRAWINGS["lines"]()
    plots.save(drawn, tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert not plt.fignum_exists(drawn.number)


def test_a_confusion_matrix_shows_its_counts():
    drawn = plots.confusion_matrices({"m": np.array([[41, 2], [3, 54]])}, (0, 2))
    assert [text.get_text() for text in drawn.axes[0].texts] == ["41", "2", "3", "54"]
    plt.close(drawn)
