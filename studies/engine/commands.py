"""What `python -m studies` does with a study: say how far it is, run what is missing, check what is stored."""

import functools

import numpy as np

from helpers.evidence import hits
from studies.engine import export
from studies.engine.environment import machine_and_versions
from studies.engine.execution import ROOT, code_digest, execute, processes, run_missing
from studies.engine.journal import Journal, read_journal


def journal_path(study, root):
    """Where a study keeps its journal: in output/, as only the results made from it are worth keeping."""
    return root / "output" / "studies" / f"{study.name}.jsonl"


def missing(study, root=ROOT):
    """The runs of a study that neither its journal nor results/ holds: a list of Run."""
    done = {**read_journal(journal_path(study, root))[0], **export.stored(study, root / "results")}
    return [run for key, run in study.keys().items() if key not in done]


def estimate(study, runs, workers):
    """How long some runs take, in words: "35 min on 2 cores"."""
    seconds = sum(map(study.seconds, runs)) / workers
    time = f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
    return f"{time} on {workers} core{'s' * (workers > 1)}"


def run_study(study, *, workers=2, open_executor=None, root=ROOT):
    """Run what is missing of a study, then write its results.

    Parameters
    ----------
    study : Study
    workers : int
        Processes on this machine.
    open_executor : callable, optional
        As in `run_missing`; processes if not given.
    root : Path
        Whose output/ and results/ are used.

    Returns
    -------
    tuple of Path
        The files that were written.
    """
    from tqdm.auto import tqdm

    with Journal(journal_path(study, root)) as journal:
        stored = export.stored(study, root / "results")
        journal.append({key: record for key, record in stored.items() if key not in journal.records})
        todo = [run for key, run in study.keys().items() if key not in journal.records]
        print(f"{study.name}: {len(todo):,} of {len(study.runs):,} runs to do, about {estimate(study, todo, workers)}")
        bar = tqdm(
            total=round(sum(map(study.seconds, todo)), 2),
            desc=study.name,
            disable=None,  # no bar where the output goes to a file
            bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed} so far, {remaining} left",
        )

        def after_task(task):
            bar.update(sum(map(study.seconds, task)))

        with bar:
            run_missing(study, journal, open_executor or functools.partial(processes, workers), after_task)
        (root / "results").mkdir(exist_ok=True)
        return export.export(study, journal, root / "results")


def check(study, *, sample=10, seed=None, root=ROOT, same_rounding=True):
    """Repeat a random sample of a study's stored runs, here and on one core.

    Parameters
    ----------
    study : Study
    sample : int
        How many.
    seed : int, optional
        Of the sample; another one each time if not given.
    root : Path
    same_rounding : bool
        Whether the code still rounds as it did when the rows were stored. If not, the study's band decides here too.

    Returns
    -------
    list of str
        One line for each run that differs: on the machine and with the versions of the stored results in any image,
        elsewhere in its accuracy by more than the study's band. Empty if all is well.

    Raises
    ------
    ValueError
        There are no stored results of this revision.
    """
    records = export.stored(study, root / "results")
    if not records:
        raise ValueError(
            f"{study.name} has no stored results of these settings; `python -m studies {study.name}` makes them"
        )
    keys = study.keys()
    chosen = np.random.default_rng(seed).choice(sorted(records), min(sample, len(records)), replace=False)
    differences = []
    for key in map(str, chosen):
        run, record = keys[key], records[key]
        [again] = execute(study.measure, [run], code_digest())
        if "failure" in again:
            differences.append(f"{run}: {again['failure']}")
            continue
        was, now = hits.from_text(record), hits.from_text(again)
        same_place = same_rounding and machine_and_versions().items() <= record.items()
        if same_place and not (np.array_equal(was, now) and record["values"] == again["values"]):
            differences.append(f"{run}: {np.count_nonzero(was != now)} images differ, or other columns do")
        elif abs(was.mean() - now.mean()) > study.band(run):
            differences.append(f"{run}: accuracy {now.mean():.4f}, stored {was.mean():.4f}, band {study.band(run)}")
    return differences
