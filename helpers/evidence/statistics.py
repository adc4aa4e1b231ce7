"""What stored runs say and how surely: accuracies, paired differences and labels saved, with their intervals.

There is one kind of interval: Student's t over repetitions, with the doubt about the test images added where all
repetitions share them (`uncertainty`). A repetition is one run of everything that varies by chance: source, labels, start.
"""

import math
from typing import NamedTuple

import numpy as np

from helpers.evidence.uncertainty import Uncertainty

STEP = 1e-5  # of an accuracy, to see how a statistic answers to it


class Estimate(NamedTuple):
    """A value with its 95 % interval. "Better" needs an interval that excludes zero."""

    value: float
    low: float
    high: float

    @property
    def excludes_zero(self):
        return self.low > 0 or self.high < 0

    def __str__(self):
        return f"{self.value:+.4f} ({self.low:+.4f} to {self.high:+.4f})"


def mean_interval(accuracies):
    """The mean accuracy over repetitions, with its interval.

    Parameters
    ----------
    accuracies : sequence of float, (n,), or bool array, (n, images)
        One accuracy a repetition, or which of the test images each recognised: see `paired_difference`.

    Returns
    -------
    Estimate
    """
    return _student(np.asarray(accuracies, float))


def paired_difference(one, other):
    """The mean of one - other over pairs, with the interval of Student's t.

    Parameters
    ----------
    one, other : sequences of float, (n,), or bool arrays, (n, images)
        Measured under equal conditions, pair by pair: the same seed and the same labels, say. One number each: the
        pairs are the unit of replication, and images are only covered if each pair has its own. Hits, a row each: column
        j is the same test image in all rows, and the doubt about the choice of images is added.

    Returns
    -------
    Estimate
        With two repetitions it may cover as little as 91 % instead of 95, with three or more 94 to 96.

    Raises
    ------
    ValueError
        There are not as many of one as of the other, or fewer than two.
    """
    one, other = np.asarray(one, float), np.asarray(other, float)
    if one.shape != other.shape or one.ndim not in (1, 2):
        raise ValueError(
            "paired values come in two arrays of one shape, (repetitions,) or (repetitions, images), not"
            f" {one.shape} and {other.shape}"
        )
    return _student(one - other)


def interval(statistic, *accuracies):
    """The interval of anything that follows smoothly from mean accuracies, such as the share of errors removed.

    Near the means a smooth statistic is a sum of accuracies with fixed weights, its slopes, and such a sum has the
    interval of any mean over repetitions (the delta method).

    Parameters
    ----------
    statistic : callable
        Takes as many arrays of mean accuracies as there are in `accuracies`, of shape (...), and gives a float.
    *accuracies : float arrays, (n,), or bool arrays, (n, ..., images)
        Row i of all of them is the same repetition, and column j the same image.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        The arrays do not have the same repetitions and images, or there is one repetition only.
    """
    accuracies = [np.asarray(array, float) for array in accuracies]
    sizes = {(len(array), *array.shape[1:][-1:]) for array in accuracies}
    if len(sizes) != 1:
        raise ValueError(f"all must be of the same repetitions and images, but their numbers are {sorted(sizes)}")
    shared_images = accuracies[0].ndim > 1
    means = [array.mean(axis=(0, -1) if shared_images else 0) for array in accuracies]

    def moved(number, place, step):
        """The statistic where one of the mean accuracies is a little larger."""
        near = [np.array(mean) for mean in means]
        near[number][place] += step
        return float(statistic(*near))

    linear = 0.0
    for number, (array, mean) in enumerate(zip(accuracies, means)):
        for place in np.ndindex(np.shape(mean)):
            slope = (moved(number, place, STEP) - moved(number, place, -STEP)) / (2 * STEP)
            linear = linear + slope * array[(slice(None), *place)]
    return _student(linear, float(statistic(*means)))


def _student(values, centre=None):
    """The mean of values, (repetitions,) or (repetitions, images), with its interval; or that interval elsewhere."""
    half = Uncertainty.of(values).half_width
    centre = float(values.mean()) if centre is None else centre
    return Estimate(centre, centre - half, centre + half)


class SignTest(NamedTuple):
    """In how many pairs one is above the other, in how many below, and how often chance alone parts them so unevenly."""

    above: int
    below: int
    p: float


def sign_test(one, other):
    """Whether one tends to be above the other, over pairs; exact however few there are.

    Were there no difference, each unequal pair would go either way like a fair coin. Of what is right or wrong alone
    this is the exact form of McNemar's test (Psychometrika 12, 1947).

    Parameters
    ----------
    one, other : sequences of float, (n,)
        Measured on the same thing, pair by pair: the same images, say.

    Returns
    -------
    SignTest
        p is two-sided; 1 where no pair differs.

    Raises
    ------
    ValueError
        There are not as many of one as of the other.
    """
    one, other = np.asarray(one, float), np.asarray(other, float)
    if one.shape != other.shape or one.ndim != 1:
        raise ValueError(f"paired values come in two rows of one length, not {one.shape} and {other.shape}")
    above, below = int((one > other).sum()), int((one < other).sum())
    coins = above + below
    tail = sum(math.comb(coins, heads) for heads in range(min(above, below) + 1))
    return SignTest(above, below, min(1.0, 2 * tail / 2**coins))


def bootstrap(statistic, *hits, seed, draws=2000):
    """The interval of anything that follows from accuracies, if both seeds and test images had been others.

    It leaves with the last pages that quote it: with few seeds it is too narrow (91 % with ten, 86 with five, 62 with
    two). New code takes `interval`.

    Seeds and images are drawn again, with replacement and apart from each other, the same ones for all arrays, so pairs
    stay pairs (the pigeonhole bootstrap of Owen, 2007, which errs on the wide side). It takes at least five seeds to
    speak of them.

    Parameters
    ----------
    statistic : callable
        Takes one array of accuracies for each of `hits`, of shape (...), and gives a float. `np.subtract`, say, for a
        difference.
    *hits : bool arrays, (seeds, ..., images)
        Which images were recognised. Row i of all of them has the same seed, column j is the same image.
    seed : int
        Of the bootstrap itself.
    draws : int

    Returns
    -------
    Estimate
        With an infinite end where the statistic is infinite in more than 2.5 % of the draws.

    Raises
    ------
    ValueError
        The arrays do not have the same seeds and images.
    """
    sizes = {(len(array), array.shape[-1]) for array in hits}
    if len(sizes) != 1:
        raise ValueError(
            f"all hits must be of the same seeds and the same images, but their numbers are {sorted(sizes)}"
        )
    [(seeds, images)] = sizes
    rng = np.random.default_rng(seed)
    of_seeds = rng.multinomial(seeds, np.full(seeds, 1 / seeds), draws) / seeds
    of_images = np.stack([np.bincount(rng.integers(images, size=images), minlength=images) for _ in range(draws)])
    of_images = of_images.astype("float32") / images
    resampled = []
    for array in hits:
        flat = array.reshape(-1, images).astype("float32") @ of_images.T
        by_draw = flat.reshape(seeds, -1, draws)
        resampled.append(np.einsum("ds,smd->dm", of_seeds, by_draw).reshape(draws, *array.shape[1:-1]))
    values = [float(statistic(*accuracies)) for accuracies in zip(*resampled)]
    low, high = np.quantile(values, [0.025, 0.975], method="inverted_cdf")
    return Estimate(float(statistic(*(array.mean(axis=(0, -1)) for array in hits))), float(low), float(high))


def errors_removed(before, after):
    """The share of the errors at one accuracy, 0 to 1, that a better one avoids; negative if it is worse."""
    return (after - before) / (1 - before)


def labels_needed(labels, accuracies, target):
    """How many labels per class a curve needs to reach an accuracy, between its points along log(labels).

    Parameters
    ----------
    labels : sequence of numbers
        Rising.
    accuracies : sequence of float
    target : float

    Returns
    -------
    float
        The smallest of `labels` if the curve starts there or above; infinite if it never gets there.
    """
    if accuracies[0] >= target:
        return float(labels[0])
    logs = np.log(labels)
    for i in range(1, len(logs)):
        low, high = accuracies[i - 1], accuracies[i]
        if low < target <= high:
            return float(np.exp(logs[i - 1] + (target - low) / (high - low) * (logs[i] - logs[i - 1])))
    return float("inf")


def labels_matched(labels, transfer, baseline):
    """How many labels a method without transfer needs to do as well as transfer does with some number of labels.

    The interval holds all numbers of labels at which nobody can tell the two apart: it begins where transfer is no longer
    ahead of the baseline and ends where the baseline is ahead (Fieller's method, with `paired_difference` at each number
    of labels and straight lines between them). So it needs no smooth curve, and may be infinite.

    Parameters
    ----------
    labels : sequence of int, (L,)
        Labels per class of the baseline, rising.
    transfer : bool array, (repetitions, images)
        Hits with so many labels as are asked about.
    baseline : bool array, (repetitions, L, images)
        Hits of the best method without transfer, named before or chosen on validation images.

    Returns
    -------
    Estimate
        Of the labels per class that the baseline needs. It is infinite where all of `labels` are too few, and the
        smallest of them stands for "that or less".
    """
    baseline = np.asarray(baseline)
    ahead = np.array([paired_difference(baseline[:, i], transfer) for i in range(len(labels))])
    value, high, low = (labels_needed(labels, curve, 0.0) for curve in ahead.T)
    return Estimate(value, low, high)


def labels_saved(labels, count, transfer, baseline, *, seed, draws=2000):
    """With so many labels, transfer does as well as a method without transfer with how many?

    It leaves with `bootstrap`; new code takes `labels_matched`.

    Parameters
    ----------
    labels : sequence of int, (L,)
        Labels per class, rising.
    count : int
        One of them: how many transfer gets.
    transfer, baseline : bool arrays, (seeds, L, images)
        Hits; the baseline is the best method without transfer, named before or chosen on validation images.
    seed, draws : int
        Of the bootstrap.

    Returns
    -------
    Estimate
        Of the labels per class that the baseline needs. It is infinite where all of `labels` are too few, and the
        smallest of them stands for "that or less".
    """
    position = list(labels).index(count)

    def needed(with_transfer, without):
        return labels_needed(labels, without, with_transfer)

    return bootstrap(needed, transfer[:, position], baseline, seed=seed, draws=draws)


def variance_components(values, image_variance=0.0):
    """Where the differences between runs come from: the split, the seed, the labels drawn, and their interplay.

    Analysis of variance for seeds and draws that are crossed within each split (Searle, Casella and McCulloch, 1992).

    Parameters
    ----------
    values : float array, (splits, seeds, draws)
        Gains in accuracy, say. At least two of each.
    image_variance : float
        The variance that the choice of test images gives to a split's mean. It is taken out of that of the splits, as
        all runs of a split are measured on the same images.

    Returns
    -------
    dict of str to float
        Variances: "split", "images", "seed", "draw" and "seed × draw", the last with all that is left. An estimate can
        be slightly negative where the truth is near zero.
    """
    splits, seeds, draws = values.shape
    if min(splits, seeds, draws) < 2:
        raise ValueError(f"variance components need at least two splits, seeds and draws, not {values.shape}")
    of_split = values.mean(axis=(1, 2), keepdims=True)
    of_seed, of_draw = values.mean(axis=2, keepdims=True), values.mean(axis=1, keepdims=True)
    rest = values - of_seed - of_draw + of_split
    left = (rest**2).sum() / (splits * (seeds - 1) * (draws - 1))
    between_seeds = draws * ((of_seed - of_split) ** 2).sum() / (splits * (seeds - 1))
    between_draws = seeds * ((of_draw - of_split) ** 2).sum() / (splits * (draws - 1))
    between_splits = seeds * draws * float(of_split.var(ddof=1))
    both = between_seeds + between_draws - left
    return {
        "split": float((between_splits - both) / (seeds * draws) - image_variance),
        "images": float(image_variance),
        "seed": float((between_seeds - left) / draws),
        "draw": float((between_draws - left) / seeds),
        "seed × draw": float(left),
    }
