"""Keras's example `mnist_transfer_cnn`: digits 0 to 4, then 5 to 9 on frozen convolutions.

Question
    Does it give what Keras publishes, 99.8 % and then 99.2 %, in plain NumPy as well? And how much of that would random
    convolutions give?

Conditions
    Keras's network, with which nothing was tuned (Adam at its usual rate, five epochs), and ours, with the recipe
    of `tuning_cnn`; five seeds. As in the example, validation images serve for training too: nothing is chosen here.
    The frozen convolutions are those of the very network that was trained on the digits 0 to 4.

Controls
    The same with convolutions frozen at random values.

Readout
    Differences paired by seed, for each network.

Cost
    About 11 minutes on two cores.
"""

import functools
import itertools
from dataclasses import dataclass

from helpers.nn.optimizers import Adam
from helpers.nn.training import cosine, evaluate, fit
from helpers.randomness import streams
from helpers.transfer import strategies
from helpers.transfer.convnets import keras_convnet
from helpers.transfer.recipes import CNN
from studies import methods
from studies.engine.study import ALL, Outcome, Run, Study

LOW, HIGH = "01234", "56789"
KERAS_EPOCHS = 5


@dataclass(frozen=True, kw_only=True)
class KerasRun(Run):
    """The network is "keras" or "cnn", ours."""

    network: str


def runs():
    """All runs, network by network."""
    for network, seed, (source, target, strategy) in itertools.product(
        ("cnn", "keras"), range(5), (("", LOW, "scratch"), (LOW, HIGH, "frozen"), ("", HIGH, "random"))
    ):
        yield KerasRun(source=source, target=target, strategy=strategy, labels=ALL, seed=seed, draw=0, network=network)


def options(network):
    """For `fit`: our recipe's, or Keras's."""
    ours = CNN.options() if network == "cnn" else {"optimizer": Adam(), "schedule": cosine, "epochs": KERAS_EPOCHS}
    return {**ours, "threads": 1, "progress": False}


def new_network(network, seed):
    """A network of random values for five digits."""
    return keras_convnet(5, seed) if network == "keras" else CNN.network(5, seed)


@functools.lru_cache(maxsize=1)
def trained_on_low(network, seed):
    """The network of the digits 0 to 4. Nobody may change it.

    Raises
    ------
    KeyboardInterrupt
        The training was interrupted.
    """
    layers, training = streams(seed, f"source {LOW} layers", f"source {LOW} training")
    made = new_network(network, layers)
    history = fit(made, methods.task(LOW).all_training_images(), seed=training, **options(network))
    if history.interrupted:
        raise KeyboardInterrupt(f"the training of source {LOW} was interrupted")
    return made


def measure(run):
    """The hits of one run, and how many parameters it trains."""
    task = methods.task(run.target)
    part, [seed] = task.all_training_images(), streams(run.seed, f"target {run.target}")
    settings = {"upto": "conv2", "seed": seed, **options(run.network)}
    if run.strategy == "random":
        network, _ = strategies.random_features(new_network(run.network, run.seed), part, **settings)
    else:
        network = trained_on_low(run.network, run.seed)
    if run.strategy == "frozen":
        network, _ = strategies.frozen_features(network, part, **settings)
    hits = evaluate(network, task.test, threads=1).predictions == task.test.labels
    return Outcome(hits, {"trainable_parameters": network.parameter_count()})


SECONDS = {"cnn": {"scratch": 70, "frozen": 8, "random": 7}, "keras": {"scratch": 95, "frozen": 35, "random": 34}}


def seconds(run):
    """The estimate for one run on one core."""
    return SECONDS[run.network][run.strategy]


def together(run):
    """What the runs of one network have in common."""
    return run.network, run.seed


STUDY = Study(
    name="keras_example",
    question="Does Keras's mnist_transfer_cnn give the same in NumPy, and what do random convolutions give?",
    revision=1,
    settings={"cnn": CNN, "keras": f"Adam, cosine, {KERAS_EPOCHS} epochs"},
    runs=tuple(runs()),
    measure=measure,
    seconds=seconds,
    band=methods.band,
    together=together,
)
