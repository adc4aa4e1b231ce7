"""Chapter 9: a layer made louder, a change without some of its directions, and intervals with and without the images."""

import numpy as np

from helpers.exercises import NotYet, exercise
from helpers.nn.network import Network


@exercise("9.1")
def _louder(louder):
    network = Network.mlp(6, 5, classes=3, seed=0)
    network["hidden1"].bias.value[...] = np.linspace(-1, 1, 5)
    before, x = network.fingerprint(), np.random.default_rng(0).random((4, 6), "float32")
    quiet = network["hidden1"].forward(x)
    loud = louder(network, 4.0)["hidden1"].forward(x)
    if network.fingerprint() != before:
        raise NotYet("It has changed the network that it was given: the next loudness would start from there.")
    if np.allclose(loud, 4 * (quiet - network["hidden1"].bias.value) + network["hidden1"].bias.value, atol=1e-5):
        raise NotYet("Only a part of what the layer gives has become louder: what is added to xW?")
    if not np.allclose(loud, 4 * quiet, atol=1e-5):
        raise NotYet("At four times the loudness hidden1 should give four times as much for every image.")
    return "A ReLU passes loudness on: max(0, 4z) = 4 max(0, z)."


@exercise("9.2")
def _without(without):
    rng = np.random.default_rng(0)
    change = rng.normal(size=(9, 6)) @ np.diag([5.0, 3, 2, 1, 0.5, 0.1])
    left, sizes, right = np.linalg.svd(change, full_matrices=False)
    first = (left[:, :2] * sizes[:2]) @ right[:2]
    found = np.asarray(without(change, 2))
    if found.shape != change.shape:
        raise NotYet(f"The rest of a {change.shape} matrix is a {change.shape} matrix, not {found.shape}.")
    if np.allclose(found, first):
        raise NotYet("These are the first two directions. Asked for is what is left without them.")
    if np.allclose(found, left[:, 2:] @ right[2:]):
        raise NotYet("The directions are right, but all are of length 1: where are the singular values?")
    if not np.allclose(found, change - first):
        raise NotYet("What it gives and the first two directions do not add up to the whole change.")
    return "The rest is at right angles to what was taken out."


@exercise("9.3")
def _intervals(intervals):
    rng = np.random.default_rng(0)
    hard = rng.random(2000)  # images differ, and every run meets the same ones
    one, other = (rng.random((10, 2000)) < share - 0.3 * hard for share in (0.95, 0.9))
    seeds, both = (np.asarray(found, float) for found in intervals(one, other))
    value = one.mean() - other.mean()
    for name, found in (("seeds alone", seeds), ("seeds and images", both)):
        if found.shape != (2,) or not found[0] < value < found[1]:
            raise NotYet(f"The interval for {name} should be low and high round {value:+.3f}, not {found}.")
    lengths = np.ptp(seeds), np.ptp(both)
    if lengths[0] > 0.025:
        raise NotYet("The interval over seeds is too long: subtract within each seed first.")
    if np.allclose(seeds, both) or lengths[1] < 0.7 * lengths[0]:
        raise NotYet("The second interval takes the images as given: which axis of the hits are they on?")
    return "Many runs on few images: now ask which of the two leaves more doubt, for 3 labels and for 100."
