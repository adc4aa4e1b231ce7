"""Randomness comes in by a seed that somebody chose, never from a hidden global state."""

import numbers

import numpy as np


def generator(seed):
    """Make a random generator.

    Parameters
    ----------
    seed : int or numpy.random.Generator
        A generator is given back as it is, so several draws can share one stream.

    Returns
    -------
    numpy.random.Generator

    Raises
    ------
    TypeError
        Anything else. None too: it would draw other numbers at every run.
    """
    if isinstance(seed, np.random.Generator):
        return seed
    if not isinstance(seed, numbers.Integral) or isinstance(seed, bool) or seed < 0:
        raise TypeError(f"seed must be a whole number of at least 0 or a numpy.random.Generator, not {seed!r}")
    return np.random.default_rng(int(seed))
