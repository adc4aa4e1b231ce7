"""Layers for pictures: convolution with shared weights, pooling, and the step from a picture to a vector.

Pictures are `(N, H, W, C)`. What a reader builds by hand on a tiny image is here one matrix product (im2col), done for
a few images at a time so that the windows copied out of them stay in the processor's cache.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.layers import Layer, Parameter
from helpers.randomness import generator

CACHE_BYTES = 2**20  # the windows of the images worked on at once take no more than this


def _whole(layer, name, number):
    if not isinstance(number, (int, np.integer)) or isinstance(number, bool) or number < 1:
        raise ValueError(f"{layer}: {name} must be a whole number of at least 1, not {number!r}")


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

    def __init__(self, channels, filters, kernel_size, seed, stride=1, padding="valid", dtype="float32"):
        for name, number in (
            ("channels", channels),
            ("filters", filters),
            ("kernel_size", kernel_size),
            ("stride", stride),
        ):
            _whole("Conv2D", name, number)
        if padding not in ("valid", "same"):
            raise ValueError(f"Conv2D: padding must be 'valid' or 'same', not {padding!r}")
        self.kernel_size, self.stride, self.padding = int(kernel_size), int(stride), padding
        shape = (kernel_size, kernel_size, channels, filters)
        if seed is None:
            values = np.zeros(shape, dtype)
        else:
            deviation = np.sqrt(2 / (kernel_size * kernel_size * channels))
            values = generator(seed).normal(0.0, deviation, shape).astype(dtype)
        self.weights = Parameter("weights", values)
        self.bias = Parameter("bias", np.zeros(filters, dtype))
        self._x = self._frames = None

    @classmethod
    def from_config(cls, config, seed, dtype):
        return cls(**config, seed=seed, dtype=dtype)

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
        frames = self._frame(x.shape[1]), self._frame(x.shape[2])
        if self.padding == "same":
            x = np.pad(x, ((0, 0), *frames, (0, 0)))
        self._x, self._frames = (x, frames) if training else (None, None)
        kernel = self.weights.value.reshape(-1, len(self.bias.value))  # (k·k·C, F)
        windows = _windows(x, self.kernel_size, self.stride)
        out = np.empty((*windows.shape[:3], kernel.shape[1]), x.dtype)
        for rows, columns in _columns(windows):
            product = np.matmul(columns, kernel, out=out[rows].reshape(len(columns), -1))  # (n·OH·OW, F)
            product += self.bias.value
        return out

    def backward(self, grad, input_grad=True):
        x = self._remembered(self._x)
        if self.trainable:
            total = self.weights.grad.reshape(-1, grad.shape[3])  # a view, (k·k·C, F)
            total[...] = 0
            windows = _windows(x, self.kernel_size, self.stride)
            for rows, columns in _columns(windows):
                total += columns.T @ grad[rows].reshape(len(columns), -1)  # (k·k·C, n·OH·OW) @ (n·OH·OW, F)
            np.sum(grad, axis=(0, 1, 2), out=self.bias.grad)
        return self._input_gradient(x.shape, grad) if input_grad else None

    def _input_gradient(self, padded_shape, grad):
        """The gradient of the input is a convolution too.

        Of what? Of the output's gradient, spread out by the stride and framed with k - 1 zeros. With what? With the
        kernel turned by half a circle, its channels and filters swapped (Dumoulin and Visin, 2016, section 4).
        """
        count, height, width, channels = padded_shape
        k, s = self.kernel_size, self.stride
        kernel = self.weights.value[::-1, ::-1].swapaxes(2, 3).reshape(-1, channels)  # (k·k·F, C)
        bottom, right = k - 1 + s * grad.shape[1], k - 1 + s * grad.shape[2]
        x_grad = np.empty(padded_shape, grad.dtype)
        pictures = min(count, _pictures_at_once(height * width * len(kernel) * grad.itemsize))
        framed = np.zeros((pictures, height + k - 1, width + k - 1, grad.shape[3]), grad.dtype)
        inside, windows = framed[:, k - 1 : bottom : s, k - 1 : right : s], _windows(framed, k, 1)
        for start in range(0, count, pictures):
            piece = grad[start : start + pictures]
            inside[: len(piece)] = piece  # the frame and the gaps stay zero
            [(_, columns)] = _columns(windows[: len(piece)])
            np.matmul(columns, kernel, out=x_grad[start : start + pictures].reshape(-1, channels))
        (top, below), (left, beside) = self._frames
        return x_grad[:, top : height - below, left : width - beside]

    def __repr__(self):
        _, _, channels, filters = self.weights.value.shape
        k, more = self.kernel_size, "" if self.stride == 1 else f", stride {self.stride}"
        return f"Conv2D({channels} -> {filters}, {k}x{k}, {self.padding}{more})"


def _windows(x, kernel_size, stride):
    """Every window of every picture, as a view: (N, H, W, C) gives (N, OH, OW, k, k, C)."""
    view = sliding_window_view(x, (kernel_size, kernel_size), axis=(1, 2))
    return view[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)


def _pictures_at_once(bytes_of_one):
    return max(1, CACHE_BYTES // bytes_of_one)


def _columns(windows):
    """Copy every window out into a row of its own (im2col), for a few pictures at a time.

    Parameters
    ----------
    windows : float array, (N, OH, OW, k, k, C)

    Yields
    ------
    rows : slice
        Which pictures.
    columns : float array, (n·OH·OW, k·k·C)
        Overwritten by the next one.
    """
    pictures = min(len(windows), _pictures_at_once(windows[0].size * windows.itemsize))
    buffer = np.empty((pictures, *windows.shape[1:]), windows.dtype)
    for start in range(0, len(windows), pictures):
        rows = slice(start, min(start + pictures, len(windows)))
        copied = buffer[: rows.stop - rows.start]
        np.copyto(copied, windows[rows])
        yield rows, copied.reshape(-1, np.prod(windows.shape[3:]))


class MaxPool2D(Layer):
    """Keep the largest value of every block of s x s pixels; what does not fill a block is left out.

    Where values are equal the first one counts, as in TensorFlow.

    Parameters
    ----------
    size : int
        s, the height and width of a block, which is also the step to the next.
    """

    def __init__(self, size=2):
        _whole("MaxPool2D", "size", size)
        self.size = int(size)
        self._winner = None

    def config(self):
        return {"size": self.size}

    def output_shape(self, input_shape):
        _check_picture(self, input_shape)
        height, width, channels = input_shape
        if min(height, width) < self.size:
            raise ValueError(f"{self!r} has blocks larger than the picture {input_shape}: nothing would be left")
        return height // self.size, width // self.size, channels

    def _corners(self, x):
        """The s·s views of x that hold the first, second, … value of every block."""
        height, width = (size // self.size * self.size for size in x.shape[1:3])
        return [
            x[:, row : height : self.size, column : width : self.size]
            for row in range(self.size)
            for column in range(self.size)
        ]

    def forward(self, x, training=False, rng=None):
        first, *others = self._corners(x)
        out = first.copy()
        winner = np.zeros(out.shape, np.min_scalar_type(self.size**2)) if training else None
        for number, values in enumerate(others, start=1):
            if training:
                winner[values > out] = number
            np.maximum(out, values, out=out)
        self._winner, self._input_shape = winner, x.shape
        return out

    def backward(self, grad, input_grad=True):
        winner = self._remembered(self._winner)
        if not input_grad:
            return None
        x_grad = np.zeros(self._input_shape, grad.dtype)
        for number, values in enumerate(self._corners(x_grad)):
            np.multiply(grad, winner == number, out=values)
        return x_grad


class Flatten(Layer):
    """Turn a picture into a vector: (N, H, W, C) into (N, H·W·C)."""

    def __init__(self):
        self._input_shape = None

    def output_shape(self, input_shape):
        return (int(np.prod(input_shape)),)

    def forward(self, x, training=False, rng=None):
        self._input_shape = x.shape if training else None
        return x.reshape(len(x), -1)

    def backward(self, grad, input_grad=True):
        shape = self._remembered(self._input_shape)
        return grad.reshape(shape) if input_grad else None
