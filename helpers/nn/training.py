"""`fit` trains a network on a part of a task, `evaluate` measures it; a `History` remembers how training went."""

import contextlib
import math
import sys
import time
import warnings
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from helpers.evidence.metrics import accuracy, wilson_interval
from helpers.nn.fast import Runner
from helpers.nn.losses import softmax, softmax_cross_entropy
from helpers.nn.optimizers import Adam
from helpers.randomness import generator
from helpers.threads import Workers
from helpers.validation import whole_number

FEATURE_BYTES = 256 * 2**20  # frozen features are kept if they need no more memory than this
PIECE = 128  # images measured at once: with more, what a convolution makes of them leaves the cache


class DivergenceError(ArithmeticError):
    """Training led to a loss or a weight that is not a finite number; the message says when and what to try."""


class Epoch(NamedTuple):
    """One line of a History. Validation is None without a validation part."""

    loss: float
    accuracy: float
    seconds: float
    validation_loss: "float | None" = None
    validation_accuracy: "float | None" = None


@dataclass(repr=False)
class History:
    """What happened in each epoch of a training.

    Attributes
    ----------
    rows : list of Epoch
    loss, accuracy : list of float
        Mean over the epoch's batches, as training went along (so with dropout, and while the weights changed).
    validation_loss, validation_accuracy : list of float
        Measured after the epoch; empty without a validation part.
    seconds : list of float
        Time each epoch took, with its validation.
    feature_seconds : float
        Time taken once to compute what the frozen layers make of the images.
    labels_used : int
        How many labelled images training was given, those of the validation part counted too.
    steps : int
        How many times the optimizer stepped.
    best_epoch : int or None
        With early stopping: the epoch (from 1) whose weights the network now has.
    stopped : bool
        Whether `watch` ended the training.
    interrupted : bool
        Whether Ctrl-C ended the training: then it is not to be taken for a finished one.
    """

    rows: list = field(default_factory=list)
    feature_seconds: float = 0.0
    labels_used: int = 0
    steps: int = 0
    best_epoch: "int | None" = None
    stopped: bool = False
    interrupted: bool = False

    loss = property(lambda self: self._column("loss"))
    accuracy = property(lambda self: self._column("accuracy"))
    validation_loss = property(lambda self: self._column("validation_loss"))
    validation_accuracy = property(lambda self: self._column("validation_accuracy"))
    seconds = property(lambda self: self._column("seconds"))

    def _column(self, name):
        return [value for row in self.rows if (value := getattr(row, name)) is not None]

    def __repr__(self):
        parts = [f"{self.epochs} epochs", f"{self.steps} steps", f"{self.total_seconds:.1f} s"]
        if self.epochs:
            parts.append(f"training accuracy {self.accuracy[-1]:.2%}")
        if self.validation_accuracy:
            parts.append(f"validation accuracy {self.validation_accuracy[-1]:.2%}")
        parts += [name for name in ("stopped", "interrupted") if getattr(self, name)]
        return f"History({', '.join(parts)})"

    @property
    def epochs(self):
        """Number of epochs that were finished."""
        return len(self.rows)

    @property
    def total_seconds(self):
        """Time of the whole training."""
        return sum(self.seconds) + self.feature_seconds

    def followed_by(self, other):
        """One history of two trainings, this one first."""
        return History(
            self.rows + other.rows,
            self.feature_seconds + other.feature_seconds,
            max(self.labels_used, other.labels_used),
            self.steps + other.steps,
            self.epochs + other.best_epoch if other.best_epoch else None,
            other.stopped,
            other.interrupted,
        )


def cosine(progress):
    """A schedule: the learning rate falls to zero along half a cosine (Loshchilov and Hutter, 2017, eq. 5).

    Parameters
    ----------
    progress : float
        0 at the first step, 1 at the end.

    Returns
    -------
    float
        What to multiply the learning rate with.
    """
    return 0.5 * (1 + math.cos(math.pi * progress))


def fit(
    network,
    part,
    *,
    seed,
    validation=None,
    epochs=None,
    steps=None,
    batch_size=128,
    optimizer=None,
    schedule=None,
    patience=None,
    keep_features=True,
    threads=None,
    watch=None,
    progress=True,
):
    """Train the trainable layers of a network, in place.

    The layers below the first trainable one are a fixed function, so what they make of the images is computed once
    and kept, if that needs no more than 256 MiB (`FEATURE_BYTES`). The batches of convolutional networks are worked
    through on several threads (see `fast.Runner`). The same seed gives the same weights, bit for bit, on the same
    machine, for any number of threads.

    Ctrl-C ends the training early with a warning: the network keeps what it has learned, and the history says so.

    Parameters
    ----------
    network : Network
    part : Part
        What to learn from.
    seed : int or numpy.random.Generator
        Decides the order of the images and what Dropout drops.
    validation : Part, optional
        Measured after every epoch. Its labels count as used.
    epochs, steps : int
        How long: passes over the part, or steps of the optimizer. Exactly one of them.
    batch_size : int
    optimizer : SGD or Adam, optional
        Adam with its usual learning rate if not given.
    schedule : callable, optional
        Takes the progress, 0 to 1, and gives what to multiply the learning rate with: `cosine`, for instance.
    patience : int, optional
        Early stopping: end after this many epochs without a smaller validation loss. The weights of the best epoch
        are then put back.
    keep_features : bool
        False computes the frozen layers' output anew in every batch: slower, with the same result.
    threads : int, optional
        How many to use; `threads.default_threads()` if not given.
    watch : callable, optional
        `watch(step, loss, network)` is called after every step, counted from 1, with the batch's loss. If it returns
        True, training ends there, as if no more steps had been asked for. It should look, not touch.
    progress : bool or str
        Show a progress bar, where tqdm is installed; a str is its title.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        Arguments that make no sense together, a part without images, or a network that does not fit the part.
    DivergenceError
        The loss or a weight stopped being a finite number. The network is as it was at the start of that epoch, and
        the optimizer has forgotten everything.
    """
    _check_arguments(network, part, validation, epochs, steps, batch_size, patience)
    rng, optimizer = generator(seed), optimizer or Adam()
    total = steps or epochs * math.ceil(len(part) / batch_size)
    history = History(labels_used=len(part) + (len(validation) if validation else 0))
    frozen, trained = network.cut()
    stretches = trained.stretches()
    with Workers(threads) as workers, _Guard(history, trained, optimizer, total, patience, progress) as guard:
        below, model = frozen and Runner(frozen, workers), Runner(trained, workers)
        started = time.perf_counter()
        inputs = inputs_of(part, network, below, keep_features)
        if validation:
            validation_inputs = inputs_of(validation, network, below, keep_features)
            guard.validate = lambda: measure(model, validation.labels, validation_inputs)
        history.feature_seconds = time.perf_counter() - started if frozen else 0.0

        for rows in guard.epochs(len(part), batch_size, rng):
            x, labels = inputs(rows), part.labels[rows]
            logits = model.forward(x, training=True, rng=rng)
            loss, grad = softmax_cross_entropy(logits, labels)
            model.backward(grad)
            optimizer.step(stretches, scale=schedule(history.steps / total) if schedule else 1.0)
            guard.after_step(loss, logits, labels)
            if watch:
                history.stopped = guard.is_true(watch(history.steps, loss, network))
    return history


class _Guard:
    """Everything about a training but the training: its history, and what ends it early.

    Whatever happens, the history's lists have one entry for each finished epoch, as a row is added in one piece.
    """

    validate = None  # a function that gives an Evaluation

    def __init__(self, history, network, optimizer, total, patience, progress):
        self.history, self.network, self.optimizer = history, network, optimizer
        self.total, self.patience = total, patience
        self.best = math.inf, None, None  # the smallest validation loss, its epoch and its weights
        self.bar = _progress_bar(progress, total)

    def __enter__(self):
        self._stack = contextlib.ExitStack()
        self._stack.enter_context(self.bar)
        self._stack.enter_context(np.errstate(over="ignore", invalid="ignore"))  # they end in a DivergenceError
        return self

    def __exit__(self, kind, problem, trace):
        self._stack.close()
        if kind is None or kind is KeyboardInterrupt:
            _, self.history.best_epoch, weights = self.best
            if weights is not None:
                self.network.values[...] = weights
        if kind is KeyboardInterrupt:
            self.history.interrupted = True
            warnings.warn(
                f"training was interrupted after {self.history.steps} of {self.total} steps; the network keeps what it"
                " has learned",
                stacklevel=3,
            )
            return True

    def epochs(self, count, batch_size, rng):
        """Batches of row numbers, epoch after epoch, until the time is up or waiting longer is of no use."""
        history = self.history
        while history.steps < self.total and not history.stopped and not self._is_stale():
            started, self._start = time.perf_counter(), self.network.values.copy()
            self._loss_sum, self._right, self._seen = 0.0, 0, 0
            for rows in minibatches(count, batch_size, rng):
                yield rows
                if history.steps == self.total or history.stopped:
                    break
            self._end_epoch(started)

    def after_step(self, loss, logits, labels):
        """Count a step; raise DivergenceError if its loss is not finite."""
        self.history.steps += 1
        self._check_finite("loss", loss)
        self._loss_sum += loss * len(labels)
        self._right += np.count_nonzero(logits.argmax(axis=1) == labels)
        self._seen += len(labels)
        self.bar.update()

    @staticmethod
    def is_true(answer):
        """Only True ends a training, not any value that a watcher happens to return."""
        return isinstance(answer, (bool, np.bool_)) and bool(answer)

    def _end_epoch(self, started):
        self._check_finite("weights", np.ptp(self.network.values))
        measured = ()
        if self.validate:
            found = self.validate()
            self._check_finite("validation loss", found.loss)
            measured = found.loss, found.accuracy
            self.bar.set_postfix(epoch=self.history.epochs + 1, validation=f"{found.accuracy:.2%}")
        seconds = time.perf_counter() - started
        self.history.rows.append(
            Epoch(self._loss_sum / self._seen, float(self._right / self._seen), seconds, *measured)
        )
        if self.patience and measured[0] < self.best[0]:
            self.best = measured[0], self.history.epochs, self.network.values.copy()

    def _is_stale(self):
        return self.patience is not None and self.history.epochs - (self.best[1] or 0) >= self.patience

    def _check_finite(self, what, number):
        if math.isfinite(number):
            return
        self.network.values[...] = self._start
        self.optimizer.forget()  # a velocity that has grown too large would ruin the next try too
        raise DivergenceError(
            f"the {what} stopped being finite in epoch {self.history.epochs + 1}, step {self.history.steps}, with"
            f" {self.optimizer}; the weights are back at the start of that epoch. Try a learning rate of"
            f" {self.optimizer.learning_rate / 10:g}"
        )


def minibatches(count, batch_size, rng):
    """Split a freshly shuffled `range(count)` into batches of row numbers; the last one may be smaller.

    Parameters
    ----------
    count, batch_size : int
    rng : numpy.random.Generator

    Yields
    ------
    int array, (batch_size,)
    """
    order = rng.permutation(count)
    for start in range(0, count, batch_size):
        yield order[start : start + batch_size]


def inputs_of(part, network, frozen=None, keep_features=True):
    """Make the function that gives, for some rows of a part, what arrives at the first trainable layer.

    Parameters
    ----------
    part : Part
    network : Network
        The whole of it: says what one image becomes.
    frozen : Network or Runner, optional
        The layers below the first trainable one: a fixed function, so what they make of all images is computed here,
        once, if that needs no more than `FEATURE_BYTES`.
    keep_features : bool
        False computes it anew each time.

    Returns
    -------
    callable
        Takes an int array (n,) of rows, gives a float array (n, ...).
    """

    def compute(rows):
        x = part.inputs(network.input_shape, network.dtype, rows)
        return frozen.forward(x) if frozen else x

    if not frozen or not keep_features:
        return compute
    if len(part) * math.prod(frozen.output_shapes[-1]) * network.dtype.itemsize > FEATURE_BYTES:
        return compute
    features = np.concatenate([compute(rows) for rows in _pieces(len(part))])
    return features.__getitem__


def _pieces(count):
    """`range(count)` in arrays of at most `PIECE` row numbers, a list."""
    return np.array_split(np.arange(count), math.ceil(count / PIECE))


@dataclass(frozen=True, eq=False)  # `==` on arrays is element-wise
class Evaluation:
    """How well a network does on a part.

    Attributes
    ----------
    loss : float
        Mean cross-entropy.
    accuracy : float
        Share of images whose largest logit is the right one, 0 to 1.
    predictions : int array, (N,)
        The class with the largest logit.
    probabilities : float array, (N, K)
    """

    loss: float
    accuracy: float
    predictions: np.ndarray
    probabilities: np.ndarray

    @property
    def interval(self):
        """The 95 % interval that this number of images leaves for the accuracy: (low, high)."""
        return wilson_interval(self.accuracy, len(self.predictions))


def evaluate(network, part, *, threads=None):
    """Measure a network on a part of a task.

    Parameters
    ----------
    network : Network
    part : Part
    threads : int, optional
        How many to use; the result is the same. If not given, `threads.default_threads()`.

    Returns
    -------
    Evaluation

    Raises
    ------
    ValueError
        The part holds no images, or the network does not have one output for each of its classes.
    """
    _check_part(network, part)
    with Workers(threads) as workers:
        return measure(Runner(network, workers), part.labels, inputs_of(part, network))


def measure(network, labels, inputs):
    """What `evaluate` does, for a Network or its Runner and inputs by `inputs_of`."""
    logits = np.concatenate([network.forward(inputs(rows)) for rows in _pieces(len(labels))])
    loss, _ = softmax_cross_entropy(logits, labels)
    predictions = logits.argmax(axis=1)
    return Evaluation(loss, accuracy(labels, predictions), predictions, softmax(logits))


def _check_part(network, part):
    if len(part) == 0:
        raise ValueError(f"{part.name} holds no images; a part needs at least one to be of use")
    if network.classes != part.classes:
        raise ValueError(
            f"the network has {network.classes} outputs, but {part.name} has {part.classes} classes;"
            f" network.with_new_head(classes={part.classes}, seed=…) makes one that fits"
        )


def _check_arguments(network, part, validation, epochs, steps, batch_size, patience):
    _check_part(network, part)
    if validation is not None:
        _check_part(network, validation)
    if network.first_trainable == len(network.layers):
        raise ValueError("all layers are frozen, so there is nothing to train; network.unfreeze(name) changes that")
    if (epochs is None) == (steps is None):
        raise ValueError(
            f"say how long to train by epochs or by steps, one of them, not epochs={epochs}, steps={steps}"
        )
    for name, number in {"epochs": epochs, "steps": steps, "batch_size": batch_size, "patience": patience}.items():
        if number is not None:
            whole_number(name, number)
    if validation is not None and validation.digits != part.digits:
        raise ValueError(f"the validation part has digits {validation.digits}, the training part {part.digits}")
    if patience is not None and validation is None:
        raise ValueError("early stopping needs a validation part to decide by")


def _progress_bar(progress, total):
    """A bar by tqdm; where there is none, or none is wanted, something that shows nothing."""
    if progress and sys.stderr:  # pythonw has none
        with contextlib.suppress(ImportError):
            from tqdm.auto import tqdm

            title = progress if isinstance(progress, str) else "training"
            return tqdm(total=total, desc=title, unit="step", leave=False)
    return _NoBar()


class _NoBar(contextlib.nullcontext):
    def __enter__(self):
        return self

    def update(self):
        pass

    def set_postfix(self, **values):
        pass
