"""Where a split of the ten digits lies among all 252: the look-up in the stored table of the study `census`."""

import functools
import itertools
import math
from collections import defaultdict
from typing import NamedTuple

import numpy as np

from helpers.evidence.tables import RESULTS, read_columns
from helpers.files import as_path
from helpers.transfer.strategies import METHODS

CENSUS = RESULTS / "census.csv"
MEASURED = "scratch", "fine-tune", "frozen", "random", "kernel"
SPLITS = ["".join(digits) for digits in itertools.combinations("0123456789", 5)]
ODD, EVEN = "13579", "02468"
NAMES = {ODD: "odd", EVEN: "even"}


class Place(NamedTuple):
    """What a method reaches on one split, and where that lies among all splits.

    Attributes
    ----------
    accuracy : float
        On the test images, the mean over the runs.
    gain : float
        The accuracy less that of training from scratch; NaN for that itself.
    rank : float
        Of the gain, 1 for the largest of all; NaN for training from scratch.
    splits : int
        How many there are.
    median : float
        The middle one of all splits' gains.
    """

    accuracy: float
    gain: float
    rank: float
    splits: int
    median: float


def others(digits):
    """The digits that are not among these, such as "02468" for "13579"."""
    return "".join(digit for digit in "0123456789" if digit not in digits)


def split_of(source):
    """The source's five digits in order, and the other five.

    Parameters
    ----------
    source : str
        In any order: "87410".

    Returns
    -------
    source, target : str

    Raises
    ------
    ValueError
        These are not five different digits.
    """
    target = others(source)
    if len(source) != 5 or len(target) != 5:
        raise ValueError(f"a split is named by the five different digits of its source, such as 01478, not {source!r}")
    return others(target), target


def split_name(source):
    """A split in words, such as "from odd to even" or "from 01478 to 23569"."""
    one, other = (NAMES.get(digits, digits) for digits in split_of(source))
    return f"from {one} to {other}"


def look_up(source, path=CENSUS):
    """Where a split lies among all 252, by the census: a small network, ten labels a class.

    Parameters
    ----------
    source : str
        Its source's five digits, in any order: "01478". The target is the other five.
    path : str or Path
        The census's table.

    Returns
    -------
    dict of str to Place
        By the method: those that are `MEASURED`.

    Raises
    ------
    FileNotFoundError
        There is no such table.
    ValueError
        These are not five different digits, or the table does not hold all splits.
    """
    _, target = split_of(source)
    path = as_path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no census {path}; `python -m studies census` computes it")
    accuracies = _mean_accuracies(path, path.stat().st_mtime_ns)
    scratch = accuracies["scratch"]
    places = {"scratch": Place(scratch[target], math.nan, math.nan, len(scratch), math.nan)}
    for strategy in MEASURED[1:]:
        gains = {one: accuracy - scratch[one] for one, accuracy in accuracies[strategy].items()}
        every = np.array(list(gains.values()))
        rank = 1 + np.count_nonzero(every > gains[target] + 1e-9)  # rounding shall break no tie
        places[strategy] = Place(
            accuracies[strategy][target], gains[target], float(rank), len(every), float(np.median(every))
        )
    return places


@functools.lru_cache(maxsize=1)
def _mean_accuracies(path, modified):
    """The mean over the runs of the census proper: a dict {strategy: {target: accuracy}}; read again if modified."""
    runs = defaultdict(lambda: defaultdict(list))
    try:
        table = read_columns(path)
        whole = np.char.str_len(table["source"]) != 4
        rows = whole & (table["labels"] == 10) & np.isin(table["network"], ["small", ""])
        for method, target, value in zip(*(table[name][rows] for name in ("strategy", "target", "test_accuracy"))):
            runs[method][target].append(value)
    except (KeyError, TypeError, ValueError) as problem:
        raise ValueError(
            f"{path} is not the table of the census ({problem!r}); `python -m studies census` computes it"
        ) from None
    held = min(len(runs[method]) for method in MEASURED)
    if held < 252:
        raise ValueError(f"{path} holds {held} of the 252 splits; `python -m studies census` computes the others")
    return {method: {target: float(np.mean(values)) for target, values in of.items()} for method, of in runs.items()}


def in_words(source, strategy="fine-tune", path=CENSUS):
    """Where a split lies among all 252, as a sentence: see `look_up`.

    Parameters
    ----------
    source : str
    strategy : str
        "fine-tune" or "frozen".
    path : str or Path

    Returns
    -------
    str
    """
    place = look_up(source, path)[strategy]
    return (
        f"With ten labels a class, a small network, {METHODS[strategy].label}, {_gains(place.gain)} points"
        f" {split_name(source)}: rank {place.rank:.0f} of {place.splits} splits (1 = the largest gain over training from"
        f" scratch);"
        f" the median split {_gains(place.median)}. Six runs a split make ranks rough."
    )


def _gains(gain):
    points = round(100 * gain, 1)
    return f"{'gains' if points >= 0 else 'loses'} {abs(points):.1f}"
