"""Chapter 4: what freezing the middle saves, another pair of tasks, and two learning rates in one step."""

import numpy as np

from helpers.exercises import NotYet, exercise
from helpers.nn.network import Network
from helpers.nn.optimizers import SGD

HIDDEN1, HIDDEN2, HEAD = 784 * 512, 512 * 128, 128 * 5  # the weights of the chapter's three layers


@exercise("4.1")
def _freeze_the_middle(work, changed):
    if work == HIDDEN1 + HIDDEN2 * 2 + HEAD * 3:
        raise NotYet(f"{work:,} is the work with only hidden1 frozen. Here the layer *above* it is.")
    if work == HIDDEN1 + HIDDEN2 + HEAD * 2:
        raise NotYet(f"{work:,} is the work with both hidden layers frozen: `freeze` a name, not `upto` it.")
    if work == 2 * HIDDEN1 + HIDDEN2 + 3 * HEAD:
        raise NotYet(
            f"{work:,} spares both backward products of hidden2. How would the gradient come to hidden1 without δWᵀ?"
        )
    if work == 2 * HIDDEN1 + 3 * HIDDEN2 + 3 * HEAD:
        raise NotYet(f"{work:,} is the work with nothing frozen. One product is not needed.")
    if work != 2 * HIDDEN1 + 2 * HIDDEN2 + 3 * HEAD:
        raise NotYet(f"It is not {work:,}. Count, layer by layer, how many of xW, xᵀδ and δWᵀ are needed.")
    if "hidden2" in changed:
        raise NotYet("If hidden2 changed, it was not frozen in that training.")
    if sorted(changed) != ["head", "hidden1"]:
        raise NotYet(
            f"Only {', '.join(changed) or 'nothing'} changed? Freezing hidden2 leaves hidden1 as it was before."
        )
    return "Seven per cent are saved, and no features can be kept: what goes into hidden2 changes with every step."


@exercise("4.2")
def _another_pair(frozen, random, scratch, kernel):
    given = {"frozen": frozen, "random frozen": random, "from scratch": scratch, "kernel": kernel}
    given = {name: np.asarray(values, float) for name, values in given.items()}
    if len({values.shape for values in given.values()}) > 1 or given["frozen"].ndim != 1 or len(given["frozen"]) < 3:
        raise NotYet("Every method needs one accuracy for each seed, as many of all, and at least three.")
    for name, values in given.items():
        if values.max() > 1 or values.min() < 0:
            raise NotYet(f"The accuracies of {name} should be shares from 0 to 1; the largest is {values.max():g}.")
        if values.mean() < 0.4:
            raise NotYet(
                f"{name} is right on {values.mean():.0%} only, like guessing. On which task's validation images?"
            )
        if values.mean() > 0.975:
            raise NotYet(
                f"{name} is right on {values.mean():.1%}: too good for 30 labels. Are there more labels, or is it 0 to 4?"
            )
    for name, values in given.items():
        if len(set(values)) == 1:
            raise NotYet(f"{name} has the same accuracy with every seed. Did each seed draw images of its own?")
    if np.array_equal(given["frozen"], given["random frozen"]):
        raise NotYet("frozen and random frozen are equal: one of them has the other's first layer.")
    gain = 100 * (given["frozen"] - given["random frozen"])
    return (
        f"Frozen beats its random twin by {gain.mean():+.1f} points in the mean, with {(gain > 0).sum()} of {len(gain)}"
        " seeds. Now give that difference its interval before you believe it."
    )


@exercise("4.3")
def _two_rates(step):
    network = Network.mlp(4, 3, classes=2, seed=0)
    names = [name for name in network if network[name].parameters()]
    before = {}
    for name in names:
        for parameter in network[name].parameters():
            parameter.grad = np.ones_like(parameter.value)
            before[name, parameter.name] = parameter.value.copy()
    step(network, SGD(0.01), SGD(0.1))
    moved = {
        (name, parameter.name): (before[name, parameter.name] - parameter.value).mean().round(4)
        for name in names
        for parameter in network[name].parameters()
    }
    if not any(moved.values()):
        raise NotYet("Nothing has moved: an optimizer's `step` takes a list of parameters.")
    wanted = {key: 0.1 if key[0] == "head" else 0.01 for key in moved}
    still = [f"{name} {what}" for (name, what), by in moved.items() if by == 0]
    if still:
        raise NotYet(f"Not stepped at all: {', '.join(still)}. Biases are parameters too, and so are all layers below.")
    if all(np.isclose(by, 0.11 - wanted[key], atol=1e-3) for key, by in moved.items()):
        raise NotYet("The two are exchanged: the head moved by the slow rate, the layers below by the fast one.")
    if any(np.isclose(by, 0.11, atol=1e-3) for by in moved.values()):
        raise NotYet("Some parameters were stepped by both optimizers, with the sum of both rates.")
    for (name, what), by in moved.items():
        if not np.isclose(by, wanted[name, what], atol=1e-3):
            raise NotYet(f"With gradients of 1 and rates 0.01 and 0.1, {name} {what} moved by {by:g}.")
    return "The head may run, and the layers below it hardly move. Does that protect the odd digits?"
