"""Settings: with which rate, steps and dropout does each method learn few labels best? On validation images.

Question
    Each method is to be compared at its own best. What is that, with 3, 10 and 100 labels a class?

Conditions
    Three splits that are not odd and even, drawn by chance; a source, a draw and an order of images each. Fifteen candidates
    for every method: five rates × three dropouts, depth and ridge of the kernel, the penalty of softmax regression. The
    labelled images with their shifts; without a convolutional network, also as they are.

Rule
    A method has one setting, in the mean over splits and labels the best that is not at the edge of the grid; what lies at
    the edge is there to see that little is to be had beyond it. With the rate and dropout of that, half the steps and
    twice as many; and with 1,000 labels, four and eight times as many.

Also
    CNN, three times as slow as the convolutional network of the studies: is it worth it?

Cost
    About half an hour on two cores.
"""

import itertools
from dataclasses import dataclass, replace

from helpers.transfer.census import others
from helpers.transfer.recipes import FEW, Setting
from studies import few, methods
from studies.engine.study import Outcome, Study
from studies.readout import as_table

TARGETS = "12368", "05678", "34679"
LABELS, MANY = (3, 10, 100), 1000
STEPS = {"mlp": 300, "cnn": 160, "small": 300, "wide": 160}
RATES, DROPOUTS = (3e-4, 1e-3, 3e-3, 9e-3, 27e-3), (0.2, 0.5, 0.8)
LONGER = {LABELS: (0.5, 2), (MANY,): (1, 4, 8)}  # of these steps, tried with the best rate and dropout


def candidates(network):
    """The settings that are tried for a network, by their text: a dict."""
    tried = [Setting(rate, STEPS[network], dropout) for rate, dropout in itertools.product(RATES, DROPOUTS)]
    return {str(setting): setting for setting in tried}


def longer(network, strategy, labels):
    """A strategy's best rate and dropout with other numbers of steps, by their text: a dict."""
    if network == "wide":
        return {}
    factors = next(factors for counts, factors in LONGER.items() if labels in counts)
    tried = [replace(FEW[network][strategy], steps=round(factor * STEPS[network])) for factor in factors]
    return {str(setting): setting for setting in tried}


KERNELS = {
    f"depth {depth}, ridge {ridge:g}": {"depth": depth, "ridge": ridge}
    for depth, ridge in (
        *((depth, 1e-2) for depth in (1, 2, 3, 4, 5, 6, 8)),
        *((3, ridge) for ridge in (1e-5, 1e-4, 1e-3, 3e-3, 3e-2, 1e-1, 3e-1, 1.0)),
    )
}
PENALTIES = {f"penalty {penalty:g}": {"penalty": penalty} for penalty in [3.0**power / 1000 for power in range(-3, 12)]}
REGRESSIONS = {"kernel": KERNELS, "softmax": PENALTIES, "mean": {"": {}}}


@dataclass(frozen=True, kw_only=True)
class SettingsRun(few.FewRun):
    """The option is one of the candidates, as text."""

    option: str


def runs():
    """All runs: rates and dropouts, the regressions, the wide network, numbers of steps."""
    for network, number, labels in itertools.product(("cnn", "mlp", "small"), range(len(TARGETS)), LABELS):
        for shifts, strategy, option in itertools.product(_shifts(network), few.COMPARED, candidates(network)):
            yield _run(network, strategy, option, number, labels, shifts)
    for strategy, number, labels, shifts in itertools.product(REGRESSIONS, range(len(TARGETS)), LABELS, (0, 1)):
        for option in REGRESSIONS[strategy]:
            yield _run("", strategy, option, number, labels, shifts)
    for network, strategy, labels, number in itertools.product(
        ("cnn", "mlp", "small"), few.COMPARED, (*LABELS, MANY), range(len(TARGETS))
    ):
        for option in longer(network, strategy, labels):
            yield _run(network, strategy, option, number, labels, 1)
    for number, labels, strategy in itertools.product(range(len(TARGETS)), LABELS, few.COMPARED):
        yield _run("wide", strategy, str(Setting(3e-3, STEPS["wide"], 0.5)), number, labels, 1)


def _shifts(network):
    return (1,) if network == "cnn" else (0, 1)


def _run(network, strategy, option, number, labels, shifts):
    target = TARGETS[number]
    return SettingsRun(
        source=others(target) if strategy in few.WITH_SOURCE else "",
        target=target,
        strategy=strategy,
        labels=labels,
        seed=number,
        draw=number,
        network=network,
        shifts=shifts,
        option=option,
    )


def measure(run):
    """The hits of one run on validation images."""
    validation, source = methods.task(run.target).validation, None
    if run.source:
        source = few.trained_source(run.source, run.seed, run.network)
    if not run.network:
        tried = REGRESSIONS[run.strategy]
    else:
        tried = candidates(run.network) | longer(run.network, run.strategy, run.labels)
    predictions = few.predict(run, methods.labelled(run), validation, source, tried[run.option])
    return Outcome(predictions == validation.labels)


# Seconds of one run on one core, with shifts, in the mean over labels.
SECONDS = {"cnn": {"scratch": 4.0, "frozen": 0.6}, "mlp": {"scratch": 0.9, "frozen": 0.5}}
SECONDS |= {"small": {"scratch": 0.5, "frozen": 0.3}, "wide": {"scratch": 10, "frozen": 1}, "": {"scratch": 2.0}}


def seconds(run):
    """The estimate for one run, without its source."""
    of = SECONDS[run.network]
    return of.get("frozen" if run.strategy in ("frozen", "random") else "scratch", 2.0) * (1 if run.shifts else 0.45)


STUDY = Study(
    name="settings",
    question="With which settings does each method learn few labels best? On validation images of other splits",
    revision=1,
    settings={name: few.NETWORKS[name] for name in ("mlp", "cnn", "small", "wide")},
    runs=tuple(runs()),
    measure=measure,
    seconds=seconds,
    band=methods.band,
    accuracy="validation_accuracy",
)


def chosen(table):
    """What the rule chooses for every method, and what the best candidate at an edge would add.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.

    Returns
    -------
    pandas.DataFrame
        A row for each network and strategy: the "option"; its "accuracy", the mean over splits, labels and kinds of images;
        and "beyond", the best accuracy at an edge less that.
    """
    found = {}
    of_grid = table[table["labels"].isin(LABELS) & (table["network"] != "wide")]
    for (network, strategy), rows in of_grid.groupby(["network", "strategy"]):
        tried = candidates(network) if network else REGRESSIONS[strategy]
        means = rows[rows["option"].isin(tried)].groupby("option")["validation_accuracy"].mean()
        inside = means[[option for option in tried if not _at_edge(option, tried)]]
        beyond = means.drop(inside.index).max() - inside.max()
        found[network, strategy] = {"option": inside.idxmax(), "accuracy": inside.max(), "beyond": beyond}
    return as_table(found, ["network", "strategy"])


def _at_edge(option, tried):
    """Whether a candidate has the smallest or the largest of the values that were tried."""
    values = [each if isinstance(each, dict) else vars(each) for each in tried.values()]
    mine = values[list(tried).index(option)]
    spans = {name: sorted({each[name] for each in values}) for name in mine}
    return any(mine[name] in (span[0], span[-1]) for name, span in spans.items() if len(span) > 1)
