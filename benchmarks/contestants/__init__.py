"""The contestants, one in each file: a class `Contestant` that trains, and says how accurate it became.

All have the same three methods. `__init__(workload)` gets everything ready, `run()` is what is timed, `accuracy()`
measures on the test images. A workload that a contestant cannot do is a `NotImplementedError` with the reason.

Each trains as its own tutorials do. How many threads a framework takes is no business of its file: see `races.py`.
Ours, Keras, PyTorch and JAX count the loss and the right answers as they train.
"""

NAMES = {
    "floor": "all matrix products alone",
    "ours": "this project, NumPy",
    "ours_one_thread": "this project, one thread",
    "jax": "JAX, compiled",
    "pytorch": "PyTorch, eager",
    "scikit_learn": "scikit-learn",
    "keras": "Keras, fit",
    "original": "the original program",
}
IMPORTS = {  # what each of them begins with; the others need only NumPy
    "ours": "helpers",
    "jax": "jax",
    "pytorch": "torch",
    "scikit_learn": "sklearn.neural_network",
    "keras": "tensorflow",
}


def package(name):
    """The package that a contestant needs."""
    return IMPORTS.get(name, "numpy").split(".")[0]
