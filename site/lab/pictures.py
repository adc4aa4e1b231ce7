"""The images that come with the laboratory, taken from MNIST by their place alone: no result chose them."""

import numpy as np

from helpers import digit_task

GALLERY = 60  # training images of each digit, among which the most alike one is looked for
DRAWINGS = 30  # validation images of each digit, to teach with and to try on


def save(destination, mnist):
    """Write `gallery.npz` and `drawings.npz`: images (N, 28, 28) and labels (N,), evenly spaced in their part.

    The sources have learned from images of the train part, the gallery's among them, but from none of the validation
    part. Test images are not shipped.
    """
    task = digit_task(mnist, range(10))
    for name, part, count in (("gallery", task.train, GALLERY), ("drawings", task.validation, DRAWINGS)):
        rows = np.concatenate([_spaced(np.flatnonzero(part.labels == digit), count) for digit in range(10)])
        np.savez_compressed(
            destination / f"{name}.npz", images=part.images[rows], labels=part.labels[rows].astype("uint8")
        )


def _spaced(rows, count):
    return rows[np.linspace(0, len(rows) - 1, count).astype(int)]
