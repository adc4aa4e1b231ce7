"""What the README shows of results/benchmarks.json: tables, words and a chart.

A report may come from any machine. What it lacks, because a framework is missing there or a race was not run, is left
out of the tables and named.
"""

import json
from pathlib import Path

from benchmarks.contestants import IMPORTS, NAMES
from benchmarks.goals import import_seconds, judge, ratio, unevenness
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
ALL_CORES = {"convnet-all-cores": "a quarter of an epoch of the convnet", "mlp-128-all-cores": "MLP, batch 128"}


def load():
    """The stored report."""
    return json.loads(RESULT.read_text(encoding="utf-8"))


def not_run(report):
    """The races and sections that a report does not have."""
    return [name for name in RACES if name not in report["races"]] + [name for name in SECTIONS if name not in report]


def _raced(race, *names):
    """Whether all of these contestants took part in a race."""
    return all("median" in race.get(name, {}) for name in names)


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


def in_a_sentence(report):
    """Training the MLP beside the frameworks on one core, as far as they took part."""
    race = report["races"].get("mlp-128", {})
    rivals = [name for name in NAMES if name not in ("ours", "floor", "original") and _raced(race, name, "ours")]
    if not rivals:
        return "No framework was raced here: `make bench` races those that are installed."
    ratios = {name: ratio(race, name) for name in rivals}
    order = sorted(rivals, key=ratios.get)
    each = [f"{NAMES[name].partition(',')[0]} {ratios[name]:.1f}" for name in order]
    words = " and ".join(filter(None, [", ".join(each[:-1]), each[-1]]))
    return (
        f"An epoch of the MLP takes {words} times as long as ours (one core, median of {len(race['ours']['seconds'])} runs)."
        " All races, and what is still slower than we wanted: [benchmarks/README.md](benchmarks/README.md)."
    )


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
    if not _raced(race, name):
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
        " `make bench` measures anew; [results/benchmarks.json](../results/benchmarks.json) has every timing. The MLP is"
        " 784-256-128-5 on the odd digits, trained by Adam; its head alone, on the even digits, where ours computes what"
        " the frozen layers give once and the frameworks do so in each of the ten epochs; the convnet is that of Keras's"
        " `mnist_transfer_cnn` on the digits 0 to 4. The matrix products are those of the textbook, blank pixels"
        " included, which ours leaves out: so it can even be faster. An epoch of the original program (float64, one"
        " hidden layer of 500) is a single step. A dash: it does not do that, or did not take part."
    )
    if report["skipped"]:
        words += f" Not installed, so left out: {'; '.join(report['skipped'])}."
    if not_run(report):
        words += f" Not run here: {', '.join(not_run(report))}."
    return words


def _all_cores_words(report):
    races = [report["races"][race] for race in ALL_CORES if race in report["races"]]
    if not races:
        return ""
    apart = max(
        abs(result["accuracy"] - race["ours"]["accuracy"])
        for race in races
        for result in race.values()
        if "accuracy" in result
    )
    words = f"{report['machine']['cores']} cores, and everybody takes as many threads as it does by default."
    if _raced(report["races"].get("convnet-all-cores", {}), "jax"):
        words += " JAX compiles a step of the convnet, not the epoch: inside a loop its convolutions are slower still."
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
    return f"`import helpers` adds {import_seconds(report):.2f} s to NumPy's own import." if "imports" in report else ""


def _growth_words(report):
    images, widths = (report.get("growth", {}).get(kind, {}) for kind in ("images", "width"))
    words = []
    if "1" in images and len(images) > 1:
        least, most = min(images, key=float), max(images, key=float)
        words.append(
            f"An image takes as long in {least} times all images as in {most} times, within {unevenness(report):.0f}%"
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
    busy, alone = report.get("busy neighbour") or {}, report["races"].get("mlp-128-all-cores")
    times = []
    if convnet := busy.get("convnet-all-cores"):
        times.append(
            f"the convnet takes {ratio(convnet, 'ours', 'ours_one_thread'):.2f} times as long as with one thread"
        )
    if alone and "mlp-128-all-cores" in busy:
        slower = busy["mlp-128-all-cores"]["ours"]["median"] / alone["ours"]["median"]
        times.append(f"the MLP takes {slower:.2f} times as long as alone")
    return f"Beside a program that keeps one of the cores busy, {' and '.join(times)}." if times else ""


def _goals_words(report):
    judged = judge(report)
    missed = [
        f"{goal['goal']}, {goal['measured']:.3g} where {goal['wanted']} was wanted"
        for goal in judged
        if goal["reached"] is False
    ]
    unknown = sum(goal["reached"] is None for goal in judged)
    words = f"Of the {len(judged)} goals in [benchmarks/goals.py](goals.py)"
    words += f" {len(judged) - len(missed) - unknown} are reached"
    words += f", {unknown} were not measured." if unknown else "."
    return words + (f" Missed: {'; '.join(missed)}." if missed else "")


def _bounds_words(report):
    """What bounds two goals that were dropped, as far as they are out of reach and their parts were measured."""
    parts = report.get("where time goes", {})
    mlp, head = (report["races"].get(race, {}) for race in ("mlp-128", "head"))
    words = []
    if "mlp-128" in parts and _raced(mlp, "floor", "pytorch") and ratio(mlp, "pytorch") < 1.8:
        spent = dict(parts["mlp-128"])
        dense, adam, images = (spent.pop(part) for part in ("Dense layers", "Adam", "images into a batch"))
        wanted = mlp["pytorch"]["median"] / 1.8
        words.append(
            f"The MLP 1.8 times as fast as PyTorch: an epoch is {dense:.2f} s in Dense layers, {adam:.2f} s in Adam (ten"
            f" passes over memory; the square roots run at the processor's speed), {images:.2f} s picking images and"
            f" {sum(spent.values()):.2f} s the rest, and it would have to be done in {wanted:.2f} s, of which the matrix"
            f" products alone take {mlp['floor']['median'] / wanted:.0%}."
        )
    if "head" in parts and _raced(head, "floor", "keras") and ratio(head, "keras") < 30:
        features, steps = parts["head"]["features"], parts["head"]["steps"]
        words.append(
            f"The head 30 times as fast as Keras: what the frozen layers give is computed in {features:.2f} s (all matrix"
            f" products: {head['floor']['median']:.2f} s), and the rest is {steps:,} steps of"
            f" {1e6 * parts['head']['training'] / steps:.0f} µs, dozens of small NumPy calls each."
        )
    return f"Two goals were dropped, and this bounds them. {' '.join(words)}" if words else ""


def chart(report):
    """Bars for some of the races and for the parts of our epoch, as far as they were measured; the Matplotlib figure."""
    import matplotlib.pyplot as plt

    races = {
        "mlp-128": "MLP, batch 128, one epoch on one core",
        "convnet": "Convnet, one epoch on one core",
        "convnet-all-cores": "Convnet, a quarter of an epoch on all cores",
    }
    panels = []
    for race, title in races.items():
        results = report["races"].get(race, {})
        names = [name for name in NAMES if _raced(results, name) and name != "original"]
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
