"""What is compared: the strategies of transfer and the methods without one, all by the same rules.

Each random factor has a stream of its own. The labelled images follow from the target and the draw, and fewer of them
are among the more; a source follows from its digits and its seed; random layers, heads, the order of the images and
dropout on the target follow from the target and the seed. So strategies share all they can, and adding one changes no
other's result.
"""

import functools
from dataclasses import dataclass

import numpy as np

from helpers.data.mnist import load_mnist
from helpers.data.tasks import Part, digit_task
from helpers.nn.network import Network
from helpers.nn.optimizers import Adam
from helpers.nn.training import evaluate, fit
from helpers.randomness import streams
from helpers.transfer import baselines, strategies
from helpers.transfer.recipes import Recipe
from studies.engine.study import ALL, Outcome


@functools.lru_cache(maxsize=8)  # a task takes 30 MB, and the census has 252 of them
def task(digits):
    """The task of some digits, such as "13579"."""
    return digit_task(_mnist(), map(int, digits))


@functools.cache
def _mnist():
    return load_mnist()


@functools.lru_cache(maxsize=32)  # so a process trains each source once; the largest takes 7 MB
def trained_source(digits, seed, recipe):
    """The network that a recipe makes of all training images of some digits. Nobody may change it.

    Raises
    ------
    KeyboardInterrupt
        The training was interrupted.
    """
    network = random_source(digits, seed, recipe)
    [training] = streams(seed, f"source {digits} training")
    history = fit(network, task(digits).train, seed=training, threads=1, progress=False, **recipe.options())
    if history.interrupted:
        raise KeyboardInterrupt(f"the training of source {digits} was interrupted")
    return network


def random_source(digits, seed, recipe):
    """The network that `trained_source` starts from: all its values are random."""
    [layers] = streams(seed, f"source {digits} layers")
    return recipe.network(len(digits), layers)


def labelled(run):
    """The images of the target that a run learns from: a Part."""
    train = task(run.target).train
    [drawing] = streams(run.draw, f"target {run.target} labels")
    return train if run.labels == ALL else train.subset(int(run.labels), drawing)


@dataclass(frozen=True)
class Lesson:
    """All that a method is given to learn a target."""

    source: Network  # trained, or of random values for a method that uses only its architecture
    part: Part
    seed: np.random.Generator
    recipe: Recipe
    steps: int  # None: the recipe's epochs

    def options(self):
        """For `fit`."""
        time = {"epochs": None, "steps": self.steps} if self.steps else {}
        return {**self.recipe.options(), "seed": self.seed, "threads": 1, "progress": False, **time}


def measure(run, recipe, steps, **settings):
    """Do what a run says, and count its hits on the target's test images.

    Parameters
    ----------
    run : Run
        Its strategy is a key of `METHODS`.
    recipe : Recipe
        Of source and target.
    steps : int
        Of training on few labels; on all of them the recipe's epochs are used.
    **settings
        Others than the method's usual ones.

    Returns
    -------
    Outcome
    """
    test = task(run.target).test
    return Outcome(predict(run, recipe, steps, test, **settings) == test.labels)


def predict(run, recipe, steps, images, **settings):
    """The classes that a run gives to a part's images, an int array (N,): see `measure`."""
    method = METHODS[run.strategy]
    if bool(run.source) != (run.strategy in WITH_SOURCE):
        raise ValueError(f"{run.strategy} needs {'no' if run.source else 'a'} source, but the run says {run.source!r}")
    source = trained_source(run.source, run.seed, recipe) if run.source else recipe.network(len(run.target), seed=0)
    [seed] = streams(run.seed, f"target {run.target}")
    lesson = Lesson(source, labelled(run), seed, recipe, None if run.labels == ALL else steps)
    return method(lesson, images, **settings)


def band(run):
    """By how much the accuracy of a run may differ on another machine.

    Measured with another processor's kernels (OPENBLAS_CORETYPE=Nehalem for Haswell), 145 runs. A source's long training
    blows rounding up, so what is transferred from it differed by up to 0.041 with one label, 0.031 with three, 0.016
    with ten and 0.004 with thirty; all else by less than 0.001.
    """
    if not run.source:
        return 0.01 if run.labels == ALL else 0.003
    return 0.06 if run.labels < 10 else 0.03 if run.labels < 30 else 0.01


def scratch(lesson, images):
    """Train a network from random values: the control of every transfer."""
    network, _ = strategies.from_scratch(lesson.source, lesson.part, **lesson.options())
    return evaluate(network, images, threads=1).predictions


def fine_tune(lesson, images, learning_rate=None):
    """Train all layers on, from the source's values."""
    options = lesson.options()
    if learning_rate:
        options["optimizer"] = Adam(learning_rate)
    network, _ = strategies.fine_tune(lesson.source, lesson.part, **options)
    return evaluate(network, images, threads=1).predictions


def head_then_all(lesson, images):
    """Train the head alone in the first quarter of the steps, then all layers, at the rate of `fine_tune`."""
    options, rate = lesson.options(), lesson.recipe.learning_rate
    del options["optimizer"]
    network, _ = strategies.head_then_all(
        lesson.source, lesson.part, head_learning_rate=rate, learning_rate=rate, **options
    )
    return evaluate(network, images, threads=1).predictions


def frozen(lesson, images):
    """Freeze the source's layers up to the recipe's last one to freeze, train the others on."""
    network, _ = strategies.frozen_features(
        lesson.source, lesson.part, upto=lesson.recipe.last_frozen, **lesson.options()
    )
    return evaluate(network, images, threads=1).predictions


def random_frozen(lesson, images):
    """The same with random layers in place of the source's: the control of `frozen`."""
    network, _ = strategies.random_features(
        lesson.source, lesson.part, upto=lesson.recipe.last_frozen, **lesson.options()
    )
    return evaluate(network, images, threads=1).predictions


def probe(lesson, images, penalty=baselines.PENALTY):
    """Softmax regression, to the very end, on what the source's last hidden layer makes of the images."""
    return _probe(lesson.source, lesson.part, images, penalty)


def random_probe(lesson, images, penalty=baselines.PENALTY):
    """The same with random layers, the ones that `random_frozen` has: the control of `probe`."""
    layers, *_ = streams(lesson.seed, *strategies.FACTORS)
    return _probe(lesson.source.reinitialized(layers), lesson.part, images, penalty)


def _probe(network, part, images, penalty):
    features = network.body()

    def compute(part):
        pieces = np.array_split(np.arange(len(part)), -(-len(part) // 1000))
        return np.concatenate([features.forward(part.inputs(network.input_shape, rows=rows)) for rows in pieces])

    weights = baselines.softmax_regression(compute(part), part.labels, part.classes, penalty)
    return baselines.predict(weights, compute(images))


def softmax(lesson, images, penalty=baselines.PENALTY):
    """Softmax regression on the pixels, to the very end."""
    weights = baselines.softmax_regression(lesson.part.inputs((784,)), lesson.part.labels, lesson.part.classes, penalty)
    return baselines.predict(weights, images.inputs((784,)))


def kernel_ridge(lesson, images, depth=baselines.KERNEL_DEPTH, ridge=baselines.KERNEL_RIDGE):
    """Kernel ridge regression on the pixels."""
    return baselines.kernel_ridge(lesson.part, images, depth, ridge)


METHODS = {
    "scratch": scratch,
    "fine-tune": fine_tune,
    "fine-tune-slow": functools.partial(fine_tune, learning_rate=3e-4),
    "head-then-all": head_then_all,
    "frozen": frozen,
    "random": random_frozen,
    "probe": probe,
    "random-probe": random_probe,
    "softmax": softmax,
    "kernel": kernel_ridge,
}
WITH_SOURCE = {"fine-tune", "fine-tune-slow", "head-then-all", "frozen", "probe"}
