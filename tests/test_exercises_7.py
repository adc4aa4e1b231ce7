"""Chapter 7's exercises: two right answers each, and two wrong ones that get a word of their own."""

import numpy as np
import pytest

from helpers.exercises import check
from helpers.nn.losses import softmax, softmax_cross_entropy

tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")


def relative(ours, theirs):
    return np.abs(ours - np.asarray(theirs)).max() / np.abs(ours).max()


def with_tape(network, model, x, y):
    loss_function = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64")
    with tf.GradientTape() as tape:
        logits = model(x, training=True)
        loss = loss_function(y, logits)
    theirs = tape.gradient(loss, model.trainable_variables)
    our_loss, delta = softmax_cross_entropy(network.forward(x, training=True), y)
    network.backward(delta)
    gradients = [relative(ours.grad, grad) for ours, grad in zip(network.parameters(), theirs)]
    return relative(network.forward(x), logits), abs(our_loss - float(loss)) / our_loss, max(gradients)


def by_formula(network, model, x, y):
    """Without a tape: of one layer the gradient is known."""
    (W, b), z = model.get_layer("head").get_weights(), network.forward(x, training=True)
    theirs = x @ W + b
    loss, delta = softmax_cross_entropy(z, y)
    network.backward(delta)
    their_delta = (softmax(theirs) - np.eye(W.shape[1])[y]) / len(y)
    their_loss = -np.log(softmax(theirs)[np.arange(len(y)), y]).mean()
    return [
        relative(z, theirs),
        abs(loss - their_loss) / loss,
        relative(network["head"].weights.grad, x.T @ their_delta),
    ]


def logits_with_probabilities(network, model, x, y):
    return relative(network.forward(x), softmax(np.asarray(model(x)))), 0.0, 0.0


def own_gradients_twice(network, model, x, y):
    logits, loss, _ = with_tape(network, model, x, y)
    return logits, loss, 0.0


def as_in_the_paper(w, grad, mean, square, t, eta=0.002, b1=0.9, b2=0.999, epsilon=1e-8):
    mean, square = b1 * mean + (1 - b1) * grad, b2 * square + (1 - b2) * grad**2
    return w - eta * (mean / (1 - b1**t)) / (np.sqrt(square / (1 - b2**t)) + epsilon), mean, square


def with_one_rate(w, grad, mean, square, t, eta=0.002, b1=0.9, b2=0.999, epsilon=1e-8):
    """The same, with the corrections drawn into the rate and into ε."""
    mean += (1 - b1) * (grad - mean)
    square += (1 - b2) * (grad * grad - square)
    root = (1 - b2**t) ** 0.5
    return w - eta * root / (1 - b1**t) * mean / (square**0.5 + epsilon * root), mean, square


def uncorrected(w, grad, mean, square, t, eta=0.002, b1=0.9, b2=0.999, epsilon=1e-8):
    mean, square = b1 * mean + (1 - b1) * grad, b2 * square + (1 - b2) * grad**2
    return w - eta * mean / (np.sqrt(square) + epsilon), mean, square


def as_in_keras(w, grad, mean, square, t, eta=0.002, b1=0.9, b2=0.999, epsilon=1e-7):
    mean, square = b1 * mean + (1 - b1) * grad, b2 * square + (1 - b2) * grad**2
    return w - eta * (1 - b2**t) ** 0.5 / (1 - b1**t) * mean / (np.sqrt(square) + epsilon), mean, square


@pytest.mark.parametrize(
    "number, answer", [("7.1", with_tape), ("7.1", by_formula), ("7.2", as_in_the_paper), ("7.2", with_one_rate)]
)
def test_right_answers(number, answer, capsys):
    check(number, answer)
    assert capsys.readouterr().out.startswith(f"{number}: right. ")


@pytest.mark.parametrize(
    "number, answer, said",
    [
        ("7.1", lambda *arguments: with_tape(*arguments)[0], "It should return three numbers"),
        ("7.1", logits_with_probabilities, "Twins are equal, but of their logits"),
        ("7.1", own_gradients_twice, "was moved, and of the gradients it still says 0"),
        ("7.2", uncorrected, "are both running means corrected?"),
        ("7.2", as_in_keras, "what is ε added to, and when?"),
    ],
)
def test_wrong_answers_get_a_word_of_their_own(number, answer, said, capsys):
    check(number, answer)
    printed = capsys.readouterr().out
    assert printed.startswith(f"{number}: not yet. ") and said in printed
