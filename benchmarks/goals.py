"""How fast the project wants to be, and whether a report of the races says that it is."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.contestants import NAMES


def ratio(race, slow, fast="ours", statistic="median"):
    """How many times as long one contestant takes in a race as another."""
    return race[slow][statistic] / race[fast][statistic]


@dataclass(frozen=True)
class Goal:
    """One goal of the project: "MLP, batch 128, against Keras" is to be at least 2.8 "times as fast".

    Attributes
    ----------
    name, unit : str
    bound : float
    measure : callable
        Takes a report and gives the number, or None or a KeyError where the report does not have it.
    at_most : bool
        Whether the bound is an upper one.
    """

    name: str
    bound: float
    unit: str
    measure: Callable
    at_most: bool = False

    def judge(self, report):
        """What was wanted, what was measured, and whether the goal is reached; None where the report cannot say."""
        try:
            measured = self.measure(report)
        except KeyError:
            measured = None
        reached = None if measured is None else (measured <= self.bound if self.at_most else measured >= self.bound)
        wanted = f"at {'most' if self.at_most else 'least'} {_number(self.bound)} {self.unit}"
        return {"goal": self.name, "wanted": wanted, "measured": measured, "reached": reached}


def faster(words, bound, race, other, statistic="median"):
    """The goal to be so many times as fast in a race as another contestant."""
    name = f"{words}, against {NAMES[other]}{' (best run)' if statistic == 'best' else ''}"
    return Goal(name, bound, "times as fast", lambda report: ratio(report["races"][race], other, statistic=statistic))


def _first_epoch_before(module):
    """The goal that our first epoch is done before a framework is imported."""

    def times(report):
        return report["imports"][module]["median"] / report["first epoch"]["ours"]["median"]

    return Goal(f"starting Python and one epoch of the MLP, against `import {module}`", 1, "times as fast", times)


def _beside_a_busy_program(report):
    return ratio((report["busy neighbour"] or {})["convnet-all-cores"], "ours_one_thread")


def import_seconds(report):
    """What `import helpers` takes beyond NumPy's own import."""
    return report["imports"]["helpers"]["median"] - report["imports"]["numpy"]["median"]


def unevenness(report):
    """By how many per cent an image takes longer, or shorter, in fewer or more images than in all of them once."""
    images = report["growth"]["images"]
    seconds = {share: race["ours"]["best"] / float(share) for share, race in images.items()}
    return 100 * max(abs(each / seconds["1"] - 1) for each in seconds.values())


GOALS = (
    faster("MLP, batch 128", 0.78, "mlp-128", "floor"),
    faster("MLP, batch 128", 1 / 1.1, "mlp-128", "jax"),
    faster("MLP, batch 128", 1.7, "mlp-128", "scikit_learn"),
    faster("MLP, batch 128", 2.8, "mlp-128", "keras"),
    faster("only the head", 18, "head", "keras"),
    faster("convnet on one core", 1, "convnet", "pytorch"),
    faster("convnet on one core", 1, "convnet", "keras"),
    faster("convnet on all cores", 1.15, "convnet-all-cores", "pytorch"),
    faster("convnet on all cores", 1.15, "convnet-all-cores", "keras"),
    faster("convnet on all cores", 1.7, "convnet-all-cores", "ours_one_thread", "best"),
    faster("convnet on all cores", 1.5, "convnet-all-cores", "ours_one_thread"),
    Goal("convnet beside a busy program, against one thread", 1 / 1.05, "times as fast", _beside_a_busy_program),
    _first_epoch_before("torch"),
    _first_epoch_before("tensorflow"),
    Goal("`import helpers`, beyond NumPy's own import", 0.1, "s", import_seconds, at_most=True),
    Goal("memory of the MLP", 300, "MB", lambda report: report["races"]["mlp-128"]["ours"]["peak_mb"], at_most=True),
    Goal("time per image, from an eighth of them to four times all", 10, "% apart", unevenness, at_most=True),
)


def judge(report):
    """How a report stands with every goal: a list of dicts, see `Goal.judge`."""
    return [goal.judge(report) for goal in GOALS]


def table(judged):
    """The goals as plain text, one a line."""
    words = {True: "reached", False: "MISSED", None: "not measured"}
    lines = [["goal", "wanted", "measured", ""]]
    for goal in judged:
        lines.append([goal["goal"], goal["wanted"], _number(goal["measured"]), words[goal["reached"]]])
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def _number(value):
    return "–" if value is None else f"{value:.3g}"
