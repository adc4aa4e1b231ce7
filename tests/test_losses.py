"""Softmax and cross-entropy against arithmetic done by hand and against numeric gradients."""

import math

import numpy as np
import pytest

from helpers import softmax, softmax_cross_entropy
from helpers.checks.gradient_check import numeric_gradient, relative_error


def test_softmax_of_the_logarithms_of_1_2_and_5_is_an_eighth_a_quarter_and_five_eighths():
    logits = np.log([[1.0, 2.0, 5.0], [3.0, 3.0, 2.0]])
    assert np.allclose(softmax(logits), [[1 / 8, 2 / 8, 5 / 8], [3 / 8, 3 / 8, 2 / 8]], atol=1e-15)


def test_cross_entropy_worked_out_by_hand():
    # p = (1/8, 2/8, 5/8) with label 2 and (3/8, 3/8, 2/8) with label 0
    loss, grad = softmax_cross_entropy(np.log([[1.0, 2.0, 5.0], [3.0, 3.0, 2.0]]), np.array([2, 0]))
    assert loss == pytest.approx((math.log(8 / 5) + math.log(8 / 3)) / 2, abs=1e-15)
    assert np.allclose(grad, [[1 / 16, 2 / 16, -3 / 16], [-5 / 16, 3 / 16, 2 / 16]], atol=1e-15)


@pytest.mark.parametrize("classes", [2, 5, 10])
def test_knowing_nothing_costs_the_logarithm_of_the_number_of_classes(classes):
    loss, _ = softmax_cross_entropy(np.zeros((3, classes)), np.array([0, 1, 1]))
    assert loss == pytest.approx(math.log(classes))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("label, expected", [(0, 0.0), (1, 2000.0), (2, 1000.0)])
def test_logits_of_plus_and_minus_1000_are_no_problem(dtype, label, expected):
    logits = np.array([[1000, -1000, 0]], dtype)
    with np.errstate(all="raise", under="ignore"):
        loss, grad = softmax_cross_entropy(logits, np.array([label]))
        probabilities = softmax(logits)
    assert loss == expected
    assert probabilities.tolist() == [[1, 0, 0]]
    assert np.array_equal(grad[0], probabilities[0] - np.eye(3)[label])


def test_each_row_subtracts_its_own_maximum():
    # With one maximum for the whole batch the second row would be 0 / 0.
    logits = np.array([[1000.0, 0.0], [-1000.0, -1000.0]])
    assert softmax(logits).tolist() == [[1, 0], [0.5, 0.5]]
    assert softmax_cross_entropy(logits, np.array([0, 1]))[0] == pytest.approx(math.log(2) / 2)


def test_the_gradient_equals_the_numeric_one(rng):
    count, classes = rng.integers(1, 9, 2)
    logits, labels = rng.normal(0, 3, (count, classes)), rng.integers(0, classes, count)
    _, grad = softmax_cross_entropy(logits, labels)
    numeric = numeric_gradient(lambda: softmax_cross_entropy(logits, labels)[0], logits)
    assert np.abs(grad - numeric).max() < 1e-9
    assert relative_error(grad, numeric) < 1e-5 or np.abs(numeric).max() < 1e-6


def test_probabilities_sum_to_one_and_every_row_of_the_gradient_to_zero(rng):
    count, classes = rng.integers(1, 9, 2)
    logits, labels = rng.normal(0, 100, (count, classes)), rng.integers(0, classes, count)
    assert np.allclose(softmax(logits).sum(axis=1), 1, atol=1e-12)
    assert np.abs(softmax_cross_entropy(logits, labels)[1].sum(axis=1)).max() < 1e-12


def test_the_inputs_are_left_as_they_were():
    logits, labels = np.ones((2, 3)), np.array([0, 2])
    softmax_cross_entropy(logits, labels)
    softmax(logits)
    assert (logits == 1).all() and labels.tolist() == [0, 2]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_gradient_has_the_type_of_the_logits(dtype):
    assert softmax_cross_entropy(np.zeros((2, 3), dtype), np.array([0, 1]))[1].dtype == dtype


@pytest.mark.parametrize(
    "labels, message",
    [
        ([0], "2 rows of logits need 2 labels"),
        ([[0], [1]], "2 rows of logits need 2 labels"),
        ([0, 3], "labels must lie in 0 to 2 for 3 logits, but go from 0 to 3"),
        ([-1, 0], "labels must lie in 0 to 2 for 3 logits, but go from -1 to 0"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels, message):
    with pytest.raises(ValueError, match=message):
        softmax_cross_entropy(np.zeros((2, 3)), np.array(labels))
