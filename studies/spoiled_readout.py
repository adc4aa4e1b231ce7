"""What the study of spoiled sources says: what each source gains, what a digit is worth, and what time changes.

Each takes the table, and its hits if the intervals are to hold the doubt about the test images: `readout.compared_runs`.
"""

from helpers.transfer.census import others
from studies.readout import as_table, compared_runs
from studies.spoiled import BOTH, FIVE, FOUR, USUAL


def gains(table, control="scratch", hits=None):
    """What each source gains over a control without one, with ten labels.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.
    control : str
        "scratch" or "random". Where the target's pixels are permuted, so are the control's.
    hits : object array, optional

    Returns
    -------
    pandas.DataFrame
        A row for each network, target, option and strategy: the mean accuracy, and the gain with its interval over the
        seeds. Of sources with four digits it is the mean over the digits left out.
    """
    return gains_of_sources(table[(table["labels"] == USUAL) & (table["factor"] == 1)], ["network"], control, hits)


def gains_of_sources(rows, before, control, hits=None):
    """The same for rows of any study that has options, told apart by some columns before target, option and strategy."""
    names, found = [*before, "target", "option", "strategy"], {}
    groups = dict(list(rows.groupby(names)))
    for key, runs in groups.items():
        *condition, option, strategy = key
        if strategy != control:
            of_control = groups[(*condition, BOTH if option == BOTH else "intact", control)]
            found[key] = compared_runs(runs, of_control, hits)
    return as_table(found, names)


def worth_of_digits(table, hits=None):
    """What a source of five digits gains over one of four, trained on as many images for as long.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.
    hits : object array, optional

    Returns
    -------
    pandas.DataFrame
        A row for each network, target, digit left out and strategy: the mean accuracy with five digits, and the gain with
        its interval over the seeds. The digit "any" is the mean over those that a seed leaves out; the convolutional
        network, which leaves out another digit with each seed, has nothing else.
    """
    names, found = ["network", "target", "strategy"], {}
    for (network, target, strategy), rows in table[table["option"].isin([FOUR, FIVE])].groupby(names):
        five, four = rows[rows["option"] == FIVE], rows[rows["option"] == FOUR]
        found[network, target, "any", strategy] = compared_runs(five, four, hits)
        for source, without in four.groupby("source"):
            if len(without) == len(five):
                digit = next(digit for digit in others(target) if digit not in source)
                found[network, target, digit, strategy] = compared_runs(five, without, hits)
    return as_table(found, ["network", "target", "digit", "strategy"])


def gains_by_time(table, hits=None):
    """What fine-tuning gains over scratch, both trained for the same multiple of their chosen steps.

    A row for each network, target, number of labels and factor: the accuracy of fine-tuning, and its gain with the
    interval over the seeds.
    """
    return gains_at_equal_times(table, ["network", "target", "labels"], "factor", hits)


def gains_at_best_times(table, hits=None):
    """The same with each strategy at its best multiple: the best of the opposite direction, by validation.

    A row for each network, target and number of labels: the factors of both, the accuracy of fine-tuning, and its gain
    with the interval over the seeds.
    """
    return gains_at_best(table, ["network", "target", "labels"], "factor", hits)


def gains_at_equal_times(table, before, time, hits=None):
    """What fine-tuning gains over scratch at each time, a column's value, in each condition that columns `before` tell."""
    groups, found = _over_time(table, [*before, time]), {}
    for (*condition, strategy), scratch in groups.items():
        if strategy == "scratch":
            found[tuple(condition)] = compared_runs(groups[(*condition, "fine-tune")], scratch, hits)
    return as_table(found, [*before, time])


def gains_at_best(table, before, time, hits=None):
    """What fine-tuning gains over scratch, each at the time that is best by validation in the opposite direction."""
    groups, found = _over_time(table, [*before, time]), {}
    validation = {key: runs["validation_accuracy"].mean() for key, runs in groups.items()}
    for key in dict.fromkeys(key[:-2] for key in groups):
        opposite = tuple(others(value) if name == "target" else value for name, value in zip(before, key))
        best = {}
        for strategy in ("fine-tune", "scratch"):
            tried = {at[-2]: mean for at, mean in validation.items() if (at[:-2], at[-1]) == (opposite, strategy)}
            best[strategy] = max(tried, key=tried.get)
        one, other = (groups[(*key, its, strategy)] for strategy, its in best.items())
        found[key] = {
            **{f"{time} of {strategy}": its for strategy, its in best.items()},
            **compared_runs(one, other, hits),
        }
    return as_table(found, before)


def _over_time(table, names):
    """The runs with intact sources that were trained, by these columns and the strategy: a dict."""
    rows = table[(table["option"] == "intact") & table["strategy"].isin(["scratch", "fine-tune"])]
    return dict(list(rows.groupby([*names, "strategy"])))
