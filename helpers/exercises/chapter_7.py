"""Chapter 7: a judge of two libraries, and Adam as its paper writes it."""

import numpy as np

from helpers.exercises import NotYet, exercise


@exercise("7.1")
def _judge(judge):
    from helpers.checks.keras_bridge import to_keras
    from helpers.nn.network import Network

    network = Network.mlp(12, classes=3, seed=0, dtype="float64")
    rng = np.random.default_rng(0)
    x, y = rng.random((20, 12)), rng.integers(0, 3, 20)
    model = to_keras(network)
    equal = _three(judge(network, model, x, y))
    weights, bias = model.get_layer("head").get_weights()
    weights[5, 2] += 1e-6
    model.get_layer("head").set_weights([weights, bias])
    moved = _three(judge(network, model, x, y))
    for name, before, after in zip(("logits", "loss", "gradients"), equal, moved):
        if not before < 1e-10:
            raise NotYet(f"Twins are equal, but of their {name} it says {before:.1e}: are both sides the same thing?")
        if not after > 1e-10:
            raise NotYet(
                f"A weight of Keras's was moved, and of the {name} it still says {after:.1e}: what is compared?"
            )
    return "All three notice a millionth, because they agreed to so many digits before."


def _three(found):
    found = np.asarray(found, float)
    if found.shape != (3,):
        raise NotYet(
            f"It should return three numbers, for logits, loss and gradients; its answer has the shape {found.shape}."
        )
    return found


@exercise("7.2")
def _paper_step(step):
    rng = np.random.default_rng(0)
    w = ours = np.zeros(4)
    mean, square = np.zeros(4), np.zeros(4)
    means = mean, square
    for t in range(1, 4):
        grad = np.array([1e-6, 1.0, -2.0, 0.5]) * rng.uniform(0.5, 1.5, 4)
        mean, square = 0.9 * mean + 0.1 * grad, 0.999 * square + 0.001 * grad**2
        ours = ours - 0.002 * (mean / (1 - 0.9**t)) / (np.sqrt(square / (1 - 0.999**t)) + 1e-8)
        w, *means = step(w, grad, *means, t)
        if t == 1 and np.allclose(np.abs(w[1:]), 0.002 * 0.1 / np.sqrt(0.001), rtol=0.01):
            raise NotYet("The first step is three times too long: are both running means corrected?")
        if t == 1 and np.allclose(w[1:], ours[1:]) and abs(w[0]) < 0.9 * abs(ours[0]):
            raise NotYet("Right for large gradients, too short for one of a millionth: what is ε added to, and when?")
        if np.allclose(w, -ours):
            raise NotYet("It goes up the slope.")
        if not np.allclose(w, ours, rtol=1e-6):
            raise NotYet(f"After step {t} the weights should be {ours}, and are {w}.")
    return "Now let it run beside helpers.Adam, and look at the first step of the two."
