"""Hands for the tests: they draw on a pad with the mouse, and read off the page what it shows."""

import numpy as np


def place(pad, point):
    """Where a point of a drawing, from 0 to 1, is on the page."""
    box = pad.bounding_box()
    border = 2
    return [
        box[side] + border + share * (box[length] - 2 * border)
        for side, length, share in zip("xy", ("width", "height"), point)
    ]


def draw(page, pad, drawing):
    """Draw with the mouse."""
    pad.scroll_into_view_if_needed()
    for stroke in drawing:
        page.mouse.move(*place(pad, stroke[0]))
        page.mouse.down()
        for point in stroke[1:]:
            page.mouse.move(*place(pad, point))
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
