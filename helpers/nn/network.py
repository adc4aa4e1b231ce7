"""`Network`: an ordered list of named layers that can be frozen, cut and given a new head."""

import numpy as np

from helpers.nn.inspection import fingerprint, summary_table
from helpers.nn.layers import Dense, Dropout, ReLU
from helpers.randomness import generator
from helpers.show.network_picture import picture


class Network:
    """Layers in a row, each with a name; the last one is the head.

    `network["hidden1"]` is the layer of that name; `in`, `len` and iteration go by the names.

    `freeze`, `unfreeze` and `backward` (the gradients) change the network, as does training it. `copy`, `astype`,
    `with_new_head`, `with_head_of` and `reinitialized` give an independent copy. `split` and `twin` give networks that
    share values with this one.

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
        No layers, a name used twice, or two layers that do not fit together.
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
        for parameter in self.parameters(trainable_only=False):
            if parameter.value.dtype != self.dtype:
                raise ValueError(
                    f"all parameters of a {self.dtype} network must be {self.dtype}, but one is {parameter.value.dtype};"
                    " make the layers with the same dtype, or use network.astype"
                )

    @classmethod
    def mlp(cls, inputs, *hidden, classes, seed, dropout=0.0, dtype="float32"):
        """Make a multi-layer perceptron: Dense, ReLU (and Dropout) for every hidden layer, and a Dense head.

        Without hidden layers this is softmax regression.

        Parameters
        ----------
        inputs : int
            Numbers in one input, D.
        *hidden : int
            Units of each hidden layer, which are called hidden1, hidden2, …
        classes : int
            Outputs of the head, K.
        seed : int or numpy.random.Generator
        dropout : float
            The share of values dropped after each hidden layer; 0 for no Dropout layers.
        dtype : str or numpy.dtype

        Returns
        -------
        Network
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
        return picture(self)

    def summary(self):
        """A table of layers, output shapes, parameters and what is trainable; a str to print."""
        return summary_table(self.names, self.layers, self.output_shapes)

    def fingerprint(self, *names):
        """A short code that changes if any weight does: the way to prove that frozen layers stayed as they were.

        Parameters
        ----------
        *names : str
            The layers to look at; all of them if none is given.

        Returns
        -------
        str
            The first 16 hexadecimal digits of a SHA-256.
        """
        chosen = [self._index(name) for name in names] or range(len(self.layers))
        return fingerprint([(self.names[index], self.layers[index]) for index in chosen])

    @property
    def first_trainable(self):
        """The position of the first layer with parameters to train; len(layers) if all are frozen."""
        return next(
            (i for i, layer in enumerate(self.layers) if layer.trainable and layer.parameters()), len(self.layers)
        )

    def split(self):
        """Cut the network below its first trainable layer.

        Returns
        -------
        frozen, trained : Network
            Two networks of these very layers, not of copies, so training `trained` trains this network while what
            `frozen` computes never changes. A side without layers is None.
        """
        layers, cut = list(zip(self.names, self.layers)), self.first_trainable
        between = self.output_shapes[cut - 1] if cut else self.input_shape
        frozen = Network(layers[:cut], self.input_shape, self.dtype) if cut else None
        trained = Network(layers[cut:], between, self.dtype) if cut < len(layers) else None
        return frozen, trained

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

    def twin(self):
        """A network with these very values, but gradients of its own: for another part of the same batch."""
        return Network(
            [(name, layer.twin()) for name, layer in zip(self.names, self.layers)], self.input_shape, self.dtype
        )

    def add_gradients(self, twins):
        """Add up the gradients of a batch that this network and its twins have worked through in parts.

        Parameters
        ----------
        twins : list of Network
            Made by `twin`; `backward` was given their part of the gradient of the whole batch's loss.
        """
        for mine, *others in zip(self.parameters(), *(twin.parameters() for twin in twins)):
            for other in others:
                mine.grad += other.grad

    def freeze(self, *names, upto=None):
        """Stop training some layers.

        Parameters
        ----------
        *names : str
            The layers to freeze.
        upto : str, optional
            Freeze this layer and all before it.

        Returns
        -------
        Network
            This network, changed.
        """
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
        return Network(
            [(name, layer.copy(dtype)) for name, layer in zip(self.names, self.layers)], self.input_shape, dtype
        )

    def with_new_head(self, classes, seed):
        """An independent copy with a fresh, trainable head for another task.

        Parameters
        ----------
        classes : int
            Outputs of the new head.
        seed : int or numpy.random.Generator

        Returns
        -------
        Network
        """
        return self._with_last(Dense(self._head().weights.value.shape[0], classes, seed, self.dtype))

    def with_head_of(self, other):
        """An independent copy with the head of another network, values and all.

        Parameters
        ----------
        other : Network

        Returns
        -------
        Network
        """
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

        Returns
        -------
        Network
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
