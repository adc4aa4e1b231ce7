"""The study of layers that travel: what is carried over, what starts anew, and what the readout says of it."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.evidence.tables import ALL
from helpers.transfer import strategies
from helpers.transfer.protocol import Trial
from helpers.transfer.recipes import Recipe
from helpers.transfer.strategies import STRATEGIES
from studies import layers, methods

TINY = Recipe(hidden=(8,) * 4, epochs=1)


@pytest.fixture
def tiny(tiny_studies, monkeypatch):
    """The study with small networks and few images."""
    monkeypatch.setattr(layers, "RECIPE", TINY)
    monkeypatch.setattr(layers, "STEPS", 5)


def the_run(strategy, cut, source="", labels=10):
    runs = [run for run in layers.STUDY.runs if run.target == layers.EVEN and run.seed == 0 and run.labels == labels]
    [found] = [run for run in runs if (run.strategy, run.cut, run.source) == (strategy, cut, source)]
    return found


def values(network, layer):
    return network[layer].weights.value


def test_every_cut_has_both_tasks_and_random_layers_beside_scratch():
    runs = layers.STUDY.runs
    assert len(runs) == 2 * 2 * 10 * (1 + 4 * (1 + 2 * 2))
    assert all((run.cut == 0) == (run.strategy == "scratch") for run in runs)
    assert all(bool(run.source) == (run.strategy in ("frozen", "tuned")) for run in runs)


@pytest.mark.parametrize("source", [layers.EVEN, layers.ODD])
@pytest.mark.parametrize("cut", layers.CUTS)
def test_layers_below_the_cut_are_the_sources_and_those_above_are_as_from_scratch(tiny, source, cut):
    start, scratch = (layers.start_of(the_run(*which)) for which in (("tuned", cut, source), ("scratch", 0)))
    trained = methods.trained_source(source, 0, TINY)
    for number in layers.CUTS:
        name = f"hidden{number}"
        assert np.array_equal(values(start, name), values(trained if number <= cut else scratch, name))
        assert not np.array_equal(values(scratch, name), values(trained, name))


@pytest.mark.parametrize("labels", layers.LABELS)
def test_what_is_frozen_stays_and_what_is_tuned_moves(tiny, monkeypatch, labels):
    moved = {}

    def fit(network, part, **options):
        before = {name: values(network, name).copy() for name in network if "hidden" in name}
        history = real_fit(network, part, **options)
        moved[strategy] = [not np.array_equal(values(network, name), old) for name, old in before.items()]
        assert (options.get("epochs") == 1) == (labels == ALL)
        return history

    real_fit = strategies.fit
    methods.trained_source(layers.ODD, 0, TINY)
    monkeypatch.setattr(strategies, "fit", fit)
    for strategy, cut, source in (
        ("frozen", 2, layers.ODD),
        ("tuned", 2, layers.ODD),
        ("random", 3, ""),
        ("scratch", 0, ""),
    ):
        layers.measure(the_run(strategy, cut, source, labels))
    assert moved["frozen"] == [False, False, True, True] and moved["random"] == [False, False, False, True]
    assert all(moved["tuned"]) and all(moved["scratch"])


def test_with_all_layers_frozen_the_head_is_trained_to_the_very_end(tiny, monkeypatch):
    seen = []

    def remember(source, part, seed):
        seen.append(source)
        return linear_probe(source, part, seed=seed)

    linear_probe = STRATEGIES["probe"].function
    monkeypatch.setitem(STRATEGIES, "probe", replace(STRATEGIES["probe"], function=remember))
    for run in (the_run("frozen", 4, layers.ODD), the_run("random", 4)):
        assert layers.measure(run).hits.any()
    trained = methods.trained_source(layers.ODD, 0, TINY)
    assert np.array_equal(values(seen[0], "hidden4"), values(trained, "hidden4"))
    assert np.array_equal(values(seen[1], "hidden4"), values(layers.start_of(the_run("scratch", 0)), "hidden4"))


@pytest.mark.parametrize("strategy, cut, source", [("scratch", 0, ""), ("random", 2, "")])
def test_the_controls_are_those_of_other_studies(tiny, strategy, cut, source):
    """From scratch and with random layers frozen, a run is what the strategy of `helpers.transfer.strategies` gives."""
    run = the_run(strategy, cut, source)
    trial = Trial(TINY.network(5, seed=0), methods.labelled(run), run.seed, TINY, 5)
    network = trial.learn(strategy, **STRATEGIES[strategy].cut_at(f"hidden{cut}"))
    test = methods.task(run.target).test
    logits = network.forward(test.inputs((784,)))
    assert np.array_equal(layers.measure(run).hits, logits.argmax(axis=1) == test.labels)


@pytest.fixture
def table():
    """Freezing costs a point a cut with the same task's layers, three with the other's; tuning gains two points."""
    pandas = pytest.importorskip("pandas")
    noise = np.random.default_rng(0).normal(0, 1e-4, len(layers.STUDY.runs))
    rows = []
    for run, error in zip(layers.STUDY.runs, noise):
        same = run.source == run.target
        loss = {"scratch": 0, "random": 0.05, "tuned": -0.02 * (not same), "frozen": 0.01 if same else 0.03}[
            run.strategy
        ]
        accuracy = 0.9 + 0.01 * run.seed - (loss if run.strategy == "tuned" else loss * run.cut) + error
        rows.append({**{name: getattr(run, name) for name in run.settings()}, "test_accuracy": accuracy})
    return pandas.DataFrame(rows)


def test_differences_are_paired_by_seed(table):
    found = layers.differences(table.sample(frac=1, random_state=0))
    assert len(found) == 80
    for labels in layers.LABELS:
        for cut in layers.CUTS:
            at = found.xs((labels, layers.ODD), level=("labels", "target")).xs(cut, level="cut")
            expected = {"co-adaptation": -0.01, "recovery": 0, "specificity": -0.02, "transfer": 0.02, "learned": 0.02}
            expected = {name: value * (1 if name == "transfer" else cut) for name, value in expected.items()}
            assert at["value"].to_dict() == pytest.approx(expected, abs=2e-4)
            assert (at["high"] - at["low"]).max() < 5e-4  # the seeds' own differences have cancelled out


def test_a_verdict_needs_an_interval_that_excludes_zero(table):
    found = layers.differences(table)["yosinski"].unstack("difference")
    assert (found[["co-adaptation", "specificity", "transfer", "learned"]] == "agrees").all(axis=None)
    assert (found["recovery"] == "").all()
    table["test_accuracy"] *= -1
    assert (layers.differences(table).xs("transfer", level="difference")["yosinski"] == "disagrees").all()
    table["test_accuracy"] = np.random.default_rng(0).permutation(np.tile([0.8, 0.9], len(table) // 2))
    assert (layers.differences(table)["yosinski"] == "open").sum() > 50
