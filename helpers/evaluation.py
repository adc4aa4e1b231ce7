"""`evaluate` measures a network on a part of a task; here is also how images reach the layers that are trained."""

import math
from dataclasses import dataclass

import numpy as np

from helpers.losses import softmax, softmax_cross_entropy
from helpers.metrics import accuracy, wilson_interval

FEATURE_BYTES = 256 * 2**20  # frozen features are kept if they need no more memory than this
BATCH = 128  # images evaluated at once: with more, what a convolution makes of them leaves the cache


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


def evaluate(network, part):
    """Measure a network on a part of a task.

    Parameters
    ----------
    network : Network
    part : Part

    Returns
    -------
    Evaluation

    Raises
    ------
    ValueError
        The network does not have one output for each class of the part.
    """
    check_classes(network, part)
    with one_blas_thread():
        return measure(network, part.labels, feed_of(part, network, None))


def measure(network, labels, feed):
    """What `evaluate` does, for inputs that arrive by a feed: see `feed_of`."""
    logits = np.concatenate([network.forward(feed(rows)) for rows in _in_pieces(len(labels))])
    loss, _ = softmax_cross_entropy(logits, labels)
    predictions = logits.argmax(axis=1)
    return Evaluation(loss, accuracy(labels, predictions), predictions, softmax(logits))


def feed_of(part, network, frozen, keep_features=True):
    """Make the function that gives, for some rows of a part, what arrives at the first trainable layer."""

    def compute(rows):
        x = part.inputs(network.input_shape, network.dtype, rows)
        return frozen.forward(x) if frozen else x

    if not frozen or not keep_features:
        return compute
    if len(part) * math.prod(frozen.output_shapes[-1]) * network.dtype.itemsize > FEATURE_BYTES:
        return compute
    features = np.concatenate([compute(rows) for rows in _in_pieces(len(part))])
    return features.__getitem__


def _in_pieces(count):
    return np.array_split(np.arange(count), math.ceil(count / BATCH))


def check_classes(network, part):
    """Raise ValueError unless the network has one output for each class of the part."""
    if network.classes != part.classes:
        raise ValueError(
            f"the network has {network.classes} outputs, but {part.name} has {part.classes} classes;"
            f" network.with_new_head(classes={part.classes}, seed=…) makes one that fits"
        )


def one_blas_thread():
    """A context in which matrix products use one thread.

    On matrices as small as ours a second thread gains little, and where another program keeps that core busy the
    first one waits for it, spinning: training was seen to become eight times slower. One thread also makes the
    results independent of the number of cores.
    """
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1, user_api="blas")
