"""TensorFlow comes in silence, or with a word on how to get it; what Keras has is read, or the way is named."""

import os
import sys

import pytest

from helpers.tensorflow import _quiet_stderr, load_tensorflow


def test_without_tensorflow_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)  # Python's own way to say: this cannot be imported
    with pytest.raises(
        ImportError, match="needs TensorFlow, which cannot be imported here .*`pip install -r requirements.txt`"
    ):
        load_tensorflow()


@pytest.fixture(scope="module")
def answers(run_python, tmp_path_factory):
    """What TensorFlow is, what load_mnist("keras") does without a network and with one, how Keras's files are refused.

    One process of its own for all of it. Without a network: every request goes to a proxy that is not there, so the
    real download fails for real. With one: Keras's `get_file`, which downloads, checks the download's fixed hash and
    gives the path of the file, is replaced by the path of the bundled copy. All else is real.
    """
    printed = run_python(
        """
import sys
from helpers import DataError, WeightsError, load_mnist, load_network
from helpers.checks.keras_bridge import from_keras
from helpers.data.mnist import BUNDLED
from helpers.tensorflow import load_tensorflow
tf = load_tensorflow()
print(tf.__name__, tf.add(1, 2).numpy())
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
model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(3, name="head")])
for ending in ("keras", "h5"):
    path = f"{sys.argv[1]}/model.{ending}"
    model.save(path)
    try:
        load_network(path)
    except WeightsError as problem:
        print(eval(str(problem).split("`")[1], {"keras": tf.keras, "from_keras": from_keras, "path": path}).names)
""",
        tmp_path_factory.mktemp("models"),
        KERAS_HOME=str(tmp_path_factory.mktemp("keras")),
        https_proxy="http://127.0.0.1:9",
        HTTPS_PROXY="http://127.0.0.1:9",
        no_proxy="",
        NO_PROXY="",
    )
    return [line for line in printed.splitlines() if not line.startswith("Downloading")]


@pytest.mark.needs_tensorflow
def test_what_is_loaded_is_tensorflow_and_not_the_file_of_that_name_in_helpers(answers):
    assert answers[0] == "tensorflow 3"


@pytest.mark.needs_tensorflow
def test_without_a_network_the_error_says_that_the_bundled_copy_needs_none(answers):
    assert "Keras could not fetch MNIST" in answers[1]
    assert "load_mnist() without an argument reads the bundled copy, which needs no network" in answers[1]


@pytest.mark.needs_tensorflow
def test_keras_gives_the_arrays_of_the_bundled_copy(answers):
    assert answers[2] == "keras True uint8"


@pytest.mark.needs_tensorflow
def test_a_model_that_keras_saved_is_read_by_the_line_that_load_network_names(answers):
    assert answers[3:] == ["['head']", "['head']"]


def test_a_process_without_stderr_needs_no_silence(run_python):
    code = "import os, sys; sys.stderr = os.close(2); from helpers.tensorflow import _quiet_stderr as quiet"
    assert run_python(f"{code}\nwith quiet(): print('at work')") == "at work"


def test_quiet_stderr_silences_compiled_code_and_puts_everything_back(capfd):
    with _quiet_stderr():
        os.write(2, b"noise from C++")
    os.write(2, b"heard again")
    assert capfd.readouterr().err == "heard again"
