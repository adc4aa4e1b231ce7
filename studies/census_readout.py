"""What the census says: gains and their ranks, where they vary, what a digit in the source is worth, what likeness tells."""

import numpy as np

from helpers.evidence.statistics import variance_components
from studies import census


def of_all_splits(table):
    """The rows of the census itself: all 252 splits with the small network, ten labels and whole sources."""
    whole = table["source"].str.len() != 4
    return table[whole & table["network"].isin(["small", ""]) & (table["labels"] == 10)]


def gains(rows):
    """What each method gains over training from scratch, for each target: a table with a column for each method.

    `rows` are those that `of_all_splits` selects; a gain is the mean paired difference of accuracies.
    """
    accuracies = rows.pivot_table(index="target", columns="strategy", values="test_accuracy")
    return accuracies.drop(columns="scratch").sub(accuracies["scratch"], axis=0)


def components(table, hits, strategy):
    """Where the differences between the runs' gains come from.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.
    hits : object array
        Of the whole table: see `tables.read_hits`.
    strategy : str
        Whose gain over scratch.

    Returns
    -------
    dict of str to float
        See `statistics.variance_components`.
    """
    rows = of_all_splits(table).sort_values(["target", "seed", "draw"])
    values, image_variances = [], []
    for _, of_target in rows.groupby("target"):
        one, scratch = (
            np.stack(hits[of_target[of_target["strategy"] == name].index]) for name in (strategy, "scratch")
        )
        difference = one.astype(float) - scratch
        values.append(difference.mean(axis=1).reshape(len(census.SEEDS), len(census.DRAWS)))
        image_variances.append(difference.mean(axis=0).var(ddof=1) / difference.shape[1])
    return variance_components(np.array(values), float(np.mean(image_variances)))


def worth_of_digits(table):
    """What each digit of a source is worth: the accuracy with all five less that without it, on the same target.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.

    Returns
    -------
    pandas.DataFrame
        A row for each target of the sample and each digit left out ("left_out"), a column for each strategy: mean paired
        differences.
    """
    parts = table[table["source"].str.len() == 4]
    without = parts.pivot_table(index=["target", "source"], columns="strategy", values="test_accuracy")
    whole = of_all_splits(table).pivot_table(index="target", columns="strategy", values="test_accuracy")
    worth = whole[without.columns].reindex(without.index.get_level_values("target")).to_numpy() - without
    worth = worth.reset_index()
    worth["left_out"] = [
        census.others(target + source) for target, source in zip(worth.pop("target"), worth.pop("source"))
    ]
    worth.index = without.index.get_level_values("target")
    return worth.set_index("left_out", append=True)


def likeness(train):
    """How alike the ten digits of a Part are: the correlations of their mean images, a (10, 10) array."""
    pixels = train.inputs((784,))
    return np.corrcoef([pixels[train.labels == digit].mean(axis=0) for digit in range(10)])


def likeness_of_splits(alike, targets):
    """How alike source and target are: the mean, over the target's digits, of the likeness to the nearest of the source.

    Parameters
    ----------
    alike : float array, (10, 10)
        As `likeness` gives it.
    targets : sequence of str

    Returns
    -------
    float array, (targets,)
    """
    values = []
    for target in targets:
        rows, columns = ([int(digit) for digit in digits] for digits in (target, census.others(target)))
        values.append(alike[np.ix_(rows, columns)].max(axis=1).mean())
    return np.array(values)


def predicted_by_likeness(gain, alike):
    """How well the likeness of source and target predicts the gain of splits that the prediction has not seen.

    For each digit a straight line is fitted to the splits that have it in their source, and tried on those that have it
    in their target.

    Parameters
    ----------
    gain : pandas.Series
        Of one strategy by target: a column of `gains`.
    alike : float array, (10, 10)

    Returns
    -------
    float array, (10,)
        For each digit, the share of the gains' variance that is explained: 1 for all of it, 0 for no more than a
        constant would, negative for less.
    """
    x, y = likeness_of_splits(alike, gain.index), gain.to_numpy()
    shares = []
    for digit in "0123456789":
        tried = np.array([digit in target for target in gain.index])
        slope, start = np.polyfit(x[~tried], y[~tried], 1)
        errors = y[tried] - (start + slope * x[tried])
        constant = y[tried] - y[~tried].mean()
        shares.append(1 - (errors**2).sum() / (constant**2).sum())
    return np.array(shares)
