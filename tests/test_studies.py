"""The studies themselves: what they compare is comparable, and what is stored of them can be had again."""

from dataclasses import replace
from importlib import import_module

import numpy as np
import pandas
import pytest

import studies
from helpers.data.mnist import DataError
from helpers.data.tasks import digit_task
from helpers.evidence.tables import ALL, COLUMNS, read_hits, read_table
from helpers.nn.layers import Dense
from helpers.transfer import baselines, protocol, strategies
from helpers.transfer.census import look_up
from helpers.transfer.recipes import Recipe
from studies import census, census_readout, choices, labels, methods
from studies.engine import export
from studies.engine.commands import check
from studies.engine.execution import ROOT
from studies.engine.study import Run

TINY = Recipe(hidden=(16, 8), epochs=1, dropout=0.2)


def a_run(strategy, **settings):
    source = "13579" if strategy in methods.WITH_SOURCE else ""
    return Run(
        **{"source": source, "target": "02468", "strategy": strategy, "labels": 3, "seed": 0, "draw": 0, **settings}
    )


def hits(run):
    return methods.measure(run, TINY, steps=5).hits


@pytest.mark.parametrize("strategy", methods.METHODS)
def test_every_method_measures_the_same_test_images_and_repeats_itself(tiny_studies, strategy):
    first = hits(a_run(strategy))
    methods.trained_source.cache_clear()
    assert np.array_equal(hits(a_run(strategy)), first)
    assert first.shape == (len(methods.task("02468").test),) and first.dtype == bool


def test_no_method_changes_the_source_that_others_start_from(tiny_studies):
    source = methods.trained_source("13579", 0, TINY)
    before = source.fingerprint()
    for strategy in methods.METHODS:
        hits(a_run(strategy))
    assert methods.trained_source("13579", 0, TINY) is source and source.fingerprint() == before


def test_no_method_of_a_trial_changes_what_another_one_draws(tiny_studies):
    """So adding one, or measuring them in another order, changes no other's result."""
    trial, test = methods.trial(a_run("fine-tune"), TINY, 5), methods.task("02468").test
    before = {key: trial.predict(key, test) for key in strategies.METHODS}
    after = {key: trial.predict(key, test) for key in reversed(strategies.METHODS)}
    assert all(np.array_equal(before[key], after[key]) for key in before)


def test_fewer_labels_are_among_the_more_and_follow_from_target_and_draw_alone(tiny_studies):
    def chosen(strategy="scratch", **settings):
        part = methods.labelled(a_run(strategy, **settings))
        return {image.tobytes() for image in part.images}

    assert chosen(labels=1) < chosen(labels=3) < chosen(labels=10) < chosen(labels=ALL)
    assert chosen("frozen", labels=3, seed=5, source="13579") == chosen(labels=3)
    assert chosen(labels=3, draw=1) != chosen(labels=3)


def test_a_source_follows_from_its_digits_its_seed_and_its_recipe(tiny_studies):
    one = methods.trained_source("13579", 0, TINY).fingerprint()
    others = [("02468", 0, TINY), ("13579", 1, TINY), ("13579", 0, Recipe(hidden=(16, 8), epochs=2, dropout=0.2))]
    assert len({one, *(methods.trained_source(*other).fingerprint() for other in others)}) == 4


def test_random_layers_are_the_same_for_all_that_have_some(tiny_studies, monkeypatch):
    seen = {}

    def remember(name):
        def fit(network, part, **options):
            seen[name] = network["hidden1"].weights.value.copy()
            return strategies.History()

        return fit

    for strategy in ("scratch", "random"):
        monkeypatch.setattr(strategies, "fit", remember(strategy))
        hits(a_run(strategy))
    probe = methods.trial(a_run("random-probe"), TINY, 5).learn("random-probe")
    assert np.array_equal(seen["scratch"], seen["random"])
    assert np.array_equal(seen["scratch"], probe["hidden1"].weights.value)


@pytest.mark.parametrize("strategy, source", [("fine-tune", ""), ("scratch", "13579")])
def test_a_source_that_is_missing_or_idle_is_an_error(tiny_studies, strategy, source):
    with pytest.raises(ValueError, match=f"{strategy} needs (a|no) source, but the run says"):
        hits(a_run(strategy, source=source))


def test_an_interrupted_source_ends_the_run(tiny_studies, monkeypatch):
    interrupted = strategies.History(interrupted=True)
    monkeypatch.setattr(protocol, "fit", lambda *arguments, **options: interrupted)
    with pytest.raises(KeyboardInterrupt, match="source 13579 was interrupted"):
        hits(a_run("fine-tune"))


def test_the_kernel_is_that_of_wide_random_relu_networks():
    rng = np.random.default_rng(0)
    one, other = rng.random((4, 6)), rng.random((3, 6))
    seeds = (Dense(6, 200_000, 1, "float64"), Dense(6, 200_000, 2, "float64"))
    features = [np.maximum(np.concatenate([one, other]) @ layer.weights.value, 0) for layer in seeds]
    wide = np.mean(
        [f[:4] @ f[4:].T / np.linalg.norm(f[:4], axis=1)[:, None] / np.linalg.norm(f[4:], axis=1) for f in features], 0
    )
    assert baselines.arc_cosine_kernel(one, other, 1) == pytest.approx(wide, abs=0.01)
    assert np.diag(baselines.arc_cosine_kernel(one, one * 3, 4)) == pytest.approx(1)


def test_a_kernel_without_a_ridge_knows_what_it_has_seen(tiny_studies):
    part = methods.labelled(a_run("kernel", labels=10))
    assert np.array_equal(baselines.kernel_ridge(part, part, ridge=1e-9), part.labels)


def test_softmax_regression_ends_where_the_gradient_is_zero():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 3))
    labels = rng.integers(0, 3, 40)
    penalty = 0.02
    weights = baselines.softmax_regression(x, labels, 3, penalty)

    def loss(flat):
        logits = x @ flat.reshape(4, 3)[:3] + flat.reshape(4, 3)[3]
        entropy = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(40), labels]
        return entropy.mean() + penalty / 2 * (flat[:9] ** 2).sum()

    flat, steps = weights.ravel(), 1e-5 * np.eye(12)
    gradient = [(loss(flat + step) - loss(flat - step)) / 2e-5 for step in steps]
    assert np.linalg.norm(gradient) < 1.1e-4
    assert np.mean(baselines.predict(weights, x) == labels) > 0.4


def test_softmax_regression_that_does_not_converge_is_no_result(monkeypatch):
    monkeypatch.setattr(baselines, "GRADIENT", 0.0)
    with pytest.raises(baselines.NotConvergedError, match="gradient of .* after 100 steps"):
        baselines.softmax_regression(np.random.default_rng(0).normal(size=(9, 2)), np.arange(9) % 3, 3)


def test_the_census_counts_every_split_once():
    assert len(set(census.TARGETS)) == 252 and len(set(census.SAMPLE)) == 12 <= len(
        set(census.SAMPLE) & set(census.TARGETS)
    )
    whole = [run for run in census.STUDY.runs if run.network == "small" and run.labels == 10 and len(run.source) != 4]
    assert len(whole) == 252 * 2 * 3 * 4
    assert all(set(run.source + run.target) == set("0123456789") for run in whole if run.source)
    left_out = [run for run in census.STUDY.runs if len(run.source) == 4]
    assert len(left_out) == 12 * 5 * 2 * 3 * 2
    assert all(set(run.source) < set(census.others(run.target)) for run in left_out)


def test_both_directions_have_the_same_runs_in_the_study_of_labels():
    runs = labels.STUDY.runs
    assert len(runs) == 2 * 10 * (7 * len(methods.METHODS) + 4)
    assert len({(run.target, run.strategy, run.labels, run.seed) for run in labels.STUDY.runs}) > len(runs) / 2


@pytest.fixture
def table():
    """A census in which fine-tuning wins by a point where the target has a 0, and loses one elsewhere."""
    rows = []
    for run in census.STUDY.runs:
        accuracy = 0.8 + 0.01 * run.seed + 0.02 * run.draw
        if run.strategy == "fine-tune":
            accuracy += 0.01 if "0" in run.target else -0.01
        if len(run.source) == 4 or run.labels > 10:
            accuracy = 0.1
        rows.append({**{name: getattr(run, name) for name in run.settings()}, "test_accuracy": accuracy})
    return pandas.DataFrame(rows)


def test_what_a_reader_looks_up_is_what_the_census_says(table, tmp_path):
    rng = np.random.default_rng(0)
    table["test_accuracy"] += rng.normal(0, 0.01, len(table))
    table.to_csv(tmp_path / "census.csv", index=False)
    gains = census_readout.gains(census_readout.of_all_splits(table))
    assert len(gains) == 252
    for target in census.TARGETS[::40]:
        places = look_up(census.others(target), tmp_path / "census.csv")
        assert {name: place.gain for name, place in places.items() if name != "scratch"} == pytest.approx(
            dict(gains.loc[target])
        )


def test_components_of_the_census_are_those_of_its_hits(table):
    rng = np.random.default_rng(0)
    hits = np.empty(len(table), object)
    for number, accuracy in enumerate(table["test_accuracy"]):
        hits[number] = rng.random(2000) < accuracy
    found = census_readout.components(table, hits, "fine-tune")
    assert found["split"] == pytest.approx(0.01**2, rel=0.5)
    assert found["seed × draw"] == pytest.approx(2 * 0.83 * 0.17 / 2000, rel=0.2)
    assert abs(found["seed"]) < 1e-5 and abs(found["draw"]) < 1e-5


def test_the_worth_of_a_digit_is_what_its_source_loses_without_it(table):
    left_out = table["source"].str.len() == 4
    worse = {True: 0.03, False: 0.01}  # without a 7 three points are lost, without another digit one
    for row in table[left_out].itertuples():
        whole = 0.8 + 0.01 * row.seed + 0.02 * row.draw
        whole += {"fine-tune": 0.01 if "0" in row.target else -0.01}.get(row.strategy, 0)
        table.loc[row.Index, "test_accuracy"] = whole - worse["7" not in row.source + row.target]
    worth = census_readout.worth_of_digits(table)
    assert len(worth) == 12 * 5
    for (target, digit), values in worth.iterrows():
        assert digit in census.others(target)
        assert values.to_list() == pytest.approx([worse[digit == "7"]] * 2)


def test_likeness_predicts_what_follows_from_it_and_nothing_else(mnist):
    alike = census_readout.likeness(digit_task(mnist, range(10)).train)
    assert np.diag(alike) == pytest.approx(1) and alike[4, 9] > 0.7 > alike[0, 1]
    index = pandas.Index(census.TARGETS, name="target")
    x = census_readout.likeness_of_splits(alike, index)
    assert census_readout.predicted_by_likeness(pandas.Series(3 * x - 1, index), alike) == pytest.approx(1)
    noise = pandas.Series(np.random.default_rng(0).normal(size=252), index)
    assert np.abs(census_readout.predicted_by_likeness(noise, alike)).max() < 0.2


def test_a_curve_goes_by_seeds_labels_and_images():
    runs = labels.STUDY.runs[::-1]
    table = pandas.DataFrame([{name: getattr(run, name) for name in run.settings()} for run in runs])
    hits = np.empty(len(table), object)
    for number, run in enumerate(runs):
        hits[number] = np.arange(5000) < 1000 * (run.strategy == "kernel") + 100 * run.seed + min(run.labels, 1000) / 10
    curve = labels.curve(table, hits, "kernel", labels.ODD)
    assert curve.shape == (10, 7, 5000)
    assert list(curve[3].sum(axis=1)) == [1301, 1301, 1301, 1303, 1310, 1330, 1400]


@pytest.mark.parametrize("name", studies.NAMES)
def test_a_study_reads_like_its_description(name):
    study = studies.load(name)
    assert study.name == name
    assert sum(map(study.seconds, study.runs)) / 2 <= 3 * 3600  # on two cores
    assert {"study", study.accuracy, *study.runs[0].settings()} <= set(COLUMNS)
    text = import_module(f"studies.{name}").__doc__
    assert all(f"\n{part}\n" in text for part in ("Question", "Conditions", "Cost"))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in studies.NAMES if not name.startswith("tuning")])  # minutes each
def test_stored_rows_can_be_had_again(name):
    """A few runs with their full settings, within a stated band: the library rounds otherwise since they were stored."""
    study = studies.load(name)
    if not export.paths(study, ROOT / "results")[2].is_file():
        pytest.skip(f"there are no stored results: `python -m studies {name}` makes them")
    # "head-then-all" trains for longer now than when its rows were stored: they wait for the study to be computed anew.
    runs = [run for run in study.runs if run.strategy != "head-then-all"]
    cheap = [run for run in runs if study.seconds(run) < 4] or [min(runs, key=study.seconds)]
    try:
        assert check(replace(study, runs=cheap), sample=3, seed=0, same_rounding=False) == []
    except DataError as missing:  # Omniglot is not part of the project
        pytest.skip(str(missing))


@pytest.mark.parametrize("name", studies.NAMES)
def test_stored_hits_are_those_of_the_table(name):
    study = studies.load(name)
    if not export.paths(study, ROOT / "results")[2].is_file():
        pytest.skip(f"there are no stored results: `python -m studies {name}` makes them")
    table = read_table(name)
    shares = [row.mean() for row in read_hits(name, table)]
    assert len(table) == len(study.runs)
    assert shares == pytest.approx(table[study.accuracy].to_list(), abs=1e-6)


def test_the_stored_choices_are_those_that_are_used():
    """Each is within half a point of the best, in each direction or split, and so by the other direction's choice too."""
    if not export.paths(choices.STUDY, ROOT / "results")[0].is_file():
        pytest.skip("there are no stored results: `python -m studies choices` makes them")
    table = read_table("choices")
    small = table["option"].isin(choices.SMALL)
    rest = table[~small].groupby(["strategy", "target", "option"])["validation_accuracy"].mean()
    for (strategy, _), options in rest.groupby(level=["strategy", "target"]):
        options = options.droplevel(["strategy", "target"])
        assert options[choices.CHOSEN[strategy]] >= options.max() - 0.005
    by_option = table[small].groupby(["option"])["validation_accuracy"].mean()
    assert by_option[choices.CHOSEN["small"]] >= by_option.max() - 0.005
