"""Memory: what does learning a new task cost the old one, and what of it can be kept or recovered?

Question
    After training on a new task, how well does the network still do the old one, and how well the new? What do a smaller
    learning rate, a pull towards the old values and a few old images change? And how much was only out of balance?

Conditions
    A perceptron, SMALL, with ten seeds, and the convolutional network, CONVNET, with four and a smaller grid; odd then
    even and even then odd, each seed with a draw of images of its own. 100 labels a class of the new task, as they are:
    with that many, shifts add little, and the pull and the replay need no second kind of image. Steps and dropout are
    those of fine-tuning in `recipes.FEW`; the rate is the grid's. Body shared, a head for each task. The old task is
    measured with the old head on the body as the new task leaves it.

Strategies
    plain: fine-tuning. l2: the loss also has strength/2 times the squared distance of the body's values from the source's
    (L2-SP: Li, Grandvalet and Davoine, 2018). replay: each step also learns from ten old images a class, body and old
    head. joint: the same with all old images, which nobody has who calls it forgetting: the goal (as in Li and Hoiem,
    2016, it starts from the source as well).

Recovery, from one old image a class
    biases: only the old head's five biases are fitted anew, by cross-entropy. As its gradient with respect to a bias is a
    difference of counts, it does not even matter which image has which label. Controls: fresh, a new head fitted to what
    the body makes of the same five images; random, the same with a body of random values.

Readout
    In `memory_readout`: old against new accuracy; each strategy at two optima, by validation images of the *opposite*
    direction. The joint optimum has the best mean of both accuracies; the plain optimum has the best accuracy on the new
    task alone, as somebody would choose who does not look back. What the pull does to the new task depends on that.

Cost
    About 20 minutes on two cores.
"""

import functools
import itertools
import math
from dataclasses import dataclass, replace

import numpy as np

from helpers.nn.fast import Runner
from helpers.nn.layers import Parameter
from helpers.nn.losses import softmax, softmax_cross_entropy
from helpers.nn.optimizers import Adam
from helpers.nn.training import evaluate, minibatches
from helpers.randomness import streams
from helpers.threads import Workers
from helpers.transfer import baselines, protocol, strategies
from helpers.transfer.census import EVEN, ODD, others
from helpers.transfer.protocol import on_target
from studies import few, methods
from studies.engine.study import Outcome, Study

LABELS = 100
REPLAYED = 10  # old images a class
SEEDS = {"small": range(10), "cnn": range(4)}
_RATES = 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 9e-3, 27e-3
RATES = {
    "small": {"plain": _RATES, "l2": (*_RATES[3:], 81e-3, 0.243), "replay": _RATES, "joint": _RATES},
    "cnn": {"plain": _RATES[2:], "l2": (*_RATES[4:], 81e-3), "replay": _RATES[2:], "joint": _RATES[2:]},
}
STRENGTHS = {"small": (0.003, 0.01, 0.03, 0.1, 0.3, 1.0), "cnn": (0.003, 0.01, 0.03, 0.1, 0.3)}  # with 0 it is plain


@dataclass(frozen=True, kw_only=True)
class MemoryRun(few.FewRun):
    """The rate is Adam's; the strength is 0 but for l2."""

    rate: float
    strength: float = 0.0


def runs():
    """All runs, network by network, strategy by strategy in each direction."""
    for network, target in itertools.product(SEEDS, (EVEN, ODD)):
        for strategy, rates in RATES[network].items():
            strengths = STRENGTHS[network] if strategy == "l2" else (0.0,)
            for strength, rate, seed in itertools.product(strengths, rates, SEEDS[network]):
                yield MemoryRun(
                    source=others(target),
                    target=target,
                    strategy=strategy,
                    labels=LABELS,
                    seed=seed,
                    draw=seed,
                    network=network,
                    shifts=0,
                    rate=rate,
                    strength=strength,
                )


class Keeping(Adam):
    """Adam for a new task that adds to the gradient what keeps the old one: a pull, or the gradient of old images.

    Parameters
    ----------
    rate : float
    source : Network
        That has learned the old task; it stays as it is.
    strength : float
        Of the pull of the body towards the source's.
    part : Part, optional
        Old images. Each step also goes down their loss, by the body that both tasks share and by the old head.
    rng : numpy.random.Generator, optional
        For the order of the old images, and for their dropout.

    Attributes
    ----------
    old : Network
        The old head, as it has become, on a body that is the new task's at each step.
    """

    def __init__(self, rate, source, strength=0.0, part=None, rng=None):
        super().__init__(rate)
        self.old, self.strength, self.part, self.rng = source.copy().unfreeze(), strength, part, rng
        self._body = slice(self.old.values.size - _size(self.old.layers[-1]))
        self._head = slice(self._body.stop, None)
        self._start = self.old.values[self._body].copy()
        if part:
            self._runner, self._batches = Runner(self.old, Workers(1)), self._forever()

    def _forever(self):
        while True:
            yield from minibatches(len(self.part), 128, self.rng)

    def step(self, parameters, scale=1.0):
        """As `Adam.step`, for all of a new network's parameters in one stretch, with the old head's if old images count."""
        [whole] = parameters
        values, gradient = whole.value[self._body], whole.grad[self._body]
        if self.strength:
            gradient += self.strength * (values - self._start)
        if self.part:
            self.old.values[self._body] = values
            rows = next(self._batches)
            x = self.part.inputs(self.old.input_shape, self.old.dtype, rows)
            _, grad = softmax_cross_entropy(
                self._runner.forward(x, training=True, rng=self.rng), self.part.labels[rows]
            )
            self._runner.backward(grad)
            gradient += self.old.gradients[self._body]
            head = Parameter("old head", self.old.values[self._head], self.old.gradients[self._head])
            parameters = [whole, head]
        super().step(parameters, scale)


def _size(layer):
    """How many numbers a layer has to train."""
    return sum(parameter.value.size for parameter in layer.parameters())


def learn(run, source, part, old_part=None):
    """What a run makes of its source: the networks of the new and of the old task, whose bodies are equal."""
    recipe, setting = few.NETWORKS[run.network], few.FEW[run.network]["fine-tune"]
    trial = protocol.Trial.few(source, part, run.seed, recipe, replace(setting, rate=run.rate))
    [again] = streams(run.seed, f"source {run.source} again")
    keeping = Keeping(run.rate, trial.source, run.strength, old_part, again)
    new = trial.learn("fine-tune", optimizer=keeping)
    return new, new.with_head_of(keeping.old)


def refitted_biases(logits, labels, classes):
    """What to add to a head's biases so that cross-entropy is least on some images, with at least one of each class.

    Where the gradient is zero, the mean probability of a class is its share of the labels. Multiplying by what is missing
    goes there (Sinkhorn's algorithm), and there is one such place only.

    Parameters
    ----------
    logits : float array, (N, K)
    labels : int array, (N,)
    classes : int
        K.

    Returns
    -------
    float array, (K,)

    Raises
    ------
    NotConvergedError
        The gradient's norm is still above 1e-4 after 10,000 steps.
    """
    shares, change = np.bincount(labels, minlength=classes) / len(labels), np.zeros(classes)
    for _ in range(10_000):
        means = softmax(logits + change).mean(axis=0)
        if np.linalg.norm(means - shares) < baselines.GRADIENT:
            return change
        change += np.log(shares / means)
    raise baselines.NotConvergedError(f"biases fitted to {len(labels)} images have not converged in 10,000 steps")


def with_refitted_biases(old, one_each, test):
    """The accuracy on the old task once the old head's biases are fitted anew to a few images."""
    biases = refitted_biases(outputs(old, one_each).astype("float64"), one_each.labels, one_each.classes)
    return float(np.mean((outputs(old, test) + biases).argmax(axis=1) == test.labels))


def with_fresh_head(network, one_each, test):
    """The accuracy on the old task of a head that is fitted to what a network's body makes of a few images."""
    body = network.body()
    weights = baselines.softmax_regression(outputs(body, one_each), one_each.labels, one_each.classes)
    return float(np.mean(baselines.predict(weights, outputs(body, test)) == test.labels))


def outputs(network, part):
    """What a network makes of a part's images, not so many at once that a convolution's work leaves the cache."""
    pieces = np.array_split(np.arange(len(part)), math.ceil(len(part) / 128))
    return np.concatenate([network.forward(part.inputs(network.input_shape, network.dtype, rows)) for rows in pieces])


def kept(digits, count, draw):
    """The old images of each class that one still has: a Part."""
    [drawing] = streams(draw, f"source {digits} kept")
    return methods.task(digits).train.subset(count, drawing)


@functools.lru_cache(maxsize=4)
def before(digits, target, seed, draw, network):
    """What the new task does not change: the old accuracy of the source, and of a head on a random body."""
    source, test = few.trained_source(digits, seed, network), methods.task(digits).test
    layers, *_ = streams(on_target(target, seed), *strategies.FACTORS)
    return {
        "old_accuracy_before": evaluate(source, test, threads=1).accuracy,
        "old_accuracy_random": with_fresh_head(source.reinitialized(layers), kept(digits, 1, draw), test),
    }


def measure(run):
    """The hits of one run on the new task; what is left of the old one as further columns."""
    source, target = methods.task(run.source), methods.task(run.target)
    old_part = {"replay": lambda: kept(run.source, REPLAYED, run.draw), "joint": lambda: source.train}.get(run.strategy)
    network = few.trained_source(run.source, run.seed, run.network)
    new, old = learn(run, network, methods.labelled(run), old_part and old_part())
    one_each = kept(run.source, 1, run.draw)
    values = {
        "validation_accuracy": evaluate(new, target.validation, threads=1).accuracy,
        "old_validation_accuracy": evaluate(old, source.validation, threads=1).accuracy,
        "old_accuracy": evaluate(old, source.test, threads=1).accuracy,
        "old_accuracy_biases": with_refitted_biases(old, one_each, source.test),
        "old_accuracy_fresh": with_fresh_head(new, one_each, source.test),
        **before(run.source, run.target, run.seed, run.draw, run.network),
    }
    hits = evaluate(new, target.test, threads=1).predictions == target.test.labels
    return Outcome(hits, {name: round(float(value), 6) for name, value in values.items()})


def seconds(run):
    """The estimate for one run on one core, its source left out."""
    batches = 1 if run.strategy in ("plain", "l2") else 2
    training = batches * few.FEW[run.network]["fine-tune"].steps * 133 * few.STEP[run.network]
    return training + {"small": 0.3, "cnn": 1.8}[run.network]


STUDY = Study(
    name="memory",
    question="What does learning a new task cost the old one, and what of it can be kept or recovered?",
    revision=1,
    settings={
        **{f"{name} source": few.NETWORKS[name] for name in SEEDS},
        **{f"{name} fine-tune": few.FEW[name]["fine-tune"] for name in SEEDS},
        "replay": f"{REPLAYED} images a class",
    },
    runs=tuple(runs()),
    measure=measure,
    seconds=seconds,
    band=methods.band,
)
