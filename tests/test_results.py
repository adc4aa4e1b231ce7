"""Tables of the earlier version: read, selected, averaged."""

import math

import pytest

from helpers.results import mean_and_std, read_rows, select

ROWS = [
    {"strategy": strategy, "labels": labels, "test_accuracy": accuracy}
    for strategy, labels, accuracy in [("scratch", 10, 0.8), ("scratch", 1, 0.5), ("fine-tune", 1, 0.2)]
]


def test_what_looks_like_a_number_becomes_one(tmp_path):
    (tmp_path / "rows.csv").write_text("a,b,c\n0.25,-3,odd\n", encoding="utf-8")
    assert read_rows(tmp_path / "rows.csv") == [{"a": 0.25, "b": -3, "c": "odd"}]


def test_rows_are_selected_by_all_of_the_wanted_values():
    assert select(ROWS, strategy="scratch", labels=1) == [ROWS[1]]
    assert select(ROWS, labels=7) == [] and select(ROWS) == ROWS


def test_mean_and_sample_standard_deviation_by_hand():
    rows = [{"test_accuracy": value, "seconds": 1} for value in (1.0, 2.0, 6.0)]
    assert mean_and_std(rows) == pytest.approx((3.0, math.sqrt(7)))  # (4 + 1 + 9) / 2
    assert mean_and_std(rows, "seconds") == (1, 0)


def test_one_run_has_no_standard_deviation():
    with pytest.raises(ValueError, match="at least two values of test_accuracy, not 1"):
        mean_and_std(ROWS[:1])
