"""The tables that an earlier version of the library made of the stories, tunings and Keras's example, until studies do."""

import csv
import io
from pathlib import Path

import numpy as np

from helpers.files import atomic_write

RESULTS = Path(__file__).resolve().parent.parent / "results" / "before"
EVEN_TO_ODD, ODD_TO_EVEN, SAME_TASK = "even to odd", "odd to even", "odd to odd"


def write_rows(path, rows):
    """Write a list of dicts with equal keys as a CSV file, whole or not at all."""
    text = io.StringIO()
    table = csv.DictWriter(text, rows[0], lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    with atomic_write(path) as file:
        file.write(text.getvalue().encode())


def read_rows(path):
    """Read a CSV file as a list of dicts; what looks like a number becomes one.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    list of dict

    Raises
    ------
    FileNotFoundError
        There is no such result yet; the message names the command that makes it.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no result {path}; `make results` computes it")
    with open(path, newline="", encoding="utf-8") as file:
        return [{key: _number(value) for key, value in row.items()} for row in csv.DictReader(file)]


def _number(text):
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def select(rows, **wanted):
    """The rows whose columns have the wanted values.

    Parameters
    ----------
    rows : list of dict
    **wanted
        Column = value.

    Returns
    -------
    list of dict
    """
    return [row for row in rows if all(row[column] == value for column, value in wanted.items())]


def mean_and_std(rows, column="test_accuracy"):
    """Mean and sample standard deviation (n - 1) of a column over rows, such as those of several seeds.

    Parameters
    ----------
    rows : list of dict
        At least two.
    column : str

    Returns
    -------
    mean, std : float
    """
    values = [row[column] for row in rows]
    if len(values) < 2:
        raise ValueError(f"a standard deviation needs at least two values of {column}, not {len(values)}")
    return float(np.mean(values)), float(np.std(values, ddof=1))


def accuracy_curve(rows, strategy, direction=ODD_TO_EVEN):
    """Mean and standard deviation of the test accuracy against labels per class.

    Parameters
    ----------
    rows : list of dict
        Of results/transfer.csv.
    strategy, direction : str

    Returns
    -------
    labels : list of int
        Labelled images per class; "all" is left out, as classes differ in size.
    means, stds : float arrays, one value for each of them
    """
    chosen = select(rows, strategy=strategy, direction=direction)
    labels = sorted({row["labels"] for row in chosen if row["labels"] != "all"})
    pairs = np.array([mean_and_std(select(chosen, labels=count)) for count in labels])
    return labels, pairs[:, 0], pairs[:, 1]


def labels_needed(labels, accuracies, target):
    """How many labels per class a curve needs to reach an accuracy, between its points along log(labels).

    Parameters
    ----------
    labels, accuracies : sequences of numbers
    target : float

    Returns
    -------
    float
        NaN if the curve never gets there, or starts above the target.
    """
    logs = np.log(labels)
    for i in range(1, len(logs)):
        low, high = accuracies[i - 1], accuracies[i]
        if low <= target <= high:
            share = (target - low) / (high - low) if high > low else 0.0
            return float(np.exp(logs[i - 1] + share * (logs[i] - logs[i - 1])))
    return float("nan")


def crossings(labels, one, other):
    """Where one accuracy curve crosses another, between the points along log(labels).

    Parameters
    ----------
    labels : sequence of numbers
    one, other : sequences of float

    Returns
    -------
    list of float
        Labels per class, for every change of sign of one - other.
    """
    difference, logs = np.subtract(one, other), np.log(labels)
    crossed = []
    for i in range(1, len(logs)):
        before, here, after = difference[i - 1], difference[i], difference[min(i + 1, len(logs) - 1)]
        if before * here < 0 or (here == 0 and before * after < 0):  # between two points, or right at one
            share = before / (before - here)
            crossed.append(float(np.exp(logs[i - 1] + share * (logs[i] - logs[i - 1]))))
    return crossed
