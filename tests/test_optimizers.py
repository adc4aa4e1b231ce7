"""SGD and Adam against steps worked out by hand, with Keras's formulas."""

import copy
import gc
import math
import pickle
import weakref

import numpy as np
import pytest

from helpers import SGD, Adam
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
def test_a_parameter_keeps_its_memory_when_others_join_or_leave(make):
    """As when layers are unfrozen or frozen in the middle of a training. Optimizers of their own are the oracle."""
    rng, together = np.random.default_rng(0), make()
    shapes = {"a": (2, 3), "b": (3,), "c": (2, 2)}
    shared, alone = ({name: parameter(np.ones(shape)) for name, shape in shapes.items()} for _ in range(2))
    own = {name: make() for name in shapes}
    for names in ("a", "ab", "cb", "cb", "bac", "a", "abc"):
        for name in names:
            shared[name].grad[...] = alone[name].grad[...] = rng.normal(size=shapes[name])
        together.step([shared[name] for name in names])
        for name in names:
            own[name].step([alone[name]])
            np.testing.assert_allclose(shared[name].value, alone[name].value, rtol=1e-12)


def test_the_first_step_of_a_parameter_that_joins_late_is_as_long_as_any_first_step():
    """The bias correction counts the steps of the parameter: with the optimizer's count it would move too far."""
    early, late, optimizer = parameter([1.0]), parameter([1.0]), Adam(0.001)
    for _ in range(1000):
        early.grad[...] = 1.0
        optimizer.step([early])
    late.grad[...] = 1.0
    optimizer.step([early, late])
    assert late.value[0] == pytest.approx(1.0 - 0.001, abs=1e-8)


@pytest.mark.parametrize("optimizer", [SGD(0.1, momentum=0.9), Adam(0.1)], ids=repr)
def test_a_network_that_nobody_else_knows_is_not_kept_alive(optimizer):
    weights = parameter(np.ones((100, 100)))
    known = weakref.ref(weights), weakref.ref(weights.value)
    optimizer.step([weights])
    del weights
    gc.collect()
    assert [each() for each in known] == [None, None]
    optimizer.step([parameter([1.0])])


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


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
@pytest.mark.parametrize("make", [lambda: SGD(0.1, momentum=0.9), lambda: Adam(0.1)])
def test_a_copied_optimizer_goes_on_as_the_original_would(make, twin):
    optimizer, one = make(), parameter([1.0, 2.0])
    one.grad[...] = -3.0
    optimizer.step([one])
    copied, other = (twin(optimizer), one) if twin is copy.copy else twin((optimizer, one))
    start, ends = one.value.copy(), []
    for moving, weights in ((copied, other), (optimizer, one)):
        weights.value[...] = start
        moving.step([weights])
        ends.append(weights.value.copy())
    np.testing.assert_array_equal(ends[0], ends[1])


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
