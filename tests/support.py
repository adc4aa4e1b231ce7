"""What several test files share: small data sets in the formats `load_mnist` reads, bombs, and a hand on Ctrl-C."""

import gzip
import io
import itertools
import re
import signal
import struct
import sys
import zipfile
import zlib

import numpy as np
import pytest

from helpers import DataError
from helpers.checks.gradient_check import numeric_gradient, relative_error
from helpers.data.mnist import IDX_FILES


def by_key(mnist):
    """The arrays of an Mnist by Keras's names."""
    return {
        "x_train": mnist.train_images,
        "y_train": mnist.train_labels,
        "x_test": mnist.test_images,
        "y_test": mnist.test_labels,
    }


def small_arrays(train=20, test=10):
    """Arrays like MNIST's, but few, and of noise within a black frame."""
    rng, arrays = np.random.default_rng(0), {}
    for half, count in (("train", train), ("test", test)):
        arrays[f"x_{half}"] = np.pad(rng.integers(0, 256, (count, 20, 20), "uint8"), [(0, 0), (4, 4), (4, 4)])
        arrays[f"y_{half}"] = np.arange(count, dtype="uint8") % 10
    return arrays


def idx_bytes(array):
    """An array as an IDX file: magic number and sizes as big-endian 32-bit integers, then the bytes."""
    magic = 2051 if array.ndim == 3 else 2049
    return struct.pack(f">{1 + array.ndim}I", magic, *array.shape) + array.tobytes()


def write_idx_folder(folder, arrays, name="{}-idx{}-ubyte", pack=bytes):
    """Write the four IDX files; returns their paths by Keras's names."""
    paths = {}
    for key, (stem, _) in IDX_FILES.items():
        paths[key] = folder / name.format(stem, arrays[key].ndim)
        paths[key].parent.mkdir(parents=True, exist_ok=True)
        paths[key].write_bytes(pack(idx_bytes(arrays[key])))
    return paths


def gzipped(content):
    return gzip.compress(content, compresslevel=1, mtime=0)


def followed(attempt, images, labels):
    """What `attempt(images, labels)` gives once every line that its errors advise was run on these arrays."""
    for _ in range(6):
        try:
            return attempt(images, labels)
        except DataError as problem:
            names = {"np": np, "images": images, "labels": labels}
            lines = re.findall("`([^`]+)`", problem.what)
            mended = {"labels" if line.startswith("labels") else "images": eval(line, names) for line in lines}
            assert mended, f"no advice in: {problem}"
            images, labels = mended.get("images", images), mended.get("labels", labels)
    raise AssertionError("the advice leads nowhere")


def deflated_zeros(start, gigabytes=3):
    """Some bytes and then gigabytes of zeros, deflated to a few MB: one piece of 16 MB, again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    head = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)  # the piece shall not refer to what is before it
    piece = packer.compress(bytes(2**24)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + 64 * gigabytes * piece + packer.flush()


def write_npz_bomb(path, bomb, arrays, claimed=None):
    """An `.npz` file of some arrays, and of one that unpacks to 3 GiB, whatever size the zip directory claims for it."""
    start = io.BytesIO()
    np.lib.format.write_array_header_1_0(start, {"descr": "<f4", "fortran_order": False, "shape": (3 * 2**28,)})
    with zipfile.ZipFile(path, "w") as archive:
        for key, array in arrays.items():
            with archive.open(f"{key}.npy", "w") as file:
                np.save(file, array)
        archive.writestr(f"{bomb}.npy", deflated_zeros(start.getvalue()))
        entry = archive.getinfo(f"{bomb}.npy")  # readers go by the directory, which is written last
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.file_size = claimed or len(start.getvalue()) + 3 * 2**30
    assert path.stat().st_size < 2**24


only_where_memory_is_limited = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux holds a process to a limit on its memory"
)
REFUSED_WITHIN_A_GIGABYTE = """
import resource, sys
from helpers import load_mnist, load_network
from helpers.files import read_npz
from helpers.data.formats import read_idx
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
try:
    print(eval(sys.argv[1])(sys.argv[2]))
except ValueError as problem:
    print(problem)
"""


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
