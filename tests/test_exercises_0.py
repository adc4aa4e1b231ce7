"""Chapter 0's exercises: two right answers each, and wrong ones that get a word of their own."""

import pytest

from helpers.exercises import check

HEAD, ALL = ("W2", "b2"), ("W1", "b1", "W2", "b2")


def by_size(network, trainable):
    return sum(network[name].size for name in trainable)


def by_shape(network, trainable):
    numbers = 0
    for name, array in network.items():
        if name in trainable:
            product = 1
            for length in array.shape:
                product *= length
            numbers += product
    return numbers


def twice(train, network, x, y, epochs, seed):
    return train(train(network, x, y, epochs // 2, seed, HEAD), x, y, epochs - epochs // 2, seed)


def in_a_loop(train, network, x, y, epochs, seed):
    for trainable in (["b2", "W2"], list(ALL)):
        network = train(network, x, y, epochs=epochs // 2, seed=seed, trainable=trainable)
    return network


@pytest.mark.parametrize("number, answer", [("0.1", by_size), ("0.1", by_shape), ("0.2", twice), ("0.2", in_a_loop)])
def test_right_answers(number, answer, capsys):
    check(number, answer)
    assert capsys.readouterr().out.startswith(f"{number}: right. ")


def from_the_start_again(train, network, x, y, epochs, seed):
    train(network, x, y, epochs // 2, seed, HEAD)
    return train(network, x, y, epochs // 2, seed)


def the_body_first(train, network, x, y, epochs, seed):
    return train(train(network, x, y, epochs // 2, seed), x, y, epochs // 2, seed, HEAD)


def twice_as_long(train, network, x, y, epochs, seed):
    return train(train(network, x, y, epochs, seed, HEAD), x, y, epochs, seed)


def once(train, network, x, y, epochs, seed):
    return train(network, x, y, epochs, seed, HEAD)


def nothing_returned(train, network, x, y, epochs, seed):
    twice(train, network, x, y, epochs, seed)


@pytest.mark.parametrize(
    "number, answer, said",
    [
        ("0.1", lambda network, names: len(names), "It counted the arrays"),
        ("0.1", lambda network, names: sum(network[n].size for n in names if n[0] == "W"), "are the weights all"),
        ("0.1", lambda network, names: sum(a.size for a in network.values()), "What is `trainable` for?"),
        ("0.1", lambda network, names: sum(len(network[name]) for name in names), "Add up by hand"),
        ("0.2", from_the_start_again, "Where did that one's result go?"),
        ("0.2", the_body_first, "when is its turn?"),
        ("0.2", twice_as_long, "100 epochs in all, not 50"),
        ("0.2", once, "1 times, not twice"),
        ("0.2", nothing_returned, "What it returns is not the network"),
    ],
)
def test_wrong_answers_get_a_word_of_their_own(number, answer, said, capsys):
    check(number, answer)
    printed = capsys.readouterr().out
    assert printed.startswith(f"{number}: not yet. ") and said in printed
