"""Softmax and cross-entropy: the value of the loss and its gradient."""

import numpy as np


def softmax(logits):
    """Turn logits (N, K) into probabilities, row by row; every row sums to 1."""
    return np.exp(log_softmax(logits))


def log_softmax(logits):
    """The logarithms of the probabilities, without ever forming them, so that none becomes log 0.

    The row's own maximum is subtracted first, which changes nothing but keeps `exp` from overflowing.

    Parameters
    ----------
    logits : float array, (N, K)

    Returns
    -------
    float array, (N, K)
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def softmax_cross_entropy(logits, labels):
    """The mean cross-entropy of softmax(logits), and its gradient with respect to the logits.

    loss = mean over the batch of -log p[label], gradient = (p - one_hot(label)) / N
    (Bishop, Pattern Recognition and Machine Learning, 2006, eq. 4.108 and 4.109).

    Parameters
    ----------
    logits : float array, (N, K)
    labels : int array, (N,)
        From 0 to K-1.

    Returns
    -------
    loss : float
    grad : float array, (N, K)

    Raises
    ------
    ValueError
        There is not one label per row, or a label is out of range.
    """
    count, classes = logits.shape
    if labels.shape != (count,):
        raise ValueError(f"{count} rows of logits need {count} labels, but labels have shape {labels.shape}")
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(
            f"labels must lie in 0 to {classes - 1} for {classes} logits, but go from {labels.min()} to {labels.max()}"
        )
    rows = np.arange(count)
    log_p = log_softmax(logits)
    loss = -log_p[rows, labels].sum() / count
    grad = np.exp(log_p)
    grad[rows, labels] -= 1
    return float(loss), grad / count
