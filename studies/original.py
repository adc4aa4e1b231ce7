"""Original: the table of the program that this project replaces, computed anew beside its published figures.

Question
    Does every figure of that program hold here too: softmax regression, one hidden layer of 500 trained from scratch, and
    the same transferred with the hidden layer frozen, with 20, 50, 80 and 100 per cent of the data, even and odd?

Conditions
    The same architectures, trained by README's recipe: mini-batches and Adam for 12 epochs, where the original took steps
    of gradient descent on all images at once; and README's network, 784-512-128, with its first layer frozen, which
    leaves a hidden layer to be trained where the original trains the head alone. Dropout is off below the first layer
    that is trained. Five seeds, each with images of its own, a smaller share within the larger. A source has all images.

Data
    The original's own: all of MNIST's training images of these digits, of which the shares are taken. What other studies
    set aside for validation is learned from too, as nothing is chosen in this one, and nothing was tuned for this table.

Controls
    Random frozen layers: what of the transferred figure is owed to the source?

Readout
    `beside`: each cell's mean over the seeds, less the published figure, with its interval over the seeds. The original
    published one number a cell, without saying how much it varies, so the interval is of ours alone.

Cost
    About 18 minutes on one core.
"""

import functools
import itertools
from dataclasses import dataclass

import numpy as np

from helpers.data.tasks import Part
from helpers.evidence.statistics import paired_difference
from helpers.evidence.tables import ALL
from helpers.randomness import streams
from helpers.transfer import protocol
from helpers.transfer.census import EVEN, ODD, others
from helpers.transfer.recipes import MLP, SOFTMAX, Recipe
from studies import methods
from studies.engine.study import Outcome, Run, Study
from studies.readout import as_table

NETWORKS = {"": SOFTMAX, "original": Recipe(hidden=(500,), dropout=0.3), "readme": MLP}
STRATEGIES = "scratch", "frozen", "random"
METHODS = ("", "softmax"), *itertools.product(("original", "readme"), STRATEGIES)  # network and strategy
SHARES = 20, 50, 80, 100
SEEDS = range(5)
# By strategy, target and share: test accuracies that the original program's author published, not measured here.
PUBLISHED = {
    ("softmax", EVEN, 100): 0.9602,
    ("softmax", ODD, 100): 0.9513,
    ("scratch", EVEN, 20): 0.9525,
    ("scratch", EVEN, 50): 0.9647,
    ("scratch", EVEN, 80): 0.972,
    ("scratch", EVEN, 100): 0.9856,
    ("scratch", ODD, 20): 0.9564,
    ("scratch", ODD, 50): 0.9633,
    ("scratch", ODD, 80): 0.9705,
    ("scratch", ODD, 100): 0.9834,
    ("frozen", EVEN, 100): 0.9821,
    ("frozen", ODD, 100): 0.9806,
}


@dataclass(frozen=True, kw_only=True)
class OriginalRun(Run):
    """The network is a key of `NETWORKS`. The share is of the target's training images, in per cent, all with labels."""

    network: str
    share: int


def runs():
    """All runs, method by method as in the table."""
    for (network, strategy), target, share, seed in itertools.product(METHODS, (EVEN, ODD), SHARES, SEEDS):
        yield OriginalRun(
            source=others(target) if strategy in methods.WITH_SOURCE else "",
            target=target,
            strategy=strategy,
            labels=ALL,
            seed=seed,
            draw=seed,
            network=network,
            share=share,
        )


def whole(digits):
    """All of MNIST's training images of some digits, those of the validation part too: a Part."""
    return methods.task(digits).all_training_images()


def shared(run):
    """The images of the target that a run learns from: a Part."""
    train = whole(run.target)
    [drawing] = streams(run.draw, f"target {run.target} share")
    rows = np.sort(drawing.permutation(len(train))[: round(run.share / 100 * len(train))])
    return Part(train.images[rows], train.labels[rows], train.digits, f"{train.name}, {run.share} per cent")


@functools.lru_cache(maxsize=8)
def trained_source(digits, seed, recipe):
    """The network that a recipe makes of all those images. Nobody may change it."""
    return protocol.trained_source(whole(digits), seed, recipe, progress=False)


def measure(run):
    """The hits of one run."""
    recipe, test = NETWORKS[run.network], methods.task(run.target).test
    strategy = "scratch" if run.strategy == "softmax" else run.strategy  # as the original did it, by gradient descent
    source = recipe.network(test.classes, seed=0)
    if run.source:
        source = trained_source(run.source, run.seed, recipe)
    trial = protocol.Trial(source, shared(run), run.seed, recipe)
    return Outcome(trial.predict(strategy, test) == test.labels)


SECONDS = {  # with all the data, on one core
    "": {"softmax": 1.1},
    "original": {"scratch": 9.0, "frozen": 1.8, "random": 1.8},
    "readme": {"scratch": 13.5, "frozen": 3.3, "random": 3.3},
}


def seconds(run):
    """The estimate for one run; the four shares have one source."""
    source = SECONDS[run.network]["scratch"] / len(SHARES) if run.source else 0
    return SECONDS[run.network][run.strategy] * run.share / 100 + source


STUDY = Study(
    name="original",
    question="Are all figures of the program that this project replaces matched or beaten?",
    revision=2,
    settings={name or "softmax": recipe for name, recipe in NETWORKS.items()},
    runs=tuple(runs()),
    measure=measure,
    seconds=seconds,
    band=methods.band,
)


def beside(table):
    """Our figures beside the published ones.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.

    Returns
    -------
    pandas.DataFrame
        A row for each network, strategy, target and share, in the order of the table: the mean accuracy, the published one, and
        the margin between them with its interval over the seeds; nan where nothing was published.
    """
    of_cell = dict(list(table.groupby(["network", "strategy", "target", "share"])["test_accuracy"]))
    rows = {}
    for method, target, share in itertools.product(METHODS, (EVEN, ODD), SHARES):
        cell = (*method, target, share)
        accuracies, published = of_cell[cell], PUBLISHED.get(cell[1:], np.nan)
        margin = paired_difference(accuracies, [published] * len(accuracies))
        rows[cell] = {
            "accuracy": accuracies.mean(),
            "published": published,
            "margin": margin.value,
            "low": margin.low,
            "high": margin.high,
        }
    return as_table(rows, ["network", "strategy", "target", "share"])
