"""Chapter 8's exercises: two right answers each, and wrong ones that get a word of their own."""

import numpy as np
import pytest

from helpers.evidence.statistics import paired_difference
from helpers.exercises import check
from studies.census import others

T95 = {2: 12.706, 12: 2.201, 126: 1.979}


def by_name(gains):
    return gains.loc[[others(target) for target in gains.index]]


def by_order(gains):
    """The targets stand in order, so a split and its reverse are as far from either end."""
    return gains.to_numpy()[::-1]


def by_other_runs(scratch, tuned):
    return np.corrcoef(scratch[:, 3:].mean(axis=1), (tuned - scratch)[:, :3].mean(axis=1))[0, 1]


def run_by_run(scratch, tuned):
    found = [
        np.corrcoef(scratch[:, one], (tuned - scratch)[:, other])[0, 1]
        for one in range(6)
        for other in range(6)
        if one != other
    ]
    return np.mean(found)


def with_pairs(population, n, rng):
    draws = [rng.choice(population, n, replace=False) for _ in range(1000)]
    intervals = [paired_difference(values, 0 * values) for values in draws]
    return np.mean([found.low <= population.mean() <= found.high for found in intervals])


def by_formula(population, n, rng, replace=False, factor=None):
    held = 0
    for _ in range(1000):
        values = rng.choice(population, n, replace=replace)
        half = (factor or T95[n]) * values.std(ddof=1) / np.sqrt(n)
        held += abs(values.mean() - population.mean()) <= half
    return held / 1000


@pytest.mark.parametrize(
    "number, answer",
    [
        ("8.1", by_name),
        ("8.1", by_order),
        ("8.2", by_other_runs),
        ("8.2", run_by_run),
        ("8.3", with_pairs),
        ("8.3", by_formula),
    ],
)
def test_right_answers(number, answer, capsys):
    check(number, answer)
    assert capsys.readouterr().out.startswith(f"{number}: right. ")


@pytest.mark.parametrize(
    "number, answer, said",
    [
        ("8.1", lambda gains: gains, "That is the gain of each split itself"),
        ("8.1", lambda gains: by_name(gains)[:126], "252 reverses"),
        ("8.2", lambda s, t: np.corrcoef(s.mean(axis=1), (t - s).mean(axis=1))[0, 1], "which number is in both"),
        ("8.2", lambda s, t: np.corrcoef(s[:, 0], (t - s)[::-1, 1])[0, 1], "are both axes about the same split?"),
        ("8.3", lambda population, n, rng: by_formula(population, n, rng, factor=1.96), "one degree of freedom"),
        ("8.3", lambda population, n, rng: by_formula(population, n, rng, replace=True), "be drawn twice?"),
    ],
)
def test_wrong_answers_get_a_word_of_their_own(number, answer, said, capsys):
    check(number, answer)
    printed = capsys.readouterr().out
    assert printed.startswith(f"{number}: not yet. ") and said in printed
