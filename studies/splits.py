"""Splits: is odd and even a lucky pair? All 252 ways to part ten digits into a source and a target.

Question
    With ten labels a class, what is transfer worth over all splits, and where do odd → even and even → odd lie?

Conditions
    A small perceptron on all 252 splits; the convolutional network on odd → even, even → odd and forty splits that were
    drawn by chance. Fresh pairs of a source and a draw throughout. The labelled images with their eight shifts; for the
    perceptron also as they are. Settings as `settings` found them on three splits, which lent their validation images alone.

Controls
    Scratch, random layers frozen, kernel ridge regression, on the same images.

Readout
    Gains over scratch, shrunken to what the pairs bear out: `helpers.evidence.statistics`. For the perceptron the 252
    are the whole population; for the convolutional network the forty stand for it, with an interval over splits.

Cost
    About 50 minutes on two cores, half of it for sources.
"""

import itertools

import numpy as np

from helpers.transfer.census import EVEN, ODD, SPLITS, others
from studies import few, methods, settings
from studies.engine.study import Study

PAIRS, PAIRS_OF_CONVNETS = range(4), range(2)
LABELS = 10
_KNOWN = {EVEN, ODD, *settings.TARGETS, *map(others, settings.TARGETS)}
DRAWN = tuple(
    np.random.default_rng(17).choice([split for split in SPLITS if split not in _KNOWN], 40, replace=False).tolist()
)


def runs():
    """All runs, pair by pair, so that more pairs come after those that are done."""
    for pair in PAIRS_OF_CONVNETS:
        for target in (EVEN, ODD, *DRAWN):
            yield from _split("cnn", target, pair, 1)
    for pair in PAIRS:
        for target, shifts in itertools.product(SPLITS, (1, 0)):
            yield from _split("small", target, pair, shifts)
            yield few.FewRun(target=target, strategy="kernel", labels=LABELS, seed=pair, draw=pair, shifts=shifts)


def _split(network, target, pair, shifts):
    for strategy in ("scratch", "fine-tune", "frozen", "random"):
        yield few.FewRun(
            source=others(target) if strategy in few.WITH_SOURCE else "",
            target=target,
            strategy=strategy,
            labels=LABELS,
            seed=pair,
            draw=pair,
            network=network,
            shifts=shifts,
        )


STUDY = Study(
    name="splits",
    question="Is odd and even a lucky pair? What transfer gains on all 252 splits of the digits",
    revision=1,
    settings=few.conditions("small", "cnn"),
    runs=tuple(runs()),
    measure=few.measure,
    seconds=few.seconds,
    band=methods.band,
)
