"""Forgetting: what does learning a new task cost the old one, and what of it can be kept or had back?

Question
    After training on a new task, how well does the network still do the old one, and how well the new? What do a smaller
    learning rate, a pull towards the old values and a few old images change? And how much was only out of balance?

Conditions
    The small network of the census, odd then even and even then odd, ten seeds, each with a draw of images of its own;
    100 labels a class of the new task, 300 steps, four learning rates. Body shared, a head for each task. The old task is
    measured with the old head on the body as the new task leaves it.

Strategies
    plain: fine-tuning. l2: the loss also has strength/2 times the squared distance of the body's values from the source's
    (L2-SP: Li, Grandvalet and Davoine, 2018), at three strengths. replay: each step also learns from ten old images a
    class, body and old head. joint: the same with all old images, what nobody has who calls it forgetting: the goal
    (as in Li and Hoiem, 2016, it starts from the source as well).

Having it back, from one old image a class
    biases: only the old head's five biases are fitted anew, by cross-entropy. As its gradient with respect to a bias is a
    difference of counts, it does not even matter which image has which label. Controls: fresh, a new head fitted to what
    the body makes of the same five images; random, the same with a body of random values.

Readout
    In `forgetting_readout`: old against new accuracy; each strategy at the rate (and l2 at the strength) with the best
    mean of both validation accuracies in the *opposite* direction; what comes back. Intervals are over seeds.

Cost
    About 8 minutes on one core.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from helpers.nn.losses import softmax_cross_entropy
from helpers.nn.optimizers import Adam
from helpers.nn.training import cosine, evaluate, minibatches
from helpers.randomness import streams
from helpers.transfer import baselines, strategies
from helpers.transfer.census import EVEN, ODD, others
from helpers.transfer.protocol import on_target
from helpers.transfer.recipes import SMALL
from studies import methods
from studies.engine.study import Outcome, Run, Study
from studies.memory import refitted_biases

SEEDS = range(10)
LABELS, STEPS = 100, 300
RATES = 1.25e-4, 5e-4, 2e-3, 8e-3  # the third is the recipe's
STRENGTHS = 0.01, 0.1, 1.0
REPLAYED = 10  # old images a class


@dataclass(frozen=True, kw_only=True)
class ForgettingRun(Run):
    """The rate is Adam's; the strength is 0 but for l2."""

    rate: float
    strength: float = 0.0


def runs():
    """All runs, strategy by strategy in each direction."""
    strategies = ("plain", 0.0), *(("l2", strength) for strength in STRENGTHS), ("replay", 0.0), ("joint", 0.0)
    for target, (strategy, strength), rate, seed in itertools.product((EVEN, ODD), strategies, RATES, SEEDS):
        yield ForgettingRun(
            source=others(target),
            target=target,
            strategy=strategy,
            labels=LABELS,
            seed=seed,
            draw=seed,
            rate=rate,
            strength=strength,
        )


def two_heads(source, classes, seed):
    """Two networks that share their body's values, not its gradients: with a new head, and with the source's."""
    new = source.with_new_head(classes, seed).unfreeze()
    twin = new.twin()
    return new, twin.sharing(layers=[*twin.layers[:-1], source.layers[-1].copy(source.dtype)])


def learn(new, old, part, old_part, rate, strength, rng, old_rng):
    """Train the new network, in place, and with an old part also the old one: see the strategies above."""
    of_body = [parameter for layer in new.layers[:-1] for parameter in layer.parameters()]
    start = [parameter.value.copy() for parameter in of_body]
    parameters = new.parameters() + (old.layers[-1].parameters() if old_part else [])
    optimizer = Adam(rate)
    batches = _batches(part, new, rng)
    old_batches = _batches(old_part, old, old_rng) if old_part else None
    for step in range(STEPS):
        _gradients(new, *next(batches))
        if old_part:
            _gradients(old, *next(old_batches))
            for parameter, of_old in zip(of_body, old.parameters()):
                parameter.grad += of_old.grad
        for parameter, value in zip(of_body, start):
            parameter.grad += strength * (parameter.value - value)
        optimizer.step(parameters, cosine(step / STEPS))


def _batches(part, network, rng):
    while True:
        for rows in minibatches(len(part), SMALL.batch_size, rng):
            yield part.inputs(network.input_shape, network.dtype, rows), part.labels[rows]


def _gradients(network, x, labels):
    _, grad = softmax_cross_entropy(network.forward(x, training=True), labels)
    network.backward(grad)


def refitted(new, old, random, one_each, test):
    """The accuracy on the old task once its biases, or its head on trained and on random values, are fitted anew."""
    logits = old.forward(one_each.inputs(old.input_shape)).astype("float64")
    biases = refitted_biases(logits, one_each.labels, one_each.classes)
    predictions = (old.forward(test.inputs(old.input_shape)) + biases).argmax(axis=1)
    found = {"old_accuracy_biases": predictions}
    for name, network in (("old_accuracy_fresh", new), ("old_accuracy_random", random)):
        body = network.body()
        features, of_test = (body.forward(part.inputs(network.input_shape)) for part in (one_each, test))
        weights = baselines.softmax_regression(features, one_each.labels, one_each.classes)
        found[name] = baselines.predict(weights, of_test)
    return {name: float(np.mean(predictions == test.labels)) for name, predictions in found.items()}


def measure(run):
    """The hits of one run on the new task; what is left of the old one as further columns."""
    source, target = methods.task(run.source), methods.task(run.target)
    network = methods.trained_source(run.source, run.seed, SMALL)
    layers, head, training = streams(on_target(run.target, run.seed), *strategies.FACTORS)
    [again] = streams(run.seed, f"source {run.source} again")

    def kept(count):
        [drawing] = streams(run.draw, f"source {run.source} kept")
        return source.train.subset(count, drawing)

    new, old = two_heads(network, len(target.digits), head)
    old_part = {"replay": kept(REPLAYED), "joint": source.train}.get(run.strategy)
    learn(new, old, methods.labelled(run), old_part, run.rate, run.strength, training, again)
    values = {
        "validation_accuracy": evaluate(new, target.validation, threads=1).accuracy,
        "old_validation_accuracy": evaluate(old, source.validation, threads=1).accuracy,
        "old_accuracy_before": evaluate(network, source.test, threads=1).accuracy,
        "old_accuracy": evaluate(old, source.test, threads=1).accuracy,
        **refitted(new, old, network.reinitialized(layers), kept(1), source.test),
    }
    hits = evaluate(new, target.test, threads=1).predictions == target.test.labels
    return Outcome(hits, {name: round(value, 6) for name, value in values.items()})


def seconds(run):
    """The estimate for one run on one core, the source's share included."""
    return 0.9 if run.strategy in ("plain", "l2") else 1.3


STUDY = Study(
    name="forgetting",
    question="What does learning a new task cost the old one, and what of it can be kept or had back?",
    revision=1,
    settings={"small": f"{SMALL}, {STEPS} steps", "replay": f"{REPLAYED} images a class"},
    runs=tuple(runs()),
    measure=measure,
    seconds=seconds,
    band=methods.band,
)
