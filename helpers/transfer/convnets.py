"""Convolutional networks for MNIST: a builder, and the network of Keras's example."""

from helpers.nn.convolution import Conv2D, Flatten, MaxPool2D
from helpers.nn.layers import Dense, Dropout, ReLU
from helpers.nn.network import Network
from helpers.randomness import generator

INPUT_SHAPE = (28, 28, 1)


def convnet(filters, hidden, classes, seed, dropout=0.0):
    """Convolutions of 5x5, each followed by ReLU and pooling, then one hidden layer and the head.

    The convolutions are called conv1, conv2, …; the last of them is where transfer cuts the network.

    Parameters
    ----------
    filters : tuple of int
        Filters of each convolution; 28 pixels leave room for two.
    hidden : int
        Units of the hidden layer.
    classes : int
        Outputs of the head, K.
    seed : int or numpy.random.Generator
    dropout : float
        The share of values dropped before and after the hidden layer; 0 for no Dropout layers.

    Returns
    -------
    Network
    """
    if len(filters) not in (1, 2):
        raise ValueError(f"28 pixels leave room for one or two convolutions with pooling, not {len(filters)}")
    rng = generator(seed)
    layers, size, channels = [], INPUT_SHAPE[0], INPUT_SHAPE[2]
    for number, count in enumerate(filters, start=1):
        convolution = Conv2D(channels, count, 5, seed=rng)
        layers += [(f"conv{number}", convolution), (f"relu{number}", ReLU()), (f"pool{number}", MaxPool2D(2))]
        size, channels = (size - 4) // 2, count
    layers.append(("flatten", Flatten()))
    if dropout:
        layers.append(("dropout1", Dropout(dropout)))
    layers += [("hidden", Dense(size * size * channels, hidden, rng)), (f"relu{len(filters) + 1}", ReLU())]
    if dropout:
        layers.append(("dropout2", Dropout(dropout)))
    layers.append(("head", Dense(hidden, classes, rng)))
    return Network(layers, INPUT_SHAPE)


def small_convnet(classes, seed):
    """A network that trains in seconds: 8 and 16 filters, 64 hidden units, no dropout.

    Parameters
    ----------
    classes : int
        Outputs of the head, K.
    seed : int or numpy.random.Generator

    Returns
    -------
    Network
    """
    return convnet((8, 16), hidden=64, classes=classes, seed=seed)


def keras_convnet(classes, seed):
    """The network of Keras's example `mnist_transfer_cnn`: its convolutions end with the layer conv2.

    Parameters
    ----------
    classes : int
        Outputs of the head, K.
    seed : int or numpy.random.Generator

    Returns
    -------
    Network
    """
    rng = generator(seed)
    layers = [
        ("conv1", Conv2D(1, 32, 3, seed=rng)),
        ("relu1", ReLU()),
        ("conv2", Conv2D(32, 32, 3, seed=rng)),
        ("relu2", ReLU()),
        ("pool", MaxPool2D(2)),
        ("dropout1", Dropout(0.25)),
        ("flatten", Flatten()),
        ("hidden", Dense(12 * 12 * 32, 128, rng)),
        ("relu3", ReLU()),
        ("dropout2", Dropout(0.5)),
        ("head", Dense(128, classes, rng)),
    ]
    return Network(layers, INPUT_SHAPE)
