"""The strategies of transfer: what is kept from the first task, what is trained on the second.

Each is one function that leaves its source as it was and returns a new network with the history of its training.
All keyword arguments they do not name go to `fit` (`epochs` or `steps`, `optimizer`, `validation`, `watch`, …).
`STRATEGIES` is the one table of them: whatever the project says, measures or draws of a strategy comes from there.

A seed decides three things apart: the random values of the layers, those of the head, and the training (the order of
the images, dropout). So strategies with one seed share all they have in common, and differ in nothing else.
Ctrl-C ends a strategy with KeyboardInterrupt: a partial transfer is not returned.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from helpers.nn.network import Network
from helpers.nn.optimizers import Adam
from helpers.nn.training import History, fit
from helpers.randomness import streams
from helpers.transfer.baselines import PENALTY, kernel_ridge, nearest_mean, softmax_on_pixels, softmax_regression
from helpers.validation import whole_number

FACTORS = "layers", "head", "training"  # the streams of random numbers that a strategy's seed is split into
HEAD_FIRST = 0.25  # how long `head_then_all` trains the head alone, as a share of the training of all layers


class Transferred(NamedTuple):
    """What a strategy returns: `network, history = fine_tune(…)`."""

    network: Network
    history: History


def _train(network, part, rng, **options):
    """Train to the end, or end with KeyboardInterrupt: a partial training is not returned."""
    history = fit(network, part, seed=rng, **options)
    if history.interrupted:
        raise KeyboardInterrupt(f"the transfer was interrupted after {history.steps} steps, so there is no result")
    return Transferred(network, history)


def _with_head_alone(source, part, seed):
    """The source with a new head, which alone is to be trained."""
    if len(source.layers) < 2:
        raise ValueError("this source is all head, so there is nothing to keep; use from_scratch or fine_tune")
    return source.with_new_head(part.classes, seed).unfreeze().freeze(upto=source.names[-2])


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

    Keeps the frozen layers for good, so their output is computed only once. Use it when labels or computing time are
    scarce and the tasks are alike.

    Parameters
    ----------
    source, part, seed, **options
        As in `from_scratch`; the source's values count as well.
    upto : str
        The last frozen layer.
    new_top : bool
        The layers between the frozen ones and the head start from random values, not from the source's.

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

    Takes what `frozen_features` takes, but for `new_top`, and returns the same.
    """
    layers, head, training = streams(seed, *FACTORS)
    network = source.reinitialized(layers).with_new_head(part.classes, head).unfreeze().freeze(upto=upto)
    return _train(network, part, training, **options)


def fine_tune(source, part, *, seed, **options):
    """Train all layers at once, starting from the source's values and a new head.

    Keeps the source only as a starting point. Use it when there are enough labels to move all weights safely; it
    forgets the first task as it goes.

    Takes and returns the same as `from_scratch`.
    """
    _, head, training = streams(seed, *FACTORS)
    network = source.with_new_head(part.classes, head).unfreeze()
    return _train(network, part, training, **options)


def head_then_all(source, part, *, seed, **options):
    """Train the new head alone first, then all layers as `fine_tune` does: on the same images, for as many steps.

    Keeps the source's layers until the head makes sense. Use it like `fine_tune` where labels are very few: there it was
    better, and with many no different (results/FINDINGS.md, 4). The head's own training comes on top and is a quarter as
    long; the optimizer starts afresh after it, and a schedule is gone through twice.

    Takes and returns the same as `from_scratch`: `epochs` or `steps` say how long all layers are trained, `watch` counts
    through both trainings, and the history is that of both.
    """
    _, head, training, head_training = streams(seed, *FACTORS, "head training")
    network = _with_head_alone(source, part, head)
    optimizer, watch = options.get("optimizer") or Adam(), options.get("watch")
    alone = {**options, "optimizer": copy.deepcopy(optimizer)}
    for unit in ("epochs", "steps"):
        if options.get(unit) is not None:
            alone[unit] = max(1, round(HEAD_FIRST * whole_number(unit, options[unit])))
    _, first = _train(network, part, head_training, **alone)
    network.unfreeze()
    if first.stopped:
        return Transferred(network, first)

    def watch_on(step, loss, network):
        return watch(first.steps + step, loss, network)

    _, second = _train(network, part, training, **{**options, "optimizer": optimizer, "watch": watch and watch_on})
    return Transferred(network, first.followed_by(second))


def linear_probe(source, part, *, seed, penalty=PENALTY):
    """Freeze everything but the head, and train that to the very end: softmax regression on the source's features.

    Use it to see what the last hidden layer knows. The answer has no learning rate and no number of steps.

    Parameters
    ----------
    source, part, seed
        As in `from_scratch`. The seed changes nothing: the problem has one solution.
    penalty : float
        As in `baselines.softmax_regression`, and as there it may end with a NotConvergedError.

    Returns
    -------
    Transferred
        With an empty history: there were no epochs.
    """
    network = _with_head_alone(source, part, seed)
    body = network.body()
    pieces = np.array_split(np.arange(len(part)), -(-len(part) // 1000))
    features = [body.forward(part.inputs(network.input_shape, network.dtype, rows)) for rows in pieces]
    *weights, bias = softmax_regression(np.concatenate(features), part.labels, part.classes, penalty)
    network.layers[-1].weights.value[...], network.layers[-1].bias.value[...] = weights, bias
    return Transferred(network, History(labels_used=len(part)))


def random_probe(source, part, *, seed, **options):
    """The same on random layers, those that `random_features` has: the control of `linear_probe`."""
    layers, *_ = streams(seed, *FACTORS)
    return linear_probe(source.reinitialized(layers), part, seed=seed, **options)


class Look(NamedTuple):
    """How a line is drawn: in plain text, so that Matplotlib and the laboratory's page can both read it.

    Attributes
    ----------
    colour : str
        One of those of Okabe and Ito (2008), and a brown: told apart by colour-blind readers.
    dash : str
        Lengths of dashes and gaps, in widths of the line; empty for an unbroken line.
    marker, hatch : str
        Matplotlib's.
    """

    colour: str
    dash: str
    marker: str
    hatch: str


@dataclass(frozen=True)
class Method:
    """A way to learn the second task, as the whole project knows it.

    Attributes
    ----------
    key : str
        In tables and in code: "fine-tune".
    name : str
        In a comparison: "fine-tuned".
    label : str
        In full, for figures and tables: "all layers fine-tuned".
    function : callable
        A strategy takes (source, part, seed=…) and gives `Transferred`; a baseline takes (part, images) and gives classes.
    role : str
        "transfer", "control", or "baseline" for what is no strategy: it knows neither a source nor a network.
    cut : str
        What is frozen: "" for nothing, "layer" for all up to one that is named as `upto`, "body" for all but the head.
    look : Look
    """

    key: str
    name: str
    label: str
    function: Callable
    role: str
    cut: str
    look: Look

    @property
    def needs_source(self):
        """Whether it uses what the source has learned, and not its architecture alone."""
        return self.role == "transfer"

    @property
    def row(self):
        """In the rows of report.json: "finetuned"."""
        return self.name.replace("-", "").replace(" ", "-")

    def cut_at(self, layer):
        """The keyword argument that says up to which layer to freeze, for the strategies that take one: a dict."""
        return {"upto": layer} if self.cut == "layer" else {}


def _table(*rows):
    return {key: Method(key, *row) for key, *row in rows}


STRATEGIES = _table(
    ("scratch", "scratch", "from scratch", from_scratch, "control", "", Look("#D55E00", "3.7 1.6", "s", "//")),
    ("fine-tune", "fine-tuned", "all layers fine-tuned", fine_tune, "transfer", "", Look("#0072B2", "", "o", "")),
    ("head-then-all", "head first", "head first, then all layers", head_then_all, "transfer", "", Look("#8C6D1F", "8 2", "*", "--")),
    ("frozen", "frozen", "first layer frozen", frozen_features, "transfer", "layer", Look("#009E73", "6.4 1.6 1 1.6", "^", "..")),
    ("random", "random frozen", "random first layer frozen", random_features, "control", "layer", Look("#CC79A7", "1 1.65", "D", "xx")),
    ("probe", "probe", "all but the head frozen", linear_probe, "transfer", "body", Look("#E69F00", "3 1 1 1", "P", "++")),
    ("random-probe", "random probe", "random, all but the head frozen", random_probe, "control", "body", Look("#CC79A7", "1 3", "d", "x")),
)  # fmt: skip
BASELINES = _table(
    ("softmax", "softmax regression", "softmax on the pixels", softmax_on_pixels, "baseline", "", Look("#56B4E9", "5 1", "v", "\\\\")),
    ("mean", "nearest mean", "nearest mean image", nearest_mean, "baseline", "", Look("#7F7F7F", "2 1", "<", "O")),
    ("kernel", "kernel ridge regression", "kernel ridge regression", kernel_ridge, "baseline", "", Look("#000000", "1 1", "X", "oo")),
)  # fmt: skip
METHODS = STRATEGIES | BASELINES
