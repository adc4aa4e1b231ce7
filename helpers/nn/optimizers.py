"""SGD and Adam: they see parameters and gradients, never layers. The formulas are Keras's, step for step."""

import math

import numpy as np

from helpers.nn.fast import blocks


class Optimizer:
    """What the optimizers have in common: the learning rate, and what they remember of each parameter.

    An optimizer belongs to one training: given other parameters than in its last step, it starts afresh. `fit` gives it
    `network.stretches()`: a few long arrays in which weights and biases can't be told apart.

    Parameters
    ----------
    learning_rate : float
        The size of a step.

    Attributes
    ----------
    steps : int
        How many steps were taken.
    """

    def __init__(self, learning_rate):
        if not 0 < learning_rate < float("inf"):
            raise ValueError(f"learning_rate must be a positive number, not {learning_rate!r}")
        self.learning_rate = learning_rate
        self.forget()

    def forget(self):
        """Start afresh: as if no step had been taken."""
        self.steps, self._known, self._work = 0, [], []

    def step(self, parameters, scale=1.0):
        """Change the parameters' values in place, once, by their gradients.

        Parameters
        ----------
        parameters : list of Parameter
            One for each array: `network.parameters()`, or the few long ones of `network.stretches()`.
        scale : float
            Multiplies the learning rate in this step; a schedule changes it over time.
        """
        arrays = [array for parameter in parameters for array in (parameter.value, parameter.grad)]
        if not _same_arrays(arrays, self._known):
            self.forget()
            self._known = arrays
            for parameter in parameters:
                memory = [np.zeros_like(parameter.value) for _ in range(self.means)]
                self._work += blocks(parameter.value, parameter.grad, *memory)
        self.steps += 1
        for block in self._work:
            self._update(*block, self.learning_rate * scale)


def _same_arrays(some, others):
    """Whether two lists name the same numbers in memory; arrays made anew for each call may be views of them."""
    return len(some) == len(others) and all(
        one is other or (one.size == other.size and np.may_share_memory(one, other)) for one, other in zip(some, others)
    )


class SGD(Optimizer):
    """Stochastic gradient descent with momentum m: v <- m·v - lr·g, then w <- w + v.

    Parameters
    ----------
    learning_rate : float
    momentum : float
        At least 0 (plain gradient descent) and below 1.
    """

    means = 1  # v, the velocity

    def __init__(self, learning_rate=0.01, momentum=0.0):
        super().__init__(learning_rate)
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must be at least 0 and below 1, not {momentum!r}")
        self.momentum = momentum

    def _update(self, w, g, v, rate):
        v *= self.momentum
        v -= rate * g
        w += v

    def __repr__(self):
        return f"SGD(learning_rate={self.learning_rate}, momentum={self.momentum})"


class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015, end of section 2): a step size of its own for every number.

    m <- b1·m + (1 - b1)·g,  v <- b2·v + (1 - b2)·g²,  w <- w - a·m / (√v + ε)
    with a = lr · √(1 - b2^t) / (1 - b1^t) at step t, and ε outside the bias correction, as in Keras.

    Parameters
    ----------
    learning_rate : float
    beta_1, beta_2 : float
        How slowly the means of the gradient and of its square forget.
    epsilon : float
    """

    means = 2  # m and v

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        super().__init__(learning_rate)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def _update(self, w, g, m, v, rate):
        a = rate * math.sqrt(1 - self.beta_2**self.steps) / (1 - self.beta_1**self.steps)
        m *= self.beta_1
        m += (1 - self.beta_1) * g
        v *= self.beta_2
        v += (1 - self.beta_2) * np.square(g)
        step = np.sqrt(v)  # from here in place: a · m / (√v + ε)
        step += self.epsilon
        np.divide(m, step, out=step)
        step *= a
        w -= step

    def __repr__(self):
        return f"Adam(learning_rate={self.learning_rate})"
