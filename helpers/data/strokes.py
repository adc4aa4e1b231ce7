"""Drawings become images like MNIST's: strokes of a pen, drawn, scaled and centred as MNIST's makers did it."""

import json
from pathlib import Path

import numpy as np

from helpers.data.tasks import Part
from helpers.validation import whole_number

DRAWINGS = Path(__file__).resolve().parents[2] / "data" / "drawings.json"
SIDE, BOX = 28, 20  # pixels of an image, and of the box inside it that the ink just fills
PEN = 2.5  # the width of a line, in those pixels
FINE = 4  # a drawing is first made this many times larger, then scaled down, so that its edges become grey
SMALLEST = 0.02  # of the pad; what is smaller is a dot
MOST_POINTS = 5000
MOST_KEPT = 5, 12  # symbols, and drawings of each


class DrawingError(ValueError):
    """A drawing that cannot become an image; the message says why, in words for the person who drew it."""


def rasterise(drawing):
    """Make an image of a drawing: its lines in ink, as large and as centred as a digit of MNIST.

    Parameters
    ----------
    drawing : sequence of strokes
        A stroke is a sequence of points (x, y) from 0 to 1: x to the right, y down.

    Returns
    -------
    uint8 array, (28, 28)
        0 is paper, 255 is ink.

    Raises
    ------
    DrawingError
        It is empty, a single dot, outside the pad, far too long, or no drawing at all.
    """
    strokes = checked(drawing)
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale, radius = FINE * (BOX - PEN) / extent.max(), FINE * PEN / 2
    columns, rows = np.ceil(scale * extent + 2 * radius).astype(int)
    ink = np.zeros((rows, columns))
    for stroke in strokes:
        stroke = scale * (stroke - low) + radius
        for start, end in zip(stroke, stroke[1:] if len(stroke) > 1 else stroke):
            _draw_line(ink, start, end, radius)
    return normalise(np.rint(255 * ink).astype("uint8"))


def _draw_line(ink, start, end, radius):
    """Put a line with round ends into `ink`, whose pixels are 0 (none) to 1 (full): an edge pixel gets a share."""
    reach = radius + 1
    left, top = np.maximum(np.floor(np.minimum(start, end) - reach), 0).astype(int)
    right, bottom = np.ceil(np.maximum(start, end) + reach).astype(int)
    window = ink[top:bottom, left:right]
    x = left + 0.5 + np.arange(window.shape[1]) - start[0]
    y = top + 0.5 + np.arange(window.shape[0])[:, None] - start[1]
    dx, dy = end - start
    along = np.clip((x * dx + y * dy) / max(dx**2 + dy**2, 1e-12), 0, 1)  # where on the line each pixel is nearest
    distance = np.hypot(x - along * dx, y - along * dy)
    np.maximum(window, np.clip(radius + 0.5 - distance, 0, 1), out=window)


def normalise(image):
    """Scale the ink of an image into a box of 20 × 20 and move its centre of mass to the middle of 28 × 28.

    An image of MNIST has been through this before, and comes out as it went in.

    Parameters
    ----------
    image : uint8 array, (rows, columns)
        Of any size; 0 is paper, 255 is ink.

    Returns
    -------
    uint8 array, (28, 28)

    Raises
    ------
    DrawingError
        There is no ink.
    ValueError
        This is no such array.
    """
    image = np.asarray(image)
    if image.ndim != 2 or image.dtype != np.uint8:
        raise ValueError(f"an image is a uint8 array (rows, columns), not {image.dtype} {image.shape}")
    if not image.any():
        raise DrawingError("There is nothing on the pad yet: draw a line.")
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    ink = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(float)
    height, width = (max(1, round(BOX * length / max(ink.shape))) for length in ink.shape)
    small = resampled(ink, height, width)  # keeps the aspect
    places = []
    for weights, length in ((small.sum(axis=1), height), (small.sum(axis=0), width)):
        centre = weights @ np.arange(length) / weights.sum()
        places.append(int(np.clip(np.rint(SIDE // 2 - centre), 0, SIDE - length)))  # no ink leaves the image
    top, left = places
    centred = np.zeros((SIDE, SIDE), "uint8")
    centred[top : top + height, left : left + width] = np.rint(small)
    return centred


def resampled(image, height, width):
    """An image of other size: each new pixel is the mean of the old ones that it covers, a float array."""
    return _shares(image.shape[0], height) @ image @ _shares(image.shape[1], width).T


def _shares(many, few):
    """How `many` pixels in a row become `few`: a (few, many) matrix of the shares that each new pixel has of the old."""
    edges = np.arange(few + 1) * many / few
    old = np.arange(many)
    shared = np.minimum(edges[1:, None], old + 1) - np.maximum(edges[:-1, None], old)
    return np.maximum(shared, 0) * few / many


def checked(drawing):
    """A drawing's strokes as float arrays (points, 2), if they can become an image; else a DrawingError says why not."""
    try:
        strokes = [np.array(stroke, dtype=float) for stroke in drawing if len(stroke)]
    except (TypeError, ValueError):
        raise DrawingError("A drawing is a list of strokes, and a stroke a list of points [x, y].") from None
    if not strokes:
        raise DrawingError("There is nothing on the pad yet: draw a line.")
    if any(stroke.ndim != 2 or stroke.shape[1] != 2 for stroke in strokes):
        raise DrawingError("A drawing is a list of strokes, and a stroke a list of points [x, y].")
    points = np.concatenate(strokes)
    if len(points) > MOST_POINTS:
        raise DrawingError(
            f"A drawing has at most {MOST_POINTS:,} points, not {len(points):,}: clear the pad, draw less."
        )
    if not np.all((points >= 0) & (points <= 1)):  # NaN is not, either
        raise DrawingError("A drawing must stay on the pad: its points lie between 0 and 1, and some of these do not.")
    if np.ptp(points, axis=0).max() < SMALLEST:
        raise DrawingError("A single dot has no shape to recognise: draw a line.")
    return strokes


def part(drawings, name="drawings"):
    """Make a part, to train and to measure networks with, of drawings.

    Parameters
    ----------
    drawings : dict of str to list of drawings
        The symbols, each with its drawings. Class k is the k-th symbol.
    name : str
        What this is, for messages.

    Returns
    -------
    Part
        Its `digits` are the symbols' names.
    """
    images = [rasterise(drawing) for many in drawings.values() for drawing in many]
    labels = np.repeat(np.arange(len(drawings)), [len(many) for many in drawings.values()])
    return Part(np.array(images, dtype="uint8").reshape(-1, SIDE, SIDE), labels, tuple(drawings), name)


def bundled(kind="symbols"):
    """The "symbols" or "digits" that come with the project, each with its drawings: see `data/README.md`."""
    return json.loads(DRAWINGS.read_text(encoding="utf-8"))[kind]


class Symbols:
    """A reader's own symbols; the bundled ones stand in as long as there are none.

    Attributes
    ----------
    own : dict of str to list of drawings
        What was drawn, by the symbols' names.
    """

    def __init__(self):
        self.own = {}

    def __repr__(self):
        counts = ", ".join(f"{len(many)} of {name}" for name, many in self.drawings.items())
        return f"Symbols({'bundled' if self.is_bundled else 'own'} drawings: {counts})"

    @property
    def is_bundled(self):
        """Whether nothing was drawn, so that the bundled drawings stand in."""
        return not self.own

    @property
    def drawings(self):
        """The drawings in use: a dict of names, each with its list."""
        return self.own or bundled()

    def keep(self, name, drawing):
        """Keep one more drawing of a symbol; a DrawingError says why it can't be kept."""
        name, (most_symbols, most_drawings) = name.strip(), MOST_KEPT
        checked(drawing)
        if not name:
            raise DrawingError("What is it? Give the drawing a name, then keep it.")
        if name not in self.own and len(self.own) == most_symbols:
            raise DrawingError(
                f"There are {most_symbols} symbols already: {', '.join(self.own)}. Give one of these names."
            )
        if len(self.own.get(name, [])) == most_drawings:
            raise DrawingError(f"There are {most_drawings} drawings of {name} already, which is enough.")
        self.own.setdefault(name, []).append(drawing)

    def take_back(self, name):
        """Drop the last drawing of a symbol; a symbol without drawings is gone."""
        name = name.strip()
        if name not in self.own:
            raise DrawingError(f"There is no drawing of {name or 'a symbol without a name'} to take back.")
        self.own[name].pop()
        if not self.own[name]:
            del self.own[name]

    def parts(self, examples=3):
        """Two parts: one to learn from, and the drawings that are kept back to try the networks on.

        Parameters
        ----------
        examples : int
            How many drawings of each symbol to learn from: the first ones.

        Returns
        -------
        learn, kept_back : Part

        Raises
        ------
        DrawingError
            There are fewer than two symbols, or one has no drawing left to keep back.
        """
        whole_number("examples", examples, error=DrawingError)
        if len(self.drawings) < 2:
            raise DrawingError(
                f"There is only {', '.join(self.drawings)} so far: draw a second symbol to tell it from."
            )
        for name, many in self.drawings.items():
            if len(many) <= examples:
                raise DrawingError(
                    f"There are {len(many)} drawings of {name}. With {examples} to learn from and at least one to keep back,"
                    f" it takes {examples + 1}: draw more above, or ask for fewer examples."
                )
        learn = {name: many[:examples] for name, many in self.drawings.items()}
        kept_back = {name: many[examples:] for name, many in self.drawings.items()}
        return part(learn, "drawings to learn from"), part(kept_back, "drawings kept back")
