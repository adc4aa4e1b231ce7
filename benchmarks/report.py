"""What the pages show of results/benchmarks.json: tables, words and a chart.

A report may come from any machine. A framework that is missing there is left out of the tables and named.
"""

import json
import statistics
from pathlib import Path

from benchmarks.contestants import NAMES
from benchmarks.workloads import WORKLOADS

RESULT = Path(__file__).resolve().parent.parent / "results" / "benchmarks.json"


def load():
    """The stored report."""
    return json.loads(RESULT.read_text(encoding="utf-8"))


def seconds(race, name="ours"):
    """The median of a contestant's runs."""
    return statistics.median(race[name]["seconds"])


def ratio(race, name):
    """How many times as long as ours a contestant takes."""
    return seconds(race, name) / seconds(race)


def plain(race):
    """A race as text, a contestant a line."""
    lines = []
    for name in race:
        runs, accuracy = race[name]["seconds"], race[name]["accuracy"]
        words = "" if accuracy is None else f", test accuracy {accuracy:.1%}"
        times = (
            f"{seconds(race, name):7.3f} s ({min(runs):.3f} to {max(runs):.3f}), {ratio(race, name):5.2f} times ours"
        )
        lines.append(f"  {NAMES[name]:<26} {times}{words}")
    return "\n".join(lines)


def markdown(report):
    """The block on speed in benchmarks/README.md."""
    one_core, all_cores = (
        {name: race for name, race in report["races"].items() if WORKLOADS[name].all_cores is everybody}
        for everybody in (False, True)
    )
    return "\n\n".join(
        [
            _table("seconds an epoch (times ours)", one_core),
            _conditions(report),
            _table("the same on all cores", all_cores),
            f"{report['machine']['cores']} cores, and everybody takes as many threads as it does by default. JAX compiles"
            " a step of the convnet, not the epoch: inside a loop its convolutions are slower still.",
        ]
    )


def in_a_sentence(report):
    """Training the MLP beside the frameworks on one core, as far as they took part."""
    race = report["races"]["mlp"]
    rivals = sorted(set(race) - {"floor", "ours"}, key=lambda name: ratio(race, name))
    if not rivals:
        return "No framework was raced here: `make bench` races those that are installed."
    each = [f"{NAMES[name].partition(',')[0]} {ratio(race, name):.1f}" for name in rivals]
    words = " and ".join(filter(None, [", ".join(each[:-1]), each[-1]]))
    return (
        f"An epoch of the MLP takes {words} times as long as ours (one core, median of {len(race['ours']['seconds'])} runs)."
        " All races: [benchmarks/README.md](benchmarks/README.md)."
    )


def _table(title, races):
    """A row for every contestant of some races."""
    lines = [[title, *(WORKLOADS[name].title for name in races)], ["---", *["--:"] * len(races)]]
    for name, shown in NAMES.items():
        cells = [
            f"{seconds(race, name):.2f} s ({ratio(race, name):.2f})" if name in race else "–" for race in races.values()
        ]
        if any(cell != "–" for cell in cells):
            lines.append([f"**{shown}**" if name == "ours" else shown, *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _conditions(report):
    machine, races = report["machine"], report["races"].values()
    core = "on one core" if report["pinned to one core"] else "with one thread, as this system keeps none to a core"
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    apart = max(
        abs(one["accuracy"] - race["ours"]["accuracy"]) for race in races for one in race.values() if one["accuracy"]
    )
    skipped = f" Not installed, so left out: {'; '.join(report['skipped'])}." if report["skipped"] else ""
    return (
        f"Median of {len(report['races']['mlp']['ours']['seconds'])} runs after one to warm up; the contestants take turns"
        f" {core} ({machine['processor']}, Python {machine['python']}, {versions}). Timings vary by a tenth from race to race,"
        " so compare within a column. `make bench` measures anew; [results/benchmarks.json](../results/benchmarks.json) has"
        " every timing. The MLP is 784-256-128-5 on the odd digits, trained by Adam. Its head alone learns the even digits:"
        " ours computes the output of the frozen layers once, the frameworks in each of the ten epochs. The convnet is that"
        " of Keras's `mnist_transfer_cnn`, on the digits 0 to 4. The matrix products are those of the textbook, blank pixels"
        " included, which ours leaves out. A dash: it can't do that, or was not raced. Nobody is fast by learning less: after"
        f" all runs the test accuracies lie within {100 * apart:.1f} points of ours.{skipped}"
    )


def chart(report):
    """Bars for three of the races; the Matplotlib figure."""
    import matplotlib.pyplot as plt

    panels = {
        "mlp": "An epoch of the MLP, one core",
        "convnet": "An epoch of the convnet, one core",
        "convnet-all-cores": "A quarter of that, all cores",
    }
    figure, axes = plt.subplots(1, 3, figsize=(12, 2.7), layout="constrained")
    for axis, (name, title) in zip(axes, panels.items()):
        race = report["races"][name]
        values = [seconds(race, one) for one in race]
        colors = ["#0072B2" if one == "ours" else "#B8C4CC" for one in race]
        drawn = axis.barh(range(len(race)), values, color=colors, edgecolor="black", linewidth=0.6)
        axis.bar_label(drawn, [f"{value:.2f}" for value in values], padding=3, fontsize=8)
        axis.set_yticks(range(len(race)), [NAMES[one] for one in race], fontsize=8)
        axis.invert_yaxis()
        axis.set_xlim(0, 1.2 * max(values))
        axis.set_xlabel("seconds")
        axis.set_title(title, fontsize=10)
    return figure
