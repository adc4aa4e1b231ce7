"""Methods without transfer that need no luck: kernel ridge regression, and softmax regression to the very end.

Both are convex problems solved to their one solution, so neither has a seed, a learning rate or a number of steps.
"""

import numpy as np

from helpers.nn.losses import softmax

# Chosen once on validation images, and good in either direction: `studies/choices.py`, whose table a test holds to it.
KERNEL_DEPTH, KERNEL_RIDGE = 3, 1e-2
PENALTY = 1e-3
GRADIENT = 1e-4  # the norm at which softmax regression has converged


class NotConvergedError(ArithmeticError):
    """A problem was not solved to the accuracy that was asked for, so there is no result."""


def arc_cosine_kernel(one, other, depth):
    """How alike two sets of images are to an infinitely wide ReLU network with random weights.

    The arc-cosine kernel of order 1 (Cho and Saul, 2009), one layer upon the other. It has no width to choose.

    Parameters
    ----------
    one, other : float arrays, (N, D) and (M, D)
        No row may be all zeros.
    depth : int
        Hidden layers of that network.

    Returns
    -------
    float array, (N, M)
        From 0 to 1; 1 for images that differ in brightness alone.
    """
    one, other = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (one, other))
    cosine = one @ other.T
    for _ in range(depth):
        np.clip(cosine, -1, 1, out=cosine)
        cosine = (np.sqrt(1 - cosine**2) + (np.pi - np.arccos(cosine)) * cosine) / np.pi
    return cosine


def kernel_ridge(part, images, depth=KERNEL_DEPTH, ridge=KERNEL_RIDGE):
    """Learn the classes of a part by kernel ridge regression on raw pixels, and predict those of other images.

    Parameters
    ----------
    part : Part
        What to learn from.
    images : Part
        What to predict; its labels are not looked at.
    depth : int
        As in `arc_cosine_kernel`.
    ridge : float
        The penalty, beside ones on the kernel's diagonal.

    Returns
    -------
    int array, (N,)
        The predicted class of each image.
    """
    known, asked = part.inputs((784,), "float64"), images.inputs((784,), "float64")
    kernel = arc_cosine_kernel(known, known, depth)
    kernel[np.diag_indices_from(kernel)] += ridge
    targets = np.eye(part.classes)[part.labels] - 1 / part.classes
    weights = np.linalg.solve(kernel, targets)
    return (arc_cosine_kernel(asked, known, depth) @ weights).argmax(axis=1)


def softmax_regression(x, labels, classes, penalty=PENALTY):
    """The weights at which the penalised cross-entropy of softmax regression has its minimum.

    Newton's method: each step solves H·step = -gradient by conjugate gradients, so the matrix H is never written down,
    and is halved until the loss falls as it should.

    Parameters
    ----------
    x : float array, (N, D)
        Features.
    labels : int array, (N,)
    classes : int
        K.
    penalty : float
        λ of λ/2 · (sum of the squared weights), beside the mean cross-entropy; the biases are free.

    Returns
    -------
    float64 array, (D + 1, K)
        The last row holds the biases: see `predict`.

    Raises
    ------
    NotConvergedError
        The gradient's norm is still above 1e-4 after 100 steps.
    """
    x = _with_ones(x)
    truth = np.eye(classes)[labels]
    shrink = np.full((x.shape[1], 1), penalty)
    shrink[-1] = 0
    weights = np.zeros((x.shape[1], classes))

    def loss(weights):
        logits = x @ weights
        top = logits.max(axis=1, keepdims=True)
        entropy = np.log(np.exp(logits - top).sum(axis=1)) + top[:, 0] - (logits * truth).sum(axis=1)
        return entropy.mean() + (shrink * weights**2).sum() / 2

    for _ in range(100):
        p = softmax(x @ weights)
        gradient = x.T @ (p - truth) / len(x) + shrink * weights
        norm = np.linalg.norm(gradient)
        if norm < GRADIENT:
            return weights

        def curvature(v, p=p):
            change = x @ v
            change = p * (change - (p * change).sum(axis=1, keepdims=True))
            return x.T @ change / len(x) + shrink * v

        step = _conjugate_gradients(curvature, -gradient, norm * min(0.1, norm**0.5))
        slope, before, length = (gradient * step).sum(), loss(weights), 1.0
        while loss(weights + length * step) > before + 1e-4 * length * slope and length > 1e-10:
            length /= 2
        weights = weights + length * step
    raise NotConvergedError(
        f"softmax regression on {len(x):,} images has a gradient of {norm:.1e} after 100 steps, not below {GRADIENT:g};"
        f" a larger penalty than {penalty:g} makes the problem easier"
    )


def predict(weights, x):
    """The class that `softmax_regression`'s weights give to each row of features: an int array (N,)."""
    return (_with_ones(x) @ weights).argmax(axis=1)


def softmax_on_pixels(part, images, penalty=PENALTY):
    """Learn the classes of a part by softmax regression on raw pixels, as `kernel_ridge` does: an int array (N,)."""
    weights = softmax_regression(part.inputs((784,)), part.labels, part.classes, penalty)
    return predict(weights, images.inputs((784,)))


def nearest_mean(part, images):
    """Give each image the class whose mean image is nearest, of a part's images: an int array (N,)."""
    known, asked = part.inputs((784,)), images.inputs((784,))
    means = np.array([known[part.labels == label].mean(axis=0) for label in range(part.classes)])
    return ((means**2).sum(axis=1) - 2 * asked @ means.T).argmin(axis=1)


def _with_ones(x):
    return np.concatenate([x, np.ones((len(x), 1))], axis=1, dtype="float64")


def _conjugate_gradients(matrix, b, tolerance):
    """Solve matrix(x) = b for a positive semi-definite matrix, up to a residual of that norm."""
    x, residual = np.zeros_like(b), b
    direction, square = b, (b * b).sum()
    for _ in range(b.size):
        if square**0.5 <= tolerance:
            break
        image = matrix(direction)
        length = square / (direction * image).sum()
        x, residual = x + length * direction, residual - length * image
        direction, square = residual + (residual * residual).sum() / square * direction, (residual * residual).sum()
    return x
