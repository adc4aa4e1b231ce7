"""Files as people have them: recognised by their first bytes, then read if that is safe, or explained."""

import gzip
import io
import math
import re
import struct
import warnings
import zipfile
import zlib
from contextlib import contextmanager, nullcontext

import numpy as np

from helpers.files import as_path, unpacked_limit

# IDX, the format MNIST was published in: a magic number, the sizes as big-endian 32-bit integers, the bytes.
IDX_MAGIC = {"images": 2051, "labels": 2049}
CSV_START = re.compile(rb'(?=.*,)[\w.,"\r\n-]+', re.DOTALL)

_INSTEAD = "MNIST also comes as four IDX files, which can be read"
_PICKLE = f"is a pickle, which could run any code and is never loaded; {_INSTEAD}"
_HDF5 = f"is an HDF5 file (MATLAB and Keras write them), which NumPy cannot read; {_INSTEAD}"
FOREIGN = {  # how a file begins, and the sentence that helps
    b"<": "is a web page, not data; take the link to the file itself, on GitHub the one called Raw",
    b"version https://git-lfs": "is a Git LFS pointer, which only says where the data is; run git lfs pull in its repository",
    b"\x80": _PICKLE,
    b"(": _PICKLE,
    b"MATLAB": f"is a MATLAB file, which NumPy cannot read; {_INSTEAD}",
    b"\x89HDF": _HDF5,
    b"PAR1": f"is a Parquet file, which NumPy cannot read; {_INSTEAD}",
    b"\x93NUMPY": "is a single array; put all four into one .npz file with np.savez, as x_train, y_train, x_test, y_test",
}


class DataError(ValueError):
    """The data cannot be used.

    Attributes
    ----------
    what : str
        What is wrong with which file or value, and how to mend it.
    remedy : str
        How to do without this data, in Python; a program with options of its own says it in its own way. May be empty.
    """

    def __init__(self, what, remedy=""):
        super().__init__(f"{what}. {remedy}" if remedy else what)
        self.what, self.remedy = what, remedy


def kind_of(path):
    """What a file is by its first bytes: "idx", "csv" or else "npz"; kinds that are known but not read are refused."""
    with opened(path) as (file, where, _):
        start = file.read(64)
    _refuse_foreign(start, where)
    if start[:3] == b"\0\0\x08":
        return "idx"
    return "csv" if CSV_START.fullmatch(start) else "npz"


def zip_names(path):
    """The names of the files in a zip archive; none if it is no archive, a damaged one, or an `.npz` file."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except Exception:  # zipfile raises a dozen kinds on damaged bytes; read_npz will say what is wrong
        return []
    return [] if any(name.endswith(".npy") for name in names) else names


@contextmanager
def opened(path, archive=None):
    """Open a file, or a member of a zip archive, and gunzip it if it is gzipped, whatever its name says.

    Yields
    ------
    file : binary file
    where : str
        Its name for messages.
    limit : int
        How many bytes may come out of it; see `unpacked_limit`.
    """
    where = f"{archive.filename}/{path}" if archive else str(path)
    try:
        with archive.open(path) if archive else open(as_path(path), "rb") as raw:
            gzipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            with gzip.open(raw) if gzipped else nullcontext(raw) as file:
                yield file, where, unpacked_limit(archive.filename if archive else path)
    except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as problem:  # RuntimeError: encrypted
        raise DataError(f"{where} cannot be read ({problem}); download it again") from problem


def read_idx(path, archive=None):
    """Read one IDX file, plain or gzipped.

    Parameters
    ----------
    path : str or Path
    archive : zipfile.ZipFile, optional
        Where to read it from, if not from the disk.

    Returns
    -------
    uint8 array
        (N, rows, columns) for images, (N,) for labels.

    Raises
    ------
    DataError
        The file is missing, truncated, of another kind, or its magic number is neither 2051 (images) nor 2049 (labels).
    """
    with opened(path, archive) as (file, where, limit):
        shape = _read_idx_header(file, where, limit)
        size = math.prod(shape)
        content = file.read(size + 1)  # one more than promised, to see whether there is more
    header = 4 + 4 * len(shape)
    if len(content) < size:
        given, promised = header + len(content), header + size
        raise DataError(f"{where} has {given:,} bytes, but its header promises {promised:,}: it is damaged")
    if len(content) > size:
        raise DataError(f"{where} goes on after the {header + size:,} bytes that its header promises: it is damaged")
    try:
        return np.frombuffer(content, np.uint8).reshape(shape)
    except ValueError as problem:  # no pixels at all, yet more rows and columns than an array can have
        raise DataError(f"{where} promises images of {shape[1]:,} by {shape[2]:,} pixels: it is damaged") from problem


def _read_idx_header(file, where, limit):
    """The shape that an IDX file promises, if it is one and may promise so much; the file stands at the pixels then."""
    start = file.read(64)
    _refuse_foreign(start, where)
    if len(start) < 8:
        raise DataError(f"{where} has {len(start)} bytes, too few for an IDX file: it is truncated")
    magic, count = struct.unpack(">II", start[:8])
    if magic not in IDX_MAGIC.values():
        raise DataError(f"{where} starts with the number {magic}; MNIST images start with 2051, labels with 2049")
    shape = (count,)
    if magic == IDX_MAGIC["images"]:
        if len(start) < 16:
            raise DataError(f"{where} ends within its header: it is truncated")
        shape += struct.unpack(">II", start[8:16])
    if math.prod(shape) > limit:
        raise DataError(
            f"{where} promises {math.prod(shape):,} bytes, far more than a file of its size holds: it is damaged"
        )
    file.seek(4 + 4 * len(shape))
    return shape


def read_csv(path, archive=None):
    """Read images and labels from a CSV file: one image a line, its label first, with or without a line of titles.

    Parameters
    ----------
    path, archive
        As in `read_idx`.

    Returns
    -------
    images, labels : uint8 arrays, (N, 28, 28) and (N,)

    Raises
    ------
    DataError
        The file is missing, damaged, of another kind, or has other columns.
    """
    content, first, where = _csv_content(path, archive)
    columns = first.count(b",") + 1
    if columns != 785:
        hint = "; without labels, as in Kaggle's contest, nothing can be measured" if columns == 784 else ""
        raise DataError(f"{where} has {columns} columns, but a label and 784 pixels make 785{hint}")
    rows = _csv_numbers(content, where, np.uint8, skiprows=int(not first.lstrip(b'"')[:1].isdigit()))
    rows = rows.reshape(-1, columns)
    return rows[:, 1:].reshape(-1, 28, 28), rows[:, 0].copy()


def read_csv_rows(path):
    """Read square images of any size and their labels, which may be words, from a CSV file as in `read_csv`.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    pixels : float32 array, (N, side, side)
        In whatever range the file has them.
    labels : str array, (N,)

    Raises
    ------
    DataError
        As in `read_csv`.
    """
    content, first, where = _csv_content(path)
    columns = first.count(b",") + 1
    side = math.isqrt(columns - 1)
    if columns < 2 or side * side != columns - 1:
        raise DataError(
            f"{where} has {columns:,} columns, but a label and the pixels of a square image make, say, 785 for 28 × 28; the"
            " label comes first, and columns are separated by commas"
        )
    titles = any(not _is_number(cell) for cell in first.split(b",")[1:])  # a title for each pixel
    lines = [line for line in content.removeprefix(b"\xef\xbb\xbf").splitlines()[titles:] if line.strip()]
    labels = [line.partition(b",")[0].strip(b'" ').decode("utf-8", "replace") for line in lines]
    pixels = _csv_numbers(b"\n".join(lines), where, np.float32, usecols=range(1, columns))
    return pixels.reshape(-1, side, side), np.array(labels, dtype=str)


def _is_number(cell):
    try:
        float(cell.strip(b'" \r'))
    except ValueError:
        return False
    return True


def _csv_content(path, archive=None):
    """The bytes of a CSV file, its first line, and its name for messages."""
    with opened(path, archive) as (file, where, limit):
        content = file.read(limit + 1)
    _refuse_foreign(content[:64], where)
    if len(content) > limit:
        raise DataError(f"{where} unpacks to more than {limit:,} bytes: it is damaged")
    return content, content[: 2**20].partition(b"\n")[0].removeprefix(b"\xef\xbb\xbf"), where


def _csv_numbers(content, where, dtype, **options):
    """The numbers of a CSV file's rows."""
    kind = "whole numbers from 0 to 255" if dtype == np.uint8 else "numbers, but for its labels"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a file of titles alone; that it holds no images is said later
            return np.loadtxt(
                io.BytesIO(content), dtype, delimiter=",", ndmin=2, quotechar='"', comments=None, **options
            )
    except ValueError as problem:
        raise DataError(f"{where} should hold {kind} ({problem})") from problem


def _refuse_foreign(start, where):
    """Raise DataError with the sentence that helps if this is how a well-known other kind of file begins."""
    start = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    for sign, sentence in FOREIGN.items():
        if start.startswith(sign):
            raise DataError(f"{where} {sentence}")
