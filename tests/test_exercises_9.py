"""Chapter 9's exercises: two right answers each, and wrong ones that get a word of their own."""

import numpy as np
import pytest

from helpers.evidence.statistics import bootstrap, paired_difference
from helpers.exercises import check


def by_parameters(network, factor):
    loud = network.copy()
    for parameter in loud["hidden1"].parameters():
        parameter.value *= factor
    return loud


def by_names(network, factor):
    loud = network.astype("float64").astype("float32")
    loud["hidden1"].weights.value = factor * network["hidden1"].weights.value
    loud["hidden1"].bias.value = factor * network["hidden1"].bias.value
    return loud


def in_place(network, factor):
    for parameter in network["hidden1"].parameters():
        parameter.value *= factor
    return network


def weights_only(network, factor):
    loud = network.copy()
    loud["hidden1"].weights.value *= factor
    return loud


def by_rest(change, first):
    left, sizes, right = np.linalg.svd(change, full_matrices=False)
    return (left[:, first:] * sizes[first:]) @ right[first:]


def by_projection(change, first):
    left = np.linalg.svd(change)[0][:, :first]
    return change - left @ (left.T @ change)


def without_sizes(change, first):
    left, _, right = np.linalg.svd(change, full_matrices=False)
    return left[:, first:] @ right[first:]


def by_helpers(one, other):
    return paired_difference(one.mean(axis=1), other.mean(axis=1))[1:], bootstrap(np.subtract, one, other, seed=0)[1:]


def by_drawing(one, other):
    rng, difference = np.random.default_rng(0), one.astype(float) - other
    seeds, images = difference.shape
    alone, both = [], []
    for _ in range(1000):
        rows = difference[rng.integers(seeds, size=seeds)]
        alone.append(rows.mean())
        both.append(rows[:, rng.integers(images, size=images)].mean())
    return [np.quantile(found, [0.025, 0.975]) for found in (alone, both)]


def unpaired(one, other):
    value, spread = one.mean() - other.mean(), 0.04
    return (value - spread, value + spread), by_helpers(one, other)[1]


@pytest.mark.parametrize(
    "number, answer",
    [
        ("9.1", by_parameters),
        ("9.1", by_names),
        ("9.2", by_rest),
        ("9.2", by_projection),
        ("9.3", by_helpers),
        ("9.3", by_drawing),
    ],
)
def test_right_answers(number, answer, capsys):
    check(number, answer)
    assert capsys.readouterr().out.startswith(f"{number}: right. ")


@pytest.mark.parametrize(
    "number, answer, said",
    [
        ("9.1", in_place, "has changed the network that it was given"),
        ("9.1", weights_only, "what is added to xW?"),
        ("9.2", lambda change, first: change - by_rest(change, first), "These are the first two directions"),
        ("9.2", without_sizes, "where are the singular values?"),
        ("9.3", unpaired, "subtract within each seed first"),
        ("9.3", lambda one, other: [by_helpers(one, other)[0]] * 2, "takes the images as given"),
    ],
)
def test_wrong_answers_get_a_word_of_their_own(number, answer, said, capsys):
    check(number, answer)
    printed = capsys.readouterr().out
    assert printed.startswith(f"{number}: not yet. ") and said in printed
