"""What the study of sources says: what each source gains, and what is left of it when scratch is given time."""

import numpy as np

from helpers.transfer.census import others
from studies.readout import as_table, compared
from studies.sources import BOTH


def gains(table, control="scratch"):
    """What each source gains over a control without one, ten labels and 300 steps.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.
    control : str
        "scratch" or "random". Where the target's pixels are permuted, so are the control's.

    Returns
    -------
    pandas.DataFrame
        A row for each target, option and strategy: the mean accuracy, and the gain with its interval over the seeds.
    """
    rows = table[(table["labels"] == 10) & (table["steps"] == 300)]
    accuracies = rows.pivot_table(index="seed", columns=["target", "option", "strategy"], values="test_accuracy")
    found = {}
    for target, option, strategy in accuracies:
        if strategy != control:
            of_control = accuracies[target, BOTH if option == BOTH else "intact", control]
            found[target, option, strategy] = compared(accuracies[target, option, strategy], of_control)
    return as_table(found, ["target", "option", "strategy"])


def gains_by_steps(table):
    """What fine-tuning gains over scratch at equal steps.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.

    Returns
    -------
    pandas.DataFrame
        A row for each target, number of labels and of steps: the accuracy of fine-tuning, and its gain with the
        interval over the seeds.
    """
    accuracies = _over_time(table, "test_accuracy")
    found = {
        (target, labels, steps): compared(accuracies[target, labels, steps, "fine-tune"], of_strategy)
        for (target, labels, steps, strategy), of_strategy in accuracies.items()
        if strategy == "scratch"
    }
    return as_table(found, ["target", "labels", "steps"])


def gains_at_best_steps(table):
    """The same with each strategy at its best number of steps: the best of the opposite direction, by validation.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.

    Returns
    -------
    pandas.DataFrame
        A row for each target and number of labels: the steps of both, the accuracy of fine-tuning, and its gain with the
        interval over the seeds.
    """
    accuracies, validation = _over_time(table, "test_accuracy"), _over_time(table, "validation_accuracy").mean()
    found = {}
    for target, labels in dict.fromkeys(key[:2] for key in accuracies):
        best = {
            strategy: int(validation[others(target), labels, :, strategy].idxmax())
            for strategy in ("fine-tune", "scratch")
        }
        one, other = (accuracies[target, labels, steps, strategy] for strategy, steps in best.items())
        steps = {f"steps of {strategy}": steps for strategy, steps in best.items()}
        found[target, labels] = {**steps, **compared(one, other)}
    return as_table(found, ["target", "labels"])


def hits_of(table, hits, target, strategy, *, option="intact", labels=10, steps=300):
    """The hits of one condition, for `helpers.evidence.statistics.bootstrap`.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.
    hits : object array
        Of the whole table: see `tables.read_hits`.
    target, strategy, option : str
    labels, steps : int

    Returns
    -------
    bool array, (seeds, images)
        In the order of the seeds.
    """
    wanted = {"target": target, "strategy": strategy, "option": option, "labels": labels, "steps": steps}
    rows = table[np.logical_and.reduce([table[name] == value for name, value in wanted.items()])]
    return np.stack(hits[rows.sort_values("seed").index])


def _over_time(table, column):
    """A column of the runs with intact sources that were trained: a row for each seed."""
    rows = table[(table["option"] == "intact") & table["strategy"].isin(["scratch", "fine-tune"])]
    return rows.pivot_table(index="seed", columns=["target", "labels", "steps", "strategy"], values=column)
