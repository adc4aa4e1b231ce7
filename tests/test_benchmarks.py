"""The races: everybody trains the same network, and a report can be read wherever it was made."""

import importlib
import io
import json
import os
import subprocess

import matplotlib.pyplot as plt
import pytest

import benchmarks.__main__ as bench
from benchmarks import races, report
from benchmarks.contestants import NAMES, PACKAGES
from benchmarks.workloads import Workload
from helpers.data.tasks import EVEN_DIGITS, LOW_DIGITS

SMALL = {
    "mlp": Workload("", share=0.05),
    "head": Workload("", EVEN_DIGITS, kind="head", share=0.05, epochs=10),
    "convnet": Workload("", LOW_DIGITS, kind="convnet", share=0.02, all_cores=True),
}
LEARNERS = [(name, workload) for workload in SMALL for name in ("ours", *PACKAGES)]
FEW_IMAGES = """
import sys
from benchmarks import worker
from benchmarks.workloads import Workload
parts = Workload.parts
Workload.parts = lambda workload: [part.subset(per_class=60, seed=0) for part in parts(workload)]
worker.main(*sys.argv[1:])
"""


def contestant(name, workload):
    if name in PACKAGES:
        pytest.importorskip(PACKAGES[name], reason="this framework is not installed")
    return importlib.import_module(f"benchmarks.contestants.{name}").Contestant(workload)


@pytest.mark.slow
@pytest.mark.parametrize("name, workload", [pair for pair in LEARNERS if pair[0] != "scikit_learn" or pair[1] == "mlp"])
def test_every_contestant_learns(name, workload):
    racing = contestant(name, SMALL[workload])
    for _ in range(3):
        racing.run()
    assert racing.accuracy() > 0.6


def test_the_floor_does_all_products_of_an_epoch_and_no_more():
    floor = contestant("floor", SMALL["mlp"])
    images = 128 * floor.steps
    done = sum(left.size * right.shape[1] * times for left, right, _, times in floor.training) * floor.steps
    assert done == images * (2 * 784 * 256 + 3 * (256 * 128 + 128 * 5))  # nobody needs the gradient of an image
    floor = contestant("floor", SMALL["head"])
    assert [left.shape[1] for left, *_ in floor.once] == [784, 256]
    assert len(floor.training) == 2 and floor.steps == 10 * floor.once_steps


def test_a_frozen_contestant_starts_every_run_again():
    racing = contestant("ours", SMALL["head"])
    before = racing.start.fingerprint()
    racing.run()
    assert racing.network.fingerprint() != before == racing.start.fingerprint()


def test_grainy_images_have_no_blank_pixel():
    assert min(part.images.max(axis=0).min() for part in Workload("", share=0.05, noise=True).parts()) > 0


@pytest.mark.skipif(not races.CAN_PIN, reason="this system keeps no program to a core")
def test_a_program_gets_one_core_and_one_thread_or_all_cores_and_no_rule():
    code = "import json, os; print(json.dumps([dict(os.environ), sorted(os.sched_getaffinity(0))]))"
    allowed = sorted(os.sched_getaffinity(0))
    for all_cores in (False, True):
        process = races.launch(["-c", code], all_cores, stdout=subprocess.PIPE)
        environment, cores = json.loads(process.communicate()[0])
        assert cores == (allowed if all_cores else allowed[-1:])
        assert races.ONE_THREAD.keys() & environment.keys() == (set() if all_cores else races.ONE_THREAD.keys())
    assert sorted(os.sched_getaffinity(0)) == allowed


def test_contestants_take_turns(monkeypatch, capsys):
    monkeypatch.setattr(races, "WORKER", ["-c", FEW_IMAGES])
    results = races.race("mlp", ["floor", "ours"], runs=2)
    turns = [f"round {turn} of 2, {NAMES[name]}" for turn in range(3) for name in ("floor", "ours")]
    assert [shown.partition(": ")[2].strip() for shown in capsys.readouterr().out.split("\r")[1:]] == turns
    assert len(results["ours"]["seconds"]) == 2
    assert results["ours"]["accuracy"] > 0.3 and results["floor"]["accuracy"] is None


def test_a_contestant_that_fails_is_an_error_with_its_reason():
    with pytest.raises(RuntimeError, match="No module named 'benchmarks.contestants.nobody'"):
        races.race("mlp", ["nobody"], runs=1)


@pytest.mark.parametrize(
    "arguments, words", [(["mpl"], "there is no race mpl"), (["--runs", "0"], "at least 1, not 0")]
)
def test_a_wrong_argument_is_one_clear_error(arguments, words, capsys):
    with pytest.raises(SystemExit):
        bench.main(arguments)
    assert words in capsys.readouterr().err


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A computer where no framework is installed; races with few images."""
    monkeypatch.setattr(bench, "PACKAGES", {name: f"no_such_{name}" for name in PACKAGES})
    monkeypatch.setattr(races, "WORKER", ["-c", FEW_IMAGES])
    monkeypatch.setattr(races, "RACES", {name: races.RACES[name] for name in ("mlp", "convnet", "convnet-all-cores")})
    monkeypatch.setattr(report, "RESULT", tmp_path / "benchmarks.json")
    return tmp_path / "benchmarks.json"


@pytest.mark.slow
def test_races_are_stored_and_can_be_read_where_frameworks_are_missing(elsewhere, capsys):
    bench.main(["--runs", "1"])
    made = report.load()
    assert "skipped: JAX, compiled (no_such_jax is not installed)" in capsys.readouterr().out
    assert made["skipped"] == [NAMES[name] for name in PACKAGES]
    assert made["races"]["convnet-all-cores"].keys() == {"ours", "ours_one_thread"}
    assert "Not installed, so left out: JAX, compiled; " in report.markdown(made)
    assert "No framework was raced" in report.in_a_sentence(made)
    figure = report.chart(made)
    figure.savefig(io.BytesIO())
    plt.close(figure)


def test_races_by_name_are_printed_and_not_stored(elsewhere, capsys):
    bench.main(["mlp", "--runs", "1"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[1] for line in lines[-2:]] == [NAMES["floor"], NAMES["ours"]]
    assert not elsewhere.exists()


# The report that is stored here


@pytest.fixture(scope="module")
def stored():
    return report.load()


def test_the_pages_show_medians_and_their_ratio_to_ours(stored):
    timed = {"ours": [1, 2, 9], "jax": [4, 1, 1], "pytorch": [1, 3, 4]}
    race = {name: {"seconds": seconds, "accuracy": 0.9} for name, seconds in timed.items()}
    made = {**stored, "races": {"mlp": race}}
    assert "| JAX, compiled | 1.00 s (0.50) |" in report.markdown(made)
    assert "takes JAX 0.5 and PyTorch 1.5 times as long as ours" in report.in_a_sentence(made)
    assert "1.000 s (1.000 to 4.000),  0.50 times ours, test accuracy 90.0%" in report.plain(race)


def test_the_stored_report_is_complete(stored):
    if stored["skipped"] or not stored["pinned to one core"]:
        pytest.skip(f"it lacks {', '.join(stored['skipped']) or 'a core of its own'}")
    assert {race: list(results) for race, results in stored["races"].items()} == races.RACES
    assert {len(one["seconds"]) for race in stored["races"].values() for one in race.values()} == {7}


def test_nobody_is_fast_by_learning_less(stored):
    """All frameworks end within a point of ours."""
    for race, results in stored["races"].items():
        for name in set(results) - {"floor"}:
            assert abs(results[name]["accuracy"] - results["ours"]["accuracy"]) < 0.01, (race, name)
