"""What is missing of a study is run by an executor: processes here, or a cluster.

Nothing here depends on which: both are `concurrent.futures`. The runs of one source travel together, so that one
process trains that source and keeps it. No result depends on how they travel, as each run draws its random numbers
from its own settings.
"""

import functools
import hashlib
import itertools
import math
import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from helpers.evidence import hits
from helpers.threads import one_blas_thread
from studies.engine.environment import environment

ROOT = Path(__file__).resolve().parent.parent.parent
TASK = 30  # seconds of runs that travel together at most: what a kill can lose
TRIES = 3  # how often in a row an executor may break without having finished anything


class RevisionError(RuntimeError):
    """A worker has other code than the process that sends it work."""


class FailedRunsError(RuntimeError):
    """Some runs have no result: they diverged, say. The others are finished."""


@functools.cache
def code_digest():
    """A digest of all code that a result can depend on: a str that two equal copies of it share."""
    digest = hashlib.sha256()
    for folder in ("helpers", "studies"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(f"{path.relative_to(ROOT).as_posix()}\n".encode())
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:20]


def execute(measure, runs, code):
    """Measure some runs, here and now: what a worker does.

    Parameters
    ----------
    measure : callable
        Of the study.
    runs : list of Run
    code : str
        The `code_digest` of the process that asks.

    Returns
    -------
    list of dict
        For each run either {"failure": why} or what the journal is to hold.

    Raises
    ------
    RevisionError
        This process has other code.
    KeyboardInterrupt
        A training was interrupted.
    """
    if code != code_digest():
        raise RevisionError(
            f"a worker's helpers/ and studies/ have the digest {code_digest()}, but {code} was asked for; bring all"
            " machines to the same revision, and restart the workers"
        )
    records = []
    for run in runs:
        started = time.perf_counter()
        try:
            with one_blas_thread():
                outcome = measure(run)
        except ArithmeticError as problem:  # diverged or not converged: no result, and no reason to stop the others
            records.append({"failure": str(problem)})
            continue
        seconds = round(time.perf_counter() - started, 3)
        records.append({**hits.to_text(outcome.hits), "values": outcome.values, "seconds": seconds, **environment()})
    return records


def tasks(study, runs):
    """Group runs into tasks: lists of runs that share a source and take at most `TASK` seconds, or one run.

    In a study that says which runs belong together, these are the tasks.

    Parameters
    ----------
    study : Study
    runs : iterable of Run

    Returns
    -------
    list of list of Run
    """

    def source(run):
        return run.source, run.seed

    key, longest = (study.together, math.inf) if study.together else (source, TASK)
    tasks = []
    for _, group in itertools.groupby(sorted(runs, key=key), key):
        task, seconds = [], 0.0
        for run in group:
            if task and seconds + study.seconds(run) > longest:
                tasks.append(task)
                task, seconds = [], 0.0
            task.append(run)
            seconds += study.seconds(run)
        tasks.append(task)
    return tasks


def run_missing(study, journal, open_executor, after_task=lambda task: None):
    """Run what the journal lacks of a study.

    Parameters
    ----------
    study : Study
    journal : Journal
        Open; gets finished runs as soon as they are known.
    open_executor : callable
        Returns a context that gives an executor. It is called again when an executor breaks, as it does when one of
        its processes is killed; the runs that were lost are then repeated.
    after_task : callable
        Called with each list of runs that is done with.

    Raises
    ------
    FailedRunsError
        Some runs diverged or did not converge: all others are finished.
    RevisionError
        A worker has other code.
    BrokenExecutor
        The executor broke three times in a row without having finished anything.
    """
    waiting = tasks(study, (run for key, run in study.keys().items() if key not in journal.records))
    failures, tries = {}, 0
    while waiting:
        try:
            with open_executor() as executor:
                futures = {executor.submit(execute, study.measure, task, code_digest()): task for task in waiting}
                for future in as_completed(futures):
                    task = futures[future]
                    finished = dict(zip(task, future.result()))
                    failures |= {run: record["failure"] for run, record in finished.items() if "failure" in record}
                    journal.append({study.key(run): finished[run] for run in task if run not in failures})
                    waiting.remove(task)
                    tries = 0
                    after_task(task)
        except BrokenExecutor:
            tries += 1
            if tries == TRIES:
                raise
    if failures:
        run, why = next(iter(failures.items()))
        raise FailedRunsError(f"{len(failures)} runs have no result; the first is {run}: {why}")


@contextmanager
def processes(workers):
    """An executor of so many processes on this machine, one thread each; none of them outlives this context."""
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _prepare_worker)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()  # or Ctrl-C would wait for the runs under way
        raise
    pool.shutdown()


def _prepare_worker():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first one sees to the others
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent():
    multiprocessing.parent_process().join()  # ends however that process ends, by kill -9 too
    os._exit(1)


@contextmanager
def cluster(address):
    """An executor that sends its work to a Dask scheduler: see https://docs.dask.org, "Futures"."""
    from dask.distributed import Client

    with Client(address) as client, client.get_executor(pure=False) as executor:
        try:
            yield executor
        except BaseException:
            executor.shutdown(wait=False)
            raise
