"""How far a mean over repetitions may be off: what repetitions and test images add, and Student's factor.

A study trains a network several times (repetitions) and tests each on the same images. Other repetitions would give
another mean, and so would other images. Both doubts are added here; `statistics` turns them into intervals.
"""

import math
from typing import NamedTuple

import numpy as np

NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)
MOST_DEGREES = 1e6  # beyond, Student's factor is that of the normal distribution, to six digits


class Uncertainty(NamedTuple):
    """The variance of a mean, by where it comes from.

    Attributes
    ----------
    repetitions : float
        What the choice of repetitions adds. As each is measured on the images, this includes the interplay of both.
    images : float
        What the choice of test images adds to that; 0 where each repetition has images of its own.
    degrees : float
        Degrees of freedom for Student's t.
    """

    repetitions: float
    images: float
    degrees: float

    @property
    def half_width(self):
        """Half of the 95 % interval."""
        return student_quantile(self.degrees) * (self.repetitions + self.images) ** 0.5

    @classmethod
    def of(cls, values):
        """The uncertainty of the mean of all values.

        Parameters
        ----------
        values : array, (repetitions,) or (repetitions, images)
            Accuracies, hits, or differences of either. One number a repetition: plain Student's t. A row a repetition:
            column j is the same image in all of them.

        Returns
        -------
        Uncertainty

        Raises
        ------
        ValueError
            There is a single repetition, or a single image.

        Notes
        -----
        With rows, each value is a mean + a repetition's part + an image's part + their interplay, of variances a, b and
        c, and the mean over R repetitions and I images has the variance a/R + b/I + c/RI. The variance between the
        repetitions' means, over R, estimates the first and the last term. That between the images' means, over I, has
        the last term too, so it is taken out there: once is enough. (Two-way analysis of variance; Searle, Casella and
        McCulloch, *Variance Components*, 1992.)
        """
        values = np.asarray(values, float)
        repetitions, images = len(values), values[0].size if len(values) else 0
        if repetitions < 2:
            raise ValueError(f"an interval takes at least 2 repetitions, not {repetitions}: run 5 or more if you can")
        of_repetition = values.reshape(repetitions, -1).mean(axis=1)
        by_repetitions = float(of_repetition.var(ddof=1)) / repetitions
        if values.ndim == 1:
            return cls(by_repetitions, 0.0, repetitions - 1.0)
        if images < 2:
            raise ValueError(f"an interval over test images takes at least 2 of them, not {images}")
        of_image = values.mean(axis=0)
        # the sum of squares of (value − its repetition's mean − its image's mean + the mean of all), without that array
        squares = (values**2).sum() + values.size * of_image.mean() ** 2
        squares -= images * (of_repetition**2).sum() + repetitions * (of_image**2).sum()
        interplay = max(float(squares), 0.0) / ((repetitions - 1) * (images - 1))
        return cls.combined(by_repetitions, float(of_image.var(ddof=1)) - interplay / repetitions, repetitions, images)

    @classmethod
    def combined(cls, by_repetitions, image_variance, repetitions, images):
        """From the variance that repetitions give to the mean, and the variance of an image's part, which may be < 0.

        The two have different degrees of freedom. Satterthwaite (1946) weights them by the *squares* of the variances'
        shares. That trusts an estimate from two degrees of freedom too much: with three repetitions the intervals then
        hold the truth in as little as 92 %. The plain shares give 94 to 96 (`tests/test_statistics.py`).
        """
        by_images = max(image_variance, 0.0) / images
        whole = by_repetitions + by_images
        if not whole:
            return cls(0.0, 0.0, repetitions - 1.0)
        return cls(by_repetitions, by_images, whole / (by_repetitions / (repetitions - 1) + by_images / (images - 1)))


def student_quantile(degrees):
    """The 97.5 % quantile of Student's t for any degrees of freedom from 1 on, also fractional ones.

    With t = √degrees · tan θ the density becomes cos(θ)^(degrees − 1), which has no far tail: the share within ±t is an
    integral from 0 to θ. Newton's method finds the θ of 95 %; it never overshoots, as the density falls.

    Parameters
    ----------
    degrees : float

    Returns
    -------
    float
    """
    if degrees < 1:
        raise ValueError(f"Student's t needs at least 1 degree of freedom, not {degrees}")
    degrees = min(degrees, MOST_DEGREES)
    whole = math.sqrt(math.pi) / 2 * math.exp(math.lgamma(degrees / 2) - math.lgamma((degrees + 1) / 2))
    angle = math.atan(1.9599 / math.sqrt(degrees))  # of the normal distribution: too small for any degrees
    for _ in range(8):
        within = angle / 2 * float(WEIGHTS @ np.cos(angle / 2 * (NODES + 1)) ** (degrees - 1))
        angle += (0.95 * whole - within) / math.cos(angle) ** (degrees - 1)
    return math.sqrt(degrees) * math.tan(angle)
