"""Recipes: architectures with the way to train them, chosen by validation; and the convolutional networks themselves."""

from dataclasses import dataclass

from helpers.nn.convolution import Conv2D, Flatten, MaxPool2D
from helpers.nn.layers import Dense, Dropout, ReLU
from helpers.nn.network import Network
from helpers.nn.optimizers import Adam
from helpers.nn.training import cosine
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
    """A convolutional network that trains in seconds: 8 and 16 filters, 64 hidden units, no dropout."""
    return convnet((8, 16), hidden=64, classes=classes, seed=seed)


def keras_convnet(classes, seed):
    """The network of Keras's example `mnist_transfer_cnn`: its convolutions end with the layer conv2."""
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


@dataclass(frozen=True)
class Recipe:
    """An architecture and the way to train it.

    Attributes
    ----------
    hidden : tuple of int
        Units of the hidden layers; none is softmax regression. A convolutional network has one.
    filters : tuple of int
        Filters of the convolutions below them; none for a multi-layer perceptron.
    dropout, learning_rate, epochs, batch_size
        As in `Network.mlp`, `convnet`, `Adam` and `fit`; the learning rate falls along a cosine.
    """

    hidden: tuple
    filters: tuple = ()
    dropout: float = 0.0
    learning_rate: float = 2e-3
    epochs: int = 12
    batch_size: int = 128

    def network(self, classes, seed):
        """A new network of this architecture for MNIST images."""
        if self.filters:
            [hidden] = self.hidden
            return convnet(self.filters, hidden, classes, seed, self.dropout)
        return Network.mlp(784, *self.hidden, classes=classes, seed=seed, dropout=self.dropout)

    @property
    def last_frozen(self):
        """The layer up to which transfer freezes: the last convolution, or the first hidden layer."""
        return f"conv{len(self.filters)}" if self.filters else "hidden1"

    def options(self, epochs=None):
        """Keyword arguments for `fit`: a new optimizer, the schedule, the batch size and how long."""
        return {
            "optimizer": Adam(self.learning_rate),
            "schedule": cosine,
            "batch_size": self.batch_size,
            "epochs": epochs or self.epochs,
        }


@dataclass(frozen=True)
class Setting:
    """How a method trains on few labels: Adam's rate, how many steps, and the share that dropout drops."""

    rate: float
    steps: int
    dropout: float

    def __str__(self):
        return f"rate {self.rate:g}, {self.steps} steps, dropout {self.dropout:g}"


# Chosen once, by validation, before any study. `tuning` and `tuning_cnn` ask again: validation cannot tell them from the best.
MLP = Recipe(hidden=(512, 128), dropout=0.3)
CNN = Recipe(hidden=(256,), filters=(32, 64), dropout=0.5, epochs=5)
MODELS = {"mlp": MLP, "cnn": CNN}
# Three times faster than CNN; at its own best within 0.6 points of CNN with an untuned setting: the study `settings`.
CONVNET = Recipe(hidden=(128,), filters=(16, 32), dropout=0.5, epochs=5)
REPORTED = {"mlp": MLP, "cnn": CONVNET}  # in transfer reports, which train dozens of networks
# Without hidden layers a larger rate is better; validation chose it from 0.001, 0.003 and 0.01.
SOFTMAX = Recipe(hidden=(), learning_rate=0.01)
# For the census, whose 252 splits would take README's network hours; and for the laboratory, whose visitor waits.
SMALL = Recipe(hidden=(128, 64), epochs=8)

# How each strategy trains on few labels, at its own best, by network: chosen in the study `settings`, on other splits.
FEW = {
    network: {strategy: Setting(rate, steps, 0.5) for strategies, rate in rates.items() for strategy in strategies}
    for network, steps, rates in (
        ("mlp", 300, {("scratch", "frozen", "random"): 9e-3, ("fine-tune", "head-then-all"): 3e-3}),
        ("cnn", 160, {("scratch", "frozen", "random"): 9e-3, ("fine-tune", "head-then-all"): 3e-3}),
        ("small", 300, {("scratch", "frozen", "random", "fine-tune"): 9e-3, ("head-then-all",): 3e-3}),
    )
}
REGRESSIONS = {"kernel": {"depth": 6, "ridge": 1e-2}, "softmax": {"penalty": 0.027}, "mean": {}}  # likewise
