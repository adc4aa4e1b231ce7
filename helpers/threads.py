"""How many cores there are, and calls that take turns on them."""

import contextlib
import functools
import multiprocessing
import os
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import numpy as np

from helpers.validation import whole_number

CONTROL_GROUPS = Path("/sys/fs/cgroup")


class Workers:
    """Threads that take turns at a list of calls; `with Workers(threads) as workers`.

    While it is open, matrix products use one thread each: see `one_blas_thread`.

    Parameters
    ----------
    threads : int, optional
        `default_threads()` if not given. One means no thread but the caller's.

    Raises
    ------
    ValueError
        `threads` is no whole number of at least 1.
    """

    def __init__(self, threads=None):
        self.threads = default_threads() if threads is None else whole_number("threads", threads)

    def __enter__(self):
        self._stack = contextlib.ExitStack()
        self._stack.enter_context(one_blas_thread())
        settings = np.geterr()  # NumPy keeps them for each thread
        self._pool = ThreadPoolExecutor(self.threads, initializer=lambda: np.seterr(**settings))
        self._stack.callback(self._pool.shutdown, cancel_futures=True)
        return self

    def __exit__(self, *problem):
        self._stack.close()

    def map(self, function, *arguments):
        """Call a function with the first of all arguments, the second, and so on; a list of what it returns.

        An error in one call, or Ctrl-C, is raised once no other call is under way.
        """
        calls = list(zip(*arguments))
        if self.threads == 1:
            return [function(*call) for call in calls]
        running = [self._pool.submit(function, *call) for call in calls]
        try:
            return [future.result() for future in running]
        finally:
            for future in running:
                future.cancel()
            wait(running)


_holders, _limit, _lock = 0, None, threading.Lock()


@contextlib.contextmanager
def one_blas_thread():
    """A context in which matrix products use one thread.

    On matrices as small as ours a second thread gains little, and where another program keeps that core busy the
    first one waits for it, spinning: training was seen to become eight times slower. One thread also makes the
    results independent of the number of cores.

    The limit holds for the whole process. Contexts may overlap, in one thread or in several: the first sets it, and
    the last to end puts back what was. Without threadpoolctl nothing happens.
    """
    global _holders, _limit
    with _lock:
        if not _holders:
            with contextlib.suppress(ImportError):
                from threadpoolctl import threadpool_limits

                _take_control()
                _limit = threadpool_limits(limits=1, user_api="blas")
        _holders += 1
    try:
        yield
    finally:
        with _lock:
            _holders -= 1
            if not _holders and _limit:
                _take_control()
                _limit.restore_original_limits()
                _limit = None


def _take_control():
    """Let this thread set the limit: from version 3.8 on, threadpoolctl ignores all threads but one, in silence."""
    from threadpoolctl import OpenBLASController

    if hasattr(OpenBLASController, "clear_controlling_thread"):
        OpenBLASController.clear_controlling_thread(force=True)


def default_threads():
    """How many threads to use where nobody says: the CPUs this process may use, or one.

    One in a process that `multiprocessing` started, as the others have their share of the cores; one where matrix
    products cannot be kept to one thread each, or where threads cannot be started, as in a browser.

    Returns
    -------
    int
    """
    cpus = available_cpus()
    if cpus == 1 or multiprocessing.parent_process() or not _several_threads_help():
        return 1
    return cpus


def available_cpus():
    """How many CPUs this process may use: by its affinity, and by the quota of its container (Linux control groups).

    Returns
    -------
    int
        At least 1.
    """
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for files in (["cpu.max"], ["cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"]):  # version 2, version 1
        try:
            quota, period = " ".join((CONTROL_GROUPS / file).read_text() for file in files).split()
            cpus = min(cpus, int(quota) // int(period)) if int(quota) > 0 else cpus
        except (OSError, ValueError):  # no such file, or "max": no limit
            continue
    return max(1, cpus)


@functools.cache
def _several_threads_help():
    """Whether threads can be started, and `one_blas_thread` holds in all of them: OpenMP's limit does in one alone."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return False
    libraries = [library for library in threadpool_info() if library["user_api"] == "blas"]
    if not libraries or any(library["threading_layer"] == "openmp" for library in libraries):
        return False
    thread = threading.Thread(target=lambda: None)
    try:
        thread.start()
    except RuntimeError:
        return False
    thread.join()
    return True
