"""Chapter 0's network, as its own cells define it, is that of `helpers`."""

import ast

import numpy as np
import pytest

from helpers import SGD, Network, fit
from tools.notebook_files import ROOT, code_cells, read_notebook

CHAPTER = ROOT / "notebooks" / "00_in_ten_minutes.ipynb"


def functions(path):
    """The source of each function that a notebook's cells define, by its name."""
    trees = [(cell.source, ast.parse(cell.source)) for cell in code_cells(read_notebook(path))]
    return {
        node.name: ast.get_source_segment(source, node)
        for source, tree in trees
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }


@pytest.fixture(scope="module")
def chapter():
    """What the chapter's own cells define: its functions, `HEAD` and `ALL`."""
    defined = {"np": np}
    [names] = [cell.source for cell in code_cells(read_notebook(CHAPTER)) if cell.source.startswith("HEAD = ")]
    for source in (names, *functions(CHAPTER).values()):
        exec(source, defined)
    return defined


@pytest.fixture(scope="module")
def part(odd):
    return odd.train.subset(per_class=256, seed=0)  # ten batches of 128


def start_of_both(chapter, seed=0):
    rng = np.random.default_rng(seed)
    ours = Network.mlp(784, 128, classes=5, seed=seed, dtype="float64")
    return chapter["layer"](1, 784, 128, rng) | chapter["layer"](2, 128, 5, rng), ours


def parameters(network):
    """The parameters of a network of `helpers`, by the names that the chapter gives them."""
    hidden, head = network["hidden1"], network["head"]
    return {"W1": hidden.weights, "b1": hidden.bias, "W2": head.weights, "b2": head.bias}


def test_the_chapter_uses_helpers_for_the_data_and_the_look_of_pictures_alone():
    """Of what happens before the exercises; the census is a stored table."""
    cells = [cell.source for cell in code_cells(read_notebook(CHAPTER)) if "check(" not in cell.source]
    imported = {
        f"{node.module}.{name.name}"
        for source in cells
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and node.module.startswith("helpers")
        for name in node.names
    }
    assert imported == {
        "helpers.digit_task",
        "helpers.load_mnist",
        "helpers.show.plots",
        "helpers.transfer.census.look_up",
    }


@pytest.mark.parametrize("trainable", ["ALL", "HEAD"])
def test_train_is_fit(chapter, part, trainable):
    network, ours = start_of_both(chapter)
    before, x, y = dict(network), *chapter["arrays"](part)
    if trainable == "HEAD":
        ours.freeze("hidden1")
    trained = chapter["train"](network, x, y, epochs=2, seed=3, trainable=chapter[trainable])
    history = fit(ours, part, seed=3, epochs=2, optimizer=SGD(0.05, momentum=0.9), progress=False)
    assert history.steps == 20
    for name, parameter in parameters(ours).items():
        np.testing.assert_allclose(trained[name], parameter.value, rtol=1e-9, atol=1e-12, err_msg=name)
        assert network[name] is before[name], "train returns a new network"
        still = np.array_equal(trained[name], network[name])
        assert still == (name not in chapter[trainable]), f"frozen is frozen, to the last bit: {name}"


def test_the_four_ways_differ_in_nothing_but_the_first_layer_and_what_is_trained(chapter, part):
    start, _ = start_of_both(chapter, 0)
    source, _ = start_of_both(chapter, 1)
    calls = []
    defined = dict(
        chapter, train=lambda network, x, y, epochs, seed, names: calls.append((network, epochs, seed, names))
    )
    exec(functions(CHAPTER)["four_ways"], defined)
    head = chapter["layer"](2, 128, 5, np.random.default_rng(2))
    assert list(defined["four_ways"](start, source, head, part, 7)) == [
        "from scratch",
        "random first layer frozen",
        "first layer frozen",
        "all layers fine-tuned",
    ]
    assert [names for *_, names in calls] == [chapter[kind] for kind in ("ALL", "HEAD", "HEAD", "ALL")]
    assert {(epochs, seed) for _, epochs, seed, _ in calls} == {(50, 7)}
    for (network, *_), below in zip(calls, (start, start, source, source)):
        assert network["W1"] is below["W1"] and network["b1"] is below["b1"]
        assert network["W2"] is head["W2"] and network["b2"] is head["b2"]


def test_the_solutions_repeat_the_chapter_word_for_word():
    chapter, solutions = functions(CHAPTER), functions(CHAPTER.parent / "solutions" / CHAPTER.name)
    repeated = {"arrays", "layer", "forward", "loss_and_gradients", "train", "accuracy", "four_ways"}
    assert {name: solutions[name] for name in repeated} == {name: chapter[name] for name in repeated}
