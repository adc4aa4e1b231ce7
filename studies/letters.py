"""Letters: do digits help with alphabets that nobody chose?

Question
    What is a source of digits worth for telling five letters of an alphabet apart, from one, three or five drawings of
    each, and does a nearer source, letters of other alphabets, do better?

Data
    Omniglot's letters: see `omniglot`. They go through `strokes.rasterise`, as the drawings of a reader do.

Conditions
    A task is five letters of one of five alphabets; ten people's drawings to learn from, ten other people's to test. No
    setting was chosen on letters. Ten sources a kind: odd digits, all ten digits, letters of the other four alphabets.
    The source of letters has their shifts, and as many steps as that of odd digits.

Controls
    Scratch, random layers frozen, kernel ridge regression and the nearest mean, on the same images.

Readout
    Paired by task. Tasks are drawn by chance; they share five alphabets, twenty people for each, and ten sources.

Cost
    About two hours on two cores.
"""

import functools
import itertools
import math

import numpy as np

from helpers.data.tasks import Part
from helpers.randomness import streams
from helpers.transfer.census import ODD
from studies import few, methods, omniglot
from studies.engine.study import Outcome, Study

TASKS = range(200)
LABELS, LETTERS = (1, 3, 5), 5
SOURCES = 10  # of each kind; a task has that of its number's last digit
DIGITS, OTHER_LETTERS = "0123456789", "letters"
WAYS = (  # of transfer, each source with all that is asked of it; the first two also without shifts
    *((DIGITS, strategy) for strategy in ("fine-tune", "frozen", "head-then-all")),
    *((OTHER_LETTERS, strategy) for strategy in ("fine-tune", "frozen")),
    (ODD, "frozen"),
)
ALPHABETS = "Balinese", "Early_Aramaic", "Greek", "Korean", "Latin"


def runs():
    """All runs, task by task."""
    for number in TASKS:
        for shifts, labels, network in itertools.product((1, 0), LABELS, ("cnn", "mlp")):
            for strategy in ("scratch", "random"):
                yield _run("", number, strategy, labels, shifts, network)
            for source, strategy in WAYS if shifts else WAYS[:2]:
                yield _run(source, number, strategy, labels, shifts, network)
        for shifts, labels, strategy in itertools.product((1, 0), LABELS, few.RIVALS):
            yield _run("", number, strategy, labels, shifts, "")


def _run(source, number, strategy, labels, shifts, network):
    return few.FewRun(
        source=source,
        target=f"{ALPHABETS[number % len(ALPHABETS)]} {number}",
        strategy=strategy,
        labels=labels,
        seed=number,
        draw=number,
        network=network,
        shifts=shifts,
    )


def task(number):
    """Five letters of one alphabet: the drawings of ten people to learn from, and of the other ten to test; two Parts."""
    alphabet = ALPHABETS[number % len(ALPHABETS)]
    images = omniglot.images()[alphabet]
    [rng] = streams(number, "letters")
    names = sorted(rng.choice(sorted(images), LETTERS, replace=False))
    hands = rng.permutation(omniglot.HANDS)
    learn, test = hands[: omniglot.HANDS // 2], hands[omniglot.HANDS // 2 :]
    return tuple(_part(alphabet, {name: images[name][some] for name in names}) for some in (learn, test))


def _part(name, images):
    """A Part of some letters' images."""
    labels = np.repeat(np.arange(len(images)), [len(many) for many in images.values()])
    return Part(np.concatenate(list(images.values())), labels, tuple(images), name)


def labelled(learn, count):
    """The first so many drawings of each letter: a Part."""
    rows = np.flatnonzero(np.arange(len(learn)) % (len(learn) // learn.classes) < count)
    return Part(learn.images[rows], learn.labels[rows], learn.digits, learn.name)


@functools.lru_cache(maxsize=8)
def trained_source(source, alphabet, seed, network):
    """A network that has learned digits, or the letters of all alphabets but one."""
    if source != OTHER_LETTERS:
        return few.trained_source(source, seed, network)

    letters = {
        f"{other} {letter}": images
        for other, of_other in omniglot.images().items()
        if other != alphabet
        for letter, images in of_other.items()
    }
    recipe, odd = few.NETWORKS[network], methods.task(ODD).train
    steps = recipe.epochs * math.ceil(len(odd) / recipe.batch_size)
    return few.kept_source(_part("letters", letters).with_shifts(), seed, recipe, epochs=None, steps=steps)


def measure(run):
    """The hits of one run on the drawings of the ten people that it has not seen."""
    learn, test = task(run.seed)
    alphabet, source = ALPHABETS[run.seed % len(ALPHABETS)], None
    if run.source:
        source = trained_source(run.source, alphabet, run.seed % SOURCES, run.network)
    return Outcome(few.predict(run, labelled(learn, int(run.labels)), test, source) == test.labels)


def seconds(run):
    """The estimate for one run on one core, its source left out."""
    return few.seconds(run) * 0.9


def band(run):
    """By how much the accuracy of a run may differ on another machine: five of fifty images."""
    return 0.1


def together(run):
    """The runs of a task travel with the source that they share."""
    return str(run.seed)


STUDY = Study(
    name="letters",
    question="Do digits help with alphabets that nobody chose? Five letters, one to five drawings of each",
    revision=1,
    settings={
        **few.conditions("mlp", "cnn"),
        "letters": f"{LETTERS} of an alphabet, ten hands to learn from, ten to test",
    },
    runs=tuple(runs()),
    measure=measure,
    seconds=seconds,
    band=band,
    together=together,
)
