"""Run all races and write results/benchmarks.json: `make bench`, or python -m benchmarks [race …]."""

import argparse
import contextlib
import importlib.metadata
import importlib.util
import json
import platform
import sys
from pathlib import Path

from benchmarks import goals, races, report
from benchmarks.contestants import NAMES, package
from helpers.files import atomic_write
from helpers.threads import available_cpus


def machine():
    """The processor's name, and how many cores this program may use."""
    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.is_file() else []
    name = names[0].split(":")[1].strip() if names else platform.processor() or platform.machine()
    return {
        "processor": name,
        "cores": available_cpus(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def versions():
    """The versions of what takes part."""
    packages = {"numpy": "numpy", "jax": "jax", "torch": "torch", "scikit-learn": "scikit-learn", "keras": "keras"}
    packages |= {"tensorflow-cpu": "tensorflow", "tensorflow": "tensorflow"}
    installed = {}
    for distribution, shown in packages.items():
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            installed[shown] = importlib.metadata.version(distribution)
    return installed


def main(arguments=None):
    """Run what was asked for; what was not asked for stays in the file as it was."""
    everything = [*races.RACES, *races.SECTIONS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("races", nargs="*", help=f"which of: {', '.join(everything)} (default: all)")
    wanted = parser.parse_args(arguments).races or everything
    unknown = sorted(set(wanted) - set(everything))
    if unknown:
        parser.error(f"there is no race {', '.join(unknown)}; choose from {', '.join(everything)}")

    skipped = [name for name in NAMES if importlib.util.find_spec(package(name)) is None]
    for name in skipped:
        print(f"skipped: {NAMES[name]} ({package(name)} is not installed)")
    present = [name for name in NAMES if name not in skipped]

    here = {"machine": machine(), "versions": versions()}
    results = report.load() if report.RESULT.is_file() else {}
    if any(results.get(key) != value for key, value in here.items()):
        if results and set(wanted) != set(everything):
            parser.error("what is stored is from another machine or other versions: run all races, without naming any")
        results = {"races": {}}
    results |= {"command": "make bench", **here, "pinned to one core": races.CAN_PIN}
    results["skipped"] = [NAMES[name] for name in skipped]
    print(expected_time(results, wanted))
    for name in wanted:
        if name in races.RACES:
            results["races"][name] = races.race(name, [other for other in races.RACES[name] if other in present])
        else:
            results[name] = races.SECTIONS[name](present)
        write(results)  # what is measured stays, whatever happens to the rest
    print(f"\n{goals.table(results['goals'])}\n")
    print(f"wrote {report.RESULT.name} in results/; `make readme` brings it into the README")


def expected_time(results, wanted):
    """How long this will take, in words, judging by what is stored."""
    stored = {**results, **results["races"]}
    seconds = sum(timed_seconds(stored.get(name)) for name in wanted) * (races.ROUNDS + 1) / races.ROUNDS
    new = [name for name in wanted if name not in stored]
    return f"This takes about {seconds / 60:.0f} minutes" + (f", and the time of {', '.join(new)}" if new else "")


def timed_seconds(results):
    """The sum of all timings in a part of the report, however deep they lie in it."""
    if not isinstance(results, dict):
        return 0
    return sum(results.get("seconds", ())) + sum(map(timed_seconds, results.values()))


def write(results):
    """Write the report, whole or not at all, with how it stands with the goals."""
    results["goals"] = goals.judge(results)
    with atomic_write(report.RESULT) as file:
        file.write((json.dumps(results, indent=1) + "\n").encode())


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted; results/benchmarks.json has the races that were finished")
    except RuntimeError as problem:
        sys.exit(f"benchmarks: {problem}")
