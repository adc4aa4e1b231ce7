"""What the study of forgetting says: both tasks side by side, each strategy at its best, and what comes back."""

from studies import memory_readout
from studies.readout import as_table, compared


def both_tasks(table):
    """How well both tasks are done by each strategy at each rate: the trade between old and new.

    A row for each target, strategy, strength and rate: the mean accuracies "new", "old before" and "old".
    """
    return memory_readout.both_tasks(table, [])


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
    return memory_readout.at_optimum(table, "both", [])


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
    return memory_readout.against_plain(table, "both", [])


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
