"""The shared code of Transfer Learning from Scratch: a small neural-network library in plain NumPy.

What a notebook builds by hand, a module here holds in its tested form. Importing this package needs NumPy alone.
"""

from helpers.data.mnist import DataError, load_mnist
from helpers.data.tasks import Part, Task, digit_task, low_high_tasks, odd_even_tasks
from helpers.nn.convolution import Conv2D, Flatten, MaxPool2D
from helpers.nn.layers import Dense, Dropout, ReLU
from helpers.nn.losses import softmax, softmax_cross_entropy
from helpers.nn.network import Network
from helpers.nn.optimizers import SGD, Adam
from helpers.nn.training import DivergenceError, Evaluation, History, cosine, evaluate, fit
from helpers.nn.weights import WeightsError, load_network, load_weights, save_network
from helpers.transfer.strategies import fine_tune, from_scratch, frozen_features, head_then_all, random_features

__all__ = [
    "SGD",
    "Adam",
    "Conv2D",
    "DataError",
    "Dense",
    "DivergenceError",
    "Dropout",
    "Evaluation",
    "Flatten",
    "History",
    "MaxPool2D",
    "Network",
    "Part",
    "ReLU",
    "Task",
    "WeightsError",
    "cosine",
    "digit_task",
    "evaluate",
    "fine_tune",
    "fit",
    "from_scratch",
    "frozen_features",
    "head_then_all",
    "load_mnist",
    "load_network",
    "load_weights",
    "low_high_tasks",
    "odd_even_tasks",
    "random_features",
    "save_network",
    "softmax",
    "softmax_cross_entropy",
]
