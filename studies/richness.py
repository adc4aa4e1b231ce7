"""Richness: how many images must a source have learned from, and how wide must the network be, for transfer to pay?

Question
    How does the gain over scratch grow with the images of the source, for narrow and wide networks of both kinds?

Conditions
    Sources of 30 to all images a class, all trained for the same number of steps: that of the recipe's epochs on all
    images. Smaller sources are subsets of larger ones. Three widths of the convolutional network and two of the
    perceptron; a source's recipe differs in nothing but its width. On the target, settings of `recipes.FEW`: the widths
    of the convolutional network share one, the perceptrons have one each. Ten labels a class with their eight shifts,
    odd → even and even → odd, five seeds; three labels too for the network of the other studies, 16-32-128. To save time,
    the other two convolutional networks have three of the five sources, and the widest has three seeds.

Controls
    Scratch and random frozen layers of the same width, on the same images.

Readout
    `gains`: paired by seed, over scratch or over random layers of the same width. `slopes`: points for each tenfold of
    the source's images, one slope a seed.

Cost
    About 30 minutes on two cores, most of it for the sources of the convolutional networks.
"""

import functools
import itertools
import math
from dataclasses import dataclass, replace

import numpy as np

from helpers.evidence.tables import ALL
from helpers.nn.training import evaluate
from helpers.randomness import streams
from helpers.transfer import protocol
from helpers.transfer.census import EVEN, ODD
from helpers.transfer.recipes import CONVNET, MLP
from studies import few, methods
from studies.engine.study import Outcome, Study
from studies.readout import as_table, by_seed, compared, compared_runs

# Which network of `few.NETWORKS` lends its setting, and the source's recipe: by the width, which is the run's option.
WIDTHS = {
    "8-16-64": ("cnn", replace(CONVNET, filters=(8, 16), hidden=(64,))),
    "16-32-128": ("cnn", CONVNET),
    "32-64-256": ("cnn", replace(CONVNET, filters=(32, 64), hidden=(256,))),
    "128-64": ("small", replace(MLP, hidden=(128, 64))),
    "512-128": ("mlp", MLP),
}
NARROWEST, USUAL, WIDEST = "8-16-64", "16-32-128", "32-64-256"
IMAGES = 30, 100, 300, 1000, ALL
FEWER = 30, 300, ALL  # for the narrowest and the widest convolutional network
STRATEGIES = "scratch", "random", "fine-tune", "frozen"
EVERYTHING = 5400  # images a class that "all" stands for, about, on the axis of a dose
SHIFTS = 1


@dataclass(frozen=True, kw_only=True)
class RichnessRun(few.FewRun):
    """The option is the width, a key of `WIDTHS`; `images` are those of each class that the source learned, 0 without one."""

    option: str
    images: float = 0


def runs():
    """All runs: width by width, and source by source."""
    for option, target in itertools.product(WIDTHS, (EVEN, ODD)):
        seeds = range(3 if option == WIDEST else 5)
        doses = FEWER if option in (NARROWEST, WIDEST) else IMAGES
        for seed, labels in itertools.product(seeds, (10, 3) if option == USUAL else (10,)):
            for strategy in STRATEGIES:
                for images in doses if strategy in few.WITH_SOURCE else (0,):
                    yield _run(option, target, seed, labels, strategy, images)


def _run(option, target, seed, labels, strategy, images=0):
    source = ODD if target == EVEN else EVEN
    return RichnessRun(
        source=source if images else "",
        target=target,
        strategy=strategy,
        labels=labels,
        seed=seed,
        draw=seed,
        network=WIDTHS[option][0],
        shifts=SHIFTS,
        option=option,
        images=images,
    )


def source_part(digits, seed, images):
    """What a source learns from: so many images of each class, a Part."""
    part = methods.task(digits).train
    [drawing] = streams(seed, f"source {digits} images")
    return part if images == ALL else part.subset(int(images), drawing)


def source_steps(digits, recipe):
    """How long every source of a recipe is trained, however few its images are."""
    return recipe.epochs * math.ceil(len(methods.task(digits).train) / recipe.batch_size)


@functools.lru_cache(maxsize=4)
def trained_source(digits, seed, option, images):
    """The network of one width that has learned so many images a class. Nobody may change it."""
    network, recipe = WIDTHS[option]
    if images == ALL and recipe == few.NETWORKS[network]:
        return few.trained_source(digits, seed, network)
    steps = source_steps(digits, recipe)
    return few.kept_source(source_part(digits, seed, images), seed, recipe, epochs=None, steps=steps)


def measure(run):
    """The hits of one run on the target's test images."""
    _, recipe = WIDTHS[run.option]
    part, test = methods.labelled(run).with_shifts(), methods.task(run.target).test
    if run.source:
        source = trained_source(run.source, run.seed, run.option, run.images)
    else:
        source = recipe.network(part.classes, seed=0)
    network = protocol.Trial.few(source, part, run.seed, recipe, few.setting_of(run)).learn(run.strategy)
    return Outcome(evaluate(network, test, threads=1).predictions == test.labels)


NAMES = ["option", "target", "labels", "strategy", "images"]


def gains(table, control="scratch", hits=None):
    """What every source gains over a control of the same width.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.
    control : str
        "scratch" or "random".
    hits : object array, optional
        As in `readout.compared_runs`.

    Returns
    -------
    pandas.DataFrame
        A row for each width ("option"), target, number of labels, strategy and number of images of the source: the mean
        accuracy, and the gain with its interval over the seeds. The other control has 0 images.
    """
    groups = dict(list(table.groupby(NAMES, sort=False)))
    found = {
        key: compared_runs(rows, groups[(*key[:3], control, 0)], hits)
        for key, rows in groups.items()
        if key[3] != control
    }
    return as_table(found, NAMES)


def slopes(table, hits=None):
    """How many points each tenfold of the source's images adds: the dose and its response.

    Parameters
    ----------
    table, hits
        As in `gains`.

    Returns
    -------
    pandas.DataFrame
        A row for each width ("option"), target, number of labels and strategy: the least-squares slope of the accuracy
        along log10(images), as a "gain" with its interval over the seeds.
    """
    found = {}
    for key, rows in table[table["images"] > 0].groupby(NAMES[:-1], sort=False):
        of_dose = {dose: by_seed(of_dose, hits) for dose, of_dose in rows.groupby("images")}
        tenfolds = np.log10(np.minimum(list(of_dose), EVERYTHING))
        tenfolds -= tenfolds.mean()
        slope = np.tensordot(tenfolds / (tenfolds**2).sum(), np.stack(list(of_dose.values())), 1)
        of_slope = compared(slope, np.zeros_like(slope))
        found[key] = {name: of_slope[name] for name in ("gain", "low", "high")}
    return as_table(found, NAMES[:-1])


STEP = {"8-16-64": 0.09e-3, "16-32-128": 0.16e-3, "32-64-256": 0.45e-3, "128-64": 0.008e-3, "512-128": 0.028e-3}
STEPS = {"cnn": 1075, "small": 2580, "mlp": 2580}  # of a source


def seconds(run):
    """The estimate for one run on one core; fine-tuning and freezing share a source, which fine-tuning pays for."""
    usual = few.REST[run.network] * (2.5 if run.option == WIDEST else 1)
    tuned = few.setting_of(run).steps * (batch(5 * 9 * run.labels) + 5) * STEP[run.option]
    spent = 2 * usual if run.strategy in ("frozen", "random") else usual + tuned
    known = run.images == ALL and run.option in (USUAL, "512-128")  # from the study `curves`
    if run.strategy == "fine-tune" and run.labels == 10 and not known:
        spent += STEPS[run.network] * (batch(5 * run.images) + 5) * STEP[run.option]
    return spent


def batch(images):
    """How many images a batch has, in the mean over an epoch."""
    return 128 if images == ALL else images / math.ceil(images / 128)


def together(run):
    """The runs of a source travel together, so that one process trains it."""
    return f"{run.option} {run.source} {run.seed} {run.images}"


STUDY = Study(
    name="richness",
    question="How many images must a source have learned from, and how wide must the network be, for transfer to pay?",
    revision=1,
    settings={
        **{option: recipe for option, (_, recipe) in WIDTHS.items()},
        **{f"{name} {key}": few.FEW[name][key] for name in ("cnn", "small", "mlp") for key in STRATEGIES},
    },
    runs=tuple(runs()),
    measure=measure,
    seconds=seconds,
    band=methods.band,
    together=together,
)
