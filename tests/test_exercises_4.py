"""Chapter 4's exercises: two right answers each, and two wrong ones that get a word of their own."""

import pytest

from helpers import Dense, Network
from helpers.exercises import check

ENTRIES = 784 * 512, 512 * 128, 128 * 5


def counted_by_layer(frozen):
    network = Network.mlp(784, 512, 128, classes=5, seed=0).freeze(*frozen)
    layers = [layer for layer in network.layers if isinstance(layer, Dense)]
    lowest = next(i for i, layer in enumerate(layers) if layer.trainable)
    return sum((1 + layer.trainable + (i > lowest)) * layer.weights.value.size for i, layer in enumerate(layers))


def by_subtraction():
    return 3 * sum(ENTRIES) - ENTRIES[0] - ENTRIES[1]


def body_and_head(network, slow, fast):
    head = network["head"].parameters()
    slow.step([parameter for parameter in network.parameters() if parameter not in head])
    fast.step(head)


def by_position(network, slow, fast):
    *body, weights, bias = network.parameters()
    fast.step([weights, bias])
    slow.step(body)


def everything_and_head(network, slow, fast):
    slow.step(network.parameters())
    fast.step(network["head"].parameters())


def weights_alone(network, slow, fast):
    fast.step([network["head"].weights])
    slow.step([network[name].weights for name in network if name.startswith("hidden")])


def twice(network, slow, fast):
    body_and_head(network, slow, fast)
    body_and_head(network, slow, fast)


FROZEN, RANDOM, SCRATCH, KERNEL = [0.91, 0.9, 0.92], [0.9, 0.9, 0.91], [0.91, 0.89, 0.92], [0.92, 0.91, 0.93]


@pytest.mark.parametrize(
    "number, answer, said",
    [
        ("4.1", (counted_by_layer(["hidden2"]), ["hidden1", "head"]), "Seven per cent"),
        ("4.1", (by_subtraction(), ("head", "hidden1")), "Seven per cent"),
        ("4.2", (FROZEN, RANDOM, SCRATCH, KERNEL), "+0.7 points in the mean, with 2 of 3 seeds"),
        (
            "4.2",
            ((0.88, 0.9, 0.9, 0.87), (0.9, 0.91, 0.89, 0.9), (0.9, 0.91, 0.9, 0.9), (0.9, 0.9, 0.9, 0.91)),
            "1 of 4",
        ),
        ("4.3", (body_and_head,), "The head may run"),
        ("4.3", (by_position,), "The head may run"),
    ],
)
def test_right_answers(number, answer, said, capsys):
    check(number, *answer)
    printed = capsys.readouterr().out
    assert printed.startswith(f"{number}: right. ") and said in printed


@pytest.mark.parametrize(
    "number, answer, said",
    [
        ("4.1", (counted_by_layer(["hidden1"]), ["hidden2", "head"]), "the work with only hidden1 frozen"),
        ("4.1", (counted_by_layer(["hidden1", "hidden2"]), ["head"]), "both hidden layers frozen"),
        ("4.1", (3 * sum(ENTRIES) - ENTRIES[0], ["hidden1", "head"]), "nothing frozen"),
        ("4.1", (counted_by_layer(["hidden2"]) - ENTRIES[1], ["hidden1", "head"]), "without δWᵀ"),
        ("4.1", (1_000_000, ["hidden1", "head"]), "layer by layer"),
        ("4.1", (by_subtraction(), ["hidden1", "hidden2", "head"]), "it was not frozen"),
        ("4.1", (by_subtraction(), ["head"]), "leaves hidden1 as it was"),
        ("4.2", (FROZEN, FROZEN, SCRATCH, KERNEL), "the other's first layer"),
        ("4.2", ([0.2, 0.21, 0.19], RANDOM, SCRATCH, KERNEL), "On which task's validation images?"),
        ("4.2", ([0.99, 0.98, 0.985], RANDOM, SCRATCH, KERNEL), "too good for 30 labels"),
        ("4.2", ([91, 90, 92], RANDOM, SCRATCH, KERNEL), "shares from 0 to 1"),
        ("4.2", (FROZEN, RANDOM, SCRATCH, KERNEL[:2]), "one accuracy for each seed"),
        ("4.2", (FROZEN, RANDOM, SCRATCH, [0.9, 0.9, 0.9]), "the same accuracy with every seed"),
        ("4.3", (everything_and_head,), "stepped by both optimizers"),
        ("4.3", (weights_alone,), "Biases are parameters too"),
        ("4.3", (lambda network, slow, fast: body_and_head(network, fast, slow),), "exchanged"),
        ("4.3", (lambda network, slow, fast: None,), "Nothing has moved"),
        ("4.3", (twice,), "moved by"),
    ],
)
def test_wrong_answers_get_a_word_of_their_own(number, answer, said, capsys):
    check(number, *answer)
    printed = capsys.readouterr().out
    assert printed.startswith(f"{number}: not yet. ") and said in printed
