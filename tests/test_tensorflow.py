"""TensorFlow comes in silence, or with a word on how to get it."""

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


@pytest.mark.needs_tensorflow
def test_what_is_loaded_is_tensorflow_and_not_the_file_of_that_name_in_helpers(run_python):
    code = "from helpers.tensorflow import load_tensorflow; tf = load_tensorflow(); print(tf.__name__, tf.add(1, 2).numpy())"
    assert run_python(code) == "tensorflow 3"


def test_quiet_stderr_silences_compiled_code_and_puts_everything_back(capfd):
    with _quiet_stderr():
        os.write(2, b"noise from C++")
    os.write(2, b"heard again")
    assert capfd.readouterr().err == "heard again"
