"""The layers: each knows its values, its output, and how to pass a gradient back. None knows about training."""

import copy

import numpy as np

from helpers.randomness import generator
from helpers.validation import whole_number


class Parameter:
    """An array that training may change.

    A layer alone owns its arrays. In a network they are views: all values lie in one vector, all gradients in another.
    So assigning to `value` or `grad` writes into the array and never replaces it.

    Attributes
    ----------
    name : str
        "weights" or "bias".
    value : float array
    grad : float array, same shape
        The gradient of the loss; every `backward` overwrites it, so gradients never pile up unseen.
    """

    in_network = False

    def __init__(self, name, value, grad=None):
        self.name = name
        self.move_to(value, np.zeros_like(value) if grad is None else grad)

    def move_to(self, value, grad):
        """Use these two arrays from now on."""
        self._value, self._grad = value, grad

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, numbers):
        self._value[...] = numbers

    @property
    def grad(self):
        return self._grad

    @grad.setter
    def grad(self, numbers):
        self._grad[...] = numbers

    def copy(self, dtype):
        """An independent copy with values of type `dtype`."""
        return Parameter(self.name, self.value.astype(dtype))

    def __reduce__(self):
        return Parameter, (self.name, self.value)  # for pickle and deepcopy: an array of its own, in no network

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
    _cache = None  # what `backward` needs of the last training `forward`

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
        duplicate = copy.copy(self)
        duplicate._cache = None
        for name, value in vars(self).items():
            if name != "_cache":
                own = value.copy(dtype) if isinstance(value, Parameter) else copy.deepcopy(value)
                setattr(duplicate, name, own)
        return duplicate

    def forward(self, x, training=False, rng=None):
        """Compute the output for a batch.

        Parameters
        ----------
        x : float array, (N, ...)
        training : bool
            Keep in `_cache` what `backward` will need; layers such as Dropout also behave differently.
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

    def _remembered(self):
        """What the last training `forward` kept in `_cache`; RuntimeError if there was none."""
        if self._cache is None:
            raise RuntimeError(
                f"{self!r} has nothing to go back through: call forward(x, training=True) before backward"
            )
        return self._cache

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
        shape = whole_number("Dense: inputs", inputs), whole_number("Dense: outputs", outputs)
        self.weights = Parameter("weights", he_values(shape, inputs, seed, dtype))
        self.bias = Parameter("bias", np.zeros(outputs, dtype))

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
        self._cache = x if training else None
        return x @ self.weights.value + self.bias.value  # (N, D_in) @ (D_in, D_out) + (D_out,) -> (N, D_out)

    def backward(self, grad, input_grad=True):
        x = self._remembered()
        if self.trainable:
            np.matmul(x.T, grad, out=self.weights.grad)  # (D_in, N) @ (N, D_out) -> (D_in, D_out)
            self.bias.grad = grad.sum(axis=0)
        return grad @ self.weights.value.T if input_grad else None  # (N, D_out) @ (D_out, D_in) -> (N, D_in)

    def __repr__(self):
        inputs, outputs = self.weights.value.shape
        return f"Dense({inputs} -> {outputs})"


def he_values(shape, inputs, seed, dtype):
    """First weights: normal with variance 2 / inputs (He et al., 2015, eq. 10); zeros if the seed is None."""
    if seed is None:
        return np.zeros(shape, dtype)
    return generator(seed).normal(0.0, np.sqrt(2 / inputs), shape).astype(dtype)


class ReLU(Layer):
    """The rectifier: max(x, 0), element by element."""

    def forward(self, x, training=False, rng=None):
        out = np.maximum(x, 0)
        self._cache = out if training else None
        return out

    def backward(self, grad, input_grad=True):
        return grad * (self._remembered() > 0) if input_grad else None


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

    @property
    def kind(self):
        return f"Dropout {self.rate:.0%}"

    def config(self):
        return {"rate": self.rate}

    def forward(self, x, training=False, rng=None):
        self._cache = None
        if not training:
            return x
        if rng is None:
            raise ValueError("Dropout draws random numbers in training: pass rng, a numpy.random.Generator")
        kept = rng.random(x.shape, dtype=np.float32) >= self.rate
        self._cache = np.divide(kept, 1 - self.rate, dtype=x.dtype)
        return x * self._cache

    def backward(self, grad, input_grad=True):
        return grad * self._remembered() if input_grad else None
