"""What the page of tables says in words of the studies is what its blocks say in numbers, and these are read off rightly."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.evidence.statistics import errors_removed, paired_difference
from helpers.evidence.tables import read_table
from studies.census import TARGETS
from tools import evidence

TEXT = (Path(__file__).resolve().parent.parent / "results" / "TABLES.md").read_text(encoding="utf-8")
LABELS = 1, 3, 10, 30, 100, 300, 1000
DIRECTIONS = "odd → even", "even → odd"
ENDS = {"≤ 1": 1, "> 1,000": np.inf}


def number(text):
    return ENDS.get(text) or float(text.replace("−", "-").replace(",", ""))


def intervals(row):
    """By labels per class: value, low and high of a row of the page."""
    [line] = re.findall(rf"^\| {re.escape(row)} \| (.+) \|$", TEXT, re.MULTILINE)
    cells = [re.fullmatch(r"(.+) \((.+) to (.+)\)", cell).groups() for cell in line.split(" | ")]
    return {count: tuple(map(number, cell)) for count, cell in zip(LABELS, cells, strict=True)}


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_fine_tuning_removes_much_the_same_share_from_three_labels_to_hundreds(direction):
    removed = intervals(f"{direction}: fine-tuning removes of scratch's errors, %")
    of_these = np.array([removed[count] for count in (3, 10, 30, 100, 300)])
    assert of_these[:, 1].min() > 0
    assert of_these[:, 1].max() < of_these[:, 2].min(), "there is a share that all intervals hold"


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_fine_tuning_saves_half_as_many_again_then_none_then_less_than_none(direction):
    equals = intervals(f"{direction}: fine-tuning does what the kernel does with … labels")
    for count in (3, 10, 30):
        value, low, _ = equals[count]
        assert low > count and 1.35 < value / count < 1.7
    assert equals[100][1] <= 100 <= equals[100][2]
    assert equals[300][2] < 300 and equals[1000][2] < 1000


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_frozen_layer_beats_a_random_one_and_from_thirty_labels_on_fine_tuning_beats_both(direction):
    over_random = intervals(f"{direction}: first layer frozen − random one frozen, points")
    assert all(low > 0 for count, (_, low, _) in over_random.items() if count > 1 or direction == "odd → even")
    tuned = intervals(f"{direction}: first layer frozen − fine-tuned, points")
    assert all(tuned[count][2] < 0 for count in LABELS if count >= 30)


def test_the_directions_differ():
    assert intervals("even → odd: fine-tuning removes of scratch's errors, %")[1][1] < 0
    assert intervals("even → odd: first layer frozen − fine-tuned, points")[3][1] > 0
    assert all(low <= 0 for _, low, _ in intervals("odd → even: first layer frozen − fine-tuned, points").values())


def places(name):
    """A row of the census: median, the number of splits that gain, and by direction the gain and its rank."""
    [line] = re.findall(rf"^\| {re.escape(name)} \| (.+ of 252 \| .+) \|$", TEXT, re.MULTILINE)
    median, _, gaining, *pairs = line.split(" | ")
    return (
        number(median),
        int(gaining.split()[0]),
        *([number(part) for part in pair.split(", rank ")] for pair in pairs),
    )


def other_settings(name):
    """By network and labels: the median of the splits drawn by chance, odd → even, even → odd."""
    [line] = re.findall(rf"^\| {re.escape(name)} \| (\S+ \(\S+, \S+\) \|.+) \|$", TEXT, re.MULTILINE)
    cells = [[number(part) for part in re.split(r", | \(", cell.rstrip(")"))] for cell in line.split(" | ")]
    return dict(zip([("small", 10), ("small", 100), ("this", 10), ("this", 100)], cells, strict=True))


def test_the_pair_was_lucky():
    tuned, kernel, frozen = map(places, ("all layers fine-tuned", "kernel ridge regression", "first layer frozen"))
    (_, odd_to_even), (_, even_to_odd) = tuned[2:]
    assert even_to_odd == 1 and odd_to_even <= 25
    assert tuned[1] > 126 > frozen[1]
    assert tuned[0] < kernel[0] and places("all layers fine-tuned, over kernel ridge regression")[1] < 126


def test_the_luck_ends_with_a_hundred_labels_and_the_larger_network_keeps_its_lead():
    median, *pair = other_settings("all layers fine-tuned, over kernel ridge regression")["this", 10]
    assert 0 < median < min(pair)
    for network in ("small", "this"):
        median, *pair = other_settings("all layers fine-tuned")[network, 100]
        assert pair == pytest.approx([median] * 2, abs=0.25)


def test_a_learned_layer_beats_a_random_one_in_all_splits_but_one():
    assert places("first layer frozen, over a random one")[1] == 251


@pytest.mark.parametrize(("labels", "shown"), [(1, "≤ 1"), (1.54, "1.5"), (15.4, "15"), (np.inf, "> 1,000")])
def test_numbers_of_labels_beyond_those_tried_are_bounds(labels, shown):
    assert evidence.count_of_labels(labels) == shown


def test_the_census_ranks_and_counts(monkeypatch):
    def made_up(name):
        rows = []
        for place, target in enumerate(sorted(TARGETS)):
            for strategy, gain in (
                ("scratch", 0),
                ("fine-tune", place - 2),
                ("frozen", -place),
                ("random", 1),
                ("kernel", 0),
            ):
                rows.append(("", target, strategy, 10.0, "small", 0.5 + gain / 1000))
        return pd.DataFrame(rows, columns=["source", "target", "strategy", "labels", "network", "test_accuracy"])

    monkeypatch.setattr(evidence, "read_table", made_up)
    study = evidence.Census()
    [line] = [line for line in study.places().splitlines() if line.startswith("| all layers fine-tuned |")]
    assert line.endswith("| +1.1 to +23.6 | 249 of 252 | +7.4, rank 176 | +17.3, rank 77 |")


def test_what_is_said_of_convolutions():
    """With ten labels frozen ones beat three controls; at like cuts nobody can tell whether they go further."""
    runs = pd.concat([read_table("labels"), read_table("labels_cnn")])
    runs = runs[(runs["target"] == "02468") & (runs["seed"] < 5)]
    accuracies = runs.pivot(index=["network", "labels", "seed"], columns="strategy", values="test_accuracy")
    few = accuracies.loc["cnn", 10]
    controls = few["scratch"], few["random"], accuracies.loc["", 10]["kernel"]
    assert all(paired_difference(few["frozen"], control).low > 0 for control in controls)
    for labels in (10, 100, 1000):
        shares = [
            errors_removed(of_network["random-probe"], of_network["probe"])
            for of_network in (accuracies.loc[network, labels] for network in ("cnn", "mlp"))
        ]
        assert not paired_difference(*shares).excludes_zero
