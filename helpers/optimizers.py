"""SGD and Adam: they see parameters and gradients, never layers. The formulas are Keras's, step for step."""

import math

import numpy as np


class Optimizer:
    """What the optimizers have in common.

    Parameters
    ----------
    learning_rate : float
        The size of a step.
    """

    def __init__(self, learning_rate):
        if not 0 < learning_rate < float("inf"):
            raise ValueError(f"learning_rate must be a positive number, not {learning_rate!r}")
        self.learning_rate = learning_rate
        self.steps = 0
        self._state = {}

    def step(self, parameters, scale=1.0):
        """Change the parameters' values in place, once, by their gradients.

        Parameters
        ----------
        parameters : list of Parameter
        scale : float
            Multiplies the learning rate in this step; a schedule changes it over time.
        """
        self.steps += 1
        for parameter in parameters:
            if parameter not in self._state:
                self._state[parameter] = self._start(parameter)
            self._update(parameter, self.learning_rate * scale, *self._state[parameter])


class SGD(Optimizer):
    """Stochastic gradient descent with momentum m: v <- m·v - lr·g, then w <- w + v.

    Parameters
    ----------
    learning_rate : float
    momentum : float
        At least 0 (plain gradient descent) and below 1.
    """

    def __init__(self, learning_rate=0.01, momentum=0.0):
        super().__init__(learning_rate)
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must be at least 0 and below 1, not {momentum!r}")
        self.momentum = momentum

    def _start(self, parameter):
        return (np.zeros_like(parameter.value),)

    def _update(self, parameter, learning_rate, velocity):
        velocity *= self.momentum
        velocity -= learning_rate * parameter.grad
        parameter.value += velocity

    def __repr__(self):
        return f"SGD(learning_rate={self.learning_rate}, momentum={self.momentum})"


class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015, end of section 2): a step size of its own for every parameter.

    m <- b1·m + (1 - b1)·g,  v <- b2·v + (1 - b2)·g²,  w <- w - a·m / (√v + ε)
    with a = lr · √(1 - b2^t) / (1 - b1^t) at step t, and ε outside the bias correction, as in Keras.

    The code keeps m / (1 - b1) and v / (1 - b2) instead, and mends the difference in a and ε: the same numbers
    with fewer passes over memory.

    Parameters
    ----------
    learning_rate : float
    beta_1, beta_2 : float
        How slowly the means of the gradient and of its square forget.
    epsilon : float
    """

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        super().__init__(learning_rate)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def _start(self, parameter):
        value, root = parameter.value, math.sqrt(1 - self.beta_2)
        constants = [np.array(number, value.dtype) for number in (self.beta_1, self.beta_2, self.epsilon / root)]
        return np.zeros_like(value), np.zeros_like(value), np.empty_like(value), *constants

    def _update(self, parameter, learning_rate, m, v, scratch, beta_1, beta_2, epsilon):
        # Constants are arrays without axes: with Python's numbers each line would take half a microsecond longer.
        rate = learning_rate * math.sqrt(1 - self.beta_2**self.steps) / (1 - self.beta_1**self.steps)
        m *= beta_1
        m += parameter.grad
        v *= beta_2
        v += np.square(parameter.grad, out=scratch)
        np.sqrt(v, out=scratch)
        scratch += epsilon
        np.divide(m, scratch, out=scratch)
        scratch *= np.array(rate * (1 - self.beta_1) / math.sqrt(1 - self.beta_2), scratch.dtype)
        parameter.value -= scratch

    def __repr__(self):
        return f"Adam(learning_rate={self.learning_rate})"
