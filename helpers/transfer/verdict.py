"""Freeze, fine-tune, or neither: what paired differences say about a transfer, in plain words."""

from typing import NamedTuple

from helpers.evidence.statistics import Estimate
from helpers.evidence.tables import points
from helpers.transfer.strategies import STRATEGIES

SCRATCH, TUNED, FROZEN, RANDOM = (STRATEGIES[key].name for key in ("scratch", "fine-tune", "frozen", "random"))
FINE_TUNE, FREEZE, EITHER = "fine-tune", "freeze", "either; freezing is cheaper"
DONT_BOTHER, CANNOT_TELL = "don't bother", "cannot tell"
MARGIN = 0.01  # of accuracy: a smaller difference between fine-tuning and freezing isn't worth the longer training
LEAST = 3  # repetitions: an interval from two misses the truth about twice as often as it should

ADVICE = {
    FINE_TUNE: "Start from what the source has learned and train all layers on",
    FREEZE: "Keep the source's lower layers as they are and train only those above",
    EITHER: "Both ways of transfer help, and they differ by less than a point; freezing trains less",
    DONT_BOTHER: "Without transfer you get further",
}
UNDECIDED = {  # by whether fine-tuning is worth it, and whether freezing is
    (True, True): "Transfer helps, but these repetitions do not decide which way is better",
    (True, False): "Fine-tuning helps, but these repetitions do not decide whether freezing is as good",
    (False, True): "Freezing helps, but these repetitions do not decide whether fine-tuning is as good",
    (False, False): "These repetitions do not decide whether transfer helps",
}


class Verdict(NamedTuple):
    """What to do, and why: `decision` is one of the five words above."""

    decision: str
    reason: str


def rivals_of(*names, random=(RANDOM,)):
    """What each way of transfer must beat to be worth it.

    Parameters
    ----------
    *names : str
        Rivals of both ways: training from scratch, of every network, and the best regression on the pixels.
    random : sequence of str
        Rivals of freezing alone: random layers, frozen. Where these do as well, it is not what the source knows that
        helps.

    Returns
    -------
    dict of str to tuple of str
        For `TUNED` and for `FROZEN`, in this order.
    """
    return {TUNED: names, FROZEN: (*names, *random)}


def pairs_of(rivals):
    """The pairs whose differences `judge` goes by: each way with its rivals, and both ways."""
    return [(way, rival) for way, its in rivals.items() for rival in its] + [tuple(rivals)]


def refuse_few(repetitions):
    """A ValueError if so many repetitions are too few for a verdict."""
    if repetitions < LEAST:
        raise ValueError(f"a verdict needs at least {LEAST} repetitions, not {repetitions}; better 5 or 10")


def judge(differences, rivals, repetitions):
    """Freeze, fine-tune, or neither? Only what an interval shows counts.

    A way of transfer is worth it if it is ahead of all its rivals: their differences have intervals above zero. Then:

    - "freeze": freezing is worth it and ahead of fine-tuning.
    - "either; freezing is cheaper": both are worth it, and the interval of their difference lies within one point.
    - "fine-tune": fine-tuning is worth it and ahead of freezing.
    - "don't bother": each of the two is behind one of its rivals.
    - "cannot tell": anything else.

    The rules are tried in this order. Freezing is not advised for want of evidence that fine-tuning is better: its
    being as good must be shown. How often each word is wrong is simulated in `tools/simulations.py`.

    Parameters
    ----------
    differences : dict of (str, str) to Estimate
        For each of `pairs_of(rivals)`, the accuracy of the first less that of the second.
    rivals : dict of str to sequence of str
        See `rivals_of`. The first key is fine-tuning, the second freezing.
    repetitions : int
        How many the differences come from.

    Returns
    -------
    Verdict

    Raises
    ------
    ValueError
        There are fewer than `LEAST` repetitions.
    """
    refuse_few(repetitions)
    tuned, frozen = rivals
    both = tuned, frozen
    ahead = differences[both]  # fine-tuning less freezing
    pairs = {way: [(way, rival) for rival in its] for way, its in rivals.items()}
    worth = {way: all(differences[pair].low > 0 for pair in its) for way, its in pairs.items()}
    behind = {way: [pair for pair in its if differences[pair].high < 0] for way, its in pairs.items()}

    def verdict(decision, advice, deciding):
        clauses = "; ".join(_compare(*pair, differences[pair]) for pair in deciding)
        return Verdict(decision, f"{advice}: {clauses}.")

    if worth[frozen] and ahead.high < 0:
        return verdict(FREEZE, ADVICE[FREEZE], [*pairs[frozen], both])
    if all(worth.values()) and -MARGIN < ahead.low and ahead.high < MARGIN:
        return verdict(EITHER, ADVICE[EITHER], [*pairs[tuned], *pairs[frozen], both])
    if worth[tuned] and ahead.low > 0:
        return verdict(FINE_TUNE, ADVICE[FINE_TUNE], [*pairs[tuned], both])
    if all(behind.values()):
        return verdict(DONT_BOTHER, ADVICE[DONT_BOTHER], behind[tuned] + behind[frozen])
    unclear = {way: [pair for pair in its if not differences[pair].excludes_zero] for way, its in pairs.items()}
    open_ = [pair for way in both if not worth[way] for pair in behind[way] or unclear[way]]
    advice = UNDECIDED[worth[tuned], worth[frozen]]
    return verdict(CANNOT_TELL, advice, open_ + [both] * any(worth.values()))


def _compare(one, other, difference):
    """A difference as a clause: who beats whom by how much."""
    if difference.high < 0:
        one, other, difference = other, one, Estimate(-difference.value, -difference.high, -difference.low)
    if difference.low > 0:
        value, low, high = (f"{100 * share:.2f}" for share in difference)
        return f"{one} beats {other} by {value} points ({low} to {high})"
    low, high = (points(100 * share, 2) for share in difference[1:])
    return f"{one} may be better or worse than {other} ({low} to {high} points)"
