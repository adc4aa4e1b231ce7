"""A saved network comes back as it was; a kill, a full disk or a bad file harms nobody."""

import json
import random
import re
import subprocess
import sys
import time

import numpy as np
import pytest
from support import REFUSED_WITHIN_A_GIGABYTE, only_where_memory_is_limited, write_npz_bomb

from helpers import Dense, Dropout, Network, ReLU, WeightsError, load_network, load_weights, save_network

X = np.random.default_rng(0).normal(size=(5, 6)).astype("float32")


def small(seed=0, dtype="float32"):
    return Network.mlp(6, 5, 4, classes=3, seed=seed, dropout=0.25, dtype=dtype)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights.npz"


# --- there and back ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "network",
    [
        small(),
        small().freeze("hidden1", "head"),
        small(dtype="float64"),
        Network.mlp(6, classes=3, seed=0),
        Network([("a", Dropout(0.1)), ("b", ReLU()), ("c", Dense(6, 2, 0)), ("d", ReLU())], (6,)),
    ],
    ids=["mlp", "frozen", "float64", "softmax", "own layers"],
)
def test_a_loaded_network_is_the_saved_one_to_the_last_bit(path, network):
    save_network(network, path)
    loaded = load_network(path)
    assert repr(loaded) == repr(network) and loaded.summary() == network.summary()
    assert loaded.fingerprint() == network.fingerprint() and loaded.dtype == network.dtype
    assert [layer.trainable for layer in loaded.layers] == [layer.trainable for layer in network.layers]
    assert np.array_equal(loaded.forward(X), network.forward(X))


def test_the_file_has_exactly_the_name_that_was_given(tmp_path):
    save_network(small(), tmp_path / "weights.of.mine")
    assert [entry.name for entry in tmp_path.iterdir()] == ["weights.of.mine"]


def test_the_file_is_read_by_numpy_without_pickle(path):
    save_network(small(), path)
    with np.load(path, allow_pickle=False) as stored:
        assert set(stored) == {"architecture"} | {
            f"{layer}/{kind}" for layer in ("hidden1", "hidden2", "head") for kind in ("weights", "bias")
        }


def test_load_weights_fills_a_network_in_place_and_leaves_what_is_frozen_frozen(path):
    save_network(small(seed=1).freeze("head"), path)
    network = small(seed=2).freeze("hidden1")
    arrays = [parameter.value for parameter in network.parameters(trainable_only=False)]
    assert load_weights(network, path) is network
    assert network.fingerprint() == small(seed=1).fingerprint()
    assert not network["hidden1"].trainable and network["head"].trainable
    assert all(one is other.value for one, other in zip(arrays, network.parameters(trainable_only=False)))


def test_weights_of_float64_fit_a_float32_network(path):
    save_network(small(dtype="float64"), path)
    assert load_weights(small(seed=3), path).fingerprint() == small().fingerprint()


# --- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_not_saved_and_the_old_file_stays(path, bad):
    save_network(small(), path)
    broken = small(seed=1)
    broken["hidden2"].bias.value[1] = bad
    with pytest.raises(WeightsError, match="hidden2/bias holds NaN or infinity; nothing was written"):
        save_network(broken, path)
    assert load_network(path).fingerprint() == small().fingerprint()


def assert_refused(path, message):
    """Neither way of loading takes the file, the message names it, and the network stays as it was."""
    network = small(seed=9)
    before = network.fingerprint()
    for load in (lambda: load_network(path), lambda: load_weights(network, path)):
        with pytest.raises(WeightsError, match=message) as caught:
            load()
        assert path.name in str(caught.value)
    assert network.fingerprint() == before


def test_a_missing_file_is_refused(path):
    assert_refused(path, "there is no file")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"hello\n" * 50], ids=["empty", "stub", "text"])
def test_a_foreign_file_is_refused(path, content):
    path.write_bytes(content)
    assert_refused(path, "is not a complete .npz file")


def test_an_npz_of_something_else_is_refused(path):
    np.savez(path, x=np.ones(3))
    assert_refused(path, "not one that save_network wrote: it has no architecture")
    np.savez(path, architecture=np.ones(3))
    assert_refused(path, "not one that save_network wrote: it has no architecture")


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95, 0.999])
def test_a_truncated_file_is_refused(path, share):
    save_network(small(), path)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    assert_refused(path, "is not a complete .npz file.*may be truncated")


def rewritten(path, change):
    """Save a network, then change what is in its file: the architecture (a dict) and the arrays."""
    save_network(small(), path)
    with np.load(path) as stored:
        arrays = dict(stored)
    architecture = json.loads(str(arrays["architecture"]))
    change(architecture, arrays)
    if "architecture" in arrays:
        arrays["architecture"] = np.array(json.dumps(architecture))
    np.savez(path, **arrays)


def layer_changed(number, **settings):
    return lambda architecture, arrays: architecture["layers"][number].update(settings)


def array_changed(key, value):
    return lambda architecture, arrays: arrays.update({key: value})


CONTRADICTIONS = {
    "a later version": (lambda a, _: a.update(format="version 2"), "is of format 'version 2'; this version reads"),
    "an unknown layer": (layer_changed(0, type="Conv4D"), "a layer of type 'Conv4D'; known are Dense, ReLU, Dropout"),
    "no name": (lambda a, _: a["layers"][0].pop("name"), "makes no network: KeyError"),
    "a name that is none": (layer_changed(1, name=5), "the name of a layer must be a printable str"),
    "two of one name": (layer_changed(1, name="hidden1"), "hidden1 is used twice"),
    "a setting too many": (layer_changed(0, colour="red"), "makes no network: TypeError"),
    "a rate that is none": (layer_changed(2, rate=2.0), "rate is the share of values to drop"),
    "sizes that do not meet": (layer_changed(3, inputs=7), "layer 'hidden2' does not fit layer 'dropout1'"),
    "more than memory holds": (
        layer_changed(0, inputs=10**12),
        "hidden1/weights should take 20,000,000,000,000 bytes, but the file has 248",
    ),
    "more than any computer holds": (
        layer_changed(0, inputs=10**4000, outputs=10**4000),
        "makes no network|should take",
    ),
    "one array for two layers": (layer_changed(3, name="hidden1"), "hidden1/weights should take 80 .* the file has 0"),
    "sizes that are texts": (layer_changed(0, inputs="x", outputs=10**9), "inputs must be a whole number"),
    "a large convolution": (
        lambda a, _: a["layers"].insert(
            0, {"name": "c", "type": "Conv2D", "trainable": True, "channels": 1, "filters": 3, "kernel_size": 10**5}
        ),
        "c/weights should take 120,000,000,000 bytes, but the file has 0",
    ),
    "much architecture": (
        lambda a, _: a.update(more="x" * 2**18),
        "holds an architecture of 1,0.* bytes, which makes no",
    ),
    "integers": (lambda a, _: a.update(dtype="int32"), "a floating-point type"),
    "no layers": (lambda a, _: a.update(layers=[]), "at least one layer"),
    "a missing array": (lambda _, arrays: arrays.pop("head/bias"), "do not match the architecture: head/bias"),
    "an extra array": (array_changed("tail/bias", np.ones(3)), "do not match the architecture: tail/bias"),
    "a wrong shape": (
        array_changed("head/bias", np.ones(4, "float32")),
        r"head/bias should be float32 of shape \(3,\), but is float32 of shape \(4,\)",
    ),
    "whole numbers": (array_changed("head/bias", np.ones(3, int)), "head/bias should be float32 .* but is int"),
    "NaN": (array_changed("head/bias", np.full(3, np.nan, "float32")), "head/bias holds NaN"),
    "too large a number": (array_changed("head/bias", np.full(3, 1e300)), "more than float32 can hold"),
    "Python objects": (array_changed("head/bias", np.array([1, 2, None])), "never loaded"),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_file_that_contradicts_itself_is_refused(path, name):
    change, message = CONTRADICTIONS[name]
    rewritten(path, change)
    assert_refused(path, message)


@pytest.mark.parametrize(
    "text", ["", "null", "3", "{}", "[]", "{", "[" * 100_000], ids=lambda text: text[:3] or "empty"
)
def test_an_architecture_that_is_none_is_refused(path, text):
    np.savez(path, architecture=np.array(text))
    assert_refused(path, "no network|no architecture")


def test_an_architecture_of_characters_that_do_not_exist_is_refused(path):
    np.savez(path, architecture=np.array(2**31 - 1, "int32").view("<U1"))
    assert_refused(path, "makes no network")


@pytest.mark.parametrize(
    "other, message",
    [
        (Network.mlp(6, 5, classes=3, seed=0), "does not match the network: it has head: Dense"),
        (Network.mlp(6, 5, 4, classes=2, seed=0, dropout=0.25), r"it has head: Dense\(4 -> 2\), where .* -> 3\)"),
        (Network.mlp(6, 5, 4, classes=3, seed=0), "it has hidden2: .*, where the network has dropout1"),
        (small().body(), "it has no more layers, where .* head"),
    ],
)
def test_the_weights_of_another_architecture_are_refused_and_change_nothing(path, other, message):
    save_network(other, path)
    network = small(seed=9)
    before = network.fingerprint()
    with pytest.raises(WeightsError, match=message):
        load_weights(network, path)
    assert network.fingerprint() == before


@only_where_memory_is_limited
@pytest.mark.parametrize("bomb", ["head/weights", "architecture", "nobody's"])
def test_a_bomb_is_refused(path, run_python, bomb):
    save_network(small(), path)
    with np.load(path) as stored:
        write_npz_bomb(path, bomb, {key: stored[key] for key in stored if key != bomb})
    printed = run_python(REFUSED_WITHIN_A_GIGABYTE, "load_network", path, OPENBLAS_NUM_THREADS="1")
    assert re.search("weights.npz would unpack to 3,221,.* bytes, more than the .* that are allowed", printed), printed


@only_where_memory_is_limited
def test_a_layer_is_no_larger_than_its_array(path, run_python):
    rewritten(path, layer_changed(0, inputs=20_000, outputs=20_000))  # 1.6 GB, which most computers would give
    printed = run_python(REFUSED_WITHIN_A_GIGABYTE, "load_network", path, OPENBLAS_NUM_THREADS="1")
    assert "hidden1/weights should take 1,600,000,000 bytes, but the file has 248" in printed


# --- kills and full disks ----------------------------------------------------------------------------------------

SAVE_FOREVER = """
import sys
from helpers import Network, save_network
path, one, other = sys.argv[1], *(Network.mlp(784, 128, classes=5, seed=seed) for seed in (0, 1))
while True:
    save_network(one, path)
    save_network(other, path)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_a_kill_in_the_middle_of_a_save_leaves_the_old_file_or_the_new_one(tmp_path, kills):
    whole = {Network.mlp(784, 128, classes=5, seed=seed).fingerprint() for seed in (0, 1)}
    moments, loaded, halves = random.Random(0), [], 0
    for number in range(kills):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / "weights.npz"
        with subprocess.Popen([sys.executable, "-c", SAVE_FOREVER, str(path)]) as process:
            while not path.exists():
                assert process.poll() is None, "the saving process died by itself"
                time.sleep(0.001)
            time.sleep(moments.uniform(0, 0.03))
            process.kill()
        loaded.append(load_network(path).fingerprint())
        halves += len(list(folder.glob(".weights.npz.*.partial")))
    print(f"{kills} kills, {halves} of them while a file was half written, {len(set(loaded))} different whole files")
    assert set(loaded) <= whole
    assert halves > kills / 4, "hardly a kill came in the middle of a save, so this showed nothing"


FILL_THE_DISK = """
import resource, sys
from helpers import Network, save_network
save_network(Network.mlp(784, 8, classes=5, seed=0), sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)  # no file may grow beyond this: a disk that is full
try:
    save_network(Network.mlp(784, 128, classes=5, seed=1), sys.argv[1])
except OSError as problem:
    print(type(problem).__name__)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on the size of files is POSIX")
@pytest.mark.parametrize("room", [0, 100, 50_000, 400_000])
def test_a_full_disk_leaves_the_old_file_and_no_rubbish(path, run_python, room):
    assert run_python(FILL_THE_DISK, path, room) == "OSError"
    assert load_network(path).fingerprint() == Network.mlp(784, 8, classes=5, seed=0).fingerprint()
    assert [entry.name for entry in path.parent.iterdir()] == ["weights.npz"]
