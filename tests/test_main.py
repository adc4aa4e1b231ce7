"""The command `python main.py`, run as its users run it."""

import ast
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from support import by_key

import main
from helpers import save_network
from helpers.data.strokes import DRAWINGS
from helpers.show import command
from helpers.transfer import report as transfer_report
from helpers.transfer.census import in_words
from helpers.transfer.recipes import Recipe, Setting, small_convnet

ROOT = Path(__file__).resolve().parent.parent
FIGURES = {"loss_curves.png", "confusion_matrices.png", "comparison.png"}
ENCODINGS = "cp1252", "cp1250", "cp437", "cp932", "cp936", "cp949", "latin-1", "ascii"


def start(*arguments, python=(), **environment):
    return subprocess.Popen(
        [sys.executable, *python, str(ROOT / "main.py"), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
    )


def run(*arguments, **environment):
    process = start(*arguments, **environment)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def report_in(folder):
    return json.loads((folder / "report.json").read_text())


@pytest.fixture(scope="module")
def data(tiny_mnist, tmp_path_factory):
    """Options for data that make a story take a second."""
    path = tmp_path_factory.mktemp("data") / "few.npz"
    np.savez(path, **{key: array[:500] for key, array in by_key(tiny_mnist).items()})
    return "--source", str(path), "--epochs", "1"


@pytest.fixture(scope="module")
def story(data, tmp_path_factory):
    """The folder that a story wrote, and what it printed."""
    folder = tmp_path_factory.mktemp("story") / "new" / "folder"
    code, out, err = run(*data, "--output", folder)
    assert (code, err) == (0, "")
    return folder, out


def test_the_report_has_every_row(story):
    folder, out = story
    report = report_in(folder)
    assert report.keys() == {"model", "seed", "versions", "data_source", "total_seconds", "rows"}
    assert (report["model"], report["seed"]) == ("mlp", 0) and report["versions"].keys() >= {"python", "numpy"}
    assert report["total_seconds"] > sum(row["seconds"] for row in report["rows"])
    odd, even = "13579", "02468"
    columns = "name", "role", "strategy", "source", "target", "task"
    assert [tuple(row[column] for column in columns) for row in report["rows"]] == [
        ("odd-softmax", "baseline", "softmax", None, odd, "odd"),
        ("even-softmax", "baseline", "softmax", None, even, "even"),
        ("odd", "source", "scratch", None, odd, "odd"),
        ("even-scratch", "control", "scratch", odd, even, "even"),
        ("even-frozen", "transfer", "frozen", odd, even, "even"),
        ("even-random-frozen", "control", "random-frozen", odd, even, "even"),
        ("even-finetuned", "transfer", "finetuned", odd, even, "even"),
        ("odd-after-finetuning", "forgetting", "finetuned", odd, even, "odd"),
    ]
    for row in report["rows"]:
        assert row.keys() == {*columns, "test_accuracy", "trainable_parameters", "total_parameters", "seconds"}
        assert f"{row['test_accuracy']:.2%}" in out
    assert out.splitlines()[-1].startswith("With ten labels a class, a small network")
    assert {path.name for path in folder.iterdir()} == FIGURES | {"report.json"}
    assert all((folder / name).read_bytes().startswith(b"\x89PNG") for name in FIGURES)


def test_the_same_seed_gives_the_same_accuracies_and_quiet_prints_nothing(story, data, tmp_path):
    """Isolated (-I), so that nothing is found by chance of where Python was started."""
    assert run(*data, "--output", tmp_path, "--quiet", python=["-I"]) == (0, "", "")
    again, before = (report_in(folder)["rows"] for folder in (tmp_path, story[0]))
    assert [row["test_accuracy"] for row in again] == [row["test_accuracy"] for row in before]


def test_a_figure_that_cannot_be_drawn_costs_the_figure(data, tmp_path):
    (tmp_path / "comparison.png").write_text("an older run's")
    settings = {"MPLBACKEND": "nonsense", "PYTHONIOENCODING": "ascii"}
    code, out, err = run(*data, "--reverse", "--seed", 3, "--output", tmp_path, **settings)
    assert code == 1 and err.startswith("main.py: report.json is complete, but loss_curves.png, ")
    assert "nonsense" in err and err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    report = report_in(tmp_path)
    assert (report["seed"], report["rows"][-1]["name"]) == (3, "even-after-finetuning")
    assert all(f"{row['test_accuracy']:.2%}" in out for row in report["rows"])


def test_a_convolutional_network_behind_head(data, tmp_path):
    process = start(*data, "--model", "cnn", "--output", tmp_path)
    assert process.stdout.readline().startswith("Training seven networks")
    process.stdout.close()
    assert (process.wait(timeout=300), process.stderr.read()) == (0, "")
    assert report_in(tmp_path)["model"] == "cnn" and {path.name for path in tmp_path.iterdir()} > FIGURES


def reported(data, folder, *options):
    """What a transfer report by small networks prints, without any stderr (as under pythonw)."""
    out = io.TextIOWrapper(io.BytesIO(), "utf-8")
    small = {"mlp": Recipe(hidden=(16, 8)), "cnn": Recipe(hidden=(8,), filters=(2, 4))}
    quick = {model: dict.fromkeys(transfer_report.COMPARED, Setting(2e-3, 10, 0.0)) for model in small}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"REPORTED": small, "FEW": quick, "MOST": 3, "FEWEST": 3}.items():
            patch.setattr(transfer_report, name, value)
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", None)
        assert command.main([*data, *map(str, options), "--output", str(folder)]) == 0
    return out.buffer.getvalue().decode()


@pytest.fixture(scope="module")
def split(data, tmp_path_factory):
    """The folder that a transfer report wrote, and what it printed."""
    folder = tmp_path_factory.mktemp("split")
    return folder, reported(data, folder, "--split", "87410", "--labels", 3)


def test_the_transfer_report_of_a_split(split):
    folder, out = split
    report = report_in(folder)
    assert "From 01478 to 23569, with" in out and "Verdict: " in out
    assert (report["source"], report["target"], report["labels"]) == ("01478", "23569", 3)
    assert report["decision"] in out and all(f"{row['test_accuracy']:.2%}" in out for row in report["rows"])
    assert {path.name for path in folder.iterdir()} == {"report.json", "comparison.png"}


@pytest.fixture(scope="module")
def target(data, tmp_path_factory):
    """The same for images of one's own: the symbols that come with the project."""
    folder = tmp_path_factory.mktemp("target")
    return folder, reported(data, folder, "--target", DRAWINGS, "--source-digits", "odd", "--labels", 3)


def test_the_transfer_report_of_ones_own_images(target):
    folder, out = target
    report = report_in(folder)
    assert out.startswith("60 images of 5 classes, made like MNIST's: scaled and centred. All")
    assert "3 repetitions, which take about 1 minute on one core" in out
    assert "From odd to drawings.json, with 3 labelled images of each class" in out and "Verdict: " in out
    assert (report["model"], report["source"], report["target"]) == ("cnn", "13579", str(DRAWINGS))
    assert (report["images"], report["classes"][0], report["preprocessing"]) == (60, "circle", {})
    assert [row["name"] for row in report["rows"]][:4] == ["scratch", "fine-tuned", "frozen", "random frozen"]
    assert all(f"{row['test_accuracy']:.2%}" in out for row in report["rows"])
    assert {path.name for path in folder.iterdir()} == {"report.json", "comparison.png", "preprocessing.png"}


def test_a_network_of_ones_own_is_the_source(data, tmp_path):
    save_network(small_convnet(5, seed=0), tmp_path / "mine.npz")
    out = reported(data[:2], tmp_path / "output", "--target", DRAWINGS, "--source-network", tmp_path / "mine.npz")
    report = report_in(tmp_path / "output")
    assert "From a network of your own to drawings.json, with 5 labelled images" in out
    assert (report["model"], report["source"]) == ("cnn", str(tmp_path / "mine.npz"))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_all_that_is_printed_can_be_printed_in_any_encoding(story, split, target, monkeypatch, encoding):
    text = story[1] + split[1] + target[1]
    out = io.TextIOWrapper(io.BytesIO(), encoding)
    monkeypatch.setattr(sys, "stdout", out)
    command.steady_streams()
    command.say(text)
    printed = out.buffer.getvalue().decode(encoding)
    assert "−" in text and "…" in text  # what was missing in one of them
    assert printed.count("\n") == text.count("\n") + 1
    assert "?" not in printed and "\\" not in printed, "a character has no look-alike"


@pytest.fixture
def at_once(monkeypatch, data, tmp_path):
    """A command that has trained already: its arguments."""
    monkeypatch.setattr(command, "tell_story", lambda *args, **options: ({"rows": []}, "the table", []))
    return [*data, "--output", str(tmp_path / "output")]


def test_ctrl_c_while_figures_are_drawn_leaves_the_report(at_once, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "draw", Mock(side_effect=KeyboardInterrupt))
    assert command.main(at_once) == 130
    out, err = capsys.readouterr()
    assert "the table" in out and err == "main.py: interrupted; report.json is written\n"
    assert [path.name for path in (tmp_path / "output").iterdir()] == ["report.json"]


def test_what_cannot_be_written_is_shown(at_once, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "atomic_write", Mock(side_effect=OSError(28, "No space left on device")))
    assert command.main(at_once) == 2
    out, err = capsys.readouterr()
    assert "the table" in out and "No space left on device" in err and err.count("\n") == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has /dev/full")
def test_what_cannot_be_shown_is_written(at_once, tmp_path, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", open("/dev/full", "w"))
        assert command.main(at_once) == 2
    assert capsys.readouterr().err == "main.py: [Errno 28] No space left on device; report.json is written\n"
    assert report_in(tmp_path / "output")["rows"] == []


def test_the_census_is_asked_for_this_split(monkeypatch, tmp_path):
    def told(*options):
        return command.place_in_census(command.parse(options)).splitlines()

    with monkeypatch.context() as patch:
        patch.setattr(command, "in_words", lambda *question: " ".join(question))
        assert (told(), told("--reverse")) == (["13579 fine-tune"], ["02468 fine-tune"])
        assert told("--split", "87410") == ["87410 fine-tune", "87410 frozen"]
    monkeypatch.setattr(command, "in_words", lambda *question: in_words(*question, path=tmp_path / "census.csv"))
    [line] = told("--split", "01478")
    assert line.startswith("Where this split lies among the 252 cannot be said: there is no census")


def test_help_shows_examples():
    code, out, err = run("--help")
    assert (
        (code, err) == (0, "")
        and "examples:" in out
        and "python main.py --reverse" in out
        and "--target letters" in out
    )


def refused(arguments, capsys):
    """The one line that the command ends with, before any training."""
    try:
        code = command.main(arguments)
    except SystemExit as ended:
        code = ended.code
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (2, "", 1)
    return err


@pytest.mark.parametrize(
    "options, said",
    [
        (["--epochs", "0"], "--epochs must be at least 1"),
        (["--epochs", "many"], "invalid int value"),
        (["--seed", "-1"], "--seed must be at least 0"),
        (["--split", "0147"], "five different digits of its source, such as 01478, not '0147'"),
        (["--split", "01478", "--reverse"], "--split names its own direction"),
        (["--split", "01478", "--target", "letters"], "no --reverse, no --target"),
        (["--target", "letters", "--reverse"], "--source-digits even"),
        (["--target", "no/such/letters"], "there is no file or folder no/such/letters; give a folder with a folder"),
        (["--target", str(ROOT / "main.py")], "main.py is no data that can be read; give a folder"),
        (["--target", str(ROOT / "site")], "where images are expected"),
        (["--target", "letters", "--source-digits", "1"], "at least two different digits, such as 13579, not '1'"),
        (["--target", "letters", "--source-digits", "11"], "at least two different digits"),
        (["--target", "letters", "--source-digits", "even", "--source-network", "x"], "is trained already"),
        (["--source-digits", "odd"], "are for --target"),
        (["--target", str(DRAWINGS), "--source-network", "no.npz", "--quiet"], "no.npz"),
        (["--target", str(DRAWINGS), "--labels", "12", "--quiet"], "choose at most 11"),
        (["--split", "01478", "--labels", "0"], "--labels must be at least 1"),
        (["--labels", "10"], "--labels is for --split and --target"),
        (["--model", "rnn"], "--model: invalid choice: 'rnn'"),
        (["--sauce", "keras"], "unrecognized arguments: --sauce"),
        (["--source", "no/such/file.npz"], "no/such/file.npz. Leave out --source to use the bundled copy"),
        (["--source", str(ROOT / "main.py")], "main.py is not a complete .npz file"),
        (["--source", str(ROOT / "tests")], "train-images-idx3-ubyte"),
    ],
)
def test_a_bad_option_or_bad_data_is_one_line_and_writes_nothing(tmp_path, capsys, options, said):
    assert said in refused(["--output", str(tmp_path / "output"), *options], capsys)
    assert not (tmp_path / "output").exists()


def test_more_labels_than_there_are_is_one_line_and_writes_nothing(data, tmp_path, capsys):
    options = [*data, "--split", "01478", "--labels", "999", "--quiet", "--output", str(tmp_path / "output")]
    said = refused(options, capsys)
    assert "there are only" in said and "--source" not in said
    assert not (tmp_path / "output").exists()


def test_an_output_that_is_a_file_is_refused_before_any_training(tmp_path, capsys):
    (tmp_path / "output").write_text("mine")
    assert "--output" in refused(["--output", str(tmp_path / "output")], capsys)
    assert (tmp_path / "output").read_text() == "mine"


@pytest.mark.parametrize(
    "found, said",
    [
        (
            [False] * 100,
            f"there is no {Path('Z:/no/such/drive').absolute().anchor}",
        ),  # as on Windows without a drive Z:
        ([PermissionError(13, "Permission denied")], "(Permission denied)"),
    ],
)
def test_an_output_that_nobody_can_look_for_is_refused(monkeypatch, capsys, found, said):
    with monkeypatch.context() as patch:
        patch.setattr(Path, "exists", Mock(side_effect=found))
        assert said in refused(["--output", "Z:/no/such/drive"], capsys)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to another process")
def test_ctrl_c_ends_with_130_and_leaves_the_old_report(tmp_path):
    (tmp_path / "report.json").write_text("the last run's")
    # Where the tests run in the background of a shell, Ctrl-C is ignored, and programs started from there inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = start("--output", tmp_path, "--split", "01478")
    signal.signal(signal.SIGINT, before)
    assert "repetitions, which take about" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "main.py: interrupted; no report was written\n")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["the last run's"]


def test_ctrl_c_outside_of_training_ends_without_a_traceback(monkeypatch, capsys):
    monkeypatch.setattr(command, "parse", Mock(side_effect=KeyboardInterrupt))
    assert main.main() == 130
    assert capsys.readouterr().err == "main.py: interrupted; no report was written\n"


def test_where_nothing_is_installed_one_sentence_says_what_to_do():
    code, out, err = run("--split", "01478", "--labels", "10", python=["-ES"])
    assert (code, out, err.count("\n")) == (2, "", 1) and "No module named 'numpy'" in err
    for remedy in ("Python 3.10", os.path.join(".venv", ""), "-m pip install -r requirements.txt"):
        assert remedy in err


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 9, 2)])
def test_a_python_that_is_too_old_is_told_so(monkeypatch, capsys, version):
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version_info", version)
        patch.setattr(sys, "version", ".".join(map(str, version)) + " (main)")
        assert main.main() == 2
    err = capsys.readouterr().err
    assert f"(here: Python {version[0]}.{version[1]}" in err and "Python 3.10" in err and err.count("\n") == 1


def test_an_old_python_can_read_the_file_that_says_so():
    code = (ROOT / "main.py").read_bytes().decode("ascii")
    tree = ast.parse(code, feature_version=(3, 4))  # newer Pythons let an f-string pass here
    assert not [node for node in ast.walk(tree) if isinstance(node, (ast.JoinedStr, ast.Starred))]
