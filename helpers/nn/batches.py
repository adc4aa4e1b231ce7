"""How images reach the layers that are trained: shuffled into batches, through frozen layers once or every time."""

import math

import numpy as np

FEATURE_BYTES = 256 * 2**20  # frozen features are kept if they need no more memory than this
BATCH = 128  # images measured at once: with more, what a convolution makes of them leaves the cache


def minibatches(count, batch_size, rng):
    """Split a freshly shuffled `range(count)` into batches of row numbers.

    Parameters
    ----------
    count : int
    batch_size : int
        The last batch may be smaller.
    rng : numpy.random.Generator

    Yields
    ------
    int array, (batch_size,)
    """
    order = rng.permutation(count)
    for start in range(0, count, batch_size):
        yield order[start : start + batch_size]


def pieces(count):
    """Split `range(count)` into arrays of at most `BATCH` row numbers, in order; a list."""
    return np.array_split(np.arange(count), math.ceil(count / BATCH))


def feed_of(part, network, frozen=None, keep_features=True):
    """Make the function that gives, for some rows of a part, what arrives at the first trainable layer.

    Parameters
    ----------
    part : Part
    network : Network
        The whole of it: says what one image becomes.
    frozen : Network or Shards, optional
        The layers below the first trainable one: a fixed function, so what they make of all images is computed here,
        once, if that needs no more than `FEATURE_BYTES`.
    keep_features : bool
        False computes it anew each time.

    Returns
    -------
    callable
        Takes an int array (n,) of rows, gives a float array (n, ...).
    """

    def compute(rows):
        x = part.inputs(network.input_shape, network.dtype, rows)
        return frozen.forward(x) if frozen else x

    if not frozen or not keep_features:
        return compute
    if len(part) * math.prod(frozen.output_shapes[-1]) * network.dtype.itemsize > FEATURE_BYTES:
        return compute
    features = np.concatenate([compute(rows) for rows in pieces(len(part))])
    return features.__getitem__
