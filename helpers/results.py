"""The tables that an earlier version of the library made of its stories and of Keras's example, until studies do."""

import csv
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).resolve().parent.parent / "results" / "before"


def read_rows(path):
    """Read a CSV file as a list of dicts; what looks like a number becomes one."""
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
    """The rows, a list of dicts, whose columns have the wanted values."""
    return [row for row in rows if all(row[column] == value for column, value in wanted.items())]


def mean_and_std(rows, column="test_accuracy"):
    """Mean and sample standard deviation (n - 1) of a column over at least two rows, such as those of several seeds."""
    values = [row[column] for row in rows]
    if len(values) < 2:
        raise ValueError(f"a standard deviation needs at least two values of {column}, not {len(values)}")
    return float(np.mean(values)), float(np.std(values, ddof=1))
