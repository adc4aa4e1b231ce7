"""The command `python main.py`, run as its users run it."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from support import by_key

import main
from helpers.transfer.census import in_words
from helpers.transfer.recipes import CNN, MLP, MODELS

ROOT = Path(__file__).resolve().parent.parent
FIGURES = {"loss_curves.png", "confusion_matrices.png", "comparison.png"}
COLUMNS = {"name", "role", "strategy", "source", "target", "task", "test_accuracy", "trainable_parameters"} | {
    "total_parameters",
    "seconds",
}


def names(first, second):
    return [
        f"{first}-softmax",
        f"{second}-softmax",
        first,
        f"{second}-scratch",
        f"{second}-frozen",
        f"{second}-random-frozen",
        f"{second}-finetuned",
        f"{first}-after-finetuning",
    ]


def start(*arguments):
    command = [sys.executable, str(ROOT / "main.py"), *map(str, arguments)]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )


def run(*arguments):
    process = start(*arguments)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """One quick run in each direction: (output folder, what it printed)."""
    runs = {}
    for direction, options in (("odd to even", ()), ("even to odd", ("--reverse", "--seed", "3"))):
        folder = tmp_path_factory.mktemp("run") / "new" / "folder"
        code, out, err = run("--epochs", 1, "--output", folder, *options)
        assert (code, err) == (0, "")
        runs[direction] = folder, out
    return runs


@pytest.mark.parametrize("direction, first, second", [("odd to even", "odd", "even"), ("even to odd", "even", "odd")])
def test_the_report_has_every_row_and_figures_that_make_sense(quick, direction, first, second):
    folder, out = quick[direction]
    report = json.loads((folder / "report.json").read_text())
    assert report.keys() == {"model", "seed", "versions", "data_source", "total_seconds", "rows"}
    assert (report["data_source"], report["model"]) == ("bundled", "mlp")
    assert report["seed"] == (3 if first == "even" else 0)
    assert report["versions"].keys() >= {"python", "numpy"}
    assert [row["name"] for row in report["rows"]] == names(first, second)
    assert report["total_seconds"] > sum(row["seconds"] for row in report["rows"])
    for row in report["rows"]:
        assert row.keys() == COLUMNS
        assert row["task"] == (first if row["name"].startswith(first) else second)
        floor = 0.3 if row["name"].endswith("after-finetuning") else 0.9
        assert floor < row["test_accuracy"] <= 1
        assert f"{row['test_accuracy']:.2%}" in out
    last = out.splitlines()[-1]
    assert last.startswith(("With ten labels a class, a small network", "Where this split lies among the 252 cannot"))
    rows = {row["name"]: row for row in report["rows"]}
    digits = {"odd": "13579", "even": "02468"}
    said = [(row["role"], row["strategy"], row["source"], row["target"]) for row in report["rows"]]
    assert said == [
        ("baseline", "softmax", None, digits[first]),
        ("baseline", "softmax", None, digits[second]),
        ("source", "scratch", None, digits[first]),
        ("control", "scratch", digits[first], digits[second]),
        ("transfer", "frozen", digits[first], digits[second]),
        ("control", "random-frozen", digits[first], digits[second]),
        ("transfer", "finetuned", digits[first], digits[second]),
        ("forgetting", "finetuned", digits[first], digits[second]),
    ]
    assert rows[f"{second}-frozen"]["trainable_parameters"] < rows[f"{second}-finetuned"]["trainable_parameters"]
    assert rows[f"{second}-frozen"]["total_parameters"] == rows[f"{second}-finetuned"]["total_parameters"]
    assert rows[f"{first}-after-finetuning"]["trainable_parameters"] == 0
    assert rows[f"{first}-after-finetuning"]["test_accuracy"] < rows[first]["test_accuracy"]


def test_the_figures_are_png_files_and_nothing_else_is_written(quick):
    for folder, _ in quick.values():
        assert {path.name for path in folder.iterdir()} == FIGURES | {"report.json"}
        for name in FIGURES:
            assert (folder / name).read_bytes().startswith(b"\x89PNG")


def test_the_same_seed_gives_the_same_accuracies(quick, tmp_path):
    code, out, err = run("--epochs", 1, "--output", tmp_path, "--quiet", "--source", ROOT / "data" / "mnist.npz")
    assert (code, out, err) == (0, "", "")
    again, before = (json.loads((folder / "report.json").read_text()) for folder in (tmp_path, quick["odd to even"][0]))
    assert [row["test_accuracy"] for row in again["rows"]] == [row["test_accuracy"] for row in before["rows"]]


def test_help_shows_examples():
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    assert "examples:" in out and "python main.py --reverse" in out
    assert f"(default: {MLP.epochs}; cnn: {CNN.epochs})" in " ".join(out.split())
    assert f"{{{','.join(MODELS)}}}" in out


def test_the_whole_story_with_a_convolutional_network(tiny_mnist, tmp_path):
    np.savez(tmp_path / "tiny.npz", **by_key(tiny_mnist))
    code, out, err = run("--model", "cnn", "--epochs", 2, "--source", tmp_path / "tiny.npz", "--output", tmp_path / "o")
    assert (code, err) == (0, "")
    report = json.loads((tmp_path / "o" / "report.json").read_text())
    assert report["model"] == "cnn"
    assert [row["name"] for row in report["rows"]] == names("odd", "even")
    rows = {row["name"]: row for row in report["rows"]}
    convolutions = 32 * (25 + 1) + 64 * (25 * 32 + 1)
    assert rows["even-finetuned"]["trainable_parameters"] - rows["even-frozen"]["trainable_parameters"] == convolutions
    assert {path.name for path in (tmp_path / "o").iterdir()} == FIGURES | {"report.json"}


@pytest.fixture
def short_reports(tiny_mnist, tmp_path, monkeypatch):
    """Options that make a transfer report take a second."""
    monkeypatch.setattr("helpers.transfer.report.STEPS", 10)
    monkeypatch.setattr("helpers.transfer.report.repetitions_of", lambda labels: 2)
    np.savez(tmp_path / "tiny.npz", **by_key(tiny_mnist))
    return ["--source", str(tmp_path / "tiny.npz"), "--output", str(tmp_path / "output"), "--epochs", "1"]


@pytest.mark.parametrize("labels", [["--labels", "3"], []])
def test_the_transfer_report_of_a_split(short_reports, tmp_path, capsys, labels):
    assert main.main([*short_reports, "--split", "87410", *labels]) == 0
    out, err = capsys.readouterr()
    assert err == "" and out.startswith("Training 10 networks, which takes about three minutes")
    assert "From 01478 to 23569, with" in out and "Verdict: " in out
    written = json.loads((tmp_path / "output" / "report.json").read_text())
    assert (written["source"], written["target"], written["labels"]) == ("01478", "23569", 3 if labels else "all")
    assert written["decision"] in out and all(f"{row['test_accuracy']:.2%}" in out for row in written["rows"])
    assert {path.name for path in (tmp_path / "output").iterdir()} == {"report.json", "comparison.png"}


def test_a_quiet_transfer_report_says_nothing(short_reports, tmp_path, capsys):
    assert main.main([*short_reports, "--split", "01478", "--labels", "3", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert (tmp_path / "output" / "report.json").is_file()


def test_more_labels_than_there_are_is_one_line_and_writes_nothing(short_reports, tmp_path, capsys):
    assert main.main([*short_reports, "--split", "01478", "--labels", "999"]) == 2
    err = capsys.readouterr().err
    assert "of digit 5 there are only" in err and err.count("\n") == 1
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize(
    "options, asked",
    [
        ([], [("13579", "fine-tune")]),
        (["--reverse"], [("02468", "fine-tune")]),
        (["--split", "87410"], [("87410", "fine-tune"), ("87410", "frozen")]),
    ],
)
def test_the_census_is_asked_for_this_split(monkeypatch, capsys, options, asked):
    monkeypatch.setattr("helpers.transfer.census.in_words", lambda *question: f"asked for {question}")
    main.tell_census(main.parse(options))
    assert capsys.readouterr().out.splitlines() == [f"asked for {question}" for question in asked]


def test_without_a_census_one_line_says_so(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(
        "helpers.transfer.census.in_words", lambda *question: in_words(*question, path=tmp_path / "census.csv")
    )
    main.tell_census(main.parse(["--split", "01478"]))
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("Where this split lies among the 252 cannot be said: there is no census")


@pytest.mark.parametrize(
    "options, said",
    [
        (["--epochs", "0"], "--epochs must be at least 1"),
        (["--epochs", "many"], "invalid int value"),
        (["--seed", "-1"], "--seed must be at least 0"),
        (["--split", "0147"], "five different digits of its source, such as 01478, not '0147'"),
        (["--split", "01478", "--reverse"], "--split names its own direction"),
        (["--split", "01478", "--model", "cnn"], "its networks are perceptrons"),
        (["--split", "01478", "--labels", "0"], "--labels must be at least 1"),
        (["--labels", "10"], "--labels is for --split"),
        (["--model", "rnn"], "--model: invalid choice: 'rnn'"),
        (["--sauce", "keras"], "unrecognized arguments: --sauce"),
        (["--source", "no/such/file.npz"], "no/such/file.npz"),
        (["--source", str(ROOT / "main.py")], "main.py is not a complete .npz file"),
        (["--source", str(ROOT / "tests")], "train-images-idx3-ubyte"),
    ],
)
def test_a_bad_option_or_bad_data_is_one_line_and_writes_nothing(tmp_path, options, said):
    code, out, err = run("--output", tmp_path / "output", *options)
    assert code == 2 and out == ""
    assert said in err and err.count("\n") == 1 and "Traceback" not in err
    assert not (tmp_path / "output").exists()


def test_an_output_that_is_a_file_is_refused_before_any_training(tmp_path):
    (tmp_path / "output").write_text("mine")
    code, out, err = run("--output", tmp_path / "output")
    assert code == 2 and "--output" in err and err.count("\n") == 1
    assert (tmp_path / "output").read_text() == "mine"


def test_an_output_on_a_drive_that_does_not_exist_is_refused(monkeypatch, capsys):
    looks = itertools.count()

    def exists(path):  # as on Windows, where there need not be a drive Z:
        assert next(looks) < 100, "it looks for a folder without end"
        return False

    with monkeypatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.setattr(Path, "exists", exists)
        main.parse(["--output", "Z:/no/such/drive"])
    said = capsys.readouterr().err
    assert ended.value.code == 2 and said.count("\n") == 1
    assert "--output" in said and f"there is no {Path('Z:/no/such/drive').absolute().anchor}" in said


def test_an_output_that_nobody_may_look_for_is_refused(monkeypatch, capsys):
    def exists(path):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(Path, "exists", exists)
        main.parse(["--output", "locked/folder"])
    said = capsys.readouterr().err
    assert "cannot write to" in said and "(Permission denied)" in said and said.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to another process")
@pytest.mark.parametrize("options, seconds", [([], 0.3), ([], 3.0), (["--split", "01478"], 3.0)])
def test_ctrl_c_ends_with_130_and_leaves_the_old_report(tmp_path, options, seconds):
    (tmp_path / "report.json").write_text("the last run's")
    # Where the tests run in the background of a shell, Ctrl-C is ignored, and programs started from there inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = start("--output", tmp_path, *options)
    signal.signal(signal.SIGINT, before)
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "main.py: interrupted; no report was written\n" and "accuracy" not in out
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    assert (tmp_path / "report.json").read_text() == "the last run's"
