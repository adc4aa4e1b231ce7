"""The convolutional networks: their sizes, their seeds, their layers."""

import numpy as np
import pytest

from helpers import fit
from helpers.transfer.recipes import convnet, keras_convnet, small_convnet


def test_the_larger_network_has_as_many_parameters_as_that_of_keras():
    network = keras_convnet(5, seed=0)
    assert network.parameter_count() == 600_165  # 32·10 + 32·(9·32 + 1) + 128·(4608 + 1) + 5·129
    assert network.freeze(upto="conv2").parameter_count() == 590_597


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


def test_a_network_with_dropout_is_the_same_but_for_it():
    plain, dropping = convnet((4, 6), 10, 3, seed=0), convnet((4, 6), 10, 3, seed=0, dropout=0.5)
    assert [name for name in dropping.names if not name.startswith("dropout")] == plain.names
    assert all((a.value == b.value).all() for a, b in zip(plain.parameters(), dropping.parameters()))


@pytest.mark.parametrize("filters", [(), (8, 8, 8)])
def test_too_many_or_no_convolutions_are_a_clear_error(filters):
    with pytest.raises(ValueError, match=f"one or two convolutions with pooling, not {len(filters)}"):
        convnet(filters, 10, 3, seed=0)
