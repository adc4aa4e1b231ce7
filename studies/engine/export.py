"""From the journal to results/: NAME.csv, NAME.hits.npz and NAME.json, and back into a journal elsewhere.

Table and hits depend on the finished runs alone, to the last byte, not on when, where or in which order they ran.
What does belong to a time and a place is in NAME.json.
"""

import csv
import hashlib
import io
import json
from collections import Counter
from pathlib import Path

import numpy as np

from helpers.evidence import hits
from helpers.files import atomic_write


def paths(study, folder):
    """The three files of a study: table, hits and description."""
    return tuple(Path(folder) / f"{study.name}.{ending}" for ending in ("csv", "hits.npz", "json"))


def export(study, journal, folder):
    """Write the results of a study whose runs have all finished.

    Parameters
    ----------
    study : Study
    journal : Journal
    folder : str or Path

    Returns
    -------
    tuple of Path
        Table, hits and description.
    """
    records = [journal.records[key] for key in study.keys()]
    all_hits = [hits.from_text(record) for record in records]
    rows = [
        {
            "study": study.name,
            **run.settings(),
            **record["values"],
            study.accuracy: round(float(np.mean(row)), 6),
        }
        for run, record, row in zip(study.runs, records, all_hits)
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    table, bits, about = paths(study, folder)
    _write(table, text.getvalue())
    hits.write(bits, [run.target for run in study.runs], all_hits)
    description = {
        "study": study.name,
        "question": study.question,
        "command": f"python -m studies {study.name}",
        "revision": study.revision,
        "settings": study.conditions(),
        "files": {path.name: _digest(path) for path in (table, bits)},
        "runs": len(records),
        "date": max(record["date"] for record in records),
        "machines": _counted(record["machine"] for record in records),
        "versions": _counted(record["versions"] for record in records),
        "core_seconds": round(sum(record["seconds"] for record in records)),
    }
    _write(about, json.dumps(description, indent=1, ensure_ascii=False) + "\n")
    return table, bits, about


def _counted(texts):
    return dict(sorted(Counter(texts).items()))


def _write(path, text):
    with atomic_write(path) as file:
        file.write(text.encode())


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def stored(study, folder):
    """The finished runs that the files in results/ hold: so a clone of the repository need not repeat them.

    Parameters
    ----------
    study : Study
    folder : str or Path

    Returns
    -------
    dict of str to dict
        Records by key, as a journal has them. Nothing if there are no such files, if they are of another revision or
        of other settings, or if they do not belong together. Their seconds are known in sum only, so each has its share.
    """
    table, bits, about = paths(study, folder)
    if not about.is_file():
        return {}
    description = json.loads(about.read_text(encoding="utf-8"))
    if (description["revision"], description["settings"]) != (study.revision, study.conditions()):
        return {}
    if description["files"] != {path.name: _digest(path) for path in (table, bits) if path.is_file()}:
        return {}
    with open(table, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    known = {tuple(run.settings().values()): key for key, run in study.keys().items()}
    names = list(study.runs[0].settings())
    records = {}
    for row, row_hits in zip(rows, hits.read(bits, [row["target"] for row in rows])):
        key = known.get(tuple(row.get(name) for name in names))
        values = {name: _number(row[name]) for name in row if name not in (*names, "study", study.accuracy)}
        if key:
            records[key] = {
                **hits.to_text(row_hits),
                "values": values,
                "seconds": round(description["core_seconds"] / len(rows), 3),
                "date": description["date"],
                "machine": "; ".join(description["machines"]),
                "versions": "; ".join(description["versions"]),
            }
    return records


def _number(text):
    try:
        return int(text)
    except ValueError:
        return float(text)
