"""The transfer report: on one split of the digits, is it worth freezing, fine-tuning or neither?"""

import math
import textwrap
from dataclasses import dataclass, replace

import numpy as np

from helpers.data.mnist import DataError
from helpers.data.tasks import Part, digit_task
from helpers.evidence.statistics import mean_interval, paired_difference
from helpers.evidence.tables import ALL, points
from helpers.transfer.census import split_name, split_of
from helpers.transfer.protocol import Trial, labelled, trained_source
from helpers.transfer.recipes import MLP
from helpers.transfer.strategies import BASELINES, METHODS
from helpers.transfer.verdict import SCRATCH, judge, pairs_of, refuse_few, rivals_of

STEPS = 600  # at least, as in the study `labels`: on very many labels the recipe's epochs are more
KERNEL_LIMIT = 1000  # labels a class: beyond, the kernel would take gigabytes
COMPARED = "scratch", "fine-tune", "frozen", "random"
WIDTH = 100  # of the text, in characters


@dataclass(frozen=True)
class Report:
    """What `run_report` found.

    Attributes
    ----------
    source, target : str
        Their digits.
    labels : int or None
        Labelled images of each class; None for all.
    baseline : str
        The best method without transfer and without a network, by validation.
    hits : dict of str to bool array, (repetitions, images)
        By the method's name: which test images it recognised.
    accuracies : dict of str to Estimate
    differences : dict of (str, str) to Estimate
        Of accuracies, one less the other, paired.
    """

    source: str
    target: str
    labels: int
    baseline: str
    hits: dict
    accuracies: dict
    differences: dict

    @property
    def repetitions(self):
        return len(self.hits[SCRATCH])

    @property
    def title(self):
        given = f"{self.labels:,} labelled images of each digit" if self.labels else "all labelled images"
        return f"{split_name(self.source).capitalize()}, with {given}"

    @property
    def verdict(self):
        return judge(self.differences, rivals_of(SCRATCH, self.baseline), self.repetitions)

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
                    "repetitions": self.hits[name].mean(axis=1).tolist(),
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
        own = f"{'labels, ' if self.labels else ''}a source, random values and an order of images"
        how_sure = (
            f"{self.repetitions} repetitions, each with {own} of its own, shared by all methods: differences are paired."
            " The intervals say what other repetitions and other test images might have given, not other digits"
            " (Student's t, with the doubt about the images added); one interval in twenty misses the truth."
            f" {self.baseline.capitalize()}, on the pixels, is the best regression by the validation images."
        )
        return "\n".join(
            [
                self.title,
                "",
                f"{'method':<38}{'test accuracy':>13}  95 % interval",
                *(
                    f"{name:<38}{share.value:>13.2%}  {share.low:.2%} to {share.high:.2%}"
                    for name, share in self.accuracies.items()
                ),
                "",
                f"{'difference':<38}{'points':>13}  95 % interval",
                *(
                    f"{f'{one} − {other}':<38}{value:>13}  {low} to {high}"
                    for (one, other), shares in self.differences.items()
                    for value, low, high in [[points(100 * share, 2) for share in shares]]
                ),
                "",
                textwrap.fill(how_sure, WIDTH),
                "",
                textwrap.fill(f"Verdict: {self.verdict.decision}. {self.verdict.reason}", WIDTH),
            ]
        )


def repetitions_of(labels):
    """How many repetitions so many labels a class get, so that a report takes a few minutes: an int."""
    return 10 if labels and labels <= 100 else 5


def run_report(mnist, source, labels=None, *, seed=0, recipe=MLP, epochs=None, repetitions=None, progress=False):
    """Learn some digits, transfer to the others in every way, several times over, and compare.

    Parameters
    ----------
    mnist : Mnist
    source : str
        The five digits to learn first, in any order: "01478".
    labels : int, optional
        Labelled images of each of the other digits; all of their training images if not given.
    seed : int
        Everything random follows from it; two seeds share nothing.
    recipe : Recipe
        Of all networks.
    epochs : int, optional
        Of the sources, and with all labels of every training; the recipe's if not given.
    repetitions : int, optional
        At least three; `repetitions_of(labels)` if not given.
    progress : bool
        Show a progress bar for each training.

    Returns
    -------
    Report

    Raises
    ------
    ValueError
        This is no split, or the repetitions are too few; as a DataError, that a class has too few images.
    KeyboardInterrupt
        A training was interrupted.
    """
    source, target = split_of(source)
    first, second = (digit_task(mnist, map(int, digits)) for digits in (source, target))
    counts = second.train.counts()
    if labels and labels > counts.min():
        raise DataError(
            f"{labels:,} labelled images of each digit were asked for, but of digit {target[counts.argmin()]} there are"
            f" only {counts.min():,} to learn from; choose at most that many"
        )
    repetitions = repetitions or repetitions_of(labels)
    refuse_few(repetitions)
    steps = labels and max(STEPS, recipe.epochs * math.ceil(5 * labels / recipe.batch_size))
    recipe = replace(recipe, epochs=epochs or recipe.epochs)
    candidates = [key for key in BASELINES if key != "kernel" or (labels and labels <= KERNEL_LIMIT)]
    asked = _together(second.validation, second.test)
    hits = {key: [] for key in (*COMPARED, *candidates)}

    def repeat(seed, title):
        """Everything once, as the study `labels` does it with this seed."""
        bar = progress and f"{title}: source {source}"
        network = trained_source(first.train, seed, recipe, progress=bar)
        trial = Trial(network, labelled(second.train, labels or ALL, seed), seed, recipe, steps)
        for key in COMPARED:
            bar = progress and f"{title}: {METHODS[key].name}"
            hits[key].append(trial.predict(key, second.test, progress=bar) == second.test.labels)
        for key in candidates:
            if labels or not hits[key]:  # from all labels a regression learns the same again
                hits[key].append(trial.predict(key, asked) == asked.labels)

    for number in range(repetitions):
        repeat(seed * repetitions + number, f"{number + 1} of {repetitions}")
    in_validation = len(second.validation)
    best = max(candidates, key=lambda key: np.mean([right[:in_validation] for right in hits[key]]))
    hits = {METHODS[key].name: np.array(hits[key]) for key in (*COMPARED, best)}
    baseline = METHODS[best].name
    hits[baseline] = np.broadcast_to(hits[baseline][:, in_validation:], hits[SCRATCH].shape)
    accuracies = {name: mean_interval(right) for name, right in hits.items()}
    pairs = pairs_of(rivals_of(SCRATCH, baseline))
    differences = {(one, other): paired_difference(hits[one], hits[other]) for one, other in pairs}
    return Report(source, target, labels, baseline, hits, accuracies, differences)


def _together(*parts):
    """Several parts as one."""
    images, labels = (np.concatenate([getattr(part, array) for part in parts]) for array in ("images", "labels"))
    return Part(images, labels, parts[0].digits, " and ".join(part.name for part in parts))
