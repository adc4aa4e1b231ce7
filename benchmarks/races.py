"""The races: who takes part in which, and how they are timed.

The contestants of a race take turns, one run each, round after round, each in a process of its own. They race on one
core, with every library set to one thread; or on all cores, with the threads that each takes by default. The first
round warms up and does not count.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.contestants import NAMES
from benchmarks.workloads import WORKLOADS

ROOT = Path(__file__).resolve().parent.parent
RACES = {
    "mlp": ["floor", "ours", "jax", "pytorch", "scikit_learn", "keras"],
    "mlp-32": ["floor", "ours", "jax", "pytorch", "scikit_learn", "keras"],
    "mlp-noise": ["floor", "ours", "jax", "pytorch", "scikit_learn", "keras"],
    "head": ["floor", "ours", "jax", "pytorch", "keras"],
    "convnet": ["floor", "ours", "pytorch", "keras"],
    "mlp-all-cores": ["ours", "jax", "pytorch", "keras"],
    "convnet-all-cores": ["ours", "ours_one_thread", "jax", "pytorch", "keras"],
}
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
CORES = len(os.sched_getaffinity(0)) if CAN_PIN else os.cpu_count()


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
    """Start Python on one core with one thread, or on all cores with every library's default."""
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


def race(workload, names, runs):
    """Let contestants take turns; a dict of the seconds of each one's runs and its test accuracy after them."""
    with contextlib.ExitStack() as stack:
        runners = {}
        for name in names:
            runners[name] = Runner(name, workload)
            stack.callback(runners[name].close)
            runners[name].answer()  # it is ready
        seconds = {name: [] for name in names}
        for turn in range(runs + 1):
            for name, runner in runners.items():
                print(f"\r{workload}: round {turn} of {runs}, {NAMES[name]:<30}", end="", flush=True)
                seconds[name].append(round(runner.ask("run"), 4))
        print()
        return {name: {"seconds": seconds[name][1:], "accuracy": runners[name].ask("accuracy")} for name in names}
