"""Layers for pictures: convolution with shared weights, pooling, and the step from a picture to a vector.

Pictures are `(N, H, W, C)`. A convolution is a matrix product of windows and kernel; `fast` arranges it for the cache.
"""

import math

import numpy as np

from helpers.nn import fast
from helpers.nn.layers import Layer, Parameter, he_values
from helpers.validation import whole_number


def _check_picture(layer, input_shape):
    if len(input_shape) != 3:
        raise ValueError(f"{layer!r} takes pictures of shape (H, W, C), not {input_shape}")


class Conv2D(Layer):
    """A convolution: the same small Dense layer at every place of the picture.

    Parameters
    ----------
    channels, filters : int
        Channels of the input, C, and of the output, F.
    kernel_size : int
        Height and width k of the window each output looks at.
    seed : int, numpy.random.Generator or None
        The weights (k, k, C, F) are drawn with variance 2 / (k·k·C), as in `Dense`; None leaves them zero.
    stride : int
        Pixels from one window to the next.
    padding : "valid" or "same"
        Whether windows stay inside the picture, or the picture is framed with zeros so that the output is
        ceil(H / stride) high; an odd row of zeros goes to the bottom and right, as in TensorFlow.
    dtype : str or numpy.dtype
    """

    def __init__(self, channels, filters, kernel_size, *, seed, stride=1, padding="valid", dtype="float32"):
        numbers = {"channels": channels, "filters": filters, "kernel_size": kernel_size, "stride": stride}
        for name, number in numbers.items():
            whole_number(f"Conv2D: {name}", number)
        if padding not in ("valid", "same"):
            raise ValueError(f"Conv2D: padding must be 'valid' or 'same', not {padding!r}")
        self.kernel_size, self.stride, self.padding = int(kernel_size), int(stride), padding
        shape = kernel_size, kernel_size, channels, filters
        self.weights = Parameter("weights", he_values(shape, kernel_size * kernel_size * channels, seed, dtype))
        self.bias = Parameter("bias", np.zeros(filters, dtype))

    @classmethod
    def from_config(cls, config, seed, dtype):
        return cls(**config, seed=seed, dtype=dtype)

    @property
    def kind(self):
        return f"Conv2D {self.kernel_size}×{self.kernel_size}"

    def parameters(self):
        return [self.weights, self.bias]

    def config(self):
        _, _, channels, filters = self.weights.value.shape
        return {
            "channels": channels,
            "filters": filters,
            "kernel_size": self.kernel_size,
            "stride": self.stride,
            "padding": self.padding,
        }

    def _frame(self, size):
        """Zeros before and after `size` pixels."""
        if self.padding == "valid":
            return 0, 0
        total = max((-(-size // self.stride) - 1) * self.stride + self.kernel_size - size, 0)
        return total // 2, total - total // 2

    def output_shape(self, input_shape):
        _check_picture(self, input_shape)
        channels, filters = self.weights.value.shape[2:]
        if input_shape[2] != channels:
            raise ValueError(f"{self!r} takes {channels} channels, but the picture {input_shape} has {input_shape[2]}")
        sizes = [(size + sum(self._frame(size)) - self.kernel_size) // self.stride + 1 for size in input_shape[:2]]
        if min(sizes) < 1:
            raise ValueError(f"{self!r} has windows larger than the picture {input_shape}: nothing would be left")
        return (*sizes, filters)

    def forward(self, x, training=False, rng=None):
        out = np.empty((len(x), *self.output_shape(x.shape[1:])), np.result_type(x, self.weights.value))
        frames = self._frame(x.shape[1]), self._frame(x.shape[2])
        if self.padding == "same":
            x = np.pad(x, ((0, 0), *frames, (0, 0)))
        self._cache = (x, frames) if training else None
        fast.convolve(x, self.weights.value, self.bias.value, self.stride, out)
        return out

    def backward(self, grad, input_grad=True):
        x, frames = self._remembered()
        if self.trainable:
            fast.kernel_gradient(x, grad, self.stride, self.weights.grad)
            self.bias.grad = fast.column_sums(grad.reshape(-1, grad.shape[3]))
        return self._input_gradient(x.shape, frames, grad) if input_grad else None

    def _input_gradient(self, padded_shape, frames, grad):
        """The gradient of the input: a convolution of the output's gradient with the turned kernel.

        The output's gradient is spread out by the stride and framed with k - 1 zeros; the kernel is turned by half a
        circle, and its channels and filters change places (Dumoulin and Visin, 2016, section 4).

        Parameters
        ----------
        padded_shape : (N, H, W, C)
            Of the input with its frame.
        frames : ((int, int), (int, int))
            Zeros above and below, left and right.
        grad : float array, (N, OH, OW, F)

        Returns
        -------
        float array, the shape of the input without its frame
        """
        count, height, width, _ = padded_shape
        k, s, filters = self.kernel_size, self.stride, grad.shape[3]
        turned = np.ascontiguousarray(self.weights.value[::-1, ::-1].swapaxes(2, 3))  # (k, k, F, C)
        bottom, right = k - 1 + s * grad.shape[1], k - 1 + s * grad.shape[2]
        x_grad = np.empty(padded_shape, np.result_type(grad, turned))
        pictures = fast.pictures_at_once(turned.shape, padded_shape, grad.itemsize)
        framed = np.zeros((min(count, pictures), height + k - 1, width + k - 1, filters), grad.dtype)
        inside = framed[:, k - 1 : bottom : s, k - 1 : right : s]
        for start in range(0, count, pictures):
            piece = slice(start, min(start + pictures, count))
            inside[: piece.stop - start] = grad[piece]  # the frame and the gaps stay zero
            fast.convolve(framed[: piece.stop - start], turned, 0, 1, x_grad[piece])
        (top, below), (left, beside) = frames
        return x_grad[:, top : height - below, left : width - beside]

    def __repr__(self):
        _, _, channels, filters = self.weights.value.shape
        k, more = self.kernel_size, "" if self.stride == 1 else f", stride {self.stride}"
        return f"Conv2D({channels} -> {filters}, {k}x{k}, {self.padding}{more})"


class MaxPool2D(Layer):
    """Keep the largest value of every block of s x s pixels; what does not fill a block is left out.

    Where values are equal the first one counts, as in TensorFlow.

    Parameters
    ----------
    size : int
        s, the height and width of a block, which is also the step to the next.
    """

    def __init__(self, size=2):
        self.size = whole_number("MaxPool2D: size", size)

    @property
    def kind(self):
        return f"MaxPool2D {self.size}×{self.size}"

    def config(self):
        return {"size": self.size}

    def output_shape(self, input_shape):
        _check_picture(self, input_shape)
        height, width, channels = input_shape
        if min(height, width) < self.size:
            raise ValueError(f"{self!r} has blocks larger than the picture {input_shape}: nothing would be left")
        return height // self.size, width // self.size, channels

    def forward(self, x, training=False, rng=None):
        s, (height, width, _) = self.size, self.output_shape(x.shape[1:])
        input_shape, x = x.shape, x[:, : height * s, : width * s]
        # Each row of the blocks first, then the rows' winners: the order in which the first of equal values wins.
        across, out = _largest([x[:, :, column::s] for column in range(s)])
        down, out = _largest([out[:, row::s] for row in range(s)])
        self._cache = (across, down, input_shape) if training else None
        return out

    def backward(self, grad, input_grad=True):
        across, down, input_shape = self._remembered()
        if not input_grad:
            return None
        s, (height, width) = self.size, grad.shape[1:3]
        rows = np.empty(across.shape, grad.dtype)
        x_grad = np.zeros(input_shape, grad.dtype)
        for number in range(s):
            np.multiply(grad, down == number, out=rows[:, number::s])
        for number in range(s):
            np.multiply(rows, across == number, out=x_grad[:, : height * s, number : width * s : s])
        return x_grad


def _largest(arrays):
    """The largest of several arrays, element by element, and which array it is from; of equal ones the first."""
    out, winner = arrays[0], np.zeros(arrays[0].shape, np.min_scalar_type(len(arrays)))
    for number, array in enumerate(arrays[1:], start=1):
        winner = np.maximum(winner, (array > out) * winner.dtype.type(number))
        out = np.maximum(out, array)
    return winner, out


class Flatten(Layer):
    """Turn a picture into a vector: (N, H, W, C) into (N, H·W·C)."""

    def output_shape(self, input_shape):
        return (int(np.prod(input_shape)),)

    def forward(self, x, training=False, rng=None):
        self._cache = x.shape if training else None
        return x.reshape(len(x), math.prod(x.shape[1:]))

    def backward(self, grad, input_grad=True):
        shape = self._remembered()
        return grad.reshape(shape) if input_grad else None
