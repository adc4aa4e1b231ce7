"""MNIST in, digit tasks out: images, labels, and the three parts that keep a result honest."""

import contextlib
import gzip
import os
import struct
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.files import read_npz
from helpers.randomness import generator

BUNDLED = Path(__file__).resolve().parent.parent / "data" / "mnist.npz"
IMAGE_SHAPE = (28, 28)
ODD_DIGITS = (1, 3, 5, 7, 9)
EVEN_DIGITS = (0, 2, 4, 6, 8)

# IDX, the format MNIST was published in: a magic number, the sizes as big-endian 32-bit integers, the bytes.
IDX_MAGIC = {"images": 2051, "labels": 2049}
IDX_FILES = {
    "x_train": ("train-images", "images"),
    "y_train": ("train-labels", "labels"),
    "x_test": ("t10k-images", "images"),
    "y_test": ("t10k-labels", "labels"),
}
_USE_BUNDLED = "load_mnist() without an argument reads the bundled copy, which needs no network and no TensorFlow"


class DataError(ValueError):
    """The data cannot be used; the message names the file or the value, and the remedy."""


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Part:
    """Some images of one task: its train, validation or test part, or a subset of one.

    Attributes
    ----------
    images : uint8 array, (N, 28, 28)
    labels : int64 array, (N,)
        The class of each image, 0 to K-1.
    digits : tuple of int
        The digit that each of the K classes stands for.
    name : str
        What this is, for messages: "odd train".
    """

    images: np.ndarray
    labels: np.ndarray
    digits: tuple
    name: str

    def __len__(self):
        return len(self.labels)

    def __repr__(self):
        return f"Part({self.name}: {len(self):,} images of {', '.join(map(str, self.digits))})"

    @property
    def classes(self):
        """Number of classes, K."""
        return len(self.digits)

    def counts(self):
        """Number of images of each class, an int array (K,)."""
        return np.bincount(self.labels, minlength=self.classes)

    def inputs(self, shape, dtype="float32", rows=None):
        """Make a batch a network can work on: values in [0, 1].

        Parameters
        ----------
        shape : tuple of int
            What one image becomes: (784,) for a vector, (28, 28, 1) for a picture with one channel.
        dtype : str or numpy.dtype
            A floating-point type.
        rows : int array, optional
            Which images; all of them if not given.

        Returns
        -------
        array of `dtype`, (N, *shape)
        """
        images = self.images if rows is None else self.images[rows]
        if int(np.prod(shape)) != int(np.prod(images.shape[1:])):
            raise DataError(f"an image of {images.shape[1:]} pixels cannot become an input of shape {tuple(shape)}")
        scale = np.dtype(dtype).type(1 / 255)
        return np.multiply(images, scale, dtype=dtype).reshape(len(images), *shape)

    def subset(self, per_class, seed):
        """Draw `per_class` images of every class, without repetition.

        With one seed, a larger subset contains the smaller one.

        Parameters
        ----------
        per_class : int
            k, the number of images of each class.
        seed : int
            Chooses which.

        Returns
        -------
        Part
            K·k images, in the order of this part.

        Raises
        ------
        DataError
            A class has fewer than k images.
        """
        if per_class < 1 or per_class != int(per_class):
            raise DataError(f"per_class must be a whole number of at least 1, not {per_class!r}")
        rng = generator(seed)
        chosen = []
        for label, digit in enumerate(self.digits):
            rows = rng.permutation(np.flatnonzero(self.labels == label))
            if len(rows) < per_class:
                raise DataError(
                    f"{self.name}: {per_class} images of digit {digit} were asked for, but there are only {len(rows)};"
                    f" choose per_class of at most {self.counts().min()}"
                )
            chosen.append(rows[: int(per_class)])
        rows = np.sort(np.concatenate(chosen))
        return Part(self.images[rows], self.labels[rows], self.digits, f"{self.name}, {per_class} a class")


@dataclass(frozen=True)
class Task:
    """One classification task: tell some digits apart.

    Attributes
    ----------
    name : str
    digits : tuple of int
        Class k stands for digits[k].
    train, validation : Part
        Two disjoint parts of MNIST's training images: one to learn from, one to make choices with.
    test : Part
        From MNIST's test images. It measures; it never chooses.
    """

    name: str
    digits: tuple
    train: Part
    validation: Part
    test: Part

    def __repr__(self):
        sizes = ", ".join(f"{len(part):,} {kind}" for kind, part in self.parts().items())
        return f"Task({self.name}: digits {', '.join(map(str, self.digits))}; {sizes})"

    def parts(self):
        """The three parts by their names."""
        return {"train": self.train, "validation": self.validation, "test": self.test}


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
    if source == "bundled":
        arrays = read_npz(BUNDLED, DataError, IDX_FILES)
    elif source == "keras":
        arrays = _load_keras()
    elif Path(source).is_dir():
        arrays = _load_idx_folder(Path(source))
    elif Path(source).is_file():
        arrays = read_npz(source, DataError, IDX_FILES)
    else:
        raise DataError(f"there is no file or folder {source}; {_USE_BUNDLED}")
    for half in ("train", "test"):
        _check(arrays[f"x_{half}"], arrays[f"y_{half}"], f"{source} ({half} half)")
    return Mnist(arrays["x_train"], arrays["y_train"], arrays["x_test"], arrays["y_test"], str(source))


def digit_task(mnist, digits, name=None, validation=0.1):
    """Make a task out of some of MNIST's digits.

    The validation part is the last tenth of each class's training images, in the order of the file: every digit
    keeps its share (it is stratified), and no seed decides it.

    Parameters
    ----------
    mnist : Mnist
    digits : sequence of int
        At least two different digits. Class k of the task is digits[k].
    name : str, optional
        For messages and tables; the digits themselves if not given.
    validation : float
        The share of the training images that is set aside, between 0 and 1.

    Returns
    -------
    Task

    Raises
    ------
    DataError
        The digits are no digits, repeat or are too few, or one of them has no images.
    """
    digits = tuple(digits)
    if len(digits) < 2 or len(set(digits)) < len(digits) or not set(digits) <= set(range(10)):
        raise DataError(f"a task needs at least two different digits from 0 to 9, not {digits}")
    if not 0 < validation < 1:
        raise DataError(f"validation is the share of training images to set aside, between 0 and 1, not {validation}")
    digits = tuple(int(digit) for digit in digits)
    name = name or "".join(map(str, digits))
    learn, choose = [], []
    for digit in digits:
        rows = np.flatnonzero(mnist.train_labels == digit)
        held_out = max(1, round(validation * len(rows)))
        if len(rows) < 2:
            raise DataError(f"{mnist.source} has {len(rows)} training images of digit {digit}; a task needs at least 2")
        learn.append(rows[:-held_out])
        choose.append(rows[-held_out:])
    test_rows = np.flatnonzero(np.isin(mnist.test_labels, digits))
    for digit in digits:
        if digit not in mnist.test_labels:
            raise DataError(f"{mnist.source} has no test images of digit {digit}")

    def part(kind, images, labels, rows):
        rows = np.sort(rows)
        classes = np.full(10, -1)
        classes[list(digits)] = range(len(digits))
        return Part(images[rows], classes[labels[rows]], digits, f"{name} {kind}")

    return Task(
        name,
        digits,
        part("train", mnist.train_images, mnist.train_labels, np.concatenate(learn)),
        part("validation", mnist.train_images, mnist.train_labels, np.concatenate(choose)),
        part("test", mnist.test_images, mnist.test_labels, test_rows),
    )


def odd_even_tasks(mnist):
    """The two tasks of this project: (odd, even), that is 1 3 5 7 9 and 0 2 4 6 8.

    Parameters
    ----------
    mnist : Mnist

    Returns
    -------
    tuple of two Task
    """
    return digit_task(mnist, ODD_DIGITS, "odd"), digit_task(mnist, EVEN_DIGITS, "even")


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
    path = Path(path)
    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            content = file.read()
    except (OSError, EOFError, zlib.error) as problem:
        raise DataError(f"{path} cannot be read ({problem}); download it again, or: {_USE_BUNDLED}") from problem
    if len(content) < 8:
        raise DataError(f"{path} has {len(content)} bytes, too few for an IDX file: it is truncated")
    magic, count = struct.unpack(">II", content[:8])
    if magic not in IDX_MAGIC.values():
        hint = "; it is gzipped, so give its name the ending .gz" if content[:2] == b"\x1f\x8b" else ""
        raise DataError(f"{path} starts with the number {magic}; MNIST images start with 2051, labels with 2049{hint}")
    if magic == IDX_MAGIC["images"]:
        if len(content) < 16:
            raise DataError(f"{path} ends within its header: it is truncated")
        shape = (count, *struct.unpack(">II", content[8:16]))
        header = 16
    else:
        shape, header = (count,), 8
    expected = header + count * (shape[1] * shape[2] if len(shape) == 3 else 1)
    if len(content) != expected:
        raise DataError(f"{path} has {len(content):,} bytes, but its header promises {expected:,}: it is damaged")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def _load_idx_folder(folder):
    """Find and read the four IDX files, under either of the two ways their names are spelt."""
    arrays = {}
    for key, (stem, kind) in IDX_FILES.items():
        rank = 3 if kind == "images" else 1
        spellings = [f"{stem}{mark}idx{rank}-ubyte{end}" for mark in "-." for end in ("", ".gz")]
        found = next((folder / name for name in spellings if (folder / name).is_file()), None)
        if found is None:
            raise DataError(f"the folder {folder} has no {spellings[0]} (plain or .gz); {_USE_BUNDLED}")
        arrays[key] = read_idx(found)
        if arrays[key].ndim != rank:
            raise DataError(f"{found} should hold {kind}, but its magic number says otherwise; were two files swapped?")
    return arrays


def _load_keras():
    """Ask TensorFlow for MNIST; it downloads the data once and keeps it in its own cache."""
    try:
        with quiet_stderr():
            from tensorflow.keras.datasets import mnist
    except ImportError as problem:
        raise DataError(f"TensorFlow is not installed ({problem}); {_USE_BUNDLED}") from problem
    try:
        (x_train, y_train), (x_test, y_test) = mnist.load_data()
    except Exception as problem:  # Keras raises a bare Exception when the download fails
        raise DataError(f"Keras could not fetch MNIST ({problem}); {_USE_BUNDLED}") from problem
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


@contextlib.contextmanager
def quiet_stderr():
    """Silence what compiled code writes to the process's standard error, such as TensorFlow's start-up lines."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    saved = os.dup(2)
    try:
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


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
