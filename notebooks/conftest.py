"""How pytest runs the notebooks: outputs compared, on one BLAS thread, without cells whose TensorFlow is not there."""

import importlib.util
import os

import pytest


def pytest_configure(config):
    # As in `fit`: where the other cores are busy, BLAS threads that wait for each other made a chapter ten times slower.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Here rather than in pyproject.toml, so that the library's tests need NumPy and pytest alone.
    if not config.pluginmanager.hasplugin("nbval"):
        raise pytest.UsageError("the notebooks are tested with nbval: pip install -r requirements.txt")
    vars(config.option).update(
        nbval=True,
        nbval_current_env=True,
        nbval_cell_timeout=300,
        nbval_sanitize_with=str(config.rootpath / "tests" / "nbval_sanitize.cfg"),
    )


def pytest_collection_modifyitems(config, items):
    for item in items:
        cell = getattr(item, "cell", None)  # only the cells of a notebook have one
        if cell is None:
            continue
        # nbval gives an output five seconds once its cell has ended, and has no option for it. A busy machine needs more.
        item.output_timeout = config.option.nbval_cell_timeout
        if "needs-tensorflow" in cell.metadata.get("tags", []) and importlib.util.find_spec("tensorflow") is None:
            item.add_marker(pytest.mark.skip(reason="TensorFlow is not installed"))
