"""The strategies of transfer: what is kept from the first task, what is trained on the second.

Each is one function that leaves its source as it was and returns a new network with the history of its training.
All keyword arguments they do not name go to `fit` (`epochs` or `steps`, `validation`, `schedule`, `watch`, …).

A seed decides three things apart: the random values of the layers, those of the head, and the training (the order of
the images, dropout). So strategies with one seed share all they have in common, and differ in nothing else.
Ctrl-C ends a strategy with KeyboardInterrupt: half a transfer is none.
"""

from typing import NamedTuple

from helpers.nn.network import Network
from helpers.nn.optimizers import Adam
from helpers.nn.training import History, fit
from helpers.randomness import streams


class Transferred(NamedTuple):
    """What a strategy returns: `network, history = fine_tune(…)`."""

    network: Network
    history: History


FACTORS = "layers", "head", "training"  # the streams of random numbers that a strategy's seed is split into


def _train(network, part, rng, **options):
    """Train to the end, or end with KeyboardInterrupt: nobody downstream is to take half a training for a whole one."""
    history = fit(network, part, seed=rng, **options)
    if history.interrupted:
        raise KeyboardInterrupt(f"the transfer was interrupted after {history.steps} steps, so there is no result")
    return Transferred(network, history)


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
    layers, head, training = streams(seed, *FACTORS)
    network = source.reinitialized(layers).with_new_head(part.classes, head).unfreeze()
    return _train(network, part, training, **options)


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
    layers, head, training = streams(seed, *FACTORS)
    below = source.reinitialized(layers, after=upto) if new_top else source
    network = below.with_new_head(part.classes, head).unfreeze().freeze(upto=upto)
    return _train(network, part, training, **options)


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
    layers, head, training = streams(seed, *FACTORS)
    network = source.reinitialized(layers).with_new_head(part.classes, head).unfreeze().freeze(upto=upto)
    return _train(network, part, training, **options)


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
    _, head, training = streams(seed, *FACTORS)
    network = source.with_new_head(part.classes, head).unfreeze()
    return _train(network, part, training, **options)


def head_then_all(
    source,
    part,
    *,
    seed,
    epochs=None,
    steps=None,
    head_share=0.25,
    head_learning_rate=1e-3,
    learning_rate=3e-4,
    watch=None,
    **options,
):
    """Train the new head alone first, then all layers, usually at a smaller learning rate.

    Keeps the source's layers until the head makes sense. Use it like `fine_tune` where labels are very few: there it was
    better, and with many no different (results/FINDINGS.md, 4). With two equal learning rates the
    layers below the head learn in fewer steps than by `fine_tune`, and a schedule is gone through twice; the rest is equal.

    Parameters
    ----------
    source : Network
    part : Part
    seed : int or numpy.random.Generator
    epochs, steps : int
        How long in all, as in `fit`; at least 2.
    head_share : float
        The share of that time given to the head alone, between 0 and 1.
    head_learning_rate, learning_rate : float
        For the head alone, and then for all layers; each training has an Adam of its own.
    watch : callable, optional
        As in `fit`; the steps of both trainings are counted through.
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
    _, head, training = streams(seed, *FACTORS)
    network = source.with_new_head(part.classes, head).unfreeze().freeze(upto=source.names[-2])

    def train(learning_rate, time, watch):
        return _train(network, part, training, optimizer=Adam(learning_rate), watch=watch, **{unit: time}, **options)

    _, first = train(head_learning_rate, head_time, watch)
    network.unfreeze()
    if first.stopped:
        return Transferred(network, first)

    def watch_on(step, loss, network):
        return watch(first.steps + step, loss, network)

    _, second = train(learning_rate, total - head_time, watch and watch_on)
    return Transferred(network, first.followed_by(second))
