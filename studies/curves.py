"""Curves: from one label a class to a thousand, what does transfer gain, and over whom?

Question
    With each method at its own best, what do two networks gain from the digits that they have learned before, over
    training from scratch and over the best method without transfer?

Conditions
    A perceptron and a convolutional network, odd → even and even → odd, ten seeds; each with a source, a draw of labels
    and an order of images of its own. The labelled images as they are, and with their eight shifts by one pixel. Settings
    as `settings` found them on other splits; from 300 labels on four times the steps.

Controls
    Scratch; random layers frozen; kernel ridge regression, softmax regression and the nearest mean image, all with the
    same images. Head-then-all's control, "restart", trains as long and goes through the schedule twice as well.

Readout
    Differences paired by seed.

Cost
    About 50 minutes on two cores.
"""

import itertools
from dataclasses import replace

from helpers.transfer.census import EVEN, ODD
from studies import few, methods
from studies.engine.study import Study

LABELS = 1, 3, 10, 30, 100, 300, 1000
SEEDS = range(10)
MANY, LONGER = 300, 4  # labels a class from which a training takes so many times the steps


def runs():
    """All runs, direction by direction."""
    for target, source in ((EVEN, ODD), (ODD, EVEN)):
        for network, shifts, labels, seed in itertools.product(("cnn", "mlp"), (1, 0), LABELS, SEEDS):
            for strategy in few.COMPARED + (few.RESTART,) * (labels < MANY):
                yield few.FewRun(
                    source=source if strategy in few.WITH_SOURCE else "",
                    target=target,
                    strategy=strategy,
                    labels=labels,
                    seed=seed,
                    draw=seed,
                    network=network,
                    shifts=shifts,
                )
        for strategy, shifts, labels, seed in itertools.product(few.RIVALS, (1, 0), LABELS, SEEDS):
            if strategy != "kernel" or not shifts or labels <= few.KERNEL_LIMIT:
                yield few.FewRun(target=target, strategy=strategy, labels=labels, seed=seed, draw=seed, shifts=shifts)


def measure(run):
    """The hits of one run on the target's test images."""
    setting = few.setting_of(run) if run.network else None
    if setting and run.labels >= MANY:
        setting = replace(setting, steps=LONGER * setting.steps)
    return few.measure(run, setting)


STUDY = Study(
    name="curves",
    question="From one label a class to a thousand: what do two networks gain from what they have learned, and over whom?",
    revision=1,
    settings={**few.conditions("mlp", "cnn"), "many": f"from {MANY} labels on {LONGER} times the steps"},
    runs=tuple(runs()),
    measure=measure,
    seconds=few.seconds,
    band=methods.band,
)
