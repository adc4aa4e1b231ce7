"""Write results/FINDINGS.md: what the studies found, each number a link to the table that it comes from.

    python -m tools.findings

The title of such a link says which rows of the table, and what its interval covers. A finding stands as long as the
tables bear it out: where they no longer do, this ends with an error, and its words must change.
"""

import functools
from pathlib import Path
from typing import NamedTuple

from helpers.evidence.statistics import paired_difference
from helpers.evidence.tables import ALL, read_table
from helpers.files import atomic_write
from studies import census_readout, features, forgetting_readout, labels, layers, original, sources_readout
from tools.evidence import PAIRS, Census, Labels, count_of_labels, percent, points

PAGE = Path(__file__).resolve().parent.parent / "results" / "FINDINGS.md"
EVEN, ODD = labels.EVEN, labels.ODD
NAMES = {target: " → ".join(pair) for target, pair in PAIRS.items()}


class NoLongerTrueError(Exception):
    """A table has changed, and a sentence about it is no longer true."""


class Finding(NamedTuple):
    """One conclusion: in a sentence, its numbers, what it would have been otherwise, and what others found."""

    claim: str
    text: str
    otherwise: str
    literature: str


def hold(condition, claim):
    """End with an error unless the tables bear a claim out."""
    if not condition:
        raise NoLongerTrueError(f"the stored results no longer bear this out; rewrite it in tools/findings.py: {claim}")


def cite(text, study, rows):
    """A number as a link to its table; the link's title says which rows."""
    return f'[{text}]({study}.csv "{rows}")'


def cited(estimate, study, rows, show=points):
    """An estimate with its 95 % interval, as such a link: "+1.2 (+0.3 to +2.1)"."""
    value, low, high = map(show, estimate)
    return cite(f"{value} ({low} to {high})", study, rows)


def hundredths(value):
    """A difference in percentage points, finer: "+0.12"."""
    return f"{value:+.2f}".replace("-", "−")


def in_points(row):
    """The gain or value of a readout's row, with its interval, in percentage points."""
    value = row["gain"] if "gain" in row else row["value"]
    return 100 * value, 100 * row["low"], 100 * row["high"]


@functools.cache
def _labels():
    return Labels()


@functools.cache
def _census():
    return Census()


def _gains(one, other, count):
    """What one method gains over another with so many labels, in both directions: text, and the two estimates."""
    estimates = {target: _labels().gain(one, other, count, target) for target in PAIRS}
    rows = f"{one} − {other}, {count} a class, 10 seeds × test images"
    texts = [
        f"{cited(each, 'labels', f'{NAMES[target]}: {rows}')} {NAMES[target]}" for target, each in estimates.items()
    ]
    return " and ".join(texts), list(estimates.values())


def few_labels():
    """Fine-tuning against scratch."""
    claim = "With few labels, fine-tuning beats training from scratch, between odd and even digits."
    three, at_three = _gains("fine-tune", "scratch", 3)
    many, at_many = _gains("fine-tune", "scratch", 1000)
    one, at_one = _gains("fine-tune", "scratch", 1)
    hold(all(each.low > 0 for each in (*at_three, *at_many)) and at_one[0].low > 0 > at_one[1].low, claim)
    shares = [
        cited(
            _labels().removed(count, EVEN),
            "labels",
            f"{NAMES[EVEN]}: share of scratch's errors that fine-tune removes, {count} labels",
            percent,
        )
        for count in (3, 30, 300)
    ]
    return Finding(
        claim,
        f"In points of test accuracy: with 3 labels a class {three}; with 1,000 still {many}. With a single label it is {one}:"
        " the second could be nothing. The fewer labels, the more points, but not the larger share of what scratch gets"
        f" wrong: from odd to even, fine-tuning removes {', '.join(shares[:-1])} and {shares[-1]} per cent of its errors with 3, 30"
        " and 300 labels.",
        "“Fine-tuning may be no better than starting afresh, however few the labels.”",
        "Agrees with Yosinski et al. (2014), who had many labels, and with Hernandez et al. (2021): the fewer, the more.",
    )


def strong_baseline():
    """Fine-tuning against the kernel."""
    claim = "From a few hundred labels on, a method that has never seen another digit is better."
    ten, at_ten = _gains("fine-tune", "kernel", 10)
    hundreds, at_hundreds = _gains("fine-tune", "kernel", 300)
    hold(all(each.low > 0 for each in at_ten) and all(each.high < 0 for each in at_hundreds), claim)
    saved = [
        cited(
            _labels().equals(count, EVEN),
            "labels",
            f"{NAMES[EVEN]}: labels at which kernel equals fine-tune with {count}",
            count_of_labels,
        )
        for count in (10, 100)
    ]
    return Finding(
        claim,
        f"Over kernel ridge regression on raw pixels, fine-tuning gains {ten} with 10 labels, and with 300 it is behind:"
        f" {hundreds}. In labels: from odd to even, 10 for fine-tuning do what {saved[0]} do for the kernel, and 100 what"
        f" {saved[1]} do. Against the weaker rival, training from scratch, transfer would look much better.",
        "“Transfer saves labels, however many there are, against whatever learns without it.”",
        "Kornblith et al. (2019) compare with logistic regression on features; a kernel on pixels is rarely shown. It should be.",
    )


def random_control():
    """Frozen against random frozen."""
    claim = "What is frozen knows something: it beats random layers, which do surprisingly well themselves."
    ten, at_ten = _gains("frozen", "random", 10)
    many, at_many = _gains("frozen", "random", 1000)
    lost, at_lost = _gains("random", "scratch", 10)
    hold(all(each.low > 0 for each in (*at_ten, *at_many)), claim)
    below = _census().gains["first layer frozen, over a random one"]
    hold((below > 0).sum() >= 250, claim)
    narrow = cite(
        points(_census().gains["random first layer frozen"].median()),
        "census",
        "small network, 10 labels: random − scratch, median",
    )
    splits = cite(
        f"{(below > 0).sum()} of {len(below)}",
        "census",
        "small network, 10 labels: frozen − random, mean of 6 pairs a split",
    )
    convolutions = {other: _convolutions("frozen", other) for other in ("random", "scratch", "kernel")}
    hold(all(estimate.low > 0 for estimate in convolutions.values()), claim)
    of_convolutions = {
        other: cited(
            [100 * value for value in estimate],
            "labels" if other == "kernel" else "labels_cnn",
            f"convnet, odd → even, 10 labels a class, 5 pairs of seeds: frozen − {other}",
        )
        for other, estimate in convolutions.items()
    }
    return Finding(
        claim,
        f"The first layer frozen, over the same at random values: {ten} with 10 labels, {many} with 1,000. In the census it is"
        f" ahead in {splits} splits. The control is strong where the layer is wide: in README's network, with 10 labels, a random one differs from"
        f" scratch by {lost}; in the census's small network the median split loses {narrow}."
        f" Frozen convolutions beat all three controls: with 10 labels, odd → even, five seeds, {of_convolutions['random']} over random ones,"
        f" {of_convolutions['scratch']} over scratch and {of_convolutions['kernel']} over the kernel.",
        "“A frozen layer of random values does as well, so the source taught it nothing.”",
        "Agrees with Yosinski et al. (2014); that random features go far is known since Rahimi and Recht (2007).",
    )


def _convolutions(one, other, count=10):
    """What a strategy with the convolutional network gains over another or over the kernel: an Estimate over the seeds."""
    tables = {"kernel": read_table("labels")}
    of_one, of_other = (
        table[
            (table["strategy"] == name) & (table["target"] == EVEN) & (table["labels"] == count) & (table["seed"] < 5)
        ]
        for name in (one, other)
        for table in [tables.get(name, read_table("labels_cnn"))]
    )
    return paired_difference(*(rows.sort_values("seed")["test_accuracy"] for rows in (of_one, of_other)))


def head_first():
    """The order of training."""
    claim = "Head first, then all, is better than all at once while labels are very few."
    three, at_three = _gains("head-then-all", "fine-tune", 3)
    many, at_many = _gains("head-then-all", "fine-tune", 1000)
    hold(all(each.low > 0 for each in at_three) and all(each.low < 0 < each.high for each in at_many), claim)
    return Finding(
        claim,
        f"At the same rate and in the same number of steps, the first quarter of them for the head alone: {three} with 3 labels. With 1,000 labels no difference can be"
        f" told: {many}.",
        "“The order does not matter; earlier gains of “head first” came from its smaller rate.”",
        "Agrees with Kumar et al. (2022), who find it mostly on images unlike the training ones, and a little on images like them.",
    )


def lucky_pair():
    """Where odd and even lie among the splits."""
    claim = "Odd and even are a lucky pair."
    table = _census().gains
    tuned, frozen, kernel = (
        table[name]
        for name in (
            "all layers fine-tuned",
            "first layer frozen",
            "all layers fine-tuned, over kernel ridge regression",
        )
    )
    ranks = tuned.rank(ascending=False, method="min")
    hold(ranks[ODD] == 1 and ranks[EVEN] <= 25 and (frozen > 0).mean() < 0.5 and (kernel > 0).mean() < 0.5, claim)
    rows = "small network, 10 labels, mean of 2 sources × 3 draws a split"

    def of(text, what):
        return cite(text, "census", f"{rows}: {what}")

    between, mean = _census().doubt("fine-tune")
    larger = _census().of_drawn_splits("readme", 10)
    hold(
        all(
            larger[name] > 0
            for name in (
                "all layers fine-tuned",
                "first layer frozen",
                "all layers fine-tuned, over kernel ridge regression",
            )
        ),
        claim,
    )

    def of_larger(name):
        return cite(
            points(larger[name]), "census", f"README's network, 10 labels, ten splits drawn by chance: {name}, median"
        )

    return Finding(
        claim,
        f"Of all 252 ways to split ten digits, even → odd has rank {of(f'{ranks[ODD]:.0f}', 'fine-tune − scratch, 13579')} by what"
        f" fine-tuning gains with ten labels, and odd → even rank {of(f'{ranks[EVEN]:.0f}', 'fine-tune − scratch, 02468')}. With this small network the median"
        f" split gains {of(points(tuned.median()), 'fine-tune − scratch, median')} points, freezing the first layer gains in"
        f" {of(f'{(frozen > 0).sum()}', 'frozen − scratch > 0')} splits, and fine-tuning beats the kernel in"
        f" {of(f'{(kernel > 0).sum()}', 'fine-tune − kernel > 0')}. With README's network, which findings 1 to 4 use, the medians of ten splits drawn"
        f" by chance are {of_larger('all layers fine-tuned')} for fine-tuning, {of_larger('first layer frozen')} for freezing and"
        f" {of_larger('all layers fine-tuned, over kernel ridge regression')} over the kernel: there the pair is less of an exception. All splits are counted, so these are spreads and no intervals. But the"
        f" six runs of a split leave a doubt of {of(f'{mean:.1f}', 'standard error of a split’s mean gain')} points, and true gains differ by"
        f" less, {of(f'{between:.1f}', 'standard deviation between splits')}: a rank is rough, and most of what makes one split look better"
        " than another is the luck of a run.",
        "“What holds for odd and even holds for about any two halves of the digits.”",
        "No study of transfer on MNIST that we know shows more than a few pairs.",
    )


def no_likeness():
    """What predicts the gain."""
    claim = "How alike the mean images of source and target are did not predict what transfer gains; a digit more in the source helps freezing."
    table = read_table("census")
    worth = 100 * census_readout.worth_of_digits(table)
    alike = _likeness()
    gains = census_readout.gains(census_readout.of_all_splits(table))
    shares = [100 * census_readout.predicted_by_likeness(gains[name], alike).max() for name in ("fine-tune", "frozen")]
    hold(max(shares) < 5 and worth["frozen"].mean() > 1, claim)
    return Finding(
        claim,
        "A line through likeness and gain, fitted without a digit and tried on the splits that have it in their target,"
        f" explains at best {cite(f'{max(shares):.0f}', 'census', 'small network, 10 labels: best of ten digits, fine-tune and frozen')} per cent"
        " of the gains' variance, much of which is the luck of runs and not to be predicted by anything. A fifth digit in the source is worth"
        f" {cite(points(worth['frozen'].mean()), 'census', 'small network, 10 labels, 12 splits × 5 digits left out: frozen, mean')} points to a"
        f" frozen layer and {cite(points(worth['fine-tune'].mean()), 'census', 'the same: fine-tune, mean')} to fine-tuning, in the mean over 60"
        " cases that were not drawn from a larger population: a spread, no interval.",
        "“Choose the source that looks most like your target.”",
        "Yosinski et al. (2014) find that distant tasks transfer less. All our tasks are near to each other.",
    )


@functools.cache
def _likeness():
    from helpers.data.mnist import load_mnist
    from helpers.data.tasks import digit_task

    return census_readout.likeness(digit_task(load_mnist(), range(10)).train)


def which_layers():
    """Cuts."""
    claim = "The higher the layer, the more it belongs to its task; torn co-adaptation costs a tenth of a point at most, in the mean."
    table = 100 * layers.differences(read_table("layers"))[["value", "low", "high"]]

    def at(name, cut, target=EVEN):
        row = table.loc[(ALL, target, name, cut)]
        what = {"specificity": "other frozen − same frozen", "co-adaptation": "same frozen − scratch"}[name]
        return row, cited(row, "layers", f"{NAMES[target]}, all labels, cut {cut}: {what}, 10 seeds")

    first, low = at("specificity", 1)
    last, high = at("specificity", 4)
    torn, middle = at("co-adaptation", 2)
    sure, single = at("co-adaptation", 1)
    every = table.loc[[(ALL, target, "co-adaptation", cut) for target in PAIRS for cut in layers.CUTS]]
    hold(first["high"] < 0 and last["high"] < first["low"] and torn["low"] < 0 < torn["high"], claim)
    hold((every["high"] < 0).sum() == 1 and sure["high"] < 0 and every["value"].min() > -0.15, claim)
    return Finding(
        claim,
        "With all labels, four hidden layers, and the lowest of them frozen: if they come from the other task instead of the same,"
        f" one layer costs {low} points, all four {high}. Tearing layers apart that had learned together costs {middle} at the"
        f" second cut; of the eight intervals, four cuts in two directions, one excludes zero, {single} at the first cut odd → even:"
        " too small to matter, if it is there. The study has 80 such intervals.",
        "“All layers travel equally well”, or “splitting a network in its middle breaks it.”",
        "Agrees with Yosinski et al. (2014) on specificity, and not on co-adaptation: their networks were deeper, ours has four layers.",
    )


def good_sources():
    """Poor sources."""
    claim = (
        "Frozen layers are as good as their source: noise makes them worse than random ones. Fine-tuning forgives it."
    )
    table, of_random = (sources_readout.gains(read_table("sources"), control) for control in ("scratch", "random"))
    rows = "small network, 10 labels, 10 seeds"

    def at(option, strategy, target):
        row = in_points(table.loc[(target, option, strategy)])
        return row, cited(row, "sources", f"{NAMES[target]}: {rows}: {option}, {strategy} − scratch")

    noise = [at("labels shuffled", "frozen", target) for target in PAIRS]
    tuned = [at("labels shuffled", "fine-tune", target) for target in PAIRS]
    moved = [at("pixels permuted", "frozen", target) for target in PAIRS]
    intact = [at("intact", "frozen", target) for target in PAIRS]
    both = [at(sources_readout.BOTH, "frozen", target) for target in PAIRS]
    hold(all(row[2] < 0 for row, _ in noise + moved) and all(row[1] < 0 < row[2] for row, _ in tuned), claim)
    worse = [in_points(of_random.loc[(target, "labels shuffled", "frozen")]) for target in PAIRS]
    hold(all(row[0] > 0 for row, _ in both) and all(row[2] < 0 for row in worse), claim)
    than_random = " and ".join(
        cited(row, "sources", f"{NAMES[target]}: {rows}: labels shuffled, frozen − random")
        for target, row in zip(PAIRS, worse)
    )
    return Finding(
        claim,
        f"Frozen after training on shuffled labels, the first layer costs {noise[0][1]} points and {noise[1][1]} against scratch, and {than_random} against random layers (odd → even,"
        f" even → odd); after permuted pixels {moved[0][1]} and {moved[1][1]}. Fine-tuned from shuffled labels it is {tuned[0][1]}"
        f" and {tuned[1][1]}: neither a gain nor a loss could be told. Permute source and target alike, and freezing is"
        f" as good as from an intact source, {intact[0][1]} and {intact[1][1]}: {both[0][1]} and {both[1][1]}.",
        "“Any pre-training is better than none.”",
        "Zhang et al. (2017) show that networks learn shuffled labels by heart; Maennel et al. (2020) that this can help or hurt another task. Frozen, here it hurts.",
    )


def only_time():
    """Time."""
    claim = "Scratch does not only need time: with a hundred labels, ten times the steps do not close the gap."
    equal, best = (
        readout(read_table("sources"))
        for readout in (sources_readout.gains_by_steps, sources_readout.gains_at_best_steps)
    )
    late = [in_points(equal.loc[(target, 100, 3000)]) for target in PAIRS]
    chosen = [in_points(best.loc[(target, 100)]) for target in PAIRS]
    early = [in_points(equal.loc[(target, 100, 30)]) for target in PAIRS]
    hold(all(row[1] > 0 for row in late + chosen) and all(row[2] < 0 for row in early), claim)
    three = [
        *(best.loc[(target, 3)] for target in PAIRS),
        *(row for target in PAIRS for _, row in equal.loc[(target, 3)].iterrows()),
    ]
    hold(all(row["low"] < 0 < row["high"] for row in three), claim)
    rows = "small network, 100 labels, 10 seeds: fine-tune − scratch"

    def of(rows_of, what):
        return " and ".join(
            cited(row, "sources", f"{NAMES[target]}: {rows}, {what}") for target, row in zip(PAIRS, rows_of)
        )

    return Finding(
        claim,
        f"After 3,000 steps fine-tuning is ahead by {of(late, '3,000 steps')} points (odd → even, even → odd), and with each at its own best"
        f" number of steps, chosen on the other direction's validation images, by {of(chosen, 'each at its best steps')}. In 30 steps"
        f" it is behind: {of(early, '30 steps')}. With 3 labels no interval of these excludes zero.",
        "“Transfer only saves time: train from scratch for longer, and it is level.”",
        "He et al. (2019) find scratch level with a hundred thousand target images and with ten thousand, and behind with one thousand. We have five hundred: that is their limit, not against their result.",
    )


def inside():
    """What is inside a layer."""
    claim = "What travels is the change that training made, and most of it lies in the weights' covariance, not in the units."
    of_trained, of_fresh = (
        features.over_splits(features.against(read_table("features"), other)) for other in ("trained", "fresh")
    )
    rows = "8 splits × 10 seeds, 10 labels"

    def at(table, variant, other):
        row = in_points(table.loc[(variant, 10)])
        return row, cited(row, "features", f"{rows}: {variant} − {other}, the split is one repetition")

    change, mixture, trained, few = (
        at(of_trained, "change", "trained"),
        at(of_fresh, "mixture", "fresh"),
        at(of_fresh, "trained", "fresh"),
        at(of_fresh, "rank-16", "fresh"),
    )
    moments, data = at(of_fresh, "moments", "fresh"), at(of_fresh, "data", "fresh")
    wins = of_trained.loc[("change", 10), "wins"]
    hold(change[0][1] < 0 < change[0][2] and moments[0][1] < 0 < moments[0][2] and data[0][1] > 0, claim)
    hold(0.7 < mixture[0][0] / trained[0][0] < 0.85, claim)
    return Finding(
        claim,
        f"Under a new top, the trained first layer W gains {trained[1]} points over a random one. W − W₀, without the values W₀ that it"
        f" started from, is as good: {change[1]} against W, ahead in {cite(f'{wins} of 80', 'features', f'{rows}: pairs that change wins')} pairs,"
        " so that it once won four draws out of four was luck. Sixteen directions of the change give"
        f" {few[1]}. Random mixtures of the units, in which no unit is left but W·Wᵀ is kept, give {mixture[1]}; random values with the"
        f" mean and deviation of each pixel {moments[1]}, no gain that could be told. Random weights with the covariance of the source's images, which"
        f" never saw a label, give {data[1]}.",
        "“The units themselves are what is reused”, or “the random start is part of what was learned.”",
        "Agrees with Neyshabur et al. (2020) that part of the benefit is statistics and not features; and, in spirit, with the low rank of what fine-tuning changes (Hu et al., 2022).",
    )


def forgotten():
    """Forgetting."""
    claim = (
        "A pull to the old values, or ten old images a class, keep most of the old task; only the images do so at no cost on the"
        " new one. Five biases bring back some of what is lost."
    )
    table = read_table("forgetting")
    back = forgetting_readout.had_back(table)
    rows = "small network, 100 labels, 10 seeds"
    at_rate, best = table[table["rate"] == RATE], forgetting_readout.at_best_rate(table)

    def accuracy(chosen, strategy, target, column):
        of = chosen[(chosen["strategy"] == strategy) & (chosen["target"] == target)]
        return 100 * of.sort_values("seed")[column].to_numpy()

    def over_plain(chosen, strategy, column):
        return {
            target: paired_difference(
                accuracy(chosen, strategy, target, column), accuracy(at_rate, "plain", target, column)
            )
            for target in PAIRS
        }

    def of(estimates, what):
        return " and ".join(
            cited(each, "forgetting", f"{NAMES[target]}: {rows}, {what}") for target, each in estimates.items()
        )

    old, new = "old_accuracy", "test_accuracy"
    pull_old, pull_new = (over_plain(best, "l2", column) for column in (old, new))
    images_old, images_new = (over_plain(at_rate, "replay", column) for column in (old, new))
    biases, fresh = (
        {target: in_points(back.loc[(target, 0.0, RATE, fitted)]) for target in PAIRS} for fitted in ("biases", "fresh")
    )
    hold(all(each.low > 0 for each in (*pull_old.values(), *images_old.values())), claim)
    hold(all(each.high < 0 for each in pull_new.values()), claim)
    hold(all(each.low < 0 < each.high for each in images_new.values()), claim)
    hold(all(biases[target][1] > 0 and biases[target][0] > fresh[target][0] for target in PAIRS), claim)
    lost = " and ".join(
        cite(
            " to ".join(
                f"{accuracy(at_rate, 'plain', target, column).mean():.1f}" for column in ("old_accuracy_before", old)
            ),
            "forgetting",
            f"{NAMES[target]}: {rows}, plain, the recipe's rate: old before, old",
        )
        for target in PAIRS
    )
    return Finding(
        claim,
        f"Fine-tuned at the recipe's rate, the old task falls from {lost} per cent (odd → even, even → odd). With ten old images of"
        f" each class in every step it is {of(images_old, 'replay − plain, old task, the recipe’s rate')} points better, and the new"
        f" task differs by {of(images_new, 'replay − plain, new task, the recipe’s rate')}. A pull to the source's values, its strength"
        f" and rate chosen on the other direction's validation images, gives {of(pull_old, 'l2 at its best − plain, old task')} on the"
        f" old task and {of(pull_new, 'l2 at its best − plain, new task')} on the new. Without any of that, five biases of the old"
        f" head, fitted to one old image a class, bring back {of(biases, 'biases − as left, old task')} points; a new head on the same"
        f" images {of(fresh, 'fresh head − as left, old task')}.",
        "“What is forgotten is gone from the layers.”",
        "Agrees with Robins (1995) on replay, and with Li, Grandvalet and Davoine (2018) on the pull.",
    )


FINDINGS = (
    *(few_labels, strong_baseline, random_control, head_first, lucky_pair, no_likeness),
    *(which_layers, inside, good_sources, only_time, forgotten),
)
RATE = 2e-3  # the recipe's, in the study of forgetting


def originals():
    """The original program's table, beside ours: Markdown."""
    table = 100 * original.beside(read_table("original"))
    lines = [
        "| test accuracy, % | target | share of the data, % | published | ours | ours − published |",
        "|---|---|--:|--:|--:|--:|",
    ]
    names = {"": "softmax regression", "original": "hidden layer of 500", "readme": "README's network"}
    published = table.dropna(subset="published")
    for (network, strategy, target, share), row in published.iterrows():
        where = f"{network or strategy}, {strategy}, {target}, share {share}: mean of 5 seeds"
        lines.append(
            f"| {names[network]}{', transferred, first layer frozen' if strategy == 'frozen' else ''} |"
            f" {PAIRS[target][1]} | {share} | {row['published']:.2f} | {cite(format(row['accuracy'], '.2f'), 'original', where)} |"
            f" {cited(row[['margin', 'low', 'high']], 'original', where, hundredths)} |"
        )
    behind = published[published["margin"] < 0]
    best = published.groupby(["strategy", "target", "share"])["margin"].max()
    hold(
        set(behind.index.get_level_values("network")) == {"original"}
        and set(behind.index.get_level_values("strategy")) == {"frozen"},
        "only the original's architecture, frozen, is behind",
    )
    return "\n".join(
        [
            *lines,
            "",
            f"Five seeds; the interval is of ours alone, as one figure a cell was published. Of {len(best)} published figures"
            f" {(best >= 0).sum()} are beaten by one of our networks. With the original's own architecture {len(behind)} are not:"
            " its hidden layer frozen and the head alone trained. There we are behind, and fewer images may be part of it:"
            " the published network learned from all, ours from nine tenths of them. README's network, which keeps a hidden layer to train above the"
            " frozen one, is ahead.",
        ]
    )


def page():
    """The whole page: Markdown."""
    parts = [OPENING]
    for number, finding in enumerate((make() for make in FINDINGS), 1):
        parts += [
            f"## {number}. {finding.claim}",
            finding.text,
            f"*Had it come out the other way:* {finding.otherwise}",
            f"*Others:* {finding.literature}",
        ]
    return "\n\n".join([*parts, "## 12. The original program's table", ORIGINAL, originals(), CLOSING]) + "\n"


OPENING = """# Findings

What this project found about transfer learning, in twelve conclusions. All of it is about small networks and MNIST's digits.
Each number is a link to the table that it comes from, and the link's title names the rows. In brackets stand 95 % intervals:
over seeds and test images where the study is `labels`, over the eight splits in finding 8, over the seeds alone elsewhere,
with the test images as they are. There are many comparisons, so about one interval in twenty will miss the truth, and we
do not know which.

`python -m tools.findings` writes this page from the tables, and refuses to where they no longer bear it out;
`python -m studies` says how to make the tables. To use all this on a problem of your own:
[five controls before you believe a transfer result](CONTROLS.md)."""

ORIGINAL = """This project replaces a program whose author published these figures. In them transfer with a frozen layer loses to
training from scratch on all the data. It still does: with all labels, freezing saves work and not labels."""

CLOSING = """## What would change our mind

- Of 1 to 4, 7 and 9 to 11: the same studies on other digits. Only the census has them all, for one network and ten labels.
- Of 5: more runs for each split. Ranks would move, and the spread of the gains would shrink.
- Of all: images that are not digits, and networks that are not small."""


def main():
    """Write the page."""
    text = page()
    with atomic_write(PAGE) as file:
        file.write(text.encode())


if __name__ == "__main__":
    main()
