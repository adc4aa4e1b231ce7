"""Hits as bits: which images a run recognised, in a line of the journal and in a file of results."""

import base64

import numpy as np

from helpers.files import atomic_write, read_npz


def to_text(hits):
    """Hits, a bool array (N,), as text for a line of the journal: a dict of their number and of their bits."""
    return {"images": len(hits), "hits": base64.b64encode(np.packbits(hits)).decode()}


def from_text(record):
    """The hits of a line of the journal: a bool array (N,)."""
    bits = np.frombuffer(base64.b64decode(record["hits"]), np.uint8)
    return np.unpackbits(bits, count=record["images"]).astype(bool)


def write(path, targets, hits):
    """Write the hits of a table, the same bytes for the same hits.

    Each target has an array of its own: for every image the bits of all runs, one after another. As most images are
    recognised in all runs or in hardly any, this takes much less room than the bits of every run would.

    Parameters
    ----------
    path : str or Path
    targets : sequence of str
        The target of each row of the table.
    hits : sequence of bool arrays, (N,)
        Of each row. Those of one target are on the same images.
    """
    rows = {}
    for target, row in zip(targets, hits):
        rows.setdefault(target, []).append(row)
    arrays = {target: np.packbits(np.array(rows[target]).T, axis=1) for target in sorted(rows)}
    with atomic_write(path) as file:
        np.savez_compressed(file, **arrays)


def read(path, targets):
    """Read what `write` has written.

    Parameters
    ----------
    path : str or Path
    targets : sequence of str
        The target of each row of the table.

    Returns
    -------
    list of bool arrays, (N,)
        The hits of each row.

    Raises
    ------
    ValueError
        The file is missing or damaged, or does not go with that table.
    """
    packed, rows = read_npz(path, ValueError), {}
    for target in targets:
        if target not in packed:
            raise ValueError(f"{path} has no hits for target {target}: it does not belong to this table")
        rows[target] = rows.get(target, 0) + 1
    for target, count in rows.items():
        if (count + 7) // 8 != packed[target].shape[1]:
            raise ValueError(f"{path} does not have hits for {count} rows of target {target}, as the table does")
    unpacked = {
        target: iter(np.unpackbits(packed[target], axis=1, count=count).T.astype(bool))
        for target, count in rows.items()
    }
    return [next(unpacked[target]) for target in targets]
