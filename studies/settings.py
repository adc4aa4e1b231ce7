"""Settings: with which rate, steps and dropout does each method learn few labels best? On validation images.

Question
    Each method is to be compared at its own best. What is that, with 3, 10 and 100 labels a class?

Conditions
    Three splits that are not odd and even, drawn by chance; a source, a draw and an order of images each. Twelve candidates
    for every method: four rates × three dropouts, depth and ridge of the kernel, the penalty of softmax regression. The
    labelled images with their shifts; without a convolutional network, also as they are.

Rule
    A method has one setting, the best in the mean over splits and labels. It may not lie at the edge of what was tried.

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

TARGETS = "12368", "05678", "34679"
LABELS, MANY = (3, 10, 100), 1000
STEPS = {"mlp": 300, "cnn": 160, "small": 300, "wide": 160}
RATES, DROPOUTS = (1e-3, 3e-3, 9e-3, 27e-3), (0.2, 0.5, 0.8)
LONGER = {LABELS: (0.5, 2), (MANY,): (1, 4, 8)}  # of these steps, tried with the best rate and dropout


def candidates(network):
    """The settings that are tried for a network, by their text: a dict."""
    tried = [Setting(rate, STEPS[network], dropout) for rate, dropout in itertools.product(RATES, DROPOUTS)]
    return {str(setting): setting for setting in tried}


def longer(network, strategy, labels):
    """A strategy's best rate and dropout with other numbers of steps, by their text: a dict."""
    factors = next(factors for counts, factors in LONGER.items() if labels in counts)
    tried = [replace(FEW[network][strategy], steps=round(factor * STEPS[network])) for factor in factors]
    return {str(setting): setting for setting in tried}


KERNELS = {
    f"depth {depth}, ridge {ridge:g}": {"depth": depth, "ridge": ridge}
    for depth, ridge in (
        *((depth, 1e-2) for depth in (1, 2, 3, 4, 5, 6)),
        *((3, ridge) for ridge in (1e-4, 1e-3, 3e-3, 3e-2, 1e-1, 3e-1)),
    )
}
PENALTIES = {f"penalty {penalty:g}": {"penalty": penalty} for penalty in [3.0**power / 1000 for power in range(-3, 9)]}
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
    tried = candidates(run.network) if run.network else REGRESSIONS[run.strategy]
    predictions = few.predict(run, methods.labelled(run), validation, source, tried[run.option])
    return Outcome(predictions == validation.labels)


# Seconds of one run on one core, with shifts, in the mean over labels; `FEWER` as they are.
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
