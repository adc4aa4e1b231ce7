"""What `check` says: of every exercise's right answers, two at least, of wrong ones, and of open and broken ones."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from test_zoo import REFERENCE, all_in_one, rejects_everything

from helpers import SGD, Adam, Conv2D, Dense, Flatten, Network, ReLU, softmax_cross_entropy
from helpers.evidence.statistics import bootstrap, paired_difference
from helpers.evidence.tables import read_table
from helpers.exercises import CHECKS, check
from helpers.nn.convolution import MaxPool2D
from helpers.nn.losses import softmax
from helpers.transfer.census import others
from helpers.transfer.recipes import small_convnet

CASES = []


def right(number, *answer, said="", marks=()):
    CASES.append(pytest.param(number, "right", answer, said, marks=marks))


def wrong(number, said, *answer, marks=()):
    """`said` is in the hint: each mistake gets a word of its own."""
    CASES.append(pytest.param(number, "not yet", answer, said, marks=marks))


# 0.1: how many numbers are trained


def by_shape(network, trainable):
    return sum(int(np.prod(array.shape)) for name, array in network.items() if name in trainable)


right("0.1", lambda network, names: sum(network[name].size for name in names))
right("0.1", by_shape)
wrong("0.1", "It counted the arrays", lambda network, names: len(names))
wrong("0.1", "are the weights all", lambda network, names: sum(network[n].size for n in names if n[0] == "W"))
wrong("0.1", "What is `trainable` for?", lambda network, names: sum(a.size for a in network.values()))
wrong("0.1", "Add up by hand", lambda network, names: sum(len(network[name]) for name in names))

# 0.2: the head first, then everything

HEAD, ALL = ("W2", "b2"), ("W1", "b1", "W2", "b2")


def in_a_loop(train, network, x, y, epochs, seed):
    for trainable in (["b2", "W2"], list(ALL)):
        network = train(network, x, y, epochs=epochs // 2, seed=seed, trainable=trainable)
    return network


def from_the_start_again(train, network, x, y, epochs, seed):
    train(network, x, y, epochs // 2, seed, HEAD)
    return train(network, x, y, epochs // 2, seed)


def nothing_returned(train, network, x, y, epochs, seed):
    in_a_loop(train, network, x, y, epochs, seed)


right("0.2", in_a_loop)
right("0.2", lambda train, net, x, y, n, seed: train(train(net, x, y, n // 2, seed, HEAD), x, y, n - n // 2, seed))
wrong("0.2", "Where did that one's result go?", from_the_start_again)
wrong("0.2", "when is its turn?", lambda train, net, *rest: train(train(net, *rest), *rest, HEAD))
wrong("0.2", "100 epochs in all, not 50", lambda train, net, *rest: train(train(net, *rest, HEAD), *rest))
wrong("0.2", "1 times, not twice", lambda train, net, *rest: train(net, *rest, HEAD))
wrong("0.2", "What it returns is not the network", nothing_returned)

# 1.1: the label of the nearest example


def by_one_product(x, examples, labels):
    distances = (examples**2).sum(axis=1) - 2 * x @ examples.T
    return labels[distances.argmin(axis=1)]


def one_by_one(x, examples, labels):
    return [labels[np.linalg.norm(examples - image, axis=1).argmin()] for image in x]


right("1.1", by_one_product)
right("1.1", one_by_one)
wrong("1.1", "the numbers of the nearest", lambda x, e, y: ((x[:, None] - e) ** 2).sum(axis=2).argmin(axis=1))
wrong("1.1", "farthest away", lambda x, e, y: y[((x[:, None] - e) ** 2).sum(axis=2).argmax(axis=1)])
wrong("1.1", "shape ()", lambda x, e, y: y[0])

# 1.2: images that leaked


def by_their_bytes(examples, images):
    seen = {image.tobytes() for image in examples}
    return sum(image.tobytes() in seen for image in images)


def all_pairs(examples, images):
    return (examples[:, None] == images).all(axis=(2, 3)).any(axis=0).sum()


right("1.2", by_their_bytes)
right("1.2", all_pairs)
wrong("1.2", "it was counted once", lambda e, i: len({one.tobytes() for one in e} & {one.tobytes() for one in i}))
wrong("1.2", "in other places", lambda e, i: sum(np.array_equal(*pair) for pair in zip(e, i)))
wrong("1.2", "*every* pixel", lambda e, i: (e[:, None] == i).any(axis=(2, 3)).any(axis=0).sum())
wrong("1.2", "gave an array", lambda e, i: (e[:, None] == i).all(axis=(2, 3)).any(axis=0))
wrong("1.2", "where 3 of 4 images leaked", lambda e, i: 1 + by_their_bytes(e, i) if len(i) > 1 else 0)

# 1.3: how much too good the best of a hundred guessers looks


def on_fresh_images(images, rng, candidates=100):
    return rng.binomial(images, 0.2, candidates).max() / images - rng.binomial(100_000, 0.2) / 100_000


right("1.3", lambda images, rng: (rng.random((images, 100)) < 0.2).mean(axis=0).max() - 0.2)
right("1.3", on_fresh_images)
wrong("1.3", "By how much is it *too good*?", lambda n, rng: (rng.random((n, 100)) < 0.2).mean(axis=0).max())
wrong("1.3", "everybody's?", lambda n, rng: (rng.random((n, 100)) < 0.2).mean() - 0.2)

# 2.1: a leaky ReLU, forward and backward


def leaky(z):
    return np.where(z > 0, z, 0.01 * z)


def leaky_backward(z, grad):
    return grad * np.where(z > 0, 1, 0.01)


def leaky_backward_by_steps(z, grad):
    out = grad.copy()
    out[z <= 0] /= 100
    return out


right("2.1", leaky, leaky_backward)
right("2.1", lambda z: np.maximum(z, z / 100), leaky_backward_by_steps)
wrong("2.1", "Forward leaks, backward does not", leaky, lambda z, grad: grad * (z > 0))
wrong("2.1", "gives the slope alone", leaky, lambda z, grad: np.where(z > 0, 1, 0.01))
wrong("2.1", "the sign of the gradient", leaky, lambda z, grad: leaky(grad))
wrong("2.1", "plain ReLU", lambda z: np.maximum(z, 0), leaky_backward)
wrong("2.1", "both sides of zero", lambda z: np.maximum(z, z + 0.01), leaky_backward)
wrong("2.1", "does not agree with the slope of leaky", leaky, lambda z, grad: grad)
wrong("2.1", "shapes", leaky, lambda z, grad: grad.sum())

# 2.2: a penalty on weights


def penalty(loss, grads, params, strength, slope=1, on="W", in_loss=True):
    added = {name: slope * strength * params[name] * name.startswith(tuple(on)) for name in grads}
    loss += in_loss * strength / 2 * sum((params[name] ** 2).sum() for name in ("W1", "W2"))
    return loss, {name: grads[name] + added[name] for name in grads}


def in_place(loss, grads, params, strength):
    for name in ("W1", "W2"):
        loss += strength / 2 * np.vdot(params[name], params[name])
        grads[name] += strength * params[name]
    return loss, grads


right("2.2", penalty)
right("2.2", in_place)
wrong("2.2", "a bias changed", lambda *given: penalty(*given, on="Wb"))
wrong("2.2", "twice too large", lambda *given: penalty(*given, slope=2))
wrong("2.2", "still without its penalty", lambda *given: penalty(*given, in_loss=False))

# 2.3: any number of layers


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


right("2.3", deep)
right("2.3", deep_recursively)
wrong("2.3", "does the last layer have a ReLU?", lambda *given: deep(*given, last_relu=True))
wrong("2.3", "what lies between?", lambda *given: deep(*given, mask=False))
wrong("2.3", "the last layer's come first", lambda *given: deep(*given, order=1))

# 2.4: the error of a numeric slope


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


right("2.4", slope_error)
right("2.4", slope_error_by_arrays)
wrong("2.4", "both* sides", one_sided)
wrong("2.4", "still compute in float64", lambda dtype, h: slope_error(np.float64, h))
wrong("2.4", "the relative error should be", lambda dtype, h: slope_error(dtype, h) * 2)

# 2.5: the bug zoo

right("2.5", REFERENCE)
right("2.5", [all_in_one])
wrong("2.5", "0 of 12 caught", [])
wrong("2.5", "Of the next one we know", REFERENCE[:1])
wrong("2.5", "rejects_everything rejects the right network too", [*REFERENCE, rejects_everything])

# 3.1: a rate for each batch size, by the validation losses of six epochs


def falling_to(*ends):
    return [np.linspace(1.6, end, 6) for end in ends]


SLOW, FAST = falling_to(0.80, 0.81, 0.84), falling_to(0.2, 0.21, 0.9)
right("3.1", SLOW, FAST)
right("3.1", falling_to(0.5, 0.49, 0.52), falling_to(0.3, 0.1, 2.3))
wrong("3.1", "Has each batch its own rate", falling_to(0.3, 0.8, 1.5), FAST)
wrong("3.1", "has not helped even the small batches", SLOW, SLOW)
wrong("3.1", "in the order 5, 50, 500?", SLOW, FAST[::-1])
wrong("3.1", "six validation losses each", SLOW, [curve[-1] for curve in FAST])

# 3.2: Adam with weight decay


def decaying(factor=lambda rate, decay, scale: 1 - rate * decay * scale, afterwards=False):
    class DecayingAdam(Adam):
        def __init__(self, rate, decay):
            super().__init__(rate)
            self.decay = decay

        def step(self, parameters, scale=1.0):
            if afterwards:
                super().step(parameters, scale)
            for parameter in parameters:
                parameter.value *= factor(self.learning_rate, self.decay, scale)
            if not afterwards:
                super().step(parameters, scale)

    return DecayingAdam


class ByDifference(Adam):
    def __init__(self, rate, share):
        Adam.__init__(self, rate)
        self.share = share

    def step(self, parameters, scale=1.0):
        for parameter in parameters:
            parameter.value -= parameter.value * self.share * self.learning_rate * scale
        Adam.step(self, parameters, scale)


class IntoTheGradient(ByDifference):
    def step(self, parameters, scale=1.0):
        for parameter in parameters:
            parameter.grad = parameter.grad + self.share * parameter.value
        Adam.step(self, parameters, scale)


right("3.2", decaying())
right("3.2", ByDifference)
wrong("3.2", "Adam divided it by its own size", IntoTheGradient)
wrong("3.2", "The factor is 1 − λ.", decaying(lambda rate, decay, scale: 1 - decay))
wrong("3.2", "the decay should scale with it", decaying(lambda rate, decay, scale: 1 - rate * decay))
wrong("3.2", "first shrink, then let Adam", decaying(afterwards=True))
wrong("3.2", "They stay as they are.", lambda rate, decay: Adam(rate))
wrong("3.2", "not that of Adam", lambda rate, decay: SGD(rate))

# 3.3: the confidence below which a network declines


def by_sorting(confidence, wrong, share):
    order = np.argsort(-confidence)
    most = np.flatnonzero(np.cumsum(wrong[order]) <= share * np.arange(1, len(order) + 1)).max()
    return confidence[order][most]


def until_the_first_mistake(confidence, wrong, share):
    order = np.argsort(-confidence)
    return confidence[order][np.argmax(wrong[order]) - 1]


right("3.3", by_sorting)
right("3.3", lambda sure, wrong, share: min(one for one in sure if wrong[sure >= one].mean() <= share))
wrong("3.3", "stops at the first mistake", until_the_first_mistake)
wrong(
    "3.3", "all images", lambda sure, wrong, share: min(one for one in sure if (wrong & (sure >= one)).mean() <= share)
)
wrong("3.3", "20 % were allowed", lambda sure, wrong, share: np.quantile(sure, 1 - share))
wrong("3.3", "More can be answered", lambda sure, wrong, share: 1 - share)
wrong("3.3", "answers nothing", lambda sure, wrong, share: 1.0)

# 4.1: what freezing the middle saves

A, B, C = 784 * 512, 512 * 128, 128 * 5  # the weights of the three layers
right("4.1", 2 * A + 2 * B + 3 * C, ["hidden1", "head"], said="Seven per cent")
right("4.1", 3 * (A + B + C) - A - B, ("head", "hidden1"), said="Seven per cent")
wrong("4.1", "the work with only hidden1 frozen", A + 2 * B + 3 * C, ["hidden2", "head"])
wrong("4.1", "both hidden layers frozen", A + B + 2 * C, ["head"])
wrong("4.1", "nothing frozen", 2 * A + 3 * B + 3 * C, ["hidden1", "head"])
wrong("4.1", "without δWᵀ", 2 * A + B + 3 * C, ["hidden1", "head"])
wrong("4.1", "layer by layer", 1_000_000, ["hidden1", "head"])
wrong("4.1", "it was not frozen", 2 * A + 2 * B + 3 * C, ["hidden1", "hidden2", "head"])
wrong("4.1", "leaves hidden1 as it was", 2 * A + 2 * B + 3 * C, ["head"])

# 4.2: another pair of tasks, by the accuracies of each seed

FROZEN, OTHERS = [0.91, 0.9, 0.92], ([0.9, 0.9, 0.91], [0.91, 0.89, 0.92], [0.92, 0.91, 0.93])
BEHIND = (0.9, 0.91, 0.89, 0.9), (0.9, 0.91, 0.9, 0.9), (0.9, 0.9, 0.9, 0.91)
right("4.2", FROZEN, *OTHERS, said="+0.7 points in the mean, with 2 of 3 seeds")
right("4.2", (0.88, 0.9, 0.9, 0.87), *BEHIND, said="1 of 4")
wrong("4.2", "the other's first layer", FROZEN, FROZEN, *OTHERS[1:])
wrong("4.2", "On which task's validation images?", [0.2, 0.21, 0.19], *OTHERS)
wrong("4.2", "too good for 30 labels", [0.99, 0.98, 0.985], *OTHERS)
wrong("4.2", "shares from 0 to 1", [91, 90, 92], *OTHERS)
wrong("4.2", "one accuracy for each seed", FROZEN[:2], *OTHERS)
wrong("4.2", "the same accuracy with every seed", [0.9, 0.9, 0.9], *OTHERS)

# 4.3: a slow rate for the body, a fast one for the head


def body_and_head(network, slow, fast):
    head = network["head"].parameters()
    slow.step([parameter for parameter in network.parameters() if parameter not in head])
    fast.step(head)


def by_position(network, slow, fast):
    *body, weights, bias = network.parameters()
    fast.step([weights, bias])
    slow.step(body)


def everything_and_head(network, slow, fast):
    slow.step(network.parameters())
    fast.step(network["head"].parameters())


def weights_alone(network, slow, fast):
    fast.step([network["head"].weights])
    slow.step([network[name].weights for name in network if name.startswith("hidden")])


right("4.3", body_and_head, said="The head may run")
right("4.3", by_position, said="The head may run")
wrong("4.3", "stepped by both optimizers", everything_and_head)
wrong("4.3", "Biases are parameters too", weights_alone)
wrong("4.3", "exchanged", lambda network, slow, fast: body_and_head(network, fast, slow))
wrong("4.3", "Nothing has moved", lambda network, slow, fast: None)
wrong("4.3", "moved by", lambda network, slow, fast: [body_and_head(network, slow, fast) for _ in range(2)])

# 5.1: a ranking of the methods


def by_mean(target, labels=10):
    table = read_table("labels")
    rows = table[(table["target"] == target) & (table["labels"] == labels)]
    return rows.groupby("strategy")["test_accuracy"].mean().sort_values(ascending=False).index


def by_hand(target):
    found = {}
    for row in read_table("labels").itertuples():
        if row.target == target and row.labels == 10:
            found.setdefault(row.strategy, []).append(row.test_accuracy)
    return sorted(found, key=lambda name: -np.mean(found[name]))


right("5.1", by_mean)
right("5.1", by_hand)
wrong("5.1", "The worst method comes first", lambda target: by_mean(target)[::-1])
wrong("5.1", "the ranking of the other direction", lambda target: by_mean("02468"))
wrong("5.1", "It ranks 5 names", lambda target: by_mean(target)[:5])

# 5.3: the interval of a difference of two estimates


def by_halves(there, back):
    half = np.hypot(there[2] - there[1], back[2] - back[1]) / 2
    return there[0] - back[0] - half, there[0] - back[0] + half


def by_standard_errors(there, back):
    errors = [(high - low) / 2 / 1.96 for _, low, high in (there, back)]
    both = 1.96 * np.sqrt(np.sum(np.square(errors)))
    return [there[0] - back[0] + sign * both for sign in (-1, 1)]


right("5.3", by_halves)
right("5.3", by_standard_errors)
wrong("5.3", "must the luck of both be the same?", lambda there, back: (there[1] - back[1], there[2] - back[2]))
wrong("5.3", "in opposite ways, every time?", lambda there, back: (there[1] - back[2], there[2] - back[1]))

# 5.4: a p-value by flipping signs


def by_product(differences, size=abs):
    signs = np.array(list(product((1, -1), repeat=len(differences))))
    return np.mean(size(signs @ differences) >= abs(differences.sum()) - 1e-12)


def by_bits(differences):
    count, extreme = len(differences), 0
    for pattern in range(2**count):
        total = sum(value if pattern >> place & 1 else -value for place, value in enumerate(differences))
        extreme += abs(total) >= abs(sum(differences)) - 1e-12
    return extreme / 2**count


right("5.4", by_product)
right("5.4", by_bits)
wrong("5.4", "is a mean of −1 not as far from zero?", lambda differences: by_product(differences, size=np.positive))
wrong("5.4", "there are only 1,024 patterns", lambda differences: 0.0)

# 6.1: the parameters and the work of each layer


def by_shapes(network):
    table = {}
    for name, layer, shape in zip(network.names, network.layers, network.output_shapes):
        if layer.parameters():
            weights = layer.parameters()[0].value.size
            table[name] = (weights + shape[-1], weights * int(np.prod(shape[:-1])))
    return table


def by_kinds(network):
    found = {}
    for name, shape in zip(network.names, network.output_shapes):
        layer = network[name]
        if isinstance(layer, (Conv2D, Dense)):
            places = shape[0] * shape[1] if isinstance(layer, Conv2D) else 1
            found[name] = sum(p.value.size for p in layer.parameters()), places * layer.weights.value.size
    return found


def altered(change):
    return lambda network: {name: change(*pair) for name, pair in by_shapes(network).items()}


right("6.1", by_shapes)
right("6.1", by_kinds)
wrong("6.1", "At how many places", altered(lambda parameters, work: (parameters, parameters - parameters % 8)))
wrong("6.1", "Are these all of its parameters?", altered(lambda parameters, work: (parameters // 26 * 25, work)))

# 6.2: average pooling


def by_reshape(x):
    count, height, width, channels = x.shape
    return x.reshape(count, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))


def by_slices(x):
    return (x[:, ::2, ::2] + x[:, 1::2, ::2] + x[:, ::2, 1::2] + x[:, 1::2, 1::2]) / 4


def by_repeat(delta):
    return delta.repeat(2, axis=1).repeat(2, axis=2) / 4


right("6.2", by_reshape, by_repeat)
right("6.2", by_slices, lambda delta: np.kron(delta, np.full((1, 2, 2, 1), 0.25)))
wrong("6.2", "the largest value of each block", MaxPool2D(2).forward, by_repeat)
wrong("6.2", "Four times too large", by_reshape, lambda delta: 4 * by_repeat(delta))

# 6.3: a stride instead of pooling


def strided(classes, seed, stride=2, padding="same", rows=7, bend="relu"):
    rng = np.random.default_rng(seed)
    layers = [
        ("conv1", Conv2D(1, 8, 5, seed=rng, stride=stride, padding=padding)),
        (f"{bend}1", ReLU()),
        ("conv2", Conv2D(8, 16, 5, seed=rng, stride=stride, padding=padding)),
        (f"{bend}2", ReLU()),
        ("flatten", Flatten()),
        ("hidden", Dense(rows * rows * 16, 64, rng)),
        (f"{bend}3", ReLU()),
        ("head", Dense(64, classes, rng)),
    ]
    return Network(layers, (28, 28, 1))


right("6.3", strided)
right("6.3", lambda classes, seed: strided(classes, seed, bend="bend"))
wrong("6.3", "still pooling", small_convnet)
wrong("6.3", "who halves the picture now?", lambda classes, seed: strided(classes, seed, stride=1, rows=28))
wrong("6.3", "28 becomes 14", lambda classes, seed: strided(classes, seed, padding="valid", rows=4))

# 7.1: a judge of two libraries


def relative(ours, theirs):
    return np.abs(ours - np.asarray(theirs)).max() / np.abs(ours).max()


def with_tape(network, model, x, y):
    import tensorflow as tf

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
    """Without a tape: the gradient of a single layer is known."""
    (W, b), z = model.get_layer("head").get_weights(), network.forward(x, training=True)
    theirs = softmax(x @ W + b)
    loss, delta = softmax_cross_entropy(z, y)
    network.backward(delta)
    their_loss = -np.log(theirs[np.arange(len(y)), y]).mean()
    their_slopes = x.T @ (theirs - np.eye(W.shape[1])[y]) / len(y)
    return [relative(z, x @ W + b), abs(loss - their_loss) / loss, relative(network["head"].weights.grad, their_slopes)]


def logits_with_probabilities(network, model, x, y):
    return relative(network.forward(x), softmax(np.asarray(model(x)))), 0.0, 0.0


KERAS = {"marks": pytest.mark.needs_tensorflow}
right("7.1", with_tape, **KERAS)
right("7.1", by_formula, **KERAS)
wrong("7.1", "It should return three numbers", lambda *given: with_tape(*given)[0], **KERAS)
wrong("7.1", "Twins are equal, but of their logits", logits_with_probabilities, **KERAS)
wrong("7.1", "was moved, and of the gradients it still says 0", lambda *given: [*by_formula(*given)[:2], 0], **KERAS)

# 7.2: Adam as its paper writes it


def as_in_the_paper(w, grad, mean, square, t, eta=0.002, b1=0.9, b2=0.999, epsilon=1e-8, corrected=True):
    mean, square = b1 * mean + (1 - b1) * grad, b2 * square + (1 - b2) * grad**2
    one, two = (1 - b1**t, 1 - b2**t) if corrected else (1, 1)
    return w - eta * (mean / one) / (np.sqrt(square / two) + epsilon), mean, square


def with_one_rate(w, grad, mean, square, t, eta=0.002, b1=0.9, b2=0.999, epsilon=1e-8, outside=False):
    """The same, with the corrections drawn into the rate and into ε, or into the rate alone, as in Keras."""
    mean += (1 - b1) * (grad - mean)
    square += (1 - b2) * (grad * grad - square)
    root = (1 - b2**t) ** 0.5
    return w - eta * root / (1 - b1**t) * mean / (square**0.5 + epsilon * (1 if outside else root)), mean, square


right("7.2", as_in_the_paper)
right("7.2", with_one_rate)
wrong("7.2", "are both running means corrected?", lambda *given: as_in_the_paper(*given, corrected=False))
wrong("7.2", "what is ε added to, and when?", lambda *given: with_one_rate(*given, epsilon=1e-7, outside=True))

# 8.1: the gain of each split's reverse

right("8.1", lambda gains: gains.loc[[others(target) for target in gains.index]])
right(
    "8.1", lambda gains: gains.to_numpy()[::-1]
)  # in order, a split is as far from one end as its reverse from the other
wrong("8.1", "That is the gain of each split itself", lambda gains: gains)
wrong("8.1", "252 reverses", lambda gains: gains[:126])

# 8.2: do hard targets gain more?


def run_by_run(scratch, tuned):
    pairs = [(one, other) for one in range(6) for other in range(6) if one != other]
    return np.mean([np.corrcoef(scratch[:, one], (tuned - scratch)[:, other])[0, 1] for one, other in pairs])


right("8.2", lambda s, t: np.corrcoef(s[:, 3:].mean(axis=1), (t - s)[:, :3].mean(axis=1))[0, 1])
right("8.2", run_by_run)
wrong("8.2", "which number is in both", lambda s, t: np.corrcoef(s.mean(axis=1), (t - s).mean(axis=1))[0, 1])
wrong("8.2", "are both axes about the same split?", lambda s, t: np.corrcoef(s[:, 0], (t - s)[::-1, 1])[0, 1])

# 8.3: how often an interval from n splits holds the truth


def with_pairs(population, n, rng):
    draws = [rng.choice(population, n, replace=False) for _ in range(1000)]
    intervals = [paired_difference(values, 0 * values) for values in draws]
    return np.mean([found.low <= population.mean() <= found.high for found in intervals])


def by_t(population, n, rng, replace=False, factor=None):
    values = np.array([rng.choice(population, n, replace=replace) for _ in range(1000)])
    half = (factor or {2: 12.706, 12: 2.201, 126: 1.979}[n]) * values.std(axis=1, ddof=1) / np.sqrt(n)
    return np.mean(abs(values.mean(axis=1) - population.mean()) <= half)


right("8.3", with_pairs)
right("8.3", by_t)
wrong("8.3", "one degree of freedom", lambda *given: by_t(*given, factor=1.96))
wrong("8.3", "be drawn twice?", lambda *given: by_t(*given, replace=True))

# 9.1: a layer made louder


def by_parameters(network, factor):
    loud = network.copy()
    for parameter in loud["hidden1"].parameters():
        parameter.value *= factor
    return loud


def by_names(network, factor):
    loud = network.astype("float64").astype("float32")
    loud["hidden1"].weights.value *= factor
    loud["hidden1"].bias.value[...] = factor * network["hidden1"].bias.value
    return loud


def without_a_copy(network, factor):
    for parameter in network["hidden1"].parameters():
        parameter.value *= factor
    return network


def weights_only(network, factor):
    loud = network.copy()
    loud["hidden1"].weights.value *= factor
    return loud


right("9.1", by_parameters)
right("9.1", by_names)
wrong("9.1", "has changed the network that it was given", without_a_copy)
wrong("9.1", "what is added to xW?", weights_only)

# 9.2: a change without its first directions


def by_rest(change, first, sized=True):
    left, sizes, right = np.linalg.svd(change, full_matrices=False)
    return (left[:, first:] * (sizes[first:] if sized else 1)) @ right[first:]


def by_projection(change, first):
    left = np.linalg.svd(change)[0][:, :first]
    return change - left @ (left.T @ change)


right("9.2", by_rest)
right("9.2", by_projection)
wrong("9.2", "These are the first two directions", lambda change, first: change - by_rest(change, first))
wrong("9.2", "where are the singular values?", lambda change, first: by_rest(change, first, sized=False))

# 9.3: intervals without and with the images


def by_helpers(one, other):
    return paired_difference(one.mean(axis=1), other.mean(axis=1))[1:], bootstrap(np.subtract, one, other, seed=0)[1:]


def by_drawing(one, other):
    rng, difference = np.random.default_rng(0), one.astype(float) - other
    seeds, images = difference.shape
    alone, both = [], []
    for _ in range(1000):
        rows = difference[rng.integers(seeds, size=seeds)]
        alone.append(rows.mean())
        both.append(rows[:, rng.integers(images, size=images)].mean())
    return [np.quantile(found, [0.025, 0.975]) for found in (alone, both)]


def unpaired(one, other):
    value = one.mean() - other.mean()
    return (value - 0.04, value + 0.04), by_helpers(one, other)[1]


right("9.3", by_helpers)
right("9.3", by_drawing)
wrong("9.3", "subtract within each seed first", unpaired)
wrong("9.3", "takes the images as given", lambda one, other: [by_helpers(one, other)[0]] * 2)


@pytest.mark.parametrize("number, verdict, answer, said", CASES)
def test_an_answer_gets_its_word(number, verdict, answer, said, capsys):
    check(number, *answer)
    printed = capsys.readouterr().out
    assert printed.startswith(f"{number}: {verdict}. ") and said in printed


def test_every_exercise_is_tried_with_two_right_answers_and_two_wrong_ones():
    with pytest.raises(ValueError, match="there is no exercise '0.9' to check; there are 0.1, 0.2, 1.1"):
        check("0.9", 1)  # which has read all chapters
    tried = Counter(case.values[:2] for case in CASES)
    assert min(tried[number, verdict] for number in CHECKS for verdict in ("right", "not yet")) >= 2


def test_open_and_broken_answers(capsys):
    check("0.1", ...)
    assert capsys.readouterr().out.startswith("0.1: still open. Replace the dots")
    check("0.1", lambda *given: 1 / 0)
    assert capsys.readouterr().out == "0.1: not yet. Your answer raised ZeroDivisionError: division by zero\n"
