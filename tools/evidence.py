"""What the README says and shows of two studies: labels and census."""

import functools

import numpy as np

from helpers.evidence.statistics import bootstrap, errors_removed, labels_saved
from helpers.evidence.tables import ALL, read_hits, read_table
from helpers.show import plots
from studies import census_readout, labels
from studies.census import SAMPLE

PAIRS = {labels.EVEN: ("odd", "even"), labels.ODD: ("even", "odd")}  # by target
BASELINE = "kernel"  # the best method without transfer from ten labels on, by validation: see the study `choices`
METHODS = {
    "fine-tune": "all layers fine-tuned",
    "frozen": "first layer frozen",
    "probe": "all but the head frozen",
    "scratch": "from scratch",
    "random": "random first layer frozen",
    "softmax": "softmax on the pixels",
    "kernel": "kernel ridge regression",
}
ARROWS = 10, 30, 100  # labels per class at which the figure shows what fine-tuning saves
GAINS = {  # in the census: of which method over which
    "all layers fine-tuned": ("fine-tune", "scratch"),
    "first layer frozen": ("frozen", "scratch"),
    "kernel ridge regression": ("kernel", "scratch"),
    "random first layer frozen": ("random", "scratch"),
    "first layer frozen, over a random one": ("frozen", "random"),
    "all layers fine-tuned, over kernel ridge regression": ("fine-tune", "kernel"),
}


class Labels:
    """The study `labels`."""

    def __init__(self):
        self.table = read_table("labels")
        self.hits = read_hits("labels", self.table)

    def curves(self, target, *strategies):
        """Hits from few labels to many: bool arrays (seeds, labels, images)."""
        return [labels.curve(self.table, self.hits, strategy, target) for strategy in strategies]

    def removed(self, count, target):
        """The share of scratch's errors that fine-tuning removes: an Estimate, in per cent."""
        return self._compare(
            lambda before, after: 100 * errors_removed(before, after), count, target, "scratch", "fine-tune"
        )

    def gain(self, one, other, count, target):
        """By how many points a strategy is better than another one: an Estimate."""
        return self._compare(lambda one, other: 100 * (one - other), count, target, one, other)

    def _compare(self, statistic, count, target, *strategies):
        place = labels.LABELS.index(count)
        return bootstrap(statistic, *(hits[:, place] for hits in self.curves(target, *strategies)), seed=0)

    def equals(self, count, target):
        """How many labels the baseline needs to do what fine-tuning does with so many: an Estimate."""
        return labels_saved(labels.LABELS, count, *self.curves(target, "fine-tune", BASELINE), seed=0)

    def accuracies(self):
        """Test accuracies from odd to even: a Markdown table."""
        rows = self.table[self.table["target"] == labels.EVEN]
        found = 100 * rows.groupby(["labels", "strategy"])["test_accuracy"].agg(["mean", "std"])
        lines = [f"| labels per class, odd → even | {' | '.join(METHODS.values())} |", "|--:|" + "--:|" * len(METHODS)]
        for count in (*labels.LABELS, ALL):
            cells = [
                "{:.1f} ± {:.1f}".format(*found.loc[(count, name)]) if (count, name) in found.index else "–"
                for name in METHODS
            ]
            lines.append(f"| {'all' if count == ALL else f'{count:,}'} | {' | '.join(cells)} |")
        return "\n".join(lines)

    def worth(self):
        """What transfer is worth beside its controls, with intervals: a Markdown table."""
        lines = [
            f"| labels per class | {' | '.join(f'{count:,}' for count in labels.LABELS)} |",
            "|---|" + "--:|" * len(labels.LABELS),
        ]
        for says, estimate, shown in (
            ("fine-tuning removes of scratch's errors, %", self.removed, percent),
            ("fine-tuning does what the kernel does with … labels", self.equals, count_of_labels),
            (
                "first layer frozen − random one frozen, points",
                functools.partial(self.gain, "frozen", "random"),
                points,
            ),
            ("first layer frozen − fine-tuned, points", functools.partial(self.gain, "frozen", "fine-tune"), points),
        ):
            for target, pair in PAIRS.items():
                cells = []
                for count in labels.LABELS:
                    value, low, high = map(shown, estimate(count, target))
                    cells.append(f"{value} ({low} to {high})")
                lines.append(f"| {' → '.join(pair)}: {says} | {' | '.join(cells)} |")
        return "\n".join(lines)

    def figure(self, target):
        """Test error against labels, in one direction."""
        curves = labels.error_curves(self.table, self.hits, METHODS, BASELINE, target)
        arrows = []
        for count in ARROWS:
            equal = self.equals(count, target)
            if equal.low > count:
                value, low, high = (f"{end - count:,.0f}" for end in equal)
                error = curves["fine-tune"][0][labels.LABELS.index(count)]
                arrows.append((count, error, equal.value, f"saves {value} labels\n({low} to {high})"))
        title = (
            "From {} to {} digits, ten seeds. Bands: 95 % interval of the\n"
            "difference to kernel ridge regression. Arrow: labels saved"
        )
        named = {METHODS[strategy]: curve for strategy, curve in curves.items()}
        return plots.error_by_labels(labels.LABELS, named, title.format(*PAIRS[target]), arrows)


@functools.cache  # for tests, which ask for it again and again
def few_labels():
    """Test accuracy against labels per class, and what fine-tuning is worth."""
    study = Labels()
    seeds = study.table["seed"].nunique()
    return "\n\n".join(
        [
            study.accuracies(),
            f"Test accuracy in %, mean ± standard deviation over {seeds} seeds, each with labels of its own: made by"
            " `python -m studies labels`. A dash: not tried.",
            study.worth(),
            "In brackets the 95 % interval over seeds and test images; of these"
            f" {4 * len(PAIRS) * len(labels.LABELS)}, two or three may miss by chance. The kernel is kernel ridge regression,"
            " by validation the best method without transfer from ten labels on; its labels are read off its curve.",
        ]
    )


def percent(share):
    return f"{share:.0f}".replace("-", "−")


def count_of_labels(number):
    """A number of labels; outside of those tried, only that."""
    if number == np.inf:
        return f"> {labels.LABELS[-1]:,}"
    return (
        f"≤ {labels.LABELS[0]}" if number <= labels.LABELS[0] else f"{number:,.1f}" if number < 10 else f"{number:,.0f}"
    )


class Census:
    """The study `census`."""

    def __init__(self):
        self.table = read_table("census")
        self.gains = _gains(census_readout.of_all_splits(self.table))

    def places(self):
        """The gains of all splits, and where the series' two lie: a Markdown table."""
        names = [" → ".join(pair) for pair in PAIRS.values()]
        lines = [
            f"| gain, points | median | nine of ten splits | splits that gain | {' | '.join(names)} |",
            "|---|--:|--:|--:|" + "--:|" * len(names),
        ]
        for name, gains in self.gains.items():
            ranks = gains.rank(ascending=False, method="min")
            low, high = map(points, np.quantile(gains, [0.05, 0.95]))
            cells = [points(gains.median()), f"{low} to {high}", f"{(gains > 0).sum()} of {len(gains)}"]
            cells += [f"{points(gains[target])}, rank {ranks[target]:.0f}" for target in PAIRS]
            lines.append(f"| {name} | {' | '.join(cells)} |")
        return "\n".join(lines)

    def in_setting(self, network, count):
        """The gains on the sample of splits with a network and so many labels, by target: a dict as in `gains`."""
        whole = self.table[(self.table["source"].str.len() != 4) & self.table["target"].isin(SAMPLE)]
        return _gains(whole[whole["network"].isin([network, ""]) & (whole["labels"] == count)])

    def of_drawn_splits(self, network, count):
        """The median gain of those of them that were drawn by chance: a dict by name."""
        return {name: gains.drop(list(PAIRS)).median() for name, gains in self.in_setting(network, count).items()}

    def other_settings(self):
        """The median of the splits drawn by chance, beside the series' two, in other settings: a Markdown table."""
        columns = {
            f"{shown}, {count} labels": self.in_setting(network, count)
            for network, shown in (("small", "small network"), ("readme", "network of this page"))
            for count in (10, 100)
        }
        lines = [f"| gain, points | {' | '.join(columns)} |", "|---|" + "--:|" * len(columns)]
        for name in GAINS:
            cells = [
                f"{points(gains[name].drop(list(PAIRS)).median())}"
                f" ({', '.join(points(gains[name][target]) for target in PAIRS)})"
                for gains in columns.values()
            ]
            lines.append(f"| {name} | {' | '.join(cells)} |")
        return "\n".join(lines)

    def doubt(self, strategy):
        """Standard deviations of a gain, in points: from split to split, and of the mean that stands for one split."""
        parts = census_readout.components(self.table, read_hits("census", self.table), strategy)
        seeds, draws = self.table["seed"].nunique(), self.table["draw"].nunique()
        of_mean = (
            parts["images"] + parts["seed"] / seeds + parts["draw"] / draws + parts["seed × draw"] / (seeds * draws)
        )
        return 100 * max(parts["split"], 0) ** 0.5, 100 * of_mean**0.5

    def figure(self):
        """A dot for each split."""
        shown = {name: self.gains[name] for name, (_, other) in GAINS.items() if other == "scratch"}
        splits = next(iter(shown.values())).index
        return plots.census(
            {name: gains.to_numpy() for name, gains in shown.items()},
            {" → ".join(pair): splits.get_loc(target) for target, pair in PAIRS.items()},
            f"All {len(splits)} splits into source and target, a dot for each:\n"
            "gain over training from scratch, ten labels per class",
            "gain in test accuracy (percentage points)",
        )


@functools.cache
def census():
    """The gains of all 252 splits, and where the series' two lie among them."""
    study = Census()
    (tuned, of_tuned), (frozen, of_frozen) = study.doubt("fine-tune"), study.doubt("frozen")
    return "\n\n".join(
        [
            study.places(),
            "Ten labels per class, a small network; over training from scratch, where nothing else is said. The splits are"
            " all there are, so this is their spread and no interval; rank 1 is the largest gain. Each split stands for"
            " itself by the mean over two sources and three draws of labels, which leaves a doubt: what fine-tuning gains"
            f" differs from split to split with a standard deviation of {tuned:.1f} points, and the mean that is measured errs"
            f" with one of {of_tuned:.1f}; for freezing the two are {frozen:.1f} and {of_frozen:.1f}. So ranks are rough. Made by"
            " `python -m studies census`.",
            study.other_settings(),
            "The same with more labels and with this page's larger network: the median of ten splits that were drawn by"
            f" chance, and in brackets {' and '.join(map(' → '.join, PAIRS.values()))}.",
        ]
    )


def _gains(rows):
    """By what is in `GAINS`, in points, for each target."""
    gains = 100 * census_readout.gains(rows).assign(scratch=0.0)
    return {shown: (gains[one] - gains[other]).round(9) for shown, (one, other) in GAINS.items()}


def points(gain):
    return f"{gain:+.1f}".replace("-", "−")
