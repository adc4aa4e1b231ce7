"""Are the gradients right? Compare them with what tiny steps along each number do to the loss."""

import numpy as np

from helpers.nn.losses import softmax_cross_entropy


def numeric_gradient(function, values, step=1e-5):
    """Estimate a gradient by central differences: (f(v + h) - f(v - h)) / 2h for every number v.

    Parameters
    ----------
    function : callable
        Takes nothing, looks at `values`, returns a float.
    values : float64 array
        Changed in place during the work, and put back.
    step : float
        h. The error is about h² from the formula plus 1e-16 / h from rounding.

    Returns
    -------
    float64 array, shape of `values`
    """
    if values.dtype != np.float64:
        raise TypeError(f"a numeric gradient needs float64 to mean anything, not {values.dtype}; use network.astype")
    gradient = np.zeros_like(values)
    for index in np.ndindex(values.shape):
        kept = values[index]
        values[index] = kept + step
        above = function()
        values[index] = kept - step
        below = function()
        values[index] = kept
        gradient[index] = (above - below) / (2 * step)
    return gradient


def relative_error(measured, expected):
    """The largest difference between two arrays, relative to their largest entry.

    Parameters
    ----------
    measured, expected : float arrays of one shape

    Returns
    -------
    float
        0 if both are all zeros.
    """
    scale = max(np.abs(measured).max(), np.abs(expected).max())
    return float(np.abs(measured - expected).max() / scale) if scale else 0.0


def check_network(network, x, labels, seed):
    """Compare every trainable gradient of a network with a numeric one.

    Parameters
    ----------
    network : Network
        In float64, and small: every parameter costs two forward passes.
    x : float64 array, (N,) + input_shape
    labels : int array, (N,)
    seed : int
        Dropout draws the same mask in every pass.

    Returns
    -------
    dict of str to float
        The relative error of each parameter, by "layer/parameter"; below 1e-6 all is well.
    """

    def loss():
        return softmax_cross_entropy(network.forward(x, training=True, rng=np.random.default_rng(seed)), labels)[0]

    logits = network.forward(x, training=True, rng=np.random.default_rng(seed))
    network.backward(softmax_cross_entropy(logits, labels)[1])
    return {
        f"{name}/{parameter.name}": relative_error(parameter.grad, numeric_gradient(loss, parameter.value))
        for name, layer in zip(network.names, network.layers)
        if layer.trainable
        for parameter in layer.parameters()
    }
