"""Drawings become images that a network of MNIST reads, and what cannot become one is refused in words."""

import json

import numpy as np
import pytest

from helpers import evaluate
from helpers.data import strokes
from helpers.data.strokes import DrawingError
from tools import drawings

LINE = [[0.2, 0.2], [0.8, 0.8]]


def test_mnist_comes_out_as_it_went_in(mnist):
    for image in mnist.test_images[:1000]:
        assert np.array_equal(strokes.normalise(image), image)


@pytest.fixture(scope="module")
def redrawn(mnist):
    """The first 1,000 test images, each made three times as large and put somewhere on a large sheet, then redrawn."""
    rng = np.random.default_rng(0)
    images = []
    for image in mnist.test_images[:1000]:
        sheet = np.zeros((140, 120), "uint8")
        row, column = rng.integers(0, 140 - 84), rng.integers(0, 120 - 84)
        sheet[row : row + 84, column : column + 84] = np.kron(image, np.ones((3, 3), "uint8"))
        images.append(strokes.normalise(sheet))
    return np.array(images)


def test_redrawn_images_lose_at_most_one_point_of_accuracy(mnist, redrawn, trained, odd):
    rows = np.isin(mnist.test_labels[:1000], odd.digits)
    labels = np.searchsorted(odd.digits, mnist.test_labels[:1000][rows])
    before, after = (
        evaluate(trained, strokes.Part(images[rows], labels, odd.digits, "test")).accuracy
        for images in (mnist.test_images[:1000], redrawn)
    )
    assert before > 0.9
    assert after >= before - 0.01


def test_redrawn_images_are_where_mnist_has_them(redrawn):
    ink = redrawn.astype(float)
    for axis in (1, 2):
        centres = ink.sum(axis=3 - axis) @ np.arange(28) / ink.sum(axis=(1, 2))
        assert 13.4 < centres.min() and centres.max() < 14.6


def test_bundled_digits_are_recognised(trained, odd):
    part = strokes.part({name: many for name, many in strokes.bundled("digits").items() if int(name) in odd.digits})
    assert part.digits == tuple(map(str, odd.digits)) and len(part) == 15
    assert evaluate(trained, part).accuracy >= 14 / 15


@pytest.mark.parametrize("scale", [0.05, 0.3, 0.9])
def test_size_and_place_of_a_drawing_do_not_matter(scale):
    shape = np.array([[0.0, 0.0], [1.0, 0.1], [0.3, 0.9]])
    images = [strokes.rasterise([place + size * shape]) for place, size in ((0.05, scale), (0.0, 1.0))]
    assert np.abs(images[0].astype(int) - images[1]).mean() < 1


def test_drawn_digits_have_as_much_ink_as_mnists(mnist):
    drawn = strokes.bundled("digits")
    ours = [strokes.part({name: many}).images.mean() for name, many in drawn.items()]
    theirs = [mnist.test_images[mnist.test_labels == int(name)].mean() for name in drawn]
    assert abs(np.mean(ours) / np.mean(theirs) - 1) < 0.2


def test_a_drawing_fills_the_box_and_has_grey_edges():
    image = strokes.rasterise([[[0.1, 0.3], [0.9, 0.3], [0.5, 0.8]]])
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    assert np.ptp(columns) == 19 and np.ptp(rows) < 19
    assert image.max() == 255 and np.count_nonzero((image > 20) & (image < 235)) > 20


def test_a_drawing_without_balance_stays_in_the_image():
    wide = np.zeros((20, 20), "uint8")
    wide[:3], wide[19, 10] = 255, 1  # its centre of mass is near the top: in the middle, the rest would not fit in
    assert np.count_nonzero(strokes.normalise(wide)) == np.count_nonzero(wide)


def test_a_dot_beside_a_line_counts():
    inked = np.flatnonzero(strokes.rasterise([[[0.5, 0.4], [0.5, 0.9]], [[0.5, 0.1]]]).any(axis=1))
    assert inked[-1] - inked[0] == 19 and len(inked) < 18  # there is paper between them


@pytest.mark.parametrize(
    ("drawing", "words"),
    [
        ([], "nothing on the pad"),
        ([[], []], "nothing on the pad"),
        ([[[0.5, 0.5]]], "single dot"),
        ([[[0.5, 0.5], [0.505, 0.5]]], "single dot"),
        ([LINE, [[0.5, 1.2]]], "must stay on the pad"),
        ([[[0.5, -0.1], [0.5, 0.9]]], "must stay on the pad"),
        ([[[0.5, float("nan")], [0.5, 0.9]]], "must stay on the pad"),
        (LINE, "list of strokes"),
        ([[[0.1, 0.2, 0.3]]], "list of strokes"),
        ([[["a", "b"]]], "list of strokes"),
        (None, "list of strokes"),
        (7, "list of strokes"),
        ([[{}]], "list of strokes"),
        ([LINE * 2501], "at most 5,000 points, not 5,002"),
    ],
)
def test_what_is_no_drawing_is_refused_in_words(drawing, words):
    with pytest.raises(DrawingError, match=words):
        strokes.rasterise(drawing)


@pytest.mark.parametrize("image", [np.zeros((28, 28)), np.zeros(784, "uint8"), [[0.5]]])
def test_what_is_no_image_is_refused(image):
    with pytest.raises(ValueError, match="uint8 array"):
        strokes.normalise(image)
    with pytest.raises(DrawingError, match="nothing on the pad"):
        strokes.normalise(np.zeros((5, 5), "uint8"))


def test_the_bundled_drawings_are_what_the_tool_draws():
    assert strokes.DRAWINGS.read_text(encoding="utf-8") == drawings.content()


def test_the_bundled_drawings_are_many_and_differ():
    symbols = strokes.bundled()
    assert {name: len(many) for name, many in symbols.items()} == dict.fromkeys(
        ("triangle", "circle", "zigzag", "cross", "heart"), 12
    )
    part = strokes.part(symbols)
    assert len({image.tobytes() for image in part.images}) == len(part) == 60
    assert json.loads(json.dumps(symbols)) == symbols
    assert set(strokes.bundled("digits")) == set("134579")
