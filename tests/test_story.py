"""The story that `main.py` tells, and the stored results that the README and the last chapter quote."""

import numpy as np
import pytest
from support import interrupt_at

from helpers import DataError, Network, recipes, story, transfer
from helpers.experiments import CNN_TUNING, GRIDS, LABELS, SEEDS, STRATEGIES, TUNING, run_transfer
from helpers.recipes import CNN, MLP, SOFTMAX
from helpers.results import EVEN_TO_ODD, ODD_TO_EVEN, RESULTS, SAME_TASK, mean_and_std, read_rows, select
from helpers.story import run_story


@pytest.fixture(scope="module")
def stored():
    """The stored results, by name."""
    return {name: read_rows(RESULTS / f"{name}.csv") for name in GRIDS}


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


def test_a_strategy_that_is_added_changes_no_other_row(tiny_mnist, monkeypatch):
    def told():
        rows = run_story(tiny_mnist, seed=0, epochs=1).rows
        return {row["name"]: {**row, "seconds": None} for row in rows}

    before = told()
    monkeypatch.setattr(story, "STRATEGIES", {"head-first": (added, "transfer"), **story.STRATEGIES})
    after = told()
    assert after.pop("even-head-first")["strategy"] == "head-first"
    assert after == before


def added(source, part, *, seed, optimizer, epochs, **options):
    return transfer.head_then_all(source, part, seed=seed, epochs=2, **options)


def test_what_is_compared_in_a_story_shares_its_head_and_its_random_layers(tiny_mnist, monkeypatch):
    """Trained by steps of nothing, so that every network is as it began."""
    monkeypatch.setattr(recipes, "cosine", lambda progress: 0.0)
    networks = run_story(tiny_mnist, seed=0, epochs=1).networks
    second = [networks[f"even-{name}"] for name in story.STRATEGIES]
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


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_few_labels_are_counted_honestly(trained, even, strategy, monkeypatch):
    monkeypatch.setattr("helpers.experiments.FEW_LABEL_STEPS", 8)
    row = run_transfer(trained, even, strategy, 3, seed=0)
    assert row["labels_used"] == 3 * 5  # no validation image hides behind them
    assert row["steps"] == 8
    assert 0 < row["trainable_parameters"] <= trained.parameter_count()


def test_more_labels_than_there_are_is_an_error(trained, even):
    with pytest.raises(DataError, match="at most"):
        run_transfer(trained, even, "scratch", 10**6, seed=0)


def test_the_stored_grids_are_complete(stored):
    assert len(stored["story"]) == 2 * len(SEEDS) * 8
    assert len(stored["story-cnn"]) == len(SEEDS) * 8
    transfers = stored["transfer"]
    for direction, strategies in (
        (ODD_TO_EVEN, STRATEGIES),
        (EVEN_TO_ODD, STRATEGIES),
        (SAME_TASK, ("frozen-1", "frozen-2")),
    ):
        for strategy in strategies:
            for labels in LABELS:
                rows = select(transfers, direction=direction, strategy=strategy, labels=labels)
                assert sorted(row["seed"] for row in rows) == list(SEEDS)
    assert all(row["labels_used"] == 5 * row["labels"] for row in transfers if row["labels"] != "all")


@pytest.mark.parametrize(
    "direction, name, goal",
    [
        (ODD_TO_EVEN, "odd", 0.989),
        (ODD_TO_EVEN, "even-scratch", 0.989),
        (ODD_TO_EVEN, "even-frozen", 0.983),
        (ODD_TO_EVEN, "even-finetuned", 0.989),
        (ODD_TO_EVEN, "even-softmax", 0.962),
        (ODD_TO_EVEN, "odd-softmax", 0.954),
        (EVEN_TO_ODD, "odd-frozen", 0.982),
    ],
)
def test_the_stored_results_reach_the_goals_of_the_project(stored, direction, name, goal):
    mean, _ = mean_and_std(select(stored["story"], direction=direction, name=name))
    assert mean >= goal


def columns(recipe):
    """Where a recipe's rows are in the table of its tuning."""
    where = {"hidden": "-".join(map(str, recipe.hidden)), "dropout": recipe.dropout}
    where["learning_rate"] = recipe.learning_rate
    if recipe.filters:
        where |= {
            "hidden": recipe.hidden[0],
            "batch_size": recipe.batch_size,
            "filters": "-".join(map(str, recipe.filters)),
        }
    return where


@pytest.mark.parametrize("chosen, candidates, table", [(MLP, TUNING, "tuning"), (CNN, CNN_TUNING, "tuning-cnn")])
def test_the_recipe_was_chosen_by_validation(stored, chosen, candidates, table):
    """It is the one with the fewest weights among those within one standard error of the best (on both tasks)."""

    def score(recipe):
        rows = select(stored[table], **columns(recipe))
        assert len(rows) == 2 * 3
        by_seed = [
            {"mean": sum(row["validation_accuracy"] for row in select(rows, seed=seed)) / 2} for seed in range(3)
        ]
        return mean_and_std(by_seed, "mean")

    def weights(recipe):
        return recipe.network(5, seed=0).parameter_count()

    scores = {recipe: score(recipe) for recipe in candidates}
    best = max(candidates, key=lambda recipe: scores[recipe][0])
    mean, std = scores[best]
    good_enough = [recipe for recipe in candidates if scores[recipe][0] >= mean - std / 3**0.5]
    assert weights(chosen) == min(weights(recipe) for recipe in good_enough)
    assert chosen in good_enough


@pytest.mark.parametrize("recipe", [MLP, CNN])
def test_a_recipe_makes_a_network_for_any_number_of_classes(recipe):
    network = recipe.network(3, seed=1)
    assert isinstance(network, Network) and network.classes == 3
    assert recipe.last_frozen in network.names


def test_convolutions_beat_the_perceptron_and_their_features_transfer_better(stored):
    def mean(table, name):
        return mean_and_std(select(stored[table], direction=ODD_TO_EVEN, name=name))[0]

    for name in ("odd", "even-scratch", "even-frozen", "even-finetuned"):
        assert mean("story-cnn", name) > mean("story", name)
