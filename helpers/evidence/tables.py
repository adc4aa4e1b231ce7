"""Stored tables: read with types that are declared once, and shown as text that is the same everywhere."""

import csv
import math
from pathlib import Path

import numpy as np

from helpers.evidence import hits
from helpers.files import as_path

RESULTS = Path(__file__).resolve().parents[2] / "results"
ALL = math.inf  # in the column "labels": all there are, which makes them more than any number

# Every column that a study may have. Digits are text: 02468 is not the number 2468.
COLUMNS = {
    "study": str,
    "source": str,  # the digits that were learned first; empty for methods without a source
    "target": str,
    "strategy": str,
    "network": str,
    "option": str,
    "shape": str,  # how an image of another size becomes one of 28 × 28
    "direction": str,  # "odd to even": which of the two stories
    "row": str,  # its name in main.py
    "cut": int,  # how many hidden layers are carried over
    "labels": float,  # of each class; ALL for all of them
    "images": float,  # of each class of the source, the same way; 0 without a source
    "seed": int,
    "draw": int,
    "shifts": int,  # 1 where each labelled image comes with its eight shifts by one pixel
    "trainable_parameters": int,
    "total_parameters": int,
    "steps": int,  # of training on the target
    "factor": float,  # how many times the chosen steps
    "share": int,  # of the training images of the target, in per cent
    "test_accuracy": float,
    "validation_accuracy": float,
    "rate": float,  # Adam's
    "strength": float,  # of the pull towards the source's values
    "old_accuracy_before": float,  # on the source's task, before the target was learned
    "old_accuracy": float,  # and after
    "old_accuracy_biases": float,  # with the old head's biases fitted anew to one image a class
    "old_accuracy_fresh": float,  # with a new head fitted to them
    "old_accuracy_random": float,  # the same on a body of random values
    "old_validation_accuracy": float,
}


def read_columns(path):
    """Read a stored table with NumPy alone.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict of str to array, (rows,)
        By the column's name, in the type that `COLUMNS` declares.

    Raises
    ------
    FileNotFoundError
        There is no such table; the message names the command that makes it.
    KeyError
        A column has no declared type.
    ValueError
        The file isn't such a table.
    """
    path = as_path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no table {path}; `python -m studies {path.stem}` computes it")
    try:
        with open(path, newline="", encoding="utf-8") as file:
            names, *rows = csv.reader(file)
        columns = dict(zip(names, zip(*rows, strict=True), strict=True))
        unknown = sorted(set(names) - set(COLUMNS))
        if unknown:
            raise KeyError(
                f"{path} has the columns {', '.join(unknown)}, whose types are not in helpers.evidence.tables.COLUMNS"
            )
        types = {**COLUMNS, "labels": _labels, "images": _labels}
        return {name: np.array(list(map(types[name], texts))) for name, texts in columns.items()}
    except (csv.Error, ValueError) as problem:
        raise ValueError(f"{path} is not the table of a study: {problem}") from None


def _labels(text):
    return ALL if text == "all" else float(text)


def read_table(name, folder=RESULTS):
    """Read the table of a study with pandas.

    Parameters
    ----------
    name : str
    folder : str or Path

    Returns
    -------
    pandas.DataFrame
        One row a run. The index is what `read_hits` goes by: keep it when you select rows. Raises as `read_columns` does.
    """
    import pandas as pd

    return pd.DataFrame(read_columns(Path(folder) / f"{name}.csv"))


def read_hits(name, table, folder=RESULTS):
    """Read which images each run recognised.

    Parameters
    ----------
    name : str
    table : pandas.DataFrame
        The whole table, as `read_table` gives it.
    folder : str or Path

    Returns
    -------
    object array, (rows,)
        Of bool arrays (images,). For rows with one target, `np.stack(hits[rows.index])` makes them one array.
    """
    rows = hits.read(Path(folder) / f"{name}.hits.npz", list(table["target"]))
    together = np.empty(len(rows), object)
    for number, row in enumerate(rows):
        together[number] = row
    return together


def show(table, decimals=1):
    """Print a table as text that depends on its content alone: not on the screen or on the version of pandas.

    Parameters
    ----------
    table : pandas.DataFrame
        Its index is shown; accuracies are best given in per cent.
    decimals : int
        Of all floats.
    """
    plain = table.reset_index() if any(table.index.names) else table
    columns = []
    for name, (_, values) in zip(plain.columns, plain.items()):
        is_number = all(isinstance(value, (int, float, np.number)) for value in values)
        texts = [_label(name), *(_label(value) if name == "labels" else _cell(value, decimals) for value in values)]
        width = max(map(len, texts))
        columns.append([text.rjust(width) if is_number else text.ljust(width) for text in texts])
    for row in zip(*columns):
        print("  ".join(row).rstrip())


def points(value, decimals=1):
    """A difference in percentage points as text, with its sign: "+1.2"."""
    return f"{value:+.{decimals}f}".replace("-", "−")


def _label(value):
    """A column's name, or a number of labels, in words."""
    if isinstance(value, tuple):
        return " ".join(filter(None, map(_label, value)))
    if isinstance(value, (float, np.floating)):
        return "all" if value == ALL else f"{value:g}"
    return str(value)


def _cell(value, decimals):
    return f"{value:.{decimals}f}" if isinstance(value, (float, np.floating)) else str(value)
