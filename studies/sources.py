"""Sources: how good must a source be, and does training from scratch only need more time?

Question
    When does transfer help, when does it hurt, if the source's labels are noise, its pixels are out of place, its classes
    or its images few? And does what a good source gains go away when training from scratch is given longer?

Conditions
    The small network of the census, odd → even and even → odd, ten seeds, each with a draw of labels of its own; ten labels
    a class and 300 steps where the sources differ. Every source is trained for the same number of steps, that of eight
    epochs with all images, so fewer images or classes do not mean less training. Two classes: each seed has another of
    the ten pairs. Labels shuffled: every image keeps one wrong or right label for good (Zhang et al., 2017).

Controls
    Scratch and random frozen layers. Pixels permuted in the source alone, and by the same permutation in source and
    target: a perceptron does not know which pixels are neighbours, so the second should be no other than intact, if
    compared with scratch and random layers on the permuted target.

Time (after He et al., 2019)
    Scratch and fine-tuning with 3, 10 and 100 labels and 30 to 3,000 steps. Each is a training of its own, whose learning
    rate falls to zero, so that none is a longer one that was cut short. They are compared at equal steps, and each at the
    number of steps that was best for it, by the mean validation accuracy of the *opposite* direction.

Readout
    In `sources_readout`: paired gains over scratch, or over random layers, with intervals over seeds, and the hits of any
    condition for intervals over images as well.

Cost
    About 17 minutes on one core.
"""

import functools
import itertools
import math
from dataclasses import dataclass

from helpers.nn.training import evaluate
from helpers.randomness import streams
from helpers.transfer import protocol
from helpers.transfer.census import EVEN, ODD, others
from helpers.transfer.recipes import SMALL
from studies import methods, spoiled
from studies.engine.study import Outcome, Run, Study
from studies.spoiled import BOTH, permuted

COUNTS = {f"{count:,} images a class": count for count in (10, 100, 1000)}
OPTIONS = "intact", "labels shuffled", "pixels permuted", BOTH, "inverted", "two classes", *COUNTS
SEEDS = range(10)
STEPS, LABELS = (30, 100, 300, 1000, 3000), (3, 10, 100)


@dataclass(frozen=True, kw_only=True)
class SourcesRun(Run):
    """The option is one of `OPTIONS`: what was done to the source; for scratch and random, to the target."""

    option: str = "intact"
    steps: int = 300  # on the target


def _run(strategy, target, seed, *, option="intact", labels=10, steps=300):
    source = others(target) if strategy in methods.WITH_SOURCE else ""
    if source and option == "two classes":
        source = "".join(list(itertools.combinations(source, 2))[seed])
    return SourcesRun(
        source=source, target=target, strategy=strategy, labels=labels, seed=seed, draw=seed, option=option, steps=steps
    )


def runs():
    """All runs: direction by direction, those of sources and then those of time."""
    for target in (EVEN, ODD):
        for strategy, option, seed in itertools.product(("scratch", "random"), ("intact", BOTH), SEEDS):
            yield _run(strategy, target, seed, option=option)
        for option, strategy, seed in itertools.product(OPTIONS, ("fine-tune", "frozen"), SEEDS):
            yield _run(strategy, target, seed, option=option)
        for strategy, labels, steps, seed in itertools.product(("scratch", "fine-tune"), LABELS, STEPS, SEEDS):
            if (labels, steps) != (10, 300):  # which is among the sources
                yield _run(strategy, target, seed, labels=labels, steps=steps)


def source_part(digits, seed, option):
    """What a source learns from: a Part."""
    if option not in COUNTS:
        return spoiled.source_part(digits, seed, option)
    [images] = streams(seed, f"source {digits} images")
    return methods.task(digits).train.subset(COUNTS[option], images)


@functools.lru_cache(maxsize=8)  # so a process trains each source once
def trained_source(digits, seed, option, steps):
    """The network that so many steps make of a source. Nobody may change it."""
    part = source_part(digits, seed, option)
    return protocol.trained_source(part, seed, SMALL, epochs=None, steps=steps, progress=False)


def measure(run):
    """The hits of one run; its validation accuracy as a further column."""
    part, task = methods.labelled(run), methods.task(run.target)
    parts = part, task.validation, task.test
    if run.option == BOTH:
        parts = [permuted(part, run.seed) for part in parts]
    part, validation, test = parts
    whole = methods.task(others(run.target)).train
    steps = SMALL.epochs * math.ceil(len(whole) / SMALL.batch_size)
    source = SMALL.network(len(run.target), seed=0)
    if run.source:
        source = trained_source(run.source, run.seed, run.option, steps)
    network = protocol.Trial(source, part, run.seed, SMALL, run.steps).learn(run.strategy)
    hits = evaluate(network, test, threads=1).predictions == test.labels
    return Outcome(hits, {"validation_accuracy": round(evaluate(network, validation, threads=1).accuracy, 6)})


STEP = {3: 0.0007, 10: 0.0009, 100: 0.0015}  # seconds on one core, by labels
SOURCE = 2.2


def seconds(run):
    """The estimate for one run; fine-tuning and the frozen layer share a source, and training for long has one too."""
    share = {"fine-tune": SOURCE, "frozen": 0.0}.get(run.strategy, 0.0)
    if (run.labels, run.steps) != (10, 300):
        share /= len(LABELS) * len(STEPS)
    return 0.1 + share + (0.0 if run.strategy in ("frozen", "random") else run.steps * STEP[run.labels])


STUDY = Study(
    name="sources",
    question="How good must a source be, and does training from scratch only need more time?",
    revision=1,
    settings={"small": SMALL},
    runs=tuple(runs()),
    measure=measure,
    seconds=seconds,
    band=methods.band,
)
