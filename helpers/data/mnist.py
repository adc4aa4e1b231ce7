"""MNIST in: from the bundled copy, from Keras, or from a path, and checked before anybody uses it."""

import math
import os
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from helpers.data.formats import DataError, kind_of, read_csv, read_idx, zip_names
from helpers.files import as_path, read_npz
from helpers.tensorflow import load_tensorflow

BUNDLED = Path(__file__).resolve().parents[2] / "data" / "mnist.npz"
IMAGE_SHAPE = (28, 28)

IDX_FILES = {
    "x_train": ("train-images", "images"),
    "y_train": ("train-labels", "labels"),
    "x_test": ("t10k-images", "images"),
    "y_test": ("t10k-labels", "labels"),
}
# How such files are called: train-images-idx3-ubyte.gz, t10k-labels.idx1-ubyte, emnist-digits-test-images-idx3-ubyte,
# and, with labels and images in one file, mnist_train.csv.
FILE_NAME = re.compile(
    r"(?P<prefix>([a-z][\w-]*[-_])?)(?P<half>train|t10k|test)"
    r"(-(?P<kind>images|labels)[-.]idx[13]-ubyte|[\w-]*\.csv)(\.gz)?",
    re.IGNORECASE,
)
FOLDERS = "*", "*/*", "MNIST/raw/*"  # where they lie: Kaggle gives each a folder, torchvision has MNIST/raw
_USE_BUNDLED = "load_mnist() without an argument reads the bundled copy, which needs no network and no TensorFlow"
_RESTORE_BUNDLED = "`git restore data/mnist.npz`, or a new clone of the repository, brings the bundled copy back"


@dataclass(frozen=True, eq=False)  # `==` on arrays is element-wise
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
        The copy beside this code (no network, no TensorFlow); TensorFlow's own loader; or a path. It may lead to an
        `.npz` file with the keys x_train, y_train, x_test and y_test; to a folder or zip archive with the four IDX
        files, or with Kaggle's two CSV files, plain or `.gz`; or to one of these files, if the others lie beside it.

    Returns
    -------
    Mnist

    Raises
    ------
    DataError
        The data is missing, damaged, or not 28×28 `uint8` images, white on black, of all ten digits.
    """
    if not isinstance(source, (str, os.PathLike)):
        raise DataError(f"source must be 'bundled', 'keras' or a path, not {source!r}")
    try:
        arrays = _read(source)
        for half in ("train", "test"):
            _check(arrays[f"x_{half}"], arrays[f"y_{half}"], f"{source} ({half} half)")
    except (DataError, OSError) as problem:  # OSError: a path that is too long, or leads through a locked folder
        remedy = _RESTORE_BUNDLED if source == "bundled" else _USE_BUNDLED
        raise DataError(str(problem), remedy) from problem
    return Mnist(arrays["x_train"], arrays["y_train"], arrays["x_test"], arrays["y_test"], str(source))


def _read(source):
    """Read the four arrays, by Keras's names, from wherever they are."""
    if source == "bundled":
        return read_npz(BUNDLED, DataError, IDX_FILES)
    if source == "keras":
        return _load_keras()
    path = as_path(source)
    if path.is_dir():
        files = [file for pattern in FOLDERS for file in path.glob(pattern) if file.is_file()]
        return _read_set(_data_sets(file.relative_to(path).as_posix() for file in files), path)
    if not path.is_file():
        raise DataError(f"there is no file or folder {source}")
    if kind_of(path) != "npz":
        return _read_set(_data_set_with(path), path.parent)
    if names := zip_names(path):
        with zipfile.ZipFile(path) as archive:
            return _read_set(_data_sets(names), path, archive)
    return read_npz(path, DataError, IDX_FILES)


class _Set(NamedTuple):
    """What the files of one data set have in common."""

    depth: int  # below the folder, or the root of the archive
    form: str  # "idx" or "csv"
    folder: PurePosixPath
    prefix: str  # of the names: "emnist-digits-"


MNIST_SET = _Set(0, "idx", PurePosixPath(), "")


def _data_sets(names):
    """Sort files into data sets by their names: {_Set: {key: name}}."""
    sets = {}
    for name in sorted(names):
        path = PurePosixPath(name)
        if match := FILE_NAME.fullmatch(path.name):
            kind, half = (match["kind"] or "").lower(), "train" if match["half"].lower() == "train" else "test"
            folder = path.parent.parent if path.parent.name == path.name else path.parent
            files = sets.setdefault(_Set(len(folder.parts), "idx" if kind else "csv", folder, match["prefix"]), {})
            for letter in {"images": "x", "labels": "y"}.get(kind, "xy"):
                files.setdefault(f"{letter}_{half}", name)
    return sets


def _data_set_with(path):
    """The data set that one file belongs to, with the other files beside it."""
    for one in _data_sets([path.name]):
        return {one: _data_sets(file.name for file in path.parent.iterdir())[one]}
    raise DataError(
        f"the name of {path} does not say what it holds; the four IDX files are called"
        f" {', '.join(_file_name(key) for key in IDX_FILES)}, the two CSV files train.csv and test.csv"
    )


def _read_set(sets, place, archive=None):
    """Read the one complete data set that is found at a place, a folder or an archive."""
    complete = {one: files for one, files in sets.items() if len(files) == len(IDX_FILES)}
    if not complete:
        one, files = max(sets.items(), key=lambda item: len(item[1]), default=(MNIST_SET, {}))
        missing = next(_file_name(key, one) for key in IDX_FILES if key not in files)
        raise DataError(f"the {'archive' if archive else 'folder'} {place} has no {missing} (plain or .gz)")
    best, *others = sorted(complete, key=lambda one: (one.depth, one.form == "csv"))
    if others and others[0][:2] == best[:2]:
        files, unpack = ", ".join(complete[one]["x_train"] for one in complete), "unpack it and " if archive else ""
        raise DataError(f"{place} holds several data sets; {unpack}name one file of the one you mean: {files}")
    files = {key: name if archive else place / name for key, name in complete[best].items()}
    if best.form == "csv":
        train, test = (read_csv(files[key], archive) for key in ("x_train", "x_test"))
        arrays = dict(zip(IDX_FILES, (*train, *test)))
    else:
        arrays = {key: _read_part(key, file, archive) for key, file in files.items()}
    if "emnist" in best.prefix.lower():  # its files hold every image transposed
        arrays |= {key: arrays[key].transpose(0, 2, 1).copy() for key in ("x_train", "x_test")}
    return arrays


def _read_part(key, file, archive):
    """Read the IDX file of one of the four arrays."""
    array, kind = read_idx(file, archive), IDX_FILES[key][1]
    if array.ndim != (3 if kind == "images" else 1):
        raise DataError(f"{file} should hold {kind}, but its magic number says otherwise; were two files swapped?")
    return array


def _file_name(key, one=MNIST_SET):
    """How the file of one of the four arrays is called in a data set."""
    stem, kind = IDX_FILES[key]
    if one.form == "csv":
        return f"{one.prefix}{key[2:]}.csv"
    stem = stem.replace("t10k", "test") if one.prefix else stem  # as EMNIST has it
    return f"{one.prefix}{stem}-idx{3 if kind == 'images' else 1}-ubyte"


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
    """Raise DataError unless these are images as MNIST's, with one label each and all ten digits."""
    if images.ndim < 2 or images.shape[1:] != IMAGE_SHAPE:
        fits = images.ndim > 1 and math.prod(images.shape[1:]) == math.prod(IMAGE_SHAPE)
        advice = "; use `images.reshape(-1, 28, 28)`" if fits else ""
        raise DataError(f"{where}: images must have the shape (N, 28, 28), not {images.shape}{advice}")
    if len(images) == 0:
        raise DataError(f"{where} holds no images")
    check_grey(images, where)
    check_labels(labels, len(images), where)
    if labels.min() < 0 or labels.max() > 9:
        raise DataError(f"{where}: labels must be digits from 0 to 9, but go from {labels.min()} to {labels.max()}")
    missing = [str(digit) for digit in range(10) if digit not in labels]
    if missing:
        raise DataError(f"{where} has no images of digit {', '.join(missing)}")
    _check_pictures(images, labels, where)


def check_grey(images, where):
    """Raise DataError, with the line that mends it, unless these are grey values from 0 to 255, kept as `uint8`."""
    if images.dtype.kind not in "biuf":
        raise DataError(f"{where}: images must be numbers from 0 to 255, not {images.dtype}")
    low, high = (images.min(), images.max()) if images.size else (0, 255)
    if not 0 <= low <= high <= 255:
        raise DataError(f"{where}: grey values go from 0 for black to 255 for white, but these from {low} to {high}")
    if high == 0 or (high == 1 and images.dtype.kind in "iu" and _are_black(images).any()):
        raise DataError(
            f"{where}: images are black, or nearly so; if values from 0 to 1 were converted to whole numbers, go back to"
            " those and multiply by 255 before you round"
        )
    if high <= 1:
        raise DataError(
            f"{where}: images are kept as grey values from 0 to 255, but the largest of these is {high:g};"
            ' use `np.rint(255 * images).astype("uint8")`'
        )
    if images.dtype != np.uint8:
        raise DataError(f'{where}: images are kept as uint8, not {images.dtype}; use `np.rint(images).astype("uint8")`')


def check_labels(labels, count, where):
    """Raise DataError, with the line that mends it, unless these are whole numbers, one for each image."""
    if labels.ndim == 2 and len(labels) == count:
        advice = "`labels.ravel()`" if labels.shape[1] == 1 else "`labels.argmax(1)`"
        raise DataError(f"{where}: labels must be one number for each image, not of shape {labels.shape}; use {advice}")
    if labels.shape != (count,):
        raise DataError(f"{where}: {count:,} images need as many labels, but labels have shape {labels.shape}")
    if labels.dtype.kind not in "iu":
        advice = '; use `labels.astype(float).astype("int64")`' if _are_whole(labels) else ""
        raise DataError(f"{where}: labels must be whole numbers, not {labels.dtype}{advice}")


def _check_pictures(images, labels, where):
    """Raise DataError if images are black, dark on white or transposed: a network would train on them without a word."""
    black = _are_black(images)
    if black.any():
        raise DataError(
            f"{where}: {black.sum():,} of {len(images):,} images are all black; is the file damaged? If not,"
            " `images[images.any(axis=(1, 2))]` and `labels[images.any(axis=(1, 2))]` leave them out"
        )
    if images[:, [0, -1]].mean() > 127 and images[:, :, [0, -1]].mean() > 127:
        raise DataError(f"{where}: the digits are dark on white, but MNIST's are white on black; use `255 - images`")
    ones = images[labels == 1]
    if ones.any(axis=1).sum() > 1.5 * ones.any(axis=2).sum():  # columns with ink, rows with ink
        raise DataError(f"{where}: the ones lie on their sides, as in EMNIST's files; use `images.transpose(0, 2, 1)`")


def _are_black(images):
    return ~images.any(axis=tuple(range(1, images.ndim)))


def _are_whole(labels):
    """Whether labels are whole numbers in another guise: 5.0 or "5"."""
    try:
        values = labels.astype(float)
    except (TypeError, ValueError):
        return False
    return bool(np.all(values == np.rint(values)))
