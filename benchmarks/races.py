"""The races: who takes part in which, and how they are timed.

The contestants of a race take turns, one run each, round after round, each in a process of its own. They race on one
core, which the program keeps them to, with every library set to one thread; or on all cores, with the threads that
each takes by default. The first round warms up and does not count.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from benchmarks.contestants import IMPORTS, NAMES
from benchmarks.workloads import SHARES, WIDTHS, WORKLOADS
from helpers.threads import available_cpus

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 7  # and one more to warm up
RACES = {
    "mlp-128": ["floor", "ours", "jax", "pytorch", "scikit_learn", "keras", "original"],
    "mlp-32": ["floor", "ours", "jax", "pytorch", "scikit_learn", "keras"],
    "mlp-512": ["floor", "ours", "jax", "pytorch", "scikit_learn", "keras"],
    "mlp-noise": ["floor", "ours", "jax", "pytorch", "scikit_learn", "keras"],
    "head": ["floor", "ours", "jax", "pytorch", "keras"],
    "convnet": ["floor", "ours", "pytorch", "keras"],
    "mlp-128-all-cores": ["ours", "jax", "pytorch", "keras"],
    "convnet-all-cores": ["ours", "ours_one_thread", "jax", "pytorch", "keras"],
}
BESIDE_A_BUSY_PROGRAM = {"mlp-128-all-cores": ["ours"], "convnet-all-cores": ["ours", "ours_one_thread"]}
ONE_THREAD = dict.fromkeys(
    (
        "OPENBLAS_NUM_THREADS",
        "OMP_NUM_THREADS",
        "MKL_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_INTEROP_THREADS",
        "NPROC",  # JAX's
    ),
    "1",
)
WORKER = ["-m", "benchmarks.worker"]
CAN_PIN = hasattr(os, "sched_setaffinity")  # whether this system can keep a process to a core


@contextlib.contextmanager
def one_core():
    """Processes started in this context stay on one core, the last of those that this program may use."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def launch(arguments, all_cores=False, **pipes):
    """Start Python on one core and with one thread, or on all cores and without a word about threads."""
    settings = {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
    settings |= {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONDONTWRITEBYTECODE": "1", **({} if all_cores else ONE_THREAD)}
    with one_core() if CAN_PIN and not all_cores else contextlib.nullcontext():
        return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=settings, text=True, **pipes)


class Runner:
    """A worker process and the way to talk to it."""

    def __init__(self, name, workload):
        self.name, self.log = name, tempfile.TemporaryFile("w+")
        self.process = launch(
            [*WORKER, name, workload],
            WORKLOADS[workload].all_cores,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
        )

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.log.seek(0)
            raise RuntimeError(f"{self.name} ended: {(self.log.read().strip().splitlines() or ['without a word'])[-1]}")
        return json.loads(line)

    def ask(self, command):
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self):
        self.process.kill()
        self.process.communicate()
        self.log.close()


def in_turns(title, runs):
    """Call functions in turns, round after round; a dict of what each returned, without the first round."""
    results = {name: [] for name in runs}
    for turn in range(ROUNDS + 1):
        for name, run in runs.items():
            print(f"\r{title}: round {turn} of {ROUNDS}, {NAMES.get(name, name):<30}", end="", flush=True)
            results[name].append(run())
    print()
    return {name: values[1:] for name, values in results.items()}


def summary(seconds):
    """What is kept of several timings of one thing."""
    return {"best": min(seconds), "median": statistics.median(seconds), "seconds": [round(s, 4) for s in seconds]}


def race(workload, names):
    """Let contestants take turns; a dict of what each did, or why it could not."""
    results, runners = {}, {}
    with contextlib.ExitStack() as stack:
        for name in names:
            runner = Runner(name, workload)
            stack.callback(runner.close)
            ready = runner.answer()
            if "cannot" in ready:
                results[name] = ready
            else:
                runners[name] = runner
        runs = in_turns(workload, {name: partial(runner.ask, "run") for name, runner in runners.items()})
        for name, runner in runners.items():
            results[name] = summary([run["seconds"] for run in runs[name]])
            results[name] |= {"peak_mb": runs[name][-1]["peak_mb"], **runner.ask("accuracy")}
    return results


def growth(present):
    """Ours beside the matrix products alone: with more images, and with more hidden units."""
    return {
        kind: {f"{size:g}": race(f"{kind}-{size:g}", ["floor", "ours"]) for size in sizes}
        for kind, sizes in (("images", SHARES), ("width", WIDTHS))
    }


def imports(present):
    """Seconds that `python -c "import …"` takes, beyond Python itself."""

    def seconds(code):
        started = time.perf_counter()
        if launch(["-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait():
            raise RuntimeError(f"python -c {code!r} failed")
        return time.perf_counter() - started

    def beyond_python(module):
        return seconds(f"import {module}") - seconds("")

    modules = ["numpy", *(IMPORTS[name] for name in present if name in IMPORTS)]
    runs = in_turns("imports", {module: partial(beyond_python, module) for module in modules})
    return {module: summary(values) for module, values in runs.items()}


def first_epochs(present):
    """Seconds from starting Python to the end of the first epoch of the race mlp-128."""

    def seconds(name):
        started = time.perf_counter()
        with contextlib.closing(Runner(name, "mlp-128")) as runner:
            runner.answer()
            runner.ask("run")
            return time.perf_counter() - started

    runs = in_turns("first epoch", {name: partial(seconds, name) for name in present if name in IMPORTS})
    return {name: summary(values) for name, values in runs.items()}


def busy_neighbour(present):
    """Ours on all cores while another program keeps one of them busy; None if there is but one."""
    if available_cpus() == 1:
        return None
    neighbour = launch(["-c", "while True: pass"])
    try:
        return {workload: race(workload, names) for workload, names in BESIDE_A_BUSY_PROGRAM.items()}
    finally:
        neighbour.kill()
        neighbour.wait()


def where_time_goes(present):
    """What the parts of our runs take, in seconds: see benchmarks/breakdown.py."""
    process = launch(["-m", "benchmarks.breakdown"], stdout=subprocess.PIPE)
    out, _ = process.communicate()
    if process.returncode:
        raise RuntimeError("benchmarks.breakdown failed")
    return json.loads(out)


SECTIONS = {  # what is measured beside the races; each function gets the names of the contestants that are there
    "growth": growth,
    "imports": imports,
    "first epoch": first_epochs,
    "busy neighbour": busy_neighbour,
    "where time goes": where_time_goes,
}
