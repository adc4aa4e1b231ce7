"""What is computed of stored runs: the result, how it is said, and a table that is small enough to do the sum again.

Each function takes rows by name, as `citations.rows` selects them, and makes a `Sum`.
"""

import functools
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.data.mnist import load_mnist
from helpers.data.tasks import digit_task
from helpers.evidence.statistics import (
    Estimate,
    errors_removed,
    interval,
    labels_matched,
    paired_difference,
)
from helpers.evidence.tables import points, read_hits, read_table
from helpers.transfer.strategies import METHODS
from studies import census, census_readout
from studies.labels import LABELS

WORDS = {key: method.label for key, method in METHODS.items()} | {
    "trained": "the source's first layer frozen",
    "fresh": "a random first layer frozen",
    "change": "only what training changed in it",
    "rank-16": "sixteen directions of that change",
    "mixture": "random mixtures of its units",
    "moments": "random values with the mean and deviation of each of its pixels",
    "data": "random values with the covariance of the source's images",
    "plain": "fine-tuned without precautions",
    "replay": "fine-tuned with old images in every step",
    "l2": "fine-tuned with a pull to the source's values",
    "before": "the source as it was before fine-tuning",
    "as left": "the old head as fine-tuning leaves it",
    "biases": "the old head with its biases fitted anew",
    "fresh head": "a new head on the same old images",
    "same frozen": "frozen layers from the target's own task",
    "other frozen": "frozen layers from the other task",
    "published": "the figure of the program that this project replaces",
}
OVER_IMAGES = "seeds and test images"
VARIES = (
    "What fine-tuning gains over scratch varies from run to run. An analysis of variance takes that apart: into the split,"
    " the test images, the source's seed, the draw of labels, and the rest. The number is the root of"
)


class Sum(NamedTuple):
    """What was computed.

    Attributes
    ----------
    result : Estimate or float
    says : str
        What of, in short: "fine-tune − scratch, median".
    words : str
        How, in sentences: Markdown.
    table : pandas.DataFrame
        Accuracies in per cent, differences in points.
    lines : str
        What a line of it is, in the plural.
    over : str
        What the interval is over, if there is one.
    """

    result: Estimate | float
    says: str
    words: str
    table: pd.DataFrame
    lines: str
    over: str = "the seeds"


def in_words(name):
    """What a name of rows means: "convnet, all layers fine-tuned"."""
    network, _, strategy = name.rpartition(" ")
    return f"{network}, {WORDS[strategy]}" if network and name not in WORDS else WORDS[name]


def split_name(target):
    """A split by its target: "13579 → 02468"."""
    return f"{census.others(target)} → {target}"


@functools.cache
def _hits(study):
    return read_hits(study, read_table(study))


def _recognised(rows):
    """Which images were recognised: bool (seeds, numbers of labels, images)."""
    hits = np.stack(_hits(rows["study"].iloc[0])[rows.sort_values(["seed", "labels"]).index])
    return hits.reshape(rows["seed"].nunique(), -1, hits.shape[1])


def _whose(rows):
    """Whose accuracy is compared, and how that is said after a strategy's name: nothing for the usual one."""
    [whose] = set(next(iter(rows.values()))["whose"])
    return whose, "" if whose == "test" else f", {whose} accuracy"


def _compared(rows, by):
    """Two sets of rows side by side, what their difference is called, and how it comes about."""
    one, other = rows
    name = f"{one} − {other}"
    table = pd.DataFrame({each: chosen.groupby(by)["value"].mean() for each, chosen in rows.items()})
    table[name] = (table[one] - table[other]).round(9)
    words = f"The {_whose(rows)[0]} accuracy of `{one}` ({in_words(one)}) less that of `{other}` ({in_words(other)})"
    return table, name, words


def mean(rows, over_images=False):
    """The mean difference, with its interval over the seeds, or over seeds and test images."""
    table, name, words = _compared(rows, "seed")
    one, other = (table[each] for each in rows)
    if over_images:
        found = paired_difference(*(_recognised(of)[:, 0] for of in rows.values()))
        result = Estimate(*(100 * share for share in found))
    else:
        result = paired_difference(one, other)
    words += (
        f", paired by seed. The number is the mean over {len(table)} seeds:"
        f" {one.mean():.2f} − {other.mean():.2f} = {points(table[name].mean(), 2)}."
    )
    over = OVER_IMAGES if over_images else "the seeds"
    return Sum(result, f"{name}{_whose(rows)[1]}", words, table.reset_index(), "seeds", over)


mean_over_images = functools.partial(mean, over_images=True)


def mean_of_splits(rows):
    """The mean difference, with its interval over the splits."""
    table, name, words = _compared(rows, ["target", "seed"])
    splits = table[name].groupby("target").mean()
    result = paired_difference(splits, 0 * splits)
    lines = "pairs of a split and a seed"
    words += f". The number is the mean over {len(table)} {lines}: {points(result.value, 2)}."
    return Sum(result, name, words, table.reset_index(), lines, f"the {len(splits)} splits")


def _by_split(rows):
    table, name, words = _compared(rows, "target")
    table.insert(0, "rank", table[name].rank(ascending=False, method="min").astype(int))
    table.insert(0, "split", table.index.map(split_name))
    words += ", each in the mean over a split's runs. The number is "
    return table.sort_values(["rank", "split"]), name, words


def median(rows):
    """The median difference of all splits."""
    table, name, words = _by_split(rows)
    result = table[name].median()
    words += f"the median of {len(table)} splits: {points(result, 2)}."
    return Sum(result, f"{name}, median", words, table, "splits")


def count(rows, by="target"):
    """How many splits gain; or, by target and seed, how many pairs."""
    table, name, words = _compared(rows, by)
    lines = "splits" if by == "target" else "pairs of a split and a seed"
    words += f". The number is how many of {len(table)} {lines} are above zero."
    table = table.sort_values(name, ascending=False).reset_index()
    return Sum((table[name] > 0).sum(), f"{name}, how often above zero", words, table, lines)


def rank(rows, target):
    """The rank of a split by its difference, 1 for the largest."""
    table, name, words = _by_split(rows)
    words += f"the rank of {split_name(target)} among {len(table)} splits."
    return Sum(table.loc[target, "rank"], f"{name}, rank of {split_name(target)}", words, table, "splits")


def level(rows):
    """The mean accuracy of one set of rows."""
    [(name, chosen)] = rows.items()
    whose, said = _whose(rows)
    table = chosen.set_index("seed")["value"].rename(name).reset_index()
    result = table[name].mean()
    words = (
        f"The mean {whose} accuracy of `{name}` ({in_words(name)}) over {len(table)} seeds, in per cent: {result:.2f}."
    )
    return Sum(result, f"{name}{said}", words, table, "seeds")


def removed(rows):
    """The share of one method's errors that another one removes, in per cent."""
    table, name, _ = _compared(rows, "seed")
    one, other = rows
    wrong = 100 - table[one].mean(), 100 - table[other].mean()
    result = interval(lambda *of: 100 * errors_removed(*of[::-1]), *(_recognised(of)[:, 0] for of in rows.values()))
    words = (
        f"Of the test images, `{other}` ({in_words(other)}) gets {wrong[1]:.2f} per cent wrong in the mean over {len(table)} seeds,"
        f" `{one}` ({in_words(one)}) {wrong[0]:.2f}. The share that is gone: ({wrong[1]:.2f} − {wrong[0]:.2f}) / {wrong[1]:.2f} ="
        f" {result.value:.0f} per cent."
    )
    says = f"share of the errors of {other} that {one} removes"
    return Sum(result, says, words, table.drop(columns=name).reset_index(), "seeds", OVER_IMAGES)


def equals(rows, labels):
    """How many labels one method needs to do what another does with so many."""
    table, name, _ = _compared(rows, "labels")
    one, other = rows
    transfer, baseline = map(_recognised, rows.values())
    result = labels_matched(LABELS, transfer[:, LABELS.index(labels)], baseline)
    words = (
        f"In the mean over the seeds, `{one}` ({in_words(one)}) has with {labels} labels a class a test accuracy of"
        f" {table.loc[labels, one]:.2f} per cent. The curve of `{other}` ({in_words(other)}) is read where it is as high, between"
        f" the numbers of labels that were tried: at {result.value:.0f}."
    )
    table = table.drop(columns=name).reset_index().astype({"labels": int})
    return Sum(
        result,
        f"labels at which {other} equals {one} with {labels}",
        words,
        table,
        "numbers of labels a class",
        OVER_IMAGES,
    )


def _varies(rows):
    """The parts of a gain's variance, how many of each are in a split's mean, and what errs in that mean."""
    strategy, _ = rows
    chosen = pd.concat(rows.values())
    parts = 1e4 * pd.Series(census_readout.components(chosen, _hits("census"), strategy))
    seeds, draws = len(census.SEEDS), len(census.DRAWS)
    runs = pd.Series({"split": 1, "images": 1, "seed": seeds, "draw": draws, "seed × draw": seeds * draws})
    table = pd.DataFrame({"variance, points²": parts, "runs in a mean": runs}).rename_axis("part").reset_index()
    return parts["split"], (parts / runs).drop("split").sum(), table


def between_splits(rows):
    """The standard deviation of a gain from split to split."""
    between, _, table = _varies(rows)
    result = max(between, 0) ** 0.5
    words = f"{VARIES} the split's own part: {result:.2f} points."
    return Sum(result, "standard deviation between splits", words, table, "parts of the variance")


def error_of_a_split(rows):
    """The standard error of the mean that stands for a split."""
    _, of_mean, table = _varies(rows)
    result = of_mean**0.5
    words = f"{VARIES} the sum of all parts but the split's, each divided by how many of it a split's mean has: {result:.2f} points."
    return Sum(result, "standard error of a split's mean gain", words, table, "parts of the variance")


def best_prediction(rows):
    """The best share of the gains' variance that likeness predicts, in per cent."""
    alike = census_readout.likeness(digit_task(load_mnist(), range(10)).train)
    gains = census_readout.gains(pd.concat(rows.values()))
    table = pd.DataFrame({name: 100 * census_readout.predicted_by_likeness(gains[name], alike) for name in gains})
    result = table.max().max()
    words = (
        "For each digit, a line through likeness and gain is fitted to the splits that have it in their source, and tried on the"
        f" others. The number is the best share of the gains' variance that such a line explains, in per cent: {result:.1f}."
        " A negative share is worse than a constant."
    )
    return Sum(result, "best of ten digits", words, table.rename_axis("digit").reset_index(), "digits")


def worth(rows):
    """What a digit of the source is worth to one strategy."""
    [(name, chosen)] = rows.items()
    gains = 100 * census_readout.worth_of_digits(chosen)[name].rename("points")
    words = (
        f"`{name}` ({in_words(name)}) from a source of five digits, less the same without one of them, each in the mean over its runs."
        f" The number is the mean over {len(gains)} cases: {points(gains.mean(), 2)}."
    )
    return Sum(gains.mean(), f"{name}, less without one digit of the source", words, gains.reset_index(), "cases")
