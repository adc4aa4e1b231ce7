"""What the study of splits says: gains of every split, shrunken to what its pairs bear out."""

import numpy as np

from helpers.evidence.shrinkage import shrink
from helpers.evidence.uncertainty import Uncertainty


def gains(table, hits, network, shifts, one="fine-tune", other="scratch"):
    """What one method gains over another, split by split.

    Parameters
    ----------
    table : pandas.DataFrame
        Of the study `splits`.
    hits : object array
        Of the whole table: see `tables.read_hits`.
    network : str
    shifts : int
    one, other : str
        Strategies; "kernel" has no network.

    Returns
    -------
    targets : list of str
    gains : Shrunken
    """
    of_one, of_other = (_hits(table, hits, strategy, network, shifts) for strategy in (one, other))
    targets = [target for target in of_one if target in of_other]
    differences = [of_one[target] - of_other[target] for target in targets]
    image_variance = np.array([Uncertainty.of(each).images for each in differences])
    return targets, shrink([each.mean(axis=1) for each in differences], image_variance, seed=0)


def _hits(table, hits, strategy, network, shifts):
    """By target the hits of a method, float (pairs, images)."""
    network = "" if strategy == "kernel" else network
    wanted = (table["strategy"] == strategy) & (table["network"] == network) & (table["shifts"] == shifts)
    return {
        target: np.stack(hits[rows.sort_values("seed").index]).astype(float)
        for target, rows in table[wanted].groupby("target")
    }
