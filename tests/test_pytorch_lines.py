"""The PyTorch lines of chapter 7, which its notebook only shows: where PyTorch is installed, they run and agree with ours."""

import re

import numpy as np
import pytest

from helpers import Network, softmax_cross_entropy
from tools.notebook_files import ROOT, read_notebook

CHAPTER = ROOT / "notebooks" / "07_from_numpy_to_tensorflow.ipynb"


def pytorch_lines():
    """The code blocks of the chapter's Markdown, in order."""
    cells = [cell.source for cell in read_notebook(CHAPTER).cells if cell.cell_type == "markdown"]
    return re.findall(r"```python\n(.*?)```", "\n".join(cells), re.DOTALL)


def test_the_lines_run_from_top_to_bottom_and_give_our_gradients():
    torch = pytest.importorskip("torch")
    network, rng = Network.mlp(784, 64, 32, classes=5, seed=0, dtype="float64"), np.random.default_rng(0)
    x, y = rng.random((100, 784)), rng.integers(0, 5, 100)
    torch.manual_seed(0)
    first, *others = pytorch_lines()
    names = {"network": network, "x": x, "y": y}
    exec(first, names)
    loss, delta = softmax_cross_entropy(network.forward(x, training=True), y)
    network.backward(delta)
    assert float(names["loss"].detach()) == pytest.approx(loss, rel=1e-12)
    for ours, theirs in zip(network.parameters(), names["twin"].parameters(), strict=True):
        np.testing.assert_allclose(theirs.grad.numpy().T, ours.grad, rtol=1e-9, atol=1e-14)
    for lines in others:  # they assert what the text says of them
        exec(lines, names)
    assert len(others) == 2


@pytest.mark.parametrize("steps", [1, 3])
def test_a_layer_frozen_after_zero_grad_stays_also_with_momentum(steps):
    torch = pytest.importorskip("torch")
    layer = torch.nn.Linear(3, 2)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
    layer(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    layer.requires_grad_(False)
    optimizer.zero_grad()
    before = layer.weight.clone()
    for _ in range(steps):
        optimizer.step()
    assert torch.equal(layer.weight, before)
