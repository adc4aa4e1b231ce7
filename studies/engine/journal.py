"""The journal of a study: one line for each finished run, written whole, and never changed."""

import contextlib
import json
import os
import sys
from pathlib import Path


class JournalError(RuntimeError):
    """The journal cannot be used; the message says why and what to do."""


class Journal:
    """A file that only grows, and that one process at a time may write: `with Journal(path) as journal`.

    A kill in the middle of a line leaves a torn last line, which is dropped with a word when the journal is opened
    again. The lock is the operating system's, on a file beside the journal, so it ends with the process, however
    that ends.

    Parameters
    ----------
    path : str or Path
        Made with its folder if there is none.

    Attributes
    ----------
    records : dict of str to dict
        The finished runs by their keys.

    Raises
    ------
    JournalError
        Another process has it open, or a line in its middle is damaged.
    """

    def __init__(self, path):
        self.path, self.records = Path(path), {}

    def __enter__(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            self._lock = stack.enter_context(open(self.path.with_suffix(".lock"), "w"))
            try:
                _lock(self._lock)
            except OSError:
                raise JournalError(
                    f"another process is at work on {self.path}; wait for its end, or end it, then start again"
                ) from None
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
            self._file = os.open(self.path, flags, 0o666)
            stack.callback(os.close, self._file)
            self.records, whole = read_journal(self.path)
            if whole < os.fstat(self._file).st_size:
                print(f"{self.path}: the last line was torn off, so its run will be repeated", file=sys.stderr)
                os.ftruncate(self._file, whole)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *problem):
        self._stack.close()

    def append(self, records):
        """Add finished runs; they are on the disk when this returns.

        Parameters
        ----------
        records : dict of str to dict
            By their keys, with what JSON can hold.

        Raises
        ------
        OSError
            The disk is full, for instance. The journal is as it was.
        """
        lines = "".join(json.dumps({"key": key, **record}) + "\n" for key, record in records.items()).encode()
        before = os.fstat(self._file).st_size
        try:
            written = os.write(self._file, lines)
            if written < len(lines):
                raise OSError(f"{self.path}: only {written} of {len(lines)} bytes were written; is the disk full?")
            os.fsync(self._file)
        except BaseException:
            os.ftruncate(self._file, before)
            raise
        self.records.update(records)


def read_journal(path):
    """Read a journal, which another process may be writing.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    records : dict of str to dict
        The finished runs by their keys; none if there is no such file.
    whole : int
        How many bytes they take. More than these are a torn last line.

    Raises
    ------
    JournalError
        A line that is not the last one is damaged.
    """
    path = Path(path)
    lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
    records, whole = {}, 0
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
            key = record.pop("key")
        except (ValueError, KeyError, AttributeError, TypeError):
            record = None
        if record is None or not line.endswith(b"\n"):
            if number < len(lines):
                raise JournalError(f"line {number} of {path} is damaged; delete that line, and its run is repeated")
            break
        records[key] = record
        whole += len(line)
    return records, whole


def _lock(file):
    """Take a lock that only this process has, or raise OSError at once."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
