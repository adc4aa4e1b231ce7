"""Learners that take their steps a few at a time, so that the page can show them side by side, and stop them."""

import numpy as np

from helpers import Adam, evaluate, fit
from helpers.randomness import streams
from helpers.transfer.strategies import STRATEGIES

TAUGHT = "scratch", "random", "frozen", "fine-tune"  # side by side, in this order
CHUNK = 5  # steps at a time
FRAMES = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 22, 26, 30, 35, 40, 50, 60, 70, 85, 100, 120, 150, 180, 220, 260, 300)


class Learner:
    """A network that learns some drawings by one of the strategies of `helpers.transfer.strategies`.

    All drawings are one batch, so a training that goes on in several calls of `fit`, with one optimizer, is the same
    as one long call, up to the order in which the drawings are added up.

    Parameters
    ----------
    strategy : str
        One of `TAUGHT`.
    source : Network
    part : Part
    seed, steps : int
    upto : str, optional
        The last frozen layer, for the strategies that freeze.
    rate : float
        Adam's learning rate.
    keep : tuple of int
        The steps after which a copy of the network is kept; 0 is the source itself.
    """

    def __init__(self, strategy, source, part, *, seed, steps, upto=None, rate=1e-3, keep=()):
        self.strategy, self.seed, self.steps = strategy, seed, steps
        self.losses, self.network = [], None
        self.kept = {0: source} if 0 in keep else {}
        self._source, self._part, self._keep, self._optimizer = source, part, keep, Adam(rate)
        self._cut = STRATEGIES[strategy].cut_at(upto)
        [self._later] = streams(seed, "later steps")

    @property
    def done(self):
        return len(self.losses) >= self.steps

    def advance(self):
        """Take the next `CHUNK` steps."""
        options = {
            "steps": min(CHUNK, self.steps - len(self.losses)),
            "batch_size": len(self._part),
            "optimizer": self._optimizer,
            "watch": self._watch,
            "threads": 1,
            "progress": False,
        }
        if self.network is None:
            strategy = STRATEGIES[self.strategy].function
            self.network, _ = strategy(self._source, self._part, seed=self.seed, **self._cut, **options)
        else:
            fit(self.network, self._part, seed=self._later, **options)

    def _watch(self, step, loss, network):
        self.losses.append(float(loss))
        if len(self.losses) in self._keep:
            self.kept[len(self.losses)] = network.copy()

    def beliefs(self, part):
        """The probabilities of each class, (N, K)."""
        return evaluate(self.network, part, threads=1).probabilities


class NearestMean:
    """Takes a drawing for the symbol whose mean is nearest, among the features of the source's frozen layers.

    Parameters
    ----------
    source : Network
    part : Part
    upto : str
        The layer whose features count, after its ReLU.
    """

    def __init__(self, source, part, upto):
        self.symbols = part.classes
        self._body, _ = source.copy().freeze(upto=upto.replace("hidden", "relu")).cut()
        features = self._features(part)
        self._means = np.stack([features[part.labels == label].mean(axis=0) for label in range(part.classes)])

    def _features(self, part):
        return self._body.forward(part.inputs(self._body.input_shape))

    def beliefs(self, part):
        """1 for the nearest symbol and 0 for the others, (N, K): a distance is no probability."""
        distances = np.linalg.norm(self._features(part)[:, None] - self._means, axis=2)
        return np.eye(self.symbols)[distances.argmin(axis=1)]
