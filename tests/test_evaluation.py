"""`evaluate` measures right, in pieces as in one go, and refuses what does not fit."""

import numpy as np
import pytest

from helpers import Network, Part, digit_task, evaluate, softmax, softmax_cross_entropy
from helpers.evidence.metrics import wilson_interval
from helpers.nn import training
from helpers.nn.training import inputs_of


def test_evaluation_equals_the_formulas_on_the_whole_part(odd, trained):
    measured = evaluate(trained, odd.validation)
    logits = trained.forward(odd.validation.inputs((784,)))
    assert measured.loss == pytest.approx(softmax_cross_entropy(logits, odd.validation.labels)[0], rel=1e-4)
    assert np.allclose(measured.probabilities, softmax(logits), atol=1e-5)
    assert np.array_equal(measured.predictions, measured.probabilities.argmax(axis=1))
    assert measured.accuracy == np.mean(measured.predictions == odd.validation.labels)
    assert measured.interval == wilson_interval(measured.accuracy, len(odd.validation))


def test_evaluations_are_compared_by_identity_and_can_be_keys(odd, trained):
    part = odd.validation.subset(2, seed=0)
    one, other = evaluate(trained, part), evaluate(trained, part)
    assert one == one and one != other and len({one, other}) == 2


def test_the_trained_network_knows_its_digits_and_a_random_one_does_not(odd, trained):
    assert evaluate(trained, odd.validation).accuracy > 0.85
    assert evaluate(trained.reinitialized(seed=1), odd.validation).accuracy < 0.5


def network_that_always_says(label):
    network = Network.mlp(784, classes=5, seed=0)
    network["head"].weights.value[...] = 0
    network["head"].bias.value[label] = 5
    return network


@pytest.mark.parametrize("label", [0, 3])
def test_a_network_that_always_gives_one_answer_is_right_as_often_as_that_class_occurs(odd, label):
    measured = evaluate(network_that_always_says(label), odd.test)
    assert measured.accuracy == odd.test.counts()[label] / len(odd.test)
    assert set(measured.predictions) == {label}


def test_evaluating_changes_nothing_and_needs_no_randomness(odd):
    network = Network.mlp(784, 8, classes=5, seed=0, dropout=0.5)
    before = network.fingerprint()
    one, other = evaluate(network, odd.validation), evaluate(network, odd.validation)
    assert network.fingerprint() == before and np.array_equal(one.probabilities, other.probabilities)


def test_a_single_image_can_be_evaluated(odd, trained):
    one = Part(odd.test.images[:1], odd.test.labels[:1], odd.digits, "one")
    assert evaluate(trained, one).probabilities.shape == (1, 5)


def test_a_part_without_images_is_refused(odd, trained):
    nothing = Part(odd.test.images[:0], odd.test.labels[:0], odd.digits, "no images")
    with pytest.raises(ValueError, match="no images holds no images; a part needs at least one"):
        evaluate(trained, nothing)


def test_a_network_with_another_number_of_outputs_is_refused_with_the_remedy(mnist, trained):
    three = digit_task(mnist, (1, 2, 3)).test
    with pytest.raises(ValueError, match=r"5 outputs, but 123 test has 3 classes; network\.with_new_head\(classes=3"):
        evaluate(trained, three)


@pytest.mark.parametrize("bound", [0, 10**9], ids=["too large to keep", "kept"])
def test_features_are_the_frozen_layers_output_whether_kept_or_not(odd, trained, monkeypatch, bound):
    monkeypatch.setattr(training, "FEATURE_BYTES", bound)
    network = trained.copy().freeze(upto="hidden1")
    frozen, _ = network.cut()
    part, rows = odd.validation, np.array([7, 0, 2999])
    expected = frozen.forward(part.inputs((784,), rows=rows))
    assert np.allclose(inputs_of(part, network, frozen)(rows), expected, atol=1e-5)


@pytest.mark.parametrize("spare, computed", [(-1, 2), (0, 1)], ids=["just too large", "just small enough"])
def test_features_are_computed_once_if_they_fit_the_bound_of_memory(odd, trained, monkeypatch, spare, computed):
    network = trained.copy().freeze(upto="hidden1")
    frozen, _ = network.cut()
    part = odd.validation.subset(20, seed=0)
    monkeypatch.setattr(training, "FEATURE_BYTES", 100 * 32 * 4 + spare)  # images · features · float32
    calls, forward = [], frozen.forward
    frozen.forward = lambda x: calls.append(len(x)) or forward(x)
    feed = inputs_of(part, network, frozen)
    for _ in range(2):
        feed(np.arange(50))
    assert len(calls) == computed and sum(calls) == 100
