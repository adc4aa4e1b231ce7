"""What is trained in each race: the data, the network with its first weights, and how long."""

from dataclasses import dataclass, replace

import numpy as np

from helpers import Network, Part, digit_task, fit, load_mnist
from helpers.data.tasks import EVEN_DIGITS, LOW_DIGITS, ODD_DIGITS
from helpers.transfer.recipes import keras_convnet


@dataclass(frozen=True)
class Workload:
    """One race. All contestants get the same data and, where they can take them, the same first weights.

    Attributes
    ----------
    title : str
    digits : tuple of int
        The five digits to tell apart.
    kind : str
        "mlp"; "head": an MLP that knows the other digits, hidden layers frozen; "convnet": that of Keras's
        `mnist_transfer_cnn`.
    batch_size : int
    epochs : int
        In one run, which is what is timed.
    share : float
        Of all training images.
    noise : bool
        Blank paper gets random grey values from 0 to 31, so that no pixel is blank in a whole batch.
    all_cores : bool
        Everybody may use all cores, with the threads that it takes by default; else it is one thread on one core.
    """

    title: str
    digits: tuple = ODD_DIGITS
    kind: str = "mlp"
    batch_size: int = 128
    epochs: int = 1
    share: float = 1.0
    noise: bool = False
    all_cores: bool = False

    def parts(self):
        """Training and test images, as Parts; MNIST's own split, so validation images are trained on too."""
        task = digit_task(load_mnist(), self.digits)
        everything = task.all_training_images()
        rows = np.random.default_rng(0).permutation(len(everything))[: int(self.share * len(everything))]
        train = Part(everything.images[rows], everything.labels[rows], task.digits, "training images")
        return (_grainy(train), _grainy(task.test)) if self.noise else (train, task.test)

    def network(self):
        """The network before the race, ours; other contestants copy its weights."""
        if self.kind == "convnet":
            return keras_convnet(len(self.digits), seed=0)
        network = Network.mlp(784, *HIDDEN, classes=len(self.digits), seed=0)
        if self.kind == "head":
            source = replace(self, kind="mlp", digits=tuple(digit for digit in range(10) if digit not in self.digits))
            fit(network, source.parts()[0], seed=0, epochs=3, progress=False)
            network = network.with_new_head(len(self.digits), seed=1).freeze(upto="hidden2")
        return network


def _grainy(part):
    grain = np.random.default_rng(0).integers(0, 32, part.images.shape, dtype=np.uint8)
    return replace(part, images=np.maximum(part.images, grain))


HIDDEN = 256, 128
WORKLOADS = {
    "mlp": Workload("MLP, batch 128"),
    "mlp-32": Workload("MLP, batch 32", batch_size=32),
    "mlp-noise": Workload("MLP, no blank pixels", noise=True),
    "head": Workload("only the head, 10 epochs", EVEN_DIGITS, kind="head", epochs=10),
    "convnet": Workload("convnet", LOW_DIGITS, kind="convnet"),
    "mlp-all-cores": Workload("MLP, batch 128", all_cores=True),
    # A quarter, as one of JAX's epochs takes minutes.
    "convnet-all-cores": Workload(
        "a quarter of an epoch of the convnet", LOW_DIGITS, kind="convnet", share=0.25, all_cores=True
    ),
}
