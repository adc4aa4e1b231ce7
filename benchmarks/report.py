"""What results/benchmarks.json says: the project's goals, and the README's tables, words and chart.

A report may come from any machine. What it lacks, because a framework is missing there or a race was not run, is left
out of the tables and named.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contestants import IMPORTS, NAMES
from benchmarks.races import RACES, SECTIONS

RESULT = Path(__file__).resolve().parent.parent / "results" / "benchmarks.json"
ONE_CORE = {
    "mlp-128": "MLP, batch 128",
    "mlp-32": "batch 32",
    "mlp-512": "batch 512",
    "mlp-noise": "batch 128, no blank pixels",
    "head": "only the head, 10 epochs",
    "convnet": "convnet",
}
ALL_CORES = {"convnet-all-cores": "convnet", "mlp-128-all-cores": "MLP, batch 128"}
RACE_NAMES = ONE_CORE | {race: f"{name} on all cores" for race, name in ALL_CORES.items()}


def load():
    """The stored report."""
    return json.loads(RESULT.read_text(encoding="utf-8"))


def not_run(report):
    """The races and sections that a report does not have."""
    return [name for name in RACES if name not in report["races"]] + [name for name in SECTIONS if name not in report]


def ratio(race, slow, fast="ours", statistic="median"):
    """How many times as long one contestant takes in a race as another."""
    return race[slow][statistic] / race[fast][statistic]


# The goals


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


def _faster(bound, race, other, statistic="median"):
    """The goal to be so many times as fast as another contestant."""
    name = f"{RACE_NAMES[race]}: against {NAMES[other]}{' (best run)' if statistic == 'best' else ''}"
    return Goal(name, bound, "times as fast", lambda report: ratio(report["races"][race], other, statistic=statistic))


def _first_epoch_before(module):
    """The goal that our first epoch is done before a framework is imported."""

    def times(report):
        return report["imports"][module]["median"] / report["first epoch"]["ours"]["median"]

    return Goal(f"from nothing to the end of the first epoch, against `import {module}`", 1, "times as fast", times)


def _beside_a_busy_program(report):
    return ratio((report["busy neighbour"] or {})["convnet-eighth-all-cores"], "ours_one_thread")


def _import_seconds(report):
    return report["imports"]["helpers"]["median"] - report["imports"]["numpy"]["median"]


def _unevenness(report):
    """By how many per cent an image takes longer, or shorter, in fewer or more images than in all of them once."""
    images = report["growth"]["images"]
    seconds = {share: race["ours"]["best"] / float(share) for share, race in images.items()}
    return 100 * max(abs(each / seconds["1"] - 1) for each in seconds.values())


GOALS = (
    _faster(0.78, "mlp-128", "floor"),
    _faster(1 / 1.1, "mlp-128", "jax"),
    _faster(1.7, "mlp-128", "scikit_learn"),
    _faster(2.8, "mlp-128", "keras"),
    _faster(18, "head", "keras"),
    _faster(1, "convnet", "pytorch"),
    _faster(1, "convnet", "keras"),
    _faster(1.15, "convnet-all-cores", "pytorch"),
    _faster(1.15, "convnet-all-cores", "keras"),
    _faster(1.7, "convnet-all-cores", "ours_one_thread", "best"),
    _faster(1.5, "convnet-all-cores", "ours_one_thread"),
    Goal("convnet beside a busy program, against one thread", 1 / 1.05, "times as fast", _beside_a_busy_program),
    _first_epoch_before("torch"),
    _first_epoch_before("tensorflow"),
    Goal("`import helpers`, beyond NumPy's own import", 0.1, "s", _import_seconds, at_most=True),
    Goal("memory of the MLP", 300, "MB", lambda report: report["races"]["mlp-128"]["ours"]["peak_mb"], at_most=True),
    Goal("time of an image, in an eighth to four times of them", 10, "% apart", _unevenness, at_most=True),
)


def goals(report):
    """How a report stands with every goal: a list of dicts, see `Goal.judge`."""
    return [goal.judge(report) for goal in GOALS]


def goals_table(judged):
    """The goals as plain text, one a line."""
    words = {True: "reached", False: "MISSED", None: "not measured"}
    lines = [["goal", "wanted", "measured", ""]]
    for goal in judged:
        lines.append([goal["goal"], goal["wanted"], _number(goal["measured"]), words[goal["reached"]]])
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def _number(value):
    return "–" if value is None else f"{value:.3g}"


# The README


def markdown(report):
    """The README's section on speed, without its heading."""
    paragraphs = [
        _race_table(report, "seconds an epoch (times ours)", ONE_CORE, _seconds),
        _conditions(report),
        _race_table(report, "the same on all cores", ALL_CORES, _seconds),
        _all_cores_words(report),
        _race_table(report, "test accuracy after all runs", ONE_CORE, _accuracy),
        _start_table(report),
        " ".join(sentence(report) for sentence in (_start_words, _growth_words, _busy_words)).strip(),
        " ".join(sentence(report) for sentence in (_goals_words, _bounds_words)).strip(),
    ]
    return "\n\n".join(filter(None, paragraphs))


def _table(header, rows):
    """A Markdown table whose first column is text and whose others are numbers."""
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _race_table(report, title, columns, cell):
    """A row for every contestant of some races; nothing if none of them was run."""
    columns = {race: words for race, words in columns.items() if race in report["races"]}
    rows = []
    for name in NAMES:
        cells = [cell(report["races"][race], name) for race in columns]
        if any(text != "–" for text in cells):
            rows.append([f"**{NAMES[name]}**" if name == "ours" else NAMES[name], *cells])
    return _table([title, *columns.values()], rows) if rows else ""


def _seconds(race, name):
    if "median" not in race.get(name, {}):
        return "–"
    return f"{race[name]['median']:.2f} s ({ratio(race, name):.2f})"


def _accuracy(race, name):
    accuracy = race.get(name, {}).get("accuracy")
    return "–" if accuracy is None else f"{accuracy:.1%}"


def _conditions(report):
    machine = report["machine"]
    runs = max((len(race["ours"]["seconds"]) for race in report["races"].values()), default=0)
    core = "on one core" if report["pinned to one core"] else "with one thread, as this system keeps none to a core"
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    words = (
        f"Median of {runs} runs after one to warm up, the contestants taking turns {core} ({machine['processor']}, Python"
        f" {machine['python']}, {versions}). Timings wander by a tenth from race to race, so compare within a column."
        " `make bench` measures anew; [results/benchmarks.json](results/benchmarks.json) has every timing. The MLP is"
        " 784-256-128-5 on the odd digits, trained by Adam; its head alone, on the even digits, where ours computes what"
        " the frozen layers give once and the frameworks do so in each of the ten epochs; the convnet is that of Keras's"
        " `mnist_transfer_cnn` on the digits 0 to 4. The matrix products are those of the textbook, blank pixels"
        " included, which ours leaves out: so it can even be faster. An epoch of the original program (float64, one"
        " hidden layer of 500) is a single step. A dash: it does not do that, or did not take part."
    )
    if report["skipped"]:
        words += f" Not installed, so left out: {', '.join(report['skipped'])}."
    if not_run(report):
        words += f" Not run here: {', '.join(not_run(report))}."
    return words


def _all_cores_words(report):
    races = [report["races"][race] for race in ALL_CORES if race in report["races"]]
    if not races:
        return ""
    apart = max(abs(each["accuracy"] - race["ours"]["accuracy"]) for race in races for each in race.values())
    words = f"{report['machine']['cores']} cores, and everybody takes as many threads as it does by default."
    if "jax" in report["races"].get("convnet-all-cores", {}):
        words += " Of the convnet JAX compiles a step, not the epoch: inside one its convolutions are far slower still."
    return f"{words} Test accuracies end within {100 * apart:.1f} points of ours."


def _start_table(report):
    """Importing, the first epoch and memory, for everybody of whom something is known."""

    def cell(results, name, unit="s", decimals=2, statistic="median"):
        value = results.get(name, {}).get(statistic)
        return "–" if value is None else f"{value:.{decimals}f} {unit}"

    rows = []
    for name, module in IMPORTS.items():
        cells = [
            cell(report.get("imports", {}), module),
            cell(report.get("first epoch", {}), name),
            cell(report["races"].get("mlp-128", {}), name, "MB", 0, "peak_mb"),
        ]
        if any(text != "–" for text in cells):
            rows.append([NAMES[name], *cells])
    header = ["MLP, batch 128", "import, beyond Python's start", "first epoch done after", "peak memory"]
    return _table(header, rows) if rows else ""


def _start_words(report):
    return (
        f"`import helpers` adds {_import_seconds(report):.2f} s to NumPy's own import." if "imports" in report else ""
    )


def _growth_words(report):
    images, widths = (report.get("growth", {}).get(kind, {}) for kind in ("images", "width"))
    words = []
    if "1" in images and len(images) > 1:
        least, most = min(images, key=float), max(images, key=float)
        words.append(
            f"An image takes as long in {least} times all images as in {most} times, within {_unevenness(report):.0f}%"
            " (best of the runs)."
        )
    if widths:
        least, most = (pick(widths, key=int) for pick in (min, max))
        times = [ratio(widths[width], "ours", "floor", "best") for width in (least, most)]
        words.append(
            f"With a first hidden layer of {least} units an epoch takes {times[0]:.1f} times its matrix products alone,"
            f" with {most} units {times[1]:.1f} times."
        )
    return " ".join(words)


def _busy_words(report):
    races = report.get("busy neighbour") or {}
    names = {"convnet-eighth-all-cores": "the convnet", "mlp-128-all-cores": "the MLP"}
    times = [
        f"{words} {ratio(races[race], 'ours', 'ours_one_thread'):.2f} times"
        for race, words in names.items()
        if race in races
    ]
    if not times:
        return ""
    return f"Beside a program that keeps one core busy, all threads take, of what one thread takes: {', '.join(times)}."


def _goals_words(report):
    judged = goals(report)
    missed = [
        f"{goal['goal']}, {_number(goal['measured'])} where {goal['wanted']} was wanted"
        for goal in judged
        if goal["reached"] is False
    ]
    unknown = sum(goal["reached"] is None for goal in judged)
    words = f"Of the {len(judged)} goals in [benchmarks/report.py](benchmarks/report.py)"
    words += f" {len(judged) - len(missed) - unknown} are reached"
    words += f", {unknown} were not measured." if unknown else "."
    return words + (f" Missed: {'; '.join(missed)}." if missed else "")


def _bounds_words(report):
    """What bounds two goals that were dropped, as far as they are out of reach and their parts were measured."""
    parts = report.get("where time goes", {})
    mlp, head = (report["races"].get(race, {}) for race in ("mlp-128", "head"))
    words = []
    if "mlp-128" in parts and {"floor", "pytorch"} <= mlp.keys() and ratio(mlp, "pytorch") < 1.8:
        spent = dict(parts["mlp-128"])
        dense, adam, images = (spent.pop(part) for part in ("Dense layers", "Adam", "images into a batch"))
        wanted = mlp["pytorch"]["median"] / 1.8
        words.append(
            f"The MLP 1.8 times as fast as PyTorch: an epoch is {dense:.2f} s in Dense layers, {adam:.2f} s in Adam (a dozen"
            f" passes over memory; the square roots run at the processor's speed), {images:.2f} s picking images and"
            f" {sum(spent.values()):.2f} s of the rest, and it would have to be done in {wanted:.2f} s, of which the matrix"
            f" products alone take {mlp['floor']['median'] / wanted:.0%}."
        )
    if "head" in parts and {"floor", "keras"} <= head.keys() and ratio(head, "keras") < 30:
        features, steps = parts["head"]["features"], parts["head"]["steps"]
        words.append(
            f"The head 30 times as fast as Keras: what the frozen layers give is computed in {features:.2f} s (all matrix"
            f" products: {head['floor']['median']:.2f} s), and the rest is {steps:,} steps of"
            f" {1e6 * parts['head']['training'] / steps:.0f} µs, some forty small NumPy calls each."
        )
    return f"Two goals were dropped, and this bounds them. {' '.join(words)}" if words else ""


def chart(report):
    """Bars for some of the races and for the parts of our epoch, as far as they were measured; the Matplotlib figure."""
    import matplotlib.pyplot as plt

    races = {
        "mlp-128": "MLP, batch 128, one epoch on one core",
        "convnet": "Convnet, one epoch on one core",
        "convnet-all-cores": "Convnet, one epoch on all cores",
    }
    panels = []
    for race, title in races.items():
        results = report["races"].get(race, {})
        names = [name for name in NAMES if "median" in results.get(name, {}) and name != "original"]
        panels.append((title, {NAMES[name]: results[name]["median"] for name in names}))
    parts = report.get("where time goes", {}).get("mlp-128", {})
    panels.append(("Where the time of our MLP goes", dict(sorted(parts.items(), key=lambda part: -part[1]))))
    figure, axes = plt.subplots(2, 2, figsize=(12, 6), layout="constrained")
    for axis, (title, seconds) in zip(axes.flat, panels):
        if seconds:
            _bars(axis, title, seconds)
        else:
            axis.set_axis_off()
    return figure


def _bars(axis, title, seconds):
    colors = ["#0072B2" if name == NAMES["ours"] else "#B8C4CC" for name in seconds]
    drawn = axis.barh(range(len(seconds)), list(seconds.values()), color=colors, edgecolor="black", linewidth=0.6)
    axis.bar_label(drawn, [f"{value:.2f}" for value in seconds.values()], padding=3, fontsize=8)
    axis.set_yticks(range(len(seconds)), list(seconds), fontsize=8)
    axis.invert_yaxis()
    axis.set_xlim(0, 1.2 * max(seconds.values()))
    axis.set_xlabel("seconds")
    axis.set_title(title, fontsize=10)
