"""SGD and Adam against steps worked out by hand, with Keras's formulas."""

import math

import numpy as np
import pytest

from helpers import SGD, Adam, Network
from helpers.nn import fast
from helpers.nn.layers import Parameter


def parameter(value, dtype="float64"):
    return Parameter("weights", np.array(value, dtype))


def steps(optimizer, value, gradients, **options):
    """The values of a parameter after each step with the given gradients."""
    weights, values = parameter([value]), []
    for gradient in gradients:
        weights.grad[...] = gradient
        optimizer.step([weights], **options)
        values.append(float(weights.value[0]))
    return values


def test_plain_sgd_subtracts_the_rate_times_the_gradient():
    assert steps(SGD(0.1), 1.0, [2.0, -4.0]) == pytest.approx([0.8, 1.2])


def test_sgd_with_momentum_worked_out_by_hand():
    # v1 = -0.2, v2 = 0.5·(-0.2) - 0.2 = -0.3, v3 = 0.5·(-0.3) + 0.1 = -0.05
    assert steps(SGD(0.1, momentum=0.5), 1.0, [2.0, 2.0, -1.0]) == pytest.approx([0.8, 0.5, 0.45])


def by_the_book(value, gradients, rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """Adam in the words of Kingma and Ba, end of section 2: epsilon outside the bias correction."""
    m = v = 0.0
    values = []
    for t, gradient in enumerate(gradients, start=1):
        m = beta_1 * m + (1 - beta_1) * gradient
        v = beta_2 * v + (1 - beta_2) * gradient**2
        value -= rate * math.sqrt(1 - beta_2**t) / (1 - beta_1**t) * m / (math.sqrt(v) + epsilon)
        values.append(value)
    return values


def test_the_first_two_steps_of_adam_worked_out_by_hand():
    # Step 1, g = 3: a = 0.001·√0.001/0.1, m = 0.3, √v = 3·√0.001: with epsilon 0 a step of exactly 0.001.
    # Step 2, g = 3: m = 0.57, v = 0.017991, a = 0.001·√0.001999/0.19: again 0.001, whatever the gradient.
    assert steps(Adam(epsilon=0), 1.0, [3.0, 3.0]) == pytest.approx([0.999, 0.998], abs=1e-15)


def test_epsilon_stands_outside_the_bias_correction_as_in_keras():
    # g = 1e-6: √v = 1e-6·√0.001 = 3.16e-8 is below epsilon = 1e-7, so where epsilon stands decides the step:
    # outside 0.001·3.16e-8 / (3.16e-8 + 1e-7) = 2.4e-4; inside it would be 0.001·1e-6 / (1e-6 + 1e-7) = 9.1e-4.
    root = 1e-6 * math.sqrt(0.001)
    (value,) = steps(Adam(), 0.0, [1e-6])
    assert value == pytest.approx(-0.001 * root / (root + 1e-7), rel=1e-12)
    assert value == pytest.approx(-2.403e-4, rel=1e-3)


@pytest.mark.parametrize("options", [{}, {"rate": 0.1, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}])
def test_fifty_steps_of_adam_equal_the_textbook_form(options):
    gradients = np.random.default_rng(0).normal(0, 1e-3, 50)
    keywords = {"learning_rate" if key == "rate" else key: value for key, value in options.items()}
    assert steps(Adam(**keywords), 1.0, gradients) == pytest.approx(by_the_book(1.0, gradients, **options), rel=1e-12)


@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_scale_multiplies_the_learning_rate_of_one_step(optimizer):
    assert steps(optimizer(0.1), 1.0, [2.0], scale=0.5) == pytest.approx(steps(optimizer(0.05), 1.0, [2.0]))
    assert steps(optimizer(0.1), 1.0, [2.0], scale=0.0) == [1.0]


@pytest.mark.parametrize("optimizer", [SGD(0.1, momentum=0.9), Adam(0.1)], ids=repr)
def test_every_parameter_has_a_memory_of_its_own_and_is_changed_in_place(optimizer):
    one, other = parameter([1.0, 1.0]), parameter([[1.0]])
    array = one.value
    for _ in range(3):
        one.grad[...], other.grad[...] = [1.0, 2.0], -1.0
        optimizer.step([one, other])
    assert one.value is array and (array < 1).all() and other.value[0, 0] > 1
    assert optimizer.steps == 3


@pytest.mark.parametrize("make", [lambda: SGD(0.1, momentum=0.9), lambda: Adam(0.1)])
def test_an_optimizer_that_has_forgotten_is_as_new(make):
    used, fresh = make(), make()
    one, other = parameter([1.0, 2.0]), parameter([1.0, 2.0])
    one.grad[...] = 5.0
    used.step([one])
    used.forget()
    one.value[...] = other.value
    for _ in range(2):
        one.grad[...] = other.grad[...] = -1.0
        used.step([one])
        fresh.step([other])
    assert one.value.tolist() == other.value.tolist() and used.steps == 2


@pytest.mark.parametrize("make", [lambda: SGD(0.1, momentum=0.9), lambda: Adam(0.1)])
def test_given_other_parameters_it_starts_afresh_and_given_other_views_of_the_same_it_goes_on(make):
    network, optimizer, oracle = Network.mlp(3, 2, classes=2, seed=0), make(), make()
    other = network.copy()
    for each in (network, other):
        each.gradients[...] = 1.0
    for parameters in (network.parameters(), network.parameters(), network.stretches(), network.stretches()):
        optimizer.step(parameters)
    assert optimizer.steps == 2  # two arrays and their stretch are other parameters; two views of one stretch are not
    optimizer.step(other.stretches())
    assert optimizer.steps == 1
    start = network.copy()
    start.gradients[...] = 1.0
    fresh = network.copy()
    fresh.gradients[...] = 1.0
    optimizer.step(start.stretches())
    oracle.step(fresh.parameters())
    np.testing.assert_allclose(start.values, fresh.values, rtol=1e-6)


def test_values_that_a_twin_shares_are_changed_by_the_twins_own_gradients():
    network, optimizer = Network.mlp(3, classes=2, seed=0), SGD(1.0)
    twin, before = network.twin(), network.values.copy()
    network.gradients[...], twin.gradients[...] = 1.0, 5.0
    optimizer.step(network.stretches())
    optimizer.step(twin.stretches())
    np.testing.assert_allclose(network.values, before - 6, rtol=1e-6)


@pytest.mark.parametrize("optimizer", [SGD(0.1, momentum=0.9), Adam(0.1)], ids=repr)
def test_blocks_change_nothing_and_arrays_that_lie_crosswise_are_changed_too(optimizer, monkeypatch):
    rng, ends = np.random.default_rng(0), []
    value, gradient = rng.normal(size=(6, 7)), rng.normal(size=(6, 7))
    for block, order in ((2**15, "C"), (5, "C"), (5, "F")):
        monkeypatch.setattr(fast, "BLOCK", block)
        optimizer.forget()
        weights = Parameter("weights", np.array(value, order=order))
        for _ in range(3):
            weights.grad = gradient
            optimizer.step([weights])
        ends.append(weights.value)
    assert not np.array_equal(ends[0], value)
    assert np.array_equal(ends[0], ends[1]) and np.array_equal(ends[0], ends[2])


@pytest.mark.parametrize("optimizer", [SGD(), Adam()], ids=repr)
def test_a_step_of_nothing_does_nothing(optimizer):
    optimizer.step([])
    weights = parameter([1.0])
    weights.grad[...] = 1.0
    optimizer.step([weights])
    assert weights.value[0] < 1


@pytest.mark.parametrize("optimizer", [SGD(0.1, momentum=0.9), Adam(0.1)], ids=repr)
def test_the_gradient_is_only_read_and_the_type_kept(optimizer):
    weights = parameter([1.0], "float32")
    weights.grad[...] = 2
    optimizer.step([weights])
    assert weights.grad.tolist() == [2] and weights.value.dtype == np.float32


@pytest.mark.parametrize("optimizer", [SGD, Adam])
@pytest.mark.parametrize("rate", [0, -0.1, float("nan"), float("inf")])
def test_a_learning_rate_that_is_not_positive_is_refused(optimizer, rate):
    with pytest.raises(ValueError, match="learning_rate must be a positive number"):
        optimizer(rate)


@pytest.mark.parametrize("momentum", [-0.1, 1, float("nan")])
def test_a_momentum_outside_its_range_is_refused(momentum):
    with pytest.raises(ValueError, match="momentum must be at least 0 and below 1"):
        SGD(momentum=momentum)


def test_optimizers_say_what_they_are():
    assert repr(SGD(0.1, 0.9)) == "SGD(learning_rate=0.1, momentum=0.9)"
    assert repr(Adam(0.002)) == "Adam(learning_rate=0.002)"
