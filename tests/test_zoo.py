"""The zoo, an appendix to chapter 2: a suite of seven checks catches all twelve bugs, and needs each of its checks."""

import numpy as np
import pytest

from helpers.checks.gradient_check import numeric_gradient, relative_error
from helpers.exercises import zoo
from helpers.nn.losses import softmax_cross_entropy


def tiny_problem(network):
    rng = np.random.default_rng(5)
    params = network.new_network(8, 4, 5, seed=1)
    params = {name: values + 0.5 * rng.normal(size=values.shape) for name, values in params.items()}
    return params, rng.normal(size=(6, 8)), np.array([0, 1, 2, 3, 4, 4])


def gradients_are_slopes(network):
    params, x, y = tiny_problem(network)
    grads = network.backward(params, x, y)

    def loss():
        return network.cross_entropy(network.forward(params, x)[-1], y)

    return all(relative_error(grads[name], numeric_gradient(loss, values)) < 1e-6 for name, values in params.items())


def same_twice(network):
    params, x, y = tiny_problem(network)
    first, second = network.backward(params, x, y), network.backward(params, x, y)
    return all(np.allclose(first[name], second[name]) for name in params)


def loss_is_the_mean_of_its_images(network):
    params, x, y = tiny_problem(network)
    z = network.forward(params, x)[-1]
    alone = [network.cross_entropy(z[n : n + 1], y[n : n + 1]) for n in range(6)]
    return np.isclose(network.cross_entropy(z, y), np.mean(alone)) and np.isclose(
        network.cross_entropy(np.zeros((2, 5)), y[:2]), np.log(5)
    )


def extreme_logits_are_finite(network):
    z = np.array([[1000.0, 0.0], [1.0, 2.0]])
    losses = network.cross_entropy(z, np.array([1, 1]))
    return bool(np.isfinite(losses) and np.isfinite(network.softmax(z)).all())


def it_bends(network):
    params, x, _ = tiny_problem(network)
    there, back, middle = (network.forward(params, sign * x)[-1] for sign in (1, -1, 0))
    return not np.allclose(there + back, 2 * middle)


def a_step_goes_down_and_keeps_the_start(network):
    params, x, y = tiny_problem(network)
    before = network.cross_entropy(network.forward(params, x)[-1], y)
    stepped = network.descend(params, network.backward(params, x, y), 1e-3)
    again = network.cross_entropy(network.forward(params, x)[-1], y)
    return network.cross_entropy(network.forward(stepped, x)[-1], y) < before == again


def units_differ_at_the_start(network):
    W1 = network.new_network(8, 4, 5, seed=0)["W1"]
    return not np.allclose(W1, W1[:, :1])


REFERENCE = (
    gradients_are_slopes,
    same_twice,
    loss_is_the_mean_of_its_images,
    extreme_logits_are_finite,
    it_bends,
    a_step_goes_down_and_keeps_the_start,
    units_differ_at_the_start,
)


def all_in_one(network):
    """The same suite in the form of assertions, where the first that fails raises."""
    for one in REFERENCE:
        assert one(network)
    return True


def rejects_everything(network):
    return False


def accepts_everything(network):
    return True


def prints_only(network):
    network.new_network(3, 2, 2, 0)


def test_the_right_network_is_the_one_of_helpers():
    network = zoo.TinyNetwork()
    params, x, y = tiny_problem(network)
    z = network.forward(params, x)[-1]
    loss, delta = softmax_cross_entropy(z, y)
    assert np.isclose(network.cross_entropy(z, y), loss)
    np.testing.assert_allclose(network.loss_gradient(z, y), delta)
    assert gradients_are_slopes(network)


@pytest.mark.parametrize(
    "checks, score",
    [
        (REFERENCE, 12),
        ([], 0),
        ([accepts_everything], 0),
        ([rejects_everything], 0),
        ([*REFERENCE, rejects_everything], 0),
        ([prints_only], 0),
    ],
)
def test_the_score(checks, score, capsys):
    assert len(zoo.caught_by(checks)) == score
    zoo.play(*checks)
    assert capsys.readouterr().out.startswith(f"{score} of 12 caught")


@pytest.mark.parametrize("left_out", REFERENCE)
def test_every_check_of_the_reference_is_needed(left_out):
    assert len(zoo.caught_by([one for one in REFERENCE if one is not left_out])) < 12


def test_the_score_tells_what_is_known_of_the_rest_but_not_its_name(capsys):
    zoo.play(gradients_are_slopes)
    printed = capsys.readouterr().out
    for bug in zoo.BUGS:
        caught = bug in zoo.caught_by([gradients_are_slopes])
        assert (bug.name in printed) == caught and (bug.trace in printed) == (not caught)


def test_a_check_that_says_nothing_or_stumbles_is_told_so(capsys):
    zoo.play(prints_only)
    assert "prints_only rejects the right network too: it returned None, not True or False" in capsys.readouterr().out
    zoo.play(lambda network: network.no_such_part)
    assert "raised AttributeError" in capsys.readouterr().out
