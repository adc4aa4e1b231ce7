"""Labels: how many does transfer save, and against what?

Question
    From 1 to 1,000 labels a class, and with all of them: what does each way of transfer gain, over training from scratch
    and over the best method without transfer, and how many labels is that worth?

Conditions
    README's recipe, in both directions, ten seeds; each seed has a draw of labels of its own, in which fewer labels are
    among the more. 600 steps on few labels: from 300 to 1,200, validation accuracy hardly changed. With all labels, the
    recipe's epochs. The convolutional network has a study of its own, `labels_cnn`.

Controls
    Scratch; random layers frozen at each depth; softmax and kernel ridge regression on the pixels. The kernel is the best
    method without transfer from ten labels on, by validation: it is what "labels saved" is measured against. To tell
    rate from order, all layers are also tuned at a smaller rate, and after the head at the same rate.

Probes
    Where all but the head is frozen, and for softmax regression, training ends when the gradient's norm is below 1e-4;
    a run that does not get there is no row.

Readout
    Differences paired by seed, labels saved with their interval over seeds and images, share of errors removed: what
    `curve` gives goes into `helpers.evidence.statistics`.

Cost
    About 25 minutes on two cores.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from helpers.evidence.statistics import bootstrap
from helpers.evidence.tables import ALL
from helpers.transfer.baselines import KERNEL_DEPTH, KERNEL_RIDGE, PENALTY
from helpers.transfer.census import EVEN, ODD
from helpers.transfer.recipes import MLP, MODELS
from helpers.transfer.strategies import BASELINES
from studies.engine.study import Run, Study
from studies.methods import METHODS, WITH_SOURCE, band
from studies.methods import measure as measure_method

LABELS = 1, 3, 10, 30, 100, 300, 1000
STEPS = 600
WITH_ALL_LABELS = "scratch", "fine-tune", "frozen", "random"


@dataclass(frozen=True, kw_only=True)
class LabelsRun(Run):
    """The network is "mlp" or, in `labels_cnn`, "cnn"; empty for regression on the pixels."""

    network: str


def run_of(strategy, source, target, labels, seed, network):
    """One run, whose draw goes with its seed."""
    return LabelsRun(
        source=source if strategy in WITH_SOURCE else "",
        target=target,
        strategy=strategy,
        labels=labels,
        seed=seed,
        draw=seed,
        network="" if strategy in BASELINES else network,
    )


def runs():
    """All runs, direction by direction."""
    for source, target in ((ODD, EVEN), (EVEN, ODD)):
        for strategy, labels, seed in itertools.product(METHODS, LABELS, range(10)):
            yield run_of(strategy, source, target, labels, seed, "mlp")
        for strategy, seed in itertools.product(WITH_ALL_LABELS, range(10)):
            yield run_of(strategy, source, target, ALL, seed, "mlp")


def measure(run):
    """The hits of one run."""
    return measure_method(run, MODELS[run.network or "mlp"], STEPS)


SECONDS = {  # of one run on one core, the mean over the numbers of labels; the source's share included
    "mlp": {
        "scratch": 3.1,
        "fine-tune": 3.5,
        "fine-tune-slow": 3.2,
        "head-then-all": 2.6,
        "frozen": 1.1,
        "random": 0.8,
        "probe": 0.5,
        "random-probe": 0.2,
    },
    "cnn": {"scratch": 40, "fine-tune": 52, "frozen": 18, "random": 6, "probe": 8, "random-probe": 2},
    "": {"softmax": 0.6, "kernel": 2.0},
}


def seconds(run):
    """The estimate for one run."""
    return SECONDS[run.network][run.strategy] * (5 if run.labels == ALL else 1)


STUDY = Study(
    name="labels",
    question="How many labels does transfer save, and against what?",
    revision=1,
    settings={
        "mlp": f"{MLP}, {STEPS} steps",
        "probes": f"penalty {PENALTY}",
        "kernel": f"depth {KERNEL_DEPTH}, ridge {KERNEL_RIDGE}",
    },
    runs=tuple(runs()),
    measure=measure,
    seconds=seconds,
    band=band,
)


def curve(table, hits, strategy, target=EVEN):
    """The hits of a method from few labels to many, without all labels.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.
    hits : object array
        Of the whole table: see `tables.read_hits`.
    strategy, target : str

    Returns
    -------
    bool array, (seeds, labels, images)
        In the order of the seeds and of `LABELS`: for `bootstrap` and `labels_saved`.
    """
    wanted = (table["target"] == target) & (table["strategy"] == strategy)
    rows = table[wanted & (table["labels"] < ALL)].sort_values(["seed", "labels"])
    stacked = np.stack(hits[rows.index])
    return stacked.reshape(-1, len(LABELS), stacked.shape[1])


def error_curves(table, hits, strategies, reference, target=EVEN):
    """Test errors from few labels to many, with the interval of their difference to a reference.

    Parameters
    ----------
    table, hits, target
        As for `curve`.
    strategies : sequence of str
    reference : str
        One of them.

    Returns
    -------
    dict of str to float array, (3, labels), or (labels,) for the reference
        By strategy: the error, and where its 95 % interval of the paired difference to the reference, over seeds and
        images, would put it. What `plots.error_by_labels` draws.
    """
    of_reference = curve(table, hits, reference, target)
    reference_error = 1 - of_reference.mean(axis=(0, 2))
    errors = {}
    for strategy in strategies:
        of = curve(table, hits, strategy, target)
        more = [bootstrap(np.subtract, of_reference[:, i], of[:, i], seed=i) for i in range(len(LABELS))]
        errors[strategy] = reference_error + np.array(more).T
    return {**errors, reference: reference_error}
