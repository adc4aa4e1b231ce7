"""Chapter 2: a leaky bend, a price on weights, any number of layers, slopes in float32, and the zoo."""

import numpy as np

from helpers.checks.gradient_check import relative_error
from helpers.exercises import NotYet, exercise, zoo
from helpers.nn.losses import softmax_cross_entropy
from helpers.nn.network import Network


@exercise("2.1")
def _leaky(leaky, leaky_backward):
    z = np.array([[-2.0, -0.5], [0.5, 3.0]])
    grad = np.array([[1.0, -3.0], [2.0, -0.5]])
    a, passed = np.asarray(leaky(z)), np.asarray(leaky_backward(z, grad))
    if a.shape != z.shape or passed.shape != z.shape:
        raise NotYet(f"For z of shape (2, 2) they gave shapes {a.shape} and {passed.shape}: both should be like z.")
    if np.allclose(a, np.maximum(z, 0)):
        raise NotYet("leaky is plain ReLU: what should come out for z = −2?")
    if not np.allclose(a, np.where(z > 0, z, 0.01 * z)):
        raise NotYet(f"leaky gives {a.tolist()} for z = {z.tolist()}: look at the definition on both sides of zero.")
    if np.allclose(passed, grad * (z > 0)):
        raise NotYet("Forward leaks, backward does not: it lets nothing through below zero.")
    if np.allclose(passed, np.where(z > 0, 1, 0.01)):
        raise NotYet("leaky_backward gives the slope alone. By what does the chain rule multiply it?")
    if np.allclose(passed, np.where(grad > 0, grad, 0.01 * grad)):
        raise NotYet("leaky_backward looks at the sign of the gradient. What decides on which side of the bend one is?")
    if not np.allclose(passed, grad * np.where(z > 0, 1, 0.01)):
        raise NotYet("leaky_backward does not agree with the slope of leaky: try the judge of section 3 on it.")
    return "A unit that is below zero for every image still gets a gradient, and can come back."


@exercise("2.2")
def _price_on_weights(add_penalty):
    rng = np.random.default_rng(0)
    params = {name: rng.normal(size=shape) for name, shape in (("W1", (3, 2)), ("b1", 2), ("W2", (2, 4)), ("b2", 4))}
    grads = {name: rng.normal(size=np.shape(values)) for name, values in params.items()}
    before = {name: values.copy() for name, values in params.items()}
    given = {name: values.copy() for name, values in grads.items()}
    loss, found = add_penalty(1.5, grads, params, 0.3)
    if any(not np.array_equal(params[name], before[name]) for name in params):
        raise NotYet("It changed the weights themselves. The penalty belongs to the loss and the gradient.")
    added = {name: np.asarray(found[name]) - given[name] for name in params}
    weights = ("W1", "W2")
    if any(np.any(added[name]) for name in ("b1", "b2")):
        raise NotYet("The gradient of a bias changed; the penalty is on weights only.")
    squares = sum(np.sum(params[name] ** 2) for name in weights)
    if all(np.allclose(added[name], 0.6 * params[name]) for name in weights):
        raise NotYet("Its gradient is twice too large: what is the ½ in the penalty for?")
    if all(np.allclose(added[name], -0.3 * params[name]) for name in weights):
        raise NotYet("Its gradient has the wrong sign: this penalty would reward large weights.")
    if not all(np.allclose(added[name], 0.3 * params[name]) for name in weights):
        raise NotYet("The gradient of W1 or W2 is not the one of λ/2 ΣW²: differentiate by a single weight.")
    if np.isclose(loss, 1.5):
        raise NotYet("The gradient is right, but the loss is still without its penalty, so the judge would disagree.")
    if not np.isclose(loss, 1.5 + 0.15 * squares):
        raise NotYet(f"The loss should grow by λ/2 ΣW² = {0.15 * squares:.3f}, and grew by {loss - 1.5:.3f}.")
    return "Each step now shrinks every weight by the same share: hence its other name, weight decay."


@exercise("2.3")
def _any_depth(loss_and_grads):
    network = Network.mlp(8, 6, 4, classes=5, seed=2, dtype="float64")
    rng = np.random.default_rng(3)
    for parameter in network.parameters():
        if parameter.name == "bias":
            parameter.value[...] = rng.normal(size=parameter.value.shape)
    x, y = rng.normal(size=(7, 8)), rng.integers(0, 5, 7)
    loss, delta = softmax_cross_entropy(network.forward(x, training=True), y)
    network.backward(delta)
    ours = [parameter.grad for parameter in network.parameters()]
    values = [parameter.value.copy() for parameter in network.parameters()]
    found_loss, grads = loss_and_grads(list(zip(values[::2], values[1::2])), x, y)
    if len(grads) != 3:
        raise NotYet(f"Three layers need three pairs (dW, db), and it gave {len(grads)}.")
    clipped = softmax_cross_entropy(np.maximum(network.forward(x), 0), y)[0]
    if np.isclose(found_loss, clipped):
        raise NotYet("These logits are never negative: does the last layer have a ReLU?")
    if not np.isclose(found_loss, loss):
        raise NotYet(f"The loss should be {loss:.4f}, and is {found_loss:.4f}: the error is in the forward pass.")
    shapes = [np.shape(array) for pair in grads for array in pair]
    if shapes == [array.shape for k in (4, 2, 0) for array in ours[k : k + 2]]:
        raise NotYet("The gradients are in the order of the way back: the last layer's come first.")
    if shapes != [array.shape for array in ours]:
        raise NotYet(f"The gradients have the shapes {shapes}, not those of the weights and biases.")
    found = [np.asarray(array) for pair in grads for array in pair]
    wrong = {
        name
        for name, number in (("hidden1", 0), ("hidden2", 1), ("head", 2))
        if any(relative_error(found[k], ours[k]) > 1e-9 for k in (2 * number, 2 * number + 1))
    }
    if wrong and "head" not in wrong:
        raise NotYet("The last layer's gradients are right, those before it are not: what lies between?")
    if wrong:
        raise NotYet(f"The loss is right, the gradients of {', '.join(sorted(wrong))} are not.")
    return "The same as helpers to nine digits, and it would take thirty layers just as well."


@exercise("2.4")
def _two_valleys(slope_error):
    truth = 1 / (1 + np.exp(-1.0))
    errors = {h: float(slope_error(np.float64, h)) for h in (1e-1, 1e-2, 1e-5)}
    if not errors[1e-1] > 0:
        raise NotYet(f"With h = 0.1 the error is {errors[1e-1]}: a positive number is wanted, so take its size.")
    central = abs(np.logaddexp(0, 1.1) - np.logaddexp(0, 0.9)) / 0.2
    if errors[1e-1] > 5 * errors[1e-2] and errors[1e-1] < 20 * errors[1e-2]:
        raise NotYet(
            "A step ten times smaller makes the error only ten times smaller: are there steps to *both* sides?"
        )
    if not np.isclose(errors[1e-1], abs(central - truth) / truth, rtol=0.01):
        expected = abs(central - truth) / truth
        raise NotYet(f"With h = 0.1 the relative error should be {expected:.1e}, and is {errors[1e-1]:.1e}.")
    if max(float(slope_error(np.float32, h)) for h in (1e-5, 1e-6, 1e-7)) < 1e-3:
        raise NotYet("In float32 it is nearly as exact as in float64: does something still compute in float64?")
    return "Now find the bottom of both valleys, and say why float32's lies so much higher."


@exercise("2.5")
def _bug_zoo(checks):
    alarm = zoo.false_alarm(checks)
    if alarm:
        raise NotYet(f"{alarm}.")
    at_large = [bug for bug in zoo.BUGS if bug not in zoo.caught_by(checks)]
    if at_large:
        count = len(zoo.BUGS)
        raise NotYet(f"{count - len(at_large)} of {count} caught. Of the next one we know: {at_large[0].trace}")
    return f"All {len(zoo.BUGS)} caught, by {len(checks)} checks, and what is right passes."
