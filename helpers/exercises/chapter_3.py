"""Chapter 3: a learning rate for each batch size, weight decay, and a threshold below which a network declines."""

import numpy as np

from helpers.exercises import NotYet, exercise
from helpers.nn.layers import Parameter
from helpers.nn.optimizers import Adam

RATE, DECAY = 0.25, 0.5


@exercise("3.1")
def _rates_in_proportion(slow, fast):
    for name, curves in (("small", slow), ("large", fast)):
        if np.shape(curves) != (3, 6):
            raise NotYet(
                f"For the {name} rates it has the shape {np.shape(curves)}: it should be three lists, for batches of 5, 50"
                " and 500, of six validation losses each."
            )
    slow, fast = np.array(slow), np.array(fast)
    apart = slow[:, -1].max() / slow[:, -1].min() - 1
    if apart > 0.1:
        worst = (5, 50, 500)[int(slow[:, -1].argmax())]
        raise NotYet(
            f"With the small rates the batches end {apart:.0%} apart, with {worst} images last. Has each batch its own rate"
            " and the same number of epochs?"
        )
    if fast[:2, -1].min() > 0.9 * slow[:, -1].min():
        raise NotYet("30 times the rate has not helped even the small batches: are the large rates in the second list?")
    ahead = fast[2, -1] / fast[:2, -1].min()
    if ahead < 1.5:
        raise NotYet(
            f"With the large rates the batch of 500 should fall behind the others, but its loss is only {ahead:.1f} times"
            " theirs. Are the lists in the order 5, 50, 500?"
        )
    return f"{apart:.0%} apart with the small rates; with the large ones, 500 images end at {ahead:.0f} times the loss."


def _step(optimizer, value, grad, **options):
    """What one step makes of a parameter."""
    parameter = Parameter("weights", np.array(value))
    parameter.grad = np.array(grad)
    optimizer.step([parameter], **options)
    return parameter.value


@exercise("3.2")
def _weight_decay(decaying_adam):
    w, g = np.array([2.0, -4.0]), np.array([0.5, 3.0])
    if not np.array_equal(_step(decaying_adam(RATE, 0.0), w, g), _step(Adam(RATE), w, g)):
        raise NotYet("With λ = 0 a step is not that of Adam.")
    still = _step(decaying_adam(RATE, DECAY), w, np.zeros(2))
    if np.allclose(still, w):
        raise NotYet("Without a gradient, values should shrink. They stay as they are.")
    if np.allclose(np.abs(still - w), RATE, rtol=1e-3):
        raise NotYet(
            "Without a gradient, all values shrink by the same *amount*, η. The decay went into the gradient, and Adam"
            " divided it by its own size."
        )
    if np.allclose(still, w * (1 - DECAY)):
        raise NotYet("The factor is 1 − λ. Which one was it to be?")
    if not np.allclose(still, w * (1 - RATE * DECAY)):
        raise NotYet(
            f"With η = {RATE}, λ = {DECAY} and no gradient, {w} became {still}: the factor should be 1 − ηλ for each."
        )
    expected = _step(Adam(RATE), w * (1 - RATE * DECAY), g)
    if not np.allclose(_step(decaying_adam(RATE, DECAY), w, g), expected):
        raise NotYet("With a gradient the result is off: first shrink, then let Adam take its step.")
    if not np.allclose(_step(decaying_adam(RATE, DECAY), w, np.zeros(2), scale=0.1), w * (1 - 0.1 * RATE * DECAY)):
        raise NotYet("A schedule scales η by the argument `scale` of `step`, so the decay should scale with it.")
    return "Now let validation say whether any λ is worth having."


@exercise("3.3")
def _threshold(threshold_for):
    confidence = np.array([0.99, 0.52, 0.97, 0.90, 0.95, 0.61, 0.85, 0.93, 0.70, 0.80])
    wrong = np.isin(confidence, [0.97, 0.61, 0.52])
    # surest first, the shares wrong are 0, 1/2, 1/3, 1/4, 1/5, 1/6, 1/7, 1/8, 2/9, 3/10
    found = float(threshold_for(confidence, wrong, 0.2))
    answered = confidence >= found
    if np.isclose(found, 0.99):
        raise NotYet(
            "It stops at the first mistake. Going on to less sure images can bring the share of mistakes down again."
        )
    if np.isclose(found, 0.61):
        raise NotYet("It counts mistakes among all images. The promise is about those that are *answered*.")
    if not answered.any():
        raise NotYet(f"The threshold {found:.2f} answers nothing: a network that is always silent helps nobody.")
    share = wrong[answered].mean()
    if share > 0.2:
        raise NotYet(f"Of the images with at least {found:.2f}, {share:.0%} are wrong: 20 % were allowed.")
    if answered.sum() < 8:
        raise NotYet(f"It answers {answered.sum()} of 10 images. More can be answered with at most 20 % wrong.")
    return "Set on validation images, it is a hope on others: measure it once on test."
