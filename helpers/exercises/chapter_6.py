"""Chapter 6: where the work of a convolutional network is, average pooling, and a stride instead of pooling."""

import numpy as np

from helpers.checks.gradient_check import numeric_gradient, relative_error
from helpers.exercises import NotYet, exercise
from helpers.nn.convolution import Conv2D, MaxPool2D
from helpers.transfer.recipes import keras_convnet, small_convnet


@exercise("6.1")
def _count(count):
    found = dict(count(small_convnet(5, seed=0)))
    if set(found) != {"conv1", "conv2", "hidden", "head"}:
        raise NotYet(f"It has the layers {', '.join(found)}: which of the network's layers have parameters?")
    parameters, work = found["conv1"]
    if parameters == 200:
        raise NotYet("conv1 has 200 weights. Are these all of its parameters?")
    if work in (200, 208):
        raise NotYet("For conv1 it counts each weight once an image. At how many places is it used?")
    if work == 200 * 28 * 28:
        raise NotYet("conv1's window does not fit at all 28 · 28 places: how large is its output?")
    wanted = {"conv1": (208, 115_200), "conv2": (3_216, 204_800), "hidden": (16_448, 16_384), "head": (325, 320)}
    for name, expected in wanted.items():
        if tuple(found[name]) != expected:
            raise NotYet(f"For {name} of small_convnet it gives {tuple(found[name])}: one of the two is off.")
    table = np.array(list(count(keras_convnet(5, seed=0)).values()))  # (layers, 2)
    parameters, work = table[:2].sum(axis=0) / table.sum(axis=0)
    return (
        f"In Keras's network the convolutions hold {parameters:.0%} of the parameters, and do {work:.0%} of the work."
    )


@exercise("6.2")
def _average_pool(forward, backward):
    rng = np.random.default_rng(0)
    x, c = rng.normal(size=(2, 6, 4, 3)), rng.normal(size=(2, 3, 2, 3))
    x[0, :2, :2] = 1.0  # a block of equal values
    z = np.asarray(forward(x))
    if z.shape != c.shape:
        raise NotYet(f"{x.shape} became {z.shape}; it should become {c.shape}.")
    if np.allclose(z, MaxPool2D(2).forward(x)):
        raise NotYet("That is the largest value of each block, not the mean.")
    if not np.allclose(z, (x[:, ::2, ::2] + x[:, 1::2, ::2] + x[:, ::2, 1::2] + x[:, 1::2, 1::2]) / 4):
        raise NotYet(
            "The means are not those of blocks of 2 × 2 pixels: do rows, columns and channels keep their places?"
        )
    grad = np.asarray(backward(c))
    if grad.shape != x.shape:
        raise NotYet(f"The gradient should have the shape of the input, {x.shape}, not {grad.shape}.")
    numeric = numeric_gradient(lambda: float((c * forward(x)).sum()), x)
    if relative_error(grad, 4 * numeric) < 1e-6:
        raise NotYet("Four times too large: by how much does a mean move when one of its four values moves by 1?")
    if relative_error(grad, numeric) > 1e-6:
        raise NotYet("The gradient does not agree with the numeric one.")
    return "Equal values included: a mean has no kink."


@exercise("6.3")
def _strided(strided_convnet):
    network = strided_convnet(5, 0)
    layers = dict(zip(network.names, network.layers))
    if any(isinstance(layer, MaxPool2D) for layer in network.layers):
        raise NotYet("There is still pooling in it.")
    convolutions = [layer for layer in network.layers if isinstance(layer, Conv2D)]
    if [layer.stride for layer in convolutions] != [2, 2]:
        raise NotYet(f"The strides are {[layer.stride for layer in convolutions]}: who halves the picture now?")
    shapes = dict(zip(network.names, network.output_shapes))
    if shapes.get("conv2") != (7, 7, 16):
        raise NotYet(f"conv2 gives {shapes.get('conv2')}: with padding 'same' 28 becomes 14, and 14 becomes 7.")
    if layers["conv1"].weights.value.shape != (5, 5, 1, 8):
        raise NotYet(
            "conv1 should have 8 filters of 5 × 5, as in small_convnet: else more than the stride is compared."
        )
    return "Now train both: what do the fewer places cost?"
