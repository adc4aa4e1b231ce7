"""Save a network to one `.npz` file, and load it back: architecture and weights together, never pickled."""

import json

import numpy as np

from helpers.convolution import Conv2D, Flatten, MaxPool2D
from helpers.files import atomic_write, read_npz
from helpers.layers import Dense, Dropout, ReLU
from helpers.network import Network

FORMAT = "transfer-learning-from-scratch network, version 1"
LAYER_TYPES = {layer.__name__: layer for layer in (Dense, ReLU, Dropout, Conv2D, MaxPool2D, Flatten)}


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
        There is no such file, or it is truncated, damaged, foreign or contradicts itself.
    """
    arrays = read_npz(path, WeightsError)
    network = _build(arrays.pop("architecture", None), path)
    _fill(network, arrays, path)
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


def _build(stored, path):
    """Make a network, with values yet to be filled in, from the stored architecture."""
    if stored is None or stored.dtype.kind != "U" or stored.shape:
        raise WeightsError(f"{path} is an .npz file, but not one that save_network wrote: it has no architecture")
    try:
        architecture = json.loads(str(stored))
        if architecture["format"] != FORMAT:
            raise WeightsError(f"{path} is of format {architecture['format']!r}; this version reads {FORMAT!r}")
        dtype, layers = architecture["dtype"], []
        for settings in architecture["layers"]:
            name, kind, trainable = settings.pop("name"), settings.pop("type"), settings.pop("trainable")
            if kind not in LAYER_TYPES:
                raise WeightsError(f"{path} has a layer of type {kind!r}; known are {', '.join(LAYER_TYPES)}")
            layer = LAYER_TYPES[kind].from_config(settings, None, dtype)
            layer.trainable = bool(trainable)
            layers.append((name, layer))
        return Network(layers, architecture["input_shape"], dtype)
    except WeightsError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, MemoryError, RecursionError) as problem:
        raise WeightsError(f"{path} holds an architecture that makes no network: {problem!r}") from problem


def _fill(network, arrays, path):
    """Copy the arrays into the network's parameters, after checking them all."""
    expected = _arrays_of(network)
    if arrays.keys() != expected.keys():
        odd_ones = ", ".join(sorted(arrays.keys() ^ expected.keys()))
        raise WeightsError(f"{path}: the stored arrays do not match the architecture: {odd_ones}")
    fitting = {}
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
