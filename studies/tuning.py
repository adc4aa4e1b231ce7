"""Tuning: how README's perceptron was chosen, on validation images. No test image plays a part.

Question
    How many hidden units, how much dropout, which learning rate?

Conditions
    Ten recipes, three seeds, on odd and on even digits: trained from scratch, and then with the first hidden layer frozen
    and the rest trained on for the other task. A frozen network's source is the very one that was trained from scratch.

Rule
    README's recipe was chosen before anything was frozen, and so was the convolutional one, by the same rule: see
    `tuning_cnn`. From scratch, the mean over tasks and seeds must be less than one standard error of the 6,000 validation
    images behind the best. What frozen layers give chooses nothing. It stands beside, as it tells how much of the price
    of freezing is the recipe's.

Cost
    About 9 minutes on two cores.
"""

import itertools
from dataclasses import dataclass, replace

from helpers.evidence.tables import ALL
from helpers.nn.training import evaluate
from helpers.transfer.census import EVEN, ODD
from helpers.transfer.recipes import MLP, Recipe
from studies import methods
from studies.engine.study import Outcome, Run, Study

VALIDATION = 6_000  # images of both tasks together: a tenth of all training images
RECIPES = {
    **{
        f"{first}-{second}, dropout {dropout:g}": Recipe((first, second), dropout=dropout)
        for (first, second), dropout in itertools.product(((256, 128), (512, 128), (512, 256)), (0.0, 0.3, 0.5))
    },
    "512-128, dropout 0.3, rate 0.001": replace(MLP, learning_rate=1e-3),
}


@dataclass(frozen=True, kw_only=True)
class TuningRun(Run):
    """The option is the name of a recipe."""

    option: str


def runs(options, tasks, seeds):
    """All runs: of each recipe and seed those from scratch, then those with frozen layers."""
    for option, seed, strategy, (source, target) in itertools.product(
        options, seeds, ("scratch", "frozen"), (tasks, tasks[::-1])
    ):
        yield TuningRun(
            source=source if strategy == "frozen" else "",
            target=target,
            strategy=strategy,
            labels=ALL,
            seed=seed,
            draw=0,
            option=option,
        )


def measure_recipe(run, recipe):
    """The hits of one run on validation images, and how large its network is."""
    validation, network = methods.task(run.target).validation, methods.trained_source(run.target, run.seed, recipe)
    if run.strategy == "scratch":
        predictions = evaluate(network, validation, threads=1).predictions
    else:
        predictions = methods.predict(run, recipe, None, validation)
    values = {"total_parameters": network.parameter_count(trainable_only=False)}
    return Outcome(predictions == validation.labels, values)


def measure(run):
    """The hits of one run on validation images."""
    return measure_recipe(run, RECIPES[run.option])


def seconds(run):
    """The estimate for one run on one core, its share of a source included."""
    recipe = RECIPES[run.option]
    return recipe.hidden[0] / 512 * (12 if run.strategy == "scratch" else 4) * (1 + recipe.hidden[1] / 1024)


def together(run):
    """What the runs with one pair of sources have in common."""
    return run.option, run.seed


STUDY = Study(
    name="tuning",
    question="Can validation tell README's perceptron from the best of ten, from scratch and frozen?",
    revision=1,
    settings=RECIPES,
    runs=tuple(runs(RECIPES, (ODD, EVEN), range(3))),
    measure=measure,
    seconds=seconds,
    band=methods.band,
    accuracy="validation_accuracy",
    together=together,
)


def means(table):
    """The mean validation accuracies of each recipe, from scratch and frozen: a table, the smallest recipe first."""
    rows = table.pivot_table(index=["total_parameters", "option"], columns="strategy", values="validation_accuracy")
    return rows.rename_axis(columns=None)[["scratch", "frozen"]].reset_index("total_parameters")


def as_good_as_the_best(accuracies):
    """Which of some mean accuracies, one column of `means`, are less than one standard error behind the best."""
    best = accuracies.max()
    return accuracies > best - (best * (1 - best) / VALIDATION) ** 0.5
