"""Spoiled sources, and time: when does transfer hurt, and does training from scratch only need longer?

Question
    What is left of transfer if the source's labels are noise, its pixels are out of place, its classes few? And does what
    a good source gains go away when training from scratch is given more time?

Conditions
    A perceptron, SMALL, with ten seeds, and the convolutional network, CONVNET, with five; odd → even and even → odd.
    Ten labels a class with their eight shifts where the sources differ, settings of `recipes.FEW`. Every source is
    trained for the same number of steps, that of the recipe's epochs on all five digits.

    Labels shuffled: every image keeps one wrong or right label for good (Zhang et al., 2017). Two classes, for the
    perceptron alone: each seed has another of the ten pairs. Four digits: one of the five is left out, each in turn by
    every seed of the perceptron; seed k of the convolutional network leaves out the k-th. Five digits: the same number
    of images in total, so fewer of each class: as many as the rarest digit allows.

Controls
    Scratch and random frozen layers. Pixels permuted in the source alone, and by one permutation in source and target,
    there after the shifts: a perceptron does not know which pixels are neighbours, so the second should be no other than
    intact, compared with scratch and random layers on the permuted target. A convolution does know.

Time (after He et al., 2019)
    Scratch and fine-tuning with 3, 10 and 100 labels, for 0.1 to 10 times their chosen steps. Each is a training of its
    own, whose learning rate falls to zero, so that none is a longer one that was cut short. To save time, the
    convolutional network gets ten times its steps with ten labels only, three times with a hundred, and no more than its
    own with three. Compared at equal multiples, and each at the multiple that was best for it, by the mean validation
    accuracy of the *opposite* direction.

Readout
    In `spoiled_readout`: paired gains over scratch, or over random layers, with intervals over seeds.

Cost
    About 32 minutes on two cores.
"""

import functools
import itertools
from dataclasses import dataclass, replace

from helpers.nn.training import evaluate
from helpers.randomness import streams
from helpers.transfer import protocol
from helpers.transfer.census import EVEN, ODD, others
from studies import few, methods
from studies.engine.study import Outcome, Study
from studies.richness import batch, source_steps

BOTH, PERMUTED = "pixels of both permuted", "pixels permuted"  # of source and target; of the source
TWO, FOUR, FIVE = "two classes", "four digits", "five digits"
SPOILED = "intact", "labels shuffled", PERMUTED, BOTH, "inverted", TWO, FOUR, FIVE
SEEDS = {"small": range(10), "cnn": range(5)}
LABELS = 3, 10, 100
FACTORS = 0.1, 0.3, 1, 3, 10  # of the chosen steps
LONGEST = {("cnn", 3): 1, ("cnn", 100): 3}  # the largest of these, by network and labels, where it isn't the last
USUAL = 10  # labels, where the sources differ
SHIFTS = 1
STRATEGIES = "scratch", "random", "fine-tune", "frozen"


@dataclass(frozen=True, kw_only=True)
class SpoiledRun(few.FewRun):
    """The option is one of `SPOILED`: what was done to the source; for scratch and random, to the target."""

    option: str = "intact"
    factor: float = 1  # how many times the chosen steps


def runs():
    """All runs: network by network those of the sources, then those of time."""
    for network, target in itertools.product(SEEDS, (EVEN, ODD)):
        for seed, strategy in itertools.product(SEEDS[network], STRATEGIES):
            for option in options(network) if strategy in few.WITH_SOURCE else ("intact", BOTH):
                for source in sources(others(target), option, network, seed):
                    yield _run(network, target, strategy, seed, source, option=option)
    for network, target in itertools.product(SEEDS, (EVEN, ODD)):
        for labels, factor, seed in itertools.product(LABELS, FACTORS, SEEDS[network]):
            too_long = factor > LONGEST.get((network, labels), max(FACTORS))
            if (labels, factor) != (USUAL, 1) and not too_long:  # the first is among the sources
                for strategy in ("scratch", "fine-tune"):
                    yield _run(network, target, strategy, seed, others(target), labels=labels, factor=factor)


def _run(network, target, strategy, seed, source, *, option="intact", labels=USUAL, factor=1):
    return SpoiledRun(
        source=source if strategy in few.WITH_SOURCE else "",
        target=target,
        strategy=strategy,
        labels=labels,
        seed=seed,
        draw=seed,
        network=network,
        shifts=SHIFTS,
        option=option,
        factor=factor,
    )


def options(network):
    """What is done to the sources of a network."""
    return [option for option in SPOILED if (network, option) != ("cnn", TWO)]


def sources(digits, option, network, seed):
    """The digits of each source that an option has with a seed: a list of str."""
    if option == TWO:
        return ["".join(list(itertools.combinations(digits, 2))[seed])]
    if option == FOUR:
        left_out = digits if network == "small" else digits[seed]
        return [digits.replace(digit, "") for digit in left_out]
    return [digits]


def permuted(part, seed):
    """A part with its pixels in another order, the same for all parts and images of a seed."""
    [pixels] = streams(seed, "pixels")
    order = pixels.permutation(part.images[0].size)
    return replace(part, images=part.images.reshape(len(part), -1)[:, order].reshape(part.images.shape))


def source_part(digits, seed, option):
    """What a source learns from: a Part."""
    part = methods.task(digits).train
    labels, images = streams(seed, f"source {digits} labels", f"source {digits} images")
    if option == "labels shuffled":
        return replace(part, labels=labels.permutation(part.labels))
    if option in (PERMUTED, BOTH):
        return permuted(part, seed)
    if option == "inverted":
        return replace(part, images=255 - part.images)
    if option in (FOUR, FIVE):
        return part.subset(total(digits) // len(digits), images)
    return part


def total(digits):
    """How many images sources of four and of five digits have: a multiple of both, as many as the rarest digit allows."""
    odd_or_even = ODD if set(digits) <= set(ODD) else EVEN
    return 4 * (methods.task(odd_or_even).train.counts().min() // 5 * 5)


@functools.lru_cache(maxsize=4)
def trained_source(digits, seed, option, network):
    """The network that has learned a spoiled source. Nobody may change it."""
    if option == "intact":
        return few.trained_source(digits, seed, network)
    recipe = few.NETWORKS[network]
    steps = source_steps(ODD if set(digits) <= set(ODD) else EVEN, recipe)
    part = source_part(digits, seed, option)
    return protocol.trained_source(part, seed, recipe, progress=False, epochs=None, steps=steps)


def measure(run):
    """The hits of one run; its steps and its validation accuracy as further columns."""
    task = methods.task(run.target)
    parts = methods.labelled(run).with_shifts(), task.validation, task.test
    part, validation, test = (permuted(each, run.seed) for each in parts) if run.option == BOTH else parts
    recipe, setting = few.NETWORKS[run.network], few.setting_of(run)
    setting = replace(setting, steps=round(run.factor * setting.steps))
    if run.source:
        source = trained_source(run.source, run.seed, PERMUTED if run.option == BOTH else run.option, run.network)
    else:
        source = recipe.network(part.classes, seed=0)
    network = protocol.Trial.few(source, part, run.seed, recipe, setting).learn(run.strategy)
    hits = evaluate(network, test, threads=1).predictions == test.labels
    accuracy = evaluate(network, validation, threads=1).accuracy
    return Outcome(hits, {"steps": setting.steps, "validation_accuracy": round(accuracy, 6)})


SOURCE = {"small": 1.6, "cnn": 21.5}  # seconds on one core


def seconds(run):
    """The estimate for one run; fine-tuning and freezing share a source, which fine-tuning pays for."""
    spent = 2 * few.REST[run.network]
    if run.strategy in ("scratch", "fine-tune"):
        steps = run.factor * few.setting_of(run).steps
        spent += steps * (batch(5 * 9 * run.labels) + 5) * few.STEP[run.network]
    if run.strategy == "fine-tune" and run.option not in ("intact", BOTH):  # intact ones are from `curves` and `splits`
        spent += SOURCE[run.network]
    return spent


def together(run):
    """The runs of a spoiled source travel together, so that one process trains it; all others go alone."""
    option = PERMUTED if run.option == BOTH else run.option
    return f"{run.network} {run.source} {run.seed} {option}" + f" {run.labels} {run.factor}" * (option == "intact")


STUDY = Study(
    name="spoiled",
    question="When does a source hurt, and does training from scratch only need more time? A perceptron and a convnet",
    revision=1,
    settings={
        **{f"{name} source": few.NETWORKS[name] for name in SEEDS},
        **{f"{name} {key}": few.FEW[name][key] for name in SEEDS for key in STRATEGIES},
    },
    runs=tuple(runs()),
    measure=measure,
    seconds=seconds,
    band=methods.band,
    together=together,
)
