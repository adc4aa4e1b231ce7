"""Randomness comes in by a seed that somebody chose, never from a hidden global state."""

# By name, hence at once: NumPy would load them at their first use, and a Ctrl-C gets lost while it does.
from numpy.random import Generator, SeedSequence, default_rng

from helpers.validation import is_whole


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
    if isinstance(seed, Generator):
        return seed
    _check(seed)
    return default_rng(int(seed))


def streams(seed, *names):
    """Make one generator for each named factor of a run: its first weights, say, and the order of the images.

    A name and a seed always give the same numbers, whatever the other names are. So two runs of one seed share the
    factors that they have in common, and a factor that is added changes no other.

    Parameters
    ----------
    seed : int or numpy.random.Generator
        A generator draws one whole number, which then is the seed.
    *names : str

    Returns
    -------
    list of numpy.random.Generator
        One for each name, unrelated to each other and to `generator(seed)`.

    Raises
    ------
    TypeError
        As in `generator`.
    """
    if isinstance(seed, Generator):
        seed = seed.integers(2**63)
    _check(seed)
    return [default_rng(SeedSequence(int(seed), spawn_key=tuple(name.encode()))) for name in names]


def _check(seed):
    if not is_whole(seed, least=0):
        raise TypeError(f"seed must be a whole number of at least 0 or a numpy.random.Generator, not {seed!r}")
