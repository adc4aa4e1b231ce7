"""The zoo, an appendix to chapter 2: twelve broken networks, and the reader writes the checks that catch them."""

import numpy as np


class TinyNetwork:
    """The network of chapter 2, right in every line; each bug below breaks one thing in it.

    `params` is a dict of "W1" (D, H), "b1" (H,), "W2" (H, K) and "b2" (K,).
    """

    def new_network(self, D, H, K, seed):
        """Weights to start from."""
        rng = np.random.default_rng(seed)
        W1 = rng.normal(0, np.sqrt(2 / D), (D, H))
        W2 = rng.normal(0, np.sqrt(2 / H), (H, K))
        return {"W1": W1, "b1": np.zeros(H), "W2": W2, "b2": np.zeros(K)}

    def relu(self, z):
        """The bend."""
        return np.maximum(z, 0)

    def forward(self, params, x):
        """z1 (N, H), a1 (N, H) and the logits z2 (N, K) of a batch x (N, D)."""
        z1 = x @ params["W1"] + params["b1"]
        a1 = self.relu(z1)
        return z1, a1, a1 @ params["W2"] + params["b2"]

    def softmax(self, z):
        """Probabilities (N, K) from logits (N, K)."""
        exps = np.exp(z - z.max(axis=1, keepdims=True))
        return exps / exps.sum(axis=1, keepdims=True)

    def cross_entropy(self, z, y):
        """The loss, one number, of logits (N, K) with labels (N,)."""
        z = z - z.max(axis=1, keepdims=True)
        return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y])

    def loss_gradient(self, z, y):
        """The slopes (N, K) of the loss along the logits."""
        delta = self.softmax(z)
        delta[np.arange(len(y)), y] -= 1
        return delta / len(y)

    def dense_backward(self, a, W, delta):
        """The slopes along W, b and a."""
        return a.T @ delta, delta.sum(axis=0), delta @ W.T

    def relu_backward(self, z, grad):
        """The slopes along z (N, H)."""
        return grad * (z > 0)

    def backward(self, params, x, y):
        """The gradient: a dict like `params`."""
        z1, a1, z2 = self.forward(params, x)
        dW2, db2, da1 = self.dense_backward(a1, params["W2"], self.loss_gradient(z2, y))
        dW1, db1, _ = self.dense_backward(x, params["W1"], self.relu_backward(z1, da1))
        return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}

    def descend(self, params, grads, learning_rate):
        """New parameters, one step downhill; the old ones stay as they are."""
        return {name: values - learning_rate * grads[name] for name, values in params.items()}


# The bugs. `trace` is the clue to one that got away.


class OneMaximum(TinyNetwork):
    name = "softmax with one maximum for the whole batch"
    trace = "All is well until one image in the batch has much larger logits than another."

    def softmax(self, z):
        exps = np.exp(z - z.max())
        with np.errstate(invalid="ignore"):
            return exps / exps.sum(axis=1, keepdims=True)


class WrongAxis(TinyNetwork):
    name = "softmax down the columns"
    trace = "What it calls probabilities don't add up to one."

    def softmax(self, z):
        exps = np.exp(z - z.max(axis=0))
        return exps / exps.sum(axis=0)


class LogOfZero(TinyNetwork):
    name = "the logarithm of a probability that was rounded to zero"
    trace = "It breaks down when it's sure and wrong."

    def cross_entropy(self, z, y):
        with np.errstate(divide="ignore"):
            return -np.log(self.softmax(z)[np.arange(len(y)), y]).mean()


class OverClasses(TinyNetwork):
    name = "divided by the classes, in the loss too"
    trace = "Loss and gradient agree with each other, and both are wrong."

    def cross_entropy(self, z, y):
        return super().cross_entropy(z, y) * len(y) / z.shape[1]

    def loss_gradient(self, z, y):
        return super().loss_gradient(z, y) * len(y) / z.shape[1]


class SumOfImages(TinyNetwork):
    name = "a gradient that is not divided by the batch"
    trace = "The loss is right. The larger the batch, the longer the steps."

    def loss_gradient(self, z, y):
        return super().loss_gradient(z, y) * len(y)


class MeanBias(TinyNetwork):
    name = "bias gradients averaged, not summed"
    trace = "Most of its gradients are right."

    def dense_backward(self, a, W, delta):
        return a.T @ delta, delta.mean(axis=0), delta @ W.T


class NoMask(TinyNetwork):
    name = "backward without the mask of ReLU"
    trace = "It learns, just a little worse."

    def relu_backward(self, z, grad):
        return grad


class NoBend(NoMask):
    name = "no ReLU at all"
    trace = "Every gradient is right. It is two layers in name only."

    def relu(self, z):
        return z


class Accumulating(TinyNetwork):
    name = "gradients that accumulate"
    trace = "The first call is perfect."

    def __init__(self):
        self.total = {}

    def backward(self, params, x, y):
        for name, grad in super().backward(params, x, y).items():
            self.total[name] = self.total.get(name, 0) + grad
        return dict(self.total)


class InPlace(TinyNetwork):
    name = "a step that overwrites the old parameters"
    trace = "Look back at the start of training, and it is gone."

    def descend(self, params, grads, learning_rate):
        for name, values in params.items():
            values -= learning_rate * grads[name]
        return params


class Uphill(TinyNetwork):
    name = "a step in the wrong direction"
    trace = "Every gradient is right, and the loss still does not fall."

    def descend(self, params, grads, learning_rate):
        return super().descend(params, grads, -learning_rate)


class EqualUnits(TinyNetwork):
    name = "all weights equal at the start"
    trace = "Everything is computed right, and yet many units do the work of one."

    def new_network(self, D, H, K, seed):
        return {name: np.full_like(values, 0.1) for name, values in super().new_network(D, H, K, seed).items()}


BUGS = (OneMaximum, WrongAxis, LogOfZero, OverClasses, SumOfImages, MeanBias)
BUGS += (NoMask, NoBend, Accumulating, InPlace, Uphill, EqualUnits)


def false_alarm(checks):
    """What is wrong with checks that reject the right network.

    Parameters
    ----------
    checks : sequence of functions
        Each takes a network and returns whether it looks right; raising an error also rejects it.

    Returns
    -------
    str
        A sentence about the first such check; empty if there is none.
    """
    for check in checks:
        problem = _rejects(check, TinyNetwork())
        if problem:
            return f"{check.__name__} rejects the right network too: it {problem}"
    return ""


def caught_by(checks):
    """Which check catches which bug.

    Parameters
    ----------
    checks : sequence of functions
        As for `false_alarm`.

    Returns
    -------
    dict of class to str
        For each bug that is caught the name of the first check that rejects it. Empty if a check rejects the right
        network: rejecting everything finds nothing.
    """
    if false_alarm(checks):
        return {}
    caught = {}
    for bug in BUGS:
        names = (check.__name__ for check in checks if _rejects(check, bug()))
        if (first := next(names, None)) is not None:
            caught[bug] = first
    return caught


def play(*checks):
    """Let the checks loose on the twelve bugs, and print the score.

    Parameters
    ----------
    *checks : functions
        As for `false_alarm`.
    """
    alarm = false_alarm(checks)
    if alarm:
        print(f"0 of {len(BUGS)} caught. {alarm}. A check must let the right network pass.")
        return
    caught = caught_by(checks)
    print(f"{len(caught)} of {len(BUGS)} caught")
    for bug, name in caught.items():
        print(f"  {bug.name:<58}{name}")
    if len(caught) < len(BUGS):
        print("Still at large; one clue each:")
    for bug in BUGS:
        if bug not in caught:
            print(f"  - {bug.trace}")


def _rejects(check, network):
    """How a check rejects a network, or nothing if it accepts it."""
    try:
        verdict = check(network)
    except Exception as error:  # a bug may make a check stumble anywhere, and that gives it away as well
        return f"raised {type(error).__name__}: {error}".rstrip(": ")
    if not isinstance(verdict, (bool, np.bool_)):
        return f"returned {verdict!r}, not True or False"
    return "" if verdict else "returned False"
