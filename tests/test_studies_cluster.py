"""A study on a Dask cluster: a scheduler and workers, each a real process, talking over the loopback interface."""

import json
import os
import subprocess
import sys
import time

import pytest
import test_studies_engine as engine
from toy_study import STUDY

pytest.importorskip("distributed", reason="Dask is not installed: `make test-studies` installs it")


@pytest.fixture
def start(tmp_path):
    """Start one of Dask's commands; whatever was started ends with the test."""
    started = []

    def start(command, *arguments, **environment):
        log = open(tmp_path / f"{command}-{len(started)}.log", "w")
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{command}", *arguments],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(map(str, (engine.ROOT, engine.HERE))),
                "TOY_FOLDER": str(tmp_path),
                "TOY_SECONDS": "0.05",
                **environment,
            },
            stdout=log,
            stderr=log,
        )
        started.append((process, log))
        return process

    yield start
    for process, log in started:
        process.kill()
        process.wait()
        log.close()


@pytest.fixture
def scheduler(tmp_path, start):
    """The address of a scheduler."""
    file = tmp_path / "scheduler.json"
    process = start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
    engine.wait_until(file.exists, process)
    while True:
        try:
            return json.loads(file.read_text())["address"]
        except (ValueError, KeyError):  # not yet written to its end
            time.sleep(0.05)


def worker(start, scheduler):
    """Start a worker: without a nanny, who would start it again when it is killed."""
    options = "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"
    return start("worker", scheduler, *options)


def test_a_study_on_a_cluster_that_loses_a_worker_ends_as_if_nothing_had_happened(tmp_path, scheduler, start, toy):
    first, _second = worker(start, scheduler), worker(start, scheduler)
    study = toy("toy", "--scheduler", scheduler)
    engine.wait_until(lambda: engine.lines(tmp_path) >= 4, study)
    first.kill()
    assert engine.lines(tmp_path) < len(STUDY.runs)
    _, problems = study.communicate(timeout=300)
    assert study.returncode == 0, problems
    assert first.wait() == -9
    assert engine.results(tmp_path) == engine.compared(engine.here(STUDY, tmp_path / "undisturbed"))


def test_a_cluster_of_another_revision_is_refused(tmp_path, scheduler, start, toy):
    """The worker imports a copy of the code to which a line was added."""
    for folder in ("helpers", "studies"):
        for path in (engine.ROOT / folder).rglob("*.py"):
            copy = tmp_path / "older" / path.relative_to(engine.ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    (tmp_path / "older" / "studies" / "__init__.py").write_bytes(b"# older\n")
    paths = os.pathsep.join(map(str, (tmp_path / "older", engine.HERE)))
    start(
        "worker", scheduler, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard", PYTHONPATH=paths
    )
    study = toy("toy", "--scheduler", scheduler)
    _, problems = study.communicate(timeout=300)
    assert study.returncode == 1
    assert "bring all machines to the same revision" in problems
    assert engine.lines(tmp_path) == 0


toy = engine.toy  # the fixture
