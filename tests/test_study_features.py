"""The study of what is inside a layer: each variant is its formula, and the readout finds what was put in."""

from dataclasses import replace

import numpy as np
import pytest

from helpers import fit
from helpers.randomness import streams
from helpers.transfer import strategies
from helpers.transfer.protocol import on_target, untrained_source
from helpers.transfer.recipes import Recipe
from studies import census, features, methods

TINY = Recipe(hidden=(8, 6), epochs=1)


@pytest.fixture(autouse=True)
def tiny(tiny_studies, monkeypatch):
    """The study with small networks and few images."""
    monkeypatch.setattr(features, "RECIPE", TINY)
    monkeypatch.setattr(features, "STEPS", 5)
    features.covariance_root.cache_clear()
    yield
    features.covariance_root.cache_clear()


RUN = next(run for run in features.STUDY.runs if run.labels == 10)


def train():
    """What the source learns from."""
    return methods.task(RUN.source).train


def layer(strategy, run=RUN):
    """A variant's layer, rescaled as in the study."""
    return features.variant(replace(run, strategy=strategy), methods.labelled(run))


def alike(one, other):
    """Whether two layers are the same but for their scale."""
    return np.allclose(one / np.linalg.norm(one), other / np.linalg.norm(other), atol=1e-6)


def trained_and_start():
    return [
        features.matrix(network)
        for network in (methods.trained_source(RUN.source, RUN.seed, TINY), untrained_source(train(), RUN.seed, TINY))
    ]


def test_the_start_is_what_the_sources_training_started_from():
    network = untrained_source(train(), RUN.seed, TINY)
    [training] = streams(RUN.seed, f"source {RUN.source} training")
    fit(network, train(), seed=training, threads=1, progress=False, **TINY.options())
    assert network.fingerprint() == methods.trained_source(RUN.source, RUN.seed, TINY).fingerprint()


def test_the_pieces_of_a_layer_are_their_formulas():
    trained, start = trained_and_start()
    change = trained - start
    assert np.array_equal(layer("trained"), trained) and (start[-1] == 0).all() and (trained[-1] != 0).any()
    assert alike(layer("start"), start) and alike(layer("change"), change)
    left, values, right = np.linalg.svd(change, full_matrices=False)
    for rank in (1, 4):
        best = sum(values[i] * np.outer(left[:, i], right[i]) for i in range(rank))
        assert alike(layer(f"rank-{rank}"), start + best)
        assert not alike(layer(f"rank-{rank}"), trained)
    assert alike(layer("rank-16"), trained)  # the whole change, as there are only eight units


@pytest.mark.slow
def test_random_layers_have_the_statistics_that_they_are_to_have(monkeypatch):
    wide = replace(TINY, hidden=(400, 6))
    monkeypatch.setattr(features, "RECIPE", wide)
    trained = features.matrix(methods.trained_source(RUN.source, RUN.seed, wide))
    images = methods.task(RUN.source).train.inputs((784,), "float64")
    one, other = layer("fresh"), layer("moments")
    assert abs(np.corrcoef(one.ravel(), trained.ravel())[0, 1]) < 0.02 and (one[-1] == 0).all()
    assert other.mean(axis=1) == pytest.approx(
        other.std() * trained.mean(axis=1) / trained.std(), abs=0.3 * other.std()
    )
    assert np.corrcoef(other.std(axis=1), trained.std(axis=1))[0, 1] > 0.3
    mixed = layer("mixture")
    assert np.linalg.matrix_rank(np.hstack([mixed, trained])) == np.linalg.matrix_rank(trained)
    assert second_moments(mixed, trained) > 0.7 > 0.5 > second_moments(one, trained)
    data, root = layer("data"), features.covariance_root(RUN.source)
    covariance = np.cov(images.T)
    assert np.allclose((root @ root.T)[:-1, :-1], covariance, atol=1e-6) and (data[-1] == 0).all()
    assert np.corrcoef((data[:-1] @ data[:-1].T).ravel(), covariance.ravel())[0, 1] > 0.9


def second_moments(one, other):
    """How alike the products of two layers' weights are."""
    return np.corrcoef((one @ one.T).ravel(), (other @ other.T).ravel())[0, 1]


@pytest.mark.parametrize("strategy", features.VARIANTS)
def test_all_variants_have_one_scale_and_the_same_values_for_any_labels(strategy):
    part, few = methods.labelled(RUN), replace(RUN, labels=3)
    values = features.variant(replace(RUN, strategy=strategy), part)
    network = untrained_source(train(), RUN.seed, TINY)
    network["hidden1"].weights.value[...], network["hidden1"].bias.value[...] = values[:-1], values[-1]
    activations = np.maximum(network["hidden1"].forward(part.inputs((784,))), 0)
    assert np.sqrt((activations**2).mean()) == pytest.approx(features.activity(trained_and_start()[0], part), rel=1e-4)
    assert alike(values, layer(strategy, few))


def test_variants_differ_in_the_frozen_layer_alone(monkeypatch):
    seen, top = {}, []

    def remember(network, part, **options):
        before = network.fingerprint("hidden1")
        assert np.array_equal(features.matrix(network), layer(strategy).astype("float32"))
        top.append(network["hidden2"].weights.value.copy())
        seen[strategy] = before, network.fingerprint("hidden2", "head"), part.images.tobytes()
        history = real_fit(network, part, **options)
        assert network.fingerprint("hidden1") == before and network.fingerprint("hidden2", "head") != seen[strategy][1]
        return history

    real_fit = strategies.fit
    methods.trained_source(RUN.source, RUN.seed, TINY)
    monkeypatch.setattr(strategies, "fit", remember)
    for strategy in features.VARIANTS:
        features.measure(replace(RUN, strategy=strategy))
    layers, *_ = streams(on_target(RUN.target, RUN.seed), *strategies.FACTORS)
    from_scratch = TINY.network(5, seed=0).reinitialized(layers)
    assert np.array_equal(top[0], from_scratch["hidden2"].weights.value)
    lower, *rest = (set(column) for column in zip(*seen.values()))
    assert len(lower) >= len(features.VARIANTS) - 1  # of eight units, rank 16 is all there is
    assert [len(each) for each in rest] == [1, 1]


def test_the_splits_are_the_censuss_own_sample():
    assert features.TARGETS[:2] == ("02468", "13579") and set(features.TARGETS) <= set(census.SAMPLE)
    assert len(features.STUDY.runs) == 8 * 10 * 3 * len(features.VARIANTS)


@pytest.fixture
def table():
    """ "change" wins by a point with few labels and loses one with many, but only where the target has a 0."""
    pandas = pytest.importorskip("pandas")
    noise = np.random.default_rng(0).normal(0, 1e-4, len(features.STUDY.runs))
    rows = []
    for run, error in zip(features.STUDY.runs, noise):
        gain = 0.01 * (1 if run.labels < 100 else -1) * (run.strategy == "change") * ("0" in run.target)
        accuracy = 0.8 + 0.02 * run.seed + gain + error
        rows.append({**{name: getattr(run, name) for name in run.settings()}, "test_accuracy": accuracy})
    return pandas.DataFrame(rows)


def test_the_readout_finds_what_was_put_in(table):
    splits = features.against(table.sample(frac=1, random_state=0))
    with_zero = sum("0" in target for target in features.TARGETS)
    assert len(splits) == (len(features.VARIANTS) - 1) * 3 * 8
    assert splits.loc[("change", 3, "02468")].to_dict() == pytest.approx(
        {"value": 0.01, "low": 0.01, "high": 0.01, "wins": 10}, abs=3e-4
    )
    together = features.over_splits(splits)
    assert together.loc[("change", 10), "value"] == pytest.approx(0.01 * with_zero / 8, abs=1e-4)
    assert together.loc[("change", 10), "better"] >= with_zero > 0 == together.loc[("change", 10), "worse"]
    assert together.loc[("change", 100), "worse"] >= with_zero
    assert 10 * with_zero <= together.loc[("change", 3), "wins"] <= 80
    assert features.over_splits(features.against(table, "start")).loc[("change", 3), "value"] == pytest.approx(
        0.01 * with_zero / 8, abs=1e-4
    )
