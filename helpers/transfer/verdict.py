"""Freeze, fine-tune, or neither: what paired differences say about a transfer, in plain words."""

from typing import NamedTuple

from helpers.evidence.statistics import Estimate
from helpers.evidence.tables import points
from helpers.transfer.strategies import STRATEGIES

SCRATCH, TUNED, FROZEN, RANDOM = (STRATEGIES[key].name for key in ("scratch", "fine-tune", "frozen", "random"))
ADVICE = {
    TUNED: ("fine-tune", "Start from what the source has learned and train all layers on"),
    FROZEN: ("freeze", "Keep the source's first layer as it is and train only the layers above"),
}


class Verdict(NamedTuple):
    """What to do, and why: `decision` is "freeze", "fine-tune", "don't bother" or "cannot tell"."""

    decision: str
    reason: str


def controls(baseline):
    """What a way of transfer must beat to be worth it: a dict {way: its controls}."""
    return {TUNED: (SCRATCH, baseline), FROZEN: (SCRATCH, baseline, RANDOM)}


def pairs_of(baseline):
    """The pairs whose differences `judge` goes by: each way with its controls, and both ways."""
    return [(way, control) for way, its in controls(baseline).items() for control in its] + [(TUNED, FROZEN)]


def judge(differences, baseline):
    """Freeze, fine-tune, or neither? Only intervals that exclude zero count.

    A way of transfer is worth it if it is better than training from scratch and than the best method without a network,
    and freezing also better than random frozen layers: else it is not what the source knows that helps. If both are
    worth it, freezing, which trains less, is advised unless fine-tuning is better. Don't bother if each of them is worse
    than one of its controls; else nobody can tell.

    Parameters
    ----------
    differences : dict of (str, str) to Estimate
        Of `TUNED` and `FROZEN` from their controls, and of `TUNED` from `FROZEN`.
    baseline : str
        The best method without a network.

    Returns
    -------
    Verdict
    """
    pairs = {way: [(way, control) for control in its] for way, its in controls(baseline).items()}
    won, lost, open_ = (
        {way: [pair for pair in its if outcome(differences[pair])] for way, its in pairs.items()}
        for outcome in (lambda d: d.low > 0, lambda d: d.high < 0, lambda d: not d.excludes_zero)
    )
    both = TUNED, FROZEN
    worth = [way for way in both if won[way] == pairs[way]]

    def verdict(decision, advice, reasons):
        clauses = [_compare(*pair, differences[pair]) for pair in reasons]
        return Verdict(decision, f"{advice}: {'; '.join(clauses)}.")

    way = FROZEN if FROZEN in worth and not (TUNED in worth and differences[both].low > 0) else TUNED
    if way in worth:
        decision, advice = ADVICE[way]
        return verdict(decision, advice, pairs[way] + [both] * (len(worth) == 2))
    if all(lost.values()):
        return verdict("don't bother", "Without transfer you get further", lost[TUNED] + lost[FROZEN])
    undecided = [pair for way in both for pair in lost[way] or open_[way]]
    return verdict("cannot tell", "These repetitions do not decide whether transfer helps", undecided)


def _compare(one, other, difference):
    """A difference as a clause: who beats whom by how much."""
    if difference.high < 0:
        one, other, difference = other, one, Estimate(-difference.value, -difference.high, -difference.low)
    if difference.low > 0:
        value, low, high = (f"{100 * share:.2f}" for share in difference)
        return f"{one} beats {other} by {value} points ({low} to {high})"
    low, high = (points(100 * share, 2) for share in difference[1:])
    return f"{one} may be better or worse than {other} ({low} to {high} points)"
