"""Chapter 6's exercises: two right answers each, and wrong ones that get a word of their own."""

import numpy as np
import pytest

from helpers import Conv2D, Dense, Flatten, Network, ReLU
from helpers.exercises import check
from helpers.nn.convolution import MaxPool2D
from helpers.transfer.recipes import small_convnet


def by_shapes(network):
    table = {}
    for name, layer, shape in zip(network.names, network.layers, network.output_shapes):
        if layer.parameters():
            weights = layer.parameters()[0].value.size
            table[name] = (weights + shape[-1], weights * int(np.prod(shape[:-1])))
    return table


def by_kinds(network):
    found = []
    for name in network:
        layer = network[name]
        shape = network.output_shapes[network.names.index(name)]
        if isinstance(layer, Conv2D):
            found.append(
                (name, [sum(p.value.size for p in layer.parameters()), shape[0] * shape[1] * layer.weights.value.size])
            )
        elif isinstance(layer, Dense):
            found.append((name, [sum(p.value.size for p in layer.parameters()), layer.weights.value.size]))
    return dict(found)


def altered(change):
    return lambda network: {name: change(*pair) for name, pair in by_shapes(network).items()}


def by_reshape(x):
    count, height, width, channels = x.shape
    return x.reshape(count, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))


def by_slices(x):
    return (x[:, ::2, ::2] + x[:, 1::2, ::2] + x[:, ::2, 1::2] + x[:, 1::2, 1::2]) / 4


def by_repeat(delta):
    return delta.repeat(2, axis=1).repeat(2, axis=2) / 4


def by_kron(delta):
    return np.stack(
        [np.stack([np.kron(d[..., c], np.full((2, 2), 0.25)) for c in range(d.shape[2])], -1) for d in delta]
    )


def strided(classes, seed, stride=2, padding="same", filters=8, rows=7):
    rng = np.random.default_rng(seed)
    layers = [
        ("conv1", Conv2D(1, filters, 5, seed=rng, stride=stride, padding=padding)),
        ("relu1", ReLU()),
        ("conv2", Conv2D(filters, 16, 5, seed=rng, stride=stride, padding=padding)),
        ("relu2", ReLU()),
        ("flatten", Flatten()),
        ("hidden", Dense(rows * rows * 16, 64, rng)),
        ("relu3", ReLU()),
        ("head", Dense(64, classes, rng)),
    ]
    return Network(layers, (28, 28, 1))


def with_other_names(classes, seed):
    layers = strided(classes, seed).layers
    names = ["conv1", "bend", "conv2", "bend2", "row", "dense", "bend3", "out"]
    return Network(list(zip(names, layers)), (28, 28, 1))


RIGHT = [
    ("6.1", [by_shapes]),
    ("6.1", [by_kinds]),
    ("6.2", [by_reshape, by_repeat]),
    ("6.2", [by_slices, by_kron]),
    ("6.3", [strided]),
    ("6.3", [with_other_names]),
]
WRONG = [
    ("6.1", [altered(lambda parameters, work: (parameters, parameters - parameters % 8))], "At how many places"),
    ("6.1", [altered(lambda parameters, work: (parameters // 26 * 25, work))], "Are these all of its parameters?"),
    ("6.2", [MaxPool2D(2).forward, by_repeat], "the largest value of each block"),
    ("6.2", [by_reshape, lambda delta: 4 * by_repeat(delta)], "Four times too large"),
    ("6.3", [small_convnet], "still pooling"),
    ("6.3", [lambda classes, seed: strided(classes, seed, stride=1, rows=28)], "who halves the picture now?"),
    ("6.3", [lambda classes, seed: strided(classes, seed, padding="valid", rows=4)], "28 becomes 14"),
]


@pytest.mark.parametrize("number, answer", RIGHT)
def test_right_answers(number, answer, capsys):
    check(number, *answer)
    assert capsys.readouterr().out.startswith(f"{number}: right. ")


@pytest.mark.parametrize("number, answer, said", WRONG)
def test_wrong_answers_get_a_word_of_their_own(number, answer, said, capsys):
    check(number, *answer)
    printed = capsys.readouterr().out
    assert printed.startswith(f"{number}: not yet. ") and said in printed
