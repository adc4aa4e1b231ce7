"""The engine of the studies: whatever happens to a study, its results are those of one that nothing happened to."""

import json
import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import toy_study
from toy_study import STUDY, ToyRun

from helpers.evidence import hits
from studies.__main__ import main
from studies.engine import export
from studies.engine.commands import check, journal_path, missing, run_study
from studies.engine.execution import FailedRunsError, RevisionError, execute, run_missing, tasks
from studies.engine.journal import Journal, JournalError, read_journal
from studies.engine.study import ALL

needs_signals = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


@pytest.fixture
def toy(tmp_path):
    """Start the toy study's command in a process of its own."""

    def start(*arguments, **environment):
        return subprocess.Popen(
            [sys.executable, "-c", "import toy_study; toy_study.main()", str(tmp_path), *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(map(str, (ROOT, HERE))),
                "TOY_FOLDER": str(tmp_path),
                "TOY_SECONDS": "0.02",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Table and hits of the toy study, from one process that nothing happened to."""
    return compared(here(STUDY, tmp_path_factory.mktemp("undisturbed")))


class Here:
    """An executor that runs everything at once, in this process."""

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        pass

    def submit(self, function, *arguments):
        from concurrent.futures import Future

        future = Future()
        future.set_result(function(*arguments))
        return future


def here(study, root):
    return run_study(study, open_executor=Here, root=root)


def compared(written):
    """The bytes of table and hits: what must not depend on when, where and in which order the runs were made."""
    table, bits, _ = written
    return table.read_bytes(), bits.read_bytes()


def results(root):
    return compared(export.paths(STUDY, root / "results"))


def lines(root):
    return len(read_journal(journal_path(STUDY, root))[0])


def test_a_run_is_known_by_its_settings_and_by_those_of_its_study():
    one = ToyRun(target="02468", strategy="scratch", labels=10, seed=0, draw=0)
    key = STUDY.key(one)
    assert key == STUDY.key(ToyRun(target="02468", strategy="scratch", labels=10.0, seed=0, draw=0))
    others = [replace(one, labels=ALL), replace(one, shift=0.5), replace(one, target="2468"), replace(one, seed=1)]
    changed = [replace(STUDY, revision=2), replace(STUDY, settings={"steps": 8}), replace(STUDY, name="other")]
    keys = {*map(STUDY.key, others), *(study.key(one) for study in changed)}
    assert len(keys - {key}) == 7


def test_a_study_that_lists_a_run_twice_is_refused():
    with pytest.raises(ValueError, match="lists a run twice: ToyRun"):
        replace(STUDY, runs=[*STUDY.runs, STUDY.runs[3]])


def test_runs_travel_with_those_of_their_source_and_not_too_many_at_once():
    groups = tasks(STUDY, random.Random(0).sample(STUDY.runs, len(STUDY.runs)))
    assert sorted(map(hash, sum(groups, []))) == sorted(map(hash, STUDY.runs))
    assert all(len({(run.source, run.seed) for run in group}) == 1 for group in groups)
    assert max(map(len, groups)) == 2  # of 12 seconds each
    assert all(len(group) == 1 for group in tasks(replace(STUDY, seconds=lambda run: 1e6), STUDY.runs))


def test_runs_of_one_computation_are_not_parted_however_long_they_take():
    study = replace(STUDY, together=lambda run: run.seed // 4, seconds=lambda run: 1e6)
    groups = tasks(study, random.Random(0).sample(STUDY.runs, len(STUDY.runs)))
    assert [{run.seed for run in group} for group in groups] == [{0, 1, 2, 3}, {4, 5, 6, 7}]
    assert list(map(len, groups)) == [16, 16]


def test_processes_make_the_same_results_as_one(tmp_path, undisturbed):
    assert compared(run_study(STUDY, workers=2, root=tmp_path)) == undisturbed


def test_the_table_has_the_settings_what_was_measured_and_the_share_of_hits(tmp_path):
    table, bits, about = here(STUDY, tmp_path)
    head, first, second, *_ = table.read_text().splitlines()
    assert head == "study,source,target,strategy,labels,seed,draw,shift,steps,loss,test_accuracy"
    outcome = toy_study.measure(STUDY.runs[0])
    accuracy = round(float(outcome.hits.mean()), 6)
    assert first == f"toy,13579,02468,scratch,10,0,0,0,7,{outcome.values['loss']},{accuracy}"
    assert second.startswith("toy,13579,02468,fine-tune,all,")
    stored = hits.read(bits, [run.target for run in STUDY.runs])
    assert all(np.array_equal(row, toy_study.measure(run).hits) for run, row in zip(STUDY.runs, stored))
    description = json.loads(about.read_text())
    assert (description["command"], description["revision"]) == ("python -m studies toy", 1)
    assert sum(description["machines"].values()) == description["runs"] == len(STUDY.runs)


def test_hits_of_another_table_are_refused(tmp_path):
    rows = [np.ones(5, bool), np.zeros(5, bool)]
    hits.write(tmp_path / "hits.npz", ["01", "01"], rows)
    with pytest.raises(ValueError, match="no hits for target 23"):
        hits.read(tmp_path / "hits.npz", ["01", "23"])
    with pytest.raises(ValueError, match="not have hits for 9 rows of target 01"):
        hits.read(tmp_path / "hits.npz", ["01"] * 9)


def test_a_grid_can_grow_and_change_its_order_without_repeating_a_run(tmp_path, monkeypatch):
    here(STUDY, tmp_path)
    longer = toy_study.load("longer")
    assert {run.seed for run in missing(longer, tmp_path)} == {8}
    monkeypatch.setenv("TOY_FOLDER", str(tmp_path))
    table, _, _ = here(longer, tmp_path)
    assert len(list(tmp_path.glob("called-*"))) == 4
    assert table.read_text().splitlines()[1].split(",")[5] == "8"


def test_stored_results_stand_for_the_journal_on_another_machine(tmp_path, undisturbed, monkeypatch):
    here(STUDY, tmp_path)
    journal_path(STUDY, tmp_path).unlink()
    monkeypatch.setenv("TOY_FOLDER", str(tmp_path))
    assert compared(here(STUDY, tmp_path)) == undisturbed
    assert not list(tmp_path.glob("called-*"))
    journal_path(STUDY, tmp_path).unlink()
    here(toy_study.load("longer"), tmp_path)
    assert len(list(tmp_path.glob("called-*"))) == 4


@pytest.mark.parametrize("changed", [{"revision": 2}, {"settings": {"steps": 8}}])
def test_rows_of_other_settings_are_never_used(tmp_path, changed):
    here(STUDY, tmp_path)
    assert missing(replace(STUDY, **changed), tmp_path) == list(STUDY.runs)


@pytest.mark.parametrize("ending", ["csv", "hits.npz"])
def test_results_that_do_not_belong_together_are_not_used(tmp_path, ending):
    here(STUDY, tmp_path)
    journal_path(STUDY, tmp_path).unlink()
    with open(tmp_path / "results" / f"toy.{ending}", "ab") as file:
        file.write(b"\n")
    assert missing(STUDY, tmp_path) == list(STUDY.runs)


def test_a_run_that_diverges_is_no_row_and_stops_no_other(tmp_path, undisturbed, monkeypatch):
    monkeypatch.setenv("TOY_FOLDER", str(tmp_path))
    (tmp_path / "diverge-02468-scratch-3").touch()
    with pytest.raises(FailedRunsError, match="1 runs have no result; .*seed=3.*stopped being finite"):
        here(STUDY, tmp_path)
    assert not (tmp_path / "results" / "toy.csv").exists()
    assert lines(tmp_path) == len(STUDY.runs) - 1
    (tmp_path / "diverge-02468-scratch-3").unlink()
    assert compared(here(STUDY, tmp_path)) == undisturbed


def test_an_interrupted_run_ends_the_study_and_is_no_row(tmp_path):
    def interrupted(run):
        if run.seed == 1:
            raise KeyboardInterrupt("the transfer was interrupted after 3 steps, so there is no result")
        return toy_study.measure(run)

    with pytest.raises(KeyboardInterrupt):
        here(replace(STUDY, measure=interrupted), tmp_path)
    assert 0 < len(STUDY.runs) - lines(tmp_path) and "1" not in {run.seed for run in missing(STUDY, tmp_path)}


@pytest.mark.parametrize("torn", [b'{"key": "12', b"\0\0\0\0\n", b'{"key": "123"}'])
def test_a_torn_last_line_is_dropped_with_a_word(tmp_path, undisturbed, capsys, torn):
    here(STUDY, tmp_path)
    path = journal_path(STUDY, tmp_path)
    whole = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole[:-1]) + torn)
    for file in (tmp_path / "results").iterdir():
        file.unlink()
    assert len(missing(STUDY, tmp_path)) == 1
    assert compared(here(STUDY, tmp_path)) == undisturbed
    assert "the last line was torn off" in capsys.readouterr().err
    assert sorted(path.read_bytes().splitlines(keepends=True)[:-1]) == sorted(whole[:-1])


def test_a_damaged_line_in_the_middle_is_an_error(tmp_path):
    here(STUDY, tmp_path)
    path = journal_path(STUDY, tmp_path)
    whole = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*whole[:4], b"{\n", *whole[4:]]))
    with pytest.raises(JournalError, match="line 5 of .* is damaged; delete that line"):
        here(STUDY, tmp_path)


def test_a_second_process_on_one_study_is_refused_until_the_first_is_gone(tmp_path, toy):
    first = toy("toy", TOY_SECONDS="0.5")
    wait_until(lambda: lines(tmp_path) > 0, first)
    with pytest.raises(JournalError, match="another process is at work"):
        here(STUDY, tmp_path)
    assert main(["toy"], ("toy",), toy_study.load, tmp_path) == 1
    first.kill()  # the lock ends with its process, however that ends
    first.communicate()
    with Journal(journal_path(STUDY, tmp_path)) as journal:
        assert journal.records


def wait_until(condition, *processes):
    while not condition():
        for process in processes:
            assert process.poll() is None, process.communicate()
        time.sleep(0.01)


@needs_signals
@pytest.mark.parametrize("signal", [9, 2])  # kill -9 and Ctrl-C
@pytest.mark.slow
def test_ended_again_and_again_at_random_times_a_study_ends_as_if_nothing_had_happened(
    tmp_path, toy, undisturbed, signal
):
    rng, ended = random.Random(0), 0
    while True:
        process, before = toy("toy"), lines(tmp_path)
        waits = before + rng.randrange(1, 8)
        while process.poll() is None and lines(tmp_path) < waits:
            time.sleep(0.005)
        if process.poll() is not None:
            break
        time.sleep(rng.random() / 50)  # so that it ends anywhere in a run, or in a line
        process.send_signal(signal)
        process.communicate()
        ended += process.returncode in (-9, 130)
    assert process.returncode == 0, process.communicate()
    assert ended >= 3
    assert results(tmp_path) == undisturbed
    repeated = sum(len(path.read_text()) - 1 for path in tmp_path.glob("called-*"))
    assert repeated <= (ended + 1) * 3 * 2  # what two workers had in hand, and what was on its way to them


def test_no_worker_outlives_a_killed_study(tmp_path, toy):
    psutil = pytest.importorskip("psutil")
    process = toy("toy", TOY_SECONDS="0.2")
    wait_until(lambda: lines(tmp_path) > 0, process)
    workers = psutil.Process(process.pid).children(recursive=True)
    assert len(workers) >= 2
    process.kill()
    _, alive = psutil.wait_procs(workers, timeout=30)
    for worker in alive:
        worker.kill()
    assert not alive


def test_a_full_disk_loses_the_runs_in_flight_at_most(tmp_path, undisturbed):
    """The system refuses to let files grow beyond a bound, in the middle of a line, as a full disk would."""
    resource = pytest.importorskip("resource", reason="Windows has no such bounds")
    with Journal(journal_path(STUDY, tmp_path)) as journal:
        run_missing(replace(STUDY, runs=STUDY.runs[:5]), journal, Here)
    size = journal_path(STUDY, tmp_path).stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 1000, hard))
    try:
        with pytest.raises(OSError, match="bytes were written; is the disk full"):
            here(STUDY, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    content = journal_path(STUDY, tmp_path).read_bytes()
    assert content.endswith(b"\n") and size < len(content) <= size + 1000
    assert compared(here(STUDY, tmp_path)) == undisturbed


@needs_signals
def test_the_runs_of_a_killed_worker_are_repeated(tmp_path, toy, undisturbed):
    for name in ("02468-scratch-2", "13579-fine-tune-5"):
        (tmp_path / f"kill-{name}").touch()
    process = toy("toy")
    assert process.wait() == 0, process.communicate()
    assert not list(tmp_path.glob("kill-*"))
    assert results(tmp_path) == undisturbed


def test_a_worker_with_other_code_is_refused():
    with pytest.raises(RevisionError, match="bring all machines to the same revision"):
        execute(STUDY.measure, STUDY.runs[:1], "0123456789abcdef0123")


def test_a_check_repeats_a_sample_and_tells_what_differs(tmp_path, capsys):
    with pytest.raises(ValueError, match="no stored results"):
        check(STUDY, root=tmp_path)
    here(STUDY, tmp_path)
    assert check(STUDY, sample=7, seed=0, root=tmp_path) == []

    def other(run):
        outcome = toy_study.measure(run)
        return replace(outcome, hits=np.roll(outcome.hits, 1))

    assert len(check(replace(STUDY, measure=other), sample=7, seed=0, root=tmp_path)) == 7
    elsewhere(tmp_path)
    assert check(replace(STUDY, measure=other), sample=7, seed=0, root=tmp_path) == []  # the accuracy is the same

    def worse(run):
        return replace(toy_study.measure(run), hits=np.zeros(300 + len(run.source), bool))

    problems = check(replace(STUDY, measure=worse), sample=7, seed=0, root=tmp_path)
    assert len(problems) == 7 and "accuracy 0.0000, stored 0." in problems[0]
    assert main(["--check", "toy", "--sample", "3"], ("toy",), toy_study.load, tmp_path) == 0
    assert "toy: 0 of 3 runs differ" in capsys.readouterr().out


def elsewhere(root):
    """Make stored results look as if another machine had made them."""
    about = root / "results" / "toy.json"
    description = json.loads(about.read_text())
    about.write_text(json.dumps({**description, "machines": {"Another machine": len(STUDY.runs)}}))


def test_the_command_lists_what_there_is_and_what_is_missing(tmp_path, capsys):
    here(STUDY, tmp_path)
    capsys.readouterr()
    assert main([], ("toy", "longer"), toy_study.load, tmp_path) == 0
    listed = capsys.readouterr().out
    assert "32 of 32 runs are done\n" in listed
    assert "32 of 36 runs are done; the rest takes about 24 s on 2 cores" in listed


def test_all_studies_can_be_asked_for_at_once(tmp_path, capsys):
    here(STUDY, tmp_path)
    assert main(["--all"], ("toy", "toy"), toy_study.load, tmp_path) == 0
    assert capsys.readouterr().out.count("toy.csv") == 2


@pytest.mark.parametrize("arguments", [["tow"], ["toy", "--workers", "0"], ["--check", "toy", "--sample", "0"]])
def test_a_wrong_command_is_one_clear_error(arguments, capsys, tmp_path):
    with pytest.raises(SystemExit) as stopped:
        main(arguments, ("toy",), toy_study.load, tmp_path)
    assert stopped.value.code == 2
    assert "error: " in capsys.readouterr().err
