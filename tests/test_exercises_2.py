"""Chapter 2's exercises: right answers, wrong ones that get a word of their own, and the bug zoo."""

import numpy as np
import pytest

from helpers.checks.gradient_check import numeric_gradient, relative_error
from helpers.exercises import check, zoo
from helpers.nn.losses import softmax_cross_entropy

# 2.1


def leaky(z):
    return np.where(z > 0, z, 0.01 * z)


def leaky_backward(z, grad):
    return grad * np.where(z > 0, 1, 0.01)


def leaky_by_maximum(z):
    return np.maximum(z, z / 100)


def leaky_backward_by_steps(z, grad):
    out = grad.copy()
    out[z <= 0] /= 100
    return out


# 2.2


def with_new_dict(loss, grads, params, strength):
    loss = loss + strength / 2 * sum((params[name] ** 2).sum() for name in ("W1", "W2"))
    return loss, {name: grads[name] + strength * params[name] * name.startswith("W") for name in grads}


def in_place(loss, grads, params, strength):
    for name in ("W1", "W2"):
        loss += strength / 2 * np.vdot(params[name], params[name])
        grads[name] += strength * params[name]
    return loss, grads


def on_biases_too(loss, grads, params, strength):
    return loss, {name: grads[name] + strength * params[name] for name in grads}


def without_the_half(loss, grads, params, strength):
    return loss, {name: grads[name] + 2 * strength * params[name] * name.startswith("W") for name in grads}


def gradient_only(loss, grads, params, strength):
    return loss, with_new_dict(loss, grads, params, strength)[1]


# 2.3


def deep(layers, x, y, last_relu=False, mask=True, order=-1):
    inputs = [x]
    for W, b in layers[:-1]:
        inputs.append(np.maximum(inputs[-1] @ W + b, 0))
    W, b = layers[-1]
    z = inputs[-1] @ W + b
    loss, delta = softmax_cross_entropy(np.maximum(z, 0) if last_relu else z, y)
    grads = []
    for (W, _), a in zip(reversed(layers), reversed(inputs)):
        grads.append((a.T @ delta, delta.sum(axis=0)))
        delta = delta @ W.T * ((a > 0) if mask else 1)
    return loss, grads[::order]


def deep_recursively(layers, x, y):
    def descend(a, rest):
        (W, b), *others = rest
        z = a @ W + b
        if others:
            loss, grads, back = descend(np.maximum(z, 0), others)
            delta = np.where(z > 0, back, 0)
        else:
            (loss, delta), grads = softmax_cross_entropy(z, y), []
        return loss, [[a.T @ delta, np.einsum("nk->k", delta)], *grads], delta @ W.T

    return descend(x, layers)[:2]


# 2.4


def slope_error(dtype, h):
    above, below = (np.log(dtype(1) + np.exp(dtype(1) + dtype(step))) for step in (h, -h))
    truth = 1 / (1 + np.exp(-1))
    return abs(float((above - below) / dtype(2 * h)) - truth) / truth


def slope_error_by_arrays(dtype, h):
    losses = np.logaddexp(np.zeros(2, dtype), np.array([1 + h, 1 - h], dtype))
    truth = np.exp(1) / (1 + np.exp(1))
    return np.abs(np.diff(losses[::-1])[0] / np.asarray(2 * h, dtype) / truth - 1)


def one_sided(dtype, h):
    truth = 1 / (1 + np.exp(-1))
    return abs((np.logaddexp(0, 1 + h) - np.logaddexp(0, 1)) / h - truth) / truth


# 2.5: the reference suite


def tiny_problem(network):
    rng = np.random.default_rng(5)
    params = network.new_network(8, 4, 5, seed=1)
    params = {name: values + 0.5 * rng.normal(size=values.shape) for name, values in params.items()}
    return params, rng.normal(size=(6, 8)), np.array([0, 1, 2, 3, 4, 4])


def gradients_are_slopes(network):
    params, x, y = tiny_problem(network)
    grads = network.backward(params, x, y)
    return all(
        relative_error(
            grads[name], numeric_gradient(lambda: network.cross_entropy(network.forward(params, x)[-1], y), values)
        )
        < 1e-6
        for name, values in params.items()
    )


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


@pytest.mark.parametrize(
    "number, answer",
    [
        ("2.1", (leaky, leaky_backward)),
        ("2.1", (leaky_by_maximum, leaky_backward_by_steps)),
        ("2.2", (with_new_dict,)),
        ("2.2", (in_place,)),
        ("2.3", (deep,)),
        ("2.3", (deep_recursively,)),
        ("2.4", (slope_error,)),
        ("2.4", (slope_error_by_arrays,)),
        ("2.5", (REFERENCE,)),
        ("2.5", ([all_in_one],)),
    ],
)
def test_right_answers(number, answer, capsys):
    check(number, *answer)
    assert capsys.readouterr().out.startswith(f"{number}: right. ")


@pytest.mark.parametrize(
    "number, answer, said",
    [
        ("2.1", (leaky, lambda z, grad: grad * (z > 0)), "Forward leaks, backward does not"),
        ("2.1", (leaky, lambda z, grad: np.where(z > 0, 1, 0.01)), "gives the slope alone"),
        ("2.1", (leaky, lambda z, grad: leaky(grad)), "the sign of the gradient"),
        ("2.1", (lambda z: np.maximum(z, 0), leaky_backward), "plain ReLU"),
        ("2.1", (lambda z: np.maximum(z, z + 0.01), leaky_backward), "both sides of zero"),
        ("2.1", (leaky, lambda z, grad: grad), "does not agree with the slope of leaky"),
        ("2.1", (leaky, lambda z, grad: grad.sum()), "shapes"),
        ("2.2", (on_biases_too,), "a bias changed"),
        ("2.2", (without_the_half,), "twice too large"),
        ("2.2", (gradient_only,), "still without its penalty"),
        ("2.3", (lambda *given: deep(*given, last_relu=True),), "does the last layer have a ReLU?"),
        ("2.3", (lambda *given: deep(*given, mask=False),), "what lies between?"),
        ("2.3", (lambda *given: deep(*given, order=1),), "the last layer's come first"),
        ("2.4", (one_sided,), "both* sides"),
        ("2.4", (lambda dtype, h: slope_error(np.float64, h),), "still compute in float64"),
        ("2.4", (lambda dtype, h: slope_error(dtype, h) * 2,), "the relative error should be"),
        ("2.5", ([],), "0 of 12 caught"),
        ("2.5", (REFERENCE[:1],), "Of the next one we know"),
        ("2.5", ([*REFERENCE, rejects_everything],), "rejects_everything rejects the right network too"),
    ],
)
def test_wrong_answers_get_a_word_of_their_own(number, answer, said, capsys):
    check(number, *answer)
    printed = capsys.readouterr().out
    assert printed.startswith(f"{number}: not yet. ") and said in printed


def experiment(network):
    """Everything one can see of a network: start, logits, loss, gradients, extremes, a second call, a step."""
    x, y = tiny_problem(network)[1:]
    start = network.new_network(8, 4, 5, seed=1)
    params = {name: values.copy() for name, values in tiny_problem(zoo.TinyNetwork())[0].items()}
    extreme = np.array([[1000.0, 0.0, -1000.0], [3.0, 2.0, 1.0]])
    seen = [*start.values(), *network.forward(params, x), *network.backward(params, x, y).values()]
    seen += [*network.backward(params, x, y).values(), network.cross_entropy(extreme, np.array([2, 0]))]
    seen += [network.loss_gradient(extreme, np.array([2, 0])), network.cross_entropy(network.forward(params, x)[-1], y)]
    seen += [*network.descend(params, network.backward(params, x, y), 0.1).values(), *params.values()]
    return seen


@pytest.mark.parametrize("bug", zoo.BUGS)
def test_each_bug_breaks_something(bug):
    pairs = zip(experiment(bug()), experiment(zoo.TinyNetwork()))
    assert not all(np.allclose(broken, right) for broken, right in pairs)


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
