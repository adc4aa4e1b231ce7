"""What readouts have in common: a paired comparison as a row, and rows as a table."""

import numpy as np

from helpers.evidence.statistics import paired_difference


def compared(one, other):
    """How one set of runs does against another, pair by pair.

    Returns the mean "accuracy" of one, and its "gain" over the other with the ends of the 95 % interval, "low" and
    "high".
    """
    gain = paired_difference(one, other)
    return {"accuracy": one.mean(), "gain": gain.value, "low": gain.low, "high": gain.high}


def by_seed(rows, hits=None):
    """What the runs of each seed reached, in the order of the seeds; several runs of a seed count as their mean.

    Parameters
    ----------
    rows : pandas.DataFrame
        Of a study's table.
    hits : object array, optional
        Of the whole table: see `tables.read_hits`.

    Returns
    -------
    float array, (seeds,) or (seeds, images)
        Accuracies; with `hits`, how often each image was recognised.
    """
    seeds = rows.groupby("seed")
    if hits is None:
        return seeds["test_accuracy"].mean().to_numpy()
    return np.stack([np.mean(list(hits[of_seed.index]), axis=0) for _, of_seed in seeds])


def compared_runs(one, other, hits=None):
    """The same as `compared` for rows of a table, paired by seed.

    With the table's `hits`, the interval holds the doubt about the test images as well; without, they are taken as given.

    Raises
    ------
    ValueError
        One has other seeds than the other.
    """
    if set(one["seed"]) != set(other["seed"]):
        raise ValueError(f"runs are paired by seed, but {set(one['seed'])} are not {set(other['seed'])}")
    return compared(by_seed(one, hits), by_seed(other, hits))


def as_table(rows, names):
    """A pandas.DataFrame of a dict: its keys, tuples of values for these names, are the index, its dicts the rows."""
    import pandas as pd

    return pd.DataFrame(rows.values(), pd.MultiIndex.from_tuples(rows, names=names))
