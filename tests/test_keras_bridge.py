"""TensorFlow as the judge: the same outputs, gradients and weights as Keras, for random architectures."""

import itertools
import subprocess
import sys

import numpy as np
import pytest

from helpers import (
    SGD,
    Adam,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    Network,
    ReLU,
    softmax,
    softmax_cross_entropy,
)
from helpers.checks.keras_bridge import from_keras, load_tensorflow, to_keras
from helpers.nn.layers import Layer
from tools.notebook_files import ROOT

needs_tensorflow = pytest.mark.needs_tensorflow
TOLERANCE = {"float64": 1e-10, "float32": 1e-5}


@pytest.fixture(scope="session")
def tf():
    return load_tensorflow()


def random_network(seed, dtype="float64", dropout=0.0):
    """A network, dense or convolutional, with random sizes and biases and some layers frozen, but never all."""
    rng = np.random.default_rng(seed)
    layers = []

    def add(name, layer):
        for parameter in layer.parameters():
            parameter.value[...] += rng.normal(0, 0.1, parameter.value.shape)
        layers.append((name, layer))
        return layer

    if seed % 2:
        shape = input_shape = (int(rng.integers(1, 13)),)
    else:
        shape = input_shape = tuple(rng.integers((5, 5, 1), (10, 10, 4)).tolist())
        for number in range(rng.integers(1, 3)):
            filters, kernel, stride = rng.integers(1, (5, 5, 4)).tolist()
            padding = "same" if kernel > min(shape[:2]) or rng.random() < 0.6 else "valid"
            layer = Conv2D(shape[2], filters, kernel, seed=rng, stride=stride, padding=padding, dtype=dtype)
            shape = add(f"conv{number}", layer).output_shape(shape)
            if rng.random() < 0.5:
                add(f"conv{number}_relu", ReLU())
            if rng.random() < 0.7:
                size = int(rng.integers(1, min(3, *shape[:2]) + 1))
                shape = add(f"pool{number}", MaxPool2D(size)).output_shape(shape)
        shape = add("flatten", Flatten()).output_shape(shape)
    for number in range(rng.integers(0, 3)):
        shape = add(f"dense{number}", Dense(*shape, int(rng.integers(2, 11)), rng, dtype)).output_shape(shape)
        add(f"dense{number}_relu", ReLU())
        add(f"dropout{number}", Dropout(dropout))
    add("head", Dense(*shape, int(rng.integers(2, 7)), rng, dtype))
    network = Network(layers, input_shape, dtype)
    frozen = [name for name in network.names if rng.random() < 0.4]
    if frozen:
        network.freeze(*frozen)
    if not network.parameters():
        network.unfreeze("head")
    return network


def batch(network, seed=0, count=6):
    """Random inputs and labels for a network."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, *network.input_shape)).astype(network.dtype)
    return x, rng.integers(0, network.classes, count)


def close(measured, expected):
    """Whether two arrays are equal, up to the rounding of their element type."""
    measured = np.asarray(measured)
    assert measured.dtype == expected.dtype
    scale = max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(measured, expected, rtol=0, atol=TOLERANCE[expected.dtype.name] * scale)


def keras_gradients(tf, model, x, labels):
    """The loss, and its gradients by variable path, as Keras computes them."""
    loss_function = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype=model.layers[0].dtype)
    with tf.GradientTape() as tape:
        loss = loss_function(labels, model(x, training=True))
    return loss, tape.gradient(loss, model.trainable_variables)


def our_gradients(network, x, labels):
    loss, grad = softmax_cross_entropy(network.forward(x, training=True, rng=np.random.default_rng(0)), labels)
    network.backward(grad)
    return loss, [parameter.grad for parameter in network.parameters()]


def describe(network):
    """All that makes a network, weights by their fingerprint."""
    return network.names, repr(network), [layer.trainable for layer in network.layers], network.fingerprint()


@needs_tensorflow
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("seed", range(16))
def test_outputs_are_the_same_and_the_round_trip_loses_nothing(tf, seed, dtype):
    network = random_network(seed, dtype, dropout=0.4)
    model = to_keras(network)
    x, _ = batch(network)
    close(model(x), network.forward(x))
    assert [layer.name for layer in model.layers] == network.names
    assert len(model.trainable_variables) == len(network.parameters())
    assert describe(from_keras(model)) == describe(network)


@needs_tensorflow
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("seed", range(16))
def test_every_gradient_is_the_same(tf, seed, dtype):
    network = random_network(seed, dtype)
    x, labels = batch(network)
    theirs, ours = keras_gradients(tf, to_keras(network), x, labels), our_gradients(network, x, labels)
    assert float(theirs[0]) == pytest.approx(ours[0], abs=TOLERANCE[dtype])
    assert len(theirs[1]) == len(ours[1]) == len(network.parameters())
    for measured, expected in zip(theirs[1], ours[1]):
        close(measured, expected)


# Keras rounds these settings to float32 even where the weights are float64, so they are numbers that float32 holds exactly.
MEANS = {"beta_1": 1 - 2**-3, "beta_2": 1 - 2**-10}
OPTIMIZERS = {
    "SGD": (lambda: SGD(2**-5), lambda keras: keras.optimizers.SGD(2**-5)),
    "momentum": (lambda: SGD(2**-5, 0.875), lambda keras: keras.optimizers.SGD(2**-5, 0.875)),
    "Adam": (lambda: Adam(2**-9, **MEANS), lambda keras: keras.optimizers.Adam(2**-9, **MEANS)),
}


@needs_tensorflow
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("seed", range(4))
def test_the_weights_are_the_same_after_20_steps(tf, seed, optimizer, dtype):
    network = random_network(seed, dtype)
    model, before = to_keras(network), network.copy()
    ours, theirs = OPTIMIZERS[optimizer][0](), OPTIMIZERS[optimizer][1](tf.keras)
    for step in range(20):
        x, labels = batch(network, seed=step)
        our_gradients(network, x, labels)
        ours.step(network.parameters())
        _, gradients = keras_gradients(tf, model, x, labels)
        theirs.apply_gradients(zip(gradients, model.trainable_variables))
    for name, layer in zip(network.names, network.layers):
        for measured, parameter in zip(model.get_layer(name).get_weights(), layer.parameters()):
            close(measured, parameter.value)
        if not layer.trainable:
            assert from_keras(model).fingerprint(name) == network.fingerprint(name) == before.fingerprint(name)


@needs_tensorflow
@pytest.mark.parametrize("kind", ["dense", "convolutional"])
def test_a_compiled_model_fits_to_the_same_weights(tf, kind):
    if kind == "dense":
        network = Network.mlp(20, 16, 12, classes=4, seed=0, dtype="float64").freeze(upto="hidden1")
    else:
        layers = [("conv1", Conv2D(1, 3, 3, seed=0, dtype="float64")), ("relu1", ReLU()), ("pool1", MaxPool2D(2)),
                  ("conv2", Conv2D(3, 4, 3, seed=1, stride=2, padding="same", dtype="float64")), ("relu2", ReLU()), ("flatten", Flatten()),
                  ("head", Dense(16, 4, 2, "float64"))]  # fmt: skip
        network = Network(layers, (8, 8, 1), "float64").freeze(upto="conv1")
    model = to_keras(network)
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64")
    model.compile(OPTIMIZERS["Adam"][1](tf.keras), loss)
    x, labels = batch(network, count=160)
    x = x.astype("float32").astype("float64")  # numbers that survive Keras's fit, which rounds its input to float32
    model.fit(x, labels, batch_size=32, epochs=4, shuffle=False, verbose=0)
    optimizer = OPTIMIZERS["Adam"][0]()
    for start in 4 * list(range(0, 160, 32)):
        our_gradients(network, x[start : start + 32], labels[start : start + 32])
        optimizer.step(network.parameters())
    trained = from_keras(model)
    for measured, parameter in zip(trained.parameters(trainable_only=False), network.parameters(trainable_only=False)):
        close(measured.value, parameter.value)


@needs_tensorflow
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_convolution_frames_and_strides_as_tensorflow_does(tf, padding):
    rng = np.random.default_rng(0)
    for kernel, stride, height, width in itertools.product(range(1, 6), range(1, 4), range(5, 9), (5, 8)):
        layer = Conv2D(2, 3, kernel, seed=rng, stride=stride, padding=padding, dtype="float64")
        x = rng.normal(size=(2, height, width, 2))
        close(tf.nn.conv2d(x, layer.weights.value, stride, padding.upper()), layer.forward(x))


@needs_tensorflow
def test_max_pooling_breaks_ties_as_keras_does(tf):
    layers = [("conv", Conv2D(1, 2, 1, seed=None, dtype="float64")), ("pool", MaxPool2D(2)), ("flatten", Flatten()),
              ("head", Dense(8, 3, 0, "float64"))]  # fmt: skip
    network = Network(layers, (5, 4, 1), "float64")
    network["conv"].weights.value[...] = [[[[1, 2]]]]
    x, labels = batch(network)
    x = np.round(x)  # whole numbers between -3 and 3: many equal neighbours
    model = to_keras(network)
    with tf.GradientTape() as tape:
        x_variable = tf.Variable(x)
        loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64")(
            labels, model(x_variable)
        )
    logits = network.forward(x, training=True)
    grad = softmax_cross_entropy(logits, labels)[1]
    for layer in reversed(network.layers):
        grad = layer.backward(grad)
    close(tape.gradient(loss, x_variable), grad)


@needs_tensorflow
def test_keras_leaves_dropout_on_below_frozen_layers_and_ours_does_not(tf):
    network = Network.mlp(10, 200, 8, classes=3, seed=0, dropout=0.5, dtype="float64").freeze(upto="dropout2")
    x, _ = batch(network)
    model = to_keras(network)
    assert not model.get_layer("dropout1").trainable
    close(network.forward(x, training=True, rng=np.random.default_rng(0)), network.forward(x))
    assert not np.allclose(model(x, training=True), model(x))
    for name in ("dropout1", "dropout2"):
        model.get_layer(name).rate = 0  # what the docstring advises
    close(model(x, training=True), network.forward(x))


@needs_tensorflow
def test_both_copies_are_independent(tf):
    network = Network.mlp(4, 3, classes=2, seed=0)
    model = to_keras(network)
    back = from_keras(model)
    before = network.fingerprint()
    model.get_layer("hidden1").set_weights([np.ones((4, 3)), np.ones(3)])
    assert network.fingerprint() == back.fingerprint() == before
    back["head"].weights.value[...] = 7
    assert not np.any(model.get_layer("head").get_weights()[0] == 7)


@needs_tensorflow
def test_activations_become_layers_and_the_last_softmax_is_left_out(tf):
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input((8, 8, 2)),
            layers.Conv2D(3, 3, activation="relu", name="conv"),
            layers.Conv2D(3, 3, activation="linear", name="conv_relu"),
            layers.Activation("relu", name="rectify"),
            layers.Flatten(name="flatten"),
            layers.Dense(6, activation="relu", name="dense"),
            layers.Dense(4, activation="softmax", name="head"),
        ]
    )
    model.get_layer("conv").trainable = False
    network = from_keras(model)
    assert network.names == ["conv", "conv_relu_2", "conv_relu", "rectify", "flatten", "dense", "dense_relu", "head"]
    assert [name for name, layer in zip(network.names, network.layers) if not layer.trainable] == [
        "conv",
        "conv_relu_2",
    ]
    x, _ = batch(network)
    close(model(x), softmax(network.forward(x)))


@needs_tensorflow
@pytest.mark.parametrize("ending", ["Softmax", "Activation"])
def test_a_softmax_layer_at_the_end_is_left_out_too(tf, ending):
    last = tf.keras.layers.Softmax() if ending == "Softmax" else tf.keras.layers.Activation("softmax")
    model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2, name="head"), last])
    network = from_keras(model)
    assert network.names == ["head"]
    x, _ = batch(network)
    close(model(x), softmax(network.forward(x)))


@needs_tensorflow
def test_a_layer_may_have_the_name_that_keras_gives_to_an_input(tf):
    network = Network([("input", Dense(3, 2, 0)), ("input_2", Dense(2, 2, 1)), ("input_layer", ReLU())], (3,))
    assert describe(from_keras(to_keras(network))) == describe(network)


class Square(Layer):
    """A layer that the bridge has never heard of."""

    def forward(self, x, training=False, rng=None):
        return x**2


@needs_tensorflow
@pytest.mark.parametrize(
    "make, said",
    [
        (
            lambda: Network([("a", Square())], (3,)),
            "layer 'a' is a Square, which the bridge does not know.*keras_bridge.py",
        ),
        (lambda: Network([("a/b", Dense(3, 2, 0))], (3,)), "layer 'a/b': Keras wants a name of letters"),
        (lambda: Network([("größe", Dense(3, 2, 0))], (3,)), "layer 'größe': Keras wants"),
        (
            lambda: Network([("a", Dense(3, 2, 0, "float16"))], (3,), "float16"),
            r"not float16: network.astype\('float32'\)",
        ),
    ],
)
def test_what_keras_cannot_take_is_a_clear_error(tf, make, said):
    with pytest.raises(ValueError, match=said):
        to_keras(make())


PICTURE, VECTOR = (8, 8, 2), (5,)
LACKING = {
    "BatchNormalization": (VECTOR, lambda L: L.BatchNormalization(), "has no counterpart in helpers; replace it by"),
    "AveragePooling2D": (PICTURE, lambda L: L.AveragePooling2D(2), "has no counterpart in helpers"),
    "a subclass": (VECTOR, lambda L: type("Dense", (L.Dense,), {})(3), "has no counterpart in helpers"),
    "tanh": (VECTOR, lambda L: L.Dense(3, "tanh"), "has the activation tanh.*it has relu and, at the very end, softmax"),
    "Activation tanh": (VECTOR, lambda L: L.Activation("tanh"), "has the activation tanh"),
    "softmax inside": (VECTOR, lambda L: L.Dense(3, "softmax"), "is a softmax before the end; only the last"),
    "no bias": (VECTOR, lambda L: L.Dense(3, use_bias=False), "has use_bias=False.*build it with use_bias=True"),
    "regularizer": (VECTOR, lambda L: L.Dense(3, kernel_regularizer="l2"), "has kernel_regularizer=.*L2"),
    "activity": (VECTOR, lambda L: L.ReLU(activity_regularizer="l2"), "has activity_regularizer="),
    "constraint": (VECTOR, lambda L: L.Dense(3, bias_constraint="non_neg"), "has bias_constraint="),
    "leaky": (VECTOR, lambda L: L.ReLU(negative_slope=0.1), "has negative_slope=0.1"),
    "clipped": (VECTOR, lambda L: L.ReLU(max_value=6), "has max_value=6"),
    "threshold": (VECTOR, lambda L: L.ReLU(threshold=1), "has threshold=1"),
    "noise shape": (VECTOR, lambda L: L.Dropout(0.5, noise_shape=(1, 5)), r"has noise_shape=\(1, 5\)"),
    "another axis": (PICTURE, lambda L: L.Softmax(axis=1), "has axis=1"),
    "oblong kernel": (PICTURE, lambda L: L.Conv2D(3, (3, 2)), r"has kernel_size=\(3, 2\); here both numbers must be equal"),
    "unequal strides": (PICTURE, lambda L: L.Conv2D(3, 3, strides=(2, 1)), r"has strides=\(2, 1\)"),
    "dilation": (PICTURE, lambda L: L.Conv2D(3, 3, dilation_rate=2), r"has dilation_rate=\(2, 2\)"),
    "groups": (PICTURE, lambda L: L.Conv2D(4, 3, groups=2), "has groups=2"),
    "overlapping pool": (PICTURE, lambda L: L.MaxPooling2D(3, strides=2), r"has strides=\(2, 2\); here blocks lie side"),
    "oblong pool": (PICTURE, lambda L: L.MaxPooling2D((2, 1)), r"has pool_size=\(2, 1\)"),
    "same pool": (PICTURE, lambda L: L.MaxPooling2D(3, padding="same"), "has padding='same'"),
    "channels first": (PICTURE, lambda L: L.MaxPooling2D(data_format="channels_first"), "has data_format=.channels_first.*build it with"),
    "another dtype": (VECTOR, lambda L: L.Dense(3, dtype="float64"), "computes in float64 and keeps float64; give all layers one"),
    "mixed precision": (VECTOR, lambda L: L.Dense(3, dtype="mixed_float16"), "computes in float16 and keeps float32"),
}  # fmt: skip


@needs_tensorflow
@pytest.mark.parametrize("case", LACKING)
def test_what_ours_cannot_do_is_a_clear_error(tf, case):
    shape, make, said = LACKING[case]
    layer = make(tf.keras.layers)
    model = tf.keras.Sequential([tf.keras.Input(shape), tf.keras.layers.ReLU(), layer, tf.keras.layers.ReLU()])
    with pytest.raises(ValueError, match=f"layer '{layer.name}', a Keras {type(layer).__name__}, {said}"):
        from_keras(model)


@needs_tensorflow
def test_a_model_without_weights_or_of_another_kind_is_a_clear_error(tf):
    keras = tf.keras
    with pytest.raises(ValueError, match="has no weights yet: put keras.Input"):
        from_keras(keras.Sequential([keras.layers.Dense(3)]))
    with pytest.raises(ValueError, match="needs every size"):
        from_keras(keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(3, 3)]))
    start = keras.Input((3,))
    functional = keras.Model(start, keras.layers.Dense(2, name="head")(start))
    with pytest.raises(TypeError, match=r"takes a keras.Sequential, not Functional.*keras.Sequential\(model.layers\)"):
        from_keras(functional)
    assert from_keras(keras.Sequential(functional.layers)).names == ["head"]  # the advice works
    with pytest.raises(TypeError, match="not Network"):
        from_keras(Network.mlp(3, classes=2, seed=0))


def test_without_tensorflow_the_error_says_so(run_python):
    said = run_python(
        "import sys\n"
        "sys.modules['tensorflow'] = None  # importing it now fails\n"
        "from helpers import Network\nfrom helpers.checks import keras_bridge\n"
        "for call in (keras_bridge.to_keras, keras_bridge.from_keras):\n"
        "    try: call(Network.mlp(3, classes=2, seed=0))\n"
        "    except ImportError as error: print(error)"
    )
    assert len(said.splitlines()) == 2
    assert all("this needs TensorFlow, which cannot be imported here" in line for line in said.splitlines())
    assert all("pip install -r requirements.txt" in line for line in said.splitlines())


@needs_tensorflow
def test_tensorflow_is_loaded_on_demand_and_in_silence():
    code = "import sys; from helpers import Network; from helpers.checks import keras_bridge; print('tensorflow' in sys.modules);"
    code += "keras_bridge.to_keras(Network.mlp(3, classes=2, seed=0)); print('tensorflow' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (result.stdout.split(), result.stderr) == (["False", "True"], "")
