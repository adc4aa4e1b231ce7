"""Several cores: the same numbers to the last bit for any number of threads, and nothing left behind."""

import multiprocessing
import os
import signal
import threading
import time

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from helpers import Adam, DivergenceError, Network, evaluate, fit, frozen_features, softmax_cross_entropy
from helpers import threads as module
from helpers.nn.fast import SHARD, Runner
from helpers.threads import Workers, available_cpus, default_threads, one_blas_thread
from helpers.transfer.recipes import convnet, small_convnet


@pytest.fixture(scope="module")
def few(odd):
    return odd.train.subset(per_class=30, seed=0)


@pytest.fixture(autouse=True)
def no_thread_is_left_behind():
    before = set(threading.enumerate())
    module._several_threads_help.cache_clear()
    yield
    module._several_threads_help.cache_clear()
    left = [thread for thread in set(threading.enumerate()) - before if not thread.name.startswith("tqdm")]
    assert not left


def trained(few, threads, **options):
    network = convnet((4, 6), hidden=16, classes=5, seed=0, dropout=0.3)
    options = {"epochs": 2, "batch_size": 100, "seed": 0, "validation": few, "progress": False, **options}
    return network, fit(network, few, threads=threads, **options)


# --- the same numbers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_any_number_of_threads_gives_the_same_network_and_history_to_the_last_bit(few, threads):
    (one, history), (many, other) = trained(few, 1), trained(few, threads)
    assert many.fingerprint() == one.fingerprint()
    assert (other.loss, other.accuracy, other.validation_loss) == (
        history.loss,
        history.accuracy,
        history.validation_loss,
    )


def test_evaluation_and_frozen_features_are_the_same_for_any_number_of_threads(few):
    source, _ = trained(few, 1)
    measured = [evaluate(source, few, threads=threads) for threads in (1, 2, 5)]
    assert all(np.array_equal(each.probabilities, measured[0].probabilities) for each in measured)
    for keep_features in (True, False):
        options = {"upto": "conv2", "seed": 0, "epochs": 2, "keep_features": keep_features, "progress": False}
        moved = [frozen_features(source, few, threads=threads, **options).network for threads in (1, 2, 5)]
        assert len({network.fingerprint() for network in moved}) == 1


@pytest.mark.parametrize("count", [1, SHARD, SHARD + 1, 100, 128])
def test_shards_add_up_to_the_gradient_of_the_whole_batch(few, count):
    """In float64, so that nothing but rounding is left between them."""
    whole = small_convnet(classes=5, seed=0).astype("float64")
    cut = whole.copy()
    x, labels = few.inputs((28, 28, 1), "float64")[:count], few.labels[:count]
    with Workers(2) as workers:
        shards = Runner(cut, workers)
        losses = []
        for model in (whole, shards):
            loss, grad = softmax_cross_entropy(model.forward(x, training=True), labels)
            model.backward(grad)
            losses.append(loss)
    assert losses[1] == pytest.approx(losses[0], rel=1e-12)
    for one, other in zip(whole.parameters(), cut.parameters()):
        np.testing.assert_allclose(other.grad, one.grad, rtol=0, atol=1e-12 * np.abs(one.grad).max())


def test_backward_after_a_shorter_batch_forgets_the_shards_of_the_longer_one(few):
    network = small_convnet(classes=5, seed=0)
    x, labels = few.inputs((28, 28, 1)), few.labels
    with Workers(2) as workers:
        shards = Runner(network, workers)
        for count in (128, 40):
            _, grad = softmax_cross_entropy(shards.forward(x[:count], training=True), labels[:count])
            shards.backward(grad)
        gradients = [parameter.grad.copy() for parameter in network.parameters()]
        fresh = Runner(network, workers)
        fresh.forward(x[:40], training=True)
        fresh.backward(grad)
    assert all(np.array_equal(one, parameter.grad) for one, parameter in zip(gradients, network.parameters()))


def test_each_shard_drops_other_values_and_each_step_too(few):
    """Were two shards given one generator, they would drop the same places, and threads would race for it."""
    network = convnet((2,), hidden=50, classes=5, seed=0, dropout=0.5)
    x = np.ones((2 * SHARD, 28, 28, 1), "float32")
    with Workers(1) as workers:
        shards, rng = Runner(network, workers), np.random.default_rng(0)
        masks = [shards.forward(x, True, rng) for _ in range(2)]
    first, second = masks[0][:SHARD], masks[0][SHARD:]
    assert not np.array_equal(first, second) and not np.array_equal(masks[0], masks[1])


def test_a_batch_for_dense_layers_is_not_cut(odd):
    """So it is worked through by the network itself, with the very generator that `fit` has."""
    network = Network.mlp(784, 16, 8, classes=5, seed=0, dropout=0.2)
    x, rngs = odd.validation.inputs((784,)), [np.random.default_rng(0) for _ in range(2)]
    with Workers(2) as workers:
        logits = [model.forward(x, True, rng) for model, rng in zip((Runner(network, workers), network), rngs)]
    assert np.array_equal(*logits) and rngs[0].random() == rngs[1].random()


# --- ending well -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt])
def test_an_error_in_one_shard_is_raised_after_the_others_have_ended(error):
    ended, both_work = [], threading.Barrier(2)

    def work(number):
        both_work.wait(10)
        if number == 0:
            raise error("in the first")
        time.sleep(0.05)
        ended.append(number)

    with Workers(2) as workers:
        with pytest.raises(error, match="in the first"):
            workers.map(work, [0, 1])
        assert ended == [1]


def test_ctrl_c_while_threads_work_ends_all_of_them_and_keeps_the_network(few):
    network, before = convnet((4, 6), hidden=16, classes=5, seed=0), threads_of_blas()
    presser = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
    presser.start()
    with pytest.warns(UserWarning, match="interrupted"):
        history = fit(network, few, epochs=100_000, seed=0, threads=2, progress=False)
    presser.join()
    assert history.interrupted
    assert all(np.isfinite(parameter.value).all() for parameter in network.parameters())
    assert threads_of_blas() == before


def test_a_divergence_in_threads_puts_the_weights_back_without_a_warning_from_any(few, recwarn):
    network = convnet((4, 6), hidden=16, classes=5, seed=0)
    before = network.fingerprint()
    with pytest.raises(DivergenceError):
        fit(network, few, epochs=3, seed=0, threads=2, optimizer=Adam(1e30), progress=False)
    assert network.fingerprint() == before and not len(recwarn)


TRAIN_AND_START_ANOTHER = """
import multiprocessing, os, sys
from helpers import fit, load_mnist, odd_even_tasks
from helpers.transfer.recipes import small_convnet
from helpers.threads import default_threads
odd, _ = odd_even_tasks(load_mnist())
fit(small_convnet(classes=5, seed=0), odd.train.subset(30, seed=0), epochs=1, seed=0, threads=2, progress=False)
with multiprocessing.get_context(sys.argv[1]).Pool(1) as pool:
    print(pool.apply(default_threads), pool.apply(os.getpid) != os.getpid())
"""


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_a_process_started_after_a_training_works_and_keeps_to_one_thread(run_python, method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system does not {method}")
    assert run_python(TRAIN_AND_START_ANOTHER, method) == "1 True"


# --- one thread for each product ---------------------------------------------------------------------------------


def threads_of_blas():
    """How many threads each BLAS in this process uses; some are loaded along with other tests."""
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def test_one_blas_thread_lasts_as_long_as_its_context():
    before = threads_of_blas()
    with one_blas_thread():
        assert set(threads_of_blas()) <= {1}
        with one_blas_thread():
            assert set(threads_of_blas()) <= {1}
        assert set(threads_of_blas()) <= {1}
    assert threads_of_blas() == before


def test_overlapping_contexts_in_two_threads_hold_until_the_last_one_ends():
    """The second to begin is the first to end, and the other way round: nobody is given two threads in between."""
    before, entered, leave = threads_of_blas(), threading.Event(), threading.Event()

    def other():
        with one_blas_thread():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with one_blas_thread():
        thread.start()
        entered.wait(10)
    assert set(threads_of_blas()) <= {1}  # the other still needs it
    leave.set()
    thread.join()
    assert threads_of_blas() == before
    with one_blas_thread():  # nobody has lost the control over it
        assert set(threads_of_blas()) <= {1}
    assert threads_of_blas() == before


def test_two_trainings_in_two_threads_are_as_if_alone(few):
    before, alone, networks = threads_of_blas(), trained(few, 1)[0].fingerprint(), [None, None]

    def work(index):
        networks[index] = trained(few, index + 1)[0].fingerprint()

    working = [threading.Thread(target=work, args=(index,)) for index in range(2)]
    for thread in working:
        thread.start()
    for thread in working:
        thread.join()
    assert networks == [alone, alone]
    assert threads_of_blas() == before


# --- how many ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [0, -1, 1.5, True, "2"])
def test_a_number_of_threads_that_makes_no_sense_is_refused(few, threads):
    network = small_convnet(classes=5, seed=0)
    for call in (
        lambda: fit(network, few, steps=1, seed=0, threads=threads),
        lambda: evaluate(network, few, threads=threads),
    ):
        with pytest.raises(ValueError, match="threads must be a whole number of at least 1"):
            call()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system keeps no process to a core")
def test_the_affinity_of_the_process_is_respected():
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert available_cpus() == default_threads() == 1
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.parametrize(
    "files, cpus",
    [
        ({}, 8),
        ({"cpu.max": "max 100000\n"}, 8),
        ({"cpu.max": "200000 100000\n"}, 2),
        ({"cpu.max": "150000 100000\n"}, 1),
        ({"cpu.max": "10000 100000\n"}, 1),
        ({"cpu.max": "9000000 100000\n"}, 8),
        ({"cpu.max": "nonsense\n"}, 8),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, 8),
        ({"cpu/cpu.cfs_quota_us": "300000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 3),
    ],
    ids=str,
)
def test_the_quota_of_a_container_is_respected(tmp_path, monkeypatch, files, cpus):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(module, "CONTROL_GROUPS", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: range(8), raising=False)
    assert available_cpus() == cpus


def test_where_no_thread_can_be_started_everything_runs_on_one_with_the_same_result(few, monkeypatch):
    """As in a browser. The real thing refuses in `Thread.start`, and so does this."""
    expected, _ = trained(few, 1)

    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    monkeypatch.setattr(module, "available_cpus", lambda: 4)
    assert default_threads() == 1
    network, _ = trained(few, None)
    assert network.fingerprint() == expected.fingerprint()
    moved = frozen_features(network, few, upto="conv2", seed=0, steps=3, progress=False).network
    assert 0 <= evaluate(moved, few).accuracy <= 1


@pytest.mark.parametrize(
    "libraries, threads",
    [
        ([{"user_api": "blas", "threading_layer": "pthreads"}], 4),
        ([{"user_api": "blas", "threading_layer": "pthreads"}, {"user_api": "openmp"}], 4),
        ([{"user_api": "blas", "threading_layer": "openmp"}], 1),
        ([], 1),
    ],
    ids=str,
)
def test_several_threads_need_a_blas_that_can_be_kept_to_one(monkeypatch, libraries, threads):
    monkeypatch.setattr("threadpoolctl.threadpool_info", lambda: libraries)
    monkeypatch.setattr(module, "available_cpus", lambda: 4)
    assert default_threads() == threads
