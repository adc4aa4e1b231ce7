"""Tuning of the convolutional network, on validation images. No test image plays a part.

Question
    How many filters and hidden units, how much dropout?

Conditions
    Four recipes, two seeds, on the digits 0 to 4 and 5 to 9: trained from scratch, and then with both convolutions frozen
    and the rest trained on for the other task.

Rule
    That of `tuning`: from scratch it must be less than one standard error behind the best. Frozen layers stand beside.

Cost
    About 11 minutes on two cores.
"""

from dataclasses import replace

from helpers.transfer.recipes import CNN
from studies import tuning

RECIPES = {
    "32-64 filters, 256 units, dropout 0.5": CNN,
    "32-64 filters, 256 units, dropout 0.3": replace(CNN, dropout=0.3),
    "32-64 filters, 128 units, dropout 0.5": replace(CNN, hidden=(128,)),
    "32-32 filters, 256 units, dropout 0.5": replace(CNN, filters=(32, 32)),
}


def measure(run):
    """The hits of one run on validation images."""
    return tuning.measure_recipe(run, RECIPES[run.option])


def seconds(run):
    """The estimate for one run on one core, its share of a source included."""
    return (70 if run.strategy == "scratch" else 10) * RECIPES[run.option].filters[1] / 64


STUDY = replace(
    tuning.STUDY,
    name="tuning_cnn",
    question="Can validation tell our convolutional network from the best of four, from scratch and frozen?",
    settings=RECIPES,
    runs=tuple(tuning.runs(RECIPES, ("01234", "56789"), range(2))),
    measure=measure,
    seconds=seconds,
)
