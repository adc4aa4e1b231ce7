"""The command `python -m studies`."""

import argparse
import functools
import os
import sys
from concurrent.futures import BrokenExecutor

from studies import NAMES, load, omniglot
from studies.engine.commands import ROOT, check, estimate, missing, run_study
from studies.engine.execution import FailedRunsError, RevisionError, cluster
from studies.engine.journal import JournalError


def main(arguments=None, names=NAMES, load=load, root=ROOT):
    """Parse the command line and do what it says; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m studies", description="List, run and check the studies.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of: {', '.join(names)} (none: list them)")
    parser.add_argument("--all", action="store_true", help="all of them")
    parser.add_argument("--check", action="store_true", help="repeat a random sample of the stored runs instead")
    parser.add_argument("--sample", type=int, default=10, metavar="N", help="runs that --check repeats (default: 10)")
    parser.add_argument("--seed", type=int, metavar="N", help="of that sample (default: another one each time)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes, one core each (default: 2)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster to use instead, tcp://…")
    parser.add_argument("--data", metavar="FOLDER", help="where Omniglot's files are (default: data/omniglot)")
    options = parser.parse_args(arguments)
    if options.data:
        os.environ[omniglot.FOLDER] = options.data  # so that all processes know it
    unknown = sorted(set(options.names) - set(names))
    if unknown:
        parser.error(f"there is no study {', '.join(unknown)}; choose from {', '.join(names)}")
    chosen = names if options.all else options.names
    if options.workers < 1 or options.sample < 1:
        parser.error("--workers and --sample must be at least 1")
    try:
        if not chosen:
            _list(map(load, names), options.workers, root)
        for study in map(load, chosen):
            if options.check:
                differences = check(study, sample=options.sample, seed=options.seed, root=root)
                print("\n".join([f"{study.name}: {len(differences)} of {options.sample} runs differ", *differences]))
                if differences:
                    return 1
            else:
                open_executor = functools.partial(cluster, options.scheduler) if options.scheduler else None
                for path in run_study(study, workers=options.workers, open_executor=open_executor, root=root):
                    print(f"wrote {path}")
    except KeyboardInterrupt:
        print("interrupted; the finished runs are kept, and the same command goes on after them", file=sys.stderr)
        return 130
    except (BrokenExecutor, FailedRunsError, JournalError, RevisionError, OSError, ValueError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    return 0


def _list(studies, workers, root):
    for study in studies:
        todo = missing(study, root)
        state = f"{len(study.runs) - len(todo):,} of {len(study.runs):,} runs are done"
        left = f"; the rest takes about {estimate(study, todo, workers)}" if todo else ""
        print(f"{study.name:<14} {study.question}\n{'':<14} {state}{left}")


if __name__ == "__main__":
    sys.exit(main())
