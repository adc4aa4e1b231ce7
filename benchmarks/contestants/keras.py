"""Keras: `compile` and `fit`, with the accuracy as metric, as in its own examples."""

import keras
import tensorflow as tf

from helpers.checks.keras_bridge import to_keras


class Contestant:
    def __init__(self, workload):
        self.workload, network = workload, workload.network()
        train, test = workload.parts()
        self.x, self.labels = train.inputs(network.input_shape), train.labels
        self.test = test.inputs(network.input_shape), test.labels
        self.model = to_keras(network)
        self.model.compile(
            keras.optimizers.Adam(), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
        )
        self.start = [weights.copy() for weights in self.model.get_weights()]

    def run(self):
        if self.workload.kind == "head":
            self.model.set_weights(self.start)
            steps, _, *memory = self.model.optimizer.variables  # the second one is the learning rate
            for variable in (steps, *memory):
                variable.assign(tf.zeros_like(variable))
        self.model.fit(self.x, self.labels, batch_size=self.workload.batch_size, epochs=self.workload.epochs, verbose=0)

    def accuracy(self):
        return float(self.model.evaluate(*self.test, batch_size=1000, verbose=0)[1])
