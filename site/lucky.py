"""The data of the page "How lucky was your experiment?": every split's gains and ranks, from the stored census."""

import json

import pandas as pd

from studies.census import others
from tools import evidence


def data():
    """All splits as JSON.

    Returns
    -------
    str
        `{"gains": [names], "doubt": [between, mean], "splits": {source: [[gain, rank], …]}}`: gains in points to four decimals, in
        the order of the names; the rank, 1 for the largest, is that of the unrounded gains. The doubt of what
        fine-tuning gains: the standard deviation from split to split, and the error of the mean that stands for a split.
    """
    gains = pd.DataFrame(evidence.gains())
    ranks = gains.round(7).rank(ascending=False, method="min").astype(int)
    splits = {
        others(target): [[round(gain, 4), int(rank)] for gain, rank in zip(gains.loc[target], ranks.loc[target])]
        for target in gains.index
    }
    doubt = [round(part, 2) for part in evidence.doubt("fine-tune")]
    return json.dumps({"gains": list(gains.columns), "doubt": doubt, "splits": splits}, separators=(",", ":"))
