"""Drawings become images that a network of MNIST reads, and what cannot become one is refused in words."""

import numpy as np
import pytest

from helpers import evaluate
from helpers.data import strokes
from helpers.data.strokes import DrawingError, Symbols
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
    assert len({image.tobytes() for image in strokes.part(symbols).images}) == 60
    assert set(strokes.bundled("digits")) == set("134579")


def test_bundled_symbols_stand_in_where_nothing_is_drawn():
    symbols = Symbols()
    learn, kept_back = symbols.parts(examples=3)
    assert symbols.is_bundled and learn.digits == kept_back.digits == tuple(strokes.bundled())
    assert (learn.counts() == 3).all() and (kept_back.counts() == 9).all()
    assert not {image.tobytes() for image in learn.images} & {image.tobytes() for image in kept_back.images}


def test_own_symbols_are_kept_by_name_until_they_are_taken_back():
    symbols, hearts, crosses = Symbols(), strokes.bundled()["heart"], strokes.bundled()["cross"]
    for drawing in hearts[:4]:
        symbols.keep(" love ", drawing)
    with pytest.raises(DrawingError, match="only love so far: draw a second symbol"):
        symbols.parts()
    for drawing in crosses[:4]:
        symbols.keep("kiss", drawing)
    assert symbols.drawings == {"love": hearts[:4], "kiss": crosses[:4]}
    learn, kept_back = symbols.parts(examples=3)
    assert learn.counts().tolist() == [3, 3] and kept_back.counts().tolist() == [1, 1]
    assert np.array_equal(kept_back.images[1], strokes.rasterise(crosses[3]))
    for examples, words in ((4, "4 drawings of love. With 4 .* it takes 5"), (0, "at least 1"), (1.5, "whole number")):
        with pytest.raises(DrawingError, match=words):
            symbols.parts(examples)
    for _ in range(4):
        symbols.take_back("kiss")
    assert symbols.drawings == {"love": hearts[:4]}


def test_what_cannot_be_kept_is_refused_and_loses_nothing():
    symbols, heart = Symbols(), strokes.bundled()["heart"][0]
    for name in "abcde" + 11 * "a":
        symbols.keep(name, heart)
    before = {name: list(many) for name, many in symbols.own.items()}
    for name, drawing, words in (
        ("", heart, "Give the drawing a name"),
        ("a", [], "nothing on the pad"),
        ("a", [[[0.5, 0.5]]], "single dot"),
        ("a", heart, "12 drawings of a already"),
        ("f", heart, "5 symbols already: a, b, c, d, e"),
    ):
        with pytest.raises(DrawingError, match=words):
            symbols.keep(name, drawing)
    with pytest.raises(DrawingError, match="no drawing of f"):
        symbols.take_back("f")
    assert symbols.own == before
