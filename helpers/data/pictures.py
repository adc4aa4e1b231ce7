"""Pictures in the forms that people bring: folders of images, a CSV, an .npz, IDX files, drawings. Only read here: `images` makes them like MNIST's."""

import base64
import binascii
import json
import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from helpers.data.formats import DataError, kind_of, opened, read_csv_rows, read_idx
from helpers.data.ink import shrunk
from helpers.data.strokes import SIDE, rasterise
from helpers.files import npz_sizes, read_npz

SKIPPED = {"thumbs.db", "desktop.ini", "__macosx"}  # and all whose name starts with a dot
IMAGE_KEYS = "images", "image", "imgs", "x", "data", "arr_0", "x_train", "train_images", "x_test", "test_images"
LABEL_KEYS = (
    "labels",
    "label",
    "classes",
    "y",
    "target",
    "targets",
    "arr_1",
    "y_train",
    "train_labels",
    "y_test",
    "test_labels",
)
CLASS_FILE = "drawings of the transfer learning laboratory, version 1"
FORMS = (
    "a folder with a folder of images for each class, a CSV (a label and the pixels of a square image a line), an .npz with"
    " images and labels, IDX files, or the drawings that the laboratory saved"
)
HEIC = "is a HEIC photo, which Pillow cannot read; save it as JPEG (iPhone: Settings, Camera, Formats, Most Compatible)"


class Picture(NamedTuple):
    """A picture that is still where it lies: its name for messages, its class, and how to read its grey values."""

    name: str
    label: str
    read: Callable


def pictures_at(path):
    """All pictures at a place, whatever their form: a list of `Picture`; a DataError says why there are none."""
    if path.is_dir():
        return _in_folder(path)
    if not path.is_file():
        raise DataError(f"there is no file or folder {path}; give {FORMS}")
    name = path.name.lower()
    if name.endswith(".json"):
        return _in_class_file(path)
    if name.endswith((".csv", ".csv.gz")):
        return _of_arrays(*read_csv_rows(path), path)
    if name.endswith(".npz"):
        return _of_arrays(*_read_npz(path), path)
    if name.endswith(".zip"):
        raise DataError(f"{path} is a zip archive; unpack it and give the folder")
    kind = kind_of(path)
    if kind == "idx":
        return _of_arrays(*_read_idx_pair(path), path)
    if kind == "csv":
        return _of_arrays(*read_csv_rows(path), path)
    raise DataError(f"{path} is no data that can be read; give {FORMS}")


# --- folders -----------------------------------------------------------------------------------------------------


def _visible(folder):
    """What a folder holds, without what systems hide in it."""
    names = (one for one in folder.iterdir() if not one.name.startswith(".") and one.name.lower() not in SKIPPED)
    return sorted(names, key=lambda one: natural(one.name))


def _in_folder(path):
    folders = [one for one in _visible(path) if one.is_dir()]
    files = [one for one in _visible(path) if one.is_file()]
    images = [one for one in files if re.search(r"images?[-.]idx3", one.name, re.IGNORECASE)]
    if images:
        return [picture for one in images for picture in _of_arrays(*_read_idx_pair(one), one)]
    if len(folders) == 1 and not files:  # as an archive unpacks
        return _in_folder(folders[0])
    if not folders:
        if not files:
            raise DataError(f"the folder {path} is empty; it should hold a folder of images for each class")
        raise DataError(
            f"{path} has no folder for each class, but {len(files)} file{'s' * (len(files) != 1)} ({files[0].name}); move"
            " the images into folders that are called like their classes"
        )
    pictures = []
    for folder in folders:
        inside = _visible(folder)
        deeper = [one for one in inside if one.is_dir()]
        if deeper:
            raise DataError(
                f"{folder} holds folders ({deeper[0].name}) where images are expected; give {folder} itself if these are the"
                " classes"
            )
        if not inside:
            raise DataError(f"the folder {folder} is empty; put images of {folder.name} into it, or remove it")
        pictures += [Picture(str(file), folder.name, lambda file=file: read_picture(file)) for file in inside]
    return pictures


def read_picture(path):
    """Read a picture's grey values, as a person sees it: turned as the camera says, and with a background.

    Parameters
    ----------
    path : str or Path
        In any format that Pillow reads.

    Returns
    -------
    float32 or uint8 array, (rows, columns)
        From 0 for black to 255 for white, at most `ink.LARGEST` a side.

    Raises
    ------
    DataError
        Pillow is missing, or this is no picture or a damaged one.
    """
    try:
        from PIL import Image, ImageOps
    except ImportError as problem:
        raise DataError(
            f"pictures are read by Pillow, which is not installed ({problem}): `python -m pip install pillow`"
        ) from problem
    try:
        with Image.open(path) as image:
            image.draft("L", (1024, 1024))  # a large photo is unpacked to a smaller size; other formats ignore it
            return shrunk(_grey(ImageOps.exif_transpose(image), Image))
    except Exception as problem:  # Pillow raises a dozen kinds on damaged bytes
        if path.suffix.lower() in (".heic", ".heif"):
            raise DataError(f"{path} {HEIC}") from problem
        raise DataError(
            f"{path} cannot be read as an image ({_in_short(problem)}); remove it, or save it again as PNG or JPEG"
        ) from problem


def _in_short(problem):
    return str(problem).partition("\n")[0].replace(" '", " ").rstrip("'") or type(problem).__name__


def _grey(image, Image):
    """A Pillow image as grey values from 0 to 255."""
    if image.mode[0] in "IF":  # 16 or 32 bits
        return to_bytes(np.asarray(image))
    if "A" in image.mode or "transparency" in image.info:
        image = image.convert("RGBA")
        grey, alpha = np.asarray(image.convert("RGB").convert("L"), float), np.asarray(image)[..., 3] / 255
        inked = (grey * alpha).sum() / max(alpha.sum(), 1e-9)  # what is not transparent is dark: put it on white paper
        return grey * alpha + (1 - alpha) * (255.0 if inked < 128 else 0.0)
    return np.asarray(image.convert("L"))


def to_bytes(images):
    """Numbers that stand for grey values as numbers from 0 to 255: of 0 to 1, of 0 to 255, or of 16 bits."""
    images = np.asarray(images)
    if images.dtype == np.uint8:
        return images * np.uint8(255) if images.size and images.max() == 1 else images
    if images.dtype.kind not in "biuf" or not np.isfinite(images).all():
        raise DataError(f"grey values should be finite numbers, not {images.dtype}")
    images = images.astype("float32")
    low, high = (images.min(), images.max()) if images.size else (0, 0)
    if low < 0 or high > 65535:
        raise DataError(f"grey values should lie from 0 to 255, or from 0 to 1, but these go from {low:g} to {high:g}")
    return images * (255 if high <= 1 else 1 if high <= 255 else 255 / 65535)


# --- arrays ------------------------------------------------------------------------------------------------------


def _of_arrays(images, labels, where):
    """Pictures of arrays, in the guises that people have them."""
    images, labels = _as_pictures(np.asarray(images), where), np.asarray(labels)
    if labels.ndim == 2 and len(labels) == len(images):
        labels = labels.ravel() if labels.shape[1] == 1 else labels.argmax(axis=1)  # one-hot
    if labels.shape != (len(images),):
        raise DataError(f"{where}: {len(images):,} images need as many labels, but labels have shape {labels.shape}")
    if labels.dtype.kind == "f":
        if not np.all(labels == np.rint(labels)):
            raise DataError(
                f"{where}: labels should be whole numbers or words, but some are neither, such as {labels[0]}"
            )
        labels = labels.astype("int64")
    if labels.dtype.kind == "S":
        labels = np.char.decode(labels, "utf-8", "replace")
    if labels.dtype.kind not in "iubU":
        raise DataError(f"{where}: labels should be whole numbers or words, not {labels.dtype}")
    try:
        images = to_bytes(images)
    except DataError as problem:
        raise DataError(f"{where}: {problem}") from None
    return [
        Picture(f"image {number:,} of {where}", str(label).strip(), lambda image=image: image)
        for number, (image, label) in enumerate(zip(images, labels.tolist()), start=1)
    ]


def _as_pictures(images, where):
    """Images of any usual shape as (N, rows, columns)."""
    shape = images.shape
    if images.ndim == 4 and shape[-1] in (3, 4):
        return (images[..., :3] @ np.array([0.299, 0.587, 0.114])).astype(
            "float32"
        )  # the grey of television, and of JPEG
    if images.ndim == 4 and 1 in (shape[1], shape[-1]):
        return images.reshape(shape[0], *(shape[1:3] if shape[-1] == 1 else shape[2:]))
    if images.ndim == 2:
        side = round(shape[1] ** 0.5)
        if side * side == shape[1]:
            return images.reshape(-1, side, side)
    if images.ndim != 3:
        raise DataError(f"{where}: images should be an array (N, rows, columns), not {shape}")
    return images


def _read_npz(path):
    """Images and labels under the first usual names that an `.npz` file has; those of training and test together."""
    names = {name.lower(): name for name in npz_sizes(path, DataError)}
    pairs = []
    for key in IMAGE_KEYS:
        half = re.search("train|test", key)
        fits = (
            [one for one in LABEL_KEYS if one in names and re.search("train|test", one) is None]
            if not half
            else [one for one in LABEL_KEYS if one in names and half[0] in one]
        )
        if key in names and fits and (half or not pairs):
            pairs.append((names[key], names[fits[0]]))
    if not pairs:
        raise DataError(
            f"{path} has no images and labels; name its arrays so with np.savez(path, images=…, labels=…) (it holds:"
            f" {', '.join(sorted(names.values())) or 'nothing'})"
        )
    arrays = read_npz(path, DataError, {name for pair in pairs for name in pair})
    images, labels = zip(*((_as_pictures(arrays[one], path), arrays[other]) for one, other in pairs))
    if len({one.shape[1:] for one in images}) > 1:
        raise DataError(f"{path}: training and test images differ in size")
    return np.concatenate(images), np.concatenate(labels)


def _read_idx_pair(path):
    """The images of an IDX file and the labels beside it, whichever of the two is named."""
    lower = path.name.lower()
    others = {"images": "labels", "image": "label", "labels": "images", "label": "image"}
    word = next((word for word in others if word in lower), None)
    if word is None:
        raise DataError(
            f"the name of {path} does not say whether it holds images or labels; call the two …-images and …-labels"
        )
    wanted = lower.replace(word, others[word]).replace("idx3", "idx?").replace("idx1", "idx3").replace("idx?", "idx1")
    beside = {one.name.lower().removesuffix(".gz"): one for one in path.parent.iterdir() if one.is_file()}
    other = beside.get(wanted.removesuffix(".gz"))
    if other is None:
        raise DataError(f"{path} needs {wanted} beside it")
    images, labels = (read_idx(one) for one in ((path, other) if word.startswith("image") else (other, path)))
    if images.ndim != 3 or labels.ndim != 1:
        raise DataError(f"{path} and {other.name} should hold images and labels; were two files swapped?")
    return images.transpose(0, 2, 1) if "emnist" in lower else images, labels  # its files hold every image transposed


# --- drawings ----------------------------------------------------------------------------------------------------


def _in_class_file(path):
    """The images of the laboratory's file of a class, or drawings as strokes, by the symbols' names."""
    with opened(path) as (file, where, limit):
        content = file.read(limit + 1)
    try:
        stored = json.loads(content) if len(content) <= limit else None
        symbols = stored["symbols"]
        if isinstance(symbols, dict):
            drawn = [(name, drawing) for name, many in symbols.items() for drawing in many]
            arrays = [rasterise(drawing) for _, drawing in drawn]
        elif stored["format"] == CLASS_FILE:
            drawn = [(one["name"], text) for one in symbols for text in (*one["learn"], *one["later"])]
            arrays = [_decoded(text) for _, text in drawn]
        else:
            raise ValueError(f"its format is {stored['format']!r}")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise DataError(
            f"{where} is no file of drawings ({_in_short(problem)}); the laboratory's page saves one as drawings.json"
        ) from problem
    return [
        Picture(f"drawing {number} in {where}", str(name).strip(), lambda array=array: array)
        for number, ((name, _), array) in enumerate(zip(drawn, arrays), start=1)
    ]


def _decoded(text):
    """An image as the laboratory keeps it: its bytes in base64."""
    try:
        return np.frombuffer(base64.b64decode(text, validate=True), np.uint8).reshape(SIDE, SIDE)
    except binascii.Error as problem:
        raise ValueError(str(problem)) from None


def natural(name):
    """Sorts "10" after "9"."""
    return [(0, int(piece), "") if piece.isdigit() else (1, 0, piece) for piece in re.split(r"([0-9]+)", name) if piece]
