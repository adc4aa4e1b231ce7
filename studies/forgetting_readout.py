"""What the study of forgetting says: both tasks side by side, each strategy at its best, and what comes back."""

from helpers.transfer.census import others
from studies.readout import as_table, compared


def both_tasks(table):
    """How well both tasks are done by each strategy at each rate: the trade between old and new.

    A row for each target, strategy, strength and rate: the mean accuracies "new", "old before" and "old".
    """
    columns = {"test_accuracy": "new", "old_accuracy_before": "old before", "old_accuracy": "old"}
    means = table.groupby(["target", "strategy", "strength", "rate"])[list(columns)].mean()
    return means.rename(columns=columns)


def at_best_rate(table):
    """Each strategy at its best rate and strength: those with the best mean validation accuracy in the other direction.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.

    Returns
    -------
    pandas.DataFrame
        The rows of the table that are left: for each target and strategy one for each seed.
    """
    settings = ["strategy", "strength", "rate"]
    both = (table["validation_accuracy"] + table["old_validation_accuracy"]) / 2
    means = both.groupby([table[name] for name in ["target", *settings]]).mean()
    best = means.groupby(["target", "strategy"]).idxmax()
    chosen = {(others(target), *setting) for target, *setting in best}
    return table[[key in chosen for key in table[["target", *settings]].itertuples(index=False, name=None)]]


def against_plain(table):
    """What each strategy gains over plain fine-tuning, on the new task and on the old, both at their best rates.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.

    Returns
    -------
    pandas.DataFrame
        A row for each target, strategy and task: rate and strength, the mean accuracy, and the gain with its interval
        over the seeds; the gain of plain itself is zero.
    """
    left, found = at_best_rate(table).sort_values("seed"), {}
    for (target, strategy), rows in left.groupby(["target", "strategy"], sort=False):
        plain = left[(left["target"] == target) & (left["strategy"] == "plain")]
        for task, column in (("new", "test_accuracy"), ("old", "old_accuracy")):
            settings = {name: rows[name].iloc[0] for name in ("rate", "strength")}
            found[target, strategy, task] = {**settings, **compared(rows[column], plain[column])}
    return as_table(found, ["target", "strategy", "task"])


def had_back(table, strategy="plain"):
    """How well the old task is done once something is fitted to one old image a class, less as it was left.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.
    strategy : str

    Returns
    -------
    pandas.DataFrame
        A row for each target, strength, rate and what was fitted, "biases", "fresh" or "random": the mean accuracy, and
        the gain over the old head as it was, with its interval over the seeds.
    """
    found = {}
    of_strategy = table[table["strategy"] == strategy]
    for key, rows in of_strategy.groupby(["target", "strength", "rate"]):
        for fitted in ("biases", "fresh", "random"):
            found[(*key, fitted)] = compared(rows[f"old_accuracy_{fitted}"], rows["old_accuracy"])
    return as_table(found, ["target", "strength", "rate", "fitted"])
