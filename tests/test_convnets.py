"""The two convolutional networks, and what the stored experiment with the larger one found."""

import numpy as np
import pytest

from helpers import fit
from helpers.convnets import keras_convnet, small_convnet
from helpers.experiments import GRIDS
from helpers.results import RESULTS, mean_and_std, read_rows, select


@pytest.fixture(scope="module")
def stored():
    return read_rows(RESULTS / "convnet.csv")


def test_the_larger_network_has_as_many_parameters_as_that_of_keras():
    network = keras_convnet(5, seed=0)
    assert network.parameter_count() == 600_165  # 32·10 + 32·(9·32 + 1) + 128·(4608 + 1) + 5·129
    assert network.freeze(upto="conv2").parameter_count(trainable_only=True) == 590_597


@pytest.mark.parametrize("make", [keras_convnet, small_convnet])
def test_a_seed_decides_the_weights(make):
    assert make(5, seed=1).fingerprint() == make(5, seed=1).fingerprint() != make(5, seed=2).fingerprint()


@pytest.mark.parametrize("make", [keras_convnet, small_convnet])
def test_frozen_convolutions_stay_while_the_rest_learns(make, odd):
    network = make(3, seed=0).with_new_head(odd.train.classes, seed=1).freeze(upto="conv2")
    convolutions, hidden = network.fingerprint("conv1", "conv2"), network.fingerprint("hidden")
    history = fit(network, odd.train.subset(10, seed=0), seed=0, epochs=4, batch_size=10, progress=False)
    assert network.fingerprint("conv1", "conv2") == convolutions
    assert network.fingerprint("hidden") != hidden
    assert np.isfinite(history.loss).all() and history.loss[-1] < history.loss[0]


def test_the_stored_experiment_is_complete(stored):
    seeds = [seed for (seed,) in GRIDS["convnet"][1]]
    for strategy, task in (("scratch", "0 to 4"), ("frozen", "5 to 9"), ("random", "5 to 9")):
        assert [row["seed"] for row in select(stored, strategy=strategy, task=task)] == seeds


@pytest.mark.parametrize("strategy, goal", [("scratch", 0.998), ("frozen", 0.992)])
def test_the_stored_experiment_reaches_what_keras_publishes(stored, strategy, goal):
    assert mean_and_std(select(stored, strategy=strategy))[0] >= goal


def test_learned_convolutions_beat_random_ones(stored):
    assert mean_and_std(select(stored, strategy="frozen"))[0] > mean_and_std(select(stored, strategy="random"))[0]
