"""Every trick for speed, by name: what it buys, and what it is equal to.

Nothing here is needed to understand a network: the chapters build the plain form, and tests hold both equal.
"""

import copy

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from helpers.nn.layers import Dense, Parameter
from helpers.randomness import streams

BLOCK = 2**16  # numbers of each array that an optimizer works on at once: with Adam's four arrays a megabyte
BLANK_OUTPUTS = 200  # with fewer, a product takes no longer than picking the columns that are not blank
BLANK_SHARE = 0.2  # with fewer blank columns, picking the others costs more than it saves
SHARD = 32  # pictures: few enough for several cores, enough for matrix products of a good size
CACHE_BYTES = 2**21  # the windows of the pictures worked on at once take no more than this
LONG_ROW = 32  # a row of the kernel, k·C numbers, as long as this is worth a product of its own
SMALL_PRODUCT = 10**6  # multiplications up to which OpenBLAS spares itself a copy of both matrices


def blocks(*arrays):
    """Walk through arrays of one shape together, a block that fits the cache at a time.

    Yields
    ------
    list of views, one of each array
    """
    if not all(array.flags.c_contiguous for array in arrays):
        yield arrays
        return
    flat = [array.reshape(-1) for array in arrays]
    for start in range(0, flat[0].size, BLOCK):
        yield [array[start : start + BLOCK] for array in flat]


def column_sums(x):
    """`x.sum(axis=0)` of a long matrix as a product with ones: BLAS adds in blocks, which rounds less and is eight times as fast."""
    return np.ones(len(x), x.dtype) @ x


class Runner:
    """Works through batches as `Network.forward` and `Network.backward` do, only faster.

    Pictures are cut into shards, each on a thread of its own. The cuts depend on the length of the batch alone, and
    what the shards give is put together in their order: so any number of threads, one too, computes the same numbers to
    the last bit. A batch of vectors isn't cut, as smaller products slow one thread more than they help several; but
    the first Dense layer leaves out pixels that are blank in the whole batch.

    Parameters
    ----------
    network : Network
        Trained in place: its own parameters get the gradients of the whole batch.
    workers : Workers
    """

    def __init__(self, network, workers):
        self.network, self.workers, self.output_shapes = network, workers, network.output_shapes
        self._cuts = len(network.input_shape) == 3
        # A weight that is NaN or infinite must spoil the output, even under a blank pixel
        self._skips = isinstance(network.layers[0], Dense) and np.isfinite(network.values).all()
        self._room = np.empty((2, *network.layers[0].weights.value.shape), network.dtype) if self._skips else None
        self._shards = [network]  # the first shard goes through the network itself, the others through twins

    def forward(self, x, training=False, rng=None):
        """As `Network.forward`; in training each shard draws from a generator of its own, which `rng` decides."""
        self._count = -(-len(x) // SHARD) if self._cuts else 1
        if self._count > 1:
            return self._forward_in_shards(x, training, rng)
        self._used = used_columns(x, self.network.output_shapes[0]) if self._skips else None
        if self._used is None:
            return self.network.forward(x, training, rng)
        self._narrow = self._without_blanks()
        return self._narrow.forward(x.take(self._used, axis=1), training, rng)

    def backward(self, grad):
        """As `Network.backward`, for the batch of the last `forward`."""
        if self._count > 1:
            shards = self._shards[: self._count]
            self.workers.map(type(self.network).backward, shards, np.array_split(grad, self._count))
            for twin in shards[1:]:
                self.network.gradients += twin.gradients
        elif self._used is None:
            self.network.backward(grad)
        else:
            self._narrow.backward(grad)
            whole, narrow = self.network.layers[0], self._narrow.layers[0]
            if whole.trainable:
                whole.weights.grad = 0
                whole.weights.grad[self._used] = narrow.weights.grad

    def _without_blanks(self):
        """The network without its blank inputs: all but the first layer's weights are its very own."""
        first = copy.copy(self.network.layers[0])
        weights, grad = self._room[:, : len(self._used)]
        first.weights.value.take(self._used, axis=0, out=weights, mode="clip")  # "raise" would copy once more
        first.weights = Parameter("weights", weights, grad)
        layers = [first, *self.network.layers[1:]]
        return self.network.sharing(input_shape=(len(self._used),), layers=layers)

    def _forward_in_shards(self, x, training, rng):
        while len(self._shards) < self._count:
            self._shards.append(self.network.twin())

        def forward(network, piece, generator):
            return network.forward(piece, training, generator)

        generators = streams(rng, *map(str, range(self._count))) if rng else [None] * self._count
        pieces = self._shards[: self._count], np.array_split(x, self._count), generators
        return np.concatenate(self.workers.map(forward, *pieces))


def used_columns(x, output_shape):
    """The columns of x that are not zero in the whole batch, if leaving out the others is worth it.

    A pixel that is blank in every image of a batch multiplies its weights by zero, and gives them a gradient of
    zero. On MNIST that is a third of the pixels at 128 images.

    Parameters
    ----------
    x : float array, (N, D_in)
    output_shape : (D_out,)

    Returns
    -------
    int array, or None for all columns
    """
    if output_shape[0] < BLANK_OUTPUTS:
        return None
    used = np.flatnonzero((x != 0).any(axis=0))
    return used if len(used) < (1 - BLANK_SHARE) * x.shape[1] else None


def convolve(x, kernel, bias, stride, out):
    """Convolve framed pictures with a kernel, into `out`: what chapter 6 does with one product of all windows.

    Shapes as in `windows`.
    """
    for piece, rows in windows(x, kernel.shape, stride, out.shape):
        result = out[piece].reshape(*rows[0].shape[:3], -1)
        result[...] = bias
        for row, weights in zip(rows, kernel.reshape(len(rows), -1, out.shape[3])):
            result += np.matmul(row, weights)  # (M, k·C) @ (k·C, F)


def kernel_gradient(x, grad, stride, out):
    """The gradient of a convolution's kernel, into `out` (k, k, C, F): windows transposed times `grad` (N, OH, OW, F)."""
    out[...] = 0
    for piece, rows in windows(x, out.shape, stride, grad.shape):
        wanted = grad[piece].reshape(*rows[0].shape[:3], -1)
        for total, row in zip(out.reshape(len(rows), -1, grad.shape[3]), rows):
            total += np.matmul(row.swapaxes(2, 3), wanted).sum(axis=(0, 1))  # (k·C, M) @ (M, F)


def windows(x, kernel_shape, stride, output_shape):
    """Copy out what each row of a kernel looks at (im2col), for a few pictures at a time.

    A window is as wide as the kernel and one pixel high, so the windows of the next row of the kernel are those one
    pixel further down: one copy serves all rows. With few channels a row would make too small a product; then the
    window is as high as the kernel, and there is one "row" only.

    Parameters
    ----------
    x : float array, (N, H, W, C)
    kernel_shape : (k, k, C, F)
    stride : int
    output_shape : (N, OH, OW, F)

    Yields
    ------
    piece : slice
        Which pictures.
    rows : list of float array, (n, B, M, k·C)
        For each row of the kernel the windows of all B·M = OH·OW outputs, cut into B blocks of a size that BLAS does
        fastest. Overwritten by the next ones.
    """
    k, _, channels, _ = kernel_shape
    _, height, width, _ = output_shape
    high = _window_height(kernel_shape)
    view = sliding_window_view(x, (high, k), axis=(1, 2))[:, :, ::stride].transpose(0, 1, 2, 4, 5, 3)
    pictures = pictures_at_once(kernel_shape, x.shape, x.itemsize)
    buffer = np.empty((min(len(x), pictures), *view.shape[1:3], high * k * channels), x.dtype)
    multiplications = height * width * high * np.prod(kernel_shape[1:])
    in_blocks = next(
        b for b in range(1, height + 1) if b == height or (height % b == 0 and multiplications <= b * SMALL_PRODUCT)
    )
    for start in range(0, len(x), pictures):
        piece = slice(start, min(start + pictures, len(x)))
        copied = buffer[: piece.stop - start]
        np.copyto(copied.reshape(view[piece].shape), view[piece])
        rows = [copied[:, top::stride][:, :height] for top in range(0, k - high + 1)]
        yield piece, [row.reshape(len(row), in_blocks, -1, row.shape[3]) for row in rows]


def _window_height(kernel_shape):
    k, _, channels, _ = kernel_shape
    return 1 if k * channels >= LONG_ROW else k


def pictures_at_once(kernel_shape, picture_shape, itemsize):
    """How many pictures' windows fit into the cache; at least one."""
    k, _, channels, _ = kernel_shape
    window = _window_height(kernel_shape) * k * channels
    return max(1, int(CACHE_BYTES // (np.prod(picture_shape[1:3]) * window * itemsize)))
