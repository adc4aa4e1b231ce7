"""JAX, compiled: a whole epoch at once, `lax.scan` over the batches; of a convnet, step by step.

On a CPU, XLA's convolutions take seconds a batch inside a scan, so of a convnet it is Python that loops.
"""

from functools import partial

import jax
import jax.numpy as jnp

from benchmarks.contestants import weights
from helpers import Conv2D, Dense, Dropout, Flatten, MaxPool2D


def logits(network, values, x, key=None):
    """What the network computes, with JAX's arrays; in training, a key decides what Dropout drops."""
    for layer, own in zip(network.layers, values):
        if isinstance(layer, Dense):
            x = x @ own[0] + own[1]
        elif isinstance(layer, Conv2D):
            layout = ("NHWC", "HWIO", "NHWC")
            x = jax.lax.conv_general_dilated(x, own[0], (1, 1), "VALID", dimension_numbers=layout) + own[1]
        elif isinstance(layer, MaxPool2D):
            window = (1, layer.size, layer.size, 1)
            x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, window, "VALID")
        elif isinstance(layer, Flatten):
            x = x.reshape(len(x), -1)
        elif isinstance(layer, Dropout):
            if key is not None:
                key, mine = jax.random.split(key)
                x = jnp.where(jax.random.bernoulli(mine, 1 - layer.rate, x.shape), x / (1 - layer.rate), 0)
        else:
            x = jax.nn.relu(x)
    return x


class Contestant:
    def __init__(self, workload):
        self.workload, self.network = workload, workload.network()
        train, test = workload.parts()
        self.x, self.labels = jnp.array(train.inputs(self.network.input_shape)), jnp.array(train.labels)
        self.test = jnp.array(test.inputs(self.network.input_shape)), jnp.array(test.labels)
        self.train_epoch = self.in_steps if workload.kind == "convnet" else self.in_one_piece
        self.key = jax.random.key(0)
        self.restart()

    def restart(self):
        values = jax.tree.map(jnp.array, weights(self.network))
        cut = [layer.trainable and bool(own) for layer, own in zip(self.network.layers, values)].index(True)
        self.frozen, trained = values[:cut], values[cut:]
        zeros = jax.tree.map(jnp.zeros_like, trained)
        self.state = trained, zeros, jax.tree.map(jnp.zeros_like, trained), jnp.float32(0)

    @partial(jax.jit, static_argnums=0, donate_argnums=1)
    def step(self, state, x, labels, rows, key=None):
        def loss(trained):
            log_p = jax.nn.log_softmax(logits(self.network, [*self.frozen, *trained], x[rows], key))
            right = jnp.sum(log_p.argmax(axis=1) == labels[rows])  # ours and Keras keep count too
            return -jnp.mean(jnp.take_along_axis(log_p, labels[rows, None], axis=1)), right

        trained, m, v, t = state
        progress, grad = jax.value_and_grad(loss, has_aux=True)(trained)
        t += 1
        rate = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, grad)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, grad)
        trained = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), trained, m, v)
        return (trained, m, v, t), progress

    @partial(jax.jit, static_argnums=0, donate_argnums=1)
    def in_one_piece(self, state, x, labels, key):
        size = self.workload.batch_size
        steps, left_over = divmod(len(labels), size)
        order = jax.random.permutation(key, len(labels))
        batches = order[: steps * size].reshape(steps, size)
        state, history = jax.lax.scan(lambda state, rows: self.step(state, x, labels, rows), state, batches)
        if left_over:
            state, _ = self.step(state, x, labels, order[steps * size :])
        return state, history

    def in_steps(self, state, x, labels, key):
        size, history = self.workload.batch_size, []
        order = jax.random.permutation(key, len(labels))
        for start in range(0, len(labels), size):
            rows = order[start : start + size]
            state, progress = self.step(state, x, labels, rows, jax.random.fold_in(key, start))
            history.append(progress)
        return state, history

    def run(self):
        if self.workload.kind == "head":
            self.restart()
        for _ in range(self.workload.epochs):
            self.key, key = jax.random.split(self.key)
            self.state, self.history = self.train_epoch(self.state, self.x, self.labels, key)
        jax.block_until_ready(self.state)

    def accuracy(self):
        x, labels = self.test
        values = [*self.frozen, *self.state[0]]
        pieces = [logits(self.network, values, x[i : i + 1000]).argmax(axis=1) for i in range(0, len(x), 1000)]
        return float(jnp.mean(jnp.concatenate(pieces) == labels))
