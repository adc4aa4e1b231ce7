"""`fit` trains a network on a part of a task; its `History` remembers how it went."""

import contextlib
import itertools
import math
import numbers
import time
import warnings
from dataclasses import dataclass, field

import numpy as np

from helpers.nn.batches import feed_of, minibatches
from helpers.nn.evaluation import check_part, measure
from helpers.nn.losses import softmax_cross_entropy
from helpers.nn.optimizers import Adam
from helpers.nn.threads import Shards, Workers
from helpers.randomness import generator


class DivergenceError(ArithmeticError):
    """Training led to a loss or a weight that is not a finite number; the message says when and what to try."""


@dataclass(repr=False)
class History:
    """What happened in each epoch of a training: lists with one entry an epoch.

    Attributes
    ----------
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

    loss: list = field(default_factory=list)
    accuracy: list = field(default_factory=list)
    validation_loss: list = field(default_factory=list)
    validation_accuracy: list = field(default_factory=list)
    seconds: list = field(default_factory=list)
    feature_seconds: float = 0.0
    labels_used: int = 0
    steps: int = 0
    best_epoch: "int | None" = None
    stopped: bool = False
    interrupted: bool = False

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
        return len(self.loss)

    @property
    def total_seconds(self):
        """Time of the whole training."""
        return sum(self.seconds) + self.feature_seconds

    def followed_by(self, other):
        """One history of two trainings, this one first.

        Parameters
        ----------
        other : History

        Returns
        -------
        History
        """
        return History(
            self.loss + other.loss,
            self.accuracy + other.accuracy,
            self.validation_loss + other.validation_loss,
            self.validation_accuracy + other.validation_accuracy,
            self.seconds + other.seconds,
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
    and kept, if that needs no more than 256 MiB (`batches.FEATURE_BYTES`). The batches of convolutional networks are
    worked through on several threads (see `threads.Shards`). The same seed gives the same weights, bit for bit, on the
    same machine, for any number of threads.

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
    rng = generator(seed)
    optimizer = optimizer or Adam()
    total = steps or epochs * math.ceil(len(part) / batch_size)
    history = History(labels_used=len(part) + (len(validation) if validation else 0))
    frozen, trained = network.split()
    parameters = trained.parameters()
    best = _BestWeights(parameters, patience)

    def rate():
        return schedule(history.steps / total) if schedule else 1.0

    def after_step(loss):
        history.steps += 1
        if not math.isfinite(loss):
            raise _NotFiniteError("loss")
        bar.update()
        answer = watch(history.steps, loss, network) if watch else None
        history.stopped = isinstance(answer, (bool, np.bool_)) and bool(answer)
        return history.stopped

    ignored = np.errstate(over="ignore", invalid="ignore")  # such values end in a DivergenceError
    with ignored, Workers(threads) as workers, _progress_bar(progress, total) as bar:
        try:
            started = time.perf_counter()
            model, below = Shards(trained, workers), Shards(frozen, workers) if frozen else None
            feed = feed_of(part, network, below, keep_features)
            if validation:
                validation_feed = feed_of(validation, network, below, keep_features)
            history.feature_seconds = time.perf_counter() - started if frozen else 0.0
            while history.steps < total and not history.stopped and not best.is_stale:
                started = time.perf_counter()
                before = [parameter.value.copy() for parameter in parameters]
                batches = itertools.islice(minibatches(len(part), batch_size, rng), total - history.steps)
                try:
                    loss, accuracy = _epoch(
                        model, feed, part.labels, batches, rng, optimizer, parameters, rate, after_step
                    )
                    if not all(np.isfinite(parameter.value).all() for parameter in parameters):
                        raise _NotFiniteError("weights")
                    if validation:
                        measured = measure(model, validation.labels, validation_feed)
                        if not math.isfinite(measured.loss):
                            raise _NotFiniteError("validation loss")
                except _NotFiniteError as problem:
                    _put_back(parameters, before)
                    optimizer.forget()  # a velocity that has grown too large would ruin the next try too
                    raise DivergenceError(
                        f"the {problem} stopped being finite in epoch {history.epochs + 1}, step {history.steps}, with"
                        f" {optimizer}; the weights are back at the start of that epoch. Try a learning rate of"
                        f" {optimizer.learning_rate / 10:g}"
                    ) from None
                if validation:
                    bar.set_postfix(epoch=history.epochs + 1, validation=f"{measured.accuracy:.2%}")
                    best.offer(measured.loss)
                    history.validation_loss.append(measured.loss)
                    history.validation_accuracy.append(measured.accuracy)
                history.loss.append(loss)
                history.accuracy.append(accuracy)
                history.seconds.append(time.perf_counter() - started)
        except KeyboardInterrupt:
            history.interrupted = True
            warnings.warn(
                f"training was interrupted after {history.steps} of {total} steps; the network keeps what it has learned",
                stacklevel=2,
            )
    history.best_epoch = best.restore()
    return history


def _epoch(model, feed, labels, batches, rng, optimizer, parameters, rate, after_step):
    """The loop of every textbook: forward, loss, backward, step. Returns the epoch's mean loss and accuracy."""
    loss_sum, right, seen = 0.0, 0, 0
    for rows in batches:
        batch, truth = feed(rows), labels[rows]
        logits = model.forward(batch, training=True, rng=rng)
        loss, grad = softmax_cross_entropy(logits, truth)
        model.backward(grad)
        optimizer.step(parameters, rate())

        loss_sum += loss * len(rows)
        right += np.count_nonzero(logits.argmax(axis=1) == truth)
        seen += len(rows)
        if after_step(loss):
            break
    return loss_sum / seen, float(right / seen)


class _BestWeights:
    """Early stopping: remembers the weights with the smallest validation loss."""

    def __init__(self, parameters, patience):
        self.parameters, self.patience = parameters, patience
        self.loss, self.epoch, self.values = math.inf, None, None
        self.epochs = 0

    @property
    def is_stale(self):
        return self.patience is not None and self.epochs - (self.epoch or 0) >= self.patience

    def offer(self, loss):
        self.epochs += 1
        if self.patience is not None and loss < self.loss:
            self.loss, self.epoch = loss, self.epochs
            self.values = [parameter.value.copy() for parameter in self.parameters]

    def restore(self):
        """Put the best weights back; the epoch they are from, or None without early stopping."""
        if self.values is not None:
            _put_back(self.parameters, self.values)
        return self.epoch


def _put_back(parameters, values):
    for parameter, value in zip(parameters, values):
        parameter.value[...] = value


class _NotFiniteError(ArithmeticError):
    """Says what is no finite number any more."""


def _progress_bar(progress, total):
    """A bar by tqdm; where there is none, or none is wanted, something that shows nothing."""
    if progress:
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


def _check_arguments(network, part, validation, epochs, steps, batch_size, patience):
    check_part(network, part)
    if validation is not None:
        check_part(network, validation)
    if network.first_trainable == len(network.layers):
        raise ValueError("all layers are frozen, so there is nothing to train; network.unfreeze(name) changes that")
    if (epochs is None) == (steps is None):
        raise ValueError(
            f"say how long to train by epochs or by steps, one of them, not epochs={epochs}, steps={steps}"
        )
    for name, number in (("epochs", epochs), ("steps", steps), ("batch_size", batch_size), ("patience", patience)):
        if number is not None and (not isinstance(number, numbers.Integral) or number < 1):
            raise ValueError(f"{name} must be a whole number of at least 1, not {number!r}")
    if validation is not None and validation.digits != part.digits:
        raise ValueError(f"the validation part has digits {validation.digits}, the training part {part.digits}")
    if patience is not None and validation is None:
        raise ValueError("early stopping needs a validation part to decide by")
