"""What the study of spoiled sources says: what each source gains, what a digit is worth, and what time changes."""

from helpers.transfer.census import others
from studies.readout import as_table, compared
from studies.spoiled import BOTH, FIVE, FOUR, USUAL


def gains(table, control="scratch"):
    """What each source gains over a control without one, with ten labels.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.
    control : str
        "scratch" or "random". Where the target's pixels are permuted, so are the control's.

    Returns
    -------
    pandas.DataFrame
        A row for each network, target, option and strategy: the mean accuracy, and the gain with its interval over the
        seeds. Of sources with four digits it is the mean over the digits left out.
    """
    return gains_of_sources(table[(table["labels"] == USUAL) & (table["factor"] == 1)], ["network"], control)


def gains_of_sources(rows, before, control):
    """The same for rows of any study that has options, told apart by some columns before target, option and strategy."""
    names = [*before, "target", "option", "strategy"]
    accuracies = rows.pivot_table(index="seed", columns=names, values="test_accuracy")
    found = {}
    for key in accuracies:
        *condition, option, strategy = key
        if strategy != control:
            of_control = accuracies[(*condition, BOTH if option == BOTH else "intact", control)]
            found[key] = compared(accuracies[key].dropna(), of_control.dropna())
    return as_table(found, names)


def worth_of_digits(table):
    """What a source of five digits gains over one of four, trained on as many images for as long.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.

    Returns
    -------
    pandas.DataFrame
        A row for each network, target, digit left out and strategy: the mean accuracy with five digits, and the gain with
        its interval over the seeds. The digit "any" is the mean over those that a seed leaves out.
    """
    names, found = ["network", "target", "strategy"], {}
    for (network, target, strategy), rows in table[table["option"].isin([FOUR, FIVE])].groupby(names, sort=False):
        five = rows[rows["option"] == FIVE].set_index("seed")["test_accuracy"].sort_index()
        four = rows[rows["option"] == FOUR]
        left_out = [next(digit for digit in others(target) if digit not in source) for source in four["source"]]
        by_digit = four.assign(digit=left_out).pivot_table(index="seed", columns="digit", values="test_accuracy")
        columns = {"any": by_digit.mean(axis=1), **by_digit.dropna(axis="columns")}
        for digit, accuracies in columns.items():
            found[network, target, digit, strategy] = compared(five, accuracies)
    return as_table(found, ["network", "target", "digit", "strategy"])


def gains_by_time(table):
    """What fine-tuning gains over scratch, both trained for the same multiple of their chosen steps.

    A row for each network, target, number of labels and factor: the accuracy of fine-tuning, and its gain with the
    interval over the seeds.
    """
    return gains_at_equal_times(over_time(table, ["network", "target", "labels"], "factor", "test_accuracy"))


def gains_at_best_times(table):
    """The same with each strategy at its best multiple: the best of the opposite direction, by validation.

    A row for each network, target and number of labels: the factors of both, the accuracy of fine-tuning, and its gain
    with the interval over the seeds.
    """
    return gains_at_best(table, ["network", "target", "labels"], "factor")


def over_time(table, before, time, column):
    """A column of the runs with intact sources that were trained: a row for each seed."""
    rows = table[(table["option"] == "intact") & table["strategy"].isin(["scratch", "fine-tune"])]
    return rows.pivot_table(index="seed", columns=[*before, time, "strategy"], values=column)


def gains_at_equal_times(accuracies):
    """What fine-tuning gains over scratch in each condition of `over_time`."""
    found = {
        (*key, time): compared(accuracies[(*key, time, "fine-tune")].dropna(), of_scratch.dropna())
        for (*key, time, strategy), of_scratch in accuracies.items()
        if strategy == "scratch"
    }
    return as_table(found, accuracies.columns.names[:-1])


def gains_at_best(table, before, time):
    """What fine-tuning gains over scratch, each at the time that is best by validation in the opposite direction."""
    accuracies = over_time(table, before, time, "test_accuracy")
    validation, found = over_time(table, before, time, "validation_accuracy").mean(), {}
    for key in dict.fromkeys(key[:-2] for key in accuracies):
        opposite = tuple(others(value) if name == "target" else value for name, value in zip(before, key))
        best = {name: validation[(*opposite, slice(None), name)].idxmax() for name in ("fine-tune", "scratch")}
        one, other = (accuracies[(*key, its_time, name)].dropna() for name, its_time in best.items())
        found[key] = {**{f"{time} of {name}": its_time for name, its_time in best.items()}, **compared(one, other)}
    return as_table(found, before)
