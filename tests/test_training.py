"""`fit` trains what it should, the way it says, and stops well: early, by Ctrl-C, or on a loss that is not finite."""

import itertools
import math
import signal
import sys
import threading
import warnings

import numpy as np
import pytest
from support import interrupt_at

from helpers import (
    SGD,
    Adam,
    DivergenceError,
    History,
    Network,
    Part,
    cosine,
    digit_task,
    evaluate,
    fit,
    softmax_cross_entropy,
)
from helpers.nn import training
from helpers.nn.training import Epoch, minibatches
from helpers.threads import one_blas_thread


@pytest.fixture(scope="module")
def few(odd):
    return odd.train.subset(per_class=20, seed=0)


@pytest.fixture(scope="module")
def validation(odd):
    return odd.validation.subset(per_class=20, seed=0)


def small(seed=0, **options):
    return Network.mlp(784, 16, 8, classes=5, seed=seed, **options)


def quietly(network, part, **options):
    return fit(network, part, **{"seed": 0, "progress": False, **options})


# --- what it does ------------------------------------------------------------------------------------------------


def test_fit_is_the_loop_a_reader_would_write(few):
    """Shuffle, cut into batches, forward, loss, backward, step: the same numbers to the last bit."""
    network, by_hand = small(), small()
    history = quietly(network, few, epochs=3, batch_size=32, optimizer=SGD(0.1, momentum=0.9))
    rng, optimizer, losses = np.random.default_rng(0), SGD(0.1, momentum=0.9), []
    with one_blas_thread():
        for _ in range(3):
            total = 0.0
            for rows in minibatches(len(few), 32, rng):
                logits = by_hand.forward(few.inputs((784,), rows=rows), training=True)
                loss, grad = softmax_cross_entropy(logits, few.labels[rows])
                by_hand.backward(grad)
                optimizer.step(by_hand.parameters())
                total += loss * len(rows)
            losses.append(total / len(few))
    assert network.fingerprint() == by_hand.fingerprint()
    assert history.loss == losses


def test_every_epoch_has_each_image_once_in_an_order_of_its_own():
    rng = np.random.default_rng(0)
    first, second = (list(minibatches(100, 32, rng)) for _ in range(2))
    assert [len(rows) for rows in first] == [32, 32, 32, 4]
    orders = np.concatenate(first), np.concatenate(second)
    assert all(np.array_equal(np.sort(order), np.arange(100)) for order in orders)
    assert not np.array_equal(*orders) and not np.array_equal(orders[0], np.arange(100))


def test_training_learns(few):
    history = quietly(small(), few, epochs=30, batch_size=10)
    assert history.loss[-1] < 0.2 * history.loss[0]
    assert history.accuracy[-1] > 0.95


def test_the_history_has_one_entry_an_epoch(few, validation):
    network = small()
    history = quietly(network, few, epochs=3, batch_size=30, validation=validation)
    assert history.epochs == 3 and history.steps == 3 * 4
    for values in (history.accuracy, history.validation_loss, history.validation_accuracy, history.seconds):
        assert len(values) == 3
    assert history.labels_used == 100 + 100
    assert history.total_seconds == sum(history.seconds) + history.feature_seconds > 0
    assert history.feature_seconds == 0 and history.best_epoch is None and not history.interrupted
    measured = evaluate(network, validation)
    assert history.validation_accuracy[-1] == measured.accuracy
    assert history.validation_loss[-1] == pytest.approx(measured.loss, rel=1e-5)


def test_only_the_labels_that_training_saw_are_counted_as_used(few, validation):
    assert quietly(small(), few, steps=1, batch_size=10).labels_used == 100
    assert quietly(small(), few, steps=1, validation=validation.subset(2, seed=0)).labels_used == 110


@pytest.mark.parametrize("steps, epochs", [(1, 1), (3, 1), (4, 1), (5, 2), (9, 3)])
def test_steps_are_counted_exactly_even_where_they_end_within_an_epoch(few, steps, epochs):
    optimizer = Adam()
    history = quietly(small(), few, steps=steps, batch_size=30, optimizer=optimizer)
    assert history.steps == optimizer.steps == steps and history.epochs == epochs


def test_epochs_and_as_many_steps_are_the_same_training(few):
    one, other = small(), small()
    quietly(one, few, epochs=2, batch_size=30)
    quietly(other, few, steps=8, batch_size=30)
    assert one.fingerprint() == other.fingerprint()


def test_the_schedule_is_asked_at_every_step_and_scales_the_learning_rate(few):
    asked = []
    network, still = small(), small()
    quietly(network, few, steps=4, schedule=lambda progress: asked.append(progress) or 0.0)
    assert asked == [0, 0.25, 0.5, 0.75]
    assert network.fingerprint() == still.fingerprint()


def test_cosine_falls_from_one_to_zero():
    assert [cosine(progress) for progress in (0, 1 / 3, 0.5, 1)] == pytest.approx([1, 0.75, 0.5, 0])


def test_dropout_makes_a_difference_in_training_only(few):
    with_dropout, without = small(dropout=0.5), small()
    quietly(with_dropout, few, epochs=2)
    quietly(without, few, epochs=2)
    assert with_dropout.fingerprint("hidden1") != without.fingerprint("hidden1")


def test_a_progress_bar_is_shown_with_its_title_unless_it_is_switched_off(few, capfd):
    pytest.importorskip("tqdm")
    quietly(small(), few, steps=1)
    assert capfd.readouterr().err == ""
    quietly(small(), few, steps=1, progress="odd digits")
    assert "odd digits" in capfd.readouterr().err


def test_a_progress_bar_is_left_out_where_there_is_no_stderr(few, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", None)  # as under pythonw
        assert quietly(small(), few, steps=1, progress=True).steps == 1


# --- the same again ----------------------------------------------------------------------------------------------

TRAIN = """
from helpers import Network, fit, load_mnist, odd_even_tasks
odd, _ = odd_even_tasks(load_mnist())
network = Network.mlp(784, 16, 8, classes=5, seed=0, dropout=0.2)
fit(network, odd.train.subset(per_class=20, seed=0), epochs=3, seed=0, progress=False)
print(network.fingerprint())
"""


def test_the_same_seed_gives_the_same_weights_to_the_last_bit_here_and_in_another_process(few, run_python):
    fingerprints = []
    for seed in (0, 0, 1):
        network = small(dropout=0.2)
        quietly(network, few, epochs=3, seed=seed)
        fingerprints.append(network.fingerprint())
    assert fingerprints[0] == fingerprints[1] != fingerprints[2]
    assert run_python(TRAIN) == fingerprints[0]


def test_the_global_random_state_plays_no_part_and_is_not_touched(few):
    np.random.seed(1)
    state = np.random.get_state()[1].copy()
    quietly(small(), few, steps=2)
    assert np.array_equal(np.random.get_state()[1], state)


# --- frozen layers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("frozen", [("hidden1",), ("hidden1", "hidden2"), ("hidden2",), ("head",), ("hidden1", "head")])
@pytest.mark.parametrize("keep_features", [True, False])
def test_frozen_layers_are_the_same_to_the_last_bit_after_training_and_the_others_are_not(few, frozen, keep_features):
    network = small(dropout=0.2)
    quietly(network, few, steps=1)  # leaves gradients behind, which must not move what is frozen from here on
    network.freeze(*frozen)
    before = {name: network.fingerprint(name) for name in ("hidden1", "hidden2", "head")}
    quietly(network, few, epochs=2, keep_features=keep_features)
    assert {name for name in before if network.fingerprint(name) == before[name]} == set(frozen)


def long_way_and_short_way(network, part, change, **options):
    short, long = network.copy(), network.copy()
    histories = [quietly(short, part, **options), quietly(long, part, **{**options, **change})]
    return [short, long], histories


@pytest.mark.parametrize("upto", ["relu1", "dropout1", "hidden2", "dropout2"])
def test_features_computed_once_lead_to_the_same_network_as_the_long_way(few, validation, upto, monkeypatch):
    monkeypatch.setattr(training, "PIECE", 30)  # so that they are computed in several pieces
    network = small(dropout=0.3).freeze(upto=upto)
    networks, histories = long_way_and_short_way(
        network, few, {"keep_features": False}, epochs=5, validation=validation, batch_size=32
    )
    for one, other in zip(*(network.parameters(trainable_only=False) for network in networks)):
        assert np.abs(one.value - other.value).max() < 1e-5
    assert histories[0].loss == pytest.approx(histories[1].loss, abs=1e-5)
    assert histories[0].validation_loss == pytest.approx(histories[1].validation_loss, abs=1e-5)
    assert histories[0].feature_seconds > 0


def test_features_too_large_to_keep_are_computed_anew_with_the_same_result(few, monkeypatch):
    network = small().freeze(upto="hidden1")
    kept = network.copy()
    quietly(kept, few, epochs=3)
    monkeypatch.setattr(training, "FEATURE_BYTES", 1000)
    quietly(network, few, epochs=3)
    for one, other in zip(kept.parameters(), network.parameters()):
        assert np.abs(one.value - other.value).max() < 1e-5


# --- stopping early ----------------------------------------------------------------------------------------------


def test_early_stopping_waits_for_its_patience_and_restores_the_best_weights(few, validation):
    options = {"validation": validation, "optimizer": SGD(0.5, momentum=0.9), "batch_size": 50}
    network = small()
    history = quietly(network, few, epochs=200, patience=4, **options)
    best = int(np.argmin(history.validation_loss)) + 1
    assert history.epochs < 200, "this was meant to over-fit"
    assert history.best_epoch == best == history.epochs - 4
    assert evaluate(network, validation).loss == pytest.approx(min(history.validation_loss), rel=1e-5)
    again = small()
    quietly(again, few, epochs=best, **{**options, "optimizer": SGD(0.5, momentum=0.9)})
    assert again.fingerprint() == network.fingerprint()


def test_patience_restores_the_best_weights_also_where_the_epochs_run_out(few, validation):
    network = small()
    rates = iter([1.0, 1.0, 1.0, 300.0])  # the last epoch ruins the network
    history = quietly(network, few, epochs=4, batch_size=100, patience=9, validation=validation,
                      optimizer=SGD(0.05), schedule=lambda progress: next(rates))  # fmt: skip
    assert history.best_epoch == 3 and history.validation_loss[3] > history.validation_loss[2]
    assert evaluate(network, validation).loss == pytest.approx(history.validation_loss[2], rel=1e-5)


# --- a loss that is not finite -----------------------------------------------------------------------------------


def weights_of(network):
    return [parameter.value.copy() for parameter in network.parameters(trainable_only=False)]


def ruin_at(step, scale=1e30):
    """A schedule that multiplies the learning rate by far too much at one step, counted from 1."""
    calls = itertools.count(1)
    return lambda progress: scale if next(calls) == step else 1.0


@pytest.mark.parametrize(
    "ruined, named",
    [(1, "loss stopped being finite in epoch 1, step 2"), (6, "loss stopped being finite in epoch 2, step 7")],
)
def test_divergence_names_epoch_and_step_and_puts_the_weights_of_the_epochs_start_back(few, ruined, named):
    network, expected = small(), small()
    if ruined > 4:  # steps an epoch
        quietly(expected, few, epochs=1, batch_size=25, optimizer=SGD(0.1))
    with warnings.catch_warnings(), pytest.raises(DivergenceError, match=named) as caught:
        warnings.simplefilter("error")
        quietly(network, few, epochs=3, batch_size=25, optimizer=SGD(0.1), schedule=ruin_at(ruined))
    assert "Try a learning rate of 0.01" in str(caught.value) and "SGD(learning_rate=0.1" in str(caught.value)
    assert network.fingerprint() == expected.fingerprint()


def test_weights_that_stop_being_finite_in_the_last_step_are_caught_too(few):
    network = small()
    with pytest.raises(DivergenceError, match="weights stopped being finite in epoch 1, step 4"):
        quietly(network, few, epochs=1, batch_size=25, optimizer=SGD(0.1), schedule=ruin_at(4, scale=1e300))
    assert network.fingerprint() == small().fingerprint()


def test_a_validation_loss_that_is_not_finite_is_caught_too(few, validation):
    network = small()
    with pytest.raises(DivergenceError, match="validation loss stopped being finite in epoch 1, step 4"):
        quietly(network, few, epochs=1, batch_size=25, optimizer=SGD(0.1), schedule=ruin_at(4), validation=validation)
    assert network.fingerprint() == small().fingerprint()


def test_divergence_leaves_frozen_layers_alone(few):
    network = small().freeze("hidden1")
    with pytest.raises(DivergenceError):
        quietly(network, few, epochs=3, batch_size=25, optimizer=SGD(0.1), schedule=ruin_at(2))
    assert network.fingerprint() == small().fingerprint()


def test_after_a_divergence_the_advised_retry_works_with_the_same_optimizer(few):
    """Momentum that has grown beyond all bounds must not ruin the next try."""
    network, optimizer = small(), SGD(0.1, momentum=0.9)
    with pytest.raises(DivergenceError):
        quietly(network, few, epochs=3, batch_size=25, optimizer=optimizer, schedule=ruin_at(2))
    assert optimizer.steps == 0
    optimizer.learning_rate = 0.01
    retried = quietly(network, few, epochs=3, batch_size=25, optimizer=optimizer)
    fresh = small()
    assert quietly(fresh, few, epochs=3, batch_size=25, optimizer=SGD(0.01, momentum=0.9)).loss == retried.loss
    assert network.fingerprint() == fresh.fingerprint()


# --- watching ----------------------------------------------------------------------------------------------------


def test_the_watcher_is_called_after_every_step_with_its_loss_and_changes_nothing(few, validation):
    watched, alone, seen = small(dropout=0.2), small(dropout=0.2), []

    def watch(step, loss, network):
        assert network is watched
        evaluate(network, validation)  # looking takes time, and nothing else
        seen.append((step, loss, network.fingerprint()))

    history = quietly(watched, few, epochs=2, batch_size=25, validation=validation, watch=watch)
    expected = quietly(alone, few, epochs=2, batch_size=25, validation=validation)
    assert watched.fingerprint() == alone.fingerprint() == seen[-1][2]
    assert [step for step, _, _ in seen] == list(range(1, 9))
    assert len({fingerprint for _, _, fingerprint in seen}) == 8
    assert np.mean([loss for _, loss, _ in seen[4:]]) == pytest.approx(history.loss[1])
    assert (history.loss, history.validation_loss) == (expected.loss, expected.validation_loss)
    assert not history.stopped


@pytest.mark.parametrize("last", [1, 3, 4, 6])
@pytest.mark.parametrize("answer", [True, np.True_])
def test_a_watcher_that_returns_true_ends_training_as_if_no_more_steps_had_been_asked_for(
    few, validation, last, answer
):
    options = {"batch_size": 25, "validation": validation}
    network, expected = small(), small()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = quietly(network, few, epochs=9, watch=lambda step, loss, network: step == last and answer, **options)
    shorter = quietly(expected, few, steps=last, **options)
    assert network.fingerprint() == expected.fingerprint()
    assert history.stopped and not history.interrupted and history.steps == last
    assert history.loss == shorter.loss and history.validation_loss == shorter.validation_loss
    assert repr(history).endswith("stopped)")


@pytest.mark.parametrize("answer", [None, False, np.False_, 0.7, "yes"])
def test_only_true_ends_training_not_a_value_that_a_watcher_happens_to_return(few, answer):
    assert quietly(small(), few, epochs=2, watch=lambda step, loss, network: answer).steps == 2


def test_a_watcher_that_ends_training_leaves_the_best_weights_where_early_stopping_is_asked_for(few, validation):
    network = small()
    rates = iter([1.0, 1.0, 300.0, 1.0])
    history = quietly(
        network, few, epochs=9, batch_size=100, patience=5, validation=validation, optimizer=SGD(0.05),
        schedule=lambda progress: next(rates), watch=lambda step, loss, network: step == 3,
    )  # fmt: skip
    assert history.stopped and history.best_epoch == 2
    assert evaluate(network, validation).loss == pytest.approx(history.validation_loss[1], rel=1e-5)


def test_an_error_in_the_watcher_reaches_the_caller(few):
    def watch(step, loss, network):
        raise LookupError("in the watcher")

    with pytest.raises(LookupError, match="in the watcher"):
        quietly(small(), few, epochs=2, watch=watch)


# --- Ctrl-C ------------------------------------------------------------------------------------------------------


def test_ctrl_c_ends_training_with_usable_weights_a_warning_and_a_note_in_the_history(few, validation):
    network = small()
    with pytest.warns(UserWarning, match="interrupted after 9 of 40 steps; the network keeps what it has learned"):
        history = quietly(network, few, epochs=10, batch_size=25, validation=validation, schedule=interrupt_at(10))
    assert history.interrupted and history.steps == 9 and history.epochs == 2
    assert len(history.validation_loss) == len(history.loss) == len(history.seconds) == 2
    expected = small()
    quietly(expected, few, steps=9, batch_size=25)
    assert network.fingerprint() == expected.fingerprint()
    assert math.isfinite(evaluate(network, validation).loss)


def test_ctrl_c_with_early_stopping_restores_the_best_weights_so_far(few, validation):
    network = small()
    with pytest.warns(UserWarning, match="interrupted"):
        history = quietly(
            network, few, epochs=9, batch_size=25, validation=validation, patience=5, schedule=interrupt_at(14)
        )
    assert history.interrupted and history.best_epoch == 3
    assert evaluate(network, validation).loss == pytest.approx(min(history.validation_loss), rel=1e-5)


@pytest.mark.parametrize("delay", [0.001, 0.01, 0.03, 0.1, 0.2])
def test_ctrl_c_at_any_moment_leaves_finite_weights_and_frozen_layers_as_they_were(odd, delay):
    network = small().freeze("hidden2")
    before = network.fingerprint("hidden2")
    presser = threading.Timer(delay, signal.raise_signal, [signal.SIGINT])

    def schedule(progress):
        if progress == 0:
            presser.start()
        return 1.0

    with pytest.warns(UserWarning, match="interrupted"):
        history = quietly(network, odd.train, epochs=10_000, validation=odd.validation, schedule=schedule)
    assert history.interrupted and network.fingerprint("hidden2") == before
    assert len(history.loss) == len(history.validation_loss)
    assert all(np.isfinite(values).all() for values in weights_of(network))


def test_ctrl_c_between_any_two_lines_of_bookkeeping_leaves_lists_of_equal_length(few, validation):
    """Pressed at each line of a whole training in turn, from the first batch to the last entry of the history."""

    def train(press):
        lines, network = itertools.count(1), small()

        def trace(frame, event, _):
            if frame.f_code.co_filename != training.__file__ or frame.f_code.co_name in (
                "fit",
                "__enter__",
                "__exit__",
            ):
                return None
            if event == "line" and next(lines) == press:
                raise KeyboardInterrupt
            return trace

        sys.settrace(trace)
        try:
            history = quietly(network, few, epochs=2, batch_size=50, validation=validation, patience=5)
        finally:
            sys.settrace(None)
        return history, network

    for press in itertools.count(1):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                history, network = train(press)
            except KeyboardInterrupt:  # before there was anything to keep
                continue
        lists = history.loss, history.accuracy, history.seconds, history.validation_loss, history.validation_accuracy
        assert {len(one) for one in lists} == {history.epochs}
        assert (history.best_epoch or 0) <= history.epochs and np.isfinite(network.values).all()
        if not history.interrupted:
            break
    assert history.epochs == 2 and press > 50


def test_after_ctrl_c_the_network_can_be_trained_on(few):
    network = small()
    with pytest.warns(UserWarning, match="interrupted"):
        quietly(network, few, epochs=5, schedule=interrupt_at(2))
    assert not quietly(network, few, epochs=1).interrupted


# --- arguments ---------------------------------------------------------------------------------------------------


def nothing_of(part):
    return Part(part.images[:0], part.labels[:0], part.digits, "no images")


@pytest.mark.parametrize(
    "options, message",
    [
        ({}, "by epochs or by steps, one of them, not epochs=None, steps=None"),
        ({"epochs": 1, "steps": 1}, "by epochs or by steps, one of them, not epochs=1, steps=1"),
        ({"epochs": 0}, "epochs must be a whole number of at least 1, not 0"),
        ({"steps": 1.5}, "steps must be a whole number of at least 1, not 1.5"),
        ({"epochs": 1, "batch_size": 0}, "batch_size must be a whole number of at least 1, not 0"),
        ({"epochs": 1, "patience": 0}, "patience must be a whole number of at least 1, not 0"),
        ({"epochs": 1, "patience": 3}, "early stopping needs a validation part to decide by"),
    ],
    ids=str,
)
def test_arguments_that_make_no_sense_are_refused(few, options, message):
    network = small()
    with pytest.raises(ValueError, match=message):
        quietly(network, few, **options)
    assert network.fingerprint() == small().fingerprint()


def test_a_seed_is_required(few):
    with pytest.raises(TypeError, match="seed"):
        fit(small(), few, epochs=1)
    with pytest.raises(TypeError, match="seed must be a whole number"):
        quietly(small(), few, epochs=1, seed=None)


def test_a_network_that_does_not_fit_the_part_is_refused_with_the_remedy(mnist):
    with pytest.raises(ValueError, match=r"5 outputs, but 12 train has 2 classes; network\.with_new_head\(classes=2"):
        quietly(small(), digit_task(mnist, (1, 2)).train, epochs=1)


def test_validation_on_other_digits_is_refused(few, even):
    with pytest.raises(ValueError, match=r"the validation part has digits \(0, 2, 4, 6, 8\), the training part \(1, 3"):
        quietly(small(), few, epochs=1, validation=even.validation)


def test_a_part_without_images_is_refused(few):
    with pytest.raises(ValueError, match="no images holds no images; a part needs at least one"):
        quietly(small(), nothing_of(few), epochs=1)


def test_an_empty_validation_part_is_refused_and_not_taken_for_none(few):
    with pytest.raises(ValueError, match="no images holds no images; a part needs at least one"):
        quietly(small(), few, epochs=1, validation=nothing_of(few))


def test_a_network_with_nothing_to_train_is_refused_with_the_remedy(few):
    with pytest.raises(ValueError, match=r"all layers are frozen.*network\.unfreeze"):
        quietly(small().freeze(upto="head"), few, epochs=1)


def test_histories_of_two_trainings_join_into_one():
    rows = [Epoch(1.0, 0.1, 3.0, 2.0, 0.2), Epoch(5.0, 0.5, 1.0, 7.0, 0.7), Epoch(6.0, 0.6, 1.0, 8.0, 0.8)]
    joined = History(rows[:1], 0.5, 10, 4, 1).followed_by(History(rows[1:], 0.25, 12, 8, 2, True, True))
    assert joined == History(rows, 0.75, 12, 12, 3, True, True)
    assert joined.epochs == 3 and joined.total_seconds == 5.75
    assert (joined.loss, joined.validation_accuracy) == ([1.0, 5.0, 6.0], [0.2, 0.7, 0.8])


def test_a_history_shows_its_end_in_one_line():
    rows = [Epoch(0.5, 0.8, 1.0, 0.6, 0.75), Epoch(0.25, 0.9, 1.5, 0.3, 0.85)]
    said = "History(2 epochs, 20 steps, 2.5 s, training accuracy 90.00%, validation accuracy 85.00%, interrupted)"
    assert repr(History(rows, steps=20, interrupted=True)) == said
    assert repr(History()) == "History(0 epochs, 0 steps, 0.0 s)"
