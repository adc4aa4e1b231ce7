"""`Network`: an ordered list of named layers that can be frozen, cut and given a new head."""

import hashlib
import itertools

import numpy as np

from helpers.nn.layers import Dense, Dropout, Parameter, ReLU
from helpers.randomness import generator

ELSEWHERE = {  # what people look for in other libraries, and the line that does it here
    "fit": "fit(network, part, epochs=5, seed=0)",
    "train": "fit(network, part, epochs=5, seed=0)",
    "compile": "fit(network, part, epochs=5, seed=0, optimizer=Adam(1e-3)), without compiling",
    "evaluate": "evaluate(network, part).accuracy",
    "score": "evaluate(network, part).accuracy",
    "predict_proba": "softmax(network.forward(x))",
    "save": "save_network(network, path)",
    "load_weights": "load_weights(network, path)",
    "state_dict": "save_network(network, path), or network.values for all numbers in one vector",
    "get_layer": "network[name]",
    "weights": "network[name].weights.value, or network.values for all numbers in one vector",
    "trainable": "network.freeze(name) or network.unfreeze(name)",
}


class Network:
    """Layers in a row, each with a name; the last one is the head.

    `network["hidden1"]` is the layer of that name; `in`, `len` and iteration go by the names.

    `freeze`, `unfreeze` and `backward` (the gradients) change the network, as does training it. `body`, `copy`, `astype`,
    `with_new_head`, `with_head_of` and `reinitialized` give an independent copy. `cut` and `twin` give networks that
    share values with this one.

    Attributes
    ----------
    values, gradients : float array, (number of parameters,)
        All values in one vector, and their gradients; the layers' arrays are views of them.

    Parameters
    ----------
    layers : list of (str, Layer)
        From input to output. Names are unique.
    input_shape : tuple of int
        The shape of one input, without the batch.
    dtype : str or numpy.dtype
        The floating-point type of all parameters and of all work: "float32" to train, "float64" to check gradients.

    Raises
    ------
    ValueError
        No layers, a name used twice, two layers that do not fit together, or a layer that is part of a network already.
    """

    def __init__(self, layers, input_shape, dtype="float32"):
        self.names = [name for name, _ in layers]
        self.layers = [layer for _, layer in layers]
        self.input_shape = tuple(input_shape)
        self.dtype = np.dtype(dtype)
        if self.dtype.kind != "f":
            raise ValueError(f"a network works in a floating-point type such as float32, not {self.dtype}")
        if not self.layers:
            raise ValueError("a network needs at least one layer")
        for name in self.names:
            if not isinstance(name, str) or not name or not name.isprintable():
                raise ValueError(f"the name of a layer must be a printable str, not {name!r}")
        twice = sorted({name for name in self.names if self.names.count(name) > 1})
        if twice:
            raise ValueError(f"every layer needs a name of its own, but {', '.join(twice)} is used twice")
        self.output_shapes = self._check_shapes()
        parameters = self.parameters(trainable_only=False)
        for parameter in parameters:
            if parameter.value.dtype != self.dtype:
                raise ValueError(
                    f"all parameters of a {self.dtype} network must be {self.dtype}, but one is {parameter.value.dtype};"
                    " make the layers with the same dtype, or use network.astype"
                )
            if parameter.in_network:
                raise ValueError(
                    "a layer belongs to one network, but one of these is part of another already: use layer.copy(dtype),"
                    " or network.body() for all layers but the head"
                )
        values = [parameter.value.ravel() for parameter in parameters]
        self._lay_out(np.concatenate(values) if values else np.empty(0, self.dtype))

    def __reduce__(self):
        """For pickle and deepcopy, which know nothing of views: the layers make a network of their own."""
        return type(self), (list(zip(self.names, self.layers)), self.input_shape, self.dtype)

    def _lay_out(self, values):
        """Make the layers' arrays views of this vector, and of one for the gradients."""
        self.values, self.gradients, start = values, np.zeros_like(values), 0
        for parameter in self.parameters(trainable_only=False):
            shape, stop = parameter.value.shape, start + parameter.value.size
            parameter.move_to(values[start:stop].reshape(shape), self.gradients[start:stop].reshape(shape))
            parameter.in_network, start = True, stop

    @classmethod
    def mlp(cls, inputs, *hidden, classes, seed, dropout=0.0, dtype="float32"):
        """Make a multi-layer perceptron: Dense, ReLU (and Dropout) for every hidden layer, and a Dense head.

        Parameters
        ----------
        inputs, classes : int
            D and K: numbers in one input, and outputs of the head.
        *hidden : int
            Units of each hidden layer, which are called hidden1, hidden2, …; without any this is softmax regression.
        dropout : float
            The share of values dropped after each hidden layer; 0 for no Dropout layers.
        """
        rng = generator(seed)
        layers, width = [], inputs
        for number, units in enumerate(hidden, start=1):
            layers += [(f"hidden{number}", Dense(width, units, rng, dtype)), (f"relu{number}", ReLU())]
            if dropout:
                layers.append((f"dropout{number}", Dropout(dropout)))
            width = units
        layers.append(("head", Dense(width, classes, rng, dtype)))
        return cls(layers, (inputs,), dtype)

    def _check_shapes(self):
        """Follow the shape of one input through all layers."""
        shapes, before = [], f"the input of shape {self.input_shape}"
        for name, layer in zip(self.names, self.layers):
            try:
                shapes.append(layer.output_shape(shapes[-1] if shapes else self.input_shape))
            except ValueError as problem:
                raise ValueError(f"layer {name!r} does not fit {before}: {problem}") from None
            before = f"layer {name!r}"
        return shapes

    def __getattr__(self, name):
        """Called for names that a Network lacks: says where what is known from other libraries is found here."""
        remedy = f"here it is {ELSEWHERE[name]}" if name in ELSEWHERE else "help(Network) lists what it has"
        raise AttributeError(f"a Network has no {name!r}; {remedy}", name=name, obj=self)

    def __getitem__(self, name):
        """The layer called `name`."""
        return self.layers[self._index(name)]

    def __contains__(self, name):
        return name in self.names

    def __iter__(self):
        return iter(self.names)

    def __len__(self):
        return len(self.names)

    def _index(self, name):
        if name not in self.names:
            raise KeyError(f"there is no layer {name!r}; the layers are: {', '.join(self.names)}")
        return self.names.index(name)

    @property
    def classes(self):
        """Number of outputs, K."""
        return self.output_shapes[-1][0]

    def parameters(self, trainable_only=True):
        """The parameters that training changes, or all of them, from input to output: a list of Parameter."""
        layers = [layer for layer in self.layers if layer.trainable or not trainable_only]
        return [parameter for layer in layers for parameter in layer.parameters()]

    def parameter_count(self, trainable_only=True):
        """How many numbers those parameters hold."""
        return sum(parameter.value.size for parameter in self.parameters(trainable_only))

    def __repr__(self):
        width = max(map(len, self.names))
        lines = [f"Network({self.input_shape} -> {self.output_shapes[-1]}, {self.dtype}"]
        for name, layer in zip(self.names, self.layers):
            frozen = "  frozen" if layer.parameters() and not layer.trainable else ""
            lines.append(f"  {name:<{width}}  {layer!r}{frozen}")
        return "\n".join([*lines, ")"])

    def _repr_html_(self):
        """The picture that a notebook shows."""
        from helpers.show.network_picture import picture

        return picture(self)

    def summary(self):
        """A table of layers, output shapes, parameters and what is trainable; a str to print."""
        rows = [("layer", "type", "output shape", "parameters", "trainable")]
        for name, layer, shape in zip(self.names, self.layers, self.output_shapes):
            count = _count(layer)
            trainable = ("yes" if layer.trainable else "frozen") if count else "-"
            rows.append((name, type(layer).__name__, f"(N, {', '.join(map(str, shape))})", f"{count:,}", trainable))
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = []
        for name, kind, shape, count, trainable in rows:
            cells = zip((name, kind, shape), widths)
            lines.append(
                "  ".join([*(f"{cell:<{width}}" for cell, width in cells), f"{count:>{widths[3]}}", trainable])
            )
        lines.insert(1, "-" * (sum(widths) + 2 * (len(widths) - 1)))
        total, trained = self.parameter_count(trainable_only=False), self.parameter_count()
        lines.append(f"{total:,} parameters, {trained:,} trainable, {total - trained:,} frozen")
        return "\n".join(lines)

    def fingerprint(self, *names):
        """A short code that changes if any weight does: the way to prove that frozen layers stayed as they were.

        It is the start of a SHA-256 of the layers' names, kinds and exact values; of all layers if none is named.
        """
        digest = hashlib.sha256()
        for name in names or self.names:
            digest.update(repr((name, self[name])).encode())
            for parameter in self[name].parameters():
                digest.update(str((parameter.value.dtype, parameter.value.shape)).encode())
                digest.update(parameter.value.tobytes())
        return digest.hexdigest()[:16]

    @property
    def first_trainable(self):
        """The position of the first layer with parameters to train; len(layers) if all are frozen."""
        return next(
            (i for i, layer in enumerate(self.layers) if layer.trainable and layer.parameters()), len(self.layers)
        )

    def stretches(self):
        """What training changes, as long stretches of the network's vectors.

        Returns
        -------
        list of Parameter
            One that holds all trainable numbers; several where a frozen layer lies between trainable ones.
        """
        found, start = [], 0
        with_numbers = filter(_count, self.layers)
        for trainable, layers in itertools.groupby(with_numbers, key=lambda layer: layer.trainable):
            stop = start + sum(map(_count, layers))
            if trainable:
                found.append(Parameter("stretch", self.values[start:stop], self.gradients[start:stop]))
            start = stop
        return found

    def cut(self):
        """Cut the network below its first trainable layer.

        Returns
        -------
        frozen, trained : Network
            Two networks of these very layers, not of copies, so training `trained` trains this network while what
            `frozen` computes never changes. A side without layers is None.
        """
        first = self.first_trainable
        return self._section(0, first), self._section(first, len(self.layers))

    def _section(self, first, end):
        """A network of some of these very layers, whose vectors are views of this one's; None without layers."""
        if first == end:
            return None
        names, layers, shapes = (part[first:end] for part in (self.names, self.layers, self.output_shapes))
        start = sum(map(_count, self.layers[:first]))
        stretch = slice(start, start + sum(map(_count, layers)))
        return self.sharing(
            names=names,
            layers=layers,
            output_shapes=shapes,
            input_shape=self.output_shapes[first - 1] if first else self.input_shape,
            values=self.values[stretch],
            gradients=self.gradients[stretch],
        )

    def sharing(self, **attributes):
        """A network that shares everything with this one but for the attributes given."""
        other = object.__new__(type(self))
        vars(other).update(vars(self), **attributes)
        return other

    def forward(self, x, training=False, rng=None):
        """Compute the logits of a batch.

        Parameters
        ----------
        x : float array, (N,) + input_shape
        training : bool
            Get ready for `backward`. The layers below the first trainable one compute as they do outside training,
            dropout included: they are a fixed function.
        rng : numpy.random.Generator, optional
            For the layers that draw random numbers in training.

        Returns
        -------
        float array, (N, K)
        """
        x = self._as_batch(x)
        first = self.first_trainable if training else 0
        for index, layer in enumerate(self.layers):
            x = layer.forward(x, training and index >= first, rng)
        return x

    def _as_batch(self, x):
        x = np.asarray(x)
        if x.shape[1:] != self.input_shape or x.ndim != len(self.input_shape) + 1:
            wanted = ", ".join(["N", *map(str, self.input_shape)])
            raise ValueError(f"layer {self.names[0]!r} takes a batch of shape ({wanted}), not {x.shape}")
        if x.dtype.kind != "f":
            raise TypeError(
                f"a network takes floating-point numbers, not {x.dtype}; part.inputs(network.input_shape) makes images"
                " into a batch with values in [0, 1]"
            )
        return x.astype(self.dtype, copy=False)

    def backward(self, grad):
        """Compute the gradients of all trainable parameters, after `forward(..., training=True)`.

        Stops at the first trainable layer: nothing below it needs a gradient.

        Parameters
        ----------
        grad : float array, (N, K)
            The gradient of the loss with respect to the logits.
        """
        first = self.first_trainable
        for index in range(len(self.layers) - 1, first - 1, -1):
            grad = self.layers[index].backward(grad, input_grad=index > first)

    def predict(self, images):
        """The class with the largest logit for each image.

        Parameters
        ----------
        images : uint8 array, (N, 28, 28), or float array, (N,) + input_shape
            Whole numbers are taken for pixels from 0 to 255, floating-point ones for what `forward` takes.

        Returns
        -------
        int array, (N,)
        """
        images = np.asarray(images)
        if images.dtype == np.uint8:
            images = images.reshape(len(images), *self.input_shape).astype(self.dtype) / 255
        pieces = np.array_split(images, max(1, -(-len(images) // 128)))  # more at once would leave the cache
        return np.concatenate([self.forward(piece).argmax(axis=1) for piece in pieces])

    def twin(self):
        """A network with these very values, but gradients of its own: for another part of the same batch."""
        other = self.sharing(layers=[layer.copy(self.dtype) for layer in self.layers])
        other._lay_out(self.values)
        return other

    def freeze(self, *names, upto=None):
        """Stop training the layers that are named, and with `upto` that layer and all before it. Returns this network."""
        return self._set_trainable(False, names, upto)

    def unfreeze(self, *names, upto=None):
        """Train some layers again; all of them if none is named. The counterpart of `freeze`."""
        return self._set_trainable(True, names or (() if upto else self.names), upto)

    def _set_trainable(self, trainable, names, upto):
        indices = [self._index(name) for name in names]
        if upto is not None:
            indices += range(self._index(upto) + 1)
        if not indices:
            raise ValueError(f"name the layers to freeze, or upto=…; the layers are: {', '.join(self.names)}")
        for index in indices:
            self.layers[index].trainable = trainable
        return self

    def copy(self):
        """An independent copy: training one leaves the other as it is."""
        return self.astype(self.dtype)

    def astype(self, dtype):
        """An independent copy that works in another floating-point type."""
        copies = [layer.copy(dtype) for layer in self.layers]
        return Network(list(zip(self.names, copies)), self.input_shape, dtype)

    def body(self):
        """An independent copy without the head: what it computes are the features that the head sees.

        Raises
        ------
        ValueError
            The network is all head.
        """
        if len(self.layers) == 1:
            raise ValueError(f"this network is all head ({self.names[0]!r}): there is no body below it")
        return self.copy()._section(0, len(self.layers) - 1)

    def with_new_head(self, classes, seed):
        """An independent copy with a fresh, trainable head of `classes` outputs, for another task."""
        return self._with_last(Dense(self._head().weights.value.shape[0], classes, seed, self.dtype))

    def with_head_of(self, other):
        """An independent copy with the head of another network, values and all."""
        return self._with_last(other._head().copy(self.dtype))

    def _head(self):
        if not isinstance(self.layers[-1], Dense):
            raise ValueError(
                f"the last layer, {self.names[-1]!r}, is not a Dense layer, so there is no head to replace"
            )
        return self.layers[-1]

    def _with_last(self, head):
        kept = [(name, layer.copy(self.dtype)) for name, layer in zip(self.names[:-1], self.layers[:-1])]
        return Network([*kept, (self.names[-1], head)], self.input_shape, self.dtype)

    def reinitialized(self, seed, after=None):
        """An independent copy whose layers start again from random values; what is frozen stays so.

        Parameters
        ----------
        seed : int or numpy.random.Generator
            Every layer has its place in this stream, so it gets the same values whatever is kept.
        after : str, optional
            Keep this layer and all before it.
        """
        rng = generator(seed)
        first = 0 if after is None else self._index(after) + 1
        fresh = self.copy()
        for index, layer in enumerate(fresh.layers):
            if layer.parameters():
                drawn = layer.from_config(layer.config(), rng, self.dtype)
                if index >= first:
                    for mine, new in zip(layer.parameters(), drawn.parameters()):
                        mine.value = new.value
        return fresh


def _count(layer):
    """How many numbers a layer has to train."""
    return sum(parameter.value.size for parameter in layer.parameters())
