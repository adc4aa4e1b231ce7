"""Inside: what of a source does the target need, and in which of its layers is it?

Question
    A perceptron's first layer, frozen under a new top: is it each weight that helps, what training changed, a few
    directions of that change, or only statistics, which random weights could have as well? In a convolutional network:
    up to which layer does freezing pay, and are the layers above worth anything, with those below or without them?

Conditions
    Perceptron: the small network, 784-128-64, the labelled images as they are. hidden2 and head are new and learn. 3, 10
    and 100 labels a class, ten seeds; odd → even, even → odd, and the first six of the splits that were drawn by chance
    for `census`. Pieces differ in the first layer's values alone.
    Convolutional network: conv1, conv2, hidden and head, the labelled images with their shifts. Other digits: odd → even
    and even → odd, 3 and 10 labels a class, ten seeds. Letters: the first sixty tasks of `letters`, 1 and 5 labels, with
    its ten sources of all ten digits.
    The head is always new. All that is frozen trains by the setting that `settings` found for "frozen", so these runs
    differ in their layers alone. Dropout is off below the first layer that is trained.

Pieces
    With W the trained layer, W₀ the random values that its training started from, and G a matrix of standard normal
    numbers. The biases are one more row of W, the weights of a pixel that is always 1; that row of W₀ is zero. For each
    piece `inside_scales` chose, on validation images of other splits, how active it is: a multiple of W's root mean
    square of activations over the labelled images. No piece loses for its scale.

    trained         W
    start           W₀
    rank-1, -4, -16 W₀ + the best approximation of W − W₀ of that rank (singular value decomposition)
    change          W − W₀
    change+fresh    W − W₀ and other random values than W₀'s, of the same kind: does the change need its own start?
    fresh           those other random values alone
    moments         mean + deviation · G: for each pixel, the mean and the standard deviation of W over the units
    rotation        W · Q, Q a random orthogonal matrix: each unit is a mixture of all units, and W · Wᵀ stays as it is
    span            U · G, U an orthonormal basis of W's columns: the directions that W sees, all with equal weight
    data            R · G, where R · Rᵀ is the covariance of the source's training images; no biases

Layers
    The cut is the last frozen layer: conv1, conv2 or hidden. What lies above it is trained.

    new-top         the source's layers up to the cut, random ones above
    frozen          the source's layers, up to the cut and above
    torn            random layers up to the cut, the source's above
    random          random layers, up to the cut and above
    fine-tune       the source's layers, none frozen
    scratch         random layers, none frozen

Controls
    "fresh" and "start", for whatever is trained; "moments", "span" and "data", for what is more than statistics; "rotation",
    for single units. "random" is the control of "new-top" and of "torn", "scratch" that of all. Random layers are the same
    in all runs of a target and a seed.

Readout
    Pieces: `against` pairs by seed, and in `over_splits` a split is one repetition. Layers: `differences` gives those of
    `DIFFERENCES`, which were fixed before the first run, paired by seed or by task. Tasks share five alphabets and ten
    sources.

Cost
    About 12 minutes on one core for the perceptron and 40 for the convolutional network, beside the sources that `curves`
    and `letters` have trained.
"""

import functools
import itertools
from dataclasses import dataclass

import numpy as np

from helpers.evidence.statistics import mean_interval, paired_difference
from helpers.nn.layers import Dense
from helpers.nn.training import evaluate
from helpers.randomness import streams
from helpers.transfer.census import EVEN, ODD, others
from helpers.transfer.protocol import Trial, named, on_target, untrained_source
from helpers.transfer.recipes import FEW
from helpers.transfer.strategies import FACTORS
from studies import census, few, letters, methods
from studies.engine.study import Outcome, Study

TARGETS = census.SAMPLE[:8]  # the two that the series is about, and the first six that were drawn by chance
LABELS = 3, 10, 100
SEEDS = range(10)
CUTS = {1: "conv1", 2: "conv2", 3: "hidden"}
LABELS_OF_DIGITS, LABELS_OF_LETTERS = (3, 10), (1, 5)
TASKS = letters.TASKS[:60]


def low_rank(w, rank):
    """The best approximation of a matrix by one of this rank (Eckart and Young, 1936)."""
    left, values, right = np.linalg.svd(w, full_matrices=False)
    return (left[:, :rank] * values[:rank]) @ right[:rank]


def fresh(w, rng):
    """The values that a new layer of this size starts from."""
    return rows_of(Dense(len(w) - 1, w.shape[1], rng))


def moments(w, rng):
    """Random values with the mean and the deviation that the units of w have for each pixel."""
    return w.mean(axis=1, keepdims=True) + w.std(axis=1, keepdims=True) * rng.standard_normal(w.shape)


def rotation(size, rng):
    """A random orthogonal matrix, each as likely as any other (Mezzadri, 2007): (size, size)."""
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return q * np.sign(np.diag(r))


def span(w, rng):
    """Random mixtures of an orthonormal basis of w's columns."""
    basis, _, _ = np.linalg.svd(w, full_matrices=False)
    return basis @ rng.standard_normal((w.shape[1], w.shape[1]))


@functools.lru_cache(maxsize=2)
def covariance_root(digits):
    """A matrix R for which R · Rᵀ is the covariance of these digits' training images: (785, 785), zero for the bias."""
    images = methods.task(digits).train.inputs((784,))
    values, vectors = np.linalg.eigh(np.cov(images.T))
    return np.pad(vectors * np.sqrt(np.maximum(values, 0)), (0, 1))


PIECES = {  # functions of W and W₀, both (785, units), of the source's digits and a generator
    "trained": lambda w, start, digits, rng: w,
    "start": lambda w, start, digits, rng: start,
    "rank-1": lambda w, start, digits, rng: start + low_rank(w - start, 1),
    "rank-4": lambda w, start, digits, rng: start + low_rank(w - start, 4),
    "rank-16": lambda w, start, digits, rng: start + low_rank(w - start, 16),
    "change": lambda w, start, digits, rng: w - start,
    "change+fresh": lambda w, start, digits, rng: w - start + fresh(w, rng),
    "fresh": lambda w, start, digits, rng: fresh(w, rng),
    "moments": lambda w, start, digits, rng: moments(w, rng),
    "rotation": lambda w, start, digits, rng: w @ rotation(w.shape[1], rng),
    "span": lambda w, start, digits, rng: span(w, rng),
    "data": lambda w, start, digits, rng: covariance_root(digits) @ rng.standard_normal(w.shape),
}
# How active each piece is, as a multiple of the trained layer: what `inside_scales` found best on other splits.
MULTIPLES = {
    "trained": 1,
    "start": 1,
    "rank-1": 1,
    "rank-4": 1,
    "rank-16": 1,
    "change": 1,
    "change+fresh": 1,
    "fresh": 1,
    "moments": 1,
    "rotation": 1,
    "span": 1,
    "data": 1,
}
LAYERS = {  # the strategy of helpers.transfer that each of these is, and what it is told beside the cut
    "new-top": ("frozen", {"new_top": True}),
    "frozen": ("frozen", {}),
    "torn": ("frozen", {}),
    "random": ("random", {}),
    "fine-tune": ("fine-tune", {}),
    "scratch": ("scratch", {}),
}
# Strategy and cut, 0 for nothing frozen. Above the hidden layer is only the head, so all that is frozen up to there is one of two.
CONFIGURATIONS = (
    ("scratch", 0),
    ("fine-tune", 0),
    *itertools.product(("new-top", "random"), CUTS),
    *itertools.product(("frozen", "torn"), (1, 2)),
)


@dataclass(frozen=True, kw_only=True)
class InsideRun(few.FewRun):
    """A run of either network.

    Attributes
    ----------
    cut : int
        How many layers are frozen: of the perceptron one, of the convolutional network those up to a key of `CUTS`.
    option : str
        Of a piece, its activity as a multiple of the trained layer's; empty for the convolutional network.
    """

    cut: int
    option: str = ""


def runs():
    """All runs: those of the perceptron, then other digits, then letters."""
    for target, seed, labels, strategy in itertools.product(TARGETS, SEEDS, LABELS, PIECES):
        yield piece_run(target, seed, labels, strategy, MULTIPLES[strategy])
    for target, seed, labels in itertools.product((EVEN, ODD), SEEDS, LABELS_OF_DIGITS):
        yield from _layer_runs(others(target), target, seed, labels)
    for number, labels in itertools.product(TASKS, LABELS_OF_LETTERS):
        alphabet = letters.ALPHABETS[number % len(letters.ALPHABETS)]
        yield from _layer_runs(letters.DIGITS, f"{alphabet} {number}", number, labels)


def piece_run(target, seed, labels, strategy, multiple):
    """The run of a piece that is so many times as active as the trained layer."""
    return InsideRun(
        source=others(target),
        target=target,
        strategy=strategy,
        labels=labels,
        seed=seed,
        draw=seed,
        network="small",
        shifts=0,
        cut=1,
        option=f"{multiple:g}",
    )


def _layer_runs(source, target, seed, labels):
    for strategy, cut in CONFIGURATIONS:
        yield InsideRun(
            source="" if strategy in ("scratch", "random") else source,
            target=target,
            strategy=strategy,
            labels=labels,
            seed=seed,
            draw=seed,
            network="cnn",
            shifts=1,
            cut=cut,
        )


def matrix(network):
    """The weights of a network's first layer and, as the last row, its biases: float64 (785, units)."""
    return rows_of(network["hidden1"])


def rows_of(layer):
    """The weights of a Dense layer and, as the last row, its biases: float64 (inputs + 1, units)."""
    return np.vstack([layer.weights.value, layer.bias.value]).astype("float64")


def activity(values, part):
    """The root mean square of what a layer makes of a part's images, after the ReLU."""
    return np.sqrt(np.mean(np.maximum(part.inputs((784,), "float64") @ values[:-1] + values[-1], 0) ** 2))


def piece(run):
    """The trained layer of a run's source and the run's piece of it, not yet scaled: two arrays (785, units)."""
    trained = matrix(few.trained_source(run.source, run.seed, run.network))
    start = matrix(_untrained(run))
    [rng] = streams(run.seed, f"source {run.source} variants")
    return trained, PIECES[run.strategy](trained, start, run.source, rng)


def _untrained(run):
    """The network that the training of a run's source started from."""
    return untrained_source(methods.task(run.source).train, run.seed, few.NETWORKS[run.network])


def start_with_piece(run, part):
    """A network whose first layer is the run's piece, as active on a part as the run says; its top is to be new."""
    trained, values = piece(run)
    *weights, bias = values * (float(run.option) * activity(trained, part) / activity(values, part))
    network = _untrained(run)
    network["hidden1"].weights.value[...] = weights
    network["hidden1"].bias.value[...] = bias
    return network


def predict_with_piece(run, images):
    """The classes that the perceptron with a run's piece gives to a part's images, an int array (N,)."""
    part = methods.labelled(run)
    source, recipe = start_with_piece(run, part), few.NETWORKS[run.network]
    trial = Trial.few(source, part, run.seed, recipe, FEW[run.network]["frozen"])
    return trial.predict("frozen", images, new_top=True)


def parts(run):
    """The images that a run learns from, as they are, and those that it is measured on: two Parts."""
    if run.target.isdigit():
        return methods.labelled(run), methods.task(run.target).test
    learn, test = letters.task(run.seed)
    return letters.labelled(learn, int(run.labels)), test


def start_with_layers(run, part):
    """The network that a run of the convolutional network begins with, before its strategy renews what it renews."""
    if not run.source:
        return few.NETWORKS[run.network].network(part.classes, seed=0)
    source = few.trained_source(run.source, run.seed % letters.SOURCES, run.network)
    if run.strategy != "torn":
        return source
    layers, *_ = streams(on_target(named(part), run.seed), *FACTORS)
    torn, random = source.copy(), source.reinitialized(layers)  # the random values that "random" has
    for name in torn.names[: torn.names.index(CUTS[run.cut]) + 1]:
        for mine, new in zip(torn[name].parameters(), random[name].parameters()):
            mine.value = new.value
    return torn


def learn_layers(run, part):
    """The convolutional network that a run makes of a part."""
    strategy, options = LAYERS[run.strategy]
    if run.cut:
        options = {**options, "upto": CUTS[run.cut]}
    part = part.with_shifts() if run.shifts else part
    setting = FEW[run.network]["frozen" if run.cut else strategy]
    trial = Trial.few(start_with_layers(run, part), part, run.seed, few.NETWORKS[run.network], setting)
    return trial.learn(strategy, **options)


def measure(run):
    """The hits of one run."""
    if run.network == "small":
        test = methods.task(run.target).test
        return Outcome(predict_with_piece(run, test) == test.labels)
    part, test = parts(run)
    return Outcome(evaluate(learn_layers(run, part), test, threads=1).predictions == test.labels)


SHARE = {0: 1, 1: 0.4, 2: 0.06, 3: 0.02}  # of the time of a step, by the number of frozen layers


def seconds(run):
    """The estimate for one run on one core; the sources of the perceptron are included, the others are those of `curves`."""
    if run.network == "small":
        return 0.25
    batch = min(128, 5 * run.labels * 9)
    setting = FEW[run.network]["frozen" if run.cut else run.strategy]
    return SHARE[run.cut] * setting.steps * (batch + 5) * few.STEP["cnn"] + few.REST["cnn"]


def band(run):
    """By how much the accuracy of a run may differ on another machine."""
    return methods.band(run) if run.target.isdigit() else letters.band(run)


STUDY = Study(
    name="inside",
    question="What of a source does the target need, and in which of its layers is it?",
    revision=1,
    settings={
        **{f"{name} source": few.NETWORKS[name] for name in ("small", "cnn")},
        "small frozen": FEW["small"]["frozen"],
        **{f"cnn {strategy}": FEW["cnn"][strategy] for strategy in ("scratch", "fine-tune", "frozen")},
    },
    runs=tuple(runs()),
    measure=measure,
    seconds=seconds,
    band=band,
)


def against(table, other="trained", hits=None):
    """How each piece does beside another one, split by split.

    Parameters
    ----------
    table : pandas.DataFrame
        The perceptron's rows.
    other : str
    hits : object array, optional
        As `read_hits` gives them for the whole table; without them the test images are taken as given.

    Returns
    -------
    pandas.DataFrame
        A row for each strategy, labels and target: "value", "low" and "high", the mean paired difference with its 95 %
        interval over seeds and images; and "wins": in how many of these pairs it was better.
    """
    import pandas as pd

    groups = dict(list(table.sort_values("seed").groupby(["strategy", "labels", "target"])))
    rows = {}
    for (strategy, labels, target), ours in groups.items():
        if strategy != other:
            theirs = groups[other, labels, target]
            estimate = _difference(ours, theirs, hits)
            wins = np.count_nonzero(ours["test_accuracy"].to_numpy() > theirs["test_accuracy"].to_numpy())
            rows[strategy, labels, target] = {**estimate._asdict(), "wins": wins}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["strategy", "labels", "target"])


def _difference(ours, theirs, hits=None):
    """The mean paired difference of two groups of rows, whose seeds are in one order: an Estimate."""
    if not np.array_equal(ours["seed"], theirs["seed"]):
        raise ValueError(f"pairs need the same seeds, not {list(ours['seed'])} and {list(theirs['seed'])}")
    if hits is None:
        return paired_difference(ours["test_accuracy"], theirs["test_accuracy"])
    return paired_difference(np.stack(hits[ours.index]), np.stack(hits[theirs.index]))


def over_splits(differences):
    """What `against` says of all splits together.

    Parameters
    ----------
    differences : pandas.DataFrame
        As `against` gives them.

    Returns
    -------
    pandas.DataFrame
        A row for each strategy and labels: "value", "low" and "high", the mean with its 95 % interval, a split being one
        repetition; "better", "worse": in how many splits their own interval excludes 0; "wins" out of all pairs.
    """
    import pandas as pd

    rows = {}
    for key, splits in differences.groupby(level=["strategy", "labels"]):
        estimate = mean_interval(splits["value"])
        counts = {
            "better": (splits["low"] > 0).sum(),
            "worse": (splits["high"] < 0).sum(),
            "wins": splits["wins"].sum(),
        }
        rows[key] = {**estimate._asdict(), **counts}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["strategy", "labels"])


DIFFERENCES = {  # the first less the second, at the same cut where they have one
    "gain": ("new-top", "scratch"),  # of freezing these layers and no more
    "learned": ("new-top", "random"),  # what they have learned, as fixed features
    "above": ("frozen", "new-top"),  # what the source's layers above them add
    "above alone": ("torn", "random"),  # the same on random layers, which they do not know
    "fine-tuned": ("fine-tune", "scratch"),
}
LETTERS = "letters"


def differences(table, hits):
    """What layers are worth, for each cut.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study; rows of the perceptron are left out.
    hits : object array
        As `read_hits` gives them for the whole table.

    Returns
    -------
    pandas.DataFrame
        A row for each target ("letters" for all tasks together), labels, difference and cut: "value", "low" and "high", the
        mean paired difference with its 95 % interval, over seeds and images or over tasks, which have images of their own.
    """
    import pandas as pd

    table = table[table["network"] == "cnn"].sort_values("seed")
    table = table.assign(target=table["target"].where(table["target"].str.isdigit(), LETTERS))
    groups = dict(list(table.groupby(["target", "labels", "strategy", "cut"])))
    rows = {}
    for target, labels, first, cut in groups:
        for name, (strategy, second) in DIFFERENCES.items():
            if strategy == first:
                other = groups[target, labels, second, cut if (second, cut) in CONFIGURATIONS else 0]
                estimate = _difference(groups[target, labels, first, cut], other, None if target == LETTERS else hits)
                rows[target, labels, name, cut] = estimate._asdict()
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(["target", "labels", "difference", "cut"])
