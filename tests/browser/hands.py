"""Hands for the tests: they draw on a pad with the mouse, and read off the page what it shows."""

import time

import numpy as np

from helpers import Part, evaluate
from helpers.data import strokes

BORDER = 2  # of a pad, in pixels
SECONDS = 60  # for whatever is waited for: a machine may be busy


def draw(page, pad, drawing):
    """Draw with the mouse."""
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()

    def move(point):
        x, y = point
        width, height = box["width"] - 2 * BORDER, box["height"] - 2 * BORDER
        page.mouse.move(box["x"] + BORDER + x * width, box["y"] + BORDER + y * height)

    for stroke in drawing:
        move(stroke[0])
        page.mouse.down()
        for point in stroke[1:]:
            move(point)
        page.mouse.up()


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


SEEN = """hand => [
    Array.from(hand.querySelector(".hand-seen canvas").getContext("2d").getImageData(0, 0, 28, 28).data),
    Array.from(hand.querySelectorAll(".hand-bars tr"), ({ cells }) => [cells[0].textContent, parseFloat(cells[2].textContent)]),
]"""


def check_bars(widget, network, drawing):
    """The bars come to what the network makes of a drawing; returns the name of the longest."""
    until = time.monotonic() + SECONDS
    while True:
        pixels, percents = widget.evaluate(SEEN)
        image = 255 - np.array(pixels, "uint8").reshape(28, 28, 4)[:, :, 0]
        if np.abs(image - strokes.rasterise(drawing).astype(int)).mean() < 4:  # the mouse hits whole pixels
            break
        assert time.monotonic() < until, "the image of the whole drawing does not come"
        widget.page.wait_for_timeout(100)
    names, shares = zip(*percents)
    [probabilities] = evaluate(network, Part(image[None], np.zeros(1, int), names, "drawn")).probabilities
    assert np.allclose(np.array(shares) / 100, probabilities, atol=0.00051)
    return names[np.argmax(shares)]


def loss_after(rate, momentum, steps=40):
    """Where momentum leads in the ravine, written down once more."""
    w, v = np.array([-4.0, 1.0]), np.zeros(2)
    for _ in range(steps):
        v = momentum * v - rate * np.array([1, 25]) * w
        w = w + v
    return (w[0] ** 2 + 25 * w[1] ** 2) / 2
