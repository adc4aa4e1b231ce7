"""The contestants, one in each file: a class `Contestant` that trains, and says how accurate it became.

All have the same three methods. `__init__(workload)` gets everything ready, `run()` is what is timed, `accuracy()`
measures on the test images.

Each trains as its own tutorials do. How many threads a framework takes is decided in `races.py`. Ours, Keras, PyTorch
and JAX count the loss and the right answers as they train.
"""

import tempfile
from pathlib import Path

import numpy as np

from helpers import save_network

NAMES = {
    "floor": "all matrix products alone",
    "ours": "this project, NumPy",
    "ours_one_thread": "this project, one thread",
    "jax": "JAX, compiled",
    "pytorch": "PyTorch, eager",
    "scikit_learn": "scikit-learn",
    "keras": "Keras, fit",
}
PACKAGES = {"jax": "jax", "pytorch": "torch", "scikit_learn": "sklearn", "keras": "tensorflow"}


def weights(network):
    """The weights and the bias of each layer, as a saved network names them; an empty list for a layer without."""
    with tempfile.TemporaryDirectory() as folder:
        save_network(network, Path(folder, "network.npz"))
        with np.load(Path(folder, "network.npz")) as stored:
            return [
                [stored[f"{name}/{kind}"] for kind in ("weights", "bias") if f"{name}/{kind}" in stored]
                for name in network
            ]
