"""The same network as a `tf.keras` model, and back: what ours computes, Keras can check number for number.

TensorFlow is imported only when one of these functions is called, and without its start-up lines.
"""

import re

from helpers.nn.convolution import Conv2D, Flatten, MaxPool2D
from helpers.nn.layers import Dense, Dropout, ReLU
from helpers.nn.network import Network
from helpers.tensorflow import load_tensorflow

DTYPES = ("float32", "float64")
KERAS_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.>-]*")  # what TensorFlow takes as a name, without the slash

# Options of Keras layers that ours do not have: only with these values is the layer one of ours.
_WEIGHTED = {
    "use_bias": True,
    "lora_enabled": False,
    **dict.fromkeys(("kernel_regularizer", "bias_regularizer", "kernel_constraint", "bias_constraint")),
}
_LAST = {"data_format": "channels_last"}
NEEDED = {
    "Dense": _WEIGHTED,
    "Conv2D": {**_WEIGHTED, **_LAST, "dilation_rate": (1, 1), "groups": 1},
    "MaxPooling2D": {**_LAST, "padding": "valid"},
    "Flatten": _LAST,
    "Dropout": {"noise_shape": None},
    "ReLU": {"max_value": None, "negative_slope": 0, "threshold": 0},
    "Activation": {},
    "Softmax": {"axis": -1},
}


def to_keras(network):
    """Make a Keras model with the same layers, names, weights, element type and trainable flags.

    It ends in logits, as the network does: compile it with `SparseCategoricalCrossentropy(from_logits=True)`.

    Two things differ in training. Dropout draws other random numbers. And in Keras `trainable=False` only keeps
    weights from changing: in `fit`, and in `model(x, training=True)`, every Dropout layer goes on dropping values,
    even if it is frozen itself or lies below frozen layers. In ours the layers below the first trainable one are a
    fixed function, dropout included. `model.get_layer(name).rate = 0`, before the model is compiled, does that in Keras.

    Parameters
    ----------
    network : Network
        In float32 or float64.

    Returns
    -------
    keras.Sequential
        Independent of the network, and not compiled.

    Raises
    ------
    ValueError
        A layer, its name or the element type has no counterpart in Keras.
    """
    keras = load_tensorflow().keras
    dtype = network.dtype.name
    if dtype not in DTYPES:
        raise ValueError(f"the bridge carries {' and '.join(DTYPES)}, not {dtype}: network.astype('float32') fits")
    layers = [keras.Input(network.input_shape, dtype=dtype, name=_unused("input", network.names))]
    for name, layer in zip(network.names, network.layers):
        if not KERAS_NAME.fullmatch(name):
            raise ValueError(
                f"layer {name!r}: Keras wants a name of letters, digits and _ . - > that begins with a letter, a digit or"
                " a point; make a Network of the same layers with another name"
            )
        layers.append(_keras_layer(keras, name, layer, dtype))
    model = keras.Sequential(layers)
    for layer, twin in zip(network.layers, model.layers):
        twin.set_weights([parameter.value for parameter in layer.parameters()])
    return model


def _keras_layer(keras, name, layer, dtype):
    """The Keras layer that does what `layer` does, its weights yet to be filled in."""
    options = {"name": name, "dtype": dtype, "trainable": layer.trainable}
    kind, config = type(layer), layer.config()
    if kind is Dense:
        return keras.layers.Dense(config["outputs"], **options)
    if kind is Conv2D:
        sizes = config["filters"], config["kernel_size"], config["stride"], config["padding"]
        return keras.layers.Conv2D(*sizes, **_LAST, **options)
    if kind is MaxPool2D:
        return keras.layers.MaxPooling2D(config["size"], **_LAST, **options)
    if kind is Flatten:
        return keras.layers.Flatten(**_LAST, **options)
    if kind is Dropout:
        return keras.layers.Dropout(config["rate"], **options)
    if kind is ReLU:
        return keras.layers.ReLU(**options)
    raise ValueError(
        f"layer {name!r} is a {kind.__name__}, which the bridge does not know; it knows Dense, ReLU, Dropout, Conv2D,"
        " MaxPool2D and Flatten: replace the layer by these, or add it to helpers/checks/keras_bridge.py"
    )


def from_keras(model):
    """Make a network with the same layers, names, weights, element type and trainable flags as a Keras model.

    A layer with `activation="relu"` becomes two: `dense` and, after it, `dense_relu`. A softmax at the very end is left
    out, because a network ends in logits: `softmax(network.forward(x))` then is what the model computes.

    Keras leaves dropout on in and below frozen layers, a network does not: see `to_keras`.

    Parameters
    ----------
    model : keras.Sequential
        Built, in float32 or float64.

    Returns
    -------
    Network
        Independent of the model.

    Raises
    ------
    TypeError
        The model is not a `keras.Sequential`.
    ValueError
        It is not built, or a layer or one of its options has no counterpart here; the message names them.
    """
    keras = load_tensorflow().keras
    if type(model) is not keras.Sequential:
        raise TypeError(
            f"from_keras takes a keras.Sequential, not {type(model).__name__}; if its layers form a single chain,"
            " keras.Sequential(model.layers) makes it one"
        )
    if not model.built:
        raise ValueError(
            f"the model {model.name!r} has no weights yet: put keras.Input(shape) first, or call model.build((None, *shape))"
        )
    shape, dtype, names = model.input_shape[1:], model.layers[0].dtype, [twin.name for twin in model.layers]
    if None in shape:
        raise ValueError(
            f"the model {model.name!r} takes inputs of shape {shape}; a network needs every size, not None"
        )
    layers = []
    for twin in model.layers:
        _check(keras, twin, dtype)
        for name, layer in _our_layers(keras, twin, dtype, names):
            layer.trainable = twin.trainable
            layers.append((name, layer))
    return Network(layers, shape, dtype)


def _check(keras, twin, dtype):
    """Raise ValueError unless ours can do all that this Keras layer does."""
    kind = type(twin).__name__
    if kind not in NEEDED or type(twin) is not getattr(keras.layers, kind):
        raise _refusal(twin, "has no counterpart in helpers", f"replace it by one of {', '.join(NEEDED)}")
    if dtype not in DTYPES or {twin.compute_dtype, twin.variable_dtype} != {dtype}:
        problem = f"computes in {twin.compute_dtype} and keeps {twin.variable_dtype}"
        raise _refusal(twin, problem, f"give all layers one dtype, {' or '.join(DTYPES)}")
    for option, needed in {**NEEDED[kind], "activity_regularizer": None, "quantization_mode": None}.items():
        given = getattr(twin, option, needed)
        if given != needed:
            problem = f"has {option}={given!r}, which helpers does not have"
            raise _refusal(twin, problem, f"build it with {option}={needed!r}")


def _our_layers(keras, twin, dtype, names):
    """What a Keras layer is here: none, one or two layers with their names."""
    kind, activation = type(twin).__name__, _activation(keras, twin)
    layers = []
    if kind in ("Dense", "Conv2D"):
        weights, bias = twin.get_weights()
        if kind == "Dense":
            layer = Dense(*weights.shape, None, dtype)
        else:
            kernel_size, stride = _one_number(twin, "kernel_size"), _one_number(twin, "strides")
            layer = Conv2D(*weights.shape[2:], kernel_size, seed=None, stride=stride, padding=twin.padding, dtype=dtype)
        layer.weights.value[...], layer.bias.value[...] = weights, bias
        layers.append((twin.name, layer))
    elif kind == "MaxPooling2D":
        if twin.strides != twin.pool_size:
            raise _refusal(
                twin, f"has strides={twin.strides}", f"here blocks lie side by side: strides={twin.pool_size}"
            )
        layers.append((twin.name, MaxPool2D(_one_number(twin, "pool_size"))))
    elif kind == "Flatten":
        layers.append((twin.name, Flatten()))
    elif kind == "Dropout":
        layers.append((twin.name, Dropout(twin.rate)))
    if activation == "relu":
        layers.append((_unused(f"{twin.name}_relu", names) if layers else twin.name, ReLU()))
    if activation == "softmax" and twin.name != names[-1]:
        raise _refusal(twin, "is a softmax before the end", "only the last layer may be one")
    return layers


def _activation(keras, twin):
    """Which of relu, softmax and linear a Keras layer ends with."""
    if type(twin).__name__ in ("ReLU", "Softmax"):
        return type(twin).__name__.lower()
    given = getattr(twin, "activation", keras.activations.linear)
    for name in ("relu", "softmax", "linear"):
        if given is getattr(keras.activations, name):
            return name
    problem = f"has the activation {getattr(given, '__name__', given)}, which helpers does not have"
    raise _refusal(twin, problem, "it has relu and, at the very end, softmax")


def _one_number(twin, option):
    """The number of a pair such as kernel_size=(3, 3)."""
    first, second = getattr(twin, option)
    if first != second:
        raise _refusal(twin, f"has {option}={(first, second)}", "here both numbers must be equal")
    return first


def _refusal(twin, problem, remedy):
    return ValueError(f"layer {twin.name!r}, a Keras {type(twin).__name__}, {problem}; {remedy}")


def _unused(name, names):
    """`name`, with a number after it if it is one of `names`."""
    free, number = name, 2
    while free in names:
        free, number = f"{name}_{number}", number + 1
    return free
