"""Omniglot: letters of many alphabets, drawn by real people (Lake, Salakhutdinov and Tenenbaum, 2015).

The data is not part of this project. Two files of the public repository brendenlake/omniglot are read from the folder
that `python -m studies letters --data FOLDER` names, data/omniglot if none: `strokes_background_small1.zip` and
`all_runs.zip`.
"""

import functools
import io
import os
import zipfile
from pathlib import Path

import numpy as np

from helpers.data.mnist import DataError
from helpers.data.strokes import rasterise
from studies.engine.execution import ROOT

FOLDER = "OMNIGLOT"  # the environment variable that tells it to all processes
STROKES, RUNS = "strokes_background_small1.zip", "all_runs.zip"
CANVAS = 105  # pixels; y grows upward there, from -105 to 0
HANDS = 20  # people who drew each letter


def _open(name):
    path = Path(os.environ.get(FOLDER) or ROOT / "data" / "omniglot").expanduser() / name
    if not path.is_file():
        raise DataError(
            f"there is no {path}: it holds letters drawn by people and is not part of this project. Take {name} from the"
            " repository brendenlake/omniglot (folder python), and name its folder by --data"
        )
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as problem:
        raise DataError(f"{path} cannot be read ({problem}); take it anew from brendenlake/omniglot") from None


@functools.cache
def drawings():
    """All letters: a dict {alphabet: {letter: the drawings of its 20 people, each a list of strokes}}, points from 0 to 1."""
    found = {}
    with _open(STROKES) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".txt") and not name.startswith("__MACOSX"):
                *_, alphabet, letter, _ = name.split("/")
                strokes = _strokes(archive.read(name).decode())
                found.setdefault(alphabet, {}).setdefault(letter.removeprefix("character"), []).append(strokes)
    if not found:
        raise DataError(f"{STROKES} holds no ALPHABET/characterNN/*.txt, as that of brendenlake/omniglot does")
    return found


def _strokes(text):
    strokes = [[]]
    for line in text.split():
        if line == "BREAK":
            strokes.append([])
        elif line != "START":
            x, y, _ = map(float, line.split(","))
            strokes[-1].append((min(max(x / CANVAS, 0), 1), min(max(-y / CANVAS, 0), 1)))
    return [stroke for stroke in strokes if stroke]


@functools.cache
def images():
    """The letters as images like MNIST's: a dict {alphabet: {letter: uint8 array (20, 28, 28)}}."""
    return {
        alphabet: {letter: np.array([rasterise(each) for each in hands]) for letter, hands in letters.items()}
        for alphabet, letters in drawings().items()
    }


@functools.cache
def one_shot_runs():
    """The published test: a list of 20 runs, each two bool arrays of ink (20, 105, 105) and the answers.

    Returns
    -------
    list of (known, asked, answers)
        Of each run the 20 letters, the 20 to be recognised, and which of `known` each of them is: an int array (20,).
    """
    from PIL import Image

    found = []
    with _open(RUNS) as archive:
        tables = sorted(name for name in archive.namelist() if name.endswith("class_labels.txt"))
        if not tables:
            raise DataError(f"{RUNS} holds no run??/class_labels.txt, as that of brendenlake/omniglot does")
        for table in tables:
            pairs = [line.split() for line in archive.read(table).decode().splitlines() if line.strip()]
            known = sorted({one for _, one in pairs})
            folder = table.split("run")[0]

            def ink(names, folder=folder):
                return np.array([np.array(Image.open(io.BytesIO(archive.read(folder + name)))) == 0 for name in names])

            found.append((ink(known), ink([one for one, _ in pairs]), np.array([known.index(one) for _, one in pairs])))
    return found
