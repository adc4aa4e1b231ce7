"""`evaluate` measures a network on a part of a task."""

from dataclasses import dataclass

import numpy as np

from helpers.evidence.metrics import accuracy, wilson_interval
from helpers.nn.batches import feed_of, pieces
from helpers.nn.losses import softmax, softmax_cross_entropy
from helpers.nn.threads import Shards, Workers


@dataclass(frozen=True, eq=False)  # compared by identity: whether arrays are equal is many answers, not one
class Evaluation:
    """How well a network does on a part.

    Attributes
    ----------
    loss : float
        Mean cross-entropy.
    accuracy : float
        Share of images whose largest logit is the right one, 0 to 1.
    predictions : int array, (N,)
        The class with the largest logit.
    probabilities : float array, (N, K)
    """

    loss: float
    accuracy: float
    predictions: np.ndarray
    probabilities: np.ndarray

    @property
    def interval(self):
        """The 95 % interval that this number of images leaves for the accuracy: (low, high)."""
        return wilson_interval(self.accuracy, len(self.predictions))


def evaluate(network, part, *, threads=None):
    """Measure a network on a part of a task.

    Parameters
    ----------
    network : Network
    part : Part
    threads : int, optional
        How many to use; the result is the same. If not given, `threads.default_threads()`.

    Returns
    -------
    Evaluation

    Raises
    ------
    ValueError
        The part holds no images, or the network does not have one output for each of its classes.
    """
    check_part(network, part)
    with Workers(threads) as workers:
        return measure(Shards(network, workers), part.labels, feed_of(part, network))


def measure(network, labels, feed):
    """What `evaluate` does, for a Network or its Shards and inputs that arrive by a feed: see `feed_of`."""
    logits = np.concatenate([network.forward(feed(rows)) for rows in pieces(len(labels))])
    loss, _ = softmax_cross_entropy(logits, labels)
    predictions = logits.argmax(axis=1)
    return Evaluation(loss, accuracy(labels, predictions), predictions, softmax(logits))


def check_part(network, part):
    """Raise ValueError unless the part has images, and the network one output for each of its classes."""
    if len(part) == 0:
        raise ValueError(f"{part.name} holds no images; a part needs at least one to be of use")
    if network.classes != part.classes:
        raise ValueError(
            f"the network has {network.classes} outputs, but {part.name} has {part.classes} classes;"
            f" network.with_new_head(classes={part.classes}, seed=…) makes one that fits"
        )
