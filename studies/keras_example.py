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

from helpers.evidence.tables import ALL
from helpers.nn.training import evaluate
from helpers.transfer import protocol
from helpers.transfer.recipes import CNN, Recipe, keras_convnet
from studies import methods
from studies.engine.study import Outcome, Run, Study

LOW, HIGH = "01234", "56789"
KERAS_EPOCHS = 5


class KerasRecipe(Recipe):
    """Keras's network, at Adam's usual rate."""

    def network(self, classes, seed):
        """A new network of random values."""
        return keras_convnet(classes, seed)


NETWORKS = {"cnn": CNN, "keras": KerasRecipe((128,), (32, 32), learning_rate=1e-3, epochs=KERAS_EPOCHS)}


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


@functools.lru_cache(maxsize=1)
def trained_on_low(network, seed):
    """The network of the digits 0 to 4. Nobody may change it."""
    part = methods.task(LOW).all_training_images()
    return protocol.trained_source(part, seed, NETWORKS[network], progress=False)


def measure(run):
    """The hits of one run, and how many parameters it trains."""
    task, recipe = methods.task(run.target), NETWORKS[run.network]
    source = recipe.network(5, seed=0) if run.strategy == "random" else trained_on_low(run.network, run.seed)
    if run.strategy == "scratch":
        network = source
    else:
        network = protocol.Trial(source, task.all_training_images(), run.seed, recipe).learn(run.strategy)
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
