"""How good are the predictions: accuracy, confusion, and how sure we can be."""

import math
import operator

import numpy as np


def accuracy(labels, predictions):
    """The share of predictions that are right, 0 to 1."""
    labels, predictions = _checked(labels, predictions)
    return float(np.mean(labels == predictions))


def confusion_matrix(labels, predictions, classes):
    """Count what each class was taken for.

    Parameters
    ----------
    labels, predictions : int arrays, (N,)
    classes : int
        K; all labels and predictions lie in 0 to K - 1.

    Returns
    -------
    int array, (K, K)
        Entry [i, j]: images of class i that were taken for class j.
    """
    labels, predictions = _checked(labels, predictions)
    classes = operator.index(classes)
    for name, values in (("labels", labels), ("predictions", predictions)):
        if values.min() < 0 or values.max() >= classes:
            raise ValueError(f"{name} must lie in 0 to {classes - 1}, but go from {values.min()} to {values.max()}")
    labels, predictions = labels.astype(np.intp), predictions.astype(np.intp)  # in uint8, 10 · 26 would be 4
    return np.bincount(labels * classes + predictions, minlength=classes**2).reshape(classes, classes)


def wilson_interval(share, count, z=1.96):
    """The interval that `count` test images leave for an accuracy (Wilson, 1927).

    Parameters
    ----------
    share : float
        The measured accuracy, 0 to 1.
    count : int
        Number of test images.
    z : float
        1.96 for 95 %.

    Returns
    -------
    low, high : float
    """
    if not (count >= 1 and 0 <= share <= 1):
        raise ValueError(f"an interval needs a share from 0 to 1 of at least 1 image, not {share} of {count}")
    middle = share + z**2 / (2 * count)
    half = z * math.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    scale = 1 + z**2 / count
    return (middle - half) / scale, (middle + half) / scale


def _checked(labels, predictions):
    """Both as arrays, if they are whole numbers and as many."""
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    if labels.ndim != 1 or labels.size == 0 or labels.shape != predictions.shape:
        raise ValueError(
            f"labels and predictions must be two arrays of one length, at least 1, not {labels.shape} and"
            f" {predictions.shape}"
        )
    for name, values in (("labels", labels), ("predictions", predictions)):
        if values.dtype.kind not in "iu":
            raise ValueError(f"{name} must be whole numbers, one class for each image, not {values.dtype}")
    return labels, predictions
