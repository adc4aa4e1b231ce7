"""Grids of runs: complete, resumable, and never half-written."""

import os

import pytest

from helpers import experiments
from helpers.results import read_rows


def square(folder, number):
    """A job that is quick, leaves a trace of every call, and fails where a file says so."""
    with open(os.path.join(folder, f"called-{number}"), "a") as trace:
        trace.write("x")
    if os.path.exists(os.path.join(folder, f"fail-{number}")):
        raise KeyboardInterrupt
    return [{"number": number, "square": number**2, "half": half} for half in (1, 2)]


@pytest.fixture
def grid(tmp_path, monkeypatch):
    (tmp_path / "results").mkdir()
    monkeypatch.setattr(experiments, "RESULTS", tmp_path / "results")
    monkeypatch.setitem(experiments.GRIDS, "squares", (square, [(str(tmp_path), number) for number in range(6)]))
    return tmp_path


def calls(folder):
    return {number: len((folder / f"called-{number}").read_text()) for number in range(6)}


def test_a_grid_writes_the_rows_of_all_jobs_in_order(grid):
    path = experiments.run_grid("squares")
    assert [(row["number"], row["square"], row["half"]) for row in read_rows(path)] == [
        (number, number**2, half) for number in range(6) for half in (1, 2)
    ]
    assert [file.name for file in (grid / "results").iterdir()] == ["squares.csv"]


def test_an_interrupted_grid_goes_on_where_it_was(grid, capsys):
    (grid / "fail-5").touch()
    with pytest.raises(KeyboardInterrupt):
        experiments.run_grid("squares", workers=1)
    assert not (grid / "results" / "squares.csv").exists()
    kept = {row["number"] for row in read_rows(grid / "results" / "squares.partial.csv")}
    assert kept and 5 not in kept
    (grid / "fail-5").unlink()
    rows = read_rows(experiments.run_grid("squares", workers=1))
    assert [row["number"] for row in rows] == sorted(2 * list(range(6)))
    assert all(calls(grid)[number] == 1 for number in kept)
    assert "going on after" in capsys.readouterr().out


def test_an_unknown_grid_is_one_clear_error(capsys):
    with pytest.raises(SystemExit) as stopped:
        experiments.main(["stories"])
    assert stopped.value.code == 2
    assert "stories" in capsys.readouterr().err
