"""What the study of sources says: what each source gains, and what is left of it when scratch is given time."""

import numpy as np

from studies.spoiled import BOTH as BOTH  # findings look it up here
from studies.spoiled_readout import gains_at_best, gains_at_equal_times, gains_of_sources, over_time


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
    return gains_of_sources(table[(table["labels"] == 10) & (table["steps"] == 300)], [], control)


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
    return gains_at_equal_times(over_time(table, ["target", "labels"], "steps", "test_accuracy"))


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
    return gains_at_best(table, ["target", "labels"], "steps")


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
