"""Labels for a convolutional network: how many does transfer save there, and do convolutions travel further?

Question
    As in `labels`. And is more of what a source has learned worth keeping if it is convolutions?

Conditions
    The convolutional recipe, odd → even, five seeds; images, streams and steps as in `labels`, seed by seed.

Controls
    Scratch and random layers, as in `labels`. Frozen convolutions leave most of this network's weights to be trained, and
    the perceptron's frozen first layer leaves few. So both are also compared with only their heads trained, "probe" and
    "random-probe", which retrain equally little.

Readout
    Differences paired by seed, within this table and with `labels`.

Cost
    About 15 minutes on two cores.
"""

import itertools
from dataclasses import replace

from helpers.transfer.baselines import PENALTY
from helpers.transfer.recipes import CNN
from studies import labels
from studies.labels import EVEN, ODD, STEPS

STRATEGIES = "scratch", "fine-tune", "frozen", "random", "probe", "random-probe"


def runs():
    """All runs, strategy by strategy."""
    for strategy, count, seed in itertools.product(STRATEGIES, (10, 100, 1000), range(5)):
        yield labels.run_of(strategy, ODD, EVEN, count, seed, "cnn")


STUDY = replace(
    labels.STUDY,
    name="labels_cnn",
    question="How many labels does transfer save a convolutional network, and do convolutions travel further?",
    settings={"cnn": f"{CNN}, {STEPS} steps", "probes": f"penalty {PENALTY}"},
    runs=tuple(runs()),
)
