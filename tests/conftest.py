"""What the tests share: the data, a small trained network, random numbers, and how thorough a run is.

`make check` leaves out the tests marked as slow. `FULL=1 pytest tests` does those that repeat something in full: 1,000
kills in the middle of a save instead of 20, 10,000 damaged files instead of 1,200, and 1,000 random shapes instead of 40.
"""

import importlib.util
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers import Network, fit, load_mnist, odd_even_tasks
from helpers.data.mnist import Mnist

ROOT = Path(__file__).resolve().parent.parent
FULL = os.environ.get("FULL", "0") not in ("", "0")


def pytest_collection_modifyitems(items):
    if importlib.util.find_spec("tensorflow") is None:  # looks without importing, which would take seconds
        reason = f"TensorFlow is not installed (there are no wheels for every system; this is Python {platform.python_version()})"
        for item in items:
            if item.get_closest_marker("needs_tensorflow"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(params=range(1000 if FULL else 40))
def rng(request):
    """For what must hold of random shapes and values: such a test runs forty times, each time with other numbers."""
    return np.random.default_rng(request.param)


@pytest.fixture(scope="session")
def kills():
    """How many times to kill a process in the middle of a save."""
    return 1000 if FULL else 20


@pytest.fixture(scope="session")
def damages():
    """How many files to damage, all kinds of files together."""
    return 10_000 if FULL else 1200


@pytest.fixture(scope="session")
def mnist():
    return load_mnist()


@pytest.fixture(scope="session")
def tiny_mnist(mnist):
    """The first 3,000 training and 500 test images: enough for a quick run of what takes minutes with all of them."""
    train, test = slice(3000), slice(500)
    return Mnist(
        mnist.train_images[train], mnist.train_labels[train], mnist.test_images[test], mnist.test_labels[test], "tiny"
    )


@pytest.fixture
def tiny_studies(tiny_mnist, monkeypatch, tmp_path):
    """Studies that know only those images, and keep no source trained on them in output/."""
    from studies import few, methods

    monkeypatch.setattr(methods, "_mnist", lambda: tiny_mnist)
    monkeypatch.setattr(few, "ROOT", tmp_path)
    for cached in (methods.task, methods.trained_source, few.trained_source):
        cached.cache_clear()
    yield tiny_mnist
    for cached in (methods.task, methods.trained_source, few.trained_source):
        cached.cache_clear()


@pytest.fixture(scope="session")
def odd(mnist):
    return odd_even_tasks(mnist)[0]


@pytest.fixture(scope="session")
def even(mnist):
    return odd_even_tasks(mnist)[1]


@pytest.fixture(scope="session")
def trained(odd):
    """A small network that knows the odd digits. Shared, so no test may change it: that is checked at the end."""
    network = Network.mlp(784, 32, 16, classes=5, seed=0)
    fit(network, odd.train.subset(per_class=200, seed=0), epochs=15, seed=0, progress=False)
    before = network.fingerprint()
    yield network
    assert network.fingerprint() == before, "a test changed the shared network; it should work on a copy"


@pytest.fixture(scope="session")
def run_python():
    """Run Python code in a process of its own, from the repository's root; returns what it printed."""

    def run(code, *arguments, **environment):
        result = subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    return run
