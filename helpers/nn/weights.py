"""Save a network to one `.npz` file, and load it back: architecture and weights together, never pickled."""

import json
import math

import numpy as np

from helpers.files import atomic_write, npz_sizes, read_npz
from helpers.nn.convolution import Conv2D, Flatten, MaxPool2D
from helpers.nn.layers import Dense, Dropout, ReLU
from helpers.nn.network import Network

FORMAT = "transfer-learning-from-scratch network, version 1"
LAYER_TYPES = {layer.__name__: layer for layer in (Dense, ReLU, Dropout, Conv2D, MaxPool2D, Flatten)}
WEIGHTS = {  # the settings whose product is the number of a layer's weights
    "Dense": ("inputs", "outputs"),
    "Conv2D": ("kernel_size", "kernel_size", "channels", "filters"),
}
ARCHITECTURE_BYTES = 2**20  # the longest stored architecture that is read: some two thousand layers


class WeightsError(ValueError):
    """The file of weights cannot be used; the message names it and what is wrong."""


def save_network(network, path):
    """Write a network to an `.npz` file: its layers, what is frozen, and all values.

    The file appears whole or not at all; a kill at any moment leaves the old one.

    Parameters
    ----------
    network : Network
    path : str or Path

    Raises
    ------
    WeightsError
        A weight is not finite: such a network is of no use to anybody later.
    OSError
        The file cannot be written.
    """
    arrays = _arrays_of(network)
    for key, values in arrays.items():
        if not np.isfinite(values).all():
            raise WeightsError(f"{key} holds NaN or infinity; nothing was written to {path}")
    with atomic_write(path) as file:
        np.savez(file, architecture=np.array(json.dumps(_architecture_of(network))), **arrays)


def load_network(path):
    """Make the network that `save_network` wrote.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Network

    Raises
    ------
    WeightsError
        There is no such file, or it is truncated, damaged, foreign or contradicts itself, or unpacks to far more than
        its own size.
    """
    # The file may be hostile: what it asks for is compared with its size before memory is set aside.
    try:
        sizes = npz_sizes(path, WeightsError)
        stored = _read_architecture(path, sizes)
    except WeightsError as problem:
        if not str(path).endswith((".keras", ".h5")):
            raise
        raise WeightsError(
            f"{problem}. If Keras saved it, use `from_keras(keras.models.load_model(path))` of helpers.checks.keras_bridge"
        ) from problem
    network = _build(stored, sizes, path)
    expected = _arrays_of(network)
    odd_ones = (sizes.keys() - {"architecture"}) ^ expected.keys()
    if odd_ones:
        raise WeightsError(f"{path}: the stored arrays do not match the architecture: {', '.join(sorted(odd_ones))}")
    _fill(network, read_npz(path, WeightsError, expected), path)
    return network


def load_weights(network, path):
    """Give a network the values from a file of one with the same layers; what is frozen stays as it is.

    Parameters
    ----------
    network : Network
        Changed only if everything fits.
    path : str or Path

    Returns
    -------
    Network
        The same network.

    Raises
    ------
    WeightsError
        As in `load_network`, or the layers differ; the network is then unchanged.
    """
    saved = load_network(path)
    for mine, theirs in zip(_described(network) + [None], _described(saved) + [None]):
        if mine != theirs:
            raise WeightsError(
                f"{path} does not match the network: it has {theirs or 'no more layers'}, where the network has"
                f" {mine or 'no more layers'}"
            )
    _fill(network, _arrays_of(saved), path)
    return network


def _described(network):
    return [f"{name}: {layer!r}" for name, layer in zip(network.names, network.layers)]


def _arrays_of(network):
    return {
        f"{name}/{parameter.name}": parameter.value
        for name, layer in zip(network.names, network.layers)
        for parameter in layer.parameters()
    }


def _architecture_of(network):
    return {
        "format": FORMAT,
        "input_shape": network.input_shape,
        "dtype": network.dtype.name,
        "layers": [
            {"name": name, "type": type(layer).__name__, "trainable": layer.trainable, **layer.config()}
            for name, layer in zip(network.names, network.layers)
        ],
    }


def _read_architecture(path, sizes):
    """The stored architecture: a JSON text, in an array without dimensions."""
    if sizes.get("architecture", 0) > ARCHITECTURE_BYTES:
        raise WeightsError(f"{path} holds an architecture of {sizes['architecture']:,} bytes, which makes no network")
    stored = read_npz(path, WeightsError, ["architecture"])["architecture"] if "architecture" in sizes else None
    if stored is None or stored.dtype.kind != "U" or stored.shape:
        raise WeightsError(f"{path} is an .npz file, but not one that save_network wrote: it has no architecture")
    return stored


def _build(stored, sizes, path):
    """Make a network, with values yet to be filled in, from the stored architecture, and no larger than the arrays."""
    room = dict(sizes)  # each array makes room for one layer
    try:
        architecture = json.loads(str(stored))
        if architecture["format"] != FORMAT:
            raise WeightsError(f"{path} is of format {architecture['format']!r}; this version reads {FORMAT!r}")
        dtype, layers = architecture["dtype"], []
        for settings in architecture["layers"]:
            name, kind, trainable = settings.pop("name"), settings.pop("type"), settings.pop("trainable")
            if kind not in LAYER_TYPES:
                raise WeightsError(f"{path} has a layer of type {kind!r}; known are {', '.join(LAYER_TYPES)}")
            needed, present = _weights_bytes(kind, settings, dtype), room.pop(f"{name}/weights", 0)
            if needed > present:
                raise WeightsError(f"{path}: {name}/weights should take {needed:,} bytes, but the file has {present:,}")
            layer = LAYER_TYPES[kind].from_config(settings, None, dtype)
            layer.trainable = bool(trainable)
            layers.append((name, layer))
        return Network(layers, architecture["input_shape"], dtype)
    except WeightsError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, MemoryError, RecursionError, SystemError) as problem:
        raise WeightsError(f"{path} holds an architecture that makes no network: {problem!r}") from problem


def _weights_bytes(kind, settings, dtype):
    """The memory that a layer with these settings will take for its weights (its bias never needs more)."""
    sizes = [settings.get(name) for name in WEIGHTS.get(kind, ())]
    if not sizes or not all(isinstance(size, int) for size in sizes):
        return 0  # a layer without weights, or one that refuses these settings before it makes any
    return math.prod(sizes) * np.dtype(dtype).itemsize


def _fill(network, arrays, path):
    """Copy the arrays, by the keys of `_arrays_of`, into the network's parameters, after checking them all."""
    expected, fitting = _arrays_of(network), {}
    for key, values in arrays.items():
        if values.shape != expected[key].shape or values.dtype.kind != "f":
            raise WeightsError(
                f"{path}: {key} should be {expected[key].dtype} of shape {expected[key].shape}, but is {values.dtype}"
                f" of shape {values.shape}"
            )
        with np.errstate(over="ignore"):
            fitting[key] = values.astype(expected[key].dtype)
        if not np.isfinite(fitting[key]).all():
            raise WeightsError(f"{path}: {key} holds NaN, infinity or more than {expected[key].dtype} can hold")
    for key, values in fitting.items():
        expected[key][...] = values
