"""The whole story, once: train on one task, transfer to the other in every way, measure everything."""

from dataclasses import dataclass, field

import numpy as np

from helpers import transfer
from helpers.convnets import convnet
from helpers.data import odd_even_tasks
from helpers.evaluation import evaluate
from helpers.network import Network
from helpers.optimizers import Adam
from helpers.training import cosine, fit


@dataclass(frozen=True)
class Recipe:
    """An architecture and the way to train it.

    Attributes
    ----------
    hidden : tuple of int
        Units of the hidden layers; none is softmax regression. A convolutional network has one.
    filters : tuple of int
        Filters of the convolutions below them; none for a multi-layer perceptron.
    dropout, learning_rate, epochs, batch_size
        As in `Network.mlp`, `convnet`, `Adam` and `fit`; the learning rate falls along a cosine.
    """

    hidden: tuple
    filters: tuple = ()
    dropout: float = 0.0
    learning_rate: float = 2e-3
    epochs: int = 12
    batch_size: int = 128

    def network(self, classes, seed):
        """A new network of this architecture for MNIST images."""
        if self.filters:
            [hidden] = self.hidden
            return convnet(self.filters, hidden, classes, seed, self.dropout)
        return Network.mlp(784, *self.hidden, classes=classes, seed=seed, dropout=self.dropout)

    @property
    def last_frozen(self):
        """The layer up to which transfer freezes: the last convolution, or the first hidden layer."""
        return f"conv{len(self.filters)}" if self.filters else "hidden1"

    def options(self, epochs=None):
        """Keyword arguments for `fit`: a new optimizer, the schedule, the batch size and how long."""
        return {
            "optimizer": Adam(self.learning_rate),
            "schedule": cosine,
            "batch_size": self.batch_size,
            "epochs": epochs or self.epochs,
        }


# The smallest of the recipes that validation cannot tell from the best: results/tuning.csv and results/tuning-cnn.csv.
MLP = Recipe(hidden=(512, 128), dropout=0.3)
CNN = Recipe(hidden=(256,), filters=(32, 64), dropout=0.5, epochs=5)
MODELS = {"mlp": MLP, "cnn": CNN}
# Without hidden layers a larger rate is better; validation chose it from 0.001, 0.003 and 0.01.
SOFTMAX = Recipe(hidden=(), learning_rate=0.01)


@dataclass
class Story:
    """What `run_story` found.

    Attributes
    ----------
    first, second : Task
        Where the network learned, and what it was transferred to.
    rows : list of dict
        The table: name, task, test_accuracy, trainable_parameters, total_parameters, seconds.
    networks, histories, evaluations : dict
        By the row's name; an evaluation is on the test part.
    """

    first: object
    second: object
    rows: list = field(default_factory=list)
    networks: dict = field(default_factory=dict)
    histories: dict = field(default_factory=dict)
    evaluations: dict = field(default_factory=dict)

    def add(self, name, task, network, history=None):
        """Measure a network on the test part of a task and write its row."""
        if history is not None and history.interrupted:
            raise KeyboardInterrupt(f"while training {name}")
        self.networks[name], self.histories[name] = network, history
        self.evaluations[name] = evaluate(network, task.test)
        self.rows.append(
            {
                "name": name,
                "task": task.name,
                "test_accuracy": self.evaluations[name].accuracy,
                "trainable_parameters": network.parameter_count(trainable_only=True) if history else 0,
                "total_parameters": network.parameter_count(),
                "seconds": history.total_seconds if history else 0.0,
            }
        )


def run_story(mnist, *, seed, recipe=MLP, reverse=False, epochs=None, progress=False):
    """Train on one task, transfer to the other in every way, and measure all of it on the test images.

    Parameters
    ----------
    mnist : Mnist
    seed : int
        Everything random follows from it.
    recipe : Recipe
        Of all networks but the two softmax regressions.
    reverse : bool
        From even to odd instead of from odd to even.
    epochs : int, optional
        For every training; the recipes' if not given.
    progress : bool
        Show a progress bar for each training.

    Returns
    -------
    Story

    Raises
    ------
    KeyboardInterrupt
        A training was interrupted: a story with a hole in it would mislead.
    """
    odd, even = odd_even_tasks(mnist)
    first, second = (even, odd) if reverse else (odd, even)
    story = Story(first, second)
    seeds = iter(np.random.SeedSequence(seed).generate_state(16))  # unrelated streams, from one number

    def options(name, task, how):
        return {
            **how.options(epochs),
            "seed": int(next(seeds)),
            "validation": task.validation,
            "progress": name if progress else False,
        }

    def train(name, task, how):
        network = how.network(task.train.classes, int(next(seeds)))
        story.add(name, task, network, fit(network, task.train, **options(name, task, how)))

    def move(name, strategy, **cut):
        story.add(name, second, *strategy(source, second.train, **cut, **options(name, second, recipe)))

    train(f"{first.name}-softmax", first, SOFTMAX)
    train(f"{second.name}-softmax", second, SOFTMAX)
    train(first.name, first, recipe)
    source = story.networks[first.name]
    move(f"{second.name}-scratch", transfer.from_scratch)
    move(f"{second.name}-frozen", transfer.frozen_features, upto=recipe.last_frozen)
    move(f"{second.name}-random-frozen", transfer.random_features, upto=recipe.last_frozen)
    move(f"{second.name}-finetuned", transfer.fine_tune)
    story.add(f"{first.name}-after-finetuning", first, story.networks[f"{second.name}-finetuned"].with_head_of(source))
    return story
