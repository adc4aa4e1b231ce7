"""All matrix products of a run, and nothing else; blank pixels are multiplied too, which ours need not do."""

import numpy as np

from benchmarks.contestants import weights

PICTURES = 4  # of a convolution, multiplied at once: more would not fit into the cache


class Contestant:
    def __init__(self, workload):
        count, self.batch_size = len(workload.parts()[0]), workload.batch_size
        network = workload.network()
        batches = -(-count // self.batch_size)
        self.training, self.steps = [], batches * workload.epochs
        self.once, self.once_steps = [], batches  # of frozen layers: once for every image, not in every epoch
        for layer, output, values in zip(network.layers, network.output_shapes, weights(network)):
            if values:
                matrix = values[0].reshape(-1, values[0].shape[-1])
                if not layer.trainable:
                    self.once.append(self.product(matrix, output))
                    continue
                below_is_trained = bool(self.training)
                self.training += [self.product(matrix, output), self.product(matrix, output, "weights")]
                if below_is_trained:
                    self.training.append(self.product(matrix, output, "input"))

    def product(self, matrix, output, gradient_of=None):
        """The operands of one product and how often it is done in a step."""
        pictures = PICTURES if len(output) == 3 else self.batch_size
        rows = pictures * int(np.prod(output[:-1]))  # a convolution is a product with a row for every pixel
        x = np.random.default_rng(0).random((rows, matrix.shape[0]), dtype=np.float32)
        grad = np.random.default_rng(1).random((rows, matrix.shape[1]), dtype=np.float32)
        left, right = {None: (x, matrix), "weights": (x.T, grad), "input": (grad, matrix.T)}[gradient_of]
        return left, right, np.empty((left.shape[0], right.shape[1]), np.float32), self.batch_size // pictures

    def run(self):
        for products, steps in ((self.once, self.once_steps), (self.training, self.steps)):
            for _ in range(steps):
                for left, right, out, times in products:
                    for _ in range(times):
                        np.matmul(left, right, out=out)

    def accuracy(self):
        return None
