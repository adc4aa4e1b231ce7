"""Write results/FINDINGS.md: what the studies found, each number a link to the table that it comes from.

    python -m tools.findings

The title of such a link says which rows of the table. A finding stands as long as the tables bear it out: where they no
longer do, this ends with an error, and its words must change.
"""

import functools
from typing import NamedTuple

from helpers.evidence.tables import ALL, RESULTS, points, read_table
from helpers.files import atomic_write
from studies import forgetting_readout, layers, original, sources_readout
from studies.census import SAMPLE, TARGETS, others
from studies.sources import STEPS
from tools import comparisons
from tools.citations import EVEN, NETWORKS, ODD, PAIRS, Citation, cite, pair, rows, whole
from tools.evidence import errors_removed, gain, labels_equal, of_splits

PAGE = RESULTS / "FINDINGS.md"
RATE = 2e-3  # the recipe's, in the study of forgetting
FINDINGS = {}  # by claim, in the order of the page: a function that makes the finding


class NoLongerTrueError(Exception):
    """A table has changed, and a sentence about it is no longer true."""


class Finding(NamedTuple):
    """What stands below a claim.

    Attributes
    ----------
    holds : bool
        Whether the tables bear the claim out.
    text : str
        Its sentences, with {names} where numbers stand.
    numbers : dict
        By these names a Citation, or a list of them; where a name is of both directions, odd → even comes first.
    otherwise, others : str
        What it would have been otherwise, and what others found; empty for nothing.
    """

    holds: bool
    text: str
    numbers: dict
    otherwise: str = ""
    others: str = ""

    def citations(self):
        """All of its numbers."""
        for cited in self.numbers.values():
            yield from [cited] if isinstance(cited, Citation) else cited

    def sentences(self, link):
        """Its text; `link` makes Markdown of a Citation."""
        said = {
            name: link(cited) if isinstance(cited, Citation) else list(map(link, cited))
            for name, cited in self.numbers.items()
        }
        return self.text.format(**said)


def finding(claim):
    """Put what a function makes below a claim."""
    return functools.partial(FINDINGS.setdefault, claim)


def gains(one, other, count):
    """What one method gains over another with so many labels a class, in both directions."""
    return [gain(one, other, count, target) for target in PAIRS]


@finding("With few labels, fine-tuning beats training from scratch, between odd and even digits.")
def few_labels():
    one, three, many = (gains("fine-tune", "scratch", count) for count in (1, 3, 1000))
    shares = [errors_removed(count, EVEN) for count in (3, 30, 300)]
    return Finding(
        all(each.low > 0 for each in (*three, *many)) and one[0].low > 0 > one[1].low,
        "In points of test accuracy: with 3 labels a class {three[0]} odd → even and {three[1]} even → odd; with 1,000 still"
        " {many[0]} odd → even and {many[1]} even → odd. With a single label it is {one[0]} odd → even and {one[1]} even → odd:"
        " the second could be nothing. The fewer labels, the more points, but not the larger share of what scratch gets"
        " wrong: from odd to even, fine-tuning removes {shares[0]}, {shares[1]} and {shares[2]} per cent of its errors with 3, 30"
        " and 300 labels.",
        {"one": one, "three": three, "many": many, "shares": shares},
        "“Fine-tuning may be no better than starting afresh, however few the labels.”",
        "Agrees with Yosinski et al. (2014), who had many labels, and with Hernandez et al. (2021): the fewer, the more.",
    )


@finding("From a few hundred labels on, a method that has never seen another digit is better.")
def strong_baseline():
    ten, hundreds = gains("fine-tune", "kernel", 10), gains("fine-tune", "kernel", 300)
    equal = [labels_equal(count, EVEN) for count in (10, 100)]
    return Finding(
        all(each.low > 0 for each in ten) and all(each.high < 0 for each in hundreds),
        "Over kernel ridge regression on raw pixels, fine-tuning gains {ten[0]} odd → even and {ten[1]} even → odd with 10 labels,"
        " and with 300 it is behind: {hundreds[0]} odd → even and {hundreds[1]} even → odd. In labels: from odd to even, 10 for"
        " fine-tuning do what {equal[0]} do for the kernel, and 100 what {equal[1]} do. Against the weaker rival, training from"
        " scratch, transfer would look much better.",
        {"ten": ten, "hundreds": hundreds, "equal": equal},
        "“Transfer saves labels, however many there are, against whatever learns without it.”",
        "Kornblith et al. (2019) compare with logistic regression on features; a kernel on pixels is rarely shown. It should be.",
    )


def in_census(one, other, comparison, show=points, **which):
    """What one method gains over another with ten labels, from split to split; `which` as for `of_splits`."""
    return cite("census", of_splits(one, other, **which), comparison, show)


def of_convolutions(other):
    """What frozen convolutions gain over something else with ten labels, odd → even."""
    where = {"target": EVEN, "labels": 10, "seed": tuple(range(5))}
    study = "labels" if other == "kernel" else "labels_cnn"
    chosen = {"frozen": rows("labels_cnn", strategy="frozen", **where), other: rows(study, strategy=other, **where)}
    return cite("labels_cnn", chosen, comparisons.mean)


@finding("What is frozen knows something: it beats random layers, which do surprisingly well themselves.")
def random_control():
    ten, many, lost = gains("frozen", "random", 10), gains("frozen", "random", 1000), gains("random", "scratch", 10)
    ahead = in_census("frozen", "random", comparisons.count, whole)
    narrow = in_census("random", "scratch", comparisons.median)
    convnet = [of_convolutions(other) for other in ("random", "scratch", "kernel")]
    return Finding(
        all(each.low > 0 for each in (*ten, *many, *convnet)) and ahead.value >= 250,
        "The first layer frozen, over the same at random values: {ten[0]} odd → even and {ten[1]} even → odd with 10 labels,"
        " {many[0]} odd → even and {many[1]} even → odd with 1,000. In the census it is ahead in {ahead} of 252 splits. The"
        " control is strong where the layer is wide: in the series' network, with 10 labels, a random one differs from scratch"
        " by {lost[0]} odd → even and {lost[1]} even → odd; in the census's small network the median split loses {narrow}."
        " Frozen convolutions beat all three controls: with 10 labels, odd → even, five seeds, {convnet[0]} over random ones,"
        " {convnet[1]} over scratch and {convnet[2]} over the kernel.",
        {"ten": ten, "many": many, "ahead": ahead, "lost": lost, "narrow": narrow, "convnet": convnet},
        "“A frozen layer of random values does as well, so the source taught it nothing.”",
        "Agrees with Yosinski et al. (2014); that random features go far is known since Rahimi and Recht (2007).",
    )


@finding("Head first, then all, is better than all at once while labels are very few.")
def head_first():
    three, many = gains("head-then-all", "fine-tune", 3), gains("head-then-all", "fine-tune", 1000)
    return Finding(
        all(each.low > 0 for each in three) and all(each.low < 0 < each.high for each in many),
        "At the same rate and in the same number of steps, the first quarter of them for the head alone: {three[0]} odd → even and"
        " {three[1]} even → odd with 3 labels. With 1,000 labels no difference can be told: {many[0]} odd → even and {many[1]}"
        " even → odd.",
        {"three": three, "many": many},
        "“The order does not matter; earlier gains of “head first” came from its smaller rate.”",
        "Agrees with Kumar et al. (2022), who find it mostly on images unlike the training ones, and a little on images like them.",
    )


@finding("Odd and even are a lucky pair.")
def lucky_pair():
    ranks = [
        in_census("fine-tune", "scratch", functools.partial(comparisons.rank, target=target), whole)
        for target in (ODD, EVEN)
    ]
    tuned = in_census("fine-tune", "scratch", comparisons.median)
    above = [in_census(*two, comparisons.count, whole) for two in (("frozen", "scratch"), ("fine-tune", "kernel"))]
    drawn = [target for target in SAMPLE if target not in PAIRS]
    larger = [
        in_census(*two, comparisons.median, network="readme", targets=drawn)
        for two in (("fine-tune", "scratch"), ("frozen", "scratch"), ("fine-tune", "kernel"))
    ]
    doubt = in_census("fine-tune", "scratch", comparisons.error_of_a_split, "{:.1f}".format)
    between = in_census("fine-tune", "scratch", comparisons.between_splits, "{:.1f}".format)
    return Finding(
        ranks[0].value == 1
        and ranks[1].value <= 25
        and all(each.value < 126 for each in above)
        and all(each.value > 0 for each in larger),
        "Of all 252 ways to split ten digits, even → odd has rank {ranks[0]} by what fine-tuning gains with ten labels, and odd →"
        " even rank {ranks[1]}. With this small network the median split gains {tuned} points, freezing the first layer gains in"
        " {above[0]} splits, and fine-tuning beats the kernel in {above[1]}. With the series' network, which findings 1 to 4 use,"
        " the medians of ten splits drawn by chance are {larger[0]} for fine-tuning, {larger[1]} for freezing and {larger[2]} over"
        " the kernel: there the pair is less of an exception. All splits are counted, so these are spreads and no intervals. But"
        " the six runs of a split leave a doubt of {doubt} points, and true gains differ by less, {between}: a rank is rough, and"
        " most of what makes one split look better than another is the luck of a run.",
        {"ranks": ranks, "tuned": tuned, "above": above, "larger": larger, "doubt": doubt, "between": between},
        "“What holds for odd and even holds for about any two halves of the digits.”",
        "No study of transfer on MNIST that we know shows more than a few pairs.",
    )


@finding(
    "How alike the mean images of source and target are did not predict what transfer gains; a digit more in the source helps freezing."
)
def no_likeness():
    where = {"network": ("small", ""), "labels": 10}
    splits = {
        name: rows("census", strategy=name, source=("", *TARGETS), **where)
        for name in ("fine-tune", "frozen", "scratch")
    }
    best = cite("census", splits, comparisons.best_prediction, whole)
    frozen, tuned = (
        cite("census", {name: rows("census", strategy=name, target=SAMPLE, **where)}, comparisons.worth)
        for name in ("frozen", "fine-tune")
    )
    return Finding(
        best.value < 5 and frozen.value > 1,
        "A line through likeness and gain, fitted without a digit and tried on the splits that have it in their target, explains at"
        " best {best} per cent of the gains' variance, much of which is the luck of runs and not to be predicted by anything. A"
        " fifth digit in the source is worth {frozen} points to a frozen layer and {tuned} to fine-tuning, in the mean over 60"
        " cases that were not drawn from a larger population: a spread, no interval.",
        {"best": best, "frozen": frozen, "tuned": tuned},
        "“Choose the source that looks most like your target.”",
        "Yosinski et al. (2014) find that distant tasks transfer less. All our tasks are near to each other.",
    )


@finding(
    "The higher the layer, the more it belongs to its task; torn co-adaptation costs a tenth of a point at most, in the mean."
)
def which_layers():
    def at(one, other, cut, target=EVEN):
        where = {"target": target, "labels": ALL}
        of = {
            "other frozen": {"strategy": "frozen", "source": others(target), "cut": cut},
            "same frozen": {"strategy": "frozen", "source": target, "cut": cut},
            "scratch": {"strategy": "scratch"},
        }
        return cite("layers", {name: rows("layers", **where, **of[name]) for name in (one, other)}, comparisons.mean)

    low, high = (at("other frozen", "same frozen", cut) for cut in (1, 4))
    torn = [at("same frozen", "scratch", cut, target) for target in PAIRS for cut in layers.CUTS]
    return Finding(
        low.high < 0
        and high.high < low.low
        and torn[0].high < 0
        and torn[1].low < 0 < torn[1].high
        and sum(each.high < 0 for each in torn) == 1
        and min(each.value for each in torn) > -0.15,
        "With all labels, four hidden layers, and the lowest of them frozen: if they come from the other task instead of the same,"
        " one layer costs {low} points, all four {high}. Tearing layers apart that had learned together costs {middle} at the"
        " second cut; of the eight intervals, four cuts in two directions, one excludes zero, {single} at the first cut odd → even:"
        " too small to matter, if it is there. The study has 80 such intervals.",
        {"low": low, "high": high, "middle": torn[1], "single": torn[0]},
        "“All layers travel equally well”, or “splitting a network in its middle breaks it.”",
        "Agrees with Yosinski et al. (2014) on specificity, and not on co-adaptation: their networks were deeper, ours has four layers.",
    )


@finding(
    "What travels is the change that training made, and most of it lies in the weights' covariance, not in the units."
)
def inside():
    def at(one, other, comparison=comparisons.mean_of_splits, show=points):
        return cite("features", pair("features", one, other, labels=10), comparison, show)

    trained, few, mixture, moments, data = (
        at(name, "fresh") for name in ("trained", "rank-16", "mixture", "moments", "data")
    )
    change = at("change", "trained")
    wins = at("change", "trained", functools.partial(comparisons.count, by=["target", "seed"]), whole)
    return Finding(
        change.low < 0 < change.high
        and moments.low < 0 < moments.high
        and data.low > 0
        and 0.7 < mixture.value / trained.value < 0.85,
        "Under a new top, the trained first layer W gains {trained} points over a random one. W − W₀, without the values W₀ that it"
        " started from, is as good: {change} against W, ahead in {wins} of 80 pairs, so that it once won four draws out of four was"
        " luck. Sixteen directions of the change give {few}. Random mixtures of the units, in which no unit is left but W·Wᵀ is"
        " kept, give {mixture}; random values with the mean and deviation of each pixel {moments}, no gain that could be told."
        " Random weights with the covariance of the source's images, which never saw a label, give {data}.",
        {
            **{"trained": trained, "change": change, "wins": wins, "few": few},
            **{"mixture": mixture, "moments": moments, "data": data},
        },
        "“The units themselves are what is reused”, or “the random start is part of what was learned.”",
        "Agrees with Neyshabur et al. (2020) that part of the benefit is statistics and not features; and, in spirit, with the low"
        " rank of what fine-tuning changes (Hu et al., 2022).",
    )


@finding("Frozen layers are as good as their source: noise makes them worse than random ones. Fine-tuning forgives it.")
def good_sources():
    def at(option, strategy="frozen", control="scratch"):
        of_control = option if option == sources_readout.BOTH else "intact"
        where = {"labels": 10, "steps": 300}
        return [
            cite(
                "sources",
                {
                    strategy: rows("sources", target=target, strategy=strategy, option=option, **where),
                    control: rows("sources", target=target, strategy=control, option=of_control, **where),
                },
                comparisons.mean,
            )
            for target in PAIRS
        ]

    noise, moved, intact, both = map(at, ("labels shuffled", "pixels permuted", "intact", sources_readout.BOTH))
    tuned, worse = at("labels shuffled", "fine-tune"), at("labels shuffled", control="random")
    return Finding(
        all(each.high < 0 for each in (*noise, *moved, *worse))
        and all(each.low < 0 < each.high for each in tuned)
        and all(each.value > 0 for each in both),
        "Frozen after training on shuffled labels, the first layer costs {noise[0]} points and {noise[1]} against scratch, and"
        " {worse[0]} and {worse[1]} against random layers (odd → even, even → odd); after permuted pixels {moved[0]} and {moved[1]}."
        " Fine-tuned from shuffled labels it is {tuned[0]} and {tuned[1]}: neither a gain nor a loss could be told. Permute source"
        " and target alike, and freezing is as good as from an intact source, {intact[0]} and {intact[1]}: {both[0]} and {both[1]}.",
        {"noise": noise, "worse": worse, "moved": moved, "tuned": tuned, "intact": intact, "both": both},
        "“Any pre-training is better than none.”",
        "Zhang et al. (2017) show that networks learn shuffled labels by heart; Maennel et al. (2020) that this can help or hurt"
        " another task. Frozen, here it hurts.",
    )


@finding("Scratch does not only need time: with a hundred labels, ten times the steps do not close the gap.")
def only_time():
    best = sources_readout.gains_at_best_steps(read_table("sources"))

    def at(count, of_tuned, of_scratch, target):
        steps = {"fine-tune": of_tuned, "scratch": of_scratch}
        where = {"target": target, "labels": count, "option": "intact"}
        chosen = {name: rows("sources", strategy=name, steps=steps[name], **where) for name in steps}
        return cite("sources", chosen, comparisons.mean)

    def at_best(count):
        columns = ["steps of fine-tune", "steps of scratch"]
        return [at(count, *best.loc[(target, count), columns], target) for target in PAIRS]

    late, early = ([at(100, steps, steps, target) for target in PAIRS] for steps in (3000, 30))
    three = [at(3, steps, steps, target) for target in PAIRS for steps in STEPS]
    chosen = at_best(100)
    return Finding(
        all(each.low > 0 for each in (*late, *chosen))
        and all(each.high < 0 for each in early)
        and all(each.low < 0 < each.high for each in (*three, *at_best(3))),
        "After 3,000 steps fine-tuning is ahead by {late[0]} and {late[1]} points (odd → even, even → odd), and with each at its own"
        " best number of steps, chosen on the other direction's validation images, by {chosen[0]} and {chosen[1]}. In 30 steps it is"
        " behind: {early[0]} and {early[1]}. With 3 labels no interval of these excludes zero.",
        {"late": late, "chosen": chosen, "early": early},
        "“Transfer only saves time: train from scratch for longer, and it is level.”",
        "He et al. (2019) find scratch level with a hundred thousand target images and with ten thousand, and behind with one thousand."
        " We have five hundred: that is their limit, not against their result.",
    )


@finding(
    "A pull to the old values, or ten old images a class, keep most of the old task; only the images do so at no cost on the"
    " new one. Five biases bring back some of what is lost."
)
def forgotten():
    best = forgetting_readout.at_best_rate(read_table("forgetting"))

    def of(strategy, column, target):
        """Rows at the recipe's rate; for the pull, whose strength must be chosen, at its best one."""
        if strategy == "l2":
            chosen = rows("forgetting", column, strategy="l2", target=target)
            return chosen[chosen.index.isin(best.index)]
        return rows("forgetting", column, strategy=strategy, rate=RATE, target=target)

    def at(sides, comparison=comparisons.mean, show=points):
        """By direction a Citation; each side has a strategy and the column of an accuracy."""
        return [
            cite("forgetting", {name: of(*side, target) for name, side in sides.items()}, comparison, show)
            for target in PAIRS
        ]

    def over_plain(strategy, column):
        return at({strategy: (strategy, column), "plain": ("plain", column)})

    def had_back(name, column):
        return at({name: ("plain", column), "as left": ("plain", "old_accuracy")})

    def level(name, column):
        return at({name: ("plain", column)}, comparisons.level, "{:.1f}".format)

    before, left = level("before", "old_accuracy_before"), level("as left", "old_accuracy")
    pull_old, images_old = (over_plain(strategy, "old_accuracy") for strategy in ("l2", "replay"))
    pull_new, images_new = (over_plain(strategy, "test_accuracy") for strategy in ("l2", "replay"))
    biases, fresh = had_back("biases", "old_accuracy_biases"), had_back("fresh head", "old_accuracy_fresh")
    return Finding(
        all(each.low > 0 for each in (*pull_old, *images_old, *biases))
        and all(each.high < 0 for each in pull_new)
        and all(each.low < 0 < each.high for each in images_new)
        and all(one.value > other.value for one, other in zip(biases, fresh)),
        "Fine-tuned at the recipe's rate, the old task falls from {before[0]} to {left[0]} and {before[1]} to {left[1]} per cent (odd →"
        " even, even → odd). With ten old images of each class in every step it is {images_old[0]} and {images_old[1]} points better,"
        " and the new task differs by {images_new[0]} and {images_new[1]}. A pull to the source's values, its strength and rate"
        " chosen on the other direction's validation images, gives {pull_old[0]} and {pull_old[1]} on the old task and {pull_new[0]}"
        " and {pull_new[1]} on the new. Without any of that, five biases of the old head, fitted to one old image a class, bring"
        " back {biases[0]} and {biases[1]} points; a new head on the same images {fresh[0]} and {fresh[1]}.",
        {
            **{"before": before, "left": left, "images_old": images_old, "images_new": images_new},
            **{"pull_old": pull_old, "pull_new": pull_new, "biases": biases, "fresh": fresh},
        },
        "“What is forgotten is gone from the layers.”",
        "Agrees with Robins (1995) on replay, and with Li, Grandvalet and Davoine (2018) on the pull.",
    )


@finding("The original program's table")
def originals():
    """That table, beside ours."""
    published = original.beside(read_table("original")).dropna(subset="published")
    lines, accuracies, margins = [], [], []
    for network, strategy, target, share in published.index:
        ours = rows("original", network=network, strategy=strategy, target=target, share=share)
        figure = 100 * original.PUBLISHED[strategy, target, share]
        both = {strategy: ours, "published": ours.assign(value=figure)}
        lines.append(
            f"| {NETWORKS.get(network, 'softmax regression')}{', transferred, first layer frozen' if strategy == 'frozen' else ''} |"
            f" {PAIRS[target][1]} | {share} | {figure:.2f} | {{accuracies[{len(lines)}]}} | {{margins[{len(lines)}]}} |"
        )
        accuracies.append(cite("original", {strategy: ours}, comparisons.level, "{:.2f}".format))
        margins.append(cite("original", both, comparisons.mean, functools.partial(points, decimals=2)))
    behind = published[published["margin"] < 0].index
    best = published.groupby(["strategy", "target", "share"])["margin"].max()
    return Finding(
        {cell[:2] for cell in behind} == {("original", "frozen")},
        ORIGINAL.format(lines="\n".join(lines), cells=len(best), beaten=(best >= 0).sum(), behind=len(behind)),
        {"accuracies": accuracies, "margins": margins},
    )


def findings():
    """All findings, by claim.

    Raises
    ------
    NoLongerTrueError
        The tables do not bear one of them out.
    """
    made = {claim: make() for claim, make in FINDINGS.items()}
    for claim, each in made.items():
        if not each.holds:
            raise NoLongerTrueError(
                f"the stored results no longer bear this out; rewrite it in tools/findings.py: {claim}"
            )
    return made


def to_table(citation):
    """A number as a link to its table."""
    return f'[{citation.text}]({citation.study}.csv "{citation.title}")'


def page(made, link=to_table, anchor='<a id="finding-{}"></a>\n'):
    """The whole page: Markdown.

    Parameters
    ----------
    made : dict
        As `findings` gives it.
    link : callable
        Makes Markdown of a Citation.
    anchor : str
        What stands before a heading, so that others can link to #finding-NUMBER.
    """
    parts = [OPENING]
    for number, (claim, each) in enumerate(made.items(), 1):
        parts += [anchor.format(number), f"## {number}. {claim}", each.sentences(link)]
        parts += [f"*Had it come out the other way:* {each.otherwise}"] if each.otherwise else []
        parts += [f"*Others:* {each.others}"] if each.others else []
    return "\n\n".join([*parts, CLOSING]) + "\n"


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
training from scratch on all the data. It still does: with all labels, freezing saves work and not labels.

| test accuracy, % | target | share of the data, % | published | ours | ours − published |
|---|---|--:|--:|--:|--:|
{lines}

Five seeds; the interval is of ours alone, as one figure a cell was published. Of {cells} published figures {beaten} are beaten
by one of our networks. With the original's own architecture {behind} are not: its hidden layer frozen and the head alone
trained. There we are behind, and fewer images may be part of it: the published network learned from all, ours from nine
tenths of them. The series' network, which keeps a hidden layer to train above the frozen one, is ahead."""

CLOSING = """## What would change our mind

- Of 1 to 4, 7 and 9 to 11: the same studies on other digits. Only the census has them all, for one network and ten labels.
- Of 5: more runs for each split. Ranks would move, and the spread of the gains would shrink.
- Of all: images that are not digits, and networks that are not small."""


def main():
    """Write the page."""
    text = page(findings())
    with atomic_write(PAGE) as file:
        file.write(text.encode())


if __name__ == "__main__":
    main()
