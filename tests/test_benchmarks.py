"""The races: everybody trains the same network, and a report can be read wherever it was made."""

import copy
import importlib
import io
import json
import os
import re
import subprocess

import matplotlib.pyplot as plt
import pytest

import benchmarks.__main__ as bench
from benchmarks import goals, races, report
from benchmarks.contestants import IMPORTS, NAMES, package
from benchmarks.workloads import WORKLOADS, Workload
from helpers.data.tasks import EVEN_DIGITS, LOW_DIGITS

SMALL = {
    "mlp": Workload(share=0.05),
    "noise": Workload(share=0.05, noise=True),
    "head": Workload(EVEN_DIGITS, kind="head", share=0.05, epochs=10),
    "convnet": Workload(LOW_DIGITS, kind="convnet", share=0.02, all_cores=True),
}


def contestant(name, workload):
    if name == "keras":
        pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
    pytest.importorskip(package(name), reason="a framework that only `make bench` installs")
    return importlib.import_module(f"benchmarks.contestants.{name}").Contestant(workload)


@pytest.mark.parametrize("workload", SMALL)
@pytest.mark.parametrize("name", ["ours", "jax", "pytorch", "scikit_learn", "keras"])
def test_every_contestant_learns(name, workload):
    try:
        racing = contestant(name, SMALL[workload])
    except NotImplementedError:
        assert (name, workload) in {("scikit_learn", "head"), ("scikit_learn", "convnet")}
        return
    before = racing.accuracy() if name != "scikit_learn" else 0.2  # that one is made by its first run
    for _ in range(3):
        racing.run()
    assert racing.accuracy() > max(before, 0.6)


def test_the_original_program_learns_slowly_and_only_what_it_was_made_for():
    racing = contestant("original", WORKLOADS["mlp-128"])
    racing.run()
    first = racing.accuracy()
    racing.run()
    assert racing.accuracy() > first
    with pytest.raises(NotImplementedError):
        contestant("original", SMALL["head"])


def test_the_floor_does_all_products_of_an_epoch_and_no_more():
    floor = contestant("floor", Workload())
    images = 128 * floor.steps
    done = sum(left.size * right.shape[1] * times for left, right, _, times in floor.training) * floor.steps
    assert done == images * (2 * 784 * 256 + 3 * (256 * 128 + 128 * 5))  # nobody needs the gradient of an image
    floor = contestant("floor", SMALL["head"])
    assert [left.shape[1] for left, *_ in floor.once] == [784, 256]
    assert len(floor.training) == 2 and floor.steps == 10 * floor.once_steps


def test_a_frozen_contestant_starts_every_run_again():
    racing = contestant("ours", SMALL["head"])
    racing.run()
    first = racing.network.fingerprint()
    racing.run()
    assert racing.network.fingerprint("hidden1", "hidden2") == racing.start.fingerprint("hidden1", "hidden2")
    assert racing.network.fingerprint() != first  # another order of the images


def test_all_threads_and_one_learn_the_same():
    """So that what is compared in a race on all cores is the same work."""
    fingerprints = set()
    for name in ("ours", "ours_one_thread"):
        racing = contestant(name, SMALL["convnet"])
        racing.run()
        fingerprints.add(racing.network.fingerprint())
    assert len(fingerprints) == 1


def test_grainy_images_have_no_blank_pixel():
    assert min(part.images.max(axis=0).min() for part in SMALL["noise"].parts()) > 0


def test_a_share_repeats_or_leaves_out_images():
    counts = [len(Workload(share=share).parts()[0]) for share in (0.5, 1, 2)]
    assert counts == [counts[1] // 2, counts[1], 2 * counts[1]]


# How a race is run


def test_a_program_gets_one_core_and_one_thread_or_all_cores_and_no_rule():
    code = "import json, os; print(json.dumps([dict(os.environ), sorted(os.sched_getaffinity(0))]))"
    if not races.CAN_PIN:
        pytest.skip("this system keeps no program to a core")
    allowed = sorted(os.sched_getaffinity(0))
    for all_cores in (False, True):
        process = races.launch(["-c", code], all_cores, stdout=subprocess.PIPE)
        environment, cores = json.loads(process.communicate()[0])
        assert cores == (allowed if all_cores else allowed[-1:])
        assert races.ONE_THREAD.keys() & environment.keys() == (set() if all_cores else races.ONE_THREAD.keys())
    assert sorted(os.sched_getaffinity(0)) == allowed


def test_a_race_takes_turns_and_tells_what_each_did(monkeypatch, capsys):
    monkeypatch.setattr(races, "ROUNDS", 2)
    results = races.race("images-0.125", ["floor", "ours"])
    turns = re.findall(r"round (\d) of 2, ([^\r]+?) *(?=\r|\n)", capsys.readouterr().out)
    assert turns == [(str(turn), NAMES[name]) for turn in range(3) for name in ("floor", "ours")]
    assert len(results["ours"]["seconds"]) == 2
    assert results["ours"]["best"] <= results["ours"]["median"]
    assert results["ours"]["accuracy"] > 0.8 and results["floor"]["accuracy"] is None
    assert 20 < results["ours"]["peak_mb"] < 300 or results["ours"]["peak_mb"] is None


def test_a_contestant_that_fails_is_an_error_with_its_reason():
    with pytest.raises(RuntimeError, match="No module named 'benchmarks.contestants.nobody'"):
        races.race("mlp-128", ["nobody"])


def test_an_unknown_race_is_one_clear_error(capsys):
    with pytest.raises(SystemExit):
        bench.main(["mpl"])
    assert "there is no race mpl" in capsys.readouterr().err


def test_the_parts_of_an_epoch_are_all_of_it(run_python):
    code = """
import json
from benchmarks import breakdown
from benchmarks.workloads import EVEN_DIGITS, Workload
breakdown.RUNS = 1
head = breakdown.head(Workload(EVEN_DIGITS, kind="head", share=0.05, epochs=10))
print(json.dumps([head, breakdown.mlp(Workload(share=0.05))]))
"""
    head, parts = json.loads(run_python(code))
    assert set(parts) == {"images into a batch", "Dense layers", "ReLU", "loss", "Adam", "the loop around them"}
    assert min(parts.values()) >= 0
    assert head["steps"] == 10 * (len(SMALL["head"].parts()[0]) // 128 + 1)
    assert head["features"] > 0 and head["training"] > 0


# Reports, made anywhere


@pytest.fixture(scope="module")
def stored():
    return report.load()


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """The program writes a report of its own: where only NumPy is, with few images and a single round."""
    small = """
import sys
from benchmarks import worker
from benchmarks.workloads import Workload
parts = Workload.parts
Workload.parts = lambda workload: [part.subset(per_class=60, seed=0) for part in parts(workload)]
worker.main(*sys.argv[1:])
"""
    missing = set(NAMES) - {"floor", "ours", "ours_one_thread", "original"}
    monkeypatch.setattr(bench, "package", lambda name: f"no_such_{name}" if name in missing else package(name))
    monkeypatch.setattr(races, "WORKER", ["-c", small])
    monkeypatch.setattr(races, "ROUNDS", 1)
    monkeypatch.setattr(races, "SHARES", (0.125, 1))
    monkeypatch.setattr(races, "WIDTHS", (64, 128))
    monkeypatch.setattr(report, "RESULT", tmp_path / "benchmarks.json")
    return tmp_path / "benchmarks.json"


def check(made):
    """What holds for every report: it can be read and drawn, names what it lacks, and its numbers fit together."""
    text = report.markdown(made)
    assert not re.search(r"\b(None|nan|inf)\b", text + report.in_a_sentence(made))
    for name in [*made["skipped"], *report.not_run(made)]:
        assert name in text
    for race in (report.ONE_CORE | report.ALL_CORES).keys() & made["races"].keys():
        results = made["races"][race]
        for name in results:
            if "median" in results[name]:
                best, median, seconds = (results[name][key] for key in ("best", "median", "seconds"))
                assert min(seconds) - 1e-4 <= best <= median <= max(seconds) + 1e-4  # the seconds are rounded
                assert f"{median:.2f} s ({median / results['ours']['median']:.2f})" in text
                assert NAMES[name] in text
    for table in (paragraph.splitlines() for paragraph in text.split("\n\n") if paragraph.startswith("|")):
        assert len({line.count("|") for line in table}) == 1 and len(table) > 2

    judged = goals.judge(made)
    assert len(goals.table(judged).splitlines()) == 1 + len(goals.GOALS)
    assert all((goal["measured"] is None) == (goal["reached"] is None) for goal in judged)
    figure = report.chart(made)
    figure.savefig(io.BytesIO())
    plt.close(figure)


def without(made, *names):
    """The report of a machine that does not have some frameworks."""
    for name in names:
        for race in made["races"].values():
            race.pop(name, None)
        made["imports"].pop(IMPORTS.get(name), None)
        made["first epoch"].pop(name, None)
    made["skipped"] = [NAMES[name] for name in names]


def cut(made, *path):
    """Leave out a part of a report."""
    *above, last = path
    for key in above:
        made = made[key]
    made.pop(last, None)


CHANGES = {
    "nothing": lambda made: None,
    "no Keras": lambda made: without(made, "keras"),
    "no JAX": lambda made: without(made, "jax"),
    "no PyTorch": lambda made: without(made, "pytorch"),
    "no scikit-learn": lambda made: without(made, "scikit_learn"),
    "no framework": lambda made: without(made, "jax", "pytorch", "scikit_learn", "keras"),
    "not pinned, a single core": lambda made: made.update({"pinned to one core": False, "busy neighbour": None}),
    "memory unknown": lambda made: made["races"]["mlp-128"]["ours"].update(peak_mb=None),
    "one that cannot": lambda made: [race.update(pytorch={"cannot": "no"}) for race in made["races"].values()],
    "all images alone": lambda made: made["growth"].update(images={"1": made["growth"]["images"]["1"]}),
    "never all images": lambda made: cut(made, "growth", "images", "1"),
    "one width": lambda made: made["growth"].update(width={"64": made["growth"]["width"]["64"]}),
    "growth empty": lambda made: made.update(growth={}),
    "no import of a framework that raced": lambda made: cut(made, "imports", "torch"),
    **{f"no {name}": lambda made, name=name: cut(made, name) for name in races.SECTIONS},
    **{f"no race {name}": lambda made, name=name: cut(made, "races", name) for name in races.RACES},
    "no race at all": lambda made: made.update(races={}),
    "one race alone": lambda made: (
        [cut(made, name) for name in races.SECTIONS]
        + [cut(made, "races", name) for name in races.RACES if name != "convnet"]
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_report_can_be_read_whatever_it_lacks(stored, change):
    made = copy.deepcopy(stored)
    CHANGES[change](made)
    check(made)


def test_a_report_made_where_frameworks_are_missing_can_be_read(elsewhere, capsys):
    wanted = ["mlp-128", "head", "convnet", "convnet-all-cores", "growth", "imports", "first epoch", "busy neighbour"]
    bench.main(wanted)
    out = capsys.readouterr().out
    assert "skipped: JAX, compiled (no_such_jax is not installed)" in out
    assert goals.table(goals.judge(report.load())) in out
    made = report.load()
    check(made)
    assert made["skipped"] == ["JAX, compiled", "PyTorch, eager", "scikit-learn", "Keras, fit"]
    assert not set(report.not_run(made)) & set(wanted)
    assert set(made["races"]["convnet-all-cores"]) == {"ours", "ours_one_thread"}
    assert made["goals"] == goals.judge(made)
    assert made["races"]["mlp-128"]["ours"]["accuracy"] > 0.3


def test_a_race_by_name_leaves_the_rest_of_the_report_as_it_was(elsewhere, capsys):
    bench.main(["mlp-32"])
    before = report.load()
    bench.main(["mlp-512"])
    after = report.load()
    assert after["races"].keys() == {"mlp-32", "mlp-512"} and after["races"]["mlp-32"] == before["races"]["mlp-32"]
    check(after)
    capsys.readouterr()
    elsewhere.write_text(json.dumps({**after, "versions": {"numpy": "0.1"}}))
    with pytest.raises(SystemExit):
        bench.main(["mlp-32"])
    assert "from another machine or other versions" in capsys.readouterr().err


def test_the_time_that_races_will_take_is_told_from_the_stored_ones():
    results = {"races": {"mlp-128": {"ours": {"seconds": 6 * [60]}, "jax": {"seconds": [0, 60]}}}}
    results["growth"] = {"images": {"1": {"ours": {"seconds": 7 * [60]}}}}
    assert (
        bench.expected_time(results, ["mlp-128", "growth"]) == "This takes about 16 minutes"
    )  # 14, and a warm-up of 2
    assert bench.expected_time(results, ["head"]) == "This takes about 0 minutes, and the time of head"


# The goals: how they are judged, with made-up timings


def timings(**medians):
    return {name: {"best": median, "median": median} for name, median in medians.items()}


@pytest.mark.parametrize(
    "keras, reached, words", [(2.8, True, "reached"), (2.79, False, "MISSED"), (None, None, "not measured")]
)
def test_a_goal_is_reached_or_missed_or_not_measured(keras, reached, words):
    goal = goals.faster("MLP", 2.8, "mlp-128", "keras")
    race = timings(ours=1.0) if keras is None else timings(ours=1.0, keras=keras)
    judged = goal.judge({"races": {"mlp-128": race}})
    assert judged["wanted"] == "at least 2.8 times as fast"
    assert judged["measured"] == keras and judged["reached"] is reached
    assert goals.table([judged]).endswith(words)


def test_a_goal_may_be_an_upper_bound():
    goal = goals.Goal("memory", 300, "MB", lambda made: made["mb"], at_most=True)
    assert [goal.judge({"mb": mb})["reached"] for mb in (300, 301, None)] == [True, False, None]
    assert goal.judge({"mb": 1})["wanted"] == "at most 300 MB"


def test_a_sentence_names_the_rivals_from_the_fastest_on(stored):
    made = copy.deepcopy(stored)
    race = made["races"]["mlp-128"]
    for name, times in {"jax": 3, "pytorch": 0.5, "keras": 2}.items():
        race[name]["median"] = times * race["ours"]["median"]
    race["scikit_learn"] = {}
    assert "the MLP takes PyTorch 0.5, Keras 2.0 and JAX 3.0 times as long as ours" in report.in_a_sentence(made)
    for name in ("jax", "pytorch", "keras"):
        race[name] = {}
    assert "No framework was raced here" in report.in_a_sentence(made)


def test_missed_goals_are_said_in_words(stored):
    made = copy.deepcopy(stored)
    reached = made["races"]["mlp-128"]["ours"]["median"]
    made["races"]["mlp-128"]["keras"]["median"] = 2 * reached
    assert "MLP, batch 128, against Keras, fit, 2 where at least 2.8 times as fast was wanted" in report.markdown(made)
    made["races"]["mlp-128"]["keras"]["median"] = 3 * reached
    assert "MLP, batch 128, against Keras, fit, " not in report.markdown(made)


# The report that is stored here


def test_the_stored_report_is_complete(stored):
    """If it says so: one that names what it lacks, or was not kept to a core, is not asked for more."""
    if stored["skipped"] or report.not_run(stored) or not stored["pinned to one core"]:
        pytest.skip(f"it lacks {', '.join([*stored['skipped'], *report.not_run(stored)]) or 'a core of its own'}")
    for race, names in races.RACES.items():
        assert set(stored["races"][race]) == set(names)
        assert all(len(stored["races"][race][name]["seconds"]) == races.ROUNDS for name in names)
    assert list(stored["imports"]) == ["numpy", *IMPORTS.values()]
    assert list(stored["first epoch"]) == list(IMPORTS)
    assert stored["goals"] == goals.judge(stored)
    assert all(goal["measured"] is not None for goal in stored["goals"])


def test_nobody_is_fast_by_learning_less(stored):
    """All frameworks end within a point of ours; the original program takes one step where they take hundreds."""
    for race, results in stored["races"].items():
        for name in set(results) - {"floor", "original"}:
            if "accuracy" in results[name]:
                assert abs(results[name]["accuracy"] - results["ours"]["accuracy"]) < 0.01, (race, name)
