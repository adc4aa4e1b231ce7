"""Layers: which of them travel? After Yosinski et al. (2014), "How transferable are features in deep neural networks?"

Question
    The lowest layers of a trained network are carried over, those above them start from random values. What is lost if
    the carried ones are frozen: because layers that learned together are torn apart (co-adaptation), or because they
    learned another task (specificity)? And does it come back if they are trained on?

Conditions
    784-128-128-128-128-5, five epochs: on validation images (three seeds), four are 0.1 points below eight and eight
    0.2 below sixteen. The first 1 to 4 hidden layers are carried over, frozen or tuned (everything is trained), from a
    source that learned the same task or the other one, odd or even; both directions, ten seeds. With all labels, the
    paper's case, and with ten a class and 300 steps, which is transfer's case.

Controls
    The same network from scratch, and random layers frozen. (Random layers tuned are training from scratch.) What is not
    carried over starts from the same random values in all of them. The source of the same task has learned the target
    itself, but from other random values than those above the cut. With ten labels it has seen all of the target's
    labels: there it is no control, but the most that layers could be worth.

Probes
    With all four layers frozen only the head is left to train: softmax regression, to the very end, as in `labels`.

Readout
    `differences` gives those of `DIFFERENCES`, which were fixed before the first run: paired by seed, with 95 %
    intervals, beside what Yosinski et al. found on ImageNet. These are 5 differences × 2 directions × 4 cuts, with all
    labels and with ten: of 80 intervals, four miss the truth by chance.

Cost
    About 13 minutes on one core.
"""

import itertools
from dataclasses import dataclass

from helpers.evidence.statistics import paired_difference
from helpers.evidence.tables import ALL
from helpers.randomness import streams
from helpers.transfer.baselines import PENALTY
from helpers.transfer.census import EVEN, ODD
from helpers.transfer.protocol import Trial, on_target
from helpers.transfer.recipes import Recipe
from helpers.transfer.strategies import FACTORS
from studies import methods
from studies.engine.study import Outcome, Run, Study

RECIPE, STEPS = Recipe(hidden=(128,) * 4, epochs=5), 300
CUTS = 1, 2, 3, 4
LABELS = ALL, 10


@dataclass(frozen=True, kw_only=True)
class LayersRun(Run):
    """The cut says how many hidden layers are carried over: from the source, or random ones where there is none."""

    cut: int


def runs():
    """All runs, with all labels first; the strategies are "scratch", "random", "frozen" and "tuned"."""
    carried = [("random", ""), *itertools.product(("frozen", "tuned"), (EVEN, ODD))]
    networks = [("scratch", "", 0), *((*carry, cut) for carry in carried for cut in CUTS)]
    for labels, target, seed in itertools.product(LABELS, (EVEN, ODD), range(10)):
        for strategy, source, cut in networks:
            yield LayersRun(
                source=source, target=target, strategy=strategy, labels=labels, seed=seed, draw=seed, cut=cut
            )


def start_of(run):
    """What a run begins with: the carried layers, and above them the random ones that its strategy would draw itself."""
    layers, *_ = streams(on_target(run.target, run.seed), *FACTORS)
    if not run.source:
        return RECIPE.network(len(run.target), seed=0).reinitialized(layers)
    source = methods.trained_source(run.source, run.seed, RECIPE)
    return source.reinitialized(layers, after=f"hidden{run.cut}")


def measure(run):
    """The hits of one run."""
    test, steps = methods.task(run.target).test, None if run.labels == ALL else STEPS
    trial = Trial(start_of(run), methods.labelled(run), run.seed, RECIPE, steps)
    if run.strategy in ("scratch", "tuned"):
        predictions = trial.predict("fine-tune", test)
    elif run.cut == max(CUTS):
        predictions = trial.predict("probe", test)
    else:
        predictions = trial.predict("frozen", test, upto=f"hidden{run.cut}")
    return Outcome(predictions == test.labels)


SECONDS = {"scratch": 2.2, "tuned": 2.3, "frozen": 1.3, "random": 1.2}  # on one core, with all labels


def seconds(run):
    """The estimate for one run, the source's share included."""
    return SECONDS[run.strategy] * (1 if run.labels == ALL else 0.2)


STUDY = Study(
    name="layers",
    question="Which layers travel? Those below a cut, from the same task and from another",
    revision=1,
    settings={"recipe": RECIPE, "steps": STEPS, "probes": f"penalty {PENALTY}"},
    runs=tuple(runs()),
    measure=measure,
    seconds=seconds,
    band=methods.band,
)

# Each is the first less the second: (whose layers, strategy).
SCRATCH = ("", "scratch")
DIFFERENCES = {
    "co-adaptation": (("same", "frozen"), SCRATCH),
    "recovery": (("same", "tuned"), SCRATCH),
    "specificity": (("other", "frozen"), ("same", "frozen")),
    "transfer": (("other", "tuned"), SCRATCH),
    "learned": (("other", "frozen"), ("", "random")),
}
# The sign on ImageNet, at least for the upper cuts. "recovery" was none: an interval with 0 in it cannot prove that.
YOSINSKI = {"co-adaptation": -1, "specificity": -1, "transfer": +1, "learned": +1}


def differences(table):
    """What freezing costs and what carrying over gains, for each cut.

    Parameters
    ----------
    table : pandas.DataFrame
        Of this study.

    Returns
    -------
    pandas.DataFrame
        A row for each labels, target, difference and cut: "value", "low" and "high", the mean paired difference with its
        95 % interval over seeds (the test images are taken as given); and "yosinski": whether it "agrees" with
        the paper's sign, "disagrees" (the interval lies on the other side of 0), is "open", or "" if there is no sign.
    """
    import pandas as pd

    whose = pd.Series("other", table.index).mask(table["source"] == table["target"], "same")
    table = table.assign(whose=whose.mask(table["source"] == "", ""))
    accuracies = table.set_index(["labels", "target", "whose", "strategy", "cut", "seed"])["test_accuracy"].sort_index()
    rows = []
    for labels, target, name, cut in itertools.product(LABELS, (EVEN, ODD), DIFFERENCES, CUTS):
        one, other = (accuracies.loc[(labels, target, *who, cut if who != SCRATCH else 0)] for who in DIFFERENCES[name])
        estimate = paired_difference(one, other.reindex(one.index))
        rows.append(
            {
                "labels": labels,
                "target": target,
                "difference": name,
                "cut": cut,
                **estimate._asdict(),
                "yosinski": _verdict(estimate, YOSINSKI.get(name)),
            }
        )
    return pd.DataFrame(rows).set_index(["labels", "target", "difference", "cut"])


def _verdict(estimate, sign):
    if sign is None:
        return ""
    if not estimate.excludes_zero:
        return "open"
    return "agrees" if estimate.value * sign > 0 else "disagrees"
