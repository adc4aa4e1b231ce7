"""Hands for the tests: they draw on a pad with the mouse, and read off the page what it shows."""

import numpy as np

from helpers import Part, evaluate

BORDER = 2  # of a pad, in pixels


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


def grey_image(canvas):
    """What a canvas of 28 × 28 pixels shows, as an image: 0 is paper."""
    pixels = canvas.evaluate("canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, 28, 28).data)")
    return 255 - np.array(pixels, "uint8").reshape(28, 28, 4)[:, :, 0]


def shares(widget):
    """The numbers beside the bars, by their names."""
    rows = widget.locator(".hand-bars tr").all()
    return {row.locator("th").inner_text(): float(row.locator("td").last.inner_text().split()[0]) / 100 for row in rows}


def check_bars(widget, network):
    """The bars are what the network makes of the image that is shown; returns the name of the longest."""
    found = shares(widget)
    part = Part(grey_image(widget.locator(".hand-seen canvas"))[None], np.zeros(1, int), tuple(found), "drawn")
    result = evaluate(network, part)
    assert np.allclose(list(found.values()), result.probabilities[0], atol=0.00051)
    return part.digits[result.predictions[0]]


def loss_after(rate, momentum, steps=40):
    """Where momentum leads in the ravine, written down once more."""
    w, v = np.array([-4.0, 1.0]), np.zeros(2)
    for _ in range(steps):
        v = momentum * v - rate * np.array([1, 25]) * w
        w = w + v
    return (w[0] ** 2 + 25 * w[1] ** 2) / 2
