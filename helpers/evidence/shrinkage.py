"""Many noisy means side by side: what is left of each once luck is taken out, and how sure its rank is.

The largest of 252 measured gains is large partly because luck was on its side. Shrinking each towards the mean of all, the
more the noisier it is, gives estimates that err less (Efron and Morris, JASA 70, 1975). The spread of the true gains and
the noise are themselves uncertain, and drawn along with them (Gelman et al., *Bayesian Data Analysis*, 2013, section 5.4).
"""

from typing import NamedTuple

import numpy as np

from helpers.evidence.statistics import Estimate

SPREADS = 120  # how many spreads of the true gains are considered
WIDEST = 3.0  # the largest of them, in standard deviations of the measured means
NOISES = 40  # how many values of the noise, for each of these spreads


class Shrunken(NamedTuple):
    """What noisy means say about the truth behind them, split by split. All intervals hold 95 %.

    Attributes
    ----------
    measured : float array, (splits,)
        The means as they are.
    gains, low, high : float arrays, (splits,)
        The shrunken ones, and their intervals.
    ranks, first, last : int arrays, (splits,)
        The median rank of the true gain, 1 for the largest, and its range.
    mean, spread : Estimate
        The mean and the standard deviation of the distribution that the true gains come from.
    reliability : Estimate
        The variance of the true gains over that of the measured means: how much of a difference between two splits is
        more than luck. Its interval never reaches zero itself; nor does that of the spread.
    """

    measured: np.ndarray
    gains: np.ndarray
    low: np.ndarray
    high: np.ndarray
    ranks: np.ndarray
    first: np.ndarray
    last: np.ndarray
    mean: Estimate
    spread: Estimate
    reliability: Estimate


def shrink(values, image_variance=0.0, *, seed, draws=4000):
    """Shrink each split's mean gain towards the mean of all, with ranges of ranks.

    The model: true gains are normal around a common mean, and a split's measured mean is normal around its true gain.
    Every spread of the true gains is thought equally likely beforehand.

    Parameters
    ----------
    values : float array, (splits, pairs)
        The gains, each from a (source, draw) pair of its own. Their variance within a split is taken to be the same for
        all splits: a handful of pairs cannot tell it for each.
    image_variance : float or float array, (splits,)
        The variance that the choice of test images gives to a split's mean: `Uncertainty.of(differences).images`. Splits
        with common target digits share images, so their errors are a little alike. That is left out, split by split.
    seed : int
        Of the draws.
    draws : int

    Returns
    -------
    Shrunken

    Raises
    ------
    ValueError
        There are fewer than three splits or two pairs, or all splits have the same mean.
    """
    values = np.asarray(values, float)
    if values.ndim != 2 or len(values) < 3 or values.shape[1] < 2:
        raise ValueError(f"shrinking takes at least 3 splits with at least 2 pairs each, not an array {values.shape}")
    splits, pairs = values.shape
    measured = values.mean(axis=1)
    if not np.ptp(measured):
        raise ValueError("all splits have the same mean, so there is nothing to shrink or to rank")
    rng = np.random.default_rng(seed)

    # All combinations of a noise and of a spread of the true gains: how well does each fit the measured means?
    freedom = splits * (pairs - 1)
    within = values.var(axis=1, ddof=1).mean() * freedom / rng.chisquare(freedom, NOISES)
    noise = np.repeat(within[:, None] / pairs + np.broadcast_to(image_variance, splits), SPREADS, axis=0)
    steps = (np.arange(SPREADS) + 0.5) / SPREADS
    spreads = np.tile(WIDEST * measured.std(ddof=1) * steps, NOISES)
    variances = spreads[:, None] ** 2 + noise  # of a measured mean: (combinations, splits)
    precision = (1 / variances).sum(axis=1)
    centres = (measured / variances).sum(axis=1) / precision
    misfit = ((measured - centres[:, None]) ** 2 / variances).sum(axis=1)
    log_likelihood = -(np.log(variances).sum(axis=1) + np.log(precision) + misfit) / 2
    likelihood = np.exp(log_likelihood - log_likelihood.max())

    # Draw a combination, then a mean of all that goes with it, then the true gains that go with these.
    chosen = rng.choice(len(spreads), draws, p=likelihood / likelihood.sum())
    means = centres[chosen] + rng.standard_normal(draws) / np.sqrt(precision[chosen])
    trust = spreads[chosen, None] ** 2 / variances[chosen]  # 1: take the measured mean as it is; 0: the mean of all
    truths = means[:, None] + trust * (measured - means[:, None])
    truths += np.sqrt(trust * noise[chosen]) * rng.standard_normal((draws, splits))

    ranks = 1 + np.argsort(np.argsort(-truths, axis=1), axis=1)
    low, high = np.quantile(truths, [0.025, 0.975], axis=0)
    first, middle, last = np.quantile(ranks, [0.025, 0.5, 0.975], axis=0, method="closest_observation")
    return Shrunken(
        measured=measured,
        gains=truths.mean(axis=0),
        low=low,
        high=high,
        ranks=middle,
        first=first,
        last=last,
        mean=_estimate(means),
        spread=_estimate(spreads[chosen]),
        reliability=_estimate(trust.mean(axis=1)),
    )


def _estimate(draws):
    return Estimate(float(draws.mean()), *map(float, np.quantile(draws, [0.025, 0.975])))
