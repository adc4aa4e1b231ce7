"""Digit tasks: images, labels, and the three parts that keep a result honest."""

import itertools
import math
from dataclasses import dataclass

import numpy as np

from helpers.data.mnist import DataError, check_grey, check_labels
from helpers.randomness import generator
from helpers.validation import whole_number

ODD_DIGITS, EVEN_DIGITS = (1, 3, 5, 7, 9), (0, 2, 4, 6, 8)
LOW_DIGITS, HIGH_DIGITS = (0, 1, 2, 3, 4), (5, 6, 7, 8, 9)


@dataclass(frozen=True, eq=False)  # `==` on arrays is element-wise
class Part:
    """Some images of one task: its train, validation or test part, or a subset of one.

    Attributes
    ----------
    images : uint8 array, (N, 28, 28)
    labels : int64 array, (N,)
        The class of each image, 0 to K-1.
    digits : tuple of int
        The digit that each of the K classes stands for; of drawings and images of one's own (see `strokes` and `images`),
        the name of each.
    name : str
        What this is, for messages: "odd train".
    """

    images: np.ndarray
    labels: np.ndarray
    digits: tuple
    name: str

    def __post_init__(self):
        check_grey(self.images, self.name)
        check_labels(self.labels, len(self.images), self.name)

    def __len__(self):
        return len(self.labels)

    def __repr__(self):
        return f"Part({self.name}: {len(self):,} images of {', '.join(map(str, self.digits))})"

    @property
    def classes(self):
        """Number of classes, K."""
        return len(self.digits)

    def counts(self):
        """Number of images of each class, an int array (K,)."""
        return np.bincount(self.labels, minlength=self.classes)

    def inputs(self, shape, dtype="float32", rows=None):
        """Make a batch a network can work on: values in [0, 1].

        Parameters
        ----------
        shape : tuple of int
            What one image becomes: (784,) for a vector, (28, 28, 1) for a picture with one channel.
        dtype : str or numpy.dtype
            A floating-point type.
        rows : int or bool array, optional
            Which images (indices, or a mask of all); all of them if not given.

        Returns
        -------
        array of `dtype`, (N, *shape)

        Raises
        ------
        DataError
            The pixels do not fill the shape, or the type could not hold values between 0 and 1.
        """
        if np.dtype(dtype).kind != "f":
            raise DataError(
                f"inputs lie between 0 and 1, so they need a floating-point type such as float32, not {np.dtype(dtype)}"
            )
        pixels = self.images.shape[1:]
        if np.ndim(shape) != 1 or math.prod(shape) != math.prod(pixels):
            raise DataError(f"an image of {pixels} pixels cannot become an input of shape {shape}")
        images = self.images if rows is None else self.images[rows]
        inputs = images.reshape(len(images), *shape).astype(dtype)
        inputs *= inputs.dtype.type(1 / 255)
        return inputs

    def with_shifts(self):
        """Every image and its eight shifts by one pixel: a Part of 9·N images, in which image n is also n + N, n + 2N, …

        What leaves the image is lost, and paper comes in; the ink of MNIST's digits keeps four pixels from the edge.
        """
        padded = np.pad(self.images, ((0, 0), (1, 1), (1, 1)))
        rows, columns = self.images.shape[1:]
        steps = sorted(itertools.product((0, 1, 2), repeat=2), key=lambda step: step != (1, 1))  # the originals first
        shifted = [padded[:, down : down + rows, right : right + columns] for down, right in steps]
        return Part(np.concatenate(shifted), np.tile(self.labels, 9), self.digits, f"{self.name}, with shifts")

    def subset(self, per_class, seed):
        """Draw `per_class` images of every class, without repetition.

        With one seed, a larger subset contains the smaller one.

        Parameters
        ----------
        per_class : int
            k, the number of images of each class.
        seed : int
            Chooses which.

        Returns
        -------
        Part
            K·k images, in the order of this part.

        Raises
        ------
        DataError
            A class has fewer than k images.
        """
        rows = self.draw(per_class, seed)
        return Part(self.images[rows], self.labels[rows], self.digits, f"{self.name}, {per_class} a class")

    def without(self, rows):
        """All other images than those of some rows: a Part."""
        images, labels = (np.delete(array, rows, axis=0) for array in (self.images, self.labels))
        return Part(images, labels, self.digits, f"{self.name}, the rest")

    def draw(self, per_class, seed):
        """The rows that `subset` takes, rising: an int array (K·k,)."""
        whole_number("per_class", per_class, error=DataError)
        rng = generator(seed)
        chosen = []
        for label, digit in enumerate(self.digits):
            rows = rng.permutation(np.flatnonzero(self.labels == label))
            if len(rows) < per_class:
                most = self.counts().min()
                advice = f"; choose per_class of at most {most}" if most else ""
                raise DataError(
                    f"{self.name}: {per_class} images of digit {digit} were asked for, but there are only {len(rows)}{advice}"
                )
            chosen.append(rows[:per_class])
        return np.sort(np.concatenate(chosen))


@dataclass(frozen=True, eq=False)  # by identity, as its parts
class Task:
    """One classification task: tell some digits apart.

    Attributes
    ----------
    name : str
    digits : tuple of int
        Class k stands for digits[k].
    train, validation : Part
        Two disjoint parts of MNIST's training images: one to learn from, one to make choices with.
    test : Part
        From MNIST's test images. It measures; it never chooses.
    """

    name: str
    digits: tuple
    train: Part
    validation: Part
    test: Part

    def __repr__(self):
        sizes = ", ".join(f"{len(part):,} {kind}" for kind, part in self.parts().items())
        return f"Task({self.name}: digits {', '.join(map(str, self.digits))}; {sizes})"

    def parts(self):
        """The three parts by their names."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    def all_training_images(self):
        """The train and validation parts together: to learn from once all choices are made.

        Returns
        -------
        Part
            All of MNIST's training images of these digits, those of the train part first.
        """
        parts = self.train, self.validation
        images = np.concatenate([part.images for part in parts])
        labels = np.concatenate([part.labels for part in parts])
        return Part(images, labels, self.digits, f"{self.name} train and validation")


def digit_task(mnist, digits, name=None, validation=0.1):
    """Make a task out of some of MNIST's digits.

    The validation part is the last tenth of each class's training images, in the order of the file: every digit
    keeps its share (it is stratified), and no seed decides it.

    Parameters
    ----------
    mnist : Mnist
    digits : sequence of int
        At least two different digits. Class k of the task is digits[k].
    name : str, optional
        For messages and tables; the digits themselves if not given.
    validation : float
        The share of the training images that is set aside, between 0 and 1.

    Returns
    -------
    Task

    Raises
    ------
    DataError
        The digits are no digits, repeat or are too few, or one of them has no images.
    """
    digits = tuple(digits)
    if len(digits) < 2 or len(set(digits)) < len(digits) or not set(digits) <= set(range(10)):
        raise DataError(f"a task needs at least two different digits from 0 to 9, not {digits}")
    if not 0 < validation < 1:
        raise DataError(f"validation is the share of training images to set aside, between 0 and 1, not {validation}")
    digits = tuple(int(digit) for digit in digits)
    name = name or "".join(map(str, digits))
    learn, choose = [], []
    for digit in digits:
        rows = np.flatnonzero(mnist.train_labels == digit)
        if len(rows) < 2:
            raise DataError(f"{mnist.source} has {len(rows)} training images of digit {digit}; a task needs at least 2")
        held_out = min(max(1, round(validation * len(rows))), len(rows) - 1)  # both parts get at least one image
        learn.append(rows[:-held_out])
        choose.append(rows[-held_out:])
    test_rows = np.flatnonzero(np.isin(mnist.test_labels, digits))
    for digit in digits:
        if digit not in mnist.test_labels:
            raise DataError(f"{mnist.source} has no test images of digit {digit}")

    def part(kind, images, labels, rows):
        rows = np.sort(rows)
        classes = np.full(10, -1)
        classes[list(digits)] = range(len(digits))
        return Part(images[rows], classes[labels[rows]], digits, f"{name} {kind}")

    return Task(
        name,
        digits,
        part("train", mnist.train_images, mnist.train_labels, np.concatenate(learn)),
        part("validation", mnist.train_images, mnist.train_labels, np.concatenate(choose)),
        part("test", mnist.test_images, mnist.test_labels, test_rows),
    )


def odd_even_tasks(mnist):
    """The two tasks of this project: (odd, even), that is 1 3 5 7 9 and 0 2 4 6 8."""
    return digit_task(mnist, ODD_DIGITS, "odd"), digit_task(mnist, EVEN_DIGITS, "even")


def low_high_tasks(mnist):
    """The two tasks of Keras's `mnist_transfer_cnn`: the digits "0 to 4" and "5 to 9"."""
    return digit_task(mnist, LOW_DIGITS, "0 to 4"), digit_task(mnist, HIGH_DIGITS, "5 to 9")
