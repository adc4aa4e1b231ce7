"""The study of sources: what is done to a source is that alone, and its readouts find what is in a table."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.evidence.tables import COLUMNS
from helpers.transfer import protocol, strategies
from helpers.transfer.strategies import STRATEGIES
from studies import census, methods, sources, sources_readout
from studies.sources import BOTH, EVEN, ODD, OPTIONS, SEEDS, SMALL, STEPS, STUDY


@pytest.fixture
def tiny(tiny_studies):
    """The study with few images."""
    sources.trained_source.cache_clear()
    yield
    sources.trained_source.cache_clear()


def runs(**settings):
    return [run for run in STUDY.runs if all(getattr(run, name) == value for name, value in settings.items())]


def test_what_is_done_to_a_source_is_done_to_nothing_else(tiny):
    part = methods.task(ODD).train
    assert sources.source_part(ODD, 0, "intact") is part
    shuffled = sources.source_part(ODD, 0, "labels shuffled")
    assert shuffled.images is part.images and list(shuffled.counts()) == list(part.counts())
    assert 0.15 < np.mean(shuffled.labels == part.labels) < 0.3  # a fifth are right by chance
    inverted = sources.source_part(ODD, 0, "inverted")
    assert np.array_equal(255 - inverted.images, part.images) and inverted.labels is part.labels
    few, more = (sources.source_part(ODD, 0, f"{count} images a class") for count in (10, 100))
    assert list(few.counts()) == [10] * 5 and list(more.counts()) == [100] * 5
    assert {image.tobytes() for image in few.images} < {image.tobytes() for image in more.images}


def test_pixels_are_permuted_the_same_way_in_all_parts_of_a_seed(tiny):
    one, other = methods.task(ODD).train, methods.task(EVEN).test
    together = replace(
        one, images=np.concatenate([one.images, other.images]), labels=np.concatenate([one.labels, other.labels])
    )
    moved = sources.permuted(together, 0).images
    assert np.array_equal(moved[: len(one)], sources.permuted(one, 0).images)
    assert np.array_equal(moved[len(one) :], sources.permuted(other, 0).images)
    for option in ("pixels permuted", BOTH):
        assert np.array_equal(sources.source_part(ODD, 0, option).images, moved[: len(one)])
    assert not np.array_equal(moved, sources.permuted(together, 1).images)
    assert not np.array_equal(moved, together.images)
    assert np.array_equal(np.sort(moved.reshape(-1, 784)), np.sort(together.images.reshape(-1, 784)))


@pytest.mark.parametrize("strategy", census.STRATEGIES)
def test_an_intact_source_is_that_of_the_census(tiny, strategy):
    [run] = runs(strategy=strategy, target=EVEN, option="intact", labels=10, steps=300, seed=2)
    assert np.array_equal(sources.measure(run).hits, methods.measure(run, SMALL, steps=300).hits)


@pytest.mark.parametrize("option", ["intact", BOTH, "pixels permuted"])
def test_the_target_is_permuted_only_with_both(tiny, monkeypatch, option):
    seen = []

    def remember(source, part, **options):
        seen.append(part)
        return strategies.Transferred(source.with_new_head(part.classes, 0), None)

    monkeypatch.setitem(STRATEGIES, "fine-tune", replace(STRATEGIES["fine-tune"], function=remember))
    [run] = runs(strategy="fine-tune", target=EVEN, option=option, labels=10, steps=300, seed=3)
    sources.measure(run)
    as_drawn = methods.labelled(run)
    assert np.array_equal(seen[0].images, (sources.permuted(as_drawn, 3) if option == BOTH else as_drawn).images)


def test_every_source_is_trained_for_the_same_time(tiny, monkeypatch):
    steps = []

    def remember(network, part, **options):
        steps.append((len(part), options["steps"]))
        return strategies.History()

    monkeypatch.setattr(protocol, "fit", remember)
    for option in ("intact", "two classes", "10 images a class"):
        [run] = runs(strategy="frozen", target=EVEN, option=option, seed=0)
        sources.measure(run)
    whole = SMALL.epochs * -(-len(methods.task(ODD).train) // SMALL.batch_size)
    sizes = len(methods.task(ODD).train), len(methods.task("13").train), 50
    assert steps == [(size, whole) for size in sizes]


def test_every_pair_of_classes_is_a_source_once():
    for target, source in ((EVEN, ODD), (ODD, EVEN)):
        pairs = [run.source for run in runs(target=target, option="two classes", strategy="frozen")]
        assert len(pairs) == len(set(pairs)) == 10 and all(set(pair) < set(source) for pair in pairs)


def test_each_condition_has_all_seeds_in_both_directions():
    conditions = 4 + 2 * len(OPTIONS) + 2 * (3 * len(STEPS) - 1)
    assert len(STUDY.runs) == 2 * conditions * len(SEEDS)


@pytest.fixture
def table():
    """Sources gain five points and inverted ones lose two; fine-tuning is quick, and scratch catches up."""
    pandas = pytest.importorskip("pandas")
    rows = []
    for run in STUDY.runs:
        accuracy = 0.8 + 0.01 * run.seed + (0.1 if run.option == BOTH else 0)
        if run.strategy in ("fine-tune", "frozen"):
            accuracy += (-0.02 if run.option == "inverted" else 0.05) + 0.001 * (-1) ** run.seed
        if (run.labels, run.steps) != (10, 300):
            accuracy = 0.8 + 0.01 * run.seed + 0.01 * (3 if run.strategy == "fine-tune" else STEPS.index(run.steps))
        best = {"scratch": 1000, "fine-tune": 30}[run.strategy] if run.target == EVEN and run.labels == 3 else 300
        validation = 0.8 if run.steps == best else 0.7
        row = {**{name: getattr(run, name) for name in run.settings()}, "test_accuracy": accuracy}
        rows.append({**row, "validation_accuracy": validation})
    return pandas.DataFrame(rows)


def test_gains_are_over_the_control_on_the_same_target(table):
    gains = sources_readout.gains(table)
    assert len(gains) == 2 * (2 * len(OPTIONS) + 2) and (EVEN, "intact", "scratch") not in gains.index
    for option, gain in (("intact", 0.05), (BOTH, 0.05), ("inverted", -0.02)):
        row = gains.loc[EVEN, option, "fine-tune"]
        assert row["gain"] == pytest.approx(gain) and row["low"] < gain < row["high"]
    assert gains.loc[ODD, BOTH, "random"].to_list() == pytest.approx([0.945, 0, 0, 0])
    assert sources_readout.gains(table, "random").loc[ODD, BOTH, "frozen"]["gain"] == pytest.approx(0.05)


def test_gains_by_steps_compare_equal_times(table):
    gains = sources_readout.gains_by_steps(table)
    assert len(gains) == 2 * 3 * len(STEPS)
    assert gains.loc[(ODD, 3), "gain"].to_list() == pytest.approx([0.03, 0.02, 0.01, 0, -0.01])
    assert gains.loc[(EVEN, 10, 300), "gain"] == pytest.approx(0.05)


def test_best_steps_are_chosen_in_the_opposite_direction(table):
    gains = sources_readout.gains_at_best_steps(table)
    assert gains.loc[ODD, 3][["steps of fine-tune", "steps of scratch"]].to_list() == [30, 1000]
    assert gains.loc[EVEN, 3][["steps of fine-tune", "steps of scratch"]].to_list() == [300, 300]
    assert gains.loc[ODD, 3]["gain"] == pytest.approx(0) and gains.loc[EVEN, 3]["gain"] == pytest.approx(0.01)


def test_hits_are_those_of_one_condition_by_seed(table):
    hits = np.empty(len(table), object)
    for number, run in enumerate(STUDY.runs):
        hits[number] = np.arange(300) < 20 * run.seed + (run.option == "inverted") + (run.steps == 30)
    shuffled = table.sample(frac=1, random_state=0)
    found = sources_readout.hits_of(shuffled, hits, ODD, "frozen", option="inverted")
    assert list(found.sum(axis=1)) == [20 * seed + 1 for seed in SEEDS]
    assert len(sources_readout.hits_of(table, hits, EVEN, "scratch", labels=3, steps=30)) == 10


def test_its_columns_have_types():
    assert {*STUDY.runs[0].settings(), "validation_accuracy"} <= set(COLUMNS)
