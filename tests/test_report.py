"""The transfer report: it measures what the studies measure, and says how surely."""

import json

import numpy as np
import pytest
from support import interrupt_at

from helpers import DataError
from helpers.transfer import recipes, report
from helpers.transfer.recipes import Recipe
from helpers.transfer.report import NETWORKS, repetitions_of, run_report
from helpers.transfer.verdict import FROZEN, RANDOM, SCRATCH, TUNED
from studies import methods
from studies.engine.study import ALL, Run

TINY = Recipe(hidden=(16, 8), epochs=2, dropout=0.2)
STUDIED = {SCRATCH: "scratch", TUNED: "fine-tune", FROZEN: "frozen", RANDOM: "random", report.KERNEL: "kernel"}


@pytest.fixture
def tiny(tiny_mnist, monkeypatch):
    """Reports on few images, by short trainings."""
    monkeypatch.setattr(report, "STEPS", 30)
    return lambda *arguments, **options: run_report(
        tiny_mnist, *arguments, **{"recipe": TINY, "repetitions": 2, **options}
    )


@pytest.fixture
def without_intervals(monkeypatch):
    """They take longer than short trainings."""
    monkeypatch.setattr(report, "bootstrap", lambda *arguments, **options: None)


@pytest.mark.parametrize("labels", [4, None])
def test_a_report_finds_what_the_study_of_these_seeds_finds(tiny, tiny_mnist, labels, monkeypatch, without_intervals):
    monkeypatch.setattr(methods, "_mnist", lambda: tiny_mnist)
    for cache in (methods.task, methods.trained_source):
        cache.cache_clear()
    found = tiny("87410", labels, seed=1)
    assert (found.source, found.target, found.repetitions) == ("01478", "23569", 2)
    test = methods.task("23569").test
    for name, right in found.hits.items():
        strategy = STUDIED.get(name, "softmax")
        for repetition, seed in enumerate((2, 3)):
            source = "01478" if strategy in methods.WITH_SOURCE else ""
            run = Run(source=source, target="23569", strategy=strategy, labels=labels or ALL, seed=seed, draw=seed)
            predicted = methods.predict(run, TINY, 30, test)
            assert np.array_equal(right[repetition], predicted == test.labels), name
    for cache in (methods.task, methods.trained_source):
        cache.cache_clear()


def test_a_report_says_all_it_found(tiny):
    found = tiny("01478", 10)
    assert list(found.hits) == list(found.accuracies) == [*NETWORKS, found.baseline]
    text, summary = str(found), json.loads(json.dumps(found.summary()))
    for name, value in found.accuracies.items():
        assert value.value == pytest.approx(found.hits[name].mean()) and value.low < value.value < value.high
        assert f"{value.value:.2%}  {value.low:.2%} to {value.high:.2%}" in text
    for (one, other), value in found.differences.items():
        assert value.value == pytest.approx(found.accuracies[one].value - found.accuracies[other].value)
        assert f"{one} − {other}" in text
    assert text.startswith("From 01478 to 23569, with 10 labelled images of each digit\n")
    assert f"Verdict: {found.verdict.decision}. " in text and "2 repetitions, each with labels, a source" in text
    assert max(map(len, text.splitlines())) <= report.WIDTH
    assert summary["decision"] == found.verdict.decision and summary["labels"] == 10
    assert [row["name"] for row in summary["rows"]] == list(found.hits)
    assert np.mean(summary["rows"][0]["repetitions"]) == pytest.approx(summary["rows"][0]["test_accuracy"])
    assert len(summary["differences"]) == 6


def test_with_all_labels_only_sources_and_random_numbers_vary(tiny):
    found = tiny("13579")
    assert str(found).startswith("From odd to even, with all labelled images\n")
    assert "each with a source, random values" in str(found) and found.summary()["labels"] == "all"
    assert found.baseline == "softmax regression"  # the kernel of all images would be too large
    assert np.array_equal(*found.hits[found.baseline])
    assert not np.array_equal(*found.hits[SCRATCH])


def test_the_baseline_is_chosen_by_the_validation_images(tiny, monkeypatch):
    def right_on(kind):
        def regression(part, images):
            validation = np.arange(len(images)) < in_validation
            return np.where(validation == (kind == "validation"), images.labels, (images.labels + 1) % 5)

        return regression

    in_validation = 147  # a tenth of each digit's images
    regressions = {report.KERNEL: right_on("test"), "softmax regression": right_on("validation")}
    monkeypatch.setattr(report, "REGRESSIONS", regressions)
    found = tiny("01478", 3)
    assert found.baseline == "softmax regression" and found.accuracies[found.baseline].value == 0


def test_how_long_and_how_often(tiny, monkeypatch, without_intervals):
    asked = []

    def noted(strategy):
        def note(*arguments, **options):
            asked.append((options.get("epochs"), options.get("steps")))
            return strategy(*arguments, **options)

        return note

    monkeypatch.setattr(
        report,
        "NETWORKS",
        {SCRATCH: noted(NETWORKS[SCRATCH]), **{name: NETWORKS[name] for name in (TUNED, FROZEN, RANDOM)}},
    )
    tiny("01478", 3)
    assert set(asked) == {(None, 30)} and len(asked) == 2
    asked.clear()
    tiny("01478", 100, recipe=Recipe(hidden=(16, 8), epochs=10))
    assert set(asked) == {(None, 40)}  # 10 epochs of 4 batches are more
    asked.clear()
    tiny("01478", epochs=1)
    assert set(asked) == {(1, None)}
    assert [repetitions_of(labels) for labels in (1, 100, 101, None)] == [10, 10, 5, 5]


def test_more_labels_than_there_are_and_what_is_no_split_are_errors_before_any_training(tiny, monkeypatch):
    monkeypatch.setattr(report, "fit", None)
    with pytest.raises(
        DataError, match="5,000 labelled images of each digit .* of digit 5 there are only 2.. to learn"
    ):
        tiny("01478", 5000)
    with pytest.raises(ValueError, match="five different digits"):
        tiny("0147")


@pytest.mark.parametrize("step", [10, 40])
def test_an_interrupted_training_ends_a_report(tiny, monkeypatch, step):
    monkeypatch.setattr(recipes, "cosine", interrupt_at(step))
    with pytest.warns(UserWarning, match="interrupted"), pytest.raises(KeyboardInterrupt, match="was interrupted"):
        tiny("01478", 3)
