"""Inside, scales: how active should each piece of a layer be? On validation images of other splits.

Question
    `inside` puts pieces of a trained layer in its place, under a new top whose rate and steps are the same for all. A
    piece that makes larger or smaller numbers than the trained layer would win or lose for that alone. At which scale is
    each piece, the trained layer included, at its best?

Conditions
    The three splits of `settings`, none of which is in `inside`; three seeds, each with a source, a draw and an order of
    images of its own; 3, 10 and 100 labels a class, the images as they are. The same seven candidates for every piece:
    multiples of the trained layer's root mean square of activations over the labelled images.

Rule
    A piece has one multiple: what is best in the mean over splits, seeds and labels. It may not be the smallest or the
    largest that was tried. `inside.MULTIPLES` holds it, and a test compares the two.

Cost
    About 7 minutes on one core.
"""

import itertools

from helpers.transfer.recipes import FEW
from studies import few, inside, methods, settings
from studies.engine.study import Outcome, Study

MULTIPLES = 0.0625, 0.125, 0.25, 0.5, 1, 2, 4
SEEDS = range(3)


def runs():
    """All runs, split by split."""
    for target, seed, labels, strategy, multiple in itertools.product(
        settings.TARGETS, SEEDS, inside.LABELS, inside.PIECES, MULTIPLES
    ):
        yield inside.piece_run(target, seed, labels, strategy, multiple)


def measure(run):
    """The hits of one run on validation images."""
    validation = methods.task(run.target).validation
    return Outcome(inside.predict_with_piece(run, validation) == validation.labels)


def seconds(run):
    """The estimate for one run on one core, the source's share included."""
    return 0.18


STUDY = Study(
    name="inside_scales",
    question="How active should each piece of a layer be? On validation images of other splits",
    revision=1,
    settings={"small source": few.NETWORKS["small"], "small frozen": FEW["small"]["frozen"]},
    runs=tuple(runs()),
    measure=measure,
    seconds=seconds,
    band=inside.band,
    accuracy="validation_accuracy",
)


def chosen(table):
    """The multiple that is best for each piece: a dict, as `inside.MULTIPLES` is to be.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.
    """
    means = table.groupby(["strategy", "option"])["validation_accuracy"].mean().unstack()
    return {strategy: float(means.loc[strategy].idxmax()) for strategy in inside.PIECES}
