"""Files that are written whole or not at all, and arrays that are read without trust."""

import io
import math
import os
import secrets
import zipfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np

EXPANSION_BYTES = 256 * 2**20  # a file may unpack to so many more bytes than it has: see `unpacked_limit`


def as_path(path):
    """A path as people write it, with `~` for their own folder."""
    return Path(os.path.expanduser(path))


@contextmanager
def atomic_write(path):
    """Open a file that replaces `path` only once it is complete.

    The bytes go to a hidden neighbour first, which is renamed over `path` at the end. Whatever happens
    before that (an exception, Ctrl-C, a full disk, a kill), `path` still holds what it held.

    Parameters
    ----------
    path : str or Path
        The file to write. Its folder must exist. A device or a pipe is refused: it would be replaced, not written to.

    Yields
    ------
    file : binary file, open for writing
    """
    path = as_path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the name of a file to write")
    if path.exists() and not path.is_file():
        raise OSError(f"{path} is a device or a pipe; give the name of a file to write")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} does not exist; create it, then save {path.name} again")
    # Not tempfile.mkstemp: its files are for their owner alone. This one gets the mode of any new file.
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}.partial")
    try:
        with open(partial, "xb") as file:  # x: never a file that is there already
            yield file
            file.flush()
            os.fsync(file.fileno())  # the rename must not overtake the bytes
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def unpacked_limit(path):
    """How many bytes a file may unpack to: as many as it has, and a quarter of a GiB more.

    A file of 2 MB can be made to unpack to gigabytes, which would fill the memory before anybody sees that something
    is wrong. An honest one stays below the limit: arrays that are stored as they are take no more than their file,
    and MNIST, compressed, gains 43 MB.
    """
    return as_path(path).stat().st_size + EXPANSION_BYTES


def npz_sizes(path, error):
    """How large the arrays of an `.npz` file are, as its directory states; nothing is unpacked.

    Parameters
    ----------
    path : str or Path
    error : type
        The exception class to raise.

    Returns
    -------
    dict of str to int
        The bytes of each array, its header of some hundred bytes included.

    Raises
    ------
    error
        The file is missing, cannot be read, is no `.npz` or would unpack to more than `unpacked_limit`.
    """
    with _open_npz(path, error) as (_, entries):
        _check_total(path, entries.values(), error)
        return {key: entry.file_size for key, entry in entries.items()}


def read_npz(path, error, keys=None):
    """Read the arrays of an `.npz` file that may be truncated, foreign or hostile.

    Pickled objects are never loaded, and sizes are compared with what is there before memory is set aside: what the
    arrays unpack to with `unpacked_limit`, then each array's shape with its bytes.

    Parameters
    ----------
    path : str or Path
    error : type
        The exception class to raise.
    keys : iterable of str, optional
        The arrays to read; all of them if not given. The others are not unpacked.

    Returns
    -------
    dict of str to numpy.ndarray

    Raises
    ------
    error
        The file is missing, cannot be read, is no `.npz`, is damaged, lacks a key, holds Python objects or would
        unpack to more than `unpacked_limit`.
    """
    with _open_npz(path, error) as (archive, entries):
        wanted = list(entries) if keys is None else list(keys)
        missing = [key for key in wanted if key not in entries]
        if missing:
            names = ", ".join(sorted(entries)) or "nothing"
            raise error(f"{path} has no array named {' or '.join(missing)}; it holds: {names}")
        _check_total(path, [entries[key] for key in wanted], error)
        return {key: _read_npy(_unpack(archive, entries[key]), f"{path}, array {key}", error) for key in wanted}


@contextmanager
def _open_npz(path, error):
    """Open an `.npz` file as a zip archive, with its entries by the arrays' names; all that goes wrong is an `error`."""
    path = as_path(path)
    try:
        if not path.is_file():
            raise error(f"there is no file {path}")
        with zipfile.ZipFile(path) as archive:
            yield archive, {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
    except error:
        raise
    except OSError as problem:
        raise error(f"{path} cannot be read: {problem}") from problem
    except Exception as problem:  # zipfile, zlib and NumPy's header parser raise a dozen kinds on damaged bytes
        raise error(
            f"{path} is not a complete .npz file ({problem}); it may be truncated or of another kind"
        ) from problem


def _check_total(path, entries, error):
    total, limit = sum(entry.file_size for entry in entries), unpacked_limit(path)
    if total > limit:
        raise error(
            f"{path} would unpack to {total:,} bytes, more than the {limit:,} that are allowed for a file of its size;"
            " if it is yours, save its arrays with np.savez, which does not compress"
        )


def _unpack(archive, entry):
    """The bytes of one entry: as many as the archive's directory states, whatever the entry really unpacks to."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile(f"{entry.filename} is compressed by a method that NumPy does not use")
    with archive.open(entry) as file:
        return file.read(entry.file_size)  # archive.read would unpack up to 2 GiB before it cuts off what is too much


def _read_npy(content, where, error):
    """Turn the bytes of one `.npy` file into an array, checking its header against its length."""
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran_order, dtype = read_header(stream)
    if dtype.hasobject:
        raise error(f"{where} holds pickled Python objects, which are never loaded: they could run any code")
    expected, present = math.prod(shape) * dtype.itemsize, len(content) - stream.tell()
    if expected != present:
        raise error(f"{where} should hold {expected:,} bytes for its shape {shape}, but has {present:,}: it is damaged")
    values = np.frombuffer(content, dtype, offset=stream.tell())
    return values.reshape(shape, order="F" if fortran_order else "C").copy(order="C")
