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
        self._parameters, self._flats, self._views = None, [], {}

    def step(self, parameters, scale=1.0):
        """Change the parameters' values in place, once, by their gradients.

        Parameters
        ----------
        parameters : list of Parameter
        scale : float
            Multiplies the learning rate in this step; a schedule changes it over time.
        """
        self.steps += 1
        if parameters != self._parameters:
            self._lay_out(parameters)
        self._update(self.learning_rate * scale)

    def __getstate__(self):
        """For copies: their arrays are laid out anew at their first step, as a copied view is a view no longer."""
        return {**vars(self), "_parameters": None, "_views": dict(self._views)}

    def _lay_out(self, parameters):
        """Give each parameter its place in flat arrays that hold what the optimizer remembers of all of them.

        Most parameters are small, and a call of NumPy costs more than the arithmetic on them: one call for all saves
        that. `_flats` has those arrays, `_views` the part of each that belongs to a parameter, in its shape. What a
        parameter had before comes along.
        """
        ends = np.cumsum([parameter.value.size for parameter in parameters], dtype=int)
        dtype = np.result_type(*(parameter.value for parameter in parameters)) if parameters else float
        self._flats = [np.zeros(ends[-1] if parameters else 0, dtype) for _ in range(self.arrays)]
        for parameter, end in zip(parameters, ends):
            value = parameter.value
            views = [flat[end - value.size : end].reshape(value.shape) for flat in self._flats]
            for view, before in zip(views, self._views.get(parameter, [])):
                view[...] = before
            self._views[parameter] = views
        self._parameters = list(parameters)


class SGD(Optimizer):
    """Stochastic gradient descent with momentum m: v <- m·v - lr·g, then w <- w + v.

    Parameters
    ----------
    learning_rate : float
    momentum : float
        At least 0 (plain gradient descent) and below 1.
    """

    arrays = 1  # the velocities

    def __init__(self, learning_rate=0.01, momentum=0.0):
        super().__init__(learning_rate)
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must be at least 0 and below 1, not {momentum!r}")
        self.momentum = momentum

    def _update(self, learning_rate):
        [velocities] = self._flats
        velocities *= self.momentum
        for parameter in self._parameters:
            [velocity] = self._views[parameter]
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

    arrays = 3  # m, v and a place to compute in

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        super().__init__(learning_rate)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def _update(self, learning_rate):
        m, v, scratch = self._flats
        rate = learning_rate * math.sqrt(1 - self.beta_2**self.steps) / (1 - self.beta_1**self.steps)
        root = math.sqrt(1 - self.beta_2)
        m *= self.beta_1
        v *= self.beta_2
        for parameter in self._parameters:
            its_m, _, its_scratch = self._views[parameter]
            its_m += parameter.grad
            np.square(parameter.grad, out=its_scratch)
        v += scratch
        np.sqrt(v, out=scratch)
        scratch += self.epsilon / root
        np.divide(m, scratch, out=scratch)
        scratch *= rate * (1 - self.beta_1) / root
        for parameter in self._parameters:
            parameter.value -= self._views[parameter][2]

    def __repr__(self):
        return f"Adam(learning_rate={self.learning_rate})"
