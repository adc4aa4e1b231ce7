"""Story: what `python main.py` prints, five times over and in both directions.

Question
    With all labels: what does each way of transfer gain or lose, and what of the first task is left after it?

Conditions
    The rows of `python main.py` for seeds 0 to 4, odd → even and, with --reverse, even → odd: README's recipe, all
    training images of both tasks. All rows of one direction and seed come from one story.

Controls
    Training from scratch; the first hidden layer frozen at random values; softmax regression on the pixels.

Readout
    The mean over seeds beside their spread. The column `row` is the row's name in main.py.

Cost
    About 5 minutes on two cores.
"""

import functools
from dataclasses import dataclass

from helpers.data.mnist import load_mnist
from helpers.evidence.tables import ALL
from helpers.transfer.census import NAMES
from helpers.transfer.recipes import MLP, MODELS, SOFTMAX
from helpers.transfer.story import TOLD, tell_story
from helpers.transfer.strategies import STRATEGIES
from studies import methods
from studies.engine.study import Outcome, Run, Study

DIGITS = {name: digits for digits, name in NAMES.items()}
ODD_TO_EVEN, EVEN_TO_ODD = "odd to even", "even to odd"
ROWS = {  # their strategies in the words of all studies, in the order of main.py
    "{first}-softmax": "softmax",
    "{second}-softmax": "softmax",
    "{first}": "scratch",
    **{f"{{second}}-{STRATEGIES[key].row}": key for key in TOLD},
    "{first}-after-finetuning": "after-fine-tune",
}


@dataclass(frozen=True, kw_only=True)
class StoryRun(Run):
    """One row of one story. The target are the digits of the images it is tested on, the source what came first."""

    network: str
    direction: str
    row: str


def runs(network, directions):
    """All rows of the stories of some directions, story by story."""
    for direction in directions:
        first, second = direction.split(" to ")
        for seed in range(5):
            for row, strategy in ROWS.items():
                name = row.format(first=first, second=second)
                yield StoryRun(
                    source=DIGITS[first] if strategy in (*methods.WITH_SOURCE, "after-fine-tune") else "",
                    target=DIGITS[name.partition("-")[0]],
                    strategy=strategy,
                    labels=ALL,
                    seed=seed,
                    draw=0,
                    network=network,
                    direction=direction,
                    row=name,
                )


class Telling:
    """A story that is told as far as somebody wants to know."""

    def __init__(self, network, direction, seed):
        reverse = direction == EVEN_TO_ODD
        self.rest = tell_story(load_mnist(), seed=seed, recipe=MODELS[network], reverse=reverse)
        self.story = next(self.rest)

    def until(self, row):
        """The story, at least up to a row.

        Raises
        ------
        ArithmeticError
            A training on the way there diverged.
        """
        while row not in self.story.evaluations:
            if next(self.rest, None) is None:
                raise ArithmeticError(f"an earlier training of this story diverged, so there is no {row}")
        return self.story


telling = functools.lru_cache(maxsize=1)(Telling)  # the rows of one story come one after the other


def measure(run):
    """The hits of one row, and how many parameters its network has."""
    story = telling(run.network, run.direction, run.seed).until(run.row)
    [row] = [row for row in story.rows if row["name"] == run.row]
    values = {name: row[name] for name in ("trainable_parameters", "total_parameters")}
    hits = story.evaluations[run.row].predictions == methods.task(run.target).test.labels
    return Outcome(hits, values)


SECONDS = {  # of a row on one core, its share of the networks it starts from included
    "mlp": {"softmax": 1, "scratch": 13, "frozen": 6, "random": 6, "fine-tune": 11, "after-fine-tune": 5},
    "cnn": {"softmax": 1, "scratch": 70, "frozen": 15, "random": 10, "fine-tune": 50, "after-fine-tune": 30},
}


def seconds(run):
    """The estimate for one row."""
    return SECONDS[run.network][run.strategy]


def band(run):
    """By how much the accuracy of a row may differ on another machine.

    Rounding, blown up by two long trainings, acts like another seed on what is left of the first task: so the band of
    that row is taken from the spread over seeds, a standard deviation of five points.
    """
    return 0.2 if run.strategy == "after-fine-tune" else methods.band(run)


def together(run):
    """What the rows of one story have in common."""
    return run.direction, run.seed


STUDY = Study(
    name="story",
    question="What does main.py find with other seeds, in both directions?",
    revision=1,
    settings={"mlp": MLP, "softmax": SOFTMAX},
    runs=tuple(runs("mlp", (ODD_TO_EVEN, EVEN_TO_ODD))),
    measure=measure,
    seconds=seconds,
    band=band,
    together=together,
)
