"""MNIST in: from the bundled copy, from Keras, or from a path, and checked before anybody uses it."""

import gzip
import math
import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.files import as_path, read_npz, unpacked_limit
from helpers.tensorflow import load_tensorflow

BUNDLED = Path(__file__).resolve().parents[2] / "data" / "mnist.npz"
IMAGE_SHAPE = (28, 28)

# IDX, the format MNIST was published in: a magic number, the sizes as big-endian 32-bit integers, the bytes.
IDX_MAGIC = {"images": 2051, "labels": 2049}
IDX_FILES = {
    "x_train": ("train-images", "images"),
    "y_train": ("train-labels", "labels"),
    "x_test": ("t10k-images", "images"),
    "y_test": ("t10k-labels", "labels"),
}
_USE_BUNDLED = "load_mnist() without an argument reads the bundled copy, which needs no network and no TensorFlow"
_RESTORE_BUNDLED = "`git restore data/mnist.npz`, or a new clone of the repository, brings the bundled copy back"


class DataError(ValueError):
    """The data cannot be used; the message names the file or the value, and the remedy."""


@dataclass(frozen=True, eq=False)  # compared by identity: whether arrays are equal is many answers, not one
class Mnist:
    """The MNIST images and labels as they were published, and where these came from.

    Attributes
    ----------
    train_images : uint8 array, (60000, 28, 28)
        Grey values, 0 for paper to 255 for ink.
    train_labels : uint8 array, (60000,)
        The digit each image shows, 0 to 9.
    test_images, test_labels : uint8 arrays, (10000, 28, 28) and (10000,)
    source : str
        "bundled", "keras" or the path that was read.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    source: str


def load_mnist(source="bundled"):
    """Load MNIST.

    Parameters
    ----------
    source : "bundled", "keras", str or Path
        The copy beside this code (no network, no TensorFlow); TensorFlow's own loader; or a path: an `.npz` file
        with the keys x_train, y_train, x_test and y_test, or a folder of the four IDX files, plain or `.gz`.

    Returns
    -------
    Mnist

    Raises
    ------
    DataError
        The data is missing, damaged, or not 28×28 `uint8` images with one label from 0 to 9 each.
    """
    if not isinstance(source, (str, os.PathLike)):
        raise DataError(f"source must be 'bundled', 'keras' or a path, not {source!r}")
    try:
        arrays = _read(source)
        for half in ("train", "test"):
            _check(arrays[f"x_{half}"], arrays[f"y_{half}"], f"{source} ({half} half)")
    except (DataError, OSError) as problem:  # OSError: a path that is too long, or leads through a locked folder
        raise DataError(f"{problem}. {_RESTORE_BUNDLED if source == 'bundled' else _USE_BUNDLED}") from problem
    return Mnist(arrays["x_train"], arrays["y_train"], arrays["x_test"], arrays["y_test"], str(source))


def _read(source):
    """Read the four arrays, by Keras's names, from wherever they are."""
    if source == "bundled":
        return read_npz(BUNDLED, DataError, IDX_FILES)
    if source == "keras":
        return _load_keras()
    path = as_path(source)
    if path.is_dir():
        return _load_idx_folder(path)
    if path.is_file():
        return read_npz(path, DataError, IDX_FILES)
    raise DataError(f"there is no file or folder {source}")


def read_idx(path):
    """Read one IDX file, plain or gzipped.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    uint8 array
        (N, rows, columns) for images, (N,) for labels.

    Raises
    ------
    DataError
        The file is missing, truncated, not gzip though its name says so, or its magic number is neither 2051
        (images) nor 2049 (labels).
    """
    path = as_path(path)
    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            shape = _read_idx_header(file, path)
            size = math.prod(shape)
            content = file.read(size + 1)  # one more than promised, to see whether there is more
    except (OSError, EOFError, zlib.error) as problem:
        raise DataError(f"{path} cannot be read ({problem}); download it again") from problem
    header = 4 + 4 * len(shape)
    if len(content) < size:
        given, promised = header + len(content), header + size
        raise DataError(f"{path} has {given:,} bytes, but its header promises {promised:,}: it is damaged")
    if len(content) > size:
        raise DataError(f"{path} goes on after the {header + size:,} bytes that its header promises: it is damaged")
    try:
        return np.frombuffer(content, np.uint8).reshape(shape)
    except ValueError as problem:  # no pixels at all, yet more rows and columns than an array can have
        raise DataError(f"{path} promises images of {shape[1]:,} by {shape[2]:,} pixels: it is damaged") from problem


def _read_idx_header(file, path):
    """The shape that an IDX file promises, if it is one and may promise so much."""
    start = file.read(8)
    if len(start) < 8:
        raise DataError(f"{path} has {len(start)} bytes, too few for an IDX file: it is truncated")
    magic, count = struct.unpack(">II", start)
    if magic not in IDX_MAGIC.values():
        hint = "; it is gzipped, so give its name the ending .gz" if start[:2] == b"\x1f\x8b" else ""
        raise DataError(f"{path} starts with the number {magic}; MNIST images start with 2051, labels with 2049{hint}")
    shape = (count,)
    if magic == IDX_MAGIC["images"]:
        sizes = file.read(8)
        if len(sizes) < 8:
            raise DataError(f"{path} ends within its header: it is truncated")
        shape += struct.unpack(">II", sizes)
    if math.prod(shape) > unpacked_limit(path):
        raise DataError(
            f"{path} promises {math.prod(shape):,} bytes, far more than a file of its size holds: it is damaged"
        )
    return shape


def _load_idx_folder(folder):
    """Find and read the four IDX files, under either of the two ways their names are spelt."""
    arrays = {}
    for key, (stem, kind) in IDX_FILES.items():
        rank = 3 if kind == "images" else 1
        spellings = [f"{stem}{mark}idx{rank}-ubyte{end}" for mark in "-." for end in ("", ".gz")]
        path = next((folder / name for name in spellings if (folder / name).is_file()), None)
        if path is None:
            raise DataError(f"the folder {folder} has no {spellings[0]} (plain or .gz)")
        arrays[key] = read_idx(path)
        if arrays[key].ndim != rank:
            raise DataError(f"{path} should hold {kind}, but its magic number says otherwise; were two files swapped?")
    return arrays


def _load_keras():
    """Ask TensorFlow for MNIST; it downloads the data once and keeps it in its own cache."""
    try:
        keras = load_tensorflow().keras
    except ImportError as problem:
        raise DataError(str(problem)) from problem
    try:
        (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    except Exception as problem:  # Keras raises a bare Exception when the download fails
        raise DataError(f"Keras could not fetch MNIST ({problem})") from problem
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


def _check(images, labels, where):
    """Raise DataError unless these are MNIST-like images with one label each."""
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != IMAGE_SHAPE:
        raise DataError(
            f"{where}: images must be uint8 of shape (N, 28, 28), but these are {images.dtype} of shape {images.shape};"
            " convert them first, e.g. images.astype('uint8')"
        )
    if labels.shape != (len(images),):
        raise DataError(
            f"{where}: {len(images):,} images need as many labels, one for each, but labels have shape {labels.shape}"
        )
    if labels.dtype.kind not in "iu":
        raise DataError(f"{where}: labels must be whole numbers, but are {labels.dtype}")
    if len(labels) == 0:
        raise DataError(f"{where} holds no images")
    if labels.min() < 0 or labels.max() > 9:
        raise DataError(f"{where}: labels must be digits from 0 to 9, but go from {labels.min()} to {labels.max()}")
