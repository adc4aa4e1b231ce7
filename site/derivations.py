"""How a number of the findings follows from its rows: in words, and as a table that is small enough to do the sum again."""

import re
from typing import NamedTuple

import pandas as pd

from helpers.data.mnist import load_mnist
from helpers.data.tasks import digit_task
from helpers.evidence.statistics import labels_needed
from helpers.evidence.tables import read_hits, read_table
from studies import census_readout
from studies.census import others
from studies.labels import LABELS
from studies.original import PUBLISHED
from tools.evidence import GAINS, METHODS, Census

WORDS = METHODS | {
    "head-then-all": "the head first, then all layers",
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
    "biases": "the old head with its biases fitted anew",
    "fresh head": "a new head on the same old images",
    "as left": "the old head as fine-tuning leaves it",
    "same frozen": "frozen layers from the target's own task",
    "other frozen": "frozen layers from the other task",
}
PAIRED = {  # what a line of the table is, and how the two in it belong together; in other studies: the seeds
    "census": ("splits", "each in the mean over a split's runs"),
    "features": ("pairs of a split and a seed", "paired by split and seed"),
}
OLD_HEADS = {"biases": "old_accuracy_biases", "fresh head": "old_accuracy_fresh", "as left": "old_accuracy"}


class Derivation(NamedTuple):
    """What was computed, the table to do it again with, and what that gives.

    Attributes
    ----------
    words : str
        Markdown.
    table : pandas.DataFrame
        Accuracies in per cent, differences in points.
    lines : str
        What a line of the table is, in the plural.
    value : float
    """

    words: str
    table: pd.DataFrame
    lines: str
    value: float


def derive(text, study, title, rows):
    """How a number follows from its rows.

    Parameters
    ----------
    text, study, title : str
        Of a link in the findings.
    rows : pandas.DataFrame
        As `receipts.rows_behind` gives them: all cells are text.

    Returns
    -------
    Derivation
    """
    accuracies = {name: 100 * rows[name].astype(float) for name in rows if "accuracy" in name}
    rows = rows.assign(seed=rows["seed"].astype(int), **accuracies)
    if study == "original":
        found = _original(text, rows)
    elif "of scratch's errors" in title:
        found = _errors_removed(rows)
    elif "labels at which" in title:
        found = _labels_needed(title, rows)
    elif "old before" in title:
        found = _before_and_after(rows)
    elif "standard" in title:
        found = _doubt(title)
    elif "best of ten" in title:
        found = _likeness()
    elif "left out" in title or title.startswith("the same"):
        found = _left_out("frozen" if "frozen" in title else "fine-tune")
    else:
        found = _differences(study, title, rows)
    found.table.columns.name = None
    return found._replace(words=found.words + _interval(text, study, title))


def compared(title):
    """The two that a title compares, and what it asks of their differences, or None: ("fine-tune", "scratch", "median")."""
    for name, pair in GAINS.items():
        if f": {name}, median" in title:
            return *pair, "median"
    for part in re.split(r"[:,] ", title):
        one, minus, other = part.partition(" − ")
        if minus:
            asked = "rank" if re.search(r"\d{5}$", title) else "median" if title.endswith("median") else "mean"
            asked = "count" if "> 0" in title or title.endswith("pairs a split") else asked
            return one.removesuffix(" at its best"), other.removesuffix(" > 0"), asked
    return ("change", "trained", "count") if "pairs that change wins" in title else None


def _differences(study, title, rows):
    one, other, asked = compared(title)
    difference, lines, paired = f"{one} − {other}", *PAIRED.get(study, ("seeds", "paired by seed"))
    rows = rows.assign(split=rows["target"].map(split_name))
    if study == "layers":
        same = rows["source"] == rows["target"]
        whose = same.map({True: "same frozen", False: "other frozen"})
        rows["strategy"] = rows["strategy"].mask(rows["strategy"] == "frozen", whose)
    if other == "as left":
        table = rows.set_index("seed")[[OLD_HEADS[one], OLD_HEADS[other]]].set_axis([one, other], axis=1)
    else:
        by = {"census": ["split"], "features": ["split", "seed"]}.get(study, "seed")
        column = "old_accuracy" if "old task" in title else "test_accuracy"
        table = rows.pivot_table(index=by, columns="strategy", values=column)[[one, other]]
    table[difference] = (table[one] - table[other]).round(7)
    table = table.reset_index()
    if study == "census":
        ranks = table[difference].rank(ascending=False, method="min").astype(int)
        table.insert(0, "rank", ranks)
        table = table.sort_values(["rank", "split"])
    value, says = _asked(asked, table, difference, lines, title)
    words = (
        f"The {'old task’s' if 'old task' in title else 'test'} accuracy of `{one}` ({WORDS[one]}) less that of `{other}` ({WORDS[other]}),"
        f" {paired}. The number is {says}."
    )
    return Derivation(words, table, lines, float(value))


def _asked(asked, table, difference, lines, title):
    """What a number says of differences: its value, and words for it."""
    values = table[difference]
    if asked == "rank":
        split = split_name(title[-5:])
        return table.loc[table["split"] == split, "rank"].iloc[0], f"the rank of {split} among {len(table)} {lines}"
    if asked == "median":
        return values.median(), f"the median of {len(table)} {lines}: {_signed(values.median())}"
    if asked == "count":
        return (values > 0).sum(), f"how many of {len(table)} {lines} are above zero"
    one, other = (table[name].mean() for name in difference.split(" − "))
    means = f"{one:.2f} − {other:.2f} = {_signed(values.mean())}"
    return values.mean(), f"the mean over {len(table)} {lines}: {means}"


def _original(text, rows):
    accuracy, first = rows["test_accuracy"].mean(), rows.iloc[0]
    words, value = f"The mean test accuracy of {len(rows)} seeds, in per cent: {accuracy:.2f}", accuracy
    if "(" in text:
        published = 100 * PUBLISHED[first["strategy"], first["target"], int(first["share"])]
        words, value = (
            f"{words}. The published program has {published:.2f}, and the number is the difference, in points",
            accuracy - published,
        )
    return Derivation(
        words + ".", rows[["seed", "test_accuracy"]].rename(columns={"test_accuracy": "test accuracy"}), "seeds", value
    )


def _errors_removed(rows):
    table = rows.pivot(index="seed", columns="strategy", values="test_accuracy")[["scratch", "fine-tune"]]
    scratch, tuned = 100 - table.mean()
    value = 100 * (scratch - tuned) / scratch
    words = (
        f"Of its test images, training from scratch gets {scratch:.2f} per cent wrong in the mean over {len(table)} seeds, fine-tuning"
        f" {tuned:.2f}. The share that is gone: ({scratch:.2f} − {tuned:.2f}) / {scratch:.2f} = {value:.0f} per cent."
    )
    return Derivation(words, table.reset_index(), "seeds", value)


def _labels_needed(title, rows):
    count = int(title.rpartition(" ")[2])
    table = rows.assign(labels=rows["labels"].replace("all", "inf").astype(float))
    table = table[table["labels"].isin(LABELS)].pivot_table(index="labels", columns="strategy", values="test_accuracy")
    table = table[["fine-tune", "kernel"]]
    wanted = table.loc[count, "fine-tune"]
    value = labels_needed(table.index.to_numpy(), table["kernel"].to_numpy(), wanted)
    words = (
        f"In the mean over the seeds, fine-tuning with {count} labels a class has a test accuracy of {wanted:.2f} per cent. The kernel's curve"
        f" is read where it is as high, between the numbers of labels that were tried: at {value:.0f}."
    )
    return Derivation(words, table.reset_index().astype({"labels": int}), "numbers of labels a class", value)


def _before_and_after(rows):
    table = rows[["seed", "old_accuracy_before", "old_accuracy"]].rename(
        columns={"old_accuracy_before": "before", "old_accuracy": "after"}
    )
    before, after = table[["before", "after"]].mean()
    words = f"The old task's accuracy before fine-tuning and after it, with the old head, each in the mean over {len(table)} seeds: {before:.1f} and {after:.1f} per cent."
    return Derivation(words, table.sort_values("seed"), "seeds", before)


def _doubt(title):
    census = Census()
    between, of_mean = census.doubt("fine-tune")
    hits = read_hits("census", census.table)
    parts = census_readout.components(census.table, hits, "fine-tune")
    seeds, draws = census.table["seed"].nunique(), census.table["draw"].nunique()
    shares = {"split": 1, "images": 1, "seed": seeds, "draw": draws, "seed × draw": seeds * draws}
    table = pd.DataFrame(
        {
            "part": list(parts),
            "variance, points²": [1e4 * part for part in parts.values()],
            "runs in a mean": [shares[part] for part in parts],
        }
    )
    words = "What fine-tuning gains over scratch varies from run to run. An analysis of variance takes that apart: into the split, the test images, the source's seed, the draw of labels, and the rest. "
    if "error" in title:
        return Derivation(
            words
            + f"The number is the root of the sum of all parts but the split, each divided by how many of it a split's mean has: {of_mean:.2f} points.",
            table,
            "parts",
            of_mean,
        )
    return Derivation(
        words + f"The number is the root of the split's own part: {between:.2f} points.", table, "parts", between
    )


def _likeness():
    table = read_table("census")
    alike = census_readout.likeness(digit_task(load_mnist(), range(10)).train)
    gains = census_readout.gains(census_readout.of_all_splits(table))
    shares = {name: 100 * census_readout.predicted_by_likeness(gains[name], alike) for name in ("fine-tune", "frozen")}
    table = pd.DataFrame({"digit": range(10), **shares})
    value = max(map(max, shares.values()))
    words = (
        "For each digit, a line through likeness and gain is fitted to the splits that have it in their source, and tried on the"
        f" others. The number is the best share of the gains' variance that such a line explains, in per cent: {value:.1f}."
        " A negative share is worse than a constant."
    )
    return Derivation(words, table, "digits", value)


def _left_out(strategy):
    worth = 100 * census_readout.worth_of_digits(read_table("census"))[strategy]
    table = worth.rename("points").reset_index()
    words = (
        f"`{strategy}` ({WORDS[strategy]}) from a source of five digits, less the same without one of them, each in the mean over its runs."
        f" The number is the mean over {len(table)} cases: {_signed(worth.mean())}."
    )
    return Derivation(words, table, "cases", worth.mean())


def _interval(text, study, title):
    if "(" not in text:
        return ""
    over = "the eight splits" if study == "features" else "the seeds"
    if study == "labels" and "convnet" not in title:
        over = "seeds and test images, which its bootstrap draws together"
    return f" The finding says {text}: in brackets stands the 95 % interval over {over}."


def split_name(target):
    """A split by its target: "02468 → 13579"."""
    return f"{others(target)} → {target}"


def _signed(value):
    return f"{value:+.2f}".replace("-", "−")
