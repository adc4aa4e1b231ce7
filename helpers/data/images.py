"""Your own images in: whatever `pictures` reads, each made like MNIST's."""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from helpers.data.formats import DataError
from helpers.data.ink import find_ink, prepare, shrunk
from helpers.data.pictures import natural, pictures_at
from helpers.data.strokes import DrawingError
from helpers.data.tasks import Part
from helpers.files import as_path

CLASSES = 2, 50
MOST_IMAGES = 10_000  # read: of larger collections, as many evenly spaced ones of each class
SHOWN = 4  # of each class are kept as they were, for a figure


@dataclass(frozen=True, eq=False)
class OwnImages:
    """A reader's own images, made like MNIST's.

    Attributes
    ----------
    part : Part
        Its `digits` are the names of the classes.
    before : dict of int to array, (rows, columns)
        Some pictures of each class as they were, in grey, by their place in the part.
    done : dict of str to int
        With how many images something was done: "inverted", "evened out", "thickened".
    left_out : int
        Images that were not read, as there are more than `MOST_IMAGES`.
    """

    part: Part
    before: dict
    done: dict
    left_out: int

    def __str__(self):
        """What was done, as a sentence."""
        left_out = f" {self.left_out:,} more were left out: so many are not needed." if self.left_out else ""
        return f"{self.what_was_done}. All were scaled to 20 × 20 and centred in 28 × 28.{left_out}"

    @property
    def what_was_done(self):
        """What was done with how many of the images, in short."""
        said = {
            "inverted": "inverted",
            "evened out": "on uneven paper evened out",
            "thickened": "with thin lines thickened",
        }
        steps = [f"{self.done[what]:,} {words}" for what, words in said.items() if self.done[what]]
        start = f"{len(self.part):,} images of {self.part.classes} classes, made like MNIST's"
        return f"{start}: {', '.join(steps) or 'scaled and centred'}"

    def by_class(self, classes):
        """Pictures before and after, of the first so many classes: {name: [(before, after), …]}."""
        rows = {}
        for place, picture in self.before.items():
            rows.setdefault(self.part.digits[self.part.labels[place]], []).append((picture, self.part.images[place]))
        return dict(list(rows.items())[:classes])


def load_images(path):
    """Load images of one's own, and make them like MNIST's.

    Parameters
    ----------
    path : str or Path
        A folder with a folder of images for each class; a CSV file with a label and the pixels of a square image in each
        line; an `.npz` file with images and labels; an IDX file of images with its labels beside it, or their folder; or
        a file of drawings, as the laboratory saves it.

    Returns
    -------
    OwnImages

    Raises
    ------
    DataError
        There is no such data, an image cannot be used, or there are fewer than 2 classes or more than 50.
    """
    path = as_path(path)
    try:
        pictures = pictures_at(path)
    except OSError as problem:
        raise DataError(f"{path} cannot be read ({problem})") from problem
    classes = sorted({picture.label for picture in pictures}, key=natural)
    least, most = CLASSES
    if not least <= len(classes) <= most:
        shown = ", ".join(classes[:3]) + (", …" if len(classes) > 3 else "")
        raise DataError(
            f"{path} has {len(classes)} class{'es' * (len(classes) != 1)}{f' ({shown})' if classes else ''}, but it takes"
            f" {least} to {most}: give each class a folder, or a label, of its own"
        )
    return _prepared(_thinned_out(pictures, classes), classes, path, len(pictures))


def _thinned_out(pictures, classes):
    """At most `MOST_IMAGES`, as many of each class and evenly spaced, in the order of the classes."""
    most, chosen = MOST_IMAGES // len(classes), []
    for name in classes:
        of_class = [picture for picture in pictures if picture.label == name]
        places = np.linspace(0, len(of_class) - 1, min(most, len(of_class))).round().astype(int)
        chosen += [of_class[place] for place in places]
    return chosen


class _Made(NamedTuple):
    """What became of a picture: an image like MNIST's, or a problem."""

    image: np.ndarray
    done: tuple  # what was done with it
    dark: "bool | None"
    certain: bool
    problem: str


def _made(grey, dark=None):
    """Make a picture like MNIST's; `dark` says whether its ink is dark, if that is known."""
    ink = None
    try:
        ink = find_ink(grey, dark)
        image, thickened = prepare(ink)
    except DrawingError as problem:
        return _Made(None, (), ink.dark if ink else None, False, str(problem))
    done = [("inverted", ink.dark), ("evened out", ink.uneven), ("thickened", thickened)]
    return _Made(image, [what for what, was_done in done if was_done], ink.dark, ink.certain, "")


def _prepared(pictures, classes, path, found):
    """Make all pictures like MNIST's. Where it is not certain which side is ink, they go by what the others are."""
    made, before, shown = [], {}, Counter()
    for place, picture in enumerate(pictures):
        grey = picture.read()
        if shown[picture.label] < SHOWN:
            before[place] = np.rint(shrunk(grey)).astype("uint8")
            shown[picture.label] += 1
        made.append(_made(grey))
    dark_share = np.mean([one.dark for one in made if one.certain] or [0.5])
    if abs(dark_share - 0.5) > 0.3:
        dark = bool(dark_share > 0.5)
        made = [
            one if one.certain or one.dark == dark else _made(picture.read(), dark)
            for one, picture in zip(made, pictures)
        ]
    refused = [(picture.name, one.problem) for one, picture in zip(made, pictures) if one.problem]
    if refused:
        (name, problem), *others = refused
        names = ", ".join(other for other, _ in others[:3]) + ", …" * (len(others) > 3)
        raise DataError(f"{name} cannot be used: {problem}" + (f" ({len(others):,} more: {names})" if others else ""))
    labels = np.array([classes.index(picture.label) for picture in pictures])
    part = Part(np.array([one.image for one in made]), labels, tuple(classes), str(path))
    return OwnImages(part, before, Counter(what for one in made for what in one.done), found - len(pictures))
