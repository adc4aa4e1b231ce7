"""The verdict on a transfer: constructed cases of each, in words, and how often it is wrong."""

import pytest

from helpers.evidence.statistics import Estimate
from helpers.transfer.verdict import FROZEN, RANDOM, SCRATCH, TUNED, judge, pairs_of, rivals_of
from tools import simulations

KERNEL = "kernel ridge regression"
RIVALS = rivals_of(SCRATCH, KERNEL)
BETTER, WORSE, OPEN = Estimate(0.03, 0.01, 0.05), Estimate(-0.03, -0.05, -0.01), Estimate(0.001, -0.004, 0.016)
WITHIN, SLIGHTLY = Estimate(0.001, -0.004, 0.006), Estimate(0.005, 0.002, 0.008)
LETTERS = {"+": BETTER, "-": WORSE, "0": OPEN, "=": WITHIN, ">": SLIGHTLY}


def differences(tuned, frozen, both):
    """Each way's differences from its rivals, one sign each: scratch, kernel, and for frozen random layers."""
    return dict(zip(pairs_of(RIVALS), (LETTERS[sign] for sign in tuned + frozen + both)))


def verdict(*signs):
    return judge(differences(*signs), RIVALS, 5)


def test_what_is_compared():
    assert pairs_of(RIVALS) == [
        (TUNED, SCRATCH),
        (TUNED, KERNEL),
        (FROZEN, SCRATCH),
        (FROZEN, KERNEL),
        (FROZEN, RANDOM),
        (TUNED, FROZEN),
    ]


def test_rivals_are_whoever_is_named():
    rivals = rivals_of("scratch, perceptron", "scratch, convnet", random=())
    signs = dict.fromkeys(pairs_of(rivals), BETTER)
    assert list(signs) == [*((way, rival) for way in (TUNED, FROZEN) for rival in rivals[way]), (TUNED, FROZEN)]
    assert judge(signs, rivals, 5).decision == "fine-tune"
    assert judge({**signs, (TUNED, "scratch, convnet"): OPEN}, rivals, 5).decision == "cannot tell"


@pytest.mark.parametrize(
    "tuned, frozen, both, decision",
    [
        ("++", "---", "+", "fine-tune"),
        ("++", "000", "+", "fine-tune"),
        ("++", "+++", "+", "fine-tune"),
        ("++", "++0", ">", "fine-tune"),  # freezing is no better than random layers: not what the source knows
        ("++", "+++", "=", "either; freezing is cheaper"),
        ("++", "+++", ">", "either; freezing is cheaper"),  # fine-tuning is better, but by less than a point
        ("++", "+++", "-", "freeze"),
        ("+0", "+++", "-", "freeze"),
        ("--", "+++", "-", "freeze"),
        ("--", "---", "0", "don't bother"),
        ("+-", "+-+", "0", "don't bother"),  # the kernel is better than both
        ("-+", "++-", "0", "don't bother"),  # each has a rival that is better
        ("++", "+++", "0", "cannot tell"),  # want of evidence is no evidence for freezing
        ("++", "000", "0", "cannot tell"),
        ("++", "++0", "=", "cannot tell"),
        ("+0", "+++", "0", "cannot tell"),
        ("00", "000", "0", "cannot tell"),
        ("+0", "---", "+", "cannot tell"),
        ("00", "-++", "+", "cannot tell"),
        ("--", "++0", "-", "cannot tell"),
        ("+0", "+0+", "+", "cannot tell"),
    ],
)
def test_the_verdict_of_each_case(tuned, frozen, both, decision):
    assert verdict(tuned, frozen, both).decision == decision


def test_an_interval_that_touches_zero_decides_nothing():
    found = {**differences("++", "---", "+"), (TUNED, KERNEL): Estimate(0.01, 0.0, 0.02)}
    assert judge(found, RIVALS, 5).decision == "cannot tell"


def test_two_repetitions_are_refused():
    with pytest.raises(ValueError, match="at least 3 repetitions, not 2; better 5 or 10"):
        judge(differences("++", "+++", "+"), RIVALS, 2)


def test_the_reasons_are_those_comparisons_that_decided():
    assert verdict("++", "---", "+").reason == (
        "Start from what the source has learned and train all layers on: fine-tuned beats scratch by 3.00 points (1.00 to"
        " 5.00); fine-tuned beats kernel ridge regression by 3.00 points (1.00 to 5.00); fine-tuned beats frozen by 3.00"
        " points (1.00 to 5.00)."
    )
    assert verdict("++", "+++", "-").reason.startswith("Keep the source's lower layers as they are")
    assert verdict("++", "+++", "=").reason.startswith(
        "Both ways of transfer help, and they differ by less than a point; freezing trains less: fine-tuned beats"
    )
    assert verdict("++", "+++", "=").reason.endswith(
        "frozen beats random frozen by 3.00 points (1.00 to 5.00); fine-tuned may be better or worse than frozen"
        " (−0.40 to +0.60 points)."
    )
    assert verdict("+-", "++-", "0").reason == (
        "Without transfer you get further: kernel ridge regression beats fine-tuned by 3.00 points (1.00 to 5.00);"
        " random frozen beats frozen by 3.00 points (1.00 to 5.00)."
    )
    assert verdict("+0", "--+", "+").reason == (
        "These repetitions do not decide whether transfer helps: fine-tuned may be better or worse than kernel ridge"
        " regression (−0.40 to +1.60 points); scratch beats frozen by 3.00 points (1.00 to 5.00); kernel ridge regression"
        " beats frozen by 3.00 points (1.00 to 5.00)."
    )
    assert verdict("++", "+++", "0").reason == (
        "Transfer helps, but these repetitions do not decide which way is better: fine-tuned may be better or worse than"
        " frozen (−0.40 to +1.60 points)."
    )
    assert verdict("++", "+0+", "0").reason == (
        "Fine-tuning helps, but these repetitions do not decide whether freezing is as good: frozen may be better or worse"
        " than kernel ridge regression (−0.40 to +1.60 points); fine-tuned may be better or worse than frozen (−0.40 to"
        " +1.60 points)."
    )


@pytest.fixture(scope="module", params=[10, 100])
def parts(request):
    return simulations.parts_of_methods(request.param)


@pytest.mark.parametrize("repetitions", [5, 10])
@pytest.mark.parametrize("truth", simulations.TRUTHS)
def test_a_decisive_word_is_wrong_in_at_most_one_case_of_twenty(parts, truth, repetitions):
    gains, right = simulations.TRUTHS[truth]
    rates = simulations.verdict_rates(parts, gains, repetitions, simulations=1000, seed=1)
    assert sum(rates.values()) == pytest.approx(1)
    assert simulations.wrong(rates, right) <= 0.05


def test_with_enough_evidence_the_right_word_falls(parts):
    for gains, right in simulations.TRUTHS.values():
        rates = simulations.verdict_rates(parts, gains, 30, simulations=200, seed=2)
        assert rates[right] > 0.9


def test_the_table_of_error_rates_has_a_line_for_each_truth():
    table = simulations.verdict_table(labels=(100,), repetitions=(5,), simulations=20)
    assert len(table.splitlines()) == 2 + len(simulations.TRUTHS)
    assert all(
        line.startswith(f"| {truth} | 100 | 5 |") for line, truth in zip(table.splitlines()[2:], simulations.TRUTHS)
    )
