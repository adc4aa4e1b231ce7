"""The measures of quality against small examples counted by hand."""

import numpy as np
import pytest

from helpers.evidence.metrics import accuracy, confusion_matrix, wilson_interval

LABELS = np.array([0, 0, 0, 1, 1, 2])
PREDICTIONS = np.array([0, 0, 1, 1, 2, 2])


def test_accuracy_is_the_share_of_right_predictions():
    assert accuracy(LABELS, PREDICTIONS) == 4 / 6


def test_the_confusion_matrix_has_a_row_for_every_class_and_a_column_for_what_it_was_taken_for():
    assert confusion_matrix(LABELS, PREDICTIONS, 3).tolist() == [[2, 1, 0], [0, 1, 1], [0, 0, 1]]


def test_a_class_that_never_occurs_still_has_its_row_and_column():
    assert confusion_matrix(np.array([0]), np.array([1]), 3).tolist() == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint64", "int64"])
def test_small_and_unsigned_types_count_right_where_their_products_would_overflow(dtype):
    letters = np.arange(26, dtype=dtype)  # 25 · 26 + 25 = 675 does not fit into a byte
    assert np.array_equal(confusion_matrix(letters, letters, 26), np.eye(26))
    assert np.array_equal(confusion_matrix(letters, letters[::-1].astype("int16"), np.uint8(26)), np.eye(26)[::-1])


def test_the_confusion_matrix_counts_every_image_once(rng):
    count, classes = rng.integers(1, 200), rng.integers(2, 11)
    labels, predictions = rng.integers(0, classes, (2, count))
    matrix = confusion_matrix(labels, predictions, classes)
    assert matrix.sum(axis=1).tolist() == np.bincount(labels, minlength=classes).tolist()
    assert matrix.sum(axis=0).tolist() == np.bincount(predictions, minlength=classes).tolist()
    assert np.trace(matrix) / count == accuracy(labels, predictions)


@pytest.mark.parametrize(
    "share, count, low, high",
    [
        (0.5, 10, 0.2366, 0.7634),  # (0.5 + 0.19208 ± 1.96·√(0.025 + 0.009604)) / 1.38416
        (0.0, 10, 0.0, 0.2775),  # 0.38416 / 1.38416
        (1.0, 10, 0.7225, 1.0),
        (0.9, 100, 0.8256, 0.9448),
    ],
)
def test_wilsons_interval_worked_out_by_hand(share, count, low, high):
    assert wilson_interval(share, count) == pytest.approx((low, high), abs=5e-5)


def test_wilsons_interval_holds_the_share_and_stays_between_zero_and_one(rng):
    count = rng.integers(1, 5000)
    share = rng.integers(0, count, endpoint=True) / count
    low, high = wilson_interval(share, count)
    assert -1e-12 < low <= share + 1e-12 and share - 1e-12 <= high < 1 + 1e-12


def test_more_images_leave_a_narrower_interval():
    widths = [high - low for low, high in (wilson_interval(0.98, count) for count in (100, 1000, 10_000))]
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: accuracy(np.array([]), np.array([])), "at least 1"),
        (lambda: accuracy(LABELS, PREDICTIONS[:-1]), "two arrays of one length"),
        (lambda: confusion_matrix(LABELS, PREDICTIONS[:-1], 3), "two arrays of one length"),
        (lambda: accuracy(np.eye(3), np.eye(3)), r"two arrays of one length, at least 1, not \(3, 3\)"),
        (
            lambda: accuracy(LABELS, PREDICTIONS / 2),
            "predictions must be whole numbers, one class for each image, not float64",
        ),
        (lambda: accuracy(1, 1), "two arrays of one length"),
        (lambda: confusion_matrix(LABELS, PREDICTIONS, 2), "labels must lie in 0 to 1, but go from 0 to 2"),
        (lambda: confusion_matrix(np.array([0]), np.array([-1]), 2), "predictions must lie in 0 to 1"),
        (lambda: wilson_interval(0.5, 0), "at least 1 image"),
        (lambda: wilson_interval(1.5, 10), "a share from 0 to 1"),
        (lambda: wilson_interval(np.nan, 10), "a share from 0 to 1"),
        (lambda: wilson_interval(0.5, np.nan), "a share from 0 to 1"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
