"""The verdict on a transfer: constructed cases of each, and in words."""

import pytest

from helpers.evidence.statistics import Estimate
from helpers.transfer.verdict import FROZEN, RANDOM, SCRATCH, TUNED, judge, pairs_of

KERNEL = "kernel ridge regression"
BETTER, WORSE, OPEN = Estimate(0.02, 0.01, 0.03), Estimate(-0.02, -0.03, -0.01), Estimate(0.001, -0.004, 0.006)
LETTERS = {"+": BETTER, "-": WORSE, "0": OPEN}


def differences(tuned, frozen, both):
    """Each way's differences from its controls, one sign each: scratch, kernel, and for frozen random layers."""
    return dict(zip(pairs_of(KERNEL), (LETTERS[sign] for sign in tuned + frozen + both)))


def test_what_is_compared():
    assert pairs_of(KERNEL) == [
        (TUNED, SCRATCH),
        (TUNED, KERNEL),
        (FROZEN, SCRATCH),
        (FROZEN, KERNEL),
        (FROZEN, RANDOM),
        (TUNED, FROZEN),
    ]


@pytest.mark.parametrize(
    "tuned, frozen, both, decision",
    [
        ("++", "---", "+", "fine-tune"),
        ("++", "000", "0", "fine-tune"),
        ("++", "++0", "0", "fine-tune"),  # freezing is no better than random layers: not what the source knows
        ("++", "+++", "+", "fine-tune"),
        ("++", "+++", "0", "freeze"),  # as good, and less to train
        ("++", "+++", "-", "freeze"),
        ("+0", "+++", "0", "freeze"),
        ("--", "+++", "-", "freeze"),
        ("--", "---", "0", "don't bother"),
        ("+-", "+-+", "0", "don't bother"),  # the kernel is better than both
        ("-+", "++-", "0", "don't bother"),  # each has a control that is better
        ("00", "000", "0", "cannot tell"),
        ("+0", "---", "+", "cannot tell"),
        ("00", "-++", "+", "cannot tell"),
        ("--", "++0", "-", "cannot tell"),
        ("+0", "+0+", "+", "cannot tell"),
    ],
)
def test_the_verdict_of_each_case(tuned, frozen, both, decision):
    assert judge(differences(tuned, frozen, both), KERNEL).decision == decision


def test_an_interval_that_touches_zero_decides_nothing():
    found = {**differences("++", "---", "+"), (TUNED, KERNEL): Estimate(0.01, 0.0, 0.02)}
    assert judge(found, KERNEL).decision == "cannot tell"


def test_the_reasons_are_those_comparisons_that_decided():
    assert judge(differences("++", "---", "+"), KERNEL).reason == (
        "Start from what the source has learned and train all layers on: fine-tuned beats scratch by 2.00 points (1.00 to"
        " 3.00); fine-tuned beats kernel ridge regression by 2.00 points (1.00 to 3.00)."
    )
    assert judge(differences("++", "+++", "0"), KERNEL).reason.startswith("Keep the source's first layer as it is")
    assert judge(differences("++", "+++", "0"), KERNEL).reason.endswith(
        "frozen beats random frozen by 2.00 points (1.00 to 3.00); fine-tuned may be better or worse than frozen"
        " (−0.40 to +0.60 points)."
    )
    assert judge(differences("+-", "++-", "0"), KERNEL).reason == (
        "Without transfer you get further: kernel ridge regression beats fine-tuned by 2.00 points (1.00 to 3.00);"
        " random frozen beats frozen by 2.00 points (1.00 to 3.00)."
    )
    assert judge(differences("+0", "--+", "+"), KERNEL).reason == (
        "These repetitions do not decide whether transfer helps: fine-tuned may be better or worse than kernel ridge"
        " regression (−0.40 to +0.60 points); scratch beats frozen by 2.00 points (1.00 to 3.00); kernel ridge regression"
        " beats frozen by 2.00 points (1.00 to 3.00)."
    )
