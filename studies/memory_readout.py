"""What the study of memory says: both tasks side by side, each strategy at two optima, and what can be recovered."""

from helpers.transfer.census import others
from studies.readout import as_table, compared, compared_runs

OPTIMA = "both", "new"  # the joint optimum and the plain one
SETTINGS = ["strategy", "strength", "rate"]


def both_tasks(table, before=("network",)):
    """How well both tasks are done by each strategy at each rate: the trade between old and new.

    A row for each network (or for whatever columns come `before`), target, strategy, strength and rate: the mean
    accuracies "new", "old before" and "old".
    """
    columns = {"test_accuracy": "new", "old_accuracy_before": "old before", "old_accuracy": "old"}
    means = table.groupby([*before, "target", *SETTINGS])[list(columns)].mean()
    return means.rename(columns=columns)


def at_optimum(table, optimum, before=("network",)):
    """Each strategy at its best rate and strength: those with the best validation accuracy in the other direction.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.
    optimum : str
        "both" goes by the mean of both tasks' accuracies, "new" by that of the new task alone.
    before : sequence of str
        Columns that tell networks apart.

    Returns
    -------
    pandas.DataFrame
        The rows of the table that are left: for each network, target and strategy one for each seed.
    """
    names = [*before, "target", *SETTINGS]
    columns = {"both": ["validation_accuracy", "old_validation_accuracy"], "new": ["validation_accuracy"]}[optimum]
    means = table[columns].mean(axis=1).groupby([table[name] for name in names]).mean()
    best = means.groupby([*before, "target", "strategy"]).idxmax()
    place = names.index("target")
    chosen = {(*key[:place], others(key[place]), *key[place + 1 :]) for key in best}
    return table[[key in chosen for key in table[names].itertuples(index=False, name=None)]]


def against_plain(table, optimum, before=("network",), hits=None):
    """What each strategy gains over plain fine-tuning, on the new task and on the old, all at the same kind of optimum.

    Parameters
    ----------
    table, optimum, before
        As in `at_optimum`.
    hits : object array, optional
        Of the whole table: with them the interval on the new task holds the doubt about the test images as well. Of the
        old task no hits are stored, so there the test images are taken as given.

    Returns
    -------
    pandas.DataFrame
        A row for each network, target, strategy and task: rate and strength, the mean accuracy, and the gain with its
        interval over the seeds; the gain of plain itself is zero.
    """
    left, names, found = at_optimum(table, optimum, before).sort_values("seed"), [*before, "target", "strategy"], {}
    groups = dict(list(left.groupby(names, sort=False)))
    for key, rows in groups.items():
        plain = groups[(*key[:-1], "plain")]
        settings = {name: rows[name].iloc[0] for name in ("rate", "strength")}
        found[(*key, "new")] = {**settings, **compared_runs(rows, plain, hits)}
        found[(*key, "old")] = {**settings, **compared(rows["old_accuracy"], plain["old_accuracy"])}
    return as_table(found, [*names, "task"])


def recovered(table, optimum):
    """How well the old task is done once something is fitted to one old image a class, less as it was left.

    Parameters
    ----------
    table, optimum
        As in `at_optimum`.

    Returns
    -------
    pandas.DataFrame
        A row for each network, target, strategy and what was fitted, "biases", "fresh" or "random": the mean accuracy, and
        the gain over the old head as it was, with its interval over the seeds.
    """
    names, found = ["network", "target", "strategy"], {}
    for key, rows in at_optimum(table, optimum).groupby(names, sort=False):
        for fitted in ("biases", "fresh", "random"):
            found[(*key, fitted)] = compared(rows[f"old_accuracy_{fitted}"], rows["old_accuracy"])
    return as_table(found, [*names, "fitted"])


def at_edge(table, optimum):
    """Which optima lie at the edge of what was tried, so that the true ones may lie beyond.

    Parameters
    ----------
    table, optimum
        As in `at_optimum`.

    Returns
    -------
    set of (str, str, str, str, float)
        Network, target, strategy, "rate" or "strength", and its value.
    """
    found, tried = set(), table.groupby(["network", "strategy"])[["rate", "strength"]].agg(["min", "max"])
    for row in at_optimum(table, optimum).itertuples():
        for name in ("rate", "strength"):
            least, most = tried.loc[(row.network, row.strategy), name]
            if least < most and getattr(row, name) in (least, most):
                found.add((row.network, row.target, row.strategy, name, getattr(row, name)))
    return found
