"""Chapter 1's exercises: two right answers each, and two wrong ones that get a word of their own."""

import numpy as np
import pytest

from helpers.exercises import check


def by_one_product(x, examples, labels):
    distances = (examples**2).sum(axis=1) - 2 * x @ examples.T
    return labels[distances.argmin(axis=1)]


def one_by_one(x, examples, labels):
    return [labels[np.linalg.norm(examples - image, axis=1).argmin()] for image in x]


def with_frombuffer(content):
    magic, count = np.frombuffer(content[:8], ">i4")
    labels = np.frombuffer(content[8:], np.uint8)
    if magic != 2049 or len(labels) != count:
        raise ValueError(f"expected magic number 2049 and {count} labels, not {magic} and {len(labels)}")
    return labels


def byte_by_byte(content):
    if content[:4] != b"\x00\x00\x08\x01":
        raise ValueError("these are no labels")
    if int.from_bytes(content[4:8], "big") != len(content) - 8:
        raise ValueError("the file is not as long as its header says")
    return list(content[8:])


def by_drawing(images, rng, candidates=100):
    return (rng.random((images, candidates)) < 0.2).mean(axis=0).max() - 0.2


def on_fresh_images(images, rng, candidates=100):
    hits = rng.binomial(images, 0.2, candidates)
    return hits.max() / images - rng.binomial(100_000, 0.2) / 100_000


@pytest.mark.parametrize(
    "number, answer",
    [
        ("1.1", by_one_product),
        ("1.1", one_by_one),
        ("1.2", with_frombuffer),
        ("1.2", byte_by_byte),
        ("1.3", by_drawing),
        ("1.3", on_fresh_images),
    ],
)
def test_right_answers(number, answer, capsys):
    check(number, answer)
    assert capsys.readouterr().out.startswith(f"{number}: right. ")


@pytest.mark.parametrize(
    "number, answer, said",
    [
        ("1.1", lambda x, e, y: ((x[:, None] - e) ** 2).sum(axis=2).argmin(axis=1), "the numbers of the nearest"),
        ("1.1", lambda x, e, y: y[((x[:, None] - e) ** 2).sum(axis=2).argmax(axis=1)], "farthest away"),
        ("1.1", lambda x, e, y: y[0], "shape ()"),
        ("1.2", lambda content: np.frombuffer(content, np.uint8), "where does the header end?"),
        ("1.2", lambda content: np.frombuffer(content[8:], np.uint8), "took a file of images for good"),
        ("1.3", lambda n, rng: (rng.random((n, 100)) < 0.2).mean(axis=0).max(), "By how much is it *too good*?"),
        ("1.3", lambda n, rng: (rng.random((n, 100)) < 0.2).mean() - 0.2, "everybody's?"),
    ],
)
def test_wrong_answers_get_a_word_of_their_own(number, answer, said, capsys):
    check(number, answer)
    printed = capsys.readouterr().out
    assert printed.startswith(f"{number}: not yet. ") and said in printed
