"""All matrix products of a run, and nothing else; blank pixels are multiplied too, which ours need not do."""

import numpy as np

from helpers import Conv2D, Dense

PICTURES = 4  # of a convolution, multiplied at once: more would not fit into the cache


class Contestant:
    def __init__(self, workload):
        count, self.batch_size = len(workload.parts()[0]), workload.batch_size
        network = workload.network()
        first = network.first_trainable
        self.steps = -(-count // self.batch_size) * workload.epochs
        forward, training = [], []
        shapes = [network.input_shape, *network.output_shapes]
        for index, (layer, output) in enumerate(zip(network.layers, shapes[1:])):
            if isinstance(layer, (Dense, Conv2D)):
                training.append(self.product(layer, output))
                if index >= first:
                    training.append(self.product(layer, output, "weights"))
                if index > first:
                    training.append(self.product(layer, output, "input"))
                elif index < first:
                    forward.append(training.pop())  # of frozen layers: once for every image, not in every epoch
        self.training = training
        self.once = forward
        self.once_steps = -(-count // self.batch_size) if forward else 0

    def product(self, layer, output, gradient_of=None):
        """The operands of one product and how often it is done in a step."""
        weights = layer.weights.value.reshape(-1, layer.weights.value.shape[-1])
        pictures = PICTURES if len(output) == 3 else self.batch_size
        rows = pictures * int(np.prod(output[:-1]))  # a convolution is a product with a row for every pixel
        x = np.random.default_rng(0).random((rows, weights.shape[0]), dtype=np.float32)
        grad = np.random.default_rng(1).random((rows, weights.shape[1]), dtype=np.float32)
        left, right = {None: (x, weights), "weights": (x.T, grad), "input": (grad, weights.T)}[gradient_of]
        return left, right, np.empty((left.shape[0], right.shape[1]), np.float32), self.batch_size // pictures

    def run(self):
        for products, steps in ((self.once, self.once_steps), (self.training, self.steps)):
            for _ in range(steps):
                for left, right, out, times in products:
                    for _ in range(times):
                        np.matmul(left, right, out=out)

    def accuracy(self):
        return None
