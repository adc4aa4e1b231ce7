"""Choices: the settings of the baselines and of the census, on validation images. No test image plays a part.

Question
    Which depth and ridge for the kernel, which penalty for softmax regression on pixels and features, which dropout,
    sources and steps for the small network of the census?

Conditions
    Odd → even and even → odd, 10 and 100 labels, three seeds; for the small network ten labels, six splits that
    were drawn by chance, two seeds.

Rule
    One setting for both directions: of those that validation cannot tell apart (half a point), the one in the middle of
    its range, or the cheapest. So what is used in one direction is what the other would have chosen as well.

Cost
    About six minutes on two cores.
"""

import itertools
from dataclasses import dataclass

from helpers.transfer import baselines
from helpers.transfer.census import EVEN, ODD, others
from helpers.transfer.recipes import MLP, Recipe
from studies import census, methods
from studies.engine.study import Outcome, Run, Study
from studies.methods import WITH_SOURCE

KERNELS = {
    f"depth {depth}, ridge {ridge:g}": {"depth": depth, "ridge": ridge}
    for depth, ridge in itertools.product((1, 2, 3, 4), (1e-3, 1e-2, 1e-1))
}
PENALTIES = {f"penalty {penalty:g}": {"penalty": penalty} for penalty in (1e-4, 1e-3, 1e-2, 1e-1)}
SMALL = {  # recipe and steps on the target
    f"{epochs} epochs, dropout {dropout:g}, {steps} steps": (Recipe((128, 64), dropout=dropout, epochs=epochs), steps)
    for epochs, dropout, steps in (
        *itertools.product((2, 4, 8), (0.0, 0.3), (300,)),
        (8, 0.0, 100),
        (8, 0.0, 600),
    )
}
CHOSEN = {
    "kernel": f"depth {baselines.KERNEL_DEPTH}, ridge {baselines.KERNEL_RIDGE:g}",
    "softmax": f"penalty {baselines.PENALTY:g}",
    "probe": f"penalty {baselines.PENALTY:g}",
    "random-probe": f"penalty {baselines.PENALTY:g}",
    "small": next(
        name for name, choice in SMALL.items() if choice == (census.NETWORKS["small"], census.STEPS["small"])
    ),
}
SPLITS = "01256", "02459", "05678", "12368", "14789", "34679"


@dataclass(frozen=True, kw_only=True)
class ChoiceRun(Run):
    """The option is a key of `KERNELS`, `PENALTIES` or `SMALL`."""

    option: str


def runs():
    """All runs: kernels, penalties, small networks."""
    kernels = itertools.product(["kernel"], KERNELS)
    penalties = itertools.product(["softmax", "probe", "random-probe"], PENALTIES)
    for (strategy, option), target, labels, seed in itertools.product(
        [*kernels, *penalties], (EVEN, ODD), (10, 100), range(3)
    ):
        yield _run(strategy, option, target, labels, seed)
    for option, strategy, target, seed in itertools.product(SMALL, census.STRATEGIES, SPLITS, range(2)):
        yield _run(strategy, option, target, 10, seed)


def _run(strategy, option, target, labels, seed):
    source = others(target) if strategy in WITH_SOURCE else ""
    return ChoiceRun(
        source=source, target=target, strategy=strategy, labels=labels, seed=seed, draw=seed, option=option
    )


def measure(run):
    """The hits of one run on validation images."""
    recipe, steps = SMALL.get(run.option, (MLP, None))
    settings = {**KERNELS, **PENALTIES}.get(run.option, {})
    validation = methods.task(run.target).validation
    return Outcome(methods.predict(run, recipe, steps, validation, **settings) == validation.labels)


def seconds(run):
    """The estimate for one run on one core, the source's share included."""
    if run.option in SMALL:
        return 1.0
    return 1.6 if run.strategy == "probe" else 0.4


STUDY = Study(
    name="choices",
    question="Which settings for the baselines and for the small network? On validation images",
    revision=1,
    settings={"mlp": MLP, "small": SMALL},
    runs=tuple(runs()),
    measure=measure,
    seconds=seconds,
    band=methods.band,
    accuracy="validation_accuracy",
)
