"""TensorFlow, imported where it is used and without the lines it writes while it starts."""

import os
import sys
from contextlib import contextmanager


def load_tensorflow():
    """Import TensorFlow, with Keras, without the lines it writes while it starts.

    Returns
    -------
    module

    Raises
    ------
    ImportError
        It is not installed; the message says what to do.
    """
    try:
        with _quiet_stderr():
            import tensorflow

            tensorflow.keras.Sequential  # noqa: B018 (Keras is loaded when it is first looked at)
    except ImportError as problem:
        raise ImportError(
            f"this needs TensorFlow, which cannot be imported here ({problem}): `pip install -r requirements.txt` installs"
            " it where it exists (not yet for Python 3.14, nor for Intel Macs)"
        ) from problem
    return tensorflow


@contextmanager
def _quiet_stderr():
    """Silence what compiled code writes to the process's standard error."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        saved = os.dup(2)
    except OSError:  # there is none, as under pythonw
        yield
        return
    if sys.stderr:
        sys.stderr.flush()
    try:
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
