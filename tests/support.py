"""What several test files share: small data sets in the formats `load_mnist` reads, and a hand on Ctrl-C."""

import gzip
import itertools
import signal
import struct

import numpy as np

from helpers.gradient_check import numeric_gradient, relative_error
from helpers.mnist import IDX_FILES


def by_key(mnist):
    """The arrays of an Mnist by Keras's names."""
    return {
        "x_train": mnist.train_images,
        "y_train": mnist.train_labels,
        "x_test": mnist.test_images,
        "y_test": mnist.test_labels,
    }


def small_arrays(train=20, test=10):
    """Arrays like MNIST's, but few, and of noise."""
    rng = np.random.default_rng(0)
    return {
        "x_train": rng.integers(0, 256, (train, 28, 28), "uint8"),
        "y_train": np.arange(train, dtype="uint8") % 10,
        "x_test": rng.integers(0, 256, (test, 28, 28), "uint8"),
        "y_test": np.arange(test, dtype="uint8") % 10,
    }


def idx_bytes(array):
    """An array as an IDX file: magic number and sizes as big-endian 32-bit integers, then the bytes."""
    magic = 2051 if array.ndim == 3 else 2049
    return struct.pack(f">{1 + array.ndim}I", magic, *array.shape) + array.tobytes()


def write_idx_folder(folder, arrays, mark="-", gzipped=False):
    """Write the four IDX files, with either spelling of their names; returns their paths by Keras's names."""
    paths = {}
    for key, (stem, kind) in IDX_FILES.items():
        name = f"{stem}{mark}idx{3 if kind == 'images' else 1}-ubyte{'.gz' if gzipped else ''}"
        content = idx_bytes(arrays[key])
        paths[key] = folder / name
        paths[key].write_bytes(gzip.compress(content, compresslevel=1, mtime=0) if gzipped else content)
    return paths


def interrupt_at(step):
    """A schedule that presses Ctrl-C, as the operating system would, when `fit` asks it for one step, from 1."""
    calls = itertools.count(1)

    def schedule(progress):
        if next(calls) == step:
            signal.raise_signal(signal.SIGINT)
        return 1.0

    return schedule


def gradient_errors(layer, x, seed):
    """The relative error of every gradient of sum(c · layer(x)) for random c: of x and of each parameter."""
    c = np.random.default_rng(seed).normal(size=layer.forward(x, True, np.random.default_rng(seed)).shape)

    def loss():
        return float((c * layer.forward(x, training=True, rng=np.random.default_rng(seed))).sum())

    loss()
    pairs = [(layer.backward(c), x)] + [(parameter.grad, parameter.value) for parameter in layer.parameters()]
    return [relative_error(analytic.copy(), numeric_gradient(loss, values)) for analytic, values in pairs]
