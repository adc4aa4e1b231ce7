"""The transfer report: it measures what the studies measure, on digits and on images of one's own, and says how surely."""

import json

import numpy as np
import pytest
from support import interrupt_at

from helpers import DataError, Network, digit_task
from helpers.data import strokes
from helpers.evidence.statistics import mean_interval
from helpers.transfer import protocol, recipes, report
from helpers.transfer.recipes import Recipe, Setting
from helpers.transfer.report import completed, plan, run_report

TINY = {
    "mlp": Recipe(hidden=(16, 8), epochs=2, dropout=0.2),
    "cnn": Recipe(hidden=(8,), filters=(2, 4), epochs=1, dropout=0.2),
}
QUICK = {model: dict.fromkeys(report.COMPARED, Setting(2e-3, 20, 0.1)) for model in TINY}


@pytest.fixture(autouse=True)
def short_trainings(monkeypatch):
    for name, value in {"STEPS": 20, "REPORTED": TINY, "FEW": QUICK}.items():
        monkeypatch.setattr(report, name, value)


@pytest.fixture
def tiny(tiny_mnist):
    """Reports on few images: the source's and the target's digits are given."""

    def run(source, target, *arguments, **options):
        first, second = (digit_task(tiny_mnist, map(int, digits)) for digits in (source, target))
        return run_report(first.train, second, *arguments, **{"repetitions": 3, **options})

    return run


@pytest.fixture(scope="module")
def symbols():
    """Six drawings of each of three symbols."""
    return strokes.part({name: many[:6] for name, many in list(strokes.bundled().items())[:3]}, "path/to/symbols")


def test_a_report_says_all_it_found(tiny):
    found = tiny("01478", "23569", 10)
    names = ["scratch", "fine-tuned", "frozen", "random frozen", "convnet from scratch", "kernel ridge regression"]
    assert list(found.hits) == list(found.accuracies) == names and found.baseline == names[-1]
    text, summary = str(found), json.loads(json.dumps(found.summary()))
    for name, value in found.accuracies.items():
        assert value.value == pytest.approx(found.hits[name].mean()) and value.low < value.value < value.high
        assert f"{value.value:.2%}  {value.low:.2%} to {value.high:.2%}" in text
    for (one, other), value in found.differences.items():
        assert value.value == pytest.approx(found.accuracies[one].value - found.accuracies[other].value)
        assert f"{one} − {other}" in text
    assert text.startswith("From 01478 to 23569, with 10 labelled images of each digit\n")
    assert f"Verdict: {found.verdict.decision}. " in text
    assert "3 repetitions: each has labels, a source, random values" in text.replace("\n", " ")
    assert "eight shifts" in text.replace("\n", " ") and max(map(len, text.splitlines())) <= report.WIDTH
    assert (summary["source"], summary["target"], summary["labels"]) == ("01478", "23569", 10)
    assert summary["decision"] == found.verdict.decision
    assert [row["name"] for row in summary["rows"]] == names
    assert np.mean(summary["rows"][0]["repetitions"]) == pytest.approx(summary["rows"][0]["test_accuracy"])
    assert len(summary["differences"]) == 8


def test_with_all_labels_only_sources_and_random_numbers_vary(tiny):
    found = tiny("13579", "02468")
    assert str(found).startswith("From odd to even, with all labelled images\n")
    assert "each has a source, random values" in str(found) and found.summary()["labels"] == "all"
    assert "shifts" not in str(found) and found.baseline == "softmax regression"  # the kernel would be too large
    assert np.array_equal(*found.hits[found.baseline][:2])
    assert not np.array_equal(*found.hits["scratch"][:2])


def test_images_of_ones_own_are_tested_on_where_they_are_not_learned_from(tiny_mnist, symbols):
    odd = digit_task(tiny_mnist, (1, 3, 5, 7, 9)).train
    found = run_report(odd, symbols, 4, model="cnn", repetitions=4)
    assert str(found).startswith("From odd to symbols, with 4 labelled images of each class\n")
    assert "tested on the 6 images that it does not learn from" in str(found).replace("\n", " ")
    assert list(found.hits)[4:] == ["perceptron from scratch", "kernel ridge regression"]
    for right in found.hits.values():
        assert np.array_equal(np.isnan(right), np.isnan(found.hits["scratch"]))
        assert np.isfinite(right).sum(axis=1).tolist() == [6] * 4
    assert len(set(map(bytes, np.isnan(found.hits["scratch"])))) > 1  # other draws
    assert json.loads(json.dumps(found.summary()))["target"] == "path/to/symbols"
    again = run_report(odd, symbols, 4, model="cnn", repetitions=4)
    assert np.array_equal(again.hits["fine-tuned"], found.hits["fine-tuned"], equal_nan=True)


@pytest.mark.parametrize("kind", ["as usual", "of its own", "convolutional"])
def test_a_network_of_ones_own_is_a_source(symbols, kind):
    source = {
        "as usual": TINY["mlp"].network(10, seed=0),
        "of its own": Network.mlp(784, 12, classes=7, seed=0).freeze("hidden1"),
        "convolutional": recipes.small_convnet(5, seed=0),
    }[kind]
    before = source.fingerprint()
    found = run_report(source, symbols, 2, repetitions=3)
    other = "perceptron from scratch" if kind == "convolutional" else "convnet from scratch"
    assert other in found.hits and source.fingerprint() == before
    assert str(found).startswith("From a network of your own to symbols") and "All start from the same source" in str(
        found
    )


def test_how_long_and_how_often(tiny_mnist, symbols, monkeypatch):
    monkeypatch.undo()
    odd, every = (digit_task(tiny_mnist, digits) for digits in ((1, 3, 5, 7, 9), range(10)))
    large = strokes.Part(
        np.tile(every.train.images, (20, 1, 1)), np.tile(every.train.labels, 20), every.digits, "54,000"
    )
    planned = {model: plan(large, symbols, 5, model=model) for model in ("mlp", "cnn")}
    assert all(2 < one.minutes < 3 for one in planned.values())
    assert (planned["cnn"].epochs, planned["mlp"].epochs) == (1, 7) and planned["cnn"].repetitions == 8
    assert plan(large, symbols, 5, model="cnn", epochs=4).epochs == 4
    assert plan(odd.train, symbols, 5, model="cnn").epochs == plan(odd.train, odd, model="cnn").epochs == 5
    assert plan(odd.train, odd, 10).repetitions == 10 and plan(large, odd, model="cnn").repetitions == 5
    assert plan(Network.mlp(784, 9, classes=5, seed=0), symbols, 5).repetitions == 10


def test_all_labels_are_learned_for_the_recipes_epochs_and_many_for_as_many_steps(tiny, monkeypatch):
    asked = set()

    def note(trial, key, part, **options):
        asked.add((trial.steps, trial.recipe.epochs, len(trial.part)))
        return np.zeros(len(part), int)

    monkeypatch.setattr(protocol.Trial, "predict", note)
    tiny("01478", "23569", epochs=3)
    assert {(steps, epochs) for steps, epochs, _ in asked} == {(None, 3)}
    asked.clear()
    monkeypatch.setattr(report, "FEW_LABELS", 50)
    tiny("01478", "23569", 120)
    assert asked == {(20, 2, 600), (20, 1, 600)}  # 2 epochs of 5 batches are fewer
    asked.clear()
    tiny("01478", "23569", 3)
    assert {size for *_, size in asked} == {5 * 3 * 9}


def test_what_cannot_be_reported_is_an_error_before_any_training(tiny, symbols, monkeypatch):
    monkeypatch.setattr(protocol, "fit", None)
    network = Network.mlp(784, 8, classes=5, seed=0)
    for arguments, words in (
        (
            (network, symbols, 6),
            r"6 labelled images of each class .* only 6, and at least one .* test on; choose at most 5",
        ),
        ((network, symbols), "say how many images of each class are labelled"),
        ((Network.mlp(100, 8, classes=5, seed=0), symbols, 2), r"must read images of 28 × 28 pixels, .* is \(100,\)"),
        ((Network.mlp(784, classes=5, seed=0), symbols, 2), "is all head"),
    ):
        with pytest.raises(ValueError, match=words):
            run_report(*arguments)
    with pytest.raises(
        DataError, match="5,000 labelled images of each digit .* of 5 there are only 2.*; choose at most 2"
    ):
        tiny("01478", "23569", 5000)
    with pytest.raises(ValueError, match="at least 3 repetitions, not 2"):
        tiny("01478", "23569", 3, repetitions=2)


@pytest.mark.parametrize("step", [10, 30])
def test_an_interrupted_training_ends_a_report(tiny, monkeypatch, step):
    monkeypatch.setattr(recipes, "cosine", interrupt_at(step))
    with pytest.warns(UserWarning, match="interrupted"), pytest.raises(KeyboardInterrupt, match="was interrupted"):
        tiny("01478", "23569", 3)


def test_intervals_hold_the_truth_though_each_repetition_is_tested_on_other_images():
    """A class of 12 images, of which a repetition learns from 4: repetitions, images and their interplay vary."""
    rng, held, tried = np.random.default_rng(0), 0, 1000
    for _ in range(tried):
        values = rng.normal(0, 0.03, (6, 1)) + rng.normal(0, 0.15, (1, 60)) + rng.normal(0, 0.3, (6, 60))
        learned = rng.permuted(np.tile(np.arange(12) < 4, (6, 5, 1)), axis=2).reshape(6, 60)
        interval = mean_interval(completed(np.where(learned, np.nan, values)[:, ~learned.all(axis=0)]))
        held += interval.low <= 0 <= interval.high
    assert 0.93 < held / tried < 0.985


def test_where_nothing_is_missing_nothing_is_completed():
    hits = np.random.default_rng(0).integers(0, 2, (4, 9)).astype(float)
    assert np.array_equal(completed(hits), hits)
    hits[0, :2] = np.nan
    hits[1:, :2] = 0, 1
    above = (hits[0, 2:] - hits[:, 2:].mean(axis=0)).mean()
    assert completed(hits)[0] == pytest.approx([above, 1 + above, *hits[0, 2:]])
