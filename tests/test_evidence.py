"""What the page of tables says in words of the studies is what its tables say in numbers."""

import re

import numpy as np
import pandas as pd
import pytest

from helpers.evidence.statistics import errors_removed, paired_difference
from helpers.evidence.tables import RESULTS, read_table
from tools import evidence
from tools.citations import EVEN, ODD

TEXT = (RESULTS / "TABLES.md").read_text(encoding="utf-8")
LABELS = 1, 3, 10, 30, 100, 300, 1000
DIRECTIONS = "odd → even", "even → odd"


def intervals(row):
    """By labels per class: value, low and high of a row of the page."""
    [line] = [line for line in TEXT.splitlines() if line.startswith(f"| {row} |")]
    text = line.partition(f"| {row} |")[2].replace("−", "-").replace("≤ 1", "1").replace(",", "")
    numbers = np.array(re.findall(r"-?[\d.]+", text.replace("> 1000", "inf")), float)
    return dict(zip(LABELS, numbers.reshape(len(LABELS), 3), strict=True))


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


def test_the_pair_was_lucky():
    gains = evidence.gains()
    tuned, kernel = gains["all layers fine-tuned"], gains["kernel ridge regression"]
    assert tuned.median() < kernel.median() and (tuned > 0).mean() > 0.5
    assert (gains["first layer frozen, over a random one"] <= 0).sum() == 1, "what holds for all splits but one"


def test_the_luck_ends_with_a_hundred_labels_and_the_larger_network_keeps_its_lead():
    over_kernel = evidence.gains("readme", 10, evidence.SAMPLE)["all layers fine-tuned, over kernel ridge regression"]
    assert 0 < over_kernel.drop([EVEN, ODD]).median() < over_kernel[[EVEN, ODD]].min()
    for network in ("small", "readme"):
        gained = evidence.gains(network, 100, evidence.SAMPLE)["all layers fine-tuned"]
        assert gained[[EVEN, ODD]].to_numpy() == pytest.approx(gained.drop([EVEN, ODD]).median(), abs=0.25)


def test_what_is_said_of_convolutions():
    """At like cuts nobody can tell whether they go further than dense layers."""
    runs = pd.concat([read_table("labels"), read_table("labels_cnn")])
    runs = runs[(runs["target"] == EVEN) & (runs["seed"] < 5)]
    accuracies = runs.pivot(index=["network", "labels", "seed"], columns="strategy", values="test_accuracy")
    for labels in (10, 100, 1000):
        shares = [
            errors_removed(of_network["random-probe"], of_network["probe"])
            for of_network in (accuracies.loc[network, labels] for network in ("cnn", "mlp"))
        ]
        assert not paired_difference(*shares).excludes_zero
