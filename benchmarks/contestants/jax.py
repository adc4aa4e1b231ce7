"""JAX: the whole epoch compiled into one program, `lax.scan` over the batches."""

from functools import partial

import jax
import jax.numpy as jnp

from helpers import Dense


def logits(network, weights, x):
    """What the network computes, with JAX's arrays."""
    for layer, mine in zip(network.layers, weights):
        x = x @ mine[0] + mine[1] if isinstance(layer, Dense) else jax.nn.relu(x)
    return x


class Contestant:
    def __init__(self, workload):
        if workload.kind == "convnet":
            raise NotImplementedError("XLA's convolutions take seconds a batch inside lax.scan on a CPU")
        self.workload, self.network = workload, workload.network()
        train, test = workload.parts()
        self.x, self.labels = jnp.array(train.inputs(self.network.input_shape)), jnp.array(train.labels)
        self.test = jnp.array(test.inputs(self.network.input_shape)), jnp.array(test.labels)
        self.key = jax.random.key(0)
        self.restart()

    def restart(self):
        weights = [[jnp.array(parameter.value) for parameter in layer.parameters()] for layer in self.network.layers]
        cut = self.network.first_trainable
        self.frozen, trained = weights[:cut], weights[cut:]
        zeros = jax.tree.map(jnp.zeros_like, trained)
        self.state = trained, zeros, jax.tree.map(jnp.zeros_like, trained), jnp.float32(0)

    @partial(jax.jit, static_argnums=0, donate_argnums=1)
    def epoch(self, state, x, labels, key):
        def loss(trained, rows):
            log_p = jax.nn.log_softmax(logits(self.network, [*self.frozen, *trained], x[rows]))
            right = jnp.sum(log_p.argmax(axis=1) == labels[rows])
            return -jnp.mean(jnp.take_along_axis(log_p, labels[rows, None], axis=1)), right

        def step(state, rows):
            weights, m, v, t = state
            (value, right), grad = jax.value_and_grad(loss, has_aux=True)(weights, rows)
            t += 1
            rate = 1e-3 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
            m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, grad)
            v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, grad)
            weights = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), weights, m, v)
            return (weights, m, v, t), (value, right)  # ours and Keras keep count too

        size = self.workload.batch_size
        steps, left_over = divmod(len(labels), size)
        order = jax.random.permutation(key, len(labels))
        state, history = jax.lax.scan(step, state, order[: steps * size].reshape(steps, size))
        if left_over:
            state, _ = step(state, order[steps * size :])
        return state, history

    def run(self):
        if self.workload.kind == "head":
            self.restart()
        for _ in range(self.workload.epochs):
            self.key, key = jax.random.split(self.key)
            self.state, self.history = self.epoch(self.state, self.x, self.labels, key)
        jax.block_until_ready(self.state)

    def accuracy(self):
        x, labels = self.test
        found = logits(self.network, [*self.frozen, *self.state[0]], x).argmax(axis=1)
        return float(jnp.mean(found == labels))
