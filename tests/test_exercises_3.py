"""Chapter 3's exercises: two right answers each, and wrong ones that get a word of their own."""

import numpy as np
import pytest

from helpers import SGD, Adam, Network, fit, softmax_cross_entropy
from helpers.exercises import check

SIZES = (5, 50, 500)


@pytest.fixture(scope="module")
def small(odd):
    return odd.train.subset(200, seed=0)


@pytest.fixture(scope="module")
def judge(odd):
    return odd.validation.subset(100, seed=0)


def by_fit(small, judge, rates, epochs=(6, 6, 6)):
    curves = []
    for size, rate, count in zip(SIZES, rates, epochs):
        network = Network.mlp(784, 64, classes=5, seed=0)
        options = {"epochs": count, "batch_size": size, "seed": 0, "progress": False}
        curves.append(fit(network, small, validation=judge, optimizer=SGD(rate), **options).validation_loss)
    return curves


def by_hand(small, judge, rates):
    x, y = small.inputs((784,)), small.labels
    curves = []
    for size, rate in zip(SIZES, rates):
        network, rng, losses = Network.mlp(784, 32, classes=5, seed=3), np.random.default_rng(0), []
        for _ in range(6):
            for rows in np.split(rng.permutation(len(y)), len(y) // size):
                network.backward(softmax_cross_entropy(network.forward(x[rows], training=True), y[rows])[1])
                for parameter in network.parameters():
                    parameter.value -= rate * parameter.grad
            losses.append(softmax_cross_entropy(network.forward(judge.inputs((784,))), judge.labels)[0])
        curves.append(np.array(losses))
    return curves


SLOW, FAST = (0.001, 0.01, 0.1), (0.03, 0.3, 3.0)


@pytest.mark.parametrize("losses", [by_fit, by_hand])
def test_rates_in_proportion(losses, small, judge, capsys):
    check("3.1", losses(small, judge, SLOW), losses(small, judge, FAST))
    assert capsys.readouterr().out.startswith("3.1: right. ")


def test_rates_out_of_proportion(small, judge, capsys):
    slow, fast = by_fit(small, judge, SLOW), by_fit(small, judge, FAST)
    for answer, said in (
        ((by_fit(small, judge, (0.01, 0.01, 0.01)), fast), "Has each batch its own rate"),
        ((slow, slow), "has not helped even the small batches"),
        ((slow, fast[::-1]), "in the order 5, 50, 500?"),
        ((slow, [curve[-1] for curve in fast]), "six validation losses each"),
    ):
        check("3.1", *answer)
        printed = capsys.readouterr().out
        assert printed.startswith("3.1: not yet. ") and said in printed


class DecayingAdam(Adam):
    def __init__(self, learning_rate, decay):
        super().__init__(learning_rate)
        self.decay = decay

    def factor(self, scale):
        return 1 - self.learning_rate * scale * self.decay

    def step(self, parameters, scale=1.0):
        for parameter in parameters:
            parameter.value *= self.factor(scale)
        super().step(parameters, scale)


class ByDifference(Adam):
    """Not by a factor in place: takes away a part of each value."""

    def __init__(self, rate, share):
        Adam.__init__(self, rate)
        self.share = share

    def step(self, parameters, scale=1.0):
        for parameter in parameters:
            parameter.value -= parameter.value * self.share * self.learning_rate * scale
        return Adam.step(self, parameters, scale)


class IntoTheGradient(DecayingAdam):
    def step(self, parameters, scale=1.0):
        for parameter in parameters:
            parameter.grad = parameter.grad + self.decay * parameter.value
        Adam.step(self, parameters, scale)


class WithoutTheRate(DecayingAdam):
    def factor(self, scale):
        return 1 - self.decay


class WithoutTheSchedule(DecayingAdam):
    def factor(self, scale):
        return 1 - self.learning_rate * self.decay


class Afterwards(DecayingAdam):
    def step(self, parameters, scale=1.0):
        Adam.step(self, parameters, scale)
        for parameter in parameters:
            parameter.value *= self.factor(scale)


def by_sorting(confidence, wrong, share):
    order = np.argsort(-confidence)
    most = np.flatnonzero(np.cumsum(wrong[order]) <= share * np.arange(1, len(order) + 1)).max()
    return confidence[order][most]


def by_trying(confidence, wrong, share):
    return min(one for one in confidence if wrong[confidence >= one].mean() <= share)


def until_the_first_mistake(confidence, wrong, share):
    order = np.argsort(-confidence)
    return confidence[order][np.argmax(wrong[order]) - 1]


def among_all(confidence, wrong, share):
    return min(one for one in confidence if (wrong & (confidence >= one)).mean() <= share)


@pytest.mark.parametrize(
    "number, answer",
    [("3.2", DecayingAdam), ("3.2", ByDifference), ("3.3", by_sorting), ("3.3", by_trying)],
)
def test_right_answers(number, answer, capsys):
    check(number, answer)
    assert capsys.readouterr().out.startswith(f"{number}: right. ")


@pytest.mark.parametrize(
    "number, answer, said",
    [
        ("3.2", IntoTheGradient, "Adam divided it by its own size"),
        ("3.2", WithoutTheRate, "The factor is 1 − λ."),
        ("3.2", WithoutTheSchedule, "the decay should scale with it"),
        ("3.2", Afterwards, "first shrink, then let Adam"),
        ("3.2", lambda rate, decay: Adam(rate), "They stay as they are."),
        ("3.2", lambda rate, decay: SGD(rate), "not that of Adam"),
        ("3.3", until_the_first_mistake, "stops at the first mistake"),
        ("3.3", among_all, "among all images"),
        ("3.3", lambda confidence, wrong, share: np.quantile(confidence, 1 - share), "20 % were allowed"),
        ("3.3", lambda confidence, wrong, share: 1 - share, "More can be answered"),
        ("3.3", lambda confidence, wrong, share: 1.0, "answers nothing"),
    ],
)
def test_wrong_answers_get_a_word_of_their_own(number, answer, said, capsys):
    check(number, answer)
    printed = capsys.readouterr().out
    assert printed.startswith(f"{number}: not yet. ") and said in printed
