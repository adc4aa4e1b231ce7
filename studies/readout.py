"""What readouts have in common: a paired comparison as a row, and rows as a table."""

from helpers.evidence.statistics import paired_difference


def compared(one, other):
    """How one set of runs does against another, pair by pair.

    Returns the mean "accuracy" of one, and its "gain" over the other with the ends of the 95 % interval, "low" and
    "high".
    """
    gain = paired_difference(one, other)
    return {"accuracy": one.mean(), "gain": gain.value, "low": gain.low, "high": gain.high}


def as_table(rows, names):
    """A pandas.DataFrame of a dict: its keys, tuples of values for these names, are the index, its dicts the rows."""
    import pandas as pd

    return pd.DataFrame(rows.values(), pd.MultiIndex.from_tuples(rows, names=names))
