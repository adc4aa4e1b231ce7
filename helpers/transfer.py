"""The strategies of transfer: what is kept from the first task, what is trained on the second.

Each is one function that leaves its source as it was and returns a new network with the history of its training.
All keyword arguments they do not name go to `fit` (`epochs` or `steps`, `validation`, `schedule`, …).
"""

from typing import NamedTuple

from helpers.network import Network
from helpers.optimizers import Adam
from helpers.randomness import generator
from helpers.training import History, fit


class Transferred(NamedTuple):
    """What a strategy returns: `network, history = fine_tune(…)`."""

    network: Network
    history: History


def from_scratch(source, part, *, seed, **options):
    """Train a network of the same architecture from random values.

    Keeps nothing, trains everything. Use it when there are plenty of labels, and always as the control: transfer
    has to beat this.

    Parameters
    ----------
    source : Network
        Only its architecture is used.
    part : Part
        What to learn from.
    seed : int or numpy.random.Generator
        For the random values, the order of the images and dropout.
    **options
        For `fit`.

    Returns
    -------
    Transferred
    """
    rng = generator(seed)
    network = source.with_new_head(part.classes, rng).reinitialized(rng).unfreeze()
    return Transferred(network, fit(network, part, seed=rng, **options))


def frozen_features(source, part, *, upto, seed, new_top=False, **options):
    """Freeze the source's layers up to one of them; train the rest, with a new head.

    Keeps the frozen layers for good, so their output is computed only once. With everything but the head frozen this
    is a linear probe. Use it when labels or computing time are scarce and the tasks are alike.

    Parameters
    ----------
    source : Network
    part : Part
    upto : str
        The last frozen layer.
    seed : int or numpy.random.Generator
    new_top : bool
        The layers between the frozen ones and the head start from random values, not from the source's.
    **options
        For `fit`.

    Returns
    -------
    Transferred
    """
    rng = generator(seed)
    network = source.with_new_head(part.classes, rng).unfreeze().freeze(upto=upto)
    if new_top:
        network = network.reinitialized(rng, after=upto)
    return Transferred(network, fit(network, part, seed=rng, **options))


def random_features(source, part, *, upto, seed, **options):
    """Freeze random layers up to one of them; train the rest, from random values too.

    Keeps nothing that was learned. This is the control for `frozen_features`: what that gains over this is what the
    source's knowledge is worth; the rest any fixed random layer would have given.

    Parameters
    ----------
    source : Network
        Only its architecture is used.
    part : Part
    upto : str
        The last frozen layer.
    seed : int or numpy.random.Generator
    **options
        For `fit`.

    Returns
    -------
    Transferred
    """
    rng = generator(seed)
    network = source.with_new_head(part.classes, rng).reinitialized(rng).unfreeze().freeze(upto=upto)
    return Transferred(network, fit(network, part, seed=rng, **options))


def fine_tune(source, part, *, seed, **options):
    """Train all layers at once, starting from the source's values and a new head.

    Keeps the source only as a starting point. Use it when there are enough labels to move all weights safely; it
    forgets the first task as it goes.

    Parameters
    ----------
    source : Network
    part : Part
    seed : int or numpy.random.Generator
    **options
        For `fit`.

    Returns
    -------
    Transferred
    """
    rng = generator(seed)
    network = source.with_new_head(part.classes, rng).unfreeze()
    return Transferred(network, fit(network, part, seed=rng, **options))


def head_then_all(source, part, *, seed, epochs=None, steps=None, head_share=0.25, learning_rate=3e-4, **options):
    """Train the new head alone first, then all layers at a smaller learning rate.

    Keeps the source's layers until the head makes sense, so that its first, random gradients do not damage them.
    Use it like `fine_tune` where labels are few or the source is precious.

    Parameters
    ----------
    source : Network
    part : Part
    seed : int or numpy.random.Generator
    epochs, steps : int
        How long in all, as in `fit`; at least 2.
    head_share : float
        The share of that time given to the head alone, between 0 and 1.
    learning_rate : float
        Adam's, when all layers are trained; the head alone is trained with Adam's usual 0.001.
    **options
        For both calls of `fit`.

    Returns
    -------
    Transferred
        With one history of both trainings.
    """
    if not 0 < head_share < 1 or (epochs is None) == (steps is None) or (epochs or steps) < 2:
        raise ValueError(
            f"head_then_all needs at least 2 epochs or 2 steps (one of them), and a head_share between 0 and 1,"
            f" not epochs={epochs}, steps={steps}, head_share={head_share}"
        )
    if len(source.layers) < 2:
        raise ValueError("this source is all head, so there is nothing to train after it; use fine_tune")
    unit, total = ("epochs", epochs) if steps is None else ("steps", steps)
    head_time = min(total - 1, max(1, round(head_share * total)))
    rng = generator(seed)
    network = source.with_new_head(part.classes, rng).unfreeze().freeze(upto=source.names[-2])
    first = fit(network, part, seed=rng, **{unit: head_time}, optimizer=Adam(), **options)
    if first.interrupted:
        return Transferred(network.unfreeze(), first)
    second = fit(
        network.unfreeze(), part, seed=rng, **{unit: total - head_time}, optimizer=Adam(learning_rate), **options
    )
    return Transferred(network, first.followed_by(second))
