"""Convolution and pooling: a plain loop as the oracle, known answers, and gradients against numeric ones."""

import numpy as np
import pytest
from support import gradient_errors

from helpers import Conv2D, Dense, Flatten, MaxPool2D, Network, ReLU, load_network, save_network
from helpers.checks.gradient_check import check_network
from helpers.nn import fast


def layer_and_pictures(rng):
    count, filters, stride = rng.integers(1, 4, 3).tolist()
    kernel_size, channels = int(rng.integers(1, 5)), int(rng.choice([1, 2, 3, 20]))  # 20: one product for each row
    padding = str(rng.choice(["valid", "same"]))
    height, width = rng.integers(kernel_size if padding == "valid" else 1, 9, 2)
    layer = Conv2D(channels, filters, kernel_size, seed=rng, stride=stride, padding=padding, dtype="float64")
    layer.bias.value[...] = rng.normal(size=filters)
    return layer, rng.normal(size=(count, height, width, channels))


def test_convolution_equals_its_definition(rng):
    layer, x = layer_and_pictures(rng)
    k, stride = layer.kernel_size, layer.stride
    out = layer.forward(x)
    assert out.shape[1:] == layer.output_shape(x.shape[1:])
    if layer.padding == "same":
        assert out.shape[1:3] == (-(-x.shape[1] // stride), -(-x.shape[2] // stride))
        total = [max((n - 1) * stride + k - size, 0) for n, size in zip(out.shape[1:3], x.shape[1:3])]
        x = np.pad(x, ((0, 0), *((zeros // 2, zeros - zeros // 2) for zeros in total), (0, 0)))
    for row, column in np.ndindex(out.shape[1:3]):
        window = x[:, row * stride : row * stride + k, column * stride : column * stride + k]  # (N, k, k, C)
        expected = np.tensordot(window, layer.weights.value, 3) + layer.bias.value
        np.testing.assert_allclose(out[:, row, column], expected, atol=1e-12)


def test_gradients_of_convolution_equal_numeric_ones(rng):
    layer, x = layer_and_pictures(rng)
    assert max(gradient_errors(layer, x, seed=0)) < 1e-7


def test_gradients_of_max_pooling_equal_numeric_ones(rng):
    size = int(rng.integers(1, 4))
    shape = *rng.integers((1, size, size), 8), 2
    x = rng.permutation(np.prod(shape)).astype(float).reshape(shape)  # no ties, no near-ties
    assert max(gradient_errors(MaxPool2D(size), x, seed=0)) < 1e-7


def test_gradients_of_flatten_equal_numeric_ones(rng):
    assert max(gradient_errors(Flatten(), rng.normal(size=rng.integers(1, 4, 4)), seed=0)) < 1e-7


def test_a_convolution_worked_out_by_hand():
    layer = Conv2D(1, 1, 2, seed=None, dtype="float64")
    layer.weights.value[:, :, 0, 0] = [[1, 2], [3, 4]]
    layer.bias.value[:] = 10
    x = np.array([[0, 1, 2], [3, 4, 5], [6, 7, 8]], float).reshape(1, 3, 3, 1)
    # top left: 1·0 + 2·1 + 3·3 + 4·4 = 27, plus the bias; each step to the right adds 10, each step down 30
    np.testing.assert_array_equal(layer.forward(x)[0, :, :, 0], [[37, 47], [67, 77]])


def test_max_pooling_worked_out_by_hand():
    x = np.array([[1, 5, 2, 9], [3, 4, 9, 0], [7, 7, 7, 7]], float).reshape(1, 3, 4, 1)
    layer = MaxPool2D(2)
    np.testing.assert_array_equal(layer.forward(x, training=True)[0, :, :, 0], [[5, 9]])  # the third row fills no block
    back = layer.backward(np.array([10.0, 20.0]).reshape(1, 1, 2, 1))[0, :, :, 0]
    np.testing.assert_array_equal(back, [[0, 10, 0, 20], [0, 0, 0, 0], [0, 0, 0, 0]])  # of the two nines, the first


def test_of_equal_values_in_a_block_the_first_one_counts(rng):
    size = int(rng.integers(1, 4))
    height, width = rng.integers(size, 7, 2)
    x = rng.integers(0, 2, (1, height, width, 1)).astype(float)
    layer = MaxPool2D(size)
    out = layer.forward(x, training=True)
    back = layer.backward(np.ones_like(out))[0, :, :, 0]
    for row, column in np.ndindex(out.shape[1:3]):
        block = slice(row * size, (row + 1) * size), slice(column * size, (column + 1) * size)
        expected = np.zeros(size * size)
        expected[x[0, :, :, 0][block].argmax()] = 1  # argmax takes the first, row by row
        np.testing.assert_array_equal(back[block], expected.reshape(size, size))


def convnet(seed=0, dtype="float32"):
    layers = [
        ("conv1", Conv2D(1, 3, 3, seed=seed, dtype=dtype)),
        ("relu1", ReLU()),
        ("pool1", MaxPool2D(2)),
        ("conv2", Conv2D(3, 4, 3, seed=seed + 1, stride=2, padding="same", dtype=dtype)),
        ("relu2", ReLU()),
        ("flatten", Flatten()),
        ("head", Dense(7 * 7 * 4, 5, seed + 2, dtype)),
    ]
    return Network(layers, (28, 28, 1), dtype)


def test_pieces_of_the_batch_change_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    x, grad = rng.normal(size=(7, 28, 28, 1)), rng.normal(size=(7, 5))

    def gradients():
        network = convnet(dtype="float64")
        out = network.forward(x, training=True)
        network.backward(grad)
        return [out, *(parameter.grad for parameter in network.parameters())]

    whole = gradients()
    for name, value in (("CACHE_BYTES", 1), ("SMALL_PRODUCT", 1), ("LONG_ROW", 1)):  # one picture, one output row, …
        monkeypatch.setattr(fast, name, value)
        for one, other in zip(whole, gradients()):
            np.testing.assert_allclose(one, other, atol=1e-12)


@pytest.mark.parametrize("frozen", [(), ("conv1",), ("conv2",), ("conv1", "conv2")])
def test_a_convolutional_network_has_the_right_gradients_whatever_is_frozen(frozen):
    network = Network([("conv", Conv2D(2, 2, 2, seed=0, dtype="float64")), ("relu", ReLU()), ("pool", MaxPool2D(2)),
                       ("conv2", Conv2D(2, 2, 2, seed=1, padding="same", dtype="float64")), ("flatten", Flatten()),
                       ("head", Dense(8, 3, 2, "float64"))], (5, 5, 2), "float64")  # fmt: skip
    names = {"conv1": "conv", "conv2": "conv2"}
    if frozen:
        network.freeze(*(names[name] for name in frozen))
    errors = check_network(network, np.random.default_rng(3).normal(size=(4, 5, 5, 2)), np.array([0, 1, 2, 0]), seed=0)
    assert len(errors) == 2 * (3 - len(frozen))
    assert max(errors.values()) < 1e-6


def test_a_convolutional_network_is_saved_and_loaded(tmp_path):
    network = convnet().freeze(upto="conv1")
    save_network(network, tmp_path / "net.npz")
    loaded = load_network(tmp_path / "net.npz")
    assert loaded.fingerprint() == network.fingerprint()
    assert repr(loaded) == repr(network)


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: Conv2D(1, 8, 0, seed=0), "kernel_size must be a whole number of at least 1, not 0"),
        (lambda: Conv2D(1, 8, 3, seed=0, stride=1.5), "stride must be a whole number"),
        (lambda: Conv2D(1, 8, 3, seed=0, padding="full"), "'valid' or 'same'"),
        (lambda: MaxPool2D(0), "size must be a whole number"),
        (lambda: Network([("a", Conv2D(1, 2, 9, seed=0))], (8, 8, 1)), "larger than the picture"),
        (lambda: Network([("a", MaxPool2D(9))], (8, 8, 1)), "larger than the picture"),
        (lambda: Network([("a", Conv2D(3, 2, 3, seed=0))], (8, 8, 1)), "takes 3 channels"),
        (lambda: Network([("a", Conv2D(1, 2, 3, seed=0))], (64,)), r"pictures of shape \(H, W, C\)"),
        (
            lambda: Network([("a", Conv2D(1, 2, 3, seed=0)), ("b", Dense(36, 2, 0))], (8, 8, 1)),
            "'b' does not fit layer 'a'",
        ),
        (lambda: convnet().forward(np.zeros((2, 28, 28), "float32")), r"\(N, 28, 28, 1\)"),
    ],
)
def test_what_does_not_fit_is_a_clear_error(make, said):
    with pytest.raises(ValueError, match=said):
        make()


def test_a_layer_used_alone_takes_the_wider_of_two_types_and_an_empty_batch():
    layer = Conv2D(1, 2, 3, seed=0, dtype="float64")
    assert layer.forward(np.ones((1, 5, 5, 1), "float32")).dtype == "float64"
    assert layer.forward(np.ones((1, 5, 5, 1), "uint8")).dtype == "float64"
    empty = layer.forward(np.ones((0, 5, 5, 1)))
    assert Flatten().forward(MaxPool2D(2).forward(empty)).shape == (0, 2)


def test_backward_twice_gives_the_same_gradients_not_their_sum():
    rng, network = np.random.default_rng(0), convnet()
    grad = rng.normal(size=(2, 5)).astype("float32")
    network.forward(rng.random((2, 28, 28, 1)), training=True)
    network.backward(grad)
    once = network.gradients.copy()
    network.backward(grad)
    assert network["conv1"].weights.grad.any() and np.array_equal(network.gradients, once)
