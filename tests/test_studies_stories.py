"""The studies of all labels: the stories of main.py, the tunings, Keras's example; and what is stored of them."""

from dataclasses import replace

import numpy as np
import pandas
import pytest

import studies
from helpers.evidence.statistics import paired_difference
from helpers.evidence.tables import read_table
from helpers.nn.training import evaluate
from helpers.transfer import protocol
from helpers.transfer.recipes import CNN, MLP, Recipe
from helpers.transfer.story import run_story
from studies import keras_example, methods, story, story_cnn, tuning, tuning_cnn
from studies.engine import export
from studies.engine.execution import ROOT, tasks

TINY = Recipe(hidden=(16, 8), epochs=1, dropout=0.2)


@pytest.fixture
def tiny(tiny_studies, monkeypatch):
    """Studies that know only a few images, and small networks."""
    monkeypatch.setattr(story, "load_mnist", lambda: tiny_studies)
    monkeypatch.setitem(story.MODELS, "mlp", TINY)
    for cached in (story.telling, keras_example.trained_on_low):
        cached.cache_clear()
    yield tiny_studies
    for cached in (story.telling, keras_example.trained_on_low):
        cached.cache_clear()


@pytest.mark.parametrize("name", ["story", "story_cnn", "tuning", "tuning_cnn", "keras_example"])
def test_what_comes_out_of_one_computation_is_one_task(name):
    study = studies.load(name)
    groups = tasks(study, study.runs)
    assert len(groups) == len(set(map(study.together, study.runs)))
    assert all(len(set(map(study.together, group))) == 1 for group in groups)


@pytest.mark.parametrize("direction", [story.ODD_TO_EVEN, story.EVEN_TO_ODD])
def test_the_rows_of_a_story_are_those_of_main_py_and_told_once(tiny, direction):
    told = run_story(tiny, seed=3, recipe=TINY, reverse=direction == story.EVEN_TO_ODD)
    wanted = {row["name"]: row for row in told.rows}
    runs = [run for run in story.STUDY.runs if (run.direction, run.seed) == (direction, 3)]
    assert sorted(run.row for run in runs) == sorted(wanted)
    for run in reversed(runs):
        outcome, row = story.measure(run), wanted[run.row]
        assert outcome.hits.mean() == row["test_accuracy"]
        assert outcome.values == {name: row[name] for name in ("trainable_parameters", "total_parameters")}
        assert run.target == story.DIGITS[row["task"]]
        assert run.source in ("", row["source"])  # main.py names it in its controls too
    assert story.telling.cache_info().misses == 1


def test_a_story_is_told_no_further_than_its_row(tiny):
    story.measure(story.STUDY.runs[0])
    assert list(story.telling("mlp", story.ODD_TO_EVEN, 0).story.evaluations) == ["odd-softmax"]


def test_no_row_after_a_training_that_diverged_is_a_result(tiny, monkeypatch):
    def diverge(*arguments, **options):
        raise ArithmeticError("the loss stopped being finite")

    monkeypatch.setattr("helpers.transfer.strategies.fit", diverge)
    *good, scratch, frozen = story.STUDY.runs[:5]
    assert all(story.measure(run).hits.any() for run in good)
    with pytest.raises(ArithmeticError, match="stopped being finite"):
        story.measure(scratch)
    with pytest.raises(ArithmeticError, match="an earlier training .* so there is no even-frozen"):
        story.measure(frozen)


def test_a_tuning_freezes_what_it_has_trained_from_scratch(tiny, monkeypatch):
    monkeypatch.setitem(tuning.RECIPES, "512-128, dropout 0.3", TINY)
    runs = [run for run in tuning.STUDY.runs if run.option == "512-128, dropout 0.3" and run.seed == 1]
    outcomes = {(run.strategy, run.target): tuning.measure(run) for run in runs}
    assert len(outcomes) == 4 and methods.trained_source.cache_info().misses == 2
    odd = methods.task("13579").validation
    predictions = evaluate(methods.trained_source("13579", 1, TINY), odd).predictions
    assert np.array_equal(outcomes["scratch", "13579"].hits, predictions == odd.labels)
    assert all(outcome.values == {"total_parameters": 12_741} for outcome in outcomes.values())  # 785·16 + 17·8 + 9·5


def test_a_recipe_is_as_good_within_one_standard_error():
    accuracies = {"best": 0.99, "close": 0.9888, "far": 0.9886}  # one standard error is 0.00128
    rows = [
        (option, 100 - number, strategy, accuracy + shift)
        for number, (option, accuracy) in enumerate(accuracies.items())
        for strategy in ("scratch", "frozen")
        for shift in (-0.001, 0.001)
    ]
    table = pandas.DataFrame(rows, columns=["option", "total_parameters", "strategy", "validation_accuracy"])
    means = tuning.means(table)
    assert list(means.index) == ["far", "close", "best"]
    assert means["frozen"].to_dict() == pytest.approx(accuracies)
    assert tuning.as_good_as_the_best(means["scratch"]).to_dict() == {"best": True, "close": True, "far": False}


def test_the_example_of_keras_trains_its_source_once_and_on_all_images(tiny, monkeypatch):
    parts = []

    def fit(network, part, **options):
        parts.append(len(part))
        return protocol_fit(network, part, **options)

    protocol_fit = protocol.fit
    monkeypatch.setattr(protocol, "fit", fit)
    monkeypatch.setitem(keras_example.NETWORKS, "cnn", replace(CNN, filters=(4, 4), hidden=(16,), epochs=2))
    runs = [run for run in keras_example.STUDY.runs if (run.network, run.seed) == ("cnn", 0)]
    outcomes = {run.strategy: keras_example.measure(run) for run in runs}
    assert parts == [(tiny.train_labels < 5).sum()]
    assert [len(outcome.hits) for outcome in outcomes.values()] == [(tiny.test_labels < 5).sum()] + 2 * [
        (tiny.test_labels > 4).sum()
    ]
    assert outcomes["frozen"].values == outcomes["random"].values != outcomes["scratch"].values
    assert not np.array_equal(outcomes["frozen"].hits, outcomes["random"].hits)


def stored(study):
    """The stored table of a study, with its rows in the order of seeds."""
    if not export.paths(study, ROOT / "results")[2].is_file():
        pytest.skip(f"there are no stored results: `python -m studies {study.name}` makes them")
    return read_table(study.name)


SHORT = pytest.mark.xfail(strict=True, reason="98.87 ± 0.09 % with these five seeds: 0.03 points short of the goal")


@pytest.mark.parametrize(
    "direction, row, goal",
    [
        pytest.param(story.ODD_TO_EVEN, "odd", 0.989, marks=SHORT),
        (story.ODD_TO_EVEN, "even-scratch", 0.989),
        (story.ODD_TO_EVEN, "even-frozen", 0.983),
        (story.ODD_TO_EVEN, "even-finetuned", 0.989),
        (story.ODD_TO_EVEN, "even-softmax", 0.962),
        (story.ODD_TO_EVEN, "odd-softmax", 0.954),
        (story.EVEN_TO_ODD, "odd-frozen", 0.982),
    ],
)
def test_the_stored_stories_reach_the_goals_of_the_project(direction, row, goal):
    table = stored(story.STUDY).query("direction == @direction and row == @row")
    assert table["test_accuracy"].mean() >= goal


@pytest.mark.parametrize("row", ["odd", "even-scratch", "even-frozen", "even-finetuned"])
def test_convolutions_beat_the_perceptron(row):
    def of(study):
        table = stored(study)
        return table[(table["direction"] == story.ODD_TO_EVEN) & (table["row"] == row)]["test_accuracy"].to_numpy()

    perceptron, convolutional = of(story.STUDY), of(story_cnn.STUDY)
    assert paired_difference(convolutional, perceptron).low > 0


@pytest.mark.parametrize(
    "study, recipes, chosen", [(tuning, tuning.RECIPES, MLP), (tuning_cnn, tuning_cnn.RECIPES, CNN)]
)
def test_validation_cannot_tell_the_recipes_from_the_best(study, recipes, chosen):
    [name] = [name for name, recipe in recipes.items() if recipe == chosen]
    assert tuning.as_good_as_the_best(tuning.means(stored(study.STUDY))["scratch"])[name]


@pytest.mark.parametrize("strategy, goal", [("scratch", 0.998), ("frozen", 0.993)])
def test_our_network_beats_what_keras_publishes(strategy, goal):
    table = stored(keras_example.STUDY).query("network == 'cnn' and strategy == @strategy")
    assert table["test_accuracy"].mean() >= goal


@pytest.mark.parametrize("strategy, published", [("scratch", 0.998), ("frozen", 0.992)])
def test_with_the_network_of_keras_its_example_reaches_what_keras_publishes(strategy, published):
    table = stored(keras_example.STUDY).query("network == 'keras' and strategy == @strategy")
    assert published <= table["test_accuracy"].mean() < published + 0.002  # far above would be another experiment


@pytest.mark.parametrize("network", ["cnn", "keras"])
def test_learned_convolutions_beat_random_ones(network):
    table = stored(keras_example.STUDY).query("network == @network").set_index(["strategy", "seed"])["test_accuracy"]
    assert paired_difference(table["frozen"], table["random"]).low > 0
