"""What the README shows of results/benchmarks.json: the tables and the chart."""

import json
from pathlib import Path

from benchmarks.contestants import NAMES

RESULT = Path(__file__).resolve().parent.parent / "results" / "benchmarks.json"
COLUMNS = {
    "mlp-128": "MLP, batch 128",
    "mlp-32": "batch 32",
    "mlp-512": "batch 512",
    "mlp-noise": "batch 128, no blank pixels",
    "head": "only the head, 10 epochs",
    "convnet": "convnet",
}
IMPORTED = {"ours": "helpers", "jax": "jax", "pytorch": "torch", "scikit_learn": "sklearn.neural_network"}
IMPORTED |= {"keras": "tensorflow"}


def load():
    """The stored report."""
    return json.loads(RESULT.read_text(encoding="utf-8"))


def ratio(report, race, other, one="ours", what="median"):
    """How many times as long one contestant takes in a race as another."""
    return report["races"][race][other][what] / report["races"][race][one][what]


def _table(header, rows):
    """A Markdown table whose first column is text and whose others are numbers."""
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _race_cell(report, race, name, shown):
    found = report["races"][race].get(name, {})
    if "median" not in found:
        return "–"
    if shown == "accuracy":
        return f"{found['accuracy']:.1%}" if found["accuracy"] else "–"
    return f"{found['median']:.2f} s ({ratio(report, race, name):.2f})"


def markdown(report):
    """The README's section on speed, without its heading."""
    machine, growth = report["machine"], report["growth"]
    names = [name for name in NAMES if any(name in race for race in report["races"].values())]
    columns = list(COLUMNS.values())

    def rows(shown, wanted):
        cells = [[_race_cell(report, race, name, shown) for race in COLUMNS] for name in wanted]
        return [[NAMES[name] if name != "ours" else f"**{NAMES[name]}**", *line] for name, line in zip(wanted, cells)]

    start = [
        [
            NAMES[name],
            f"{report['imports'][package]['median']:.2f} s",
            f"{report['first epoch'][name]['median']:.2f} s",
            "–" if (peak := report["races"]["mlp-128"][name]["peak_mb"]) is None else f"{peak:.0f} MB",
        ]
        for name, package in IMPORTED.items()
        if name in report["first epoch"]
    ]
    shares = {share: found["ours"]["best"] / float(share) for share, found in growth["images"].items()}
    spread = [seconds / shares["1"] for seconds in shares.values()]
    widths = [found["ours"]["best"] / found["floor"]["best"] for found in growth["width"].values()]
    skipped = f" Not installed, so left out: {', '.join(report['skipped'])}." if report["skipped"] else ""
    where = (
        "on one core" if report["pinned to one core"] else "with one thread, as this system keeps no program to a core"
    )
    added = report["imports"]["helpers"]["median"] - report["imports"]["numpy"]["median"]
    busy = ""
    if report["busy neighbour"]:
        times = {name: found["median"] for name, found in report["busy neighbour"].items()}
        busy = (
            f" Beside a program that keeps the other core busy an epoch took {times['beside a busy program']:.2f} s,"
            f" alone on one core {times['alone']:.2f} s."
        )
    return "\n\n".join(
        [
            _table(["seconds an epoch (times ours)", *columns], rows("seconds", names)),
            f"Median of {len(report['races']['mlp-128']['ours']['seconds'])} runs after one to warm up, the contestants"
            f" taking turns {where} ({machine['processor']}, Python {machine['python']},"
            f" {', '.join(f'{name} {version}' for name, version in report['versions'].items())}). Timings wander by a tenth from"
            " race to race, so compare within a column. `make bench` measures anew;"
            " [results/benchmarks.json](results/benchmarks.json) has every timing, the best too. The MLP is 784-256-128-5 on"
            " the odd digits, trained by Adam; its head alone, on the even digits, where ours computes what the frozen"
            " layers give once and the frameworks do so in each of the ten epochs; the convnet is that of Keras's"
            " `mnist_transfer_cnn` on the digits 0 to 4. The matrix products are those of the textbook, blank pixels"
            " included, which ours leaves out: so it can even be faster. An epoch of the original program (float64, one"
            " hidden layer of 500) is a single step. A dash: it does not do that, or, for JAX's convolutions inside a"
            f" compiled epoch, it took minutes when we tried.{skipped}",
            _table(
                ["test accuracy after all runs", *columns],
                rows("accuracy", [name for name in names if name != "floor"]),
            ),
            _table(["MLP, batch 128", "import, beyond Python's start", "first epoch done after", "peak memory"], start),
            f"`import helpers` adds {added:.2f} s to NumPy's own import. An image takes as long in an eighth of the data"
            f" as in four times all of it, within {max(abs(share - 1) for share in spread):.0%} (best of the runs). With a first"
            f" hidden layer of {min(growth['width'], key=int)} units an epoch takes {widths[0]:.1f} times its matrix products alone, with"
            f" {max(growth['width'], key=int)} units {widths[-1]:.1f} times.{busy}",
        ]
    )


def chart(report):
    """Bars for two of the races and for the parts of our epoch; the Matplotlib figure."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 3, figsize=(12, 3.4), layout="constrained")
    titles = {"mlp-128": "MLP, batch 128, one epoch", "convnet": "Convnet, one epoch"}
    for axis, (race, title) in zip(axes, titles.items()):
        names = [name for name in NAMES if "median" in report["races"][race].get(name, {}) and name != "original"]
        seconds = [report["races"][race][name]["median"] for name in names]
        _bars(axis, [NAMES[name] for name in names], seconds, title, strong=names.index("ours"))
    parts = dict(sorted(report["where time goes"].items(), key=lambda part: -part[1]))
    _bars(axes[2], list(parts), list(parts.values()), "Where the time of our MLP goes")
    return figure


def _bars(axis, names, seconds, title, strong=None):
    looks = ["#0072B2" if number == strong else "#B8C4CC" for number in range(len(names))]
    drawn = axis.barh(range(len(names)), seconds, color=looks, edgecolor="black", linewidth=0.6)
    axis.bar_label(drawn, [f"{value:.2f}" for value in seconds], padding=3, fontsize=8)
    axis.set_yticks(range(len(names)), names, fontsize=8)
    axis.invert_yaxis()
    axis.set_xlim(0, 1.2 * max(seconds))
    axis.set_xlabel("seconds")
    axis.set_title(title, fontsize=10)
