"""How often intervals and verdicts are right, simulated with planted truths at the variances of the study `labels`.

`python -m tools.simulations` prints the table of the verdict's errors.
"""

from typing import NamedTuple

import numpy as np

from helpers.evidence.statistics import Estimate, paired_difference
from helpers.evidence.tables import read_hits, read_table
from helpers.evidence.uncertainty import Uncertainty
from helpers.transfer import verdict
from helpers.transfer.strategies import METHODS
from helpers.transfer.verdict import CANNOT_TELL, DONT_BOTHER, EITHER, FINE_TUNE, FREEZE

ODD_EVEN = "02468"
# The rivals, as many as a report has (softmax regression stands for scratch of its other network), and both ways of transfer.
KEYS = "scratch", "softmax", "kernel", "random", "frozen", "fine-tune"
NAMES = [METHODS[key].name for key in KEYS]
RIVALS = verdict.rivals_of(*NAMES[:3])
DECISIONS = FINE_TUNE, EITHER, FREEZE, DONT_BOTHER, CANNOT_TELL

# The truth: by how much freezing and fine-tuning are better than all rivals, and the word that is right. Where nothing
# differs, "don't bother" would be good advice, but its reason, that one gets further without transfer, isn't true.
TRUTHS = {
    "fine-tuning one point better than freezing, both better than the rivals": ((0.02, 0.03), FINE_TUNE),
    "both equal, and better than the rivals": ((0.02, 0.02), EITHER),
    "both as good as the rivals": ((0.0, 0.0), CANNOT_TELL),
    "both worse than the rivals": ((-0.02, -0.02), DONT_BOTHER),
}


class Parts(NamedTuple):
    """The variances of one method, or of a difference, or the covariances of several methods.

    A hit is a mean + its repetition's part + its image's part + their interplay.
    """

    repetition: np.ndarray
    image: np.ndarray
    interplay: np.ndarray
    images: int


def stored(key, labels, network="mlp"):
    """The hits of a method in the study `labels`, from odd to even: a float array (seeds, images)."""
    table = read_table("labels")
    rows = table[(table["strategy"] == key) & (table["labels"] == labels) & (table["target"] == ODD_EVEN)]
    rows = rows[rows["network"].isin([network, ""])].drop_duplicates("seed").sort_values("seed")
    return np.stack(read_hits("labels", table)[rows.index]).astype(float)


def parts_of(hits):
    """The covariances of methods by analysis of variance.

    Parameters
    ----------
    hits : float array, (methods, repetitions, images)
        Or differences of hits.

    Returns
    -------
    Parts
        Of (methods, methods) arrays. What chance made negative is set to zero.
    """
    _, repetitions, images = hits.shape
    of_repetition, of_image = hits.mean(axis=2), hits.mean(axis=1)
    rest = hits - of_repetition[:, :, None] - of_image[:, None] + hits.mean(axis=(1, 2))[:, None, None]
    interplay = np.einsum("mri,nri->mn", rest, rest) / ((repetitions - 1) * (images - 1))
    repetition = np.atleast_2d(np.cov(of_repetition)) - interplay / images
    image = np.atleast_2d(np.cov(of_image)) - interplay / repetitions
    return Parts(*(_square_root(part) @ _square_root(part).T for part in (repetition, image, interplay)), images)


def parts_of_methods(labels):
    """Those of the methods `KEYS` with so many labels a class."""
    return parts_of(np.stack([stored(key, labels) for key in KEYS]))


def parts_of_difference(one, other, labels):
    """Those of the difference between two methods."""
    return parts_of((stored(one, labels) - stored(other, labels))[None])


def _square_root(covariance):
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0))


def coverage(parts, repetitions, simulations, seed, images=250, interval=paired_difference):
    """How often intervals of a difference hold a planted truth.

    Parameters
    ----------
    parts : Parts
        Of the difference, each (1, 1).
    repetitions, simulations, seed : int
    images : int
        Fewer than there were, each with a larger variance, which gives the mean the same doubt in a fraction of the time.
    interval : callable
        Of two arrays (repetitions, images).

    Returns
    -------
    float
    """
    rng, covered = np.random.default_rng(seed), 0
    larger = images / parts.images
    spread = [float(part[0, 0] * scale) ** 0.5 for part, scale in zip(parts, (1, larger, larger))]
    nothing = np.zeros((repetitions, images))
    for _ in range(simulations):
        values = spread[2] * rng.standard_normal((repetitions, images))
        values += spread[0] * rng.standard_normal((repetitions, 1)) + spread[1] * rng.standard_normal(images)
        _, low, high = interval(values, nothing)
        covered += low <= 0 <= high
    return covered / simulations


def verdict_rates(parts, gains, repetitions, simulations, seed):
    """How often each decision falls under a planted truth.

    Parameters
    ----------
    parts : Parts
        Of the methods `KEYS`.
    gains : tuple of float
        How much better freezing and fine-tuning truly are than all rivals.
    repetitions, simulations, seed : int

    Returns
    -------
    dict of str to float
        By decision.
    """
    rng = np.random.default_rng(seed)
    of_repetition = _square_root(parts.repetition + parts.interplay / parts.images)
    truth = np.array([dict(zip((verdict.FROZEN, verdict.TUNED), gains)).get(name, 0.0) for name in NAMES])
    shape = simulations, repetitions, len(KEYS)
    accuracies = truth + rng.standard_normal(shape) @ of_repetition.T
    accuracies += rng.standard_normal((simulations, 1, len(KEYS))) @ _square_root(parts.image / parts.images).T
    found = [{} for _ in range(simulations)]
    for pair in verdict.pairs_of(RIVALS):
        weights = np.array([(name == pair[0]) - (name == pair[1]) for name in NAMES], float)
        differences = accuracies @ weights
        by_repetitions = differences.var(axis=1, ddof=1) / repetitions
        # thousands of images tell their variance nearly exactly, so the planted one stands for its estimate
        by_images = float(weights @ parts.image @ weights)
        for differ, value, variance in zip(found, differences.mean(axis=1), by_repetitions):
            half = Uncertainty.combined(variance, by_images, repetitions, parts.images).half_width
            differ[pair] = Estimate(value, value - half, value + half)
    decisions = [verdict.judge(differ, RIVALS, repetitions).decision for differ in found]
    return {decision: decisions.count(decision) / simulations for decision in DECISIONS}


def wrong(rates, right):
    """The share of wrong decisive words: neither the right one nor "cannot tell"."""
    return sum(rate for decision, rate in rates.items() if decision not in (right, CANNOT_TELL))


def verdict_table(labels=(10, 100), repetitions=(5, 10), simulations=2000, seed=0):
    """How often the verdict is right, wrong or open under each planted truth, as a Markdown table."""
    lines = [
        f"| the truth | labels | repetitions | {' | '.join(DECISIONS)} | **wrong** |",
        f"|---|--:|--:|{'--:|' * len(DECISIONS)}--:|",
    ]
    parts = {count: parts_of_methods(count) for count in labels}
    for truth, (gains, right) in TRUTHS.items():
        for count in labels:
            for number in repetitions:
                rates = verdict_rates(parts[count], gains, number, simulations, seed)
                cells = [f"{100 * rate:.1f}" for rate in (*rates.values(), wrong(rates, right))]
                lines.append(f"| {truth} | {count} | {number} | {' | '.join(cells[:-1])} | **{cells[-1]}** |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(verdict_table())
