"""Check that this Python can set the project up, and say what to do if not. Runs on any Python, however old."""

# ruff: noqa: UP031, UP036 (an old Python must be able to read this file)
import sys

if sys.version_info < (3, 10):
    sys.exit(
        "This project needs Python 3.10 or newer, but %s is %s.\n"
        "Name another one, for example: make run PYTHON=python3.12" % (sys.executable, sys.version.split()[0])
    )
try:
    import ensurepip  # noqa: F401
    import venv  # noqa: F401
except ImportError:
    sys.exit(
        "This Python has no complete venv module, which the set-up needs.\n"
        "On Debian and Ubuntu: sudo apt install python3-venv"
    )
