"""Seeds come in openly, or not at all."""

import numpy as np
import pytest

from helpers.randomness import generator


@pytest.mark.parametrize("seed", [0, 7, np.int64(7), 2**70])
def test_the_same_seed_gives_the_same_numbers(seed):
    assert np.array_equal(generator(seed).random(5), generator(seed).random(5))


def test_another_seed_gives_other_numbers():
    assert not np.array_equal(generator(0).random(5), generator(1).random(5))


def test_a_generator_is_handed_back_so_that_several_draws_share_one_stream():
    rng = np.random.default_rng(0)
    assert generator(rng) is rng


@pytest.mark.parametrize("seed", [None, -1, 1.0, "1", True, np.random])
def test_anything_else_is_refused(seed):
    with pytest.raises(TypeError, match="seed must be a whole number"):
        generator(seed)


def test_the_global_state_of_numpy_is_left_alone():
    before = np.random.get_state()[1].copy()
    generator(3).random(10)
    assert np.array_equal(np.random.get_state()[1], before)
