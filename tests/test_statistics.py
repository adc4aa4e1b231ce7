"""Statistics on cases whose answer is known: from a table, from a formula, or from how the data were made."""

import math

import numpy as np
import pytest

from helpers.evidence.statistics import (
    Estimate,
    bootstrap,
    errors_removed,
    labels_needed,
    labels_saved,
    paired_difference,
    sign_test,
    variance_components,
)


@pytest.mark.parametrize(
    "pairs, quantile", [(2, 12.706), (5, 2.776), (10, 2.262), (11, 2.228), (31, 2.042), (121, 1.980), (10**6, 1.960)]
)
def test_a_paired_interval_is_that_of_students_table(pairs, quantile):
    differences = np.random.default_rng(pairs).normal(size=pairs)
    other = np.linspace(0, 50, pairs)
    mean, low, high = paired_difference(other + differences, other)
    assert mean == pytest.approx(differences.mean())
    error = differences.std(ddof=1) / math.sqrt(pairs)
    assert (mean - low) / error == pytest.approx(quantile, abs=1e-3) == (high - mean) / error


def test_what_pairs_have_in_common_does_not_widen_the_interval():
    hard_or_easy = np.array([0.5, 0.9, 0.7, 0.6])
    difference = paired_difference(hard_or_easy + 0.01, hard_or_easy)
    assert difference == pytest.approx((0.01, 0.01, 0.01)) and difference.excludes_zero


@pytest.mark.parametrize("one, other", [([1.0], [2.0]), ([1.0, 2.0], [1.0]), ([[1.0], [2.0]], [[1.0], [2.0]])])
def test_values_that_are_no_pairs_are_refused(one, other):
    with pytest.raises(ValueError, match="paired values come in two rows"):
        paired_difference(one, other)


@pytest.mark.parametrize("low, high, expected", [(-1, 1, False), (0.1, 2, True), (-2, -0.1, True), (0, 1, False)])
def test_an_interval_excludes_zero_or_not(low, high, expected):
    assert Estimate(0.5, low, high).excludes_zero is expected


def test_the_bootstrap_of_images_alone_is_that_of_a_share():
    """All seeds agree on every image, so only the images are in doubt: √(p (1 - p) / n)."""
    hits = np.tile(np.arange(2000) < 1600, (6, 1))
    value, low, high = bootstrap(float, hits, seed=0)
    assert value == 0.8
    expected = 1.96 * math.sqrt(0.8 * 0.2 / 2000)
    assert (value - low, high - value) == pytest.approx((expected, expected), rel=0.1)


def test_the_bootstrap_of_seeds_alone_is_that_of_their_mean():
    """Each seed gets all images right or none, so only the seeds are in doubt."""
    hits = np.tile(np.arange(40)[:, None] < 20, (1, 50))
    value, low, high = bootstrap(float, hits, seed=0)
    expected = 1.96 * 0.5 / math.sqrt(40)
    assert (value - low, high - value) == pytest.approx((expected, expected), rel=0.15)


def test_the_bootstrap_keeps_pairs_together():
    rng = np.random.default_rng(0)
    one = rng.random((8, 3, 500)) < rng.random((8, 1, 500))
    assert bootstrap(lambda a, b: (a - b).sum(), one, one, seed=1) == (0, 0, 0)
    assert bootstrap(lambda a, b: (a - b)[1], one, ~one, seed=1) != (0, 0, 0)


def test_the_bootstrap_depends_on_its_seed_alone_and_covers_what_is_true():
    covered = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        hard, luck = rng.normal(0, 1, 300), rng.normal(0, 0.2, 10)
        one = rng.normal(size=(10, 300)) + 1 + 0.3 + luck[:, None] > hard  # 0.3 better; chances of 0 and of 0.3
        other = rng.normal(size=(10, 300)) + 1 > hard
        value, low, high = bootstrap(np.subtract, one, other, seed=seed, draws=200)
        truth = 0.5 * (math.erf(1.3 / math.sqrt(2.04) / math.sqrt(2)) - math.erf(1 / 2))
        covered += low <= truth <= high
    assert covered >= 53  # of 60; 95 % are 57
    assert bootstrap(np.subtract, one, other, seed=3) == bootstrap(np.subtract, one, other, seed=3)


def test_hits_of_other_images_or_seeds_are_refused():
    with pytest.raises(ValueError, match="same seeds and the same images"):
        bootstrap(np.subtract, np.ones((3, 20), bool), np.ones((3, 21), bool), seed=0)


def test_the_share_of_errors_that_is_removed():
    assert errors_removed(0.9, 0.92) == pytest.approx(0.2)
    assert errors_removed(0.5, 0.25) == pytest.approx(-0.5)


@pytest.mark.parametrize(
    "target, expected",
    [
        (0.4, 1),  # starts above
        (0.5, 1),
        (0.6, 10),  # half of the way from 0.5 to 0.7 is half of the way from log 1 to log 100
        (0.7, 100),
        (0.75, 100 * 10**0.5),
        (0.9, math.inf),
    ],
)
def test_the_labels_a_curve_needs_lie_between_its_points_along_the_logarithm(target, expected):
    assert labels_needed([1, 100, 1000], [0.5, 0.7, 0.8], target) == pytest.approx(expected)


def test_labels_saved_and_their_interval():
    """Without doubt by images or seeds the interval is the value; with little it is close around it."""
    steps = np.arange(1000)
    baseline = np.tile(np.stack([steps < 500, steps < 700, steps < 900]), (5, 1, 1))
    transfer = np.tile(np.stack([steps < 600, steps < 800, steps < 950]), (5, 1, 1))
    saved = labels_saved([1, 100, 10_000], 1, transfer, baseline, seed=0)
    assert saved.value == pytest.approx(10) and saved.low < 10 < saved.high
    assert saved.low > 5 and saved.high < 20
    beyond = labels_saved([1, 100, 10_000], 10_000, transfer, baseline, seed=0)
    assert beyond.value == math.inf == beyond.high


def test_variance_components_find_what_was_put_in():
    rng = np.random.default_rng(0)
    shape = (4000, 3, 4)
    sizes = {"split": 3.0, "images": 0.5, "seed": 2.0, "draw": 1.0, "seed × draw": 0.25}
    values = (
        rng.normal(0, math.sqrt(3.0 + 0.5), (4000, 1, 1))
        + rng.normal(0, math.sqrt(2.0), (4000, 3, 1))
        + rng.normal(0, math.sqrt(1.0), (4000, 1, 4))
        + rng.normal(0, math.sqrt(0.25), shape)
    )
    assert variance_components(values, 0.5) == pytest.approx(sizes, rel=0.1)


def test_variance_components_by_hand():
    """One split at 0 and one at 2, nothing else differs: a variance of 2 between them."""
    values = np.array([0.0, 2.0])[:, None, None] * np.ones((2, 2, 2))
    assert variance_components(values) == {"split": 2, "images": 0, "seed": 0, "draw": 0, "seed × draw": 0}


def test_variance_components_of_a_single_draw_are_refused():
    with pytest.raises(ValueError, match="at least two splits, seeds and draws"):
        variance_components(np.zeros((5, 2, 1)))


@pytest.mark.parametrize(
    "above, below, p", [(0, 0, 1), (3, 0, 0.25), (5, 5, 1), (6, 0, 0.03125), (9, 22, 0.029449), (1, 9, 0.021484)]
)
def test_the_sign_test_is_that_of_the_binomial_table(above, below, p):
    one = [1.0] * above + [0.0] * below + [0.5] * 4  # what is equal says nothing
    other = [0.0] * above + [1.0] * below + [0.5] * 4
    assert sign_test(one, other) == pytest.approx((above, below, p), abs=1e-6)
    assert sign_test(other, one) == pytest.approx((below, above, p), abs=1e-6)


def test_the_sign_test_wants_pairs():
    with pytest.raises(ValueError, match=r"\(2,\) and \(3,\)"):
        sign_test([1, 0], [1, 0, 1])
