"""Tables of studies: types that are declared once, hits beside their rows, text that is the same everywhere."""

import numpy as np
import pandas
import pytest
import test_studies_engine as engine
from toy_study import STUDY, measure

from helpers.evidence import tables


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("tables")
    engine.here(STUDY, root)
    return root / "results"


@pytest.fixture
def columns(monkeypatch):
    monkeypatch.setattr(tables, "COLUMNS", {**tables.COLUMNS, "shift": float, "steps": int, "loss": float})


def test_digits_are_text_and_all_labels_are_more_than_any_number(folder, columns):
    table = tables.read_table("toy", folder)
    assert set(table["target"]) == {"13579", "02468"}
    assert set(table["labels"]) == {10.0, tables.ALL}
    assert table["seed"].dtype == int and table["test_accuracy"].dtype == float
    assert len(table) == len(STUDY.runs)


def test_no_source_is_empty_text(folder, columns):
    path = folder / "none.csv"
    path.write_text("source,target,labels\n,02468,1\n13579,02468,all\n")
    assert list(tables.read_table("none", folder)["source"]) == ["", "13579"]


def test_a_column_without_a_type_is_an_error(folder):
    with pytest.raises(KeyError, match="toy.csv has the columns loss, shift, whose types are not in"):
        tables.read_table("toy", folder)


@pytest.mark.parametrize("text", ["seed,labels\n1\n", "seed\nmany\n", "", "\0\n"])
def test_what_is_no_table_is_an_error(tmp_path, text):
    (tmp_path / "other.csv").write_text(text)
    with pytest.raises((ValueError, KeyError), match=r"other\.csv (is not the table of a study|has the columns)"):
        tables.read_columns(tmp_path / "other.csv")


def test_a_missing_table_is_named_with_the_command_that_makes_it(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no table .*labels\.csv; `python -m studies labels` computes it"):
        tables.read_table("labels", tmp_path)


def test_hits_stand_beside_their_rows(folder, columns):
    table = tables.read_table("toy", folder)
    hits = tables.read_hits("toy", table, folder)
    rows = table[(table["target"] == "13579") & (table["strategy"] == "fine-tune")]
    together = np.stack(hits[rows.index])
    assert together.shape == (8, 305) and together.dtype == bool
    assert together.mean(axis=1) == pytest.approx(rows["test_accuracy"].to_numpy(), abs=1e-6)
    assert np.array_equal(together[3], measure(STUDY.runs[rows.index[3]]).hits)


def test_hits_of_one_target_alone_come_apart_too(tmp_path, columns):
    from dataclasses import replace

    runs = [run for run in STUDY.runs if run.target == "02468"]
    engine.here(replace(STUDY, runs=runs), tmp_path)
    table = tables.read_table("toy", tmp_path / "results")
    assert np.stack(tables.read_hits("toy", table, tmp_path / "results")[table.index]).shape == (16, 305)


def test_a_table_is_shown_the_same_everywhere(capsys):
    rows = [("scratch", 10.0, 0.25, 3), ("fine-tune", tables.ALL, 12.0, 12)]
    table = pandas.DataFrame(rows, columns=["strategy", "labels", "accuracy", "seeds"])
    tables.show(table, decimals=2)
    assert capsys.readouterr().out == (
        "strategy   labels  accuracy  seeds\nscratch        10      0.25      3\nfine-tune     all     12.00     12\n"
    )
    tables.show(table.pivot_table(index="strategy", columns="labels", values=["accuracy"]))
    assert capsys.readouterr().out == (
        "strategy   accuracy 10  accuracy all\n"
        "fine-tune          nan          12.0\n"
        "scratch            0.2           nan\n"
    )
