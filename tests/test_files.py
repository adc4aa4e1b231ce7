"""Files appear whole or not at all; damaged ones give a named error, never another one and never wrong data."""

import io
import json
import math
import os
import re
import struct
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from support import (
    REFUSED_WITHIN_A_GIGABYTE,
    by_key,
    gzipped,
    only_where_memory_is_limited,
    small_arrays,
    write_idx_folder,
    write_npz_bomb,
)

from helpers import DataError, Network, WeightsError, load_mnist, load_network, load_weights, save_network
from helpers import files as files_module
from helpers.evidence.tables import read_columns
from helpers.files import atomic_write, npz_sizes, read_npz
from helpers.show.command import parse


class Unreadable(Exception):
    """Stands for the error that a caller of read_npz chooses."""


# --- writing -----------------------------------------------------------------------------------------------------


def test_a_file_is_written_and_replaced(tmp_path):
    path = tmp_path / "file.bin"
    for content in (b"one", b"two"):
        with atomic_write(path) as file:
            file.write(content)
        assert path.read_bytes() == content
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.bin"]


@pytest.mark.parametrize("problem", [ValueError, KeyboardInterrupt, SystemExit])
def test_whatever_goes_wrong_in_between_leaves_the_old_file_and_nothing_else(tmp_path, problem):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")
    with pytest.raises(problem), atomic_write(path) as file:
        file.write(b"half of the new")
        raise problem
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.bin"]


def test_nothing_is_to_be_seen_at_the_path_before_the_file_is_complete(tmp_path):
    path = tmp_path / "file.bin"
    with atomic_write(path) as file:
        file.write(b"half")
        file.flush()
        assert not path.exists()


def test_a_folder_is_not_overwritten(tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder; give the name of a file"), atomic_write(tmp_path):
        pass


def test_a_tilde_is_a_home_folder_wherever_a_path_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("USERPROFILE" if sys.platform == "win32" else "HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    network = Network.mlp(6, 5, classes=3, seed=0)
    save_network(network, "~/network.npz")
    assert load_network("~/network.npz").fingerprint() == network.fingerprint()
    assert load_weights(network.copy(), Path("~/network.npz")).fingerprint() == network.fingerprint()
    (tmp_path / "idx").mkdir()
    np.savez(tmp_path / "mnist.npz", **small_arrays())
    write_idx_folder(tmp_path / "idx", small_arrays())
    for source in ("~/mnist.npz", "~/idx", Path("~/idx")):
        assert load_mnist(source).train_images.shape == (20, 28, 28)
    (tmp_path / "table.csv").write_text("study\nlabels\n")
    assert list(read_columns("~/table.csv")["study"]) == ["labels"]
    assert parse(["--output", "~/new"]).output == tmp_path / "new"
    assert {path.name for path in tmp_path.iterdir()} == {"network.npz", "mnist.npz", "idx", "table.csv"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among its files")
def test_a_pipe_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="pipe is a device or a pipe; give the name of a file"):
        with atomic_write(tmp_path / "pipe"):
            pass
    assert (tmp_path / "pipe").is_fifo() and len(list(tmp_path.iterdir())) == 1


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="missing does not exist; create it"):
        with atomic_write(tmp_path / "missing" / "file.bin"):
            pass


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX")
def test_others_may_read_the_file_as_far_as_the_umask_allows(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    with atomic_write(tmp_path / "atomic"):
        pass
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


WRITE_WHILE_ANOTHER_THREAD_DOES = """
import os, sys, threading, time
from pathlib import Path
from helpers.files import atomic_write
folder, modes, done = Path(sys.argv[1]), set(), threading.Event()
os.umask(0o027)

def bystander():
    while not done.is_set():
        (folder / "theirs").write_bytes(b"")
        modes.add((folder / "theirs").stat().st_mode & 0o777)
        (folder / "theirs").unlink()

thread = threading.Thread(target=bystander)
thread.start()
sys.setprofile(lambda *event: time.sleep(1e-5))  # before and after every call the other thread has its turn
for _ in range(10):
    with atomic_write(folder / "ours"):
        pass
sys.setprofile(None)
done.set()
thread.join()
print(oct((folder / "ours").stat().st_mode & 0o777), *map(oct, modes))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX")
def test_writing_leaves_the_files_of_other_threads_alone(tmp_path, run_python):
    assert run_python(WRITE_WHILE_ANOTHER_THREAD_DOES, tmp_path) == "0o640 0o640"


# --- reading -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6, dtype="uint8").reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array("text"),
        np.zeros((0, 3), "float32"),
        np.arange(3, dtype=">i4"),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_arrays_come_back_as_numpy_wrote_them(tmp_path, save, array):
    save(tmp_path / "a.npz", x=array, other=np.ones(2))
    (read,) = read_npz(tmp_path / "a.npz", Unreadable, ["x"]).values()
    assert np.array_equal(read, array) and read.dtype == array.dtype and read.shape == array.shape
    assert set(read_npz(tmp_path / "a.npz", Unreadable)) == {"x", "other"}


def npy(header, content=b"", version=b"\x01\x00"):
    """The bytes of a .npy file with any header at all."""
    header = header.encode()
    return b"\x93NUMPY" + version + struct.pack("<H", len(header)) + header + content


HOSTILE = {
    "an object array": (npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n", b"x" * 8), "never loaded"),
    "a promise of terabytes": (npy("{'descr': '<f8', 'fortran_order': False, 'shape': (10**12,), }\n"), "npz"),
    "a shape of terabytes": (
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }\n"),
        "should hold 8,000,000,000,000 bytes",
    ),
    "too few bytes": (npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n", b"x" * 15), "has 15"),
    "too many bytes": (npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n", b"x" * 17), "has 17"),
    "negative sizes": (npy("{'descr': '|u1', 'fortran_order': False, 'shape': (-2, -2), }\n", b"1234"), "npz"),
    "code for a header": (npy("__import__('os').getcwd()\n"), "npz"),
    "an unknown version": (npy("{}", version=b"\x09\x00"), "npz"),
    "no array at all": (b"hello", "npz"),
    "nothing": (b"", "npz"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_arrays_give_the_chosen_error(tmp_path, name):
    content, message = HOSTILE[name]
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", content)
    with pytest.raises(Unreadable, match=message) as caught:
        read_npz(tmp_path / "a.npz", Unreadable)
    assert "a.npz" in str(caught.value)


class Trap:
    """Pickles itself as a call of open(path, "w"): whoever unpickles it leaves a file."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def test_pickled_objects_are_refused_without_running_their_code(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.array([Trap(tmp_path / "sprung")], dtype=object))
    with pytest.raises(Unreadable, match="holds pickled Python objects, which are never loaded"):
        read_npz(tmp_path / "a.npz", Unreadable)
    assert not (tmp_path / "sprung").exists()


def test_a_missing_file_a_folder_and_a_missing_key_are_told_apart(tmp_path):
    np.savez(tmp_path / "a.npz", y=np.ones(2))
    with pytest.raises(Unreadable, match=r"there is no file .*missing\.npz"):
        read_npz(tmp_path / "missing.npz", Unreadable)
    with pytest.raises(Unreadable, match="there is no file"):
        read_npz(tmp_path, Unreadable)
    with pytest.raises(Unreadable, match=r"a\.npz has no array named x or z; it holds: y"):
        read_npz(tmp_path / "a.npz", Unreadable, ["x", "y", "z"])


# --- bombs -------------------------------------------------------------------------------------------------------


def test_the_sizes_are_those_of_the_directory(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros(1000, "float32"), y=np.ones(()))
    assert npz_sizes(tmp_path / "a.npz", Unreadable) == {"x": 4128, "y": 136}
    (tmp_path / "a.npz").write_bytes(b"hello")
    with pytest.raises(Unreadable, match="is not a complete .npz file"):
        npz_sizes(tmp_path / "a.npz", Unreadable)


def test_arrays_may_take_what_their_file_takes_and_somewhat_more(tmp_path, monkeypatch):
    x = np.zeros(10**5, "uint8")
    np.savez(tmp_path / "plain.npz", x=x)
    np.savez_compressed(tmp_path / "packed.npz", x=x, y=x)
    gain = 100_128 - (tmp_path / "packed.npz").stat().st_size  # enough for one of the two, its header included
    monkeypatch.setattr(files_module, "EXPANSION_BYTES", 0)
    assert read_npz(tmp_path / "plain.npz", Unreadable)["x"].size == x.size
    monkeypatch.setattr(files_module, "EXPANSION_BYTES", gain)
    assert read_npz(tmp_path / "packed.npz", Unreadable, ["x"])["x"].size == x.size
    for read in (read_npz, npz_sizes):
        with pytest.raises(
            Unreadable, match=r"packed.npz would unpack to 200,256 bytes, more than the 100,128 .* np.savez"
        ):
            read(tmp_path / "packed.npz", Unreadable)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_what_numpy_writes_is_unpacked(tmp_path, method):
    with zipfile.ZipFile(tmp_path / "a.npz", "w", method) as archive:
        archive.writestr("x.npy", npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }\n", b"x"))
    with pytest.raises(Unreadable, match="compressed by a method that NumPy does not use"):
        read_npz(tmp_path / "a.npz", Unreadable)


@only_where_memory_is_limited
@pytest.mark.parametrize(
    "claimed, message",
    [
        (None, r"would unpack to 3,221,225,600 bytes, more than the 2\d\d,\d{3},\d{3} that are allowed"),
        (1000, "Bad CRC-32"),
    ],
    ids=["honest about its size", "lying about its size"],
)
def test_a_bomb_is_not_unpacked(tmp_path, run_python, claimed, message):
    write_npz_bomb(tmp_path / "a.npz", "x", {}, claimed)
    code = "lambda path: read_npz(path, ValueError)"
    assert re.search(message, run_python(REFUSED_WITHIN_A_GIGABYTE, code, tmp_path / "a.npz", OPENBLAS_NUM_THREADS="1"))


# --- files damaged at random --------------------------------------------------------------------------------------


def damaged(content, rng):
    """Bytes with some of them flipped, lost, repeated or made up."""
    content = bytearray(content)
    start, length = int(rng.integers(len(content))), int(rng.integers(1, 40))
    kind = rng.integers(6)
    if kind == 0:
        for position in rng.integers(len(content), size=rng.integers(1, 9)):
            content[position] ^= 1 << int(rng.integers(8))
    elif kind == 1:
        del content[start:]
    elif kind == 2:
        content[start:start] = rng.bytes(length)
    elif kind == 3:
        del content[start : start + length]
    elif kind == 4:
        content[start:start] = content[start : start + length]
    else:
        content[start : start + length] = bytes(length)
    return bytes(content)


def damaged_inside(content, rng):
    """An .npz file that is a perfect zip archive, checksums and all, with one damaged member: deeper code must see it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    chosen = str(rng.choice(list(members)))
    kind = rng.integers(5)
    if kind == 0:
        del members[chosen]
    elif kind == 1:
        members["extra.npy"] = members[chosen]
    elif kind == 2:
        other = str(rng.choice(list(members)))
        members[chosen], members[other] = members[other], members[chosen]
    elif kind == 3 and "architecture.npy" in members:
        members["architecture.npy"] = other_architecture(members["architecture.npy"], rng)
    else:
        members[chosen] = damaged(members[chosen], rng)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return stream.getvalue()


def other_architecture(member, rng):
    """A stored architecture with one value replaced by another kind of thing, anywhere in it."""
    architecture = json.loads(str(np.load(io.BytesIO(member))))
    spots = [(architecture, key) for key in architecture]
    spots += [(layer, key) for layer in architecture["layers"] for key in layer]
    holder, key = spots[rng.integers(len(spots))]
    holder[key] = [None, -1, 0, 3, 10**30, 0.5, float("nan"), "", "x", "float64", "\ud800", [], [3], [1.5], {}, True][
        rng.integers(16)
    ]
    stream = io.BytesIO()
    np.save(stream, np.array(json.dumps(architecture)))
    return stream.getvalue()


def npz_bytes(arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


@pytest.fixture
def damage_check(tmp_path, damages, request):
    """Damage one file in every way, again and again: each time it loads, or gives the named error."""

    def check(path, content, damage, error, load, is_right):
        outcomes = {"loaded": 0, "refused": 0}
        for seed in range(math.ceil(damages / 6)):
            path.write_bytes(damage(content, np.random.default_rng(seed)))
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                try:
                    loaded = load()
                except error as refused:
                    assert str(path.parent) in str(refused), f"seed {seed}: the message does not say where: {refused}"
                    outcomes["refused"] += 1
                except BaseException as other:
                    raise AssertionError(f"{damage.__name__} with seed {seed} gave {other!r}") from other
                else:
                    assert is_right(loaded), f"{damage.__name__} with seed {seed} loaded something wrong"
                    outcomes["loaded"] += 1
        print(request.node.name, outcomes)  # to be seen with pytest -rP
        assert outcomes["refused"] > damages // 12

    return check


def is_usable(network):
    x = np.zeros((2, *network.input_shape), network.dtype)
    values = [parameter.value for parameter in network.parameters(trainable_only=False)]
    assert all(np.isfinite(value).all() for value in values)
    return network.forward(x).shape == (2, network.classes) and all((repr(network), network.summary()))


@pytest.mark.parametrize("damage", [damaged, damaged_inside])
def test_damaged_weight_files_are_refused_and_change_nothing_in_the_network(tmp_path, damage_check, damage):
    network = Network.mlp(6, 5, classes=3, seed=0, dropout=0.2).freeze("hidden1")
    path = tmp_path / "weights.npz"
    save_network(network, path)
    right = network.fingerprint()

    def load():
        target = Network.mlp(6, 5, classes=3, seed=1, dropout=0.2)
        before = target.fingerprint()
        try:
            load_weights(target, path)
        except WeightsError:
            assert target.fingerprint() == before
        return load_network(path)

    # A damage that leaves zip's checksums whole did not touch a weight; one inside of them may make another network.
    is_right = is_usable if damage is damaged_inside else lambda loaded: loaded.fingerprint() == right
    damage_check(path, path.read_bytes(), damage, WeightsError, load, is_right)


@pytest.mark.parametrize("damage", [damaged, damaged_inside])
def test_damaged_npz_data_are_refused(tmp_path, damage_check, damage):
    path, arrays = tmp_path / "mnist.npz", small_arrays()

    def is_right(mnist):
        if damage is damaged_inside:
            return len(mnist.train_images) == len(mnist.train_labels) and mnist.test_labels.max() <= 9
        return all(np.array_equal(one, other) for one, other in zip(by_key(mnist).values(), arrays.values()))

    damage_check(path, npz_bytes(arrays), damage, DataError, lambda: load_mnist(path), is_right)


@pytest.mark.parametrize("pack", [bytes, gzipped])
def test_damaged_idx_files_are_refused(tmp_path, damage_check, pack):
    arrays = small_arrays()
    path = write_idx_folder(tmp_path, arrays, pack=pack)["y_train"]  # small, so that its header is hit often

    def is_right(mnist):
        # Plain IDX has no checksum, so other pixels or digits cannot be told from right ones; sizes can.
        pairs = list(zip(by_key(mnist).values(), arrays.values()))
        same = all(np.array_equal(one, other) for one, other in pairs)
        return (
            same
            if pack is gzipped
            else all(one.shape == other.shape and one.dtype == other.dtype for one, other in pairs)
        )

    damage_check(path, path.read_bytes(), damaged, DataError, lambda: load_mnist(tmp_path), is_right)
