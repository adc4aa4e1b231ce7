"""Statistics on cases whose answer is known: from a table, from a formula, or from how the data were made."""

import math

import numpy as np
import pytest

from helpers.evidence.statistics import (
    Estimate,
    bootstrap,
    errors_removed,
    interval,
    labels_matched,
    labels_needed,
    labels_saved,
    mean_interval,
    paired_difference,
    sign_test,
    variance_components,
)
from helpers.evidence.uncertainty import Uncertainty, student_quantile
from tools import simulations


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


@pytest.mark.parametrize("one, other", [([1.0, 2.0], [1.0]), (1.0, 2.0), (np.zeros((2, 2, 2)), np.zeros((2, 2, 2)))])
def test_values_that_are_no_pairs_are_refused(one, other):
    with pytest.raises(ValueError, match="paired values come in two arrays of one shape"):
        paired_difference(one, other)


@pytest.mark.parametrize(
    "call", [mean_interval, lambda rows: paired_difference(rows, rows), lambda r: interval(float, r)]
)
@pytest.mark.parametrize("rows", [[0.9], np.ones((1, 20), bool)])
def test_one_repetition_is_refused_with_what_to_do(call, rows):
    with pytest.raises(ValueError, match=r"at least 2 repetitions, not 1: run 5 or more"):
        call(rows)
    with pytest.raises(ValueError, match="at least 2 repetitions, not 0"):
        paired_difference([], [])


# Quantiles of published tables; the fractional ones by the incomplete beta function to more digits than are asked.
@pytest.mark.parametrize(
    "degrees, quantile",
    [(1, 12.706205), (1.5, 6.016663), (2, 4.302653), (2.5, 3.574655), (9, 2.262157), (29, 2.045230), (120, 1.979930)],
)
def test_students_factor_for_any_degrees_of_freedom(degrees, quantile):
    assert student_quantile(degrees) == pytest.approx(quantile, abs=1e-6)
    assert student_quantile(math.inf) == pytest.approx(1.95996, abs=1e-5)


def test_students_factor_falls_as_degrees_rise_and_needs_one():
    factors = [student_quantile(degrees) for degrees in np.geomspace(1, 1e7, 200)]
    assert all(first >= second for first, second in zip(factors, factors[1:]))
    with pytest.raises(ValueError, match="at least 1 degree"):
        student_quantile(0.5)


def test_images_alone_give_the_interval_of_a_share():
    """All repetitions agree on every image, so only the images are in doubt: √(p (1 - p) / (n - 1))."""
    value, low, high = mean_interval(np.tile(np.arange(2000) < 1600, (3, 1)))
    expected = 1.961 * math.sqrt(0.8 * 0.2 / 1999)
    assert (value, value - low, high - value) == pytest.approx((0.8, expected, expected), rel=1e-3)


def test_repetitions_alone_give_the_interval_of_their_mean():
    """A repetition gets all images right or none, so the images add no doubt."""
    right = np.arange(10) < 5
    assert mean_interval(np.tile(right[:, None], (1, 50))) == pytest.approx(mean_interval(right))


def test_the_interplay_of_repetitions_and_images_counts_once():
    """All values are independent, so n repetitions of m images are a sample of nm."""
    values = np.random.default_rng(0).normal(size=(200, 300))
    found = Uncertainty.of(values)
    assert found.repetitions + found.images == pytest.approx(1 / 60_000, rel=0.15)


def test_the_variances_are_those_of_the_analysis_of_variance():
    """Against the sums of squares as a textbook writes them."""
    values = np.random.default_rng(1).normal(size=(4, 6)) + 3 * np.arange(6)
    rest = values - values.mean(axis=0) - values.mean(axis=1, keepdims=True) + values.mean()
    found = Uncertainty.of(values)
    assert found.repetitions == pytest.approx(values.mean(axis=1).var(ddof=1) / 4)
    assert found.images == pytest.approx(values.mean(axis=0).var(ddof=1) / 6 - (rest**2).sum() / (3 * 5) / 24)
    assert 3 < found.degrees < 8
    with pytest.raises(ValueError, match="at least 2 of them, not 1"):
        Uncertainty.of(values[:, :1])


@pytest.mark.parametrize("call", [lambda a, b: paired_difference(a, b), lambda a, b: interval(np.subtract, a, b)])
def test_a_difference_is_paired_by_repetition_and_image(call):
    hits = np.random.default_rng(0).random((5, 400)) < 0.8
    assert call(hits, hits) == pytest.approx((0, 0, 0))
    other = hits.copy()
    other[:, :8] = False
    value, low, high = call(hits, other)
    assert value == pytest.approx(hits[:, :8].mean() * 8 / 400) and high - low < 0.03
    assert call(hits, other) == pytest.approx(mean_interval(hits * 1.0 - other))


# What is asked of intervals: 95 %, give or take two, at variances of real differences. With 10 labels nearly all doubt is
# about repetitions, with 1,000 most is about images. (With two repetitions it is 91 to 96 %, too little for a verdict.)
MEASURED = [(10, "fine-tune", "scratch"), (100, "fine-tune", "frozen"), (1000, "frozen", "scratch")]


@pytest.fixture(scope="module", params=MEASURED, ids=lambda setting: f"{setting[0]} labels")
def parts(request):
    labels, one, other = request.param
    return simulations.parts_of_difference(one, other, labels)


@pytest.mark.parametrize("repetitions", [3, 5, 10])
def test_intervals_hold_the_truth_in_95_of_100_cases(parts, repetitions):
    assert 0.93 <= simulations.coverage(parts, repetitions, simulations=2000, seed=repetitions) <= 0.97


@pytest.mark.parametrize("share", [0.03, 0.1, 0.3, 1, 3])
def test_three_repetitions_cover_whatever_the_share_of_the_images(share):
    """Where Satterthwaite's degrees of freedom cover 92 %: see `Uncertainty.combined`."""
    none = np.zeros((1, 1))
    parts = simulations.Parts(none + 1, none + share * 250 / 3, none, 250)
    assert 0.93 <= simulations.coverage(parts, 3, simulations=3000, seed=1) <= 0.97


def test_without_the_images_intervals_would_miss_the_truth_too_often():
    """The simulation would notice: at 1,000 labels, Student's t over repetitions alone is far too narrow."""
    parts = simulations.parts_of_difference("frozen", "scratch", 1000)

    def repetitions_alone(one, other):
        return paired_difference(one.mean(axis=1), other.mean(axis=1))

    assert simulations.coverage(parts, 10, simulations=500, seed=0, interval=repetitions_alone) < 0.85


def hits_with_luck(rng, better, repetitions, images=300):
    """Hits of two methods on the same hard and easy images, and the true accuracies of both."""
    hard, luck = rng.normal(0, 1, images), rng.normal(0, 0.2, (2, repetitions, 1))
    strength = np.array([1 + better, 1])[:, None, None] + luck
    hits = rng.normal(size=(2, repetitions, images)) + strength > hard
    return hits, [0.5 + 0.5 * math.erf(mean / math.sqrt(2.04) / math.sqrt(2)) for mean in (1 + better, 1)]


@pytest.mark.parametrize("statistic", [np.subtract, errors_removed], ids=lambda function: function.__name__)
def test_intervals_of_hits_hold_what_is_true_of_a_difference_and_of_a_share(statistic):
    rng, covered = np.random.default_rng(0), 0
    for _ in range(1000):
        (one, other), truth = hits_with_luck(rng, 0.3, repetitions=5)
        _, low, high = interval(statistic, other, one)
        covered += low <= statistic(*truth[::-1]) <= high
    assert 930 <= covered <= 970


def test_a_statistic_of_whole_curves_weighs_each_point():
    hits = np.random.default_rng(0).random((5, 3, 400)) < np.array([0.5, 0.7, 0.9])[:, None]
    assert interval(np.mean, hits) == pytest.approx(mean_interval(hits.mean(axis=1)))
    assert interval(lambda curve: curve[2] - curve[0], hits) == pytest.approx(paired_difference(hits[:, 2], hits[:, 0]))
    numbers = np.array([0.8, 0.9, 0.85])
    assert interval(np.subtract, numbers, 0 * numbers) == pytest.approx(mean_interval(numbers))


def test_arrays_of_other_images_or_repetitions_are_refused():
    with pytest.raises(ValueError, match="same repetitions and images"):
        interval(np.subtract, np.ones((3, 20), bool), np.ones((3, 21), bool))


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


def test_labels_matched_are_where_the_curves_meet():
    steps = np.arange(1000)
    baseline = np.tile(np.stack([steps < 500, steps < 700, steps < 900]), (5, 1, 1))
    found = labels_matched([1, 100, 10_000], np.tile(steps < 600, (5, 1)), baseline)
    assert found.value == pytest.approx(10) and 5 < found.low < 10 < found.high < 20
    assert labels_matched([1, 100, 10_000], np.tile(steps < 950, (5, 1)), baseline) == (math.inf,) * 3
    assert labels_matched([1, 100, 10_000], np.tile(steps < 300, (5, 1)), baseline) == (1, 1, 1)
    _, low, high = labels_matched([1, 100, 10_000], np.tile(steps < 899, (5, 1)), baseline)
    assert low < 10_000 and high == math.inf  # whether the baseline ever gets there, nobody can tell


def test_labels_matched_cover_the_truth():
    """The baseline's strength rises with the logarithm of the labels, so the truth lies half-way between two of them."""
    rng, covered = np.random.default_rng(0), 0
    for _ in range(500):
        hard, luck = rng.normal(0, 1, 300), rng.normal(0, 0.1, (5, 1))
        strengths = [luck + rng.normal(0, 0.1, (5, 1)) + mean for mean in (0.5, 0.4, 0.6, 0.8)]
        transfer, *curve = (rng.normal(size=(5, 300)) + strength > hard for strength in strengths)
        _, low, high = labels_matched([1, 100, 10_000], transfer, np.stack(curve, axis=1))
        covered += low <= 10 <= high
    assert 465 <= covered <= 495  # straight lines between intervals make them a little wide


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
