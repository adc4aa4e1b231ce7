"""Every layer: what it computes, worked out by hand, and its gradients against numeric ones."""

import numpy as np
import pytest
from support import gradient_errors

from helpers import Dense, Dropout, ReLU
from helpers.nn.layers import Layer, Parameter


def test_gradients_of_dense_equal_numeric_ones(rng):
    count, inputs, outputs = rng.integers(1, 8, 3)
    layer = Dense(int(inputs), int(outputs), rng, "float64")
    assert max(gradient_errors(layer, rng.normal(size=(count, inputs)), seed=0)) < 1e-7


def batch(rng):
    """Numbers of any shape, none near zero: at ReLU's kink there is no derivative to estimate."""
    x = rng.normal(size=rng.integers(1, 8, rng.integers(2, 5)))
    return x + np.copysign(1e-3, x)


def test_gradients_of_relu_equal_numeric_ones(rng):
    assert max(gradient_errors(ReLU(), batch(rng), seed=0)) < 1e-7


def test_gradients_of_dropout_equal_numeric_ones_under_one_mask(rng):
    assert max(gradient_errors(Dropout(rng.uniform(0, 0.9)), batch(rng), seed=0)) < 1e-7


def hand_made_dense():
    layer = Dense(2, 3, None, "float64")
    layer.weights.value[...] = [[1, 2, 3], [4, 5, 6]]
    layer.bias.value[...] = [10, 20, 30]
    return layer


def test_dense_forward_and_backward_worked_out_by_hand():
    layer, x = hand_made_dense(), np.array([[1.0, 1.0], [2.0, -1.0]])
    assert layer.forward(x, training=True).tolist() == [[15, 27, 39], [8, 19, 30]]
    assert layer.backward(np.array([[1.0, 0, 0], [0, 1.0, 1.0]])).tolist() == [[1, 4], [5, 11]]
    assert layer.weights.grad.tolist() == [[1, 2, 2], [1, -1, -1]]
    assert layer.bias.grad.tolist() == [1, 1, 1]


def test_relu_forward_and_backward_worked_out_by_hand():
    layer = ReLU()
    assert layer.forward(np.array([[-1.0, 0.0, 2.0]]), training=True).tolist() == [[0, 0, 2]]
    assert layer.backward(np.array([[5.0, 6.0, 7.0]])).tolist() == [[0, 0, 7]]


def test_backward_twice_gives_the_same_gradients_not_their_sum():
    layer = hand_made_dense()
    layer.forward(np.ones((4, 2)), training=True)
    layer.backward(np.ones((4, 3)))
    layer.backward(np.ones((4, 3)))
    assert (layer.weights.grad == 4).all() and (layer.bias.grad == 4).all()


def test_a_frozen_dense_passes_the_gradient_on_but_computes_none_for_itself():
    layer = hand_made_dense()
    layer.trainable = False
    layer.forward(np.ones((1, 2)), training=True)
    assert layer.backward(np.ones((1, 3))).tolist() == [[6, 15]]
    assert not layer.weights.grad.any() and not layer.bias.grad.any()


@pytest.mark.parametrize("layer", [hand_made_dense(), ReLU(), Dropout(0.5)], ids=repr)
def test_no_input_gradient_is_computed_where_nobody_needs_it(layer):
    out = layer.forward(np.ones((1, 2)), training=True, rng=np.random.default_rng(0))
    assert layer.backward(np.ones_like(out), input_grad=False) is None


@pytest.mark.parametrize("layer", [hand_made_dense(), ReLU(), Dropout(0.5), Dropout(0)], ids=repr)
def test_backward_needs_a_training_forward_before_it(layer):
    layer = layer.copy("float64")
    with pytest.raises(RuntimeError, match=r"call forward\(x, training=True\) before backward"):
        layer.backward(np.ones((1, 3)))
    layer.forward(np.ones((1, 2)), training=True, rng=np.random.default_rng(0))
    layer.forward(np.ones((1, 2)))  # outside training nothing is remembered, not even the batch before
    with pytest.raises(RuntimeError):
        layer.backward(np.ones((1, 3)))


@pytest.mark.parametrize("layer", [hand_made_dense(), ReLU(), Dropout(0.5)], ids=repr)
def test_forward_leaves_its_input_alone_and_never_overwrites_what_it_gave_out(layer):
    x = np.array([[-1.0, 2.0]])
    first = layer.forward(x, training=True, rng=np.random.default_rng(0))
    kept = first.copy()
    layer.forward(x + 1, training=True, rng=np.random.default_rng(1))
    assert x.tolist() == [[-1, 2]] and np.array_equal(first, kept)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_dropout_zeroes_its_share_and_scales_the_rest_so_that_the_mean_stays(rate):
    out = Dropout(rate).forward(np.ones((200, 200)), training=True, rng=np.random.default_rng(0))
    assert set(np.unique(out)) == {0, 1 / (1 - rate)}
    assert (out == 0).mean() == pytest.approx(rate, abs=0.01)
    assert out.mean() == pytest.approx(1, abs=0.03)


def test_dropout_does_nothing_outside_training():
    x = np.ones((2, 3))
    assert Dropout(0.5).forward(x) is x


def test_dropout_in_training_asks_for_a_generator():
    with pytest.raises(ValueError, match=r"pass rng, a numpy\.random\.Generator"):
        Dropout(0.5).forward(np.ones((2, 3)), training=True)


@pytest.mark.parametrize("rate", [-0.1, 1, 1.5, float("nan")])
def test_dropout_refuses_a_rate_that_is_no_share(rate):
    with pytest.raises(ValueError, match="Dropout: rate is the share of values to drop"):
        Dropout(rate)


def test_he_initialisation_has_variance_two_over_the_inputs_and_zero_bias():
    layer = Dense(400, 300, seed=0)
    assert layer.weights.value.std() == pytest.approx(np.sqrt(2 / 400), rel=0.01)
    assert layer.weights.value.mean() == pytest.approx(0, abs=1e-3)
    assert not layer.bias.value.any()


def test_the_same_seed_draws_the_same_weights():
    assert np.array_equal(Dense(4, 3, 7).weights.value, Dense(4, 3, 7).weights.value)
    assert not np.array_equal(Dense(4, 3, 7).weights.value, Dense(4, 3, 8).weights.value)


@pytest.mark.parametrize("inputs, outputs, name", [(0, 3, "inputs"), (3, -1, "outputs"), (2.0, 3, "inputs")])
def test_dense_refuses_sizes_that_are_no_sizes(inputs, outputs, name):
    with pytest.raises(ValueError, match=f"Dense: {name} must be a whole number of at least 1"):
        Dense(inputs, outputs, seed=0)


@pytest.mark.parametrize("layer", [Dense(3, 2, 0, "float64"), ReLU(), Dropout(0.3)], ids=repr)
def test_config_is_enough_to_make_a_layer_like_it(layer):
    twin = type(layer).from_config(layer.config(), 0, "float64")
    assert repr(twin) == repr(layer) and twin.config() == layer.config()


def test_a_copy_shares_nothing_with_the_original():
    layer = hand_made_dense()
    layer.trainable = False
    twin = layer.copy("float32")
    twin.weights.value += 1
    assert layer.weights.value[0, 0] == 1 and twin.weights.value.dtype == np.float32
    assert twin.trainable is False and twin.weights is not layer.weights


def test_a_layer_that_does_not_say_what_it_computes_cannot_be_used():
    for method in (Layer().forward, Layer().backward):
        with pytest.raises(NotImplementedError):
            method(np.ones((1, 1)))


def test_a_parameter_shows_its_name_and_shape():
    assert repr(Parameter("bias", np.zeros(3))) == "Parameter(bias, shape=(3,), float64)"


def test_assigning_to_a_parameter_writes_into_its_array():
    weights = Parameter("weights", np.ones(3))
    value, grad = weights.value, weights.grad
    weights.value, weights.grad = [1, 2, 3], 4
    assert weights.value is value and value.tolist() == [1, 2, 3]
    assert weights.grad is grad and grad.tolist() == [4, 4, 4]


def test_a_weight_that_is_no_number_shows_even_under_a_blank_pixel():
    layer = Dense(4, 300, seed=0)
    layer.weights.value[0] = np.nan
    assert np.isnan(layer.forward(np.eye(4, dtype="float32")[1:])).all()


class Leaky(Layer):
    """A reader's own layer, which keeps what it likes in attributes of its own."""

    def __init__(self, slope):
        self._slope, self._table = slope, np.array([slope])

    def forward(self, x, training=False, rng=None):
        self._cache = x if training else None
        return np.where(x > 0, x, self._slope * x)

    def backward(self, grad, input_grad=True):
        return np.where(self._remembered() > 0, grad, self._slope * grad) if input_grad else None


def test_a_copy_keeps_all_that_a_layer_has_but_the_memory_of_its_last_batch():
    layer = Leaky(0.1)
    layer.forward(np.ones((1, 2)), training=True)
    twin = layer.copy("float32")
    assert twin._slope == 0.1 and twin._table is not layer._table and twin._cache is None
    assert layer.backward(np.ones((1, 2))).tolist() == [[1, 1]]
