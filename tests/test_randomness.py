"""Seeds come in openly, or not at all."""

import numpy as np
import pytest

from helpers.randomness import generator, streams


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


def test_a_stream_depends_on_the_seed_and_its_name_alone():
    layers, head = streams(5, "layers", "head")
    [head_alone] = streams(5, "head")
    draws = [rng.random(4).tolist() for rng in (layers, head, head_alone, *streams(6, "head"), generator(5))]
    assert draws[1] == draws[2]
    assert len({tuple(draw) for draw in draws}) == 4


def test_streams_of_a_generator_go_on_with_it_and_repeat_with_it():
    one, other = generator(0), generator(0)
    first, second = streams(one, "a"), streams(one, "a")
    assert first[0].random() != second[0].random()
    again = streams(other, "b", "a")
    assert again[1].random(2)[0] == streams(generator(0), "a")[0].random(2)[0]


@pytest.mark.parametrize("seed", [None, -1, 1.5, True, "1"])
def test_streams_need_a_seed_too(seed):
    with pytest.raises(TypeError, match="seed must be a whole number"):
        streams(seed, "a")
