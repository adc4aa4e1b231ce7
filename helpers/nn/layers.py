"""The layers: each knows its values, its output, and how to pass a gradient back. None knows about training."""

import copy

import numpy as np

from helpers.randomness import generator

# When a Dense layer leaves out the blank columns of its input: with fewer outputs the product takes no longer than
# picking the other columns, and unless a fifth is blank the picking costs more than it saves.
BLANK_COLUMNS_OUTPUTS = 200
BLANK_COLUMNS_SHARE = 0.2


class Parameter:
    """An array that training may change.

    Attributes
    ----------
    name : str
        "weights" or "bias".
    value : float array
    grad : float array, same shape
        The gradient of the loss; every `backward` overwrites it, so gradients never pile up unseen.
    """

    def __init__(self, name, value):
        self.name = name
        self.value = value
        self.grad = np.zeros_like(value)

    def copy(self, dtype):
        """An independent copy with values of type `dtype`."""
        return Parameter(self.name, self.value.astype(dtype))

    def twin(self):
        """A parameter with this very value, and a gradient of its own."""
        return Parameter(self.name, self.value)

    def __repr__(self):
        return f"Parameter({self.name}, shape={self.value.shape}, {self.value.dtype})"


class Layer:
    """What all layers have in common.

    Attributes
    ----------
    trainable : bool
        Freezing is this one switch: a layer that is not trainable computes no gradients for its parameters, and
        the optimizer never sees them.
    """

    trainable = True

    def parameters(self):
        """The layer's parameters, a list; empty for a layer that only computes."""
        return []

    @property
    def kind(self):
        """What it is, in a word or two, for the picture of a network."""
        return type(self).__name__

    def output_shape(self, input_shape):
        """The shape of one output, given the shape of one input; ValueError if it cannot take it."""
        return input_shape

    def config(self):
        """The keyword arguments (plain numbers) that make a layer like this one."""
        return {}

    @classmethod
    def from_config(cls, config, seed, dtype):
        """Make a layer from what `config` gave; seed and dtype are for its parameters, if it has any."""
        return cls(**config)

    def copy(self, dtype):
        """An independent copy with values of type `dtype`, without what the layer remembers of its last batch."""
        return self._duplicate(lambda parameter: parameter.copy(dtype))

    def twin(self):
        """A layer with these very values, but gradients and a memory of its own: for another part of the batch."""
        return self._duplicate(Parameter.twin)

    def _duplicate(self, duplicate_parameter):
        duplicate = copy.copy(self)
        for attribute, value in vars(self).items():
            if isinstance(value, Parameter):
                setattr(duplicate, attribute, duplicate_parameter(value))
            elif attribute.startswith("_"):
                setattr(duplicate, attribute, None)
        return duplicate

    def forward(self, x, training=False, rng=None):
        """Compute the output for a batch.

        Parameters
        ----------
        x : float array, (N, ...)
        training : bool
            Remember what `backward` will need; layers such as Dropout also behave differently.
        rng : numpy.random.Generator, optional
            Where a layer that draws random numbers in training takes them from.

        Returns
        -------
        float array, (N, ...)
        """
        raise NotImplementedError

    def backward(self, grad, input_grad=True):
        """Pass the gradient of the loss back through the layer.

        Fills the `grad` of the layer's parameters if it is trainable.

        Parameters
        ----------
        grad : float array, shape of the last training output
            The gradient of the loss with respect to that output.
        input_grad : bool
            Whether the gradient of the input is wanted: below the first trainable layer nobody needs it.

        Returns
        -------
        float array, shape of the last training input; None if it is not wanted
        """
        raise NotImplementedError

    def _remembered(self, value):
        """Give back what the last training `forward` kept; RuntimeError if there was none."""
        if value is None:
            raise RuntimeError(
                f"{self!r} has nothing to go back through: call forward(x, training=True) before backward"
            )
        return value

    def __repr__(self):
        settings = ", ".join(f"{key}={value}" for key, value in self.config().items())
        return f"{type(self).__name__}({settings})"


class Dense(Layer):
    """A fully connected layer: `x @ W + b`.

    Parameters
    ----------
    inputs, outputs : int
        D_in and D_out: W is (D_in, D_out), b is (D_out,).
    seed : int, numpy.random.Generator or None
        W is drawn from a normal distribution with variance 2 / D_in (He et al., 2015, eq. 10); b is zero. With None
        W is zero too, for values that are about to be filled in.
    dtype : str or numpy.dtype
    """

    def __init__(self, inputs, outputs, seed, dtype="float32"):
        for name, size in (("inputs", inputs), ("outputs", outputs)):
            if not isinstance(size, (int, np.integer)) or size < 1:
                raise ValueError(f"Dense: {name} must be a whole number of at least 1, not {size!r}")
        if seed is None:
            values = np.zeros((inputs, outputs), dtype)
        else:
            values = generator(seed).normal(0.0, np.sqrt(2 / inputs), (inputs, outputs)).astype(dtype)
        self.weights = Parameter("weights", values)
        self.bias = Parameter("bias", np.zeros(outputs, dtype))
        self._x = self._used = None

    @classmethod
    def from_config(cls, config, seed, dtype):
        return cls(**config, seed=seed, dtype=dtype)

    def parameters(self):
        return [self.weights, self.bias]

    def config(self):
        inputs, outputs = self.weights.value.shape
        return {"inputs": inputs, "outputs": outputs}

    def output_shape(self, input_shape):
        inputs, outputs = self.weights.value.shape
        if input_shape != (inputs,):
            raise ValueError(f"Dense({inputs} -> {outputs}) takes inputs of shape ({inputs},), not {input_shape}")
        return (outputs,)

    def forward(self, x, training=False, rng=None):
        weights, used = self.weights.value, _used_columns(x, len(self.bias.value))
        if used is not None:
            x, weights = x.take(used, axis=1), weights.take(used, axis=0)
        self._x, self._used = (x, used) if training else (None, None)
        out = x @ weights  # (N, D_in) @ (D_in, D_out) -> (N, D_out)
        out += self.bias.value
        return out

    def backward(self, grad, input_grad=True):
        x = self._remembered(self._x)
        if self.trainable:
            if self._used is None:
                np.matmul(x.T, grad, out=self.weights.grad)  # (D_in, N) @ (N, D_out) -> (D_in, D_out)
            else:
                self.weights.grad[...] = 0
                self.weights.grad[self._used] = x.T @ grad
            np.matmul(np.ones(len(grad), grad.dtype), grad, out=self.bias.grad)  # sums faster than np.sum
        return grad @ self.weights.value.T if input_grad else None  # (N, D_out) @ (D_out, D_in) -> (N, D_in)

    def __repr__(self):
        inputs, outputs = self.weights.value.shape
        return f"Dense({inputs} -> {outputs})"


def _used_columns(x, outputs):
    """The columns of x that are not zero in the whole batch, if leaving out the others is worth it.

    A pixel that is blank in every image of a batch multiplies its weights by zero, and gives them a gradient of
    zero. On MNIST that is a third of the pixels at 128 images, and leaving them out saves a third of the first layer.
    The results are the same up to rounding, as long as the weights are finite.

    Parameters
    ----------
    x : float array, (N, D_in)
    outputs : int
        D_out.

    Returns
    -------
    int array, or None for all columns
    """
    if outputs < BLANK_COLUMNS_OUTPUTS:
        return None
    used = np.flatnonzero((x != 0).any(axis=0))
    return used if len(used) < (1 - BLANK_COLUMNS_SHARE) * x.shape[1] else None


class ReLU(Layer):
    """The rectifier: max(x, 0), element by element."""

    def __init__(self):
        self._out = None

    def forward(self, x, training=False, rng=None):
        out = np.maximum(x, np.zeros(x.shape[1:], x.dtype))  # twice as fast as np.maximum(x, 0)
        self._out = out if training else None
        return out

    def backward(self, grad, input_grad=True):
        return grad * (self._remembered(self._out) > 0) if input_grad else None


class Dropout(Layer):
    """In training, set a random share of the values to zero and scale the others up (Srivastava et al., 2014).

    The scaling ("inverted dropout") keeps the mean, so nothing is left to do outside training.

    Parameters
    ----------
    rate : float
        The share of values to drop, at least 0 and below 1.
    """

    def __init__(self, rate):
        if not 0 <= rate < 1:
            raise ValueError(f"Dropout: rate is the share of values to drop, at least 0 and below 1, not {rate!r}")
        self.rate = float(rate)
        self._mask = None

    @property
    def kind(self):
        return f"Dropout {self.rate:.0%}"

    def config(self):
        return {"rate": self.rate}

    def forward(self, x, training=False, rng=None):
        self._mask = 1 if training else None
        if not training or self.rate == 0:
            return x
        if rng is None:
            raise ValueError("Dropout draws random numbers in training: pass rng, a numpy.random.Generator")
        kept = rng.random(x.shape, dtype=np.float32) >= self.rate
        self._mask = np.multiply(kept, x.dtype.type(1 / (1 - self.rate)), dtype=x.dtype)
        return x * self._mask

    def backward(self, grad, input_grad=True):
        return grad * self._remembered(self._mask) if input_grad else None
