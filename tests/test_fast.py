"""Each trick for speed is equal to its plain twin."""

import numpy as np
import pytest

from helpers import SGD, Adam, Dense, Network, ReLU
from helpers.nn import fast
from helpers.nn.fast import Runner
from helpers.nn.layers import Parameter


def wide(inputs, seed=0):
    """A network whose first layer is wide enough to leave out blank columns."""
    layers = [("wide", Dense(inputs, 200, seed, "float64")), ("relu", ReLU()), ("head", Dense(200, 3, seed, "float64"))]
    return Network(layers, (inputs,), "float64")


def test_leaving_out_what_is_blank_in_the_whole_batch_changes_nothing(rng):
    count, inputs, share = rng.integers(1, 6), int(rng.integers(1, 10)), rng.random()
    plain = wide(inputs)
    network = plain.copy()
    runner = Runner(network, None)
    for _ in range(2):  # each batch has blank columns of its own
        x, grad = rng.normal(size=(count, inputs)) * (rng.random(inputs) >= share), rng.normal(size=(count, 3))
        np.testing.assert_allclose(runner.forward(x, training=True), plain.forward(x, training=True), atol=1e-12)
        runner.backward(grad)
        plain.backward(grad)
        np.testing.assert_allclose(network.gradients, plain.gradients, atol=1e-12)


def test_blank_columns_are_left_out_at_all():
    x = np.zeros((2, 10))
    x[:, :4] = 1
    assert fast.used_columns(x, (200,)).tolist() == [0, 1, 2, 3]
    assert fast.used_columns(x, (199,)) is None  # not worth it
    assert fast.used_columns(np.ones((2, 10)), (200,)) is None
    x[0, 9] = np.nan  # no number is no blank
    assert fast.used_columns(x, (200,)).tolist() == [0, 1, 2, 3, 9]


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_weight_that_is_no_number_shows_even_under_a_blank_pixel(wrong):
    network, x = wide(4), np.eye(4)[[1, 1]]
    network["wide"].weights.value[0] = wrong
    with np.errstate(invalid="ignore"):
        assert np.isnan(Runner(network, None).forward(x)).all()


def test_a_frozen_first_layer_gets_no_gradient_from_the_runner_either():
    network, x = wide(10).freeze("wide"), np.zeros((2, 10))
    x[:, 0], network.gradients[:] = 1, 5
    runner = Runner(network, None)
    runner.forward(x, training=True)
    runner.backward(np.ones((2, 3)))
    assert (network["wide"].weights.grad == 5).all() and not (network["head"].bias.grad == 5).any()


@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_an_optimizer_that_works_in_blocks_takes_the_same_steps(monkeypatch, optimizer):
    value, *grads = np.random.default_rng(0).normal(size=(3, 3, 5))
    ends = []
    for size in (4, 15, 16):  # the last block of four has three numbers
        monkeypatch.setattr(fast, "BLOCK", size)
        parameter, stepping = Parameter("weights", value.copy()), optimizer(0.1)
        for parameter.grad in grads:
            stepping.step([parameter])
        ends.append(parameter.value)
    assert np.array_equal(ends[0], ends[1]) and np.array_equal(ends[1], ends[2])


def test_sums_as_a_product_equal_the_exact_ones():
    x = np.random.default_rng(0).normal(size=(70_000, 3)).astype("float32")
    exact = x.astype("float64").sum(axis=0)
    np.testing.assert_allclose(fast.column_sums(x), exact, rtol=0, atol=1e-5 * np.abs(x).sum(axis=0).max())
