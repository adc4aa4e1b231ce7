"""A study that takes a second, and leaves traces: what the tests of the engine run, in this process and in others."""

import hashlib
import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from studies.engine.study import ALL, Outcome, Run, Study


@dataclass(frozen=True, kw_only=True)
class ToyRun(Run):
    shift: float = 0.0


def grid(seeds=8):
    return tuple(
        ToyRun(source=source, target=target, strategy=strategy, labels=labels, seed=seed, draw=seed)
        for seed in range(seeds)
        for target, source in (("02468", "13579"), ("13579", "02468"))
        for strategy, labels in (("scratch", 10), ("fine-tune", ALL))
    )


def measure(run):
    """Hits that follow from the settings; a file named after a run makes it diverge or kills its process, once."""
    folder = Path(os.environ.get("TOY_FOLDER", os.devnull))
    name = f"{run.target}-{run.strategy}-{run.seed}"
    if folder.is_dir():
        with open(folder / f"called-{name}", "a") as trace:
            trace.write("x")
        if (folder / f"diverge-{name}").exists():
            raise FloatingPointError("the loss stopped being finite")
        if (folder / f"kill-{name}").exists():
            (folder / f"kill-{name}").unlink()
            os.kill(os.getpid(), 9)
        time.sleep(float(os.environ.get("TOY_SECONDS", "0")))
    digest = hashlib.sha256(repr(sorted(run.settings().items())).encode()).digest()
    rng = np.random.default_rng(list(digest))
    return Outcome(rng.random(300 + len(run.source)) < 0.9, {"steps": 7, "loss": rng.random()})


def seconds(run):
    return 12.0  # so that a task has two runs


def band(run):
    return 0.01


STUDY = Study("toy", "What is a toy worth?", 1, {"steps": 7}, grid(), measure, seconds, band)


def load(name):
    return {"toy": STUDY, "longer": replace(STUDY, name="toy", runs=grid(9)[::-1])}[name]


def main():
    """python -c "import toy_study; toy_study.main()" ROOT ARGUMENT … is `python -m studies` for the toy."""
    from studies.__main__ import main

    sys.exit(main(sys.argv[2:], names=("toy", "longer"), load=load, root=Path(sys.argv[1])))
