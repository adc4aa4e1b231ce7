"""Chapter 5: a ranking, two estimates that are no pairs, and a test without formulas."""

import numpy as np

from helpers.exercises import NotYet, exercise


@exercise("5.1")
def _ranking(rank):
    from helpers.evidence.tables import read_table

    ODD, EVEN = "13579", "02468"

    table = read_table("labels").query("labels == 10")
    found = {target: list(rank(target)) for target in (EVEN, ODD)}
    for target, ranked in found.items():
        means = table[table["target"] == target].groupby("strategy")["test_accuracy"].mean()
        wanted = list(means.sort_values(ascending=False).index)
        if sorted(ranked) != sorted(wanted):
            raise NotYet(
                f"It ranks {len(ranked)} names; with ten labels the table has {len(wanted)} methods: {', '.join(wanted)}."
            )
        if ranked == wanted[::-1]:
            raise NotYet("The worst method comes first.")
        if ranked != wanted:
            place = next(place for place, pair in enumerate(zip(ranked, wanted)) if pair[0] != pair[1])
            other = table[table["target"] != target].groupby("strategy")["test_accuracy"].mean()
            if ranked == list(other.sort_values(ascending=False).index):
                raise NotYet(f"For the target {target} it gives the ranking of the other direction.")
            raise NotYet(
                f"For the target {target}, place {place + 1} is not {ranked[place]}: by which mean is it ranked?"
            )
    return "What the two directions agree on, you may believe a little more."


@exercise("5.3")
def _unpaired(compare):
    there, back = (9.0, 7.0, 11.0), (4.0, 3.4, 4.6)
    low, high = compare(there, back)
    if np.allclose([low, high], [3.6, 6.4]):
        raise NotYet("It subtracts low from low and high from high: must the luck of both be the same?")
    if np.allclose([low, high], [2.4, 7.6]):
        raise NotYet("It adds the two halves: are both unlucky at once, and in opposite ways, every time?")
    half = np.hypot(4.0, 1.2) / 2
    if not np.allclose([low, high], [5 - half, 5 + half]):
        raise NotYet(f"For 9 (7 to 11) less 4 (3.4 to 4.6) it gives {low:.2f} to {high:.2f}.")
    return "Two estimates with nothing in common: their doubts add like the sides of a right angle."


@exercise("5.4")
def _signs(p_value):
    all_alike, mixed = p_value(np.ones(10)), p_value(np.array([1.0, -1.0]))
    if np.isclose(all_alike, 1 / 1024):
        raise NotYet("Ten differences of +1 give 1/1024: is a mean of −1 not as far from zero?")
    if all_alike < 1e-6 or np.isnan(all_alike):
        raise NotYet(f"Ten equal differences give {all_alike:.1g}; but there are only 1,024 patterns of signs.")
    if not np.isclose(all_alike, 2 / 1024):
        raise NotYet(f"Ten differences of +1 give {all_alike:.4f}: count the patterns that are as extreme.")
    if not np.isclose(mixed, 1):
        raise NotYet(f"+1 and −1 give {mixed}: their mean is zero, and every pattern is at least as far from it.")
    if not np.isclose(p_value(np.array([3.0, 2.0, -1.0])), 4 / 8):
        raise NotYet("For 3, 2, −1 it should give 4/8: flip the signs of all three in every way.")
    return "No formula, no bell curve: only the coin."
