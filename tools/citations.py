"""Numbers that know where they come from: a sentence, the title of its link and its receipt are made of one object.

cite("labels", pair("labels", "fine-tune", "scratch", target=EVEN, labels=10), comparisons.mean_over_images)
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.evidence.statistics import Estimate
from helpers.evidence.tables import ALL, points, read_table
from studies.few import WITH_SOURCE
from studies.labels import EVEN, LABELS, ODD
from tools.comparisons import Sum, split_name

PAIRS = {EVEN: ("odd", "even"), ODD: ("even", "odd")}  # by target
NETWORKS = {
    "small": "small perceptron",
    "mlp": "perceptron",
    "readme": "the series' network",
    "original": "hidden layer of 500",
    "cnn": "convnet",
}
CODES = {name: code for code, name in NETWORKS.items()}
SOURCES = {"0123456789": "all ten digits", ODD: "odd digits", "letters": "letters of other alphabets"}
SAID = {  # what a title says of a column's value; None for nothing
    "network": NETWORKS.get,
    "target": lambda target: " → ".join(PAIRS[target]) if target in PAIRS else split_name(target),
    "labels": lambda count: "all labels" if count == ALL else f"{count:,.0f} label{'' if count == 1 else 's'} a class",
    "share": "{} % of the images".format,
    "option": lambda option: None if option == "intact" else option,
    "cut": lambda cut: f"cut {cut}" if cut else None,
    "steps": "{:,} steps".format,
    "rate": "rate {:g}".format,
    "shifts": lambda shifts: "with shifts" if shifts else "images as they are",
    "strength": lambda strength: f"strength {strength:g}" if strength else None,
}


class Citation(NamedTuple):
    """A number of a page.

    Attributes
    ----------
    study : str
        Whose table it links to.
    text : str
        Its part of a sentence: "+1.2 (+0.3 to +2.1)".
    where : list of str
        What its rows have in common, in words.
    sum : Sum
        What is computed from them.
    rows : pandas.DataFrame
        Of stored tables: the column "study" says which, the index where.
    """

    study: str
    text: str
    where: list
    sum: Sum
    rows: pd.DataFrame

    @property
    def title(self):
        return f"{', '.join([*self.where, f'{len(self.sum.table)} {self.sum.lines}'])}: {self.sum.says}"

    @property
    def value(self):
        return self.sum.result.value if isinstance(self.sum.result, Estimate) else self.sum.result

    @property
    def low(self):
        return self.sum.result.low

    @property
    def high(self):
        return self.sum.result.high


def whole(number):
    """A rank, a count or a share: "−2"."""
    return f"{number:.0f}".replace("-", "−")


def count_of_labels(number):
    """A number of labels; outside of those tried, only that."""
    if number == np.inf:
        return f"> {LABELS[-1]:,}"
    if number <= LABELS[0]:
        return f"≤ {LABELS[0]}"
    return f"{number:,.1f}" if number < 10 else f"{number:,.0f}"


def rows(study, column="test_accuracy", **where):
    """The runs of a study that have these values in their columns; "value" is one of its accuracies, in per cent, and "whose" says which.

    Parameters
    ----------
    study, column : str
    **where
        By column, a value or a tuple of them.

    Raises
    ------
    ValueError
        There are none.
    """
    table = read_table(study)
    for name, wanted in where.items():
        table = table[table[name].isin(wanted if isinstance(wanted, tuple) else [wanted])]
    if table.empty:
        raise ValueError(f"{study}.csv has no rows with {where}; `python -m studies {study}` computes what is missing")
    return table.assign(value=100 * table[column], whose="old task’s" if column.startswith("old") else "test")


def pair(study, one, other, **where):
    """The rows of two strategies, by their names."""
    return {name: rows(study, strategy=name, **where) for name in (one, other)}


def side(study, name, source=None, **where):
    """The rows of a method by its name: "convnet fine-tune", "small perceptron scratch" or "kernel".

    Parameters
    ----------
    study, name : str
    source : str, optional
        Which of several, for a method that has one.
    **where
        As in `rows`.
    """
    network, _, strategy = name.rpartition(" ")
    where |= {"source": source} if source and strategy in WITH_SOURCE else {}
    return rows(study, network=CODES[network] if network else "", strategy=strategy, **where)


def compare(study, one, other, comparison, show=points, **where):
    """A Citation of two methods' difference: see `side` and `cite`."""
    return cite(study, {name: side(study, name, **where) for name in (one, other)}, comparison, show)


def cite(study, rows, comparison, show=points):
    """A number with all that a reader may ask of it.

    Parameters
    ----------
    study : str
        Whose table the number links to.
    rows : dict of str to pandas.DataFrame
        What is compared, by name.
    comparison : callable
        Makes a `Sum` of them: see `tools.comparisons`.
    show : callable
        Makes text of a float.

    Returns
    -------
    Citation
    """
    found = comparison(rows)
    interval = isinstance(found.result, Estimate)
    text = "{} ({} to {})".format(*map(show, found.result)) if interval else show(found.result)
    every = pd.concat(rows.values())
    every = every[~every.set_index("study", append=True).index.duplicated()]
    where = []
    for column in filter(every.columns.__contains__, SAID):
        said = list(filter(None, map(SAID[column], sorted(every[column].unique()))))
        where += [" and ".join(said)] if len(said) in (1, 2) else []
    return Citation(study, text, where, found, every)
