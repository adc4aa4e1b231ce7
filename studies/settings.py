"""Settings: with which rate, steps and dropout does each method learn few labels best? On validation images.

Question
    Each method is to be compared at its own best. What is that, with 3, 10 and 100 labels a class?

Conditions
    Three splits that are not odd and even, drawn by chance; a source, a draw and an order of images each. The labelled
    images as they are, and with their shifts. Twelve candidates for every method: one value at a time is changed about
    a middle. For kernel ridge regression these are depth and ridge, for softmax regression the penalty.

Rule
    A method has one setting: of each value, what is best in the mean over splits, labels and both kinds of images. It may
    not lie at the edge of what was tried, except for a dropout of 0.

Also
    CNN, three times as slow as the convolutional network of the studies, with the middle setting: is it worth it?

Cost
    About half an hour on two cores.
"""

import itertools
from dataclasses import dataclass, replace

from helpers.transfer.census import others
from helpers.transfer.recipes import Setting
from studies import few, methods
from studies.engine.study import Outcome, Study

TARGETS = "12368", "05678", "34679"
LABELS = 3, 10, 100
MIDDLE = {"mlp": Setting(2e-3, 300, 0.3), "cnn": Setting(2e-3, 160, 0.5), "small": Setting(2e-3, 300, 0.3)}
MIDDLE["wide"] = MIDDLE["cnn"]
FACTORS = 0.25, 0.5, 1, 2, 4  # of the middle's rate and steps
DROPOUTS = 0, 0.3, 0.5, 0.7


def candidates(network):
    """The settings that are tried for a network, by their text: a dict."""
    middle = MIDDLE[network]
    tried = {
        *(replace(middle, rate=middle.rate * factor) for factor in FACTORS),
        *(replace(middle, steps=round(middle.steps * factor)) for factor in FACTORS),
        *(replace(middle, dropout=dropout) for dropout in DROPOUTS),
    }
    return {str(setting): setting for setting in sorted(tried, key=str)}


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
    """All runs, network by network, then the regressions."""
    for network, number, shifts, labels in itertools.product(
        ("cnn", "mlp", "small"), range(len(TARGETS)), (1, 0), LABELS
    ):
        for strategy, option in itertools.product(few.COMPARED, candidates(network)):
            yield _run(network, strategy, option, number, labels, shifts)
    for number, labels, strategy in itertools.product(range(len(TARGETS)), LABELS, few.COMPARED):
        yield _run("wide", strategy, str(MIDDLE["cnn"]), number, labels, 1)
    for strategy, number, labels, shifts in itertools.product(REGRESSIONS, range(len(TARGETS)), LABELS, (0, 1)):
        for option in REGRESSIONS[strategy]:
            yield _run("", strategy, option, number, labels, shifts)


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
