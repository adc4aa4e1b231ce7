"""Run all races and write results/benchmarks.json: `make bench`, or python -m benchmarks [race …].

The contestants of a race take turns, one run each, round after round, all on one core that the program keeps them to,
with every library set to one thread. In a race the first round warms up and does not count.
"""

import argparse
import contextlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.contestants import NAMES, PACKAGES

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "results" / "benchmarks.json"
ROUNDS = 7  # and one more to warm up
RACES = {
    "mlp-128": list(NAMES),
    "mlp-32": ["floor", "ours", "jax", "pytorch", "scikit_learn", "keras"],
    "mlp-512": ["floor", "ours", "jax", "pytorch", "scikit_learn", "keras"],
    "mlp-noise": ["floor", "ours", "jax", "pytorch", "scikit_learn", "keras"],
    "head": ["floor", "ours", "jax", "pytorch", "keras"],
    "convnet": ["floor", "ours", "jax", "pytorch", "keras"],
}
SHARES = ("0.125", "0.25", "0.5", "1", "2", "4")
WIDTHS = ("64", "128", "256", "512", "1024", "2048")
IMPORTS = ("numpy", "helpers", "jax", "torch", "sklearn.neural_network", "tensorflow")
ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


def cores():
    """The cores this program may use, the last one first; empty where the system cannot keep a process to a core."""
    return sorted(os.sched_getaffinity(0), reverse=True) if hasattr(os, "sched_getaffinity") else []


@contextlib.contextmanager
def kept_to(core):
    """Processes started in this context stay on one core; on any if none is given."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def launch(arguments, core=None, **pipes):
    """Start Python on one core, or on any if none is given."""
    settings = {**os.environ, **ONE_THREAD, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONDONTWRITEBYTECODE": "1"}
    with kept_to(core):
        return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=settings, text=True, **pipes)


class Runner:
    """A worker process and the way to talk to it."""

    def __init__(self, name, workload, core):
        self.name, self.log = name, tempfile.TemporaryFile("w+")
        self.process = launch(
            ["-m", "benchmarks.worker", name, workload],
            core,
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


def summary(seconds):
    """What is kept of several timings of one thing."""
    return {"best": min(seconds), "median": statistics.median(seconds), "seconds": [round(s, 4) for s in seconds]}


def race(workload, names, core, rounds=ROUNDS):
    """Let contestants take turns; a dict of what each did, or why it could not."""
    found, running = {}, {}
    with contextlib.ExitStack() as stack:
        for name in names:
            runner = Runner(name, workload, core)
            stack.callback(runner.close)
            ready = runner.answer()
            if "cannot" in ready:
                found[name] = ready
            else:
                running[name] = runner
        timings = {name: [] for name in running}
        for turn in range(rounds + 1):
            for name, runner in running.items():
                print(f"\r{workload}: round {turn} of {rounds}, {NAMES[name]:<30}", end="", flush=True)
                done = runner.ask("run")
                timings[name].append(done["seconds"])
                found[name] = {**summary(timings[name][1:] or [done["seconds"]]), "peak_mb": done["peak_mb"]}
        for name, runner in running.items():
            found[name] |= runner.ask("accuracy")
    print()
    return found


def timed(arguments, core):
    """Seconds from starting Python to its end."""
    started = time.perf_counter()
    if launch(arguments, core, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait():
        raise RuntimeError(f"python {' '.join(arguments)} failed")
    return time.perf_counter() - started


def imports(present, core):
    """Seconds that `python -c "import …"` takes, beyond Python itself."""
    wanted = [name for name in IMPORTS if name == "helpers" or name.split(".")[0] in present]
    seconds = {name: [] for name in wanted}
    for turn in range(ROUNDS + 1):
        bare = timed(["-c", ""], core)
        for name in wanted:
            print(f"\rimports: round {turn} of {ROUNDS}, {name:<30}", end="", flush=True)
            seconds[name].append(timed(["-c", f"import {name}"], core) - bare)
    print()
    return {name: summary(values[1:]) for name, values in seconds.items()}


def first_epochs(names, core):
    """Seconds from starting Python to the end of the first epoch of the race mlp-128."""
    seconds = {name: [] for name in names}
    for turn in range(ROUNDS):
        for name in names:
            print(f"\rfirst epoch: round {turn + 1} of {ROUNDS}, {NAMES[name]:<30}", end="", flush=True)
            started = time.perf_counter()
            runner = Runner(name, "mlp-128", core)
            runner.answer()
            runner.ask("run")
            seconds[name].append(time.perf_counter() - started)
            runner.close()
    print()
    return {name: summary(values) for name, values in seconds.items()}


def busy_neighbour(core, neighbours):
    """Ours, in turns: on one core while the others rest, and free to use all while another program keeps one busy."""
    names = ("alone", "beside a busy program")
    seconds = {name: [] for name in names}
    with contextlib.ExitStack() as stack:
        runners = [Runner("ours", "mlp-128", where) for where in (core, None)]
        for runner in runners:
            stack.callback(runner.close)
            runner.answer()
        for turn in range(ROUNDS + 1):
            for name, runner in zip(names, runners):
                print(f"\rbusy neighbour: round {turn} of {ROUNDS}, {name:<30}", end="", flush=True)
                other = launch(["-c", "while True: pass"], neighbours[0]) if name != "alone" else None
                seconds[name].append(runner.ask("run")["seconds"])
                if other:
                    other.kill()
                    other.wait()
    print()
    return {name: summary(values[1:]) for name, values in seconds.items()}


def where_time_goes(core):
    """What the parts of our epoch take, in seconds: see benchmarks/breakdown.py."""
    process = launch(["-m", "benchmarks.breakdown"], core, stdout=subprocess.PIPE)
    out, _ = process.communicate()
    if process.returncode:
        raise RuntimeError("benchmarks.breakdown failed")
    return json.loads(out)


def machine():
    """The processor's name, and how many cores there are."""
    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.is_file() else []
    name = names[0].split(":")[1].strip() if names else platform.processor() or platform.machine()
    return {
        "processor": name,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def main(arguments=None):
    """Run what was asked for; what was not asked for stays in the file as it was."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    extra = ["growth", "imports", "first epoch", "busy neighbour", "where time goes"]
    parser.add_argument("races", nargs="*", help=f"which of: {', '.join([*RACES, *extra])} (default: all)")
    wanted = parser.parse_args(arguments).races or [*RACES, *extra]
    unknown = sorted(set(wanted) - {*RACES, *extra})
    if unknown:
        parser.error(f"there is no race {', '.join(unknown)}; choose from {', '.join([*RACES, *extra])}")

    skipped = {name: package for name, package in PACKAGES.items() if importlib.util.find_spec(package) is None}
    for name, package in skipped.items():
        print(f"skipped: {NAMES[name]} ({package} is not installed)")
    present = [name for name in NAMES if name not in skipped]
    core, *neighbours = cores() or [None]

    here = {"machine": machine(), "versions": versions()}
    report = json.loads(RESULT.read_text()) if RESULT.is_file() else {}
    if any(report.get(key) != value for key, value in here.items()):
        if report and set(wanted) != {*RACES, *extra}:
            parser.error("what is stored is from another machine or other versions: run all races, without naming any")
        report = {"races": {}, "growth": {}}
    report |= {"command": "make bench", **here, "pinned to one core": core is not None}
    report["skipped"] = [NAMES[name] for name in skipped]
    sections = {
        "growth": lambda: {
            kind: {size: race(f"{kind}-{size}", ["floor", "ours"], core) for size in sizes}
            for kind, sizes in (("images", SHARES), ("width", WIDTHS))
        },
        "imports": lambda: imports({"numpy", *(PACKAGES[name] for name in present if name in PACKAGES)}, core),
        "first epoch": lambda: first_epochs([name for name in present if name not in ("floor", "original")], core),
        "busy neighbour": lambda: busy_neighbour(core, neighbours) if neighbours else None,
        "where time goes": lambda: where_time_goes(core),
    }
    for name in wanted:
        if name in RACES:
            report["races"][name] = race(name, [other for other in RACES[name] if other in present], core)
        else:
            report[name] = sections[name]()
        write(report)  # what is measured stays, whatever happens to the rest
    print(f"wrote {RESULT.relative_to(ROOT)}; `make readme` brings it into the README")


def write(report):
    """Write the report, whole or not at all."""
    from helpers.files import atomic_write

    with atomic_write(RESULT) as file:
        file.write((json.dumps(report, indent=1) + "\n").encode())


def versions():
    """The versions of what took part."""
    names = {"numpy": "numpy", "jax": "jax", "torch": "torch", "scikit-learn": "scikit-learn", "keras": "keras"}
    names |= {"tensorflow-cpu": "tensorflow", "tensorflow": "tensorflow"}
    found = {}
    for package, shown in names.items():
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[shown] = importlib.metadata.version(package)
    return found


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted; results/benchmarks.json has the races that were finished")
    except RuntimeError as problem:
        sys.exit(f"benchmarks: {problem}")
