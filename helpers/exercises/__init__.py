"""What the answer to an exercise must show: `check("2.1", answer)` says what is wrong, without giving it away.

The solutions are in notebooks/solutions. Here stands only what can be said of an answer by trying it: a file for each
chapter, with one function for each exercise.
"""

import sys
from importlib import import_module
from pkgutil import iter_modules

CHECKS = {}
AGAIN = (
    "this held when the notebook was stored, and does not hold here. If a cell was changed, or run out of order, restart"
    " the kernel and run all cells. If it fails again, please report it."
)


class NotYet(Exception):
    """The answer is not right yet; the message says what was tried, what came out and what to think about."""


def exercise(number):
    """Declare that the decorated function checks the answer to an exercise.

    Parameters
    ----------
    number : str
        "CHAPTER.EXERCISE", like "2.1".

    Returns
    -------
    callable
        A decorator for a function of the answer, which raises `NotYet` with a hint, or returns a sentence of praise
        that adds something to what the reader has found.
    """

    def declare(function):
        CHECKS[number] = function
        return function

    return declare


def check(number, *answer):
    """Try the answer to an exercise and print what is to be said of it.

    Parameters
    ----------
    number : str
        Which exercise, like "2.1".
    *answer
        What the exercise asks for; a `...` among it means that it is still open.

    Raises
    ------
    ValueError
        There is no such exercise to check.
    """
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    if number not in CHECKS:
        raise ValueError(f"there is no exercise {number!r} to check; there are {', '.join(sorted(CHECKS))}")
    if any(part is ... for part in answer):
        print(f"{number}: still open. Replace the dots with your answer, and run this cell again.")
        return
    try:
        print(f"{number}: right. {CHECKS[number](*answer)}")
    except NotYet as hint:
        print(f"{number}: not yet. {hint}")
    except Exception as error:  # the reader's code may raise anything; it should not end the notebook
        print(f"{number}: not yet. Your answer raised {type(error).__name__}: {error}")


def _say_what_to_do(shell, kind, error, traceback, tb_offset=None):
    """Show the traceback of an `assert` that has no words of its own with ours."""
    error.args = error.args or (AGAIN,)
    shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)


if (shell := getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()) is not None:  # we are in a notebook
    shell.set_custom_exc((AssertionError,), _say_what_to_do)
