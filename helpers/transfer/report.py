"""The transfer report: from some digits to others or to images of one's own, is it worth freezing, fine-tuning or neither?"""

import math
import textwrap
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from helpers.data.mnist import DataError
from helpers.data.tasks import Task
from helpers.evidence.statistics import Estimate, mean_interval, paired_difference
from helpers.evidence.tables import ALL, points
from helpers.nn.convolution import Conv2D
from helpers.nn.network import Network
from helpers.transfer.census import NAMES
from helpers.transfer.protocol import Trial, labelled, labelled_and_rest, named, trained_source
from helpers.transfer.recipes import FEW, REGRESSIONS, REPORTED, Setting
from helpers.transfer.strategies import METHODS
from helpers.transfer.verdict import SCRATCH, judge, pairs_of, refuse_few, rivals_of

FEW_LABELS = 100  # of each class, up to which the settings for few labels hold
STEPS = 600  # at least with more: the recipe's epochs may be more
KERNEL_LIMIT = 5000  # images to learn from, shifts included: beyond, the kernel would take gigabytes
COMPARED = "scratch", "fine-tune", "frozen", "random"
OTHER = {"mlp": ("cnn", "convnet from scratch"), "cnn": ("mlp", "perceptron from scratch")}  # the other kind, a rival
SECONDS = {"mlp": 0.025e-3, "cnn": 0.19e-3}  # to train with one image, on one core
SOURCE_IMAGES = {"mlp": 400_000, "cnn": 54_000}  # that a source for images of one's own sees: ten seconds
FEWEST, MOST, LONGEST = 5, 10, 160  # repetitions, and the seconds in which there are more than the fewest
WIDTH = 100  # of the text, in characters


@dataclass(frozen=True)
class Report:
    """What `run_report` found.

    Attributes
    ----------
    source, target : str
        Their digits, or what they are called.
    labels : int or None
        Labelled images of each class; None for all.
    title, how_repeated : str
        What was asked, and what a repetition is, in words.
    rivals : dict of str to sequence of str
        What each way of transfer must beat: see `verdict.rivals_of`.
    hits : dict of str to array, (repetitions, images)
        By the method's name: 1 for a test image that it recognised, 0 for another, NaN for one that it learned from.
    accuracies : dict of str to Estimate
    differences : dict of (str, str) to Estimate
        Of accuracies, one less the other, paired.
    """

    source: str
    target: str
    labels: "int | None"
    title: str
    how_repeated: str
    rivals: dict
    hits: dict
    accuracies: dict
    differences: dict

    @property
    def repetitions(self):
        return len(self.hits[SCRATCH])

    @property
    def baseline(self):
        """The regression on the pixels that transfer must beat."""
        return list(self.hits)[-1]

    @property
    def verdict(self):
        return judge(self.differences, self.rivals, self.repetitions)

    def summary(self):
        """All of it but the hits, for a JSON file."""
        return {
            "source": self.source,
            "target": self.target,
            "labels": self.labels or "all",
            "repetitions": self.repetitions,
            "baseline": self.baseline,
            "rows": [
                {
                    "name": name,
                    "test_accuracy": value.value,
                    "interval": [value.low, value.high],
                    "repetitions": np.nanmean(self.hits[name], axis=1).tolist(),
                }
                for name, value in self.accuracies.items()
            ],
            "differences": [
                {"one": one, "other": other, "difference": value.value, "interval": [value.low, value.high]}
                for (one, other), value in self.differences.items()
            ],
            **self.verdict._asdict(),
        }

    def __str__(self):
        how_sure = (
            f"{self.how_repeated} The intervals say what other repetitions"
            " and other test images might have given, not other classes (Student's t, with the doubt about the images"
            " added); one interval in twenty misses the truth."
        )
        return "\n".join(
            [
                *textwrap.wrap(self.title, WIDTH),
                "",
                f"{'method':<40}{'test accuracy':>13}  95 % interval",
                *(
                    f"{name:<40}{share.value:>13.2%}  {share.low:.2%} to {share.high:.2%}"
                    for name, share in self.accuracies.items()
                ),
                "",
                f"{'difference':<40}{'points':>13}  95 % interval",
                *(
                    f"{f'{one} − {other}':<40}{value:>13}  {low} to {high}"
                    for (one, other), shares in self.differences.items()
                    for value, low, high in [[points(100 * share, 2) for share in shares]]
                ),
                "",
                textwrap.fill(how_sure, WIDTH),
                "",
                textwrap.fill(f"Verdict: {self.verdict.decision}. {self.verdict.reason}", WIDTH),
            ]
        )


@dataclass(frozen=True)
class Plan:
    """How much a report does in a few minutes: it depends on how long a repetition takes, never on the clock.

    Attributes
    ----------
    epochs : int
        Of the sources.
    repetitions : int
    minutes : float
        On one core.
    """

    epochs: int
    repetitions: int
    minutes: float


def plan(source, target, labels=None, *, model="mlp", epochs=None):
    """How often a report with these arguments repeats, and how long it takes: a Plan. See `run_report`."""
    own_test, own_source = isinstance(target, Task), isinstance(source, Network)
    pool, model = target.train if own_test else target, model_of(source, model)
    source_epochs = epochs or REPORTED[model].epochs
    if not (own_test or own_source or epochs):
        source_epochs = max(1, min(source_epochs, round(SOURCE_IMAGES[model] / len(source))))
    learned_from = (labels * pool.classes if labels else len(pool)) * (9 if _with_shifts(labels, pool) else 1)
    seconds = 0 if own_source else source_epochs * len(source) * SECONDS[model]
    for network, trainings in ((model, 2), (OTHER[model][0], 1)):  # frozen layers are computed once
        recipe, steps = _schedule(network, "scratch", labels, learned_from, epochs)
        steps = steps or recipe.epochs * math.ceil(learned_from / recipe.batch_size)
        seconds += trainings * steps * min(recipe.batch_size, learned_from) * SECONDS[network]
    repetitions = max(FEWEST, min(MOST, int(LONGEST / seconds)))
    return Plan(source_epochs, repetitions, repetitions * seconds / 60)


def model_of(source, model):
    """What kind of network learns, a key of `REPORTED`: like a source of one's own, if there is one."""
    if isinstance(source, Network):
        return "cnn" if _convolutions(source) else "mlp"
    return model


def _with_shifts(labels, pool):
    """Whether all methods get the shifts of the labelled images: where the kernel can."""
    return bool(labels) and 9 * labels * pool.classes <= KERNEL_LIMIT


def run_report(source, target, labels=None, *, model="mlp", seed=0, epochs=None, repetitions=None, progress=False):
    """Learn some digits, transfer to a target in every way, several times over, and compare.

    Parameters
    ----------
    source : Part or Network
        What each repetition trains a network on first; or a network that all repetitions start from.
    target : Task or Part
        A task has test images. Of a part, what is not labelled in a repetition is tested on.
    labels : int, optional
        Labelled images of each of the target's classes; all training images of a task if not given. Where the kernel
        can, all methods also get their shifts by one pixel.
    model : str
        The network, a key of `REPORTED`. One of the other kind, trained from scratch, is a rival.
    seed : int
        Everything random follows from it; two seeds share nothing.
    epochs : int, optional
        Of the sources, and with all labels of every training; as in `plan` if not given.
    repetitions : int, optional
        At least three; as in `plan` if not given.
    progress : bool
        Show a progress bar for each training.

    Returns
    -------
    Report

    Raises
    ------
    ValueError
        The repetitions are too few, or a network does not read images of 28 × 28; as a DataError, that a class has too
        few images.
    KeyboardInterrupt
        A training was interrupted.
    """
    own_test = isinstance(target, Task)
    pool = target.train if own_test else target
    _check_labels(pool, labels, own_test)
    if isinstance(source, Network):
        _check_network(source)
    planned = plan(source, target, labels, model=model, epochs=epochs)
    repetitions = repetitions or planned.repetitions
    refuse_few(repetitions)
    model = model_of(source, model)
    other, others_name = OTHER[model]
    shifts = _with_shifts(labels, pool)
    regression = "kernel" if labels and labels * pool.classes <= KERNEL_LIMIT else "softmax"
    names = {**{key: METHODS[key].name for key in COMPARED}, other: others_name, regression: METHODS[regression].name}
    asked = target.test if own_test else target
    hits = {key: np.full((repetitions, len(asked)), np.nan) for key in names}

    def repeat(number):
        """Everything once."""
        own = seed * repetitions + number
        bars = {key: progress and f"{number + 1} of {repetitions}: {name}" for key, name in names.items()}
        network = source
        if not isinstance(source, Network):
            recipe = replace(REPORTED[model], epochs=planned.epochs)
            network = trained_source(
                source, own, recipe, progress=progress and f"{number + 1} of {repetitions}: source"
            )
        if own_test:
            learn, test, places = labelled(pool, labels or ALL, own), target.test, slice(None)
        else:
            learn, test, places = labelled_and_rest(pool, labels, own)
        learn = learn.with_shifts() if shifts else learn
        for key in COMPARED:
            trial = _trial(network, learn, own, model, key, labels, epochs)
            cut = METHODS[key].cut_at(_last_frozen(network))
            hits[key][number, places] = trial.predict(key, test, progress=bars[key], **cut) == test.labels
        start = REPORTED[other].network(pool.classes, seed=0)
        trial = _trial(start, learn, own, other, "scratch", labels, epochs)
        hits[other][number, places] = trial.predict("scratch", test, progress=bars[other]) == test.labels
        if labels or not number:  # from all labels a regression learns the same again
            chosen = REGRESSIONS[regression] if labels and labels <= FEW_LABELS else {}
            hits[regression][number, places] = trial.predict(regression, test, **chosen) == test.labels
        else:
            hits[regression][number] = hits[regression][0]

    for number in range(repetitions):
        repeat(number)
    hits = {names[key]: right[:, ~np.isnan(right).all(axis=0)] for key, right in hits.items()}
    rivals = rivals_of(SCRATCH, others_name, names[regression])
    whole = {name: completed(right) for name, right in hits.items()}
    return Report(
        source="network" if isinstance(source, Network) else named(source),
        target=named(target) if own_test else target.name,
        labels=labels,
        title=_title(source, target, labels),
        how_repeated=_how_repeated(source, target, labels, shifts, hits[SCRATCH]),
        rivals=rivals,
        hits=hits,
        accuracies={name: _within_bounds(mean_interval(right)) for name, right in whole.items()},
        differences={(one, other): paired_difference(whole[one], whole[other]) for one, other in pairs_of(rivals)},
    )


def completed(hits):
    """Hits with something in the place of NaN, so that all repetitions are of the same images.

    An image that a repetition learned from gets what the image and the repetition lead to expect: its mean in the others,
    moved by how much this repetition is above the mean on the images that it was tested on. So repetitions keep their
    spread, and their interplay with images, estimated too low, makes the doubt about images too large rather than too
    small.

    Parameters
    ----------
    hits : array, (repetitions, images)
        Each image has a value in some repetition, and each repetition for some image.

    Returns
    -------
    float array, (repetitions, images)
    """
    missing = np.isnan(hits)
    of_image = np.broadcast_to(np.nanmean(hits, axis=0), hits.shape)
    above = np.nanmean(np.where(missing, np.nan, hits - of_image), axis=1, keepdims=True)
    return np.where(missing, of_image + above, hits)


def _within_bounds(accuracy):
    """An accuracy's interval without what lies below 0 or above 1."""
    return Estimate(accuracy.value, max(accuracy.low, 0.0), min(accuracy.high, 1.0))


def _schedule(model, key, labels, learned_from, epochs):
    """How a strategy trains: a recipe, and how many steps if not its epochs."""
    recipe = REPORTED[model]
    if labels and labels <= FEW_LABELS:
        setting = FEW[model][key]
        return replace(recipe, learning_rate=setting.rate, dropout=setting.dropout), setting.steps
    steps = labels and max(STEPS, recipe.epochs * math.ceil(learned_from / recipe.batch_size))
    return replace(recipe, epochs=epochs or recipe.epochs), steps


def _trial(network, learn, seed, model, key, labels, epochs):
    """What one of the strategies is given: the settings for few labels, or the recipe's."""
    recipe, steps = _schedule(model, key, labels, len(learn), epochs)
    usual = REPORTED[model].network(network.classes, seed=0)
    if steps and (network.names, network.output_shapes) == (usual.names, usual.output_shapes):
        setting = Setting(recipe.learning_rate, steps, recipe.dropout)
        return Trial.few(network, learn, seed, REPORTED[model], setting)
    return Trial(network, learn, seed, recipe, steps)  # a network of another architecture keeps its own dropout


def _convolutions(network):
    return [name for name in network if isinstance(network[name], Conv2D)]


def _last_frozen(network):
    """The layer up to which transfer freezes a network: its last convolution, or its first layer with weights."""
    with_weights = [name for name in network if network[name].parameters()]
    return (_convolutions(network) or with_weights)[-1 if _convolutions(network) else 0]


def _check_network(network):
    """Refuse a network that reads other images, or that is all head."""
    if math.prod(network.input_shape) != 784:
        raise ValueError(
            f"a source must read images of 28 × 28 pixels, but this network's input is {network.input_shape}"
        )
    if _last_frozen(network) == network.names[-1]:
        raise ValueError("this network is all head: there is no layer below it that could be carried over")


def _check_labels(pool, labels, own_test):
    """Refuse more labels than a class has images."""
    counts, spare = pool.counts(), 0 if own_test else 1
    most, fewest = counts.min() - spare, pool.digits[counts.argmin()]
    if labels is None and not own_test:
        raise ValueError("say how many images of each class are labelled: the others are tested on")
    if labels and labels > most:
        rest = "" if own_test else ", and at least one is needed to test on"
        advice = f"; choose at most {most:,}" if most > 0 else f"; add images of {fewest}"
        raise DataError(
            f"{labels:,} labelled images of each {'digit' if own_test else 'class'} were asked for, but of {fewest} there"
            f" are only {counts.min():,}{rest}{advice}"
        )


def _title(source, target, labels):
    """What is asked, in words."""
    own_test = isinstance(target, Task)
    one, other = "a network of your own", f"{target.name if own_test else Path(target.name).name}"
    if not isinstance(source, Network):
        digits = named(source)
        one = "all digits" if len(digits) == 10 else NAMES.get(digits, digits)
    if own_test:
        other = NAMES.get(named(target), named(target))
    given = f"{labels:,} labelled image{'s' * (labels > 1)} of each" if labels else "all labelled images"
    kind = f" {'digit' if own_test else 'class'}" if labels else ""
    return f"From {one} to {other}, with {given}{kind}"


def _how_repeated(source, target, labels, shifts, hits):
    """What a repetition is, in words."""
    own = [*["labels"] * bool(labels), *["a source"] * (not isinstance(source, Network)), "random values"]
    tested = ""
    if not isinstance(target, Task):
        tested = f", and is tested on the {np.isfinite(hits[0]).sum():,} images that it does not learn from"
    start = " All start from the same source." * isinstance(source, Network)
    more = ", and also learn from the labelled images' eight shifts by a pixel" * shifts
    return (
        f"{len(hits)} repetitions: each has {', '.join(own)} and an order of images of its own{tested}.{start}"
        f" All methods share them{more}: differences are paired."
    )
