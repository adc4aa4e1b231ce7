"""The study of spoiled sources: what is done to a source is that alone, and its readouts find what is in a table."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.evidence.tables import COLUMNS
from helpers.transfer import protocol, strategies
from helpers.transfer.strategies import STRATEGIES
from studies import few, methods, spoiled, spoiled_readout
from studies.spoiled import BOTH, EVEN, FACTORS, FIVE, FOUR, ODD, PERMUTED, SEEDS, STUDY, TWO


@pytest.fixture
def tiny(tiny_studies):
    """The study with few images."""
    spoiled.trained_source.cache_clear()
    yield
    spoiled.trained_source.cache_clear()


def runs(**settings):
    return [run for run in STUDY.runs if all(getattr(run, name) == value for name, value in settings.items())]


def a_run(strategy="frozen", **settings):
    usual = {"network": "small", "target": EVEN, "option": "intact", "labels": 10, "factor": 1, "seed": 2}
    return runs(**{**usual, "strategy": strategy, **settings})[0]


def test_labels_are_shuffled_and_pixels_inverted_in_nothing_but_the_source(tiny):
    part = methods.task(ODD).train
    assert spoiled.source_part(ODD, 0, "intact") is part
    shuffled = spoiled.source_part(ODD, 0, "labels shuffled")
    assert shuffled.images is part.images and list(shuffled.counts()) == list(part.counts())
    assert 0.15 < np.mean(shuffled.labels == part.labels) < 0.3  # a fifth are right by chance
    inverted = spoiled.source_part(ODD, 0, "inverted")
    assert np.array_equal(255 - inverted.images, part.images) and inverted.labels is part.labels


def test_sources_of_four_and_five_digits_have_as_many_images(tiny):
    four, five = spoiled.source_part("1357", 0, FOUR), spoiled.source_part(ODD, 0, FIVE)
    assert len(four) == len(five) == spoiled.total(ODD) == spoiled.total("1357")
    assert len(set(four.counts())) == len(set(five.counts())) == 1
    assert 4 * methods.task(ODD).train.counts().min() - len(four) < 20  # hardly any image is left out


def test_every_source_is_trained_for_the_same_time(tiny, monkeypatch):
    steps = []

    def remember(network, part, **options):
        steps.append(options["steps"])
        return strategies.History()

    monkeypatch.setattr(protocol, "fit", remember)
    for option in ("labels shuffled", TWO, FOUR, FIVE):
        spoiled.measure(a_run(option=option))
    assert steps == [few.NETWORKS["small"].epochs * -(-len(methods.task(ODD).train) // 128)] * 4


@pytest.mark.parametrize("strategy", ["scratch", "fine-tune", "frozen"])
def test_an_intact_source_is_that_of_the_other_studies(tiny, strategy):
    run = a_run(strategy)
    known = few.FewRun(**{name: getattr(run, name) for name in few.FewRun.__dataclass_fields__})
    assert np.array_equal(spoiled.measure(run).hits, few.measure(known).hits)


@pytest.mark.parametrize("option", ["intact", BOTH, PERMUTED])
def test_the_target_is_permuted_after_its_shifts_and_only_with_both(tiny, monkeypatch, option):
    seen = []

    def remember(source, part, **options):
        seen.append(part)
        return strategies.Transferred(source.with_new_head(part.classes, 0), None)

    monkeypatch.setitem(STRATEGIES, "fine-tune", replace(STRATEGIES["fine-tune"], function=remember))
    run = a_run("fine-tune", option=option)
    spoiled.measure(run)
    shifted = methods.labelled(run).with_shifts()
    expected = spoiled.permuted(shifted, run.seed) if option == BOTH else shifted
    assert np.array_equal(seen[0].images, expected.images)
    if option != "intact":
        moved = spoiled.source_part(ODD, run.seed, option).images
        assert np.array_equal(moved, spoiled.permuted(methods.task(ODD).train, run.seed).images)


def test_time_is_a_multiple_of_the_chosen_steps(tiny):
    run = a_run("scratch", factor=0.1, labels=3)
    assert spoiled.measure(run).values["steps"] == round(0.1 * few.setting_of(run).steps)


def test_each_digit_is_left_out_and_each_pair_is_a_source():
    for network, target in ((network, target) for network in SEEDS for target in (EVEN, ODD)):
        of_network = {"network": network, "target": target, "strategy": "frozen"}
        four = [run.source for run in runs(**of_network, option=FOUR)]
        assert len(set(four)) == 5 and all(len(source) == 4 for source in four)
        assert len(four) == (5 * len(SEEDS["small"]) if network == "small" else 5)
        pairs = [run.source for run in runs(**of_network, option=TWO)]
        assert len(set(pairs)) == len(pairs) == (10 if network == "small" else 0)
        assert {run.source for run in runs(**of_network, option=FIVE)} == {spoiled.others(target)}


@pytest.fixture
def table():
    """Sources gain five points, each digit is worth one; fine-tuning is quick, and scratch catches up."""
    pandas = pytest.importorskip("pandas")
    rows = []
    for run in STUDY.runs[::-1]:
        accuracy = 0.8 + 0.01 * run.seed + (0.1 if run.option == BOTH else 0)
        if run.source:
            accuracy += 0.04 if run.option == FOUR else 0.05
            accuracy += 0.001 * (-1) ** run.seed * (run.option != FOUR)
        if (run.labels, run.factor) != (10, 1):
            accuracy = 0.8 + 0.01 * (3 if run.source else FACTORS.index(run.factor))
        best = {"scratch": 10, "fine-tune": 0.1}.get(run.strategy) if run.target == EVEN else 1
        row = {**{name: getattr(run, name) for name in run.settings()}, "test_accuracy": accuracy}
        rows.append({**row, "validation_accuracy": 0.8 if run.factor == best else 0.7})
    return pandas.DataFrame(rows)


def test_gains_are_over_the_control_on_the_same_target(table):
    gains = spoiled_readout.gains(table)
    assert gains.loc["small", EVEN, "intact", "fine-tune"]["gain"] == pytest.approx(0.05)
    assert gains.loc["cnn", ODD, BOTH, "frozen"]["gain"] == pytest.approx(0.0502)
    assert gains.loc["cnn", ODD, BOTH, "random"].to_list() == pytest.approx([0.92, 0, 0, 0])
    assert spoiled_readout.gains(table, "random").loc["small", ODD, BOTH, "frozen"]["gain"] == pytest.approx(0.05)
    assert ("cnn", ODD, TWO, "frozen") not in gains.index


def test_the_worth_of_a_digit_is_what_a_source_of_as_many_images_loses_without_it(table):
    fewer = (table["option"] == FOUR) & ~table["source"].str.contains("7") & (table["target"] == EVEN)
    table.loc[fewer, "test_accuracy"] -= 0.1
    worth = spoiled_readout.worth_of_digits(table)
    assert worth.loc["small", EVEN, "7", "frozen"]["gain"] == pytest.approx(0.11)
    assert worth.loc["small", EVEN, "3", "frozen"]["gain"] == pytest.approx(0.01)
    assert worth.loc["small", EVEN, "any", "fine-tune"]["gain"] == pytest.approx(0.03)
    assert worth.loc["cnn", EVEN, "any", "fine-tune"]["gain"] == pytest.approx(0.0302)
    assert len(worth) == 2 * 2 * (6 + 1)


def test_time_is_compared_at_equal_and_at_best_multiples(table):
    equal = spoiled_readout.gains_by_time(table)
    assert equal.loc[("small", ODD, 3), "gain"].to_list() == pytest.approx([0.03, 0.02, 0.01, 0, -0.01])
    assert list(equal.loc[("cnn", ODD, 3)].index) == [0.1, 0.3, 1]
    best = spoiled_readout.gains_at_best_times(table)
    row = best.loc["small", ODD, 3]  # chosen for the even digits: 0.1 and 10
    assert row[["factor of fine-tune", "factor of scratch"]].to_list() == [0.1, 10]
    assert row["gain"] == pytest.approx(-0.01)
    assert best.loc["small", EVEN, 3]["gain"] == pytest.approx(0.01)


def test_its_columns_have_types():
    assert {*STUDY.runs[0].settings(), "steps", "validation_accuracy"} <= set(COLUMNS)
