"""SGD and Adam: they see parameters and gradients, never layers. The formulas are Keras's, step for step."""

import math
import weakref

import numpy as np


class Optimizer:
    """What the optimizers have in common: the learning rate, and what they remember of each parameter.

    Parameters
    ----------
    learning_rate : float
        The size of a step.

    Attributes
    ----------
    steps : int
        How many steps were taken.
    """

    # Most parameters are small, and a call of NumPy costs more than the arithmetic on them. So the arrays that an
    # optimizer remembers (velocities, say) are flat: one array for all parameters, changed by one call. Each parameter
    # has its place there, a view in its own shape.

    def __init__(self, learning_rate):
        if not 0 < learning_rate < float("inf"):
            raise ValueError(f"learning_rate must be a positive number, not {learning_rate!r}")
        self.learning_rate = learning_rate
        self.forget()

    def forget(self):
        """Start afresh: as if no step had been taken."""
        self.steps = 0
        self._places = weakref.WeakKeyDictionary()  # by parameter; a network that nobody else knows may go
        self._current, self._current_places = [], []  # the parameters of the last step, known weakly too
        self._flat = []

    def step(self, parameters, scale=1.0):
        """Change the parameters' values in place, once, by their gradients.

        Parameters
        ----------
        parameters : list of Parameter
        scale : float
            Multiplies the learning rate in this step; a schedule changes it over time.
        """
        self.steps += 1
        if not self._flat or [parameter() for parameter in self._current] != parameters:
            self._lay_out(parameters)
        for place in self._current_places:
            place.steps += 1
        self._update(parameters, self._current_places, self.learning_rate * scale)

    def _lay_out(self, parameters):
        """Make flat arrays with a place for each of these parameters; what is remembered of them comes along."""
        ends = np.cumsum([parameter.value.size for parameter in parameters], dtype=int)
        dtype = np.result_type(*(parameter.value for parameter in parameters)) if parameters else float
        self._flat = [np.zeros(ends[-1] if parameters else 0, dtype) for _ in range(self.arrays)]
        for parameter, end in zip(parameters, ends):
            size, shape = parameter.value.size, parameter.value.shape
            place = Place([flat[end - size : end].reshape(shape) for flat in self._flat])
            if parameter in self._places:
                place.take_over(self._places[parameter])
            self._places[parameter] = place
        self._current = [weakref.ref(parameter) for parameter in parameters]
        self._current_places = [self._places[parameter] for parameter in parameters]

    def __getstate__(self):
        """For copies: everything remembered, in arrays of their own."""
        settings = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        places = [
            (parameter, [view.copy() for view in place.views], place.steps) for parameter, place in self._places.items()
        ]
        return settings, places

    def __setstate__(self, state):
        settings, places = state
        self.forget()
        vars(self).update(settings)
        for parameter, views, steps in places:
            self._places[parameter] = Place(views, steps)


class Place:
    """What an optimizer remembers of one parameter.

    Attributes
    ----------
    views : list of float array, shape of the parameter
        Its parts of the optimizer's flat arrays.
    steps : int
        How many steps this parameter has taken.
    """

    def __init__(self, views, steps=0):
        self.views, self.steps = views, steps

    def take_over(self, other):
        """Remember what another place does."""
        for view, before in zip(self.views, other.views):
            view[...] = before
        self.steps = other.steps


class SGD(Optimizer):
    """Stochastic gradient descent with momentum m: v <- m·v - lr·g, then w <- w + v.

    Parameters
    ----------
    learning_rate : float
    momentum : float
        At least 0 (plain gradient descent) and below 1.
    """

    arrays = 1  # v, the velocities

    def __init__(self, learning_rate=0.01, momentum=0.0):
        super().__init__(learning_rate)
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must be at least 0 and below 1, not {momentum!r}")
        self.momentum = momentum

    def _update(self, parameters, places, learning_rate):
        [velocities] = self._flat
        velocities *= self.momentum  # m·v, of all parameters at once
        for parameter, place in zip(parameters, places):
            [velocity] = place.views
            velocity -= learning_rate * parameter.grad
            parameter.value += velocity

    def __repr__(self):
        return f"SGD(learning_rate={self.learning_rate}, momentum={self.momentum})"


class Adam(Optimizer):
    """Adam (Kingma and Ba, 2015, end of section 2): a step size of its own for every parameter.

    m <- b1·m + (1 - b1)·g,  v <- b2·v + (1 - b2)·g²,  w <- w - a·m / (√v + ε)
    with a = lr · √(1 - b2^t) / (1 - b1^t) at the parameter's step t, and ε outside the bias correction, as in Keras.

    The code keeps m / (1 - b1) and v / (1 - b2) instead, which spares two passes over memory: the factors meet again in
    the last line.

    Parameters
    ----------
    learning_rate : float
    beta_1, beta_2 : float
        How slowly the means of the gradient and of its square forget.
    epsilon : float
    """

    arrays = 3  # m, v, and the change that is made of them

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        super().__init__(learning_rate)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def _update(self, parameters, places, learning_rate):
        m, v, change = self._flat
        root = math.sqrt(1 - self.beta_2)
        m *= self.beta_1
        v *= self.beta_2
        for parameter, place in zip(parameters, places):
            its_m, _, its_change = place.views
            its_m += parameter.grad  # m <- b1·m + g
            np.square(parameter.grad, out=its_change)
        v += change  # v <- b2·v + g²

        np.sqrt(v, out=change)
        change += self.epsilon / root
        np.divide(m, change, out=change)
        for parameter, place in zip(parameters, places):
            a = learning_rate * math.sqrt(1 - self.beta_2**place.steps) / (1 - self.beta_1**place.steps)
            its_change = place.views[2]
            its_change *= a * (1 - self.beta_1) / root
            parameter.value -= its_change  # w <- w - a·(1 - b1)/√(1 - b2) · m / (√v + ε/√(1 - b2))

    def __repr__(self):
        return f"Adam(learning_rate={self.learning_rate})"
