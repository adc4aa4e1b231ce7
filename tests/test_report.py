"""The transfer report: it measures what the studies measure, and says how surely."""

import json
from dataclasses import replace

import numpy as np
import pytest
from support import interrupt_at

from helpers import DataError
from helpers.transfer import protocol, recipes, report
from helpers.transfer.recipes import Recipe
from helpers.transfer.report import COMPARED, repetitions_of, run_report
from helpers.transfer.strategies import BASELINES, METHODS, STRATEGIES, from_scratch

TINY = Recipe(hidden=(16, 8), epochs=2, dropout=0.2)


@pytest.fixture
def tiny(tiny_mnist, monkeypatch):
    """Reports on few images, by short trainings."""
    monkeypatch.setattr(report, "STEPS", 30)
    return lambda *arguments, **options: run_report(
        tiny_mnist, *arguments, **{"recipe": TINY, "repetitions": 3, **options}
    )


def test_a_report_says_all_it_found(tiny):
    found = tiny("01478", 10)
    assert list(found.hits) == list(found.accuracies) == [*(METHODS[key].name for key in COMPARED), found.baseline]
    text, summary = str(found), json.loads(json.dumps(found.summary()))
    for name, value in found.accuracies.items():
        assert value.value == pytest.approx(found.hits[name].mean()) and value.low < value.value < value.high
        assert f"{value.value:.2%}  {value.low:.2%} to {value.high:.2%}" in text
    for (one, other), value in found.differences.items():
        assert value.value == pytest.approx(found.accuracies[one].value - found.accuracies[other].value)
        assert f"{one} − {other}" in text
    assert text.startswith("From 01478 to 23569, with 10 labelled images of each digit\n")
    assert f"Verdict: {found.verdict.decision}. " in text and "3 repetitions, each with labels, a source" in text
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
    assert np.array_equal(*found.hits[found.baseline][:2])
    assert not np.array_equal(*found.hits["scratch"][:2])


def test_the_baseline_is_chosen_by_the_validation_images(tiny, monkeypatch):
    def right_on(kind):
        def regression(part, images):
            validation = np.arange(len(images)) < in_validation
            return np.where(validation == (kind == "validation"), images.labels, (images.labels + 1) % 5)

        return regression

    in_validation = 147  # a tenth of each digit's images
    for key, kind in (("kernel", "test"), ("softmax", "validation")):
        monkeypatch.setitem(BASELINES, key, replace(BASELINES[key], function=right_on(kind)))
    found = tiny("01478", 3)
    assert found.baseline == "softmax regression" and found.accuracies[found.baseline].value == 0


@pytest.mark.slow
def test_how_long_and_how_often(tiny, monkeypatch):
    asked = []

    def note(*arguments, **options):
        asked.append((options.get("epochs"), options.get("steps")))
        return from_scratch(*arguments, **options)

    monkeypatch.setitem(STRATEGIES, "scratch", replace(STRATEGIES["scratch"], function=note))
    tiny("01478", 3)
    assert set(asked) == {(None, 30)} and len(asked) == 3
    asked.clear()
    tiny("01478", 100, recipe=Recipe(hidden=(16, 8), epochs=10))
    assert set(asked) == {(None, 40)}  # 10 epochs of 4 batches are more
    asked.clear()
    tiny("01478", epochs=1)
    assert set(asked) == {(1, None)}
    assert [repetitions_of(labels) for labels in (1, 100, 101, None)] == [10, 10, 5, 5]


def test_too_many_labels_too_few_repetitions_and_what_is_no_split_are_errors_before_any_training(tiny, monkeypatch):
    monkeypatch.setattr(protocol, "fit", None)
    with pytest.raises(
        DataError, match="5,000 labelled images of each digit .* of digit 5 there are only 2.. to learn"
    ):
        tiny("01478", 5000)
    with pytest.raises(ValueError, match="five different digits"):
        tiny("0147")
    with pytest.raises(ValueError, match="at least 3 repetitions, not 2"):
        tiny("01478", 3, repetitions=2)


@pytest.mark.parametrize("step", [10, 40])
def test_an_interrupted_training_ends_a_report(tiny, monkeypatch, step):
    monkeypatch.setattr(recipes, "cosine", interrupt_at(step))
    with pytest.warns(UserWarning, match="interrupted"), pytest.raises(KeyboardInterrupt, match="was interrupted"):
        tiny("01478", 3)
