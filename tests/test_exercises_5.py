"""Chapter 5's exercises: two right answers each, and wrong ones that get a word of their own."""

from itertools import product

import numpy as np
import pytest

from helpers.evidence.tables import read_table
from helpers.exercises import check


def means(target, labels=10):
    table = read_table("labels")
    return table[(table["target"] == target) & (table["labels"] == labels)].groupby("strategy")["test_accuracy"].mean()


def by_sorting(target):
    return means(target).sort_values(ascending=False).index


def by_hand(target):
    found = means(target).to_dict()
    return sorted(found, key=lambda name: -found[name])


def by_halves(there, back):
    half = np.hypot(there[2] - there[1], back[2] - back[1]) / 2
    return there[0] - back[0] - half, there[0] - back[0] + half


def by_standard_errors(there, back):
    errors = [(high - low) / 2 / 1.96 for _, low, high in (there, back)]
    both = 1.96 * np.sqrt(np.sum(np.square(errors)))
    return [there[0] - back[0] + sign * both for sign in (-1, 1)]


def by_product(differences):
    signs = np.array(list(product((1, -1), repeat=len(differences))))
    return np.mean(np.abs(signs @ differences) >= abs(differences.sum()) - 1e-12)


def by_bits(differences):
    count, extreme = len(differences), 0
    for pattern in range(2**count):
        total = sum(value if pattern >> place & 1 else -value for place, value in enumerate(differences))
        extreme += abs(total) >= abs(sum(differences)) - 1e-12
    return extreme / 2**count


def one_sided(differences):
    signs = np.array(list(product((1, -1), repeat=len(differences))))
    return np.mean(signs @ differences >= differences.sum() - 1e-12)


@pytest.mark.parametrize(
    "number, answer",
    [
        ("5.1", by_sorting),
        ("5.1", by_hand),
        ("5.3", by_halves),
        ("5.3", by_standard_errors),
        ("5.4", by_product),
        ("5.4", by_bits),
    ],
)
def test_right_answers(number, answer, capsys):
    check(number, answer)
    assert capsys.readouterr().out.startswith(f"{number}: right. ")


@pytest.mark.parametrize(
    "number, answer, said",
    [
        ("5.1", lambda target: by_hand(target)[::-1], "The worst method comes first"),
        ("5.1", lambda target: by_hand("02468"), "the ranking of the other direction"),
        ("5.1", lambda target: by_hand(target)[:5], "It ranks 5 names"),
        ("5.3", lambda there, back: (there[1] - back[1], there[2] - back[2]), "must the luck of both be the same?"),
        ("5.3", lambda there, back: (there[1] - back[2], there[2] - back[1]), "in opposite ways, every time?"),
        ("5.4", one_sided, "is a mean of −1 not as far from zero?"),
        ("5.4", lambda differences: 0.0, "there are only 1,024 patterns"),
    ],
)
def test_wrong_answers_get_a_word_of_their_own(number, answer, said, capsys):
    check(number, answer)
    printed = capsys.readouterr().out
    assert printed.startswith(f"{number}: not yet. ") and said in printed
