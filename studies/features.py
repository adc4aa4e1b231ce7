"""Features: what is inside a transferred layer? The layer is taken apart, and each piece is tried in its place.

Question
    The first layer of a source is frozen under a new top. What of it does the target need: each weight, what training
    changed, a few directions of that change, or only its statistics, which random weights could have as well?

Conditions
    The census's small network, 784-128-64, and its sources of eight epochs; hidden2 and head are new and learn for 300
    steps. 3, 10 and 100 labels a class, ten seeds; odd → even, even → odd, and the first six of the splits that were drawn
    by chance for the census. Variants differ in the layer's values alone.

Variants
    With W the trained layer, W₀ the random values that its training started from, and G a matrix of standard normal
    numbers. The biases are one more row of W, the weights of a pixel that is always 1; that row of W₀ is zero. Each is
    multiplied by the number that gives it W's root mean square of activations over the target's labelled images: the top
    sees one scale. It matters: at four times that scale all lost four points or more with 3 labels (validation images of
    three other splits, two seeds), though "change" and "trained" stayed within half a point of each other.

    trained         W
    start           W₀
    rank-1, -4, -16 W₀ + the best approximation of W − W₀ of that rank (singular value decomposition)
    change          W − W₀
    change+fresh    W − W₀ and other random values than W₀'s, of the same kind: does the change need its own start?
    fresh           those other random values alone
    moments         mean + deviation · G: for each pixel, the mean and the standard deviation of W over the units
    mixture         W · G: each unit is a random mixture of all units, so W · Wᵀ is kept and no unit is
    data            R · G, where R · Rᵀ is the covariance of the source's training images; no biases

Controls
    "fresh" and "start", for whatever is trained; "moments", "mixture" and "data", for what is more than statistics.

Readout
    `against` and `over_splits`: paired by seed. In a trial, four draws, "change" beat "trained" every time at 3 and at 10
    labels: was that luck? Three counts of labels × ten variants make 30 comparisons with "trained".

Cost
    About 10 minutes on one core.
"""

import itertools

from helpers.randomness import streams
from helpers.transfer.protocol import Trial, untrained_source
from helpers.transfer.recipes import SMALL
from studies import census, inside, methods
from studies.engine.study import Outcome, Run, Study
from studies.inside import LABELS, TARGETS, activity, against, covariance_root, matrix, over_splits  # noqa: F401 (for chapter 9)

RECIPE, STEPS = SMALL, census.STEPS["small"]


VARIANTS = {  # functions of W and W₀, both (785, units), of the source's digits and a generator
    **{name: piece for name, piece in inside.PIECES.items() if name not in ("rotation", "span", "data")},
    "mixture": lambda w, start, digits, rng: w @ rng.standard_normal((w.shape[1], w.shape[1])),
    "data": inside.PIECES["data"],
}


def runs():
    """All runs, split by split."""
    for target, seed, labels, strategy in itertools.product(TARGETS, range(10), LABELS, VARIANTS):
        source = census.others(target)
        yield Run(source=source, target=target, strategy=strategy, labels=labels, seed=seed, draw=seed)


def variant(run, part):
    """The layer of a run: (785, units), as `matrix` gives it, with the activity of the trained one on a part."""
    trained = matrix(methods.trained_source(run.source, run.seed, RECIPE))
    start = matrix(untrained_source(methods.task(run.source).train, run.seed, RECIPE))
    [rng] = streams(run.seed, f"source {run.source} variants")
    values = VARIANTS[run.strategy](trained, start, run.source, rng)
    return values * (activity(trained, part) / activity(values, part))


def measure(run):
    """The hits of one run."""
    part, test = methods.labelled(run), methods.task(run.target).test
    source = untrained_source(methods.task(run.source).train, run.seed, RECIPE)
    *weights, bias = variant(run, part)
    source["hidden1"].weights.value[...] = weights
    source["hidden1"].bias.value[...] = bias
    return Outcome(Trial(source, part, run.seed, RECIPE, STEPS).predict("frozen", test, new_top=True) == test.labels)


def band(run):
    """By how much the accuracy of a run may differ on another machine.

    Measured with another processor's kernels, as `methods.band` was: 66 runs, two splits, differed by up to 0.0006.
    """
    return 0.01


def seconds(run):
    """The estimate for one run on one core, the source's share included."""
    return 0.2


STUDY = Study(
    name="features",
    question="What is inside a transferred layer? Its values, what training changed, or their statistics",
    revision=1,
    settings={"network": RECIPE, "steps": STEPS},
    runs=tuple(runs()),
    measure=measure,
    seconds=seconds,
    band=band,
)
