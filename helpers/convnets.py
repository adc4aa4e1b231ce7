"""Two convolutional networks for MNIST: one as large as Keras's example, and one for a chapter that trains it live."""

from helpers.convolution import Conv2D, Flatten, MaxPool2D
from helpers.layers import Dense, Dropout, ReLU
from helpers.network import Network
from helpers.randomness import generator

INPUT_SHAPE = (28, 28, 1)


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
        ("conv1", Conv2D(1, 32, 3, rng)),
        ("relu1", ReLU()),
        ("conv2", Conv2D(32, 32, 3, rng)),
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


def small_convnet(classes, seed):
    """A network that trains in seconds: 8 and 16 filters of 5x5, each followed by pooling; conv2 is the last one.

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
        ("conv1", Conv2D(1, 8, 5, rng)),
        ("relu1", ReLU()),
        ("pool1", MaxPool2D(2)),
        ("conv2", Conv2D(8, 16, 5, rng)),
        ("relu2", ReLU()),
        ("pool2", MaxPool2D(2)),
        ("flatten", Flatten()),
        ("hidden", Dense(4 * 4 * 16, 64, rng)),
        ("relu3", ReLU()),
        ("head", Dense(64, classes, rng)),
    ]
    return Network(layers, INPUT_SHAPE)
