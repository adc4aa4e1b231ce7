"""The bundled data is the canonical MNIST, every way in gives equal arrays, and bad data is refused by name."""

import gzip
import hashlib
import io
import pickle
import re
import struct
import sys
import zipfile

import numpy as np
import pytest
from support import (
    REFUSED_WITHIN_A_GIGABYTE,
    by_key,
    deflated_zeros,
    followed,
    gzipped,
    idx_bytes,
    only_where_memory_is_limited,
    small_arrays,
    write_idx_folder,
    write_npz_bomb,
)

from helpers import DataError, load_mnist
from helpers import files as files_module
from helpers.data import mnist as mnist_module
from helpers.data.formats import read_idx

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
    for key, array in one.items():
        assert array.dtype == other[key].dtype and np.array_equal(array, other[key]), key


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


@pytest.fixture(scope="module")
def few(mnist):
    """The first images of MNIST, by Keras's names."""
    return {key: array[:80] for key, array in by_key(mnist).items()}


def as_idx(name="{}-idx{}-ubyte", pack=bytes):
    return lambda folder, arrays: write_idx_folder(folder, arrays, name, pack)


def as_emnist(folder, arrays):
    turned = {key: array.transpose(0, 2, 1) if array.ndim == 3 else array for key, array in arrays.items()}
    for path in write_idx_folder(folder, turned, "emnist-digits-{}-idx{}-ubyte.gz", gzipped).values():
        path.rename(path.with_name(path.name.replace("t10k", "test")))


def as_csv(name="mnist_{}.csv", titles="", pack=bytes):
    def write(folder, arrays):
        for half in ("train", "test"):
            rows = np.column_stack([arrays[f"y_{half}"], arrays[f"x_{half}"].reshape(-1, 784)])
            lines = [titles] * bool(titles) + [",".join(map(str, row)) for row in rows.tolist()]
            (folder / name.format(half)).write_bytes(pack("\r\n".join(lines).encode()))

    return write


def as_zip(write, method=zipfile.ZIP_DEFLATED):
    def zipped(folder, arrays):
        write(folder, arrays)
        with zipfile.ZipFile(folder / "mnist.zip", "w", method) as archive:
            for path in [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".zip"]:
                archive.write(path, path.relative_to(folder))
                archive.writestr(f"__MACOSX/._{path.name}", b"what a Mac adds")

    return zipped


TITLES = ",".join(["label", *(f"{row}x{column}" for row in range(1, 29) for column in range(1, 29))])
LAYOUTS = {  # how the files are written, and what is given to load_mnist
    "npz": (lambda folder, arrays: np.savez(folder / "copy.npz", **arrays), "copy.npz"),
    "IDX": (as_idx(), ""),
    "IDX, other names": (as_idx("{}.idx{}-ubyte"), ""),
    "IDX, gzipped": (as_idx("{}-idx{}-ubyte.gz", gzipped), ""),
    "IDX, not gzipped in spite of its name": (as_idx("{}-idx{}-ubyte.gz"), ""),
    "IDX, gzipped in spite of its name": (as_idx(pack=gzipped), ""),
    "IDX, a folder for each": (as_idx("{0}-idx{1}-ubyte/{0}-idx{1}-ubyte"), ""),
    "IDX, named by one file": (as_idx("{}-idx{}-ubyte.gz", gzipped), "t10k-labels-idx1-ubyte.gz"),
    "torchvision's root": (as_idx("MNIST/raw/{}-idx{}-ubyte"), ""),
    "torchvision's folder": (as_idx("MNIST/raw/{}-idx{}-ubyte"), "MNIST"),
    "EMNIST": (as_emnist, ""),
    "EMNIST, named by one file": (as_emnist, "emnist-digits-test-images-idx3-ubyte.gz"),
    "CSV": (as_csv(), ""),
    "CSV with titles": (as_csv("{}.csv", TITLES), ""),
    "CSV, gzipped": (as_csv("{}.csv.gz", TITLES, gzipped), ""),
    "CSV, named by one file": (as_csv(), "mnist_test.csv"),
    "a zip of IDX": (as_zip(as_idx("mnist/{}-idx{}-ubyte.gz", gzipped), zipfile.ZIP_STORED), "mnist.zip"),
    "a zip of CSV": (as_zip(as_csv()), "mnist.zip"),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_gives_equal_arrays(tmp_path, few, name):
    write, given = LAYOUTS[name]
    write(tmp_path, few)
    loaded = load_mnist(tmp_path / given)
    assert_equal_arrays(by_key(loaded), few)
    assert loaded.source == str(tmp_path / given)


def test_of_several_data_sets_one_is_chosen_by_naming_one_of_its_files(tmp_path, few):
    as_emnist(tmp_path, few)
    as_idx("fashion-{}-idx{}-ubyte")(tmp_path, small_arrays())
    with pytest.raises(DataError, match="holds several data sets; name one file of the one you mean: ") as caught:
        load_mnist(tmp_path)
    named = caught.value.what.rpartition(": ")[2].split(", ")
    assert len(named) == 2 and [len(load_mnist(tmp_path / name).train_labels) for name in named] == [80, 20]


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


def test_the_bundled_copy_can_be_restored_as_the_message_says(monkeypatch):
    assert "`git restore data/mnist.npz`" in mnist_module._RESTORE_BUNDLED
    assert mnist_module.BUNDLED.parts[-2:] == ("data", "mnist.npz")


def test_a_program_with_options_of_its_own_gets_the_message_without_the_remedy(tmp_path):
    with pytest.raises(DataError) as caught:
        load_mnist(tmp_path / "missing.npz")
    for error in (caught.value, pickle.loads(pickle.dumps(caught.value))):  # as from a process of its own
        assert error.what == f"there is no file or folder {tmp_path / 'missing.npz'}"
        assert str(error).startswith(f"{error.what}. load_mnist()")


def changed(**arrays):
    return {**small_arrays(), **arrays}


def without(key):
    return {name: array for name, array in small_arrays().items() if name != key}


IMAGES, LABELS = small_arrays()["x_train"], small_arrays()["y_train"]
BAD_ARRAYS = {
    "a missing key": (without("y_test"), "has no array named y_test; it holds: x_test, x_train, y_train"),
    "images of 27×28": (changed(x_train=IMAGES[:, 1:]), r"\(N, 28, 28\), not \(20, 27, 28\)"),
    "one number for images": (changed(x_train=np.array(3)), r"\(N, 28, 28\), not \(\)"),
    "images of text": (changed(x_train=IMAGES.astype(str)), "images must be numbers from 0 to 255, not <U3"),
    "standardised images": (changed(x_train=(IMAGES - 33.3) / 78.6), r"grey values .* but these from -0\.4"),
    "NaN": (changed(x_train=np.full(IMAGES.shape, np.nan)), "but these from nan to nan"),
    "images cut to whole numbers": (
        changed(x_train=np.eye(28, dtype="uint8") * (IMAGES == 255)),
        "black, or nearly so",
    ),
    "black images": (
        changed(x_test=IMAGES[:10] * 0),
        "test half.*black, or nearly so.*multiply by 255 before you round",
    ),
    "too few labels": (changed(y_train=LABELS[:-1]), r"20 images need as many labels, .* shape \(19,\)"),
    "labels and a half": (changed(y_train=LABELS / 2), "labels must be whole numbers, not float64[.]"),
    "labels in words": (changed(y_train=np.array(["one"] * 20)), "labels must be whole numbers, not <U3[.]"),
    "a label 10": (changed(y_train=LABELS + np.uint8(1)), "labels must be digits from 0 to 9, but go from 1 to 10"),
    "a label -1": (changed(y_train=LABELS.astype(int) - 1), "labels must be digits from 0 to 9, but go from -1 to 8"),
    "missing digits": (changed(y_test=LABELS[:10] // 2), r"test half\) has no images of digit 5, 6, 7, 8, 9"),
    "no images": (changed(x_test=IMAGES[:0], y_test=LABELS[:0]), "test half.* holds no images"),
    "pickled objects": (changed(y_train=LABELS.astype(object)), "pickled Python objects, which are never loaded"),
}


@pytest.mark.parametrize("name", BAD_ARRAYS)
def test_an_npz_with_wrong_arrays_is_refused_by_name_and_with_the_remedy(tmp_path, name):
    arrays, message = BAD_ARRAYS[name]
    np.savez(tmp_path / "bad.npz", **arrays)
    with pytest.raises(DataError, match=rf"bad\.npz.*{message}.*{REMEDY}"):
        load_mnist(tmp_path / "bad.npz")


def unchanged(array):
    return array


def one_hot(labels):
    return np.eye(10)[labels]


MENDABLE = {  # what people make of the images and of the labels
    "floats from 0 to 1": (lambda images: images / 255, unchanged),
    "floats from 0 to 255": (lambda images: images.astype("float32"), unchanged),
    "large integers": (lambda images: images.astype(int), unchanged),
    "flat": (lambda images: images.reshape(-1, 784), unchanged),
    "with a channel": (lambda images: images[:, None], unchanged),
    "black on white": (lambda images: 255 - images, unchanged),
    "transposed": (lambda images: images.transpose(0, 2, 1), unchanged),
    "one-hot": (unchanged, one_hot),
    "a column of labels": (unchanged, lambda labels: labels[:, None]),
    "labels as floats": (unchanged, lambda labels: labels.astype(float)),
    "labels as text": (unchanged, lambda labels: labels.astype(str)),
    "some images black": (lambda images: np.concatenate([images[:1] * 0, images]), lambda labels: np.append(3, labels)),
    "all at once": (lambda images: 1 - images.transpose(0, 2, 1).reshape(-1, 784) / 255, one_hot),
}


@pytest.mark.parametrize("name", MENDABLE)
def test_what_a_message_advises_leads_to_the_right_images(tmp_path, few, name):
    def load(images, labels):
        np.savez(tmp_path / "mine.npz", **{**few, "x_train": images, "y_train": labels})
        return load_mnist(tmp_path / "mine.npz")

    images, labels = (spoil(few[key]) for spoil, key in zip(MENDABLE[name], ("x_train", "y_train")))
    with pytest.raises(DataError, match=rf"train half.*`.*{REMEDY}"):
        load(images, labels)
    mended = followed(load, images, labels)
    assert np.array_equal(mended.train_images, few["x_train"]) and np.array_equal(mended.train_labels, few["y_train"])


def test_images_in_black_and_white_become_white_ink_on_black(tmp_path, few):
    def load(images, labels):
        np.savez(tmp_path / "mine.npz", **{**few, "x_train": images})
        return load_mnist(tmp_path / "mine.npz").train_images

    for kind in (bool, "uint8", "float32"):
        mended = followed(load, (few["x_train"] > 127).astype(kind), None)
        assert np.array_equal(mended, np.where(few["x_train"] > 127, 255, 0))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"hello\n" * 100], ids=["empty", "stub", "text"])
def test_a_file_that_is_no_npz_is_refused_by_name_and_with_the_remedy(tmp_path, content):
    (tmp_path / "bad.npz").write_bytes(content)
    with pytest.raises(DataError, match=rf"bad\.npz is not a complete \.npz file.*{REMEDY}"):
        load_mnist(tmp_path / "bad.npz")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
@pytest.mark.parametrize("name", ["npz", "a zip of IDX"])
def test_a_truncated_archive_is_refused_by_name_and_with_the_remedy(tmp_path, few, name, share):
    write, given = LAYOUTS[name]
    write(tmp_path, few)
    content = (tmp_path / given).read_bytes()
    (tmp_path / given).write_bytes(content[: int(share * len(content))])
    with pytest.raises(DataError, match=rf"{given} is not a complete \.npz file.*truncated.*{REMEDY}"):
        load_mnist(tmp_path / given)


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
    "no pixels in too many rows": (struct.pack(">4I", 2051, 0, 2**32 - 1, 2**32 - 1), "promises images of"),
    "labels instead of images": (idx_bytes(LABELS), "should hold images, .* were two files swapped"),
    "images of 27×28": (idx_bytes(IMAGES[:, 1:]), r"images must have the shape \(N, 28, 28\)"),
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
    "a flipped bit": GZIPPED[:3000] + bytes([GZIPPED[3000] ^ 1]) + GZIPPED[3001:],
    "empty of sense": b"\x1f\x8b",
}


@pytest.mark.parametrize("name", BAD_GZ)
def test_a_bad_gz_file_is_refused_by_name_and_with_the_remedy(tmp_path, name):
    write_idx_folder(tmp_path, small_arrays(), "{}-idx{}-ubyte.gz", gzipped)
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


def npy_bytes(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


FOREIGN = {
    "a web page": (b"\n<!DOCTYPE html><html>Not found</html>", "is a web page, not data"),
    "a Git LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "is a Git LFS pointer"),
    "a pickle, gzipped": (
        gzipped(pickle.dumps(([1], [2]))),
        "is a pickle, which could run any code and is never loaded",
    ),
    "an old pickle": (pickle.dumps(([1], [2]), protocol=0), "is a pickle"),
    "a MATLAB file": (b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(128) + b"\0\1IM", "is a MATLAB file"),
    "an HDF5 file": (b"\x89HDF\r\n\x1a\n" + bytes(99), "is an HDF5 file"),
    "a Parquet file": (b"PAR1\x15\x04" + bytes(99), "is a Parquet file"),
    "one array": (npy_bytes(IMAGES), "is a single array; put all four into one .npz file with np.savez"),
}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("file", ["download.gz", "train-images-idx3-ubyte", "train.csv"])
def test_a_file_of_another_kind_is_recognised(tmp_path, name, file):
    content, message = FOREIGN[name]
    write_idx_folder(tmp_path, small_arrays())
    (tmp_path / file).write_bytes(content)
    for source in (tmp_path / file, *[tmp_path] * (file == "train-images-idx3-ubyte")):
        with pytest.raises(DataError, match=rf"{file} {message}.*{REMEDY}"):
            load_mnist(source)


ROW = b",".join([b"5"] * 785)
BAD_CSV = {
    "no labels": (ROW[2:], "has 784 columns, but a label and 784 pixels make 785; without labels"),
    "an index before the labels": (b"0," + ROW, "has 786 columns"),
    "fractions": (ROW + b"\n" + ROW.replace(b",5", b",0.5"), "should hold whole numbers from 0 to 255"),
    "a value of 256": (ROW.replace(b",5", b",256"), "should hold whole numbers from 0 to 255"),
    "half a line": (ROW + b"\n" + ROW[:500], "should hold whole numbers from 0 to 255 .the number of columns changed"),
    "titles alone": (TITLES.encode(), "train half.* holds no images"),
    "nothing": (b"", "has 1 columns"),
}


@pytest.mark.parametrize("name", BAD_CSV)
def test_a_bad_csv_file_is_refused_by_name_and_with_the_remedy(tmp_path, few, name):
    content, message = BAD_CSV[name]
    as_csv("{}.csv")(tmp_path, few)
    (tmp_path / "train.csv").write_bytes(content)
    with pytest.raises(DataError, match=rf"{message}.*{REMEDY}"):
        load_mnist(tmp_path)


@pytest.mark.parametrize(
    "write, lost", [(as_emnist, "emnist-digits-test-labels-idx1-ubyte"), (as_csv(), "mnist_test.csv")]
)
def test_the_file_that_is_missing_is_named_as_its_neighbours_are(tmp_path, few, write, lost):
    as_zip(write)(tmp_path, few)
    next(tmp_path.glob(f"{lost}*")).unlink()
    rest = next(path for path in tmp_path.iterdir() if path.suffix != ".zip")
    for source in (tmp_path, rest):
        with pytest.raises(DataError, match=f"the folder .* has no {lost} "):
            load_mnist(source)


@pytest.mark.parametrize("content", [idx_bytes(IMAGES), ROW + b"\n" + ROW])
def test_a_single_file_whose_name_says_nothing_is_refused_with_the_usual_names(tmp_path, content):
    (tmp_path / "digits").write_bytes(content)
    with pytest.raises(DataError, match="train-images-idx3-ubyte, .* the two CSV files train.csv and test.csv"):
        load_mnist(tmp_path / "digits")


def test_an_archive_without_data_is_refused_with_what_it_lacks(tmp_path):
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    with pytest.raises(DataError, match="the archive .*model.keras has no train-images-idx3-ubyte"):
        load_mnist(tmp_path / "model.keras")


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


def test_a_csv_file_is_not_unpacked_beyond_the_limit(tmp_path, few, monkeypatch):
    as_csv("{}.csv.gz", pack=gzipped)(tmp_path, few)
    monkeypatch.setattr(files_module, "EXPANSION_BYTES", 1000)
    with pytest.raises(DataError, match=r"train.csv.gz unpacks to more than \d+,\d+ bytes: it is damaged"):
        load_mnist(tmp_path)


@only_where_memory_is_limited
def test_a_plain_idx_file_is_not_read_beyond_its_promise(tmp_path, run_python):
    with open(tmp_path / "images", "wb") as file:
        file.write(GOOD)
        file.truncate(3 * 2**30)  # a hole, which takes no room on the disk
    printed = run_python(REFUSED_WITHIN_A_GIGABYTE, "read_idx", tmp_path / "images", OPENBLAS_NUM_THREADS="1")
    assert "goes on after the 15,696 bytes" in printed
