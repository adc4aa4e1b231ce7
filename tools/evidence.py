"""What the pages say and show of two studies, labels and census: numbers, tables and figures."""

import functools

import numpy as np

from helpers.evidence.tables import ALL, points, read_hits, read_table
from helpers.show import plots
from helpers.transfer import strategies
from studies import census_readout, labels
from studies.census import SAMPLE, TARGETS
from tools import comparisons
from tools.citations import PAIRS, cite, count_of_labels, pair, rows, whole

COLUMNS = "fine-tune", "frozen", "probe", "scratch", "random", "softmax", "kernel"
METHODS = {key: strategies.METHODS[key].label for key in COLUMNS}
BASELINE = "kernel"  # the best method without transfer from ten labels on, by validation: see the study `choices`
ARROWS = 10, 30, 100  # labels per class at which the figure shows what fine-tuning saves
GAINS = {  # in the census: of which method over which
    "all layers fine-tuned": ("fine-tune", "scratch"),
    "first layer frozen": ("frozen", "scratch"),
    "kernel ridge regression": ("kernel", "scratch"),
    "random first layer frozen": ("random", "scratch"),
    "first layer frozen, over a random one": ("frozen", "random"),
    "all layers fine-tuned, over kernel ridge regression": ("fine-tune", "kernel"),
}


def gain(one, other, count, target):
    """By how many points a method is better than another one with so many labels a class: a Citation."""
    return cite("labels", pair("labels", one, other, target=target, labels=count), comparisons.mean_over_images)


def errors_removed(count, target):
    """The share of scratch's errors that fine-tuning removes: a Citation."""
    chosen = pair("labels", "fine-tune", "scratch", target=target, labels=count)
    return cite("labels", chosen, comparisons.removed, whole)


def labels_equal(count, target):
    """How many labels the baseline needs to do what fine-tuning does with so many: a Citation."""
    chosen = pair("labels", "fine-tune", BASELINE, target=target, labels=labels.LABELS)
    return cite("labels", chosen, functools.partial(comparisons.equals, labels=count), count_of_labels)


def few_labels():
    """Test accuracy against labels per class, and what fine-tuning is worth: Markdown."""
    table = rows("labels", target=labels.EVEN)
    found = table.groupby(["labels", "strategy"])["value"].agg(["mean", "std"])
    lines = [f"| labels per class, odd → even | {' | '.join(METHODS.values())} |", "|--:|" + "--:|" * len(METHODS)]
    for count in (*labels.LABELS, ALL):
        cells = [
            "{:.1f} ± {:.1f}".format(*found.loc[(count, name)]) if (count, name) in found.index else "–"
            for name in METHODS
        ]
        lines.append(f"| {'all' if count == ALL else f'{count:,}'} | {' | '.join(cells)} |")
    lines += [
        "",
        f"Test accuracy in %, mean ± standard deviation over {table['seed'].nunique()} seeds, each with labels of its own: made by"
        " `python -m studies labels`. A dash: not tried.",
        "",
        f"| labels per class | {' | '.join(f'{count:,}' for count in labels.LABELS)} |",
        "|---|" + "--:|" * len(labels.LABELS),
    ]
    for says, cited in (
        ("fine-tuning removes of scratch's errors, %", errors_removed),
        ("fine-tuning does what the kernel does with … labels", labels_equal),
        ("first layer frozen − random one frozen, points", functools.partial(gain, "frozen", "random")),
        ("first layer frozen − fine-tuned, points", functools.partial(gain, "frozen", "fine-tune")),
    ):
        for target, names in PAIRS.items():
            cells = [cited(count, target).text for count in labels.LABELS]
            lines.append(f"| {' → '.join(names)}: {says} | {' | '.join(cells)} |")
    lines += [
        "",
        "In brackets the 95 % interval over seeds and test images; of these"
        f" {4 * len(PAIRS) * len(labels.LABELS)}, two or three may miss by chance. The kernel is kernel ridge regression,"
        " by validation the best method without transfer from ten labels on; its labels are read off its curve.",
    ]
    return "\n".join(lines)


def labels_figure(target):
    """Test error against labels, in one direction."""
    table = read_table("labels")
    curves = labels.error_curves(table, read_hits("labels", table), METHODS, BASELINE, target)
    arrows = []
    for count in ARROWS:
        equal = labels_equal(count, target)
        if equal.low > count:
            value, low, high = (f"{end - count:,.0f}" for end in equal.sum.result)
            error = curves["fine-tune"][0][labels.LABELS.index(count)]
            arrows.append((count, error, equal.value, f"saves {value} labels\n({low} to {high})"))
    title = (
        "From {} to {} digits, ten seeds. Bands: 95 % interval of the\n"
        "difference to kernel ridge regression. Arrow: labels saved"
    )
    named = {METHODS[strategy]: curve for strategy, curve in curves.items()}
    return plots.error_by_labels(labels.LABELS, named, title.format(*PAIRS[target]), arrows)


def of_splits(one, other, network="small", targets=TARGETS):
    """The census's runs of two methods with ten labels, from whole sources."""
    return pair("census", one, other, network=(network, ""), labels=10, source=("", *TARGETS), target=tuple(targets))


def gains(network="small", count=10, targets=TARGETS):
    """What each of `GAINS` gains, in points, by target: a dict of their names to a pandas.Series."""
    chosen = rows("census", network=(network, ""), labels=count, source=("", *TARGETS), target=tuple(targets))
    of_all = 100 * census_readout.gains(chosen).assign(scratch=0.0)
    return {shown: (of_all[one] - of_all[other]).round(9) for shown, (one, other) in GAINS.items()}


def doubt(strategy):
    """Standard deviations of a gain, in points: from split to split, and of the mean that stands for one split."""
    chosen = of_splits(strategy, "scratch")
    return comparisons.between_splits(chosen).result, comparisons.error_of_a_split(chosen).result


def places():
    """The gains of all splits, and where the series' two lie: a Markdown table."""
    names = [" → ".join(pair) for pair in PAIRS.values()]
    lines = [
        f"| gain, points | median | nine of ten splits | splits that gain | {' | '.join(names)} |",
        "|---|--:|--:|--:|" + "--:|" * len(names),
    ]
    for name, gained in gains().items():
        ranks = gained.rank(ascending=False, method="min")
        low, high = map(points, np.quantile(gained, [0.05, 0.95]))
        cells = [points(gained.median()), f"{low} to {high}", f"{(gained > 0).sum()} of {len(gained)}"]
        cells += [f"{points(gained[target])}, rank {ranks[target]:.0f}" for target in PAIRS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def other_settings():
    """The median of the splits drawn by chance, beside the series' two, in other settings: a Markdown table."""
    columns = {
        f"{shown}, {count} labels": gains(network, count, SAMPLE)
        for network, shown in (("small", "small network"), ("readme", "network of this page"))
        for count in (10, 100)
    }
    lines = [f"| gain, points | {' | '.join(columns)} |", "|---|" + "--:|" * len(columns)]
    for name in GAINS:
        cells = [
            f"{points(gained[name].drop(list(PAIRS)).median())}"
            f" ({', '.join(points(gained[name][target]) for target in PAIRS)})"
            for gained in columns.values()
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def census():
    """The gains of all 252 splits, and where the series' two lie among them: Markdown."""
    (tuned, of_tuned), (frozen, of_frozen) = doubt("fine-tune"), doubt("frozen")
    return "\n\n".join(
        [
            places(),
            "Ten labels per class, a small network; over training from scratch, where nothing else is said. The splits are"
            " all there are, so this is their spread and no interval; rank 1 is the largest gain. Each split stands for"
            " itself by the mean over two sources and three draws of labels, which leaves a doubt: what fine-tuning gains"
            f" differs from split to split with a standard deviation of {tuned:.1f} points, and the mean that is measured errs"
            f" with one of {of_tuned:.1f}; for freezing the two are {frozen:.1f} and {of_frozen:.1f}. So ranks are rough. Made by"
            " `python -m studies census`.",
            other_settings(),
            "The same with more labels and with this page's larger network: the median of ten splits that were drawn by"
            f" chance, and in brackets {' and '.join(map(' → '.join, PAIRS.values()))}.",
        ]
    )


def census_figure():
    """A dot for each split."""
    every = gains()
    shown = {name: every[name].to_numpy() for name, (_, other) in GAINS.items() if other == "scratch"}
    return plots.census(
        shown,
        {" → ".join(pair): TARGETS.index(target) for target, pair in PAIRS.items()},
        f"All {len(TARGETS)} splits into source and target, a dot for each:\n"
        "gain over training from scratch, ten labels per class",
        "gain in test accuracy (percentage points)",
    )
