"""The story that `main.py` tells, and the stored results that the README and the last chapter quote."""

import pytest

from helpers import DataError, Network
from helpers.experiments import GRIDS, LABELS, SEEDS, STRATEGIES, TUNING, run_transfer
from helpers.results import EVEN_TO_ODD, ODD_TO_EVEN, RESULTS, SAME_TASK, mean_and_std, read_rows, select
from helpers.story import MLP, SOFTMAX, Recipe, run_story


@pytest.fixture(scope="module")
def stored():
    """The stored results, by name."""
    return {name: read_rows(RESULTS / f"{name}.csv") for name in GRIDS}


def test_the_softmax_recipe_is_a_network_without_hidden_layers():
    assert SOFTMAX.network(5, seed=0).names == ["head"]


def test_a_story_keeps_its_source_as_it_was(mnist):
    story = run_story(mnist, seed=0, epochs=1)
    source = story.networks["odd"]
    frozen, tuned = story.networks["even-frozen"], story.networks["even-finetuned"]
    forgot = story.networks["odd-after-finetuning"]
    assert frozen.fingerprint("hidden1") == source.fingerprint("hidden1") != tuned.fingerprint("hidden1")
    assert story.networks["even-random-frozen"].fingerprint("hidden1") != source.fingerprint("hidden1")
    assert forgot.fingerprint("head") == source.fingerprint("head")
    assert forgot.fingerprint("hidden1", "hidden2") == tuned.fingerprint("hidden1", "hidden2")


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


def test_the_recipe_was_chosen_by_validation(stored):
    """It is the one with the fewest weights among those within one standard error of the best (on both tasks)."""

    def score(recipe):
        rows = select(
            stored["tuning"],
            hidden="-".join(map(str, recipe.hidden)),
            dropout=recipe.dropout,
            learning_rate=recipe.learning_rate,
        )
        by_seed = [
            {"mean": sum(row["validation_accuracy"] for row in select(rows, seed=seed)) / 2} for seed in range(3)
        ]
        return mean_and_std(by_seed, "mean")

    def weights(recipe):
        return recipe.network(5, seed=0).parameter_count()

    scores = {recipe: score(recipe) for recipe in TUNING}
    best = max(TUNING, key=lambda recipe: scores[recipe][0])
    mean, std = scores[best]
    good_enough = [recipe for recipe in TUNING if scores[recipe][0] >= mean - std / 3**0.5]
    assert weights(MLP) == min(weights(recipe) for recipe in good_enough)
    assert MLP in good_enough
    assert Recipe() == MLP


def test_a_recipe_makes_a_network_for_any_number_of_classes():
    assert isinstance(MLP.network(3, seed=1), Network) and MLP.network(3, seed=1).classes == 3
