"""Files that are written whole or not at all, and arrays that are read without trust."""

import io
import math
import os
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np


@contextmanager
def atomic_write(path):
    """Open a file that replaces `path` only once it is complete.

    The bytes go to a hidden neighbour first, which is renamed over `path` at the end. Whatever happens
    before that (an exception, Ctrl-C, a full disk, a kill), `path` still holds what it held.

    Parameters
    ----------
    path : str or Path
        The file to write. Its folder must exist.

    Yields
    ------
    file : binary file, open for writing
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; give the name of a file to write")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} does not exist; create it, then save {path.name} again")
    handle, partial = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # the rename must not overtake the bytes
        os.chmod(partial, 0o666 & ~_umask())  # mkstemp makes files that only their owner can read
        os.replace(partial, path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_npz(path, error, keys=None):
    """Read the arrays of an `.npz` file that may be truncated, foreign or hostile.

    Pickled objects are never loaded, and each array's stated size is compared with the bytes that are there
    before memory is set aside for it.

    Parameters
    ----------
    path : str or Path
    error : type
        The exception class to raise.
    keys : iterable of str, optional
        The arrays to read; all of them if not given.

    Returns
    -------
    dict of str to numpy.ndarray

    Raises
    ------
    error
        The file is missing, cannot be read, is no `.npz`, is damaged, lacks a key or holds Python objects.
    """
    path = Path(path)
    if not path.is_file():
        raise error(f"there is no file {path}")
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.removesuffix(".npy"): name for name in archive.namelist()}
            wanted = list(names) if keys is None else list(keys)
            missing = [key for key in wanted if key not in names]
            if missing:
                raise error(
                    f"{path} has no array named {' or '.join(missing)}; it holds: {', '.join(sorted(names)) or 'nothing'}"
                )
            return {key: _read_npy(archive.read(names[key]), f"{path}, array {key}", error) for key in wanted}
    except error:
        raise
    except OSError as problem:
        raise error(f"{path} cannot be read: {problem}") from problem
    except Exception as problem:  # zipfile, zlib and NumPy's header parser raise a dozen kinds on damaged bytes
        raise error(
            f"{path} is not a complete .npz file ({problem}); it may be truncated or of another kind"
        ) from problem


def _read_npy(content, where, error):
    """Turn the bytes of one `.npy` file into an array, checking its header against its length."""
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran_order, dtype = read_header(stream)
    if dtype.hasobject:
        raise error(f"{where} holds pickled Python objects, which are never loaded: they could run any code")
    expected, found = math.prod(shape) * dtype.itemsize, len(content) - stream.tell()
    if expected != found:
        raise error(f"{where} should hold {expected:,} bytes for its shape {shape}, but has {found:,}: it is damaged")
    values = np.frombuffer(content, dtype, offset=stream.tell())
    return values.reshape(shape, order="F" if fortran_order else "C").copy(order="C")
