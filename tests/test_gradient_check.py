"""The gradient check, checked: it finds right gradients right, and wrong ones wrong."""

import numpy as np
import pytest

from helpers import Dense, Dropout, Network, ReLU
from helpers.checks.gradient_check import check_network, numeric_gradient, relative_error


def test_the_numeric_gradient_of_a_cubic_is_the_one_from_school():
    values = np.array([1.0, -2.0, 3.0])
    gradient = numeric_gradient(lambda: float((values**3).sum()), values)
    assert gradient == pytest.approx([3, 12, 27], rel=1e-8)
    assert values.tolist() == [1, -2, 3]  # put back exactly


def test_a_numeric_gradient_in_float32_is_refused():
    with pytest.raises(TypeError, match="needs float64 to mean anything"):
        numeric_gradient(lambda: 0.0, np.zeros(3, "float32"))


def test_relative_error_worked_out_by_hand():
    assert relative_error(np.array([1.0, 2.0]), np.array([1.0, 4.0])) == 0.5
    assert relative_error(np.zeros(2), np.zeros(2)) == 0.0


def test_all_gradients_of_a_whole_network_are_right_wherever_it_is_frozen(rng):
    inputs, *hidden = rng.integers(1, 7, rng.integers(1, 5)).tolist()
    classes, dropout = int(rng.integers(2, 6)), rng.choice([0.0, 0.3])
    network = Network.mlp(inputs, *hidden, classes=classes, seed=rng, dropout=dropout, dtype="float64")
    for parameter in network.parameters():
        if parameter.name == "bias":
            parameter.value[...] = rng.normal(size=parameter.value.shape)  # zeros would sit on ReLU's kink
    dense = [name for name in network.names if isinstance(network[name], Dense)]
    frozen = [name for name in dense if rng.random() < 0.3]
    if frozen:
        network.freeze(*frozen)
    x = rng.normal(size=(rng.integers(1, 6), inputs))
    while not far_from_every_kink(network, x, seed=0):
        x = rng.normal(size=x.shape)
    errors = check_network(network, x, rng.integers(0, classes, len(x)), seed=0)
    assert set(errors) == {f"{name}/{kind}" for name in dense if name not in frozen for kind in ("weights", "bias")}
    assert all(error < 1e-5 for error in errors.values()), errors


def far_from_every_kink(network, x, seed):
    """Whether no ReLU sees a value so near 0 that a step of the numeric gradient may cross it."""
    rng, first = np.random.default_rng(seed), network.first_trainable
    for index, layer in enumerate(network.layers):
        if isinstance(layer, ReLU) and np.abs(x).min() < 1e-3:
            return False
        x = layer.forward(x, training=index >= first, rng=rng)
    return True


class ForgetfulReLU(ReLU):
    def backward(self, grad, input_grad=True):
        return grad


class PilingUpDense(Dense):
    def backward(self, grad, input_grad=True):
        before = self.weights.grad.copy()
        below = super().backward(grad, input_grad)
        self.weights.grad += before
        return below


class SlightlyWrongDense(Dense):
    def backward(self, grad, input_grad=True):
        below = super().backward(grad, input_grad)
        self.bias.grad *= 1.001
        return below


class RememberingDropout(Dropout):
    def backward(self, grad, input_grad=True):
        return grad


@pytest.mark.parametrize(
    "layers, wrong",
    [
        ([PilingUpDense(4, 6, 0, "float64"), ReLU()], "first/weights"),
        ([SlightlyWrongDense(4, 6, 0, "float64"), ReLU()], "first/bias"),
        ([Dense(4, 6, 0, "float64"), ForgetfulReLU()], "first/weights"),
        ([Dense(4, 6, 0, "float64"), RememberingDropout(0.5)], "first/weights"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value[0]).__name__ + "+" + type(value[1]).__name__,
)
def test_a_wrong_backward_pass_is_caught(layers, wrong):
    rng = np.random.default_rng(0)
    network = Network(
        [("first", layers[0]), ("second", layers[1]), ("head", Dense(6, 3, 1, "float64"))], (4,), "float64"
    )
    x, labels = rng.normal(size=(5, 4)), rng.integers(0, 3, 5)
    check_network(network, x, labels, seed=0)
    errors = check_network(network, x, labels, seed=0)  # the second time shows what piles up
    assert errors[wrong] > 1e-4
    assert errors["head/weights"] < 1e-6
