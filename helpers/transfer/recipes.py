"""Recipes: architectures with the way to train them, chosen by validation."""

from dataclasses import dataclass

from helpers.nn.network import Network
from helpers.nn.optimizers import Adam
from helpers.nn.training import cosine
from helpers.transfer.convnets import convnet


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


# Chosen once, by validation, before any study. `tuning` and `tuning_cnn` ask again: validation cannot tell them from the best.
MLP = Recipe(hidden=(512, 128), dropout=0.3)
CNN = Recipe(hidden=(256,), filters=(32, 64), dropout=0.5, epochs=5)
MODELS = {"mlp": MLP, "cnn": CNN}
# Without hidden layers a larger rate is better; validation chose it from 0.001, 0.003 and 0.01.
SOFTMAX = Recipe(hidden=(), learning_rate=0.01)
