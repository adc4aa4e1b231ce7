"""Tables of the earlier version: read, selected, averaged; and what is claimed of them, as long as it is shown."""

import math
from collections import defaultdict

import pytest

from helpers.recipes import CNN, MLP, Recipe
from helpers.results import RESULTS, mean_and_std, read_rows, select

ROWS = [
    {"strategy": strategy, "labels": labels, "test_accuracy": accuracy}
    for strategy, labels, accuracy in [("scratch", 10, 0.8), ("scratch", 1, 0.5), ("fine-tune", 1, 0.2)]
]


def test_what_looks_like_a_number_becomes_one(tmp_path):
    (tmp_path / "rows.csv").write_text("a,b,c\n0.25,-3,odd\n", encoding="utf-8")
    assert read_rows(tmp_path / "rows.csv") == [{"a": 0.25, "b": -3, "c": "odd"}]


def test_rows_are_selected_by_all_of_the_wanted_values():
    assert select(ROWS, strategy="scratch", labels=1) == [ROWS[1]]
    assert select(ROWS, labels=7) == [] and select(ROWS) == ROWS


def test_mean_and_sample_standard_deviation_by_hand():
    rows = [{"test_accuracy": value, "seconds": 1} for value in (1.0, 2.0, 6.0)]
    assert mean_and_std(rows) == pytest.approx((3.0, math.sqrt(7)))  # (4 + 1 + 9) / 2
    assert mean_and_std(rows, "seconds") == (1, 0)


def test_one_run_has_no_standard_deviation():
    with pytest.raises(ValueError, match="at least two values of test_accuracy, not 1"):
        mean_and_std(ROWS[:1])


SEEDS = range(5)
ODD_TO_EVEN, EVEN_TO_ODD = "odd to even", "even to odd"


@pytest.fixture(scope="module")
def stored():
    """The tables that README and chapter 6 quote, by name."""
    return {path.stem: read_rows(path) for path in RESULTS.glob("*.csv")}


def test_the_stored_tables_are_complete(stored):
    assert len(stored["story"]) == 2 * len(SEEDS) * 8
    assert len(stored["story-cnn"]) == len(SEEDS) * 8
    for network in ("ours", "keras"):
        for strategy, task in (("scratch", "0 to 4"), ("frozen", "5 to 9"), ("random", "5 to 9")):
            rows = select(stored["convnet"], network=network, strategy=strategy, task=task)
            assert [row["seed"] for row in rows] == list(SEEDS)


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


def test_convolutions_beat_the_perceptron_and_their_features_transfer_better(stored):
    def mean(table, name):
        return mean_and_std(select(stored[table], direction=ODD_TO_EVEN, name=name))[0]

    for name in ("odd", "even-scratch", "even-frozen", "even-finetuned"):
        assert mean("story-cnn", name) > mean("story", name)


@pytest.mark.parametrize("strategy, goal", [("scratch", 0.998), ("frozen", 0.993)])
def test_the_stored_experiment_beats_what_keras_publishes(stored, strategy, goal):
    assert mean_and_std(select(stored["convnet"], network="ours", strategy=strategy))[0] >= goal


@pytest.mark.parametrize("strategy, published", [("scratch", 0.998), ("frozen", 0.992)])
def test_with_the_network_of_keras_the_experiment_gives_what_keras_publishes(stored, strategy, published):
    mean, _ = mean_and_std(select(stored["convnet"], network="keras", strategy=strategy))
    assert mean == pytest.approx(published, abs=0.001)


@pytest.mark.parametrize("network", ["ours", "keras"])
def test_learned_convolutions_beat_random_ones(stored, network):
    runs = {
        strategy: select(stored["convnet"], network=network, strategy=strategy) for strategy in ("frozen", "random")
    }
    assert mean_and_std(runs["frozen"])[0] > mean_and_std(runs["random"])[0]


def recipe_of(row):
    """The recipe that a row of a tuning tells of."""
    filters = tuple(map(int, row["filters"].split("-"))) if "filters" in row else ()
    hidden = tuple(map(int, str(row["hidden"]).split("-")))
    settings = {"batch_size": row["batch_size"], "epochs": CNN.epochs} if filters else {}
    return Recipe(hidden, filters, dropout=row["dropout"], learning_rate=row["learning_rate"], **settings)


@pytest.mark.parametrize("chosen, table, candidates", [(MLP, "tuning", 10), (CNN, "tuning-cnn", 6)])
def test_the_recipe_was_chosen_by_validation(stored, chosen, table, candidates):
    """It is the one with the fewest weights among those within one standard error of the best (on both tasks)."""
    runs = defaultdict(list)
    for row in stored[table]:
        runs[recipe_of(row)].append(row)
    assert len(runs) == candidates

    def score(recipe):
        assert len(runs[recipe]) == 2 * 3
        by_seed = [
            {"mean": sum(row["validation_accuracy"] for row in select(runs[recipe], seed=seed)) / 2}
            for seed in range(3)
        ]
        return mean_and_std(by_seed, "mean")

    def weights(recipe):
        return recipe.network(5, seed=0).parameter_count()

    scores = {recipe: score(recipe) for recipe in runs}
    mean, std = max(scores.values())
    good_enough = [recipe for recipe in runs if scores[recipe][0] >= mean - std / 3**0.5]
    assert weights(chosen) == min(map(weights, good_enough))
    assert chosen in good_enough
