"""The study of forgetting: two heads on one body, trained as the strategies say, and biases fitted anew."""

import numpy as np
import pytest

from helpers.evidence.tables import COLUMNS
from helpers.nn.losses import softmax_cross_entropy
from helpers.transfer import baselines
from helpers.transfer.recipes import Recipe
from studies import forgetting, forgetting_readout, methods
from studies.engine.study import Run
from studies.forgetting import EVEN, LABELS, ODD, RATES, SEEDS, SMALL, STEPS, STRENGTHS, STUDY


def a_run(strategy, rate=2e-3, strength=0.0):
    settings = {"source": ODD, "target": EVEN, "strategy": strategy, "labels": LABELS, "seed": 0, "draw": 0}
    return forgetting.ForgettingRun(**settings, rate=rate, strength=strength)


def body(network):
    return np.concatenate([p.value.ravel() for layer in network.layers[:-1] for p in layer.parameters()])


@pytest.fixture
def learned(tiny_studies):
    """What `learn` makes of a small source: a function that gives the source, the new and the old network."""

    def learn(old_part=None, strength=0.0):
        source = Recipe(hidden=(16, 8)).network(5, seed=0)
        new, old = forgetting.two_heads(source, 5, seed=1)
        part = methods.task(EVEN).train.subset(10, 0)
        forgetting.learn(new, old, part, old_part, 2e-3, strength, *map(np.random.default_rng, (2, 3)))
        return source, new, old

    return learn


def test_plain_is_fine_tuning(tiny_studies):
    as_usual = Run(source=ODD, target=EVEN, strategy="fine-tune", labels=LABELS, seed=0, draw=0)
    assert np.array_equal(forgetting.measure(a_run("plain")).hits, methods.measure(as_usual, SMALL, STEPS).hits)


def test_old_and_new_share_their_body_and_the_source_stays(learned):
    source, new, old = learned()
    before = Recipe(hidden=(16, 8)).network(5, seed=0)
    assert source.fingerprint() == before.fingerprint()
    assert np.array_equal(body(new), body(old)) and not np.array_equal(body(new), body(source))
    assert np.array_equal(old["head"].weights.value, source["head"].weights.value)


def test_a_strong_pull_keeps_the_body(learned):
    def distance(strength):
        source, new, _ = learned(strength=strength)
        return np.linalg.norm(body(new) - body(source))

    assert distance(100.0) < distance(1.0) / 3 < distance(0.0) / 6


def test_replay_learns_both_tasks(learned):
    part = methods.task(ODD).train.subset(10, 0)
    _, new, old = learned(part)
    logits = old.forward(part.inputs((784,)))
    assert np.mean(logits.argmax(axis=1) == part.labels) > 0.9 and np.array_equal(body(new), body(old))


def test_a_step_of_replay_goes_down_the_sum_of_both_losses(tiny_studies, monkeypatch):
    """Finite differences of the sum agree with the gradient that the optimizer is given."""
    seen = {}

    class Look:
        def __init__(self, rate):
            pass

        def step(self, parameters, scale):
            seen.update(gradient=parameters[0].grad.copy(), parameters=parameters)

    monkeypatch.setattr(forgetting, "Adam", Look)
    monkeypatch.setattr(forgetting, "STEPS", 1)
    source = Recipe(hidden=(6, 4)).network(5, seed=0).astype("float64")
    new, old = forgetting.two_heads(source, 5, seed=1)
    part, old_part = (methods.task(digits).train.subset(4, 0) for digits in (EVEN, ODD))
    forgetting.learn(new, old, part, old_part, 1e-3, 0.0, *map(np.random.default_rng, (2, 3)))

    def loss():
        pairs = ((new, part), (old, old_part))
        return sum(softmax_cross_entropy(n.forward(p.inputs((784,), "float64")), p.labels)[0] for n, p in pairs)

    weights, place = new["hidden1"].weights.value, (400, 2)
    values = []
    for change in (1e-5, -2e-5):
        weights[place] += change
        values.append(loss())
    assert (values[0] - values[1]) / 2e-5 == pytest.approx(seen["gradient"][place], rel=1e-4)
    assert len(seen["parameters"]) == 6 + 2


def test_refitted_biases_have_the_least_cross_entropy():
    rng = np.random.default_rng(0)
    logits, labels = 2 * rng.normal(size=(5, 5)) + [3, 0, 0, 0, -2], np.arange(5)
    biases = forgetting.refitted_biases(logits, labels, 5)
    least, _ = softmax_cross_entropy(logits + biases, labels)
    for change in 0.01 * rng.normal(size=(20, 5)):
        assert softmax_cross_entropy(logits + biases + change, labels)[0] > least - 1e-6
    assert np.allclose(biases, forgetting.refitted_biases(logits, labels[::-1], 5))  # only the counts matter


def test_biases_that_do_not_converge_are_no_result(monkeypatch):
    monkeypatch.setattr(baselines, "GRADIENT", 0.0)
    with pytest.raises(baselines.NotConvergedError, match="biases fitted to 5 images"):
        forgetting.refitted_biases(np.eye(5) + np.arange(5), np.arange(5), 5)


@pytest.mark.parametrize("strategy, strength", [("l2", 1.0), ("replay", 0.0), ("joint", 0.0)])
def test_all_columns_are_measured_and_typed(tiny_studies, strategy, strength):
    outcome = forgetting.measure(a_run(strategy, strength=strength))
    assert outcome.hits.shape == (len(methods.task(EVEN).test),)
    assert set(outcome.values) | {"rate", "strength"} <= set(COLUMNS)
    assert outcome.values["old_accuracy"] > outcome.values["old_accuracy_random"] > 0.2


def test_each_strategy_has_all_rates_and_seeds_in_both_directions():
    assert len(STUDY.runs) == 2 * (3 + len(STRENGTHS)) * len(RATES) * len(SEEDS)


@pytest.fixture
def table():
    """Large rates help the new task and hurt the old; l2 hurts neither, its biases give three points back."""
    pandas = pytest.importorskip("pandas")
    rows = []
    for run in STUDY.runs[::-1]:
        rank, noise = RATES.index(run.rate), 0.001 * (run.seed % 3)
        new, old = 0.8 + 0.04 * rank + noise, 0.9 - 0.04 * rank * (run.strategy == "plain")
        best = {EVEN: 3, ODD: 1}[run.target]
        validation = 0.9 if rank == best and run.strength in (0.0, 0.1) else 0.8
        row = {**{name: getattr(run, name) for name in run.settings()}, "test_accuracy": new, "old_accuracy": old}
        row |= {"validation_accuracy": validation, "old_validation_accuracy": 0.5, "old_accuracy_before": 0.98}
        row |= {"old_accuracy_biases": old + 0.03 + noise, "old_accuracy_fresh": old - 0.1, "old_accuracy_random": 0.4}
        rows.append(row)
    return pandas.DataFrame(rows)


def test_both_tasks_stand_side_by_side(table):
    means = forgetting_readout.both_tasks(table)
    assert len(means) == len(STUDY.runs) / len(SEEDS)
    assert means.loc[EVEN, "plain", 0.0, RATES[3]].to_list() == pytest.approx([0.9209, 0.98, 0.78])


def test_rate_and_strength_are_chosen_in_the_opposite_direction(table):
    rows = forgetting_readout.at_best_rate(table)
    assert len(rows) == 2 * 4 * len(SEEDS)
    assert set(rows[rows["target"] == ODD]["rate"]) == {RATES[3]}
    assert set(rows[rows["target"] == EVEN]["rate"]) == {RATES[1]}
    assert set(rows[rows["strategy"] == "l2"]["strength"]) == {0.1}


def test_gains_over_plain_are_paired_by_seed(table):
    gains = forgetting_readout.against_plain(table)
    assert gains.loc[ODD, "replay", "old"].to_list() == pytest.approx([RATES[3], 0, 0.9, 0.12, 0.12, 0.12])
    assert gains.loc[EVEN, "l2", "new"].to_list() == pytest.approx([RATES[1], 0.1, 0.8409, 0, 0, 0])


def test_what_comes_back_is_compared_with_what_was_left(table):
    gains = forgetting_readout.had_back(table)
    assert len(gains) == 2 * len(RATES) * 3
    row = gains.loc[EVEN, 0.0, RATES[0], "biases"]
    assert row["gain"] == pytest.approx(0.0309) and row["low"] < 0.0309 < row["high"] < 0.032
    assert gains.loc[ODD, 0.0, RATES[0], "random"]["gain"] == pytest.approx(-0.5)
    assert set(forgetting_readout.had_back(table, "l2").index.get_level_values("strength")) == set(STRENGTHS)
