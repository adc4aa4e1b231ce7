"""Tables of runs: there and back as CSV, and what is read off them, worked out by hand."""

import math

import numpy as np
import pytest

from helpers.results import accuracy_curve, crossings, labels_needed, mean_and_std, read_rows, select, write_rows

ROWS = [
    {"strategy": strategy, "direction": direction, "labels": labels, "seed": seed, "test_accuracy": accuracy}
    for strategy, direction, labels, seed, accuracy in [
        ("scratch", "odd to even", 10, 0, 0.80),
        ("scratch", "odd to even", 10, 1, 0.90),
        ("scratch", "odd to even", 1, 0, 0.50),
        ("scratch", "odd to even", 1, 1, 0.70),
        ("scratch", "odd to even", "all", 0, 0.99),
        ("scratch", "odd to even", "all", 1, 0.99),
        ("scratch", "even to odd", 1, 0, 0.10),
        ("fine-tune", "odd to even", 1, 0, 0.20),
    ]
]


def test_rows_come_back_from_csv_as_they_were(tmp_path):
    write_rows(tmp_path / "rows.csv", ROWS)
    assert read_rows(tmp_path / "rows.csv") == ROWS


@pytest.mark.parametrize("value", [0.1 + 0.2, 1e-300, -3, "frozen, then all", 'a "quoted" word', "coûteux", ""])
def test_any_value_comes_back_to_the_last_digit(tmp_path, value):
    write_rows(tmp_path / "rows.csv", [{"value": value, "next": 1}])
    assert read_rows(tmp_path / "rows.csv") == [{"value": value, "next": 1}]


def test_numbers_of_numpy_are_written_as_plain_ones(tmp_path):
    write_rows(tmp_path / "rows.csv", [{"a": np.float64(0.1), "b": np.int64(3)}])
    assert (tmp_path / "rows.csv").read_bytes() == b"a,b\n0.1,3\n"


def test_a_missing_result_is_named_with_the_command_that_makes_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no result .*missing\.csv; `make results` computes it"):
        read_rows(tmp_path / "missing.csv")


def test_rows_are_selected_by_all_of_the_wanted_values():
    assert [row["test_accuracy"] for row in select(ROWS, strategy="scratch", labels=1)] == [0.5, 0.7, 0.1]
    assert select(ROWS, labels=7) == [] and select(ROWS) == ROWS


def test_mean_and_sample_standard_deviation_by_hand():
    rows = [{"test_accuracy": value, "seconds": 1} for value in (1.0, 2.0, 6.0)]
    assert mean_and_std(rows) == pytest.approx((3.0, math.sqrt(7)))  # (4 + 1 + 9) / 2
    assert mean_and_std(rows, "seconds") == (1, 0)


def test_one_run_has_no_standard_deviation():
    with pytest.raises(ValueError, match="at least two values of test_accuracy, not 1"):
        mean_and_std(ROWS[:1])


def test_an_accuracy_curve_goes_by_labels_and_leaves_all_out():
    labels, means, stds = accuracy_curve(ROWS, "scratch")
    assert labels == [1, 10]
    assert means == pytest.approx([0.6, 0.85])
    assert stds == pytest.approx([math.sqrt(0.02), math.sqrt(0.005)])


@pytest.mark.parametrize(
    "target, expected",
    [
        (0.5, 1),  # at a point
        (0.6, 10),  # half of the way from 0.5 to 0.7 is half of the way from log 1 to log 100
        (0.7, 100),
        (0.75, 100 * 10**0.5),  # half of the way from log 100 to log 1000
        (0.9, math.nan),  # never reached
        (0.4, math.nan),  # starts above
    ],
)
def test_the_labels_a_curve_needs_lie_between_its_points_along_the_logarithm(target, expected):
    assert labels_needed([1, 100, 1000], [0.5, 0.7, 0.8], target) == pytest.approx(expected, nan_ok=True)


def test_a_flat_stretch_needs_no_more_labels_than_its_start():
    assert labels_needed([1, 10, 100], [0.5, 0.5, 0.9], 0.5) == pytest.approx(1)


@pytest.mark.parametrize(
    "one, other, expected",
    [
        ([1, 3, 5], [2, 2, 2], [10]),  # from 1 below to 1 above: halfway between log 1 and log 100
        ([0, 3, 5], [3, 2, 2], [100**0.75]),  # from 3 below to 1 above: three quarters of the way
        ([1, 3, 1], [2, 2, 2], [10, 1000]),  # there and back
        ([1, 2, 3], [2, 2, 2], [100]),  # right at a point
        ([1, 2, 1], [2, 2, 2], []),  # touches without crossing
        ([2, 3, 2], [2, 2, 2], []),  # starts and ends together
        ([1, 1, 1], [2, 2, 2], []),
    ],
)
def test_two_curves_cross_where_their_difference_changes_sign(one, other, expected):
    assert crossings([1, 100, 10_000], one, other) == pytest.approx(expected)
