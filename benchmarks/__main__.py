"""Race the frameworks: `make bench` runs all races and stores them, python -m benchmarks NAME … runs some and prints them."""

import argparse
import contextlib
import importlib.metadata
import importlib.util
import json
import platform
import sys
from pathlib import Path

from benchmarks import races, report
from benchmarks.contestants import NAMES, PACKAGES
from helpers.files import atomic_write

DISTRIBUTIONS = {  # whose versions are stored, and under which name
    **{name: name for name in ("numpy", "jax", "torch", "scikit-learn", "keras")},
    "tensorflow-cpu": "tensorflow",
    "tensorflow": "tensorflow",
}


def machine():
    """The processor's name, and how many cores this program may use."""
    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.is_file() else []
    name = names[0].split(":")[1].strip() if names else platform.processor() or platform.machine()
    return {
        "processor": name,
        "cores": races.CORES,
        "system": platform.system(),
        "python": platform.python_version(),
    }


def versions():
    """The versions of what takes part."""
    installed = {}
    for distribution, shown in DISTRIBUTIONS.items():
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            installed[shown] = importlib.metadata.version(distribution)
    return installed


def main(arguments=None):
    """Run the races and print each; store them if all were run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these races: {', '.join(races.RACES)}")
    parser.add_argument("--runs", type=int, default=7, help="runs that count, after one to warm up (default: 7)")
    wanted = parser.parse_args(arguments)
    unknown = sorted(set(wanted.names) - set(races.RACES))
    if unknown:
        parser.error(f"there is no race {', '.join(unknown)}; choose from {', '.join(races.RACES)}")
    if wanted.runs < 1:
        parser.error(f"--runs must be at least 1, not {wanted.runs}")

    skipped = [name for name, package in PACKAGES.items() if importlib.util.find_spec(package) is None]
    for name in skipped:
        print(f"skipped: {NAMES[name]} ({PACKAGES[name]} is not installed)")
    results = {}
    for race in wanted.names or races.RACES:
        results[race] = races.race(race, [name for name in races.RACES[race] if name not in skipped], wanted.runs)
        print(report.plain(results[race]))
    if not wanted.names:
        stored = {
            "command": "make bench",
            "machine": machine(),
            "versions": versions(),
            "pinned to one core": races.CAN_PIN,
            "skipped": [NAMES[name] for name in skipped],
            "races": results,
        }
        with atomic_write(report.RESULT) as file:
            file.write((json.dumps(stored, indent=1) + "\n").encode())
        print(f"wrote {report.RESULT}; `make readme` brings it into the pages")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted; nothing was stored")
    except RuntimeError as problem:
        sys.exit(f"benchmarks: {problem}")
