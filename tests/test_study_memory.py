"""The study of memory: two heads on one body, trained as the strategies say; two optima, and biases fitted anew."""

import itertools

import numpy as np
import pytest

from helpers.evidence.tables import COLUMNS
from helpers.nn.losses import softmax_cross_entropy
from helpers.nn.optimizers import Adam
from helpers.nn.training import evaluate
from helpers.transfer import baselines
from helpers.transfer.recipes import Recipe, Setting
from studies import few, memory, memory_readout, methods
from studies.memory import EVEN, LABELS, ODD, RATES, SEEDS, STRENGTHS, STUDY


def a_run(strategy="plain", rate=2e-3, strength=0.0, network="small"):
    settings = {"source": ODD, "target": EVEN, "strategy": strategy, "labels": LABELS, "seed": 0, "draw": 0}
    return memory.MemoryRun(**settings, network=network, shifts=0, rate=rate, strength=strength)


@pytest.fixture
def learned(tiny_studies):
    """What `learn` makes of a source of random values: a function that gives the source, the new and the old network."""
    memory.before.cache_clear()

    def learn(old_part=None, network="small", **settings):
        source = few.NETWORKS[network].network(5, seed=0)
        part = methods.task(EVEN).train.subset(10, 0)
        return source, *memory.learn(a_run(network=network, **settings), source, part, old_part)

    yield learn
    memory.before.cache_clear()


def body(network):
    return np.concatenate([p.value.ravel() for layer in network.layers[:-1] for p in layer.parameters()])


def test_plain_is_fine_tuning(tiny_studies):
    rate = few.FEW["small"]["fine-tune"].rate
    run = a_run(rate=rate)
    known = few.FewRun(
        **{name: getattr(run, name) for name in ("source", "target", "labels", "seed", "draw", "network", "shifts")},
        strategy="fine-tune",
    )
    assert np.array_equal(memory.measure(run).hits, few.measure(known).hits)


def test_old_and_new_have_one_body_and_the_source_stays(learned):
    source, new, old = learned()
    assert source.fingerprint() == few.NETWORKS["small"].network(5, seed=0).fingerprint()
    assert np.array_equal(body(new), body(old)) and not np.array_equal(body(new), body(source))
    assert np.array_equal(old["head"].weights.value, source["head"].weights.value)


def test_a_strong_pull_keeps_the_body(learned):
    def distance(strength):
        source, new, _ = learned(strategy="l2", strength=strength)
        return np.linalg.norm(body(new) - body(source))

    assert distance(100.0) < distance(1.0) / 3 < distance(0.0) / 6


@pytest.mark.parametrize("network", ["small", "cnn"])
def test_replay_learns_both_tasks(learned, network, monkeypatch):
    monkeypatch.setitem(few.FEW, "cnn", {"fine-tune": Setting(2e-3, 40, 0.0)})  # fewer steps, as each takes long
    part = methods.task(ODD).train.subset(10, 0)
    _, new, old = learned(part, network, strategy="replay")
    assert evaluate(old, part).accuracy > 0.9 and np.array_equal(body(new), body(old))


@pytest.mark.parametrize("shape", [{"hidden": (6, 4)}, {"hidden": (6,), "filters": (2, 3)}])
def test_a_step_goes_down_the_sum_of_both_losses_and_the_pull(tiny_studies, monkeypatch, shape):
    """Finite differences of the sum agree with the gradient that Adam is given: of the body, and of the old head."""
    seen = []
    monkeypatch.setattr(Adam, "step", lambda self, parameters, scale: seen.extend(p.grad.copy() for p in parameters))
    source = Recipe(**shape).network(5, seed=0).astype("float64")
    part, old_part = (methods.task(digits).train.subset(count, 0) for digits, count in ((EVEN, 4), (ODD, 9)))
    keeping = memory.Keeping(1e-3, source, 0.5, old_part, np.random.default_rng(0))
    new = source.with_new_head(5, seed=1)
    size = new.values.size - source.layers[-1].weights.value.size - 5
    shift = np.linspace(-0.1, 0.1, size)
    new.values[:size] += shift  # as if some steps had been taken

    def loss():
        sums = 0.25 * ((new.values[:size] - source.values[:size]) ** 2).sum()
        for network, images in ((new, part), (keeping.old, old_part)):
            x = images.inputs(network.input_shape, "float64")
            sums += softmax_cross_entropy(network.forward(x), images.labels)[0]
        return sums

    logits = new.forward(part.inputs(new.input_shape, "float64"), training=True)
    new.backward(softmax_cross_entropy(logits, part.labels)[1])
    keeping.step(new.stretches(), 1.0)
    of_body, of_old_head = seen
    both, old_alone = (new, keeping.old), (keeping.old,)
    for given, networks, place in (
        (of_body[size // 2], both, size // 2),
        (of_body[size - 1], both, size - 1),
        (of_old_head[3], old_alone, size + 3),
    ):
        values = []
        for change in (1e-6, -2e-6, 1e-6):
            for network in networks:
                network.values[place] += change
            values.append(loss())
        assert (values[0] - values[1]) / 2e-6 == pytest.approx(given, rel=1e-3, abs=1e-7)


def test_refitted_biases_have_the_least_cross_entropy():
    rng = np.random.default_rng(0)
    logits, labels = 2 * rng.normal(size=(5, 5)) + [3, 0, 0, 0, -2], np.arange(5)
    biases = memory.refitted_biases(logits, labels, 5)
    least, _ = softmax_cross_entropy(logits + biases, labels)
    for change in 0.01 * rng.normal(size=(20, 5)):
        assert softmax_cross_entropy(logits + biases + change, labels)[0] > least - 1e-6
    assert np.allclose(biases, memory.refitted_biases(logits, labels[::-1], 5))  # only the counts matter


def test_biases_that_do_not_converge_are_no_result(monkeypatch):
    monkeypatch.setattr(baselines, "GRADIENT", 0.0)
    with pytest.raises(baselines.NotConvergedError, match="biases fitted to 5 images"):
        memory.refitted_biases(np.eye(5) + np.arange(5), np.arange(5), 5)


@pytest.mark.parametrize("strategy, strength", [("l2", 1.0), ("joint", 0.0)])
def test_all_columns_are_measured_and_typed(tiny_studies, strategy, strength):
    outcome = memory.measure(a_run(strategy, strength=strength))
    assert outcome.hits.shape == (len(methods.task(EVEN).test),)
    assert set(outcome.values) | set(STUDY.runs[0].settings()) <= set(COLUMNS)
    assert outcome.values["old_accuracy"] > outcome.values["old_accuracy_random"] > 0.2


@pytest.fixture
def table():
    """Large rates help the new task and hurt the old; the pull at 0.1 costs two points of the new and saves the old."""
    pandas = pytest.importorskip("pandas")
    rows = []
    for run in STUDY.runs[::-1]:
        rates = sorted({r.rate for r in STUDY.runs if (r.network, r.strategy) == (run.network, run.strategy)})
        rank, noise = rates.index(run.rate) / (len(rates) - 1), 0.001 * (run.seed % 3)
        new, old = 0.8 + 0.1 * rank + noise, 0.9 - 0.4 * rank * (run.strategy == "plain")
        if run.strategy == "l2":
            new -= 0.02 + 0.1 * abs(np.log10(run.strength / 0.1))
        row = {**{name: getattr(run, name) for name in run.settings()}, "test_accuracy": new, "old_accuracy": old}
        row |= {"validation_accuracy": new, "old_validation_accuracy": old, "old_accuracy_before": 0.98}
        row |= {"old_accuracy_biases": old + 0.03 + noise, "old_accuracy_fresh": old - 0.1, "old_accuracy_random": 0.4}
        rows.append(row)
    return pandas.DataFrame(rows)


def test_the_two_optima_choose_other_rates(table):
    for network, optimum in itertools.product(SEEDS, memory_readout.OPTIMA):
        left = memory_readout.at_optimum(table, optimum)
        left = left[(left["network"] == network) & (left["strategy"] == "plain")]
        best = {"both": min, "new": max}[optimum](RATES[network]["plain"])
        assert set(left["rate"]) == {best} and len(left) == 2 * len(SEEDS[network])


def test_settings_are_chosen_in_the_opposite_direction(table):
    best = table["rate"] == 3e-3
    table.loc[best & (table["target"] == EVEN), "validation_accuracy"] += 1
    left = memory_readout.at_optimum(table, "new")
    left = left[left["strategy"] == "plain"]
    assert set(left[left["target"] == ODD]["rate"]) == {3e-3} != set(left[left["target"] == EVEN]["rate"])


def test_the_sign_of_what_the_pull_does_to_the_new_task_depends_on_the_optimum(table):
    joint, alone = (memory_readout.against_plain(table, optimum) for optimum in memory_readout.OPTIMA)
    key = "small", EVEN, "l2", "new"
    assert alone.loc[key]["gain"] == pytest.approx(-0.02) and joint.loc[key]["gain"] == pytest.approx(0.08)
    assert alone.loc["cnn", ODD, "l2", "old"]["gain"] == pytest.approx(0.4)
    assert alone.loc[key]["strength"] == 0.1


def test_what_is_recovered_is_compared_with_what_was_left(table):
    gains = memory_readout.recovered(table, "new")
    assert gains.loc["cnn", EVEN, "plain", "biases"]["gain"] == pytest.approx(0.03 + 0.001 * 3 / 4)
    assert gains.loc["small", ODD, "plain", "fresh"]["gain"] == pytest.approx(-0.1)


def test_an_optimum_at_the_edge_of_the_grid_is_named(table):
    edges = memory_readout.at_edge(table, "new")
    assert ("small", EVEN, "plain", "rate", max(RATES["small"]["plain"])) in edges
    assert not any(name == "strength" for *_, name, _ in edges)


def test_every_strategy_has_all_rates_and_seeds_in_both_directions():
    for network, seeds in SEEDS.items():
        cells = sum(len(rates) * (len(STRENGTHS[network]) if s == "l2" else 1) for s, rates in RATES[network].items())
        assert len([run for run in STUDY.runs if run.network == network]) == 2 * cells * len(seeds)
