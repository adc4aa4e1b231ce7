"""Shrunken gains and ranges of ranks, tried on gains whose truth was planted."""

import numpy as np
import pytest

from helpers.evidence.shrinkage import shrink

SPLITS = 252
WITHIN, IMAGES = 1.5, 0.13  # points, of the census: from pair to pair, and of a split's mean by its images


def census(rng, spread, pairs):
    """True gains, and measured ones: float arrays (splits,) and (splits, pairs)."""
    truth = rng.normal(0.8, spread, SPLITS)
    of_images = rng.normal(0, IMAGES, (SPLITS, 1))
    return truth, truth[:, None] + of_images + rng.normal(0, WITHIN, (SPLITS, pairs))


def ranks_of(values):
    return 1 + np.argsort(np.argsort(-values))


@pytest.mark.parametrize("spread, pairs", [(0.5, 6), (0.5, 37), (1.5, 6)])
def test_intervals_of_gains_and_of_ranks_hold_the_truth(spread, pairs):
    rng, in_gains, in_ranks, reliabilities = np.random.default_rng(pairs), [], [], []
    for seed in range(30):
        truth, values = census(rng, spread, pairs)
        found = shrink(values, IMAGES**2, seed=seed, draws=1000)
        in_gains.append((found.low <= truth) & (truth <= found.high))
        in_ranks.append((found.first <= ranks_of(truth)) & (ranks_of(truth) <= found.last))
        reliabilities.append(found.reliability.value)
    assert 0.93 <= np.mean(in_gains) <= 0.97 and 0.93 <= np.mean(in_ranks) <= 0.97
    planted = spread**2 / (spread**2 + WITHIN**2 / pairs + IMAGES**2)
    assert np.mean(reliabilities) == pytest.approx(planted, abs=0.05)


def test_shrunken_gains_err_less_than_measured_ones():
    truth, values = census(np.random.default_rng(0), 0.5, 6)
    found = shrink(values, IMAGES**2, seed=0)
    assert np.mean((found.gains - truth) ** 2) < 0.5 * np.mean((found.measured - truth) ** 2)
    best = found.measured.argmax()
    assert found.mean.value < found.gains[best] < found.measured[best]
    assert found.mean.low < 0.8 < found.mean.high and found.spread.low < 0.5 < found.spread.high


def test_where_all_splits_are_equal_nothing_is_left_but_their_mean():
    _, values = census(np.random.default_rng(1), 0, 6)
    found = shrink(values, IMAGES**2, seed=0)
    assert found.measured.std() > 0.5 and found.gains.std() < 0.1
    assert found.gains == pytest.approx(np.full(SPLITS, values.mean()), abs=0.2)
    assert found.reliability.value < 0.1
    assert np.median(found.first) < 20 and np.median(found.last) > SPLITS - 20


def test_without_noise_nothing_is_shrunk_and_ranks_are_sure():
    truth = np.random.default_rng(2).permutation(20) * 1.0
    found = shrink(truth[:, None] + np.array([-0.001, 0.001]), seed=0)
    assert found.gains == pytest.approx(truth, abs=0.01) and found.reliability.low > 0.999
    for ranks in (found.ranks, found.first, found.last):
        assert np.array_equal(ranks, ranks_of(truth))


def test_a_split_with_more_doubt_about_its_images_is_shrunk_more():
    values = np.random.default_rng(3).normal(0, 0.1, (50, 4)) + np.linspace(-1, 1, 50)[:, None]
    found = shrink(values, np.where(np.arange(50) == 49, 1.0, 0.0), seed=0)
    assert found.gains[48] == pytest.approx(found.measured[48], abs=0.02)
    assert found.gains[49] < found.measured[49] - 0.2 and found.high[49] - found.low[49] > 1
    assert found.last[49] > found.last[48]


def test_draws_depend_on_the_seed_alone():
    _, values = census(np.random.default_rng(4), 0.5, 6)
    one, same, other = (shrink(values, seed=seed, draws=500) for seed in (0, 0, 1))
    assert np.array_equal(one.gains, same.gains) and not np.array_equal(one.gains, other.gains)


@pytest.mark.parametrize("shape", [(252,), (2, 6), (252, 1)])
def test_what_cannot_be_shrunk_is_refused(shape):
    with pytest.raises(ValueError, match="at least 3 splits with at least 2 pairs"):
        shrink(np.zeros(shape), seed=0)


def test_splits_without_any_difference_are_refused():
    with pytest.raises(ValueError, match="the same mean"):
        shrink(np.tile([0.0, 1.0], (9, 1)), seed=0)


def test_pairs_without_any_difference_are_fine():
    assert shrink(np.tile([[0.0], [1.0], [2.0]], 2), seed=0).reliability.low > 0.999
