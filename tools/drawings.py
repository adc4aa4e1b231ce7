"""Draw the bundled drawings, data/drawings.json, as a hand might: `python -m tools.drawings`.

No hand drew them. Each symbol is a list of lines with corners; every drawing moves the corners, bends the lines, begins
elsewhere, misses the point where it should close, and is turned, slanted and stretched, all at random.
"""

import json
import sys

import numpy as np

from helpers.data.strokes import DRAWINGS
from helpers.files import atomic_write

STEP = 0.04  # between two points of a stroke, as a share of the symbol's size


def arc(x, y, rx, ry, start, end, points=12):
    """Points of an ellipse's edge; angles in degrees, 0 to the right, 90 down."""
    angles = np.radians(np.linspace(start, end, points))
    return [(x + rx * np.cos(a), y + ry * np.sin(a)) for a in angles]


def circle(rng):
    start, more = rng.uniform(200, 320), rng.normal(0, 15)
    return [arc(0.5, 0.5, 0.5, 0.5, start, start - 360 - more, 24)]


def triangle(rng):
    corners = [(0.5, 0), (1, 1), (0, 1)]
    first = rng.integers(3)
    return [[corners[(first + step) % 3] for step in range(4)]]


def zigzag(rng):
    corners = rng.integers(4, 7)
    return [[(place / (corners - 1), 0.15 + 0.7 * (place % 2)) for place in range(corners)]]


def cross(rng):
    return [[(0.05, 0.05), (0.95, 0.95)], [(0.95, 0.05), (0.05, 0.95)]]


def heart(rng):
    left = [(0.5, 1), *arc(0.25, 0.28, 0.25, 0.28, 165, 360, 9), (0.5, 0.3)]
    return [[*left, *[(1 - x, y) for x, y in reversed(left[:-1])]]]


def one(rng):
    serif = [(0.3, 0.25)] if rng.random() < 0.4 else []
    return [[*serif, (0.55, 0), (0.5, 1)]]


def three(rng):
    return [[*arc(0.45, 0.25, 0.33, 0.25, 200, 440), *arc(0.45, 0.74, 0.38, 0.26, 275, 520)]]


def four(rng):
    return [[(0.4, 0), (0.1, 0.6), (0.85, 0.6)], [(0.68, 0.15), (0.62, 1)]]


def five(rng):
    return [[(0.2, 0.02), (0.17, 0.45), *arc(0.45, 0.7, 0.35, 0.3, 230, 510)], [(0.2, 0.02), (0.8, 0)]]


def seven(rng):
    bar = [[(0.3, 0.5), (0.75, 0.5)]] if rng.random() < 0.4 else []
    return [[(0.1, 0.05), (0.85, 0.03), (0.4, 1)], *bar]


def nine(rng):
    return [[*arc(0.45, 0.27, 0.3, 0.27, 0, -350, 16), (0.76, 0.2), (0.72, 0.6), (0.6, 1)]]


KINDS = {
    "symbols": ({"triangle": triangle, "circle": circle, "zigzag": zigzag, "cross": cross, "heart": heart}, 12),
    "digits": ({"1": one, "3": three, "4": four, "5": five, "7": seven, "9": nine}, 3),
}


def by_hand(strokes, rng):
    """The strokes as a hand might have drawn them: a drawing for `helpers.data.strokes`."""
    turn, slant, stretch = rng.normal(0, 0.12), rng.normal(0, 0.12), np.exp(rng.normal(0, 0.12))
    form = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ [
        [stretch, slant],
        [0, 1 / stretch],
    ]
    bent = [_bent(np.array(stroke), rng) @ form.T for stroke in strokes]
    points = np.concatenate(bent)
    scale = rng.uniform(0.45, 0.8) / np.ptp(points, axis=0).max()
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    place = 0.5 + rng.uniform(-0.08, 0.08, size=2)
    return [np.round(scale * (stroke - middle) + place, 3).tolist() for stroke in bent]


def _bent(corners, rng):
    """Corners moved, then joined by points close together that tremble a little and cut the corners a little."""
    corners = corners + rng.normal(0, 0.1 if len(corners) < 8 else 0.015, size=corners.shape)
    lengths = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    places = np.linspace(0, lengths[-1], max(2, round(lengths[-1] / STEP)))
    line = np.stack([np.interp(places, lengths, corners[:, axis]) for axis in (0, 1)], axis=1)
    return _smooth(line, 3) + _smooth(rng.normal(0, 0.03, size=line.shape), 9)


def _smooth(line, width):
    """A running mean along a line; beyond its ends the line stands still."""
    padded = np.pad(line, ((width // 2, width // 2), (0, 0)), mode="edge")
    return np.stack([np.convolve(padded[:, axis], np.ones(width) / width, "valid") for axis in (0, 1)], axis=1)


def drawings(seed=0):
    """All of them: a dict of kinds, each a dict of names with their drawings."""
    rng = np.random.default_rng(seed)
    return {
        kind: {name: [by_hand(form(rng), rng) for _ in range(count)] for name, form in forms.items()}
        for kind, (forms, count) in KINDS.items()
    }


def content():
    """The file's text: one drawing a line."""
    kinds = []
    for kind, names in drawings().items():
        lists = [f'  "{name}": [\n{_lines(many)}\n  ]' for name, many in names.items()]
        kinds.append(f' "{kind}": {{\n' + ",\n".join(lists) + "\n }")
    return "{\n" + ",\n".join(kinds) + "\n}\n"


def _lines(many):
    return ",\n".join(f"   {json.dumps(drawing, separators=(',', ':'))}" for drawing in many)


def main():
    """The command: write the file."""
    with atomic_write(DRAWINGS) as file:
        file.write(content().encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
