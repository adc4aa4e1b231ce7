"""Census: is odd and even a lucky pair? All 252 ways to split ten digits into a source and a target of five.

Question
    What is transfer worth with ten labels a class, over all splits, and where among them do odd → even and
    even → odd lie? How much of what one sees in one run is the split, the source, the labels drawn, the images?

Conditions
    A small network, 784-128-64, and sources of eight epochs; on the target 300 steps (README's recipe: 600). Both were
    chosen on validation images, in the study `choices`: with shorter sources frozen layers lose a point, with more steps
    nothing changes. Two seeds × three draws of labels for each split.

Controls
    From scratch; the first layer frozen at random values; kernel ridge regression on the pixels, which has no random
    numbers: one run a draw, with seed 0. All methods learn from the same images, and share their random layers, head and
    order of images.

Does the picture hold?
    Twelve splits, odd → even and even → odd among them, also with 100 labels and with README's recipe. On the same
    twelve each digit of the source is left out in turn: what is it worth?

Readout
    In `census_readout`: paired gains over scratch and their ranks, variance components, what a digit in the source is
    worth, what likeness predicts; `helpers.transfer.census.look_up` finds a reader's own split. The 252 splits are the whole
    population: their spread is no uncertainty, and there is no interval over them.

Cost
    About 40 minutes on two cores.
"""

import itertools
from dataclasses import dataclass

from helpers.transfer.baselines import KERNEL_DEPTH, KERNEL_RIDGE
from helpers.transfer.census import MEASURED, SPLITS, others
from helpers.transfer.recipes import MLP, SMALL
from studies.engine.study import Run, Study
from studies.methods import WITH_SOURCE, band
from studies.methods import measure as measure_method

SEEDS, DRAWS = range(2), range(3)
NETWORKS = {"small": SMALL, "readme": MLP}
STEPS = {"small": 300, "readme": 600}
STRATEGIES = MEASURED[:4]  # the fifth is the kernel


TARGETS = SPLITS
# The two that the series is about, and ten that were drawn by chance.
SAMPLE = (
    *("02468", "13579", "12457", "13589", "03789", "45789"),
    *("36789", "04568", "23567", "23569", "01468", "02389"),
)


@dataclass(frozen=True, kw_only=True)
class CensusRun(Run):
    """The network is a key of `NETWORKS`; empty for kernel ridge regression, which has none."""

    network: str


def _split(target, network, labels):
    """All runs of one split."""
    for seed, draw in itertools.product(SEEDS, DRAWS):
        for strategy in STRATEGIES:
            source = others(target) if strategy in WITH_SOURCE else ""
            yield CensusRun(
                source=source, target=target, strategy=strategy, labels=labels, seed=seed, draw=draw, network=network
            )


def _kernel(target, labels):
    for draw in DRAWS:
        yield CensusRun(target=target, strategy="kernel", labels=labels, seed=0, draw=draw, network="")


def _left_out(target):
    """Sources of four digits: each of the five left out in turn."""
    for digit in others(target):
        for seed, draw, strategy in itertools.product(SEEDS, DRAWS, ("fine-tune", "frozen")):
            source = others(target).replace(digit, "")
            yield CensusRun(
                source=source, target=target, strategy=strategy, labels=10, seed=seed, draw=draw, network="small"
            )


def runs():
    """All runs, split by split, and then those of the sample."""
    for target in TARGETS:
        yield from _split(target, "small", 10)
        yield from _kernel(target, 10)
    for target in SAMPLE:
        yield from _split(target, "small", 100)
        yield from _kernel(target, 100)
        yield from _split(target, "readme", 10)
        yield from _split(target, "readme", 100)
        yield from _left_out(target)


def measure(run):
    """The hits of one run."""
    network = run.network or "small"
    return measure_method(run, NETWORKS[network], STEPS[network])


SECONDS = {  # of one run on one core, measured with ten labels; the source's share included
    "small": {"scratch": 0.4, "fine-tune": 0.8, "frozen": 0.55, "random": 0.15},
    "readme": {"scratch": 2.5, "fine-tune": 3.5, "frozen": 1.7, "random": 0.6},
    "": {"kernel": 0.2},
}


def seconds(run):
    """The estimate for one run."""
    return SECONDS[run.network][run.strategy] * (1.4 if run.labels > 10 else 1)


STUDY = Study(
    name="census",
    question="Is odd and even a lucky pair? All 252 ways to split ten digits into a source and a target of five",
    revision=1,
    settings={
        "small": f"{NETWORKS['small']}, {STEPS['small']} steps",
        "readme": f"{NETWORKS['readme']}, {STEPS['readme']} steps",
        "kernel": f"depth {KERNEL_DEPTH}, ridge {KERNEL_RIDGE}",
    },
    runs=tuple(runs()),
    measure=measure,
    seconds=seconds,
    band=band,
)
