"""What works with NumPy alone: a program that imports, trains, transfers, evaluates, saves and loads.

`tests/test_setup.py` runs it here with every other package out of reach; a job of the workflow runs it where nothing
but the oldest NumPy is installed.
"""

import importlib
import importlib.abc
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEED_MORE = "show", "keras_bridge"  # Matplotlib, TensorFlow


class OnlyNumPy(importlib.abc.MetaPathFinder):
    """Refuses to import any package but NumPy, ours and those that come with Python."""

    def find_spec(self, name, path=None, target=None):
        package = name.partition(".")[0]
        if package not in {"numpy", "helpers", *sys.stdlib_module_names}:
            raise ModuleNotFoundError(f"No module named {name!r}: only NumPy may be imported here", name=name)


sys.meta_path.insert(0, OnlyNumPy())
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from helpers import (  # noqa: E402
    Network,
    evaluate,
    fine_tune,
    fit,
    from_scratch,
    frozen_features,
    head_then_all,
    load_mnist,
    load_network,
    odd_even_tasks,
    random_features,
    save_network,
)
from helpers.transfer.recipes import MLP, small_convnet  # noqa: E402

for file in sorted((ROOT / "helpers").rglob("*.py")):
    parts = file.relative_to(ROOT).with_suffix("").parts
    if parts[-1] != "__init__" and (not set(parts) & set(NEED_MORE) or parts[-1] == "network_picture"):
        importlib.import_module(".".join(parts))

odd, even = odd_even_tasks(load_mnist())
few_odd, few_even = odd.train.subset(100, seed=0), even.train.subset(30, seed=0)
source = Network.mlp(784, 64, 32, classes=5, seed=0, dropout=0.1)
steps = []
fit(source, few_odd, validation=few_odd, seed=0, epochs=5, watch=lambda step, loss, network: steps.append(step))
assert len(steps) == 20 and evaluate(source, odd.test).accuracy > 0.85
for strategy, options in (
    (from_scratch, {}),
    (fine_tune, {}),
    (head_then_all, {}),
    (frozen_features, {"upto": "hidden1"}),
    (random_features, {"upto": "hidden1"}),
):
    network, history = strategy(source, few_even, seed=0, steps=100, **options)
    head_first = 25 if strategy is head_then_all else 0  # a quarter of the steps, on top
    assert history.steps == 100 + head_first and evaluate(network, even.test).accuracy > 0.7
convnet = small_convnet(classes=5, seed=0)
fit(convnet, few_odd, seed=0, epochs=2)
assert evaluate(convnet, odd.test).accuracy > 0.5
with tempfile.TemporaryDirectory() as folder:
    save_network(convnet, Path(folder) / "network.npz")
    assert load_network(Path(folder) / "network.npz").fingerprint() == convnet.fingerprint()
fit(MLP.network(5, seed=0), few_odd, seed=0, **MLP.options(epochs=1))
print(f"NumPy {np.__version__} alone: imported, trained, transferred, evaluated, saved and loaded")
