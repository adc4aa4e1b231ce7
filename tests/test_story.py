"""The story that `main.py` tells, and the recipes of its networks."""

import numpy as np
import pytest
from support import interrupt_at

from helpers import Network
from helpers.transfer import recipes, story
from helpers.transfer.recipes import CNN, MLP, SOFTMAX
from helpers.transfer.story import run_story, tell_story


def test_the_softmax_recipe_is_a_network_without_hidden_layers():
    assert SOFTMAX.network(5, seed=0).names == ["head"]


def test_a_story_keeps_its_source_as_it_was(mnist):
    told = run_story(mnist, seed=0, epochs=1)
    source = told.networks["odd"]
    frozen, tuned = told.networks["even-frozen"], told.networks["even-finetuned"]
    forgot = told.networks["odd-after-finetuning"]
    assert frozen.fingerprint("hidden1") == source.fingerprint("hidden1") != tuned.fingerprint("hidden1")
    assert told.networks["even-random-frozen"].fingerprint("hidden1") != source.fingerprint("hidden1")
    assert forgot.fingerprint("head") == source.fingerprint("head")
    assert forgot.fingerprint("hidden1", "hidden2") == tuned.fingerprint("hidden1", "hidden2")


def test_a_story_can_be_told_row_by_row(tiny_mnist):
    lengths = [len(told.rows) for told in tell_story(tiny_mnist, seed=0, epochs=1)]
    assert lengths == list(range(1, 9))


def test_a_strategy_that_is_added_changes_no_other_row(tiny_mnist, monkeypatch):
    def told():
        rows = run_story(tiny_mnist, seed=0, epochs=1).rows
        return {row["name"]: {**row, "seconds": None} for row in rows}

    before = told()
    monkeypatch.setattr(story, "TOLD", ("head-then-all", *story.TOLD))
    after = told()
    assert after.pop("even-head-first")["strategy"] == "head-first"
    assert after == before


def test_what_is_compared_in_a_story_shares_its_head_and_its_random_layers(tiny_mnist, monkeypatch):
    """Trained by steps of nothing, so that every network is as it began."""
    monkeypatch.setattr(recipes, "cosine", lambda progress: 0.0)
    networks = run_story(tiny_mnist, seed=0, epochs=1).networks
    second = [networks[f"even-{story.STRATEGIES[key].row}"] for key in story.TOLD]
    assert len({network.fingerprint("head") for network in second}) == 1
    assert networks["even-scratch"].fingerprint() != networks["even-finetuned"].fingerprint()
    scratch, random = networks["even-scratch"], networks["even-random-frozen"]
    for name in ("hidden1", "hidden2"):
        assert np.array_equal(scratch[name].weights.value, random[name].weights.value)


def test_an_interrupted_training_ends_a_story(tiny_mnist, monkeypatch):
    monkeypatch.setattr(recipes, "cosine", interrupt_at(30))
    with pytest.warns(UserWarning, match="interrupted"), pytest.raises(KeyboardInterrupt, match="while training"):
        run_story(tiny_mnist, seed=0, epochs=1)


def test_a_story_with_convolutions_freezes_all_of_them(tiny_mnist):
    told = run_story(tiny_mnist, seed=0, recipe=CNN, epochs=1)
    source, frozen = told.networks["odd"], told.networks["even-frozen"]
    assert frozen.fingerprint("conv1", "conv2") == source.fingerprint("conv1", "conv2")
    assert frozen.fingerprint("hidden") != source.fingerprint("hidden")
    assert [row["name"] for row in told.rows][:2] == ["odd-softmax", "even-softmax"]


@pytest.mark.parametrize("recipe", [MLP, CNN])
def test_a_recipe_makes_a_network_for_any_number_of_classes(recipe):
    network = recipe.network(3, seed=1)
    assert isinstance(network, Network) and network.classes == 3
    assert recipe.last_frozen in network.names
