"""The contestants, one in each file: a class `Contestant` that trains, and says how accurate it became.

Ours, Keras, PyTorch and JAX count the loss and the right answers as they train. All have the same three methods. `__init__(workload)` gets everything ready, `run()` is what is timed, `accuracy()`
measures on the test images. A workload that a contestant cannot do is a `NotImplementedError` with the reason.
"""

NAMES = {
    "floor": "all matrix products alone",
    "ours": "this project, NumPy",
    "jax": "JAX, compiled epoch",
    "pytorch": "PyTorch, eager",
    "scikit_learn": "scikit-learn",
    "keras": "Keras, fit",
    "original": "the original program",
}
PACKAGES = {"jax": "jax", "pytorch": "torch", "scikit_learn": "sklearn", "keras": "tensorflow"}  # as imported
