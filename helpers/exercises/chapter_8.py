"""Chapter 8: a split and its reverse, a picture with a built-in fault, and how many splits would have done."""

import numpy as np

from helpers.exercises import NotYet, exercise
from helpers.transfer.census import SPLITS, others


@exercise("8.1")
def _reverses(reverses):
    import pandas as pd

    gains = pd.Series(np.random.default_rng(0).normal(size=len(SPLITS)), SPLITS)
    found = np.asarray(reverses(gains), float)
    if found.shape != (252,):
        raise NotYet(f"For 252 splits there are 252 reverses, not an array of shape {found.shape}.")
    if np.array_equal(found, gains):
        raise NotYet("That is the gain of each split itself. Whose target is its source?")
    if not np.array_equal(found, gains.loc[[others(target) for target in SPLITS]]):
        raise NotYet("Some split does not get the gain of its reverse: 01234 should get that of 56789.")
    return "Now the control: what correlation do pairs have that are no pairs?"


@exercise("8.2")
def _difficulty(relation):
    rng = np.random.default_rng(0)

    def made_up(slope):
        """Accuracies in six runs of 2,000 splits: a gain that falls with the target's ease by so much a point, or not."""
        ease = rng.normal(0, 1, (2000, 1))
        scratch = 90 + ease + rng.normal(0, 2, (2000, 6))
        return scratch, 90 + ease + 2 - slope * ease + rng.normal(0, 2, (2000, 6))

    none, some = relation(*made_up(0.0)), relation(*made_up(0.8))
    if none < -0.1:
        raise NotYet(
            f"Where there is no connexion it finds a correlation of {none:+.2f}: which number is in both of its axes?"
        )
    if abs(none) > 0.1:
        raise NotYet(f"Where there is no connexion it finds a correlation of {none:+.2f}.")
    if some > -0.1:
        raise NotYet(f"Where hard targets do gain more it finds {some:+.2f}: are both axes about the same split?")
    return "Runs that share nothing cannot fool each other."


@exercise("8.3")
def _coverage(coverage):
    population = np.random.default_rng(0).normal(1, 1, 252)
    held = {n: coverage(population, n, np.random.default_rng(1)) for n in (2, 12, 126)}
    if held[2] < 0.85:
        raise NotYet(
            f"With 2 splits the interval holds the truth in {held[2]:.0%} of cases: two values leave one degree of freedom."
        )
    if held[126] < 0.97:
        raise NotYet(
            f"With 126 of 252 splits it holds the truth in {held[126]:.0%}: can the same split be drawn twice?"
        )
    if not (0.9 < held[12] < 0.99):
        raise NotYet(f"With 12 splits it holds the truth in {held[12]:.0%}, and should do so in about 95 %.")
    return "With half of the crowd in hand, the rest can hardly surprise: hence the interval that is too long."
