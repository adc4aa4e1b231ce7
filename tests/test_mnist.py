"""The bundled data is the canonical MNIST, every way in gives equal arrays, and bad data is refused by name."""

import gzip
import hashlib
import re
import struct
import sys

import numpy as np
import pytest
from support import (
    REFUSED_WITHIN_A_GIGABYTE,
    by_key,
    deflated_zeros,
    idx_bytes,
    only_where_memory_is_limited,
    small_arrays,
    write_idx_folder,
    write_npz_bomb,
)

from helpers import DataError, load_mnist
from helpers.data import mnist as mnist_module
from helpers.data.mnist import read_idx

REMEDY = r"load_mnist\(\) without an argument reads the bundled copy"

# The digests of the four uncompressed IDX files as they were published.
PUBLISHED = {
    "x_train": (
        "6bbc9ace898e44ae57da46a324031adb",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    "y_train": (
        "a25bea736e30d166cdddb491f175f624",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    "x_test": (
        "2646ac647ad5339dbf082846283269ea",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    "y_test": (
        "27ae3e4e09519cfbb04c329615203637",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
}


def assert_equal_arrays(one, other):
    for key, array in by_key(one).items():
        assert array.dtype == by_key(other)[key].dtype and np.array_equal(array, by_key(other)[key]), key


# --- the bundled copy --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", PUBLISHED)
def test_the_bundled_copy_is_the_canonical_mnist(mnist, key):
    content = idx_bytes(by_key(mnist)[key])
    assert (hashlib.md5(content).hexdigest(), hashlib.sha256(content).hexdigest()) == PUBLISHED[key]


def test_the_bundled_copy_says_where_it_comes_from(mnist):
    assert mnist.source == "bundled"
    assert mnist.train_images.shape == (60000, 28, 28) and mnist.test_images.shape == (10000, 28, 28)


def test_importing_and_loading_need_numpy_alone_and_no_network(run_python):
    printed = run_python(
        """
import sys
network = []
sys.addaudithook(lambda event, arguments: network.append(event) if event.startswith("socket.") else None)
before = set(sys.modules)
import helpers
helpers.load_mnist()
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
others = loaded - sys.stdlib_module_names - {"cython_runtime"}  # an older NumPy brings that one along
print(sorted(name for name in others if not name.startswith("_")), network)
"""
    )
    assert printed == "['helpers', 'numpy'] []"


# --- the other ways in -------------------------------------------------------------------------------------------


def test_an_npz_gives_equal_arrays(tmp_path, mnist):
    path = tmp_path / "copy.npz"
    np.savez(path, **by_key(mnist))
    loaded = load_mnist(path)
    assert_equal_arrays(loaded, mnist)
    assert loaded.source == str(path)


@pytest.mark.parametrize("gzipped", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("mark", ["-", "."], ids=["train-images-idx3", "train-images.idx3"])
def test_a_folder_of_idx_files_gives_equal_arrays(tmp_path, mnist, mark, gzipped):
    write_idx_folder(tmp_path, by_key(mnist), mark, gzipped)
    assert_equal_arrays(load_mnist(str(tmp_path)), mnist)


@pytest.fixture(scope="module")
def keras_answers(run_python, tmp_path_factory):
    """What load_mnist("keras") does without a network, and with one: two lines from one process of its own.

    Without a network: every request goes to a proxy that is not there, so the real download fails for real.
    With one: Keras's `get_file`, which downloads, checks the download's fixed hash and gives the path of the file,
    is replaced by the path of the bundled copy. That is all: TensorFlow and the loader itself are the real ones.
    """
    printed = run_python(
        """
import hashlib
from helpers import DataError, load_mnist
from helpers.data.mnist import BUNDLED
try:
    load_mnist("keras")
except DataError as problem:
    print(" ".join(str(problem).split()))
from tensorflow.keras.datasets import mnist
mnist.load_data.__globals__["get_file"] = lambda fname, origin, file_hash: BUNDLED
keras, bundled = load_mnist("keras"), load_mnist()
arrays = ("train_images", "train_labels", "test_images", "test_labels")
same = all((getattr(keras, name) == getattr(bundled, name)).all() for name in arrays)
types = {getattr(keras, name).dtype.name for name in arrays}
print(keras.source, same, *types)
""",
        KERAS_HOME=str(tmp_path_factory.mktemp("keras")),
        https_proxy="http://127.0.0.1:9",
        HTTPS_PROXY="http://127.0.0.1:9",
        no_proxy="",
        NO_PROXY="",
    )
    return printed.splitlines()


@pytest.mark.needs_tensorflow
def test_keras_gives_equal_arrays(keras_answers):
    assert keras_answers[-1] == "keras True uint8"


@pytest.mark.needs_tensorflow
def test_without_a_network_the_error_says_that_the_bundled_copy_needs_none(keras_answers):
    refused = keras_answers[-2]
    assert "Keras could not fetch MNIST" in refused
    assert "load_mnist() without an argument reads the bundled copy, which needs no network" in refused


def test_without_tensorflow_the_error_says_so_and_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)  # Python's own way to say: this cannot be imported
    with pytest.raises(DataError, match=f"this needs TensorFlow, which cannot be imported here.*{REMEDY}"):
        load_mnist("keras")


# --- bad data ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [None, 3, ["bundled"]])
def test_a_source_that_is_no_path_is_refused(source):
    with pytest.raises(DataError, match="source must be 'bundled', 'keras' or a path"):
        load_mnist(source)


@pytest.mark.parametrize("source", ["x" * 5000, "", "a\0b"], ids=["too long", "empty", "a null byte"])
def test_a_path_that_no_system_takes_is_a_data_error_too(source):
    with pytest.raises(DataError, match=REMEDY):
        load_mnist(source)


def test_a_missing_file_is_named_with_the_remedy(tmp_path):
    with pytest.raises(DataError, match=rf"there is no file or folder .*missing\.npz\. {REMEDY}"):
        load_mnist(tmp_path / "missing.npz")


def test_a_missing_bundled_copy_is_named_with_its_own_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(mnist_module, "BUNDLED", tmp_path / "mnist.npz")
    with pytest.raises(DataError, match=r"there is no file .*mnist\.npz\. `git restore data/mnist\.npz`"):
        load_mnist()


def changed(**arrays):
    return {**small_arrays(), **arrays}


def without(key):
    return {name: array for name, array in small_arrays().items() if name != key}


IMAGES, LABELS = small_arrays()["x_train"], small_arrays()["y_train"]
BAD_ARRAYS = {
    "a missing key": (without("y_test"), "has no array named y_test; it holds: x_test, x_train, y_train"),
    "images of floats": (changed(x_train=IMAGES / 255), "images must be uint8 .* are float64"),
    "images of 27×28": (changed(x_train=IMAGES[:, 1:]), r"\(N, 28, 28\), but .* \(20, 27, 28\)"),
    "flat images": (changed(x_test=IMAGES[:10].reshape(10, 784)), r"test half.* \(10, 784\)"),
    "too few labels": (changed(y_train=LABELS[:-1]), r"20 images need as many labels, .* shape \(19,\)"),
    "one-hot labels": (changed(y_train=np.eye(10, dtype="uint8")[LABELS]), r"labels have shape \(20, 10\)"),
    "labels of floats": (changed(y_train=LABELS.astype(float)), "labels must be whole numbers, but are float64"),
    "a label 10": (changed(y_train=LABELS + np.uint8(1)), "labels must be digits from 0 to 9, but go from 1 to 10"),
    "a label -1": (changed(y_train=LABELS.astype(int) - 1), "labels must be digits from 0 to 9, but go from -1 to 8"),
    "no images": (changed(x_test=IMAGES[:0], y_test=LABELS[:0]), "test half.* holds no images"),
    "pickled objects": (changed(y_train=LABELS.astype(object)), "pickled Python objects, which are never loaded"),
}


@pytest.mark.parametrize("name", BAD_ARRAYS)
def test_an_npz_with_wrong_arrays_is_refused_by_name_and_with_the_remedy(tmp_path, name):
    arrays, message = BAD_ARRAYS[name]
    np.savez(tmp_path / "bad.npz", **arrays)
    with pytest.raises(DataError, match=rf"bad\.npz.*{message}.*{REMEDY}"):
        load_mnist(tmp_path / "bad.npz")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"hello\n" * 100], ids=["empty", "stub", "text"])
def test_a_file_that_is_no_npz_is_refused_by_name_and_with_the_remedy(tmp_path, content):
    (tmp_path / "bad.npz").write_bytes(content)
    with pytest.raises(DataError, match=rf"bad\.npz is not a complete \.npz file.*{REMEDY}"):
        load_mnist(tmp_path / "bad.npz")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_npz_is_refused_by_name_and_with_the_remedy(tmp_path, share):
    path = tmp_path / "bad.npz"
    np.savez(path, **small_arrays())
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(DataError, match=rf"bad\.npz is not a complete \.npz file.*truncated.*{REMEDY}"):
        load_mnist(path)


def test_an_npz_with_a_flipped_bit_is_refused(tmp_path):
    path = tmp_path / "bad.npz"
    np.savez(path, **small_arrays())
    content = bytearray(path.read_bytes())
    content[5000] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"bad\.npz is not a complete \.npz file \(Bad CRC.*{REMEDY}"):
        load_mnist(path)


GOOD = idx_bytes(IMAGES)
BAD_IDX = {
    "nothing": (b"", "has 0 bytes, too few"),
    "half a header": (GOOD[:12], "ends within its header"),
    "half of the images": (GOOD[: len(GOOD) // 2], "its header promises 15,696: it is damaged"),
    "one byte too many": (GOOD + b"x", "goes on after the 15,696 bytes that its header promises"),
    "a promise of gigabytes": (
        struct.pack(">4I", 2051, 2**32 - 1, 28, 28),
        "promises 3,367,254,359,280 bytes, far more than a file of its size holds",
    ),
    "a wrong magic number": (b"\0\0\x08\x04" + GOOD[4:], "starts with the number 2052; MNIST images start with 2051"),
    "little-endian numbers": (struct.pack("<4I", 2051, 20, 28, 28) + GOOD[16:], "starts with the number 50855936"),
    "gzip without its ending": (gzip.compress(GOOD), r"it is gzipped, so give its name the ending \.gz"),
    "no pixels in too many rows": (struct.pack(">4I", 2051, 0, 2**32 - 1, 2**32 - 1), "promises images of"),
    "labels instead of images": (idx_bytes(LABELS), "should hold images, .* were two files swapped"),
    "images of 27×28": (idx_bytes(IMAGES[:, 1:]), "images must be uint8 of shape"),
}


@pytest.mark.parametrize("name", BAD_IDX)
def test_a_bad_idx_file_is_refused_by_name_and_with_the_remedy(tmp_path, name):
    content, message = BAD_IDX[name]
    write_idx_folder(tmp_path, small_arrays())
    (tmp_path / "train-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(DataError, match=rf"{message}.*{REMEDY}") as caught:
        load_mnist(tmp_path)
    assert "train-images-idx3-ubyte" in str(caught.value) or "train half" in str(caught.value)


GZIPPED = gzip.compress(GOOD)
BAD_GZ = {
    "truncated": GZIPPED[: len(GZIPPED) // 2],
    "not gzip at all": GOOD,
    "a flipped bit": GZIPPED[:3000] + bytes([GZIPPED[3000] ^ 1]) + GZIPPED[3001:],
    "empty of sense": b"\x1f\x8b",
}


@pytest.mark.parametrize("name", BAD_GZ)
def test_a_bad_gz_file_is_refused_by_name_and_with_the_remedy(tmp_path, name):
    write_idx_folder(tmp_path, small_arrays(), gzipped=True)
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(BAD_GZ[name])
    with pytest.raises(DataError, match=rf"train-images-idx3-ubyte\.gz cannot be read .*download it again.*{REMEDY}"):
        load_mnist(tmp_path)


def test_a_folder_that_lacks_a_file_is_refused_by_name_and_with_the_remedy(tmp_path):
    write_idx_folder(tmp_path, small_arrays())
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match=rf"has no t10k-labels-idx1-ubyte \(plain or \.gz\)\. {REMEDY}"):
        load_mnist(tmp_path)


def test_a_missing_idx_file_is_named(tmp_path):
    with pytest.raises(DataError, match="nothing-here cannot be read"):
        read_idx(tmp_path / "nothing-here")


# --- bombs -------------------------------------------------------------------------------------------------------


@only_where_memory_is_limited
def test_an_npz_bomb_is_refused_and_an_array_that_nobody_wants_does_no_harm(tmp_path, run_python):
    def load(bomb, arrays):
        write_npz_bomb(tmp_path / "a.npz", bomb, arrays)
        return run_python(REFUSED_WITHIN_A_GIGABYTE, "load_mnist", tmp_path / "a.npz", OPENBLAS_NUM_THREADS="1")

    assert re.search(rf"would unpack to 3,221,\d+,\d+ bytes, more than .*{REMEDY}", load("x_train", without("x_train")))
    assert load("extra", small_arrays()).startswith("Mnist(")


@only_where_memory_is_limited
@pytest.mark.parametrize(
    "count, message",
    [(20, "goes on after the 15,696 bytes"), (2**22, "promises 3,288,334,336 bytes, far more than a file of its size")],
    ids=["more than promised", "as much as promised"],
)
def test_a_gz_bomb_is_refused(tmp_path, run_python, count, message):
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(b"")[:10] + deflated_zeros(struct.pack(">4I", 2051, count, 28, 28)) + bytes(8))
    printed = run_python(REFUSED_WITHIN_A_GIGABYTE, "read_idx", path, OPENBLAS_NUM_THREADS="1")
    assert message in printed and path.stat().st_size < 2**24


@only_where_memory_is_limited
def test_a_plain_idx_file_is_not_read_beyond_its_promise(tmp_path, run_python):
    with open(tmp_path / "images", "wb") as file:
        file.write(GOOD)
        file.truncate(3 * 2**30)  # a hole, which takes no room on the disk
    printed = run_python(REFUSED_WITHIN_A_GIGABYTE, "read_idx", tmp_path / "images", OPENBLAS_NUM_THREADS="1")
    assert "goes on after the 15,696 bytes" in printed
