"""A number of the findings: its text, its title and the table of its sum are one thing, and agree with the stored rows."""

import re

import numpy as np
import pandas as pd
import pytest

from helpers.evidence.statistics import Estimate, paired_difference
from helpers.evidence.tables import read_table
from tools import citations, comparisons, findings
from tools.citations import EVEN, cite, pair, rows


def test_a_number_its_title_and_its_rows_agree_with_the_table():
    cited = cite("labels", pair("labels", "fine-tune", "scratch", target=EVEN, labels=30), comparisons.mean)
    table = read_table("labels")
    table = table[(table["target"] == EVEN) & (table["labels"] == 30)]
    one, other = (table[table["strategy"] == name] for name in ("fine-tune", "scratch"))
    wanted = paired_difference(100 * one["test_accuracy"], 100 * other["test_accuracy"])
    assert (cited.value, cited.low, cited.high) == pytest.approx(wanted)
    assert cited.text == "{:+.1f} ({:+.1f} to {:+.1f})".format(*wanted).replace("-", "−")
    assert cited.title == "perceptron, odd → even, 30 labels a class, 10 seeds: fine-tune − scratch"
    assert set(cited.rows.index) == set(one.index) | set(other.index)
    assert cited.sum.table["fine-tune − scratch"].mean() == pytest.approx(wanted.value)


def test_rows_of_two_tables_are_told_apart():
    chosen = {
        "frozen": rows("labels_cnn", strategy="frozen", target=EVEN, labels=10),
        "kernel": rows("labels", strategy="kernel", target=EVEN, labels=10, seed=(0, 1, 2, 3, 4)),
    }
    cited = cite("labels_cnn", chosen, comparisons.mean)
    assert cited.rows["study"].value_counts().to_dict() == {"labels_cnn": 5, "labels": 5}


def test_a_selection_without_rows_is_an_error():
    with pytest.raises(ValueError, match="labels.csv has no rows with .*'labels': 7"):
        rows("labels", strategy="frozen", labels=7)


def test_the_census_ranks_and_counts():
    gains = [3, -1, 0, 2]
    splits = ["01234", "01235", "01236", "01237"]
    table = pd.DataFrame({"target": splits, "value": 50.0, "whose": "test"})
    both = {"fine-tune": table.assign(value=50.0 + np.array(gains)), "scratch": table}
    assert comparisons.rank(both, splits[3]).result == 2 and comparisons.rank(both, splits[0]).result == 1
    assert comparisons.count(both).result == 2 and comparisons.median(both).result == 1


@pytest.mark.parametrize(("labels", "shown"), [(1, "≤ 1"), (1.54, "1.5"), (15.4, "15"), (np.inf, "> 1,000")])
def test_numbers_of_labels_beyond_those_tried_are_bounds(labels, shown):
    assert citations.count_of_labels(labels) == shown


pytestmark = pytest.mark.slow  # the findings take ten seconds to be made


@pytest.fixture(scope="module")
def made():
    return findings.findings()


def test_the_page_is_what_the_tables_say(made):
    assert findings.page(made) == findings.PAGE.read_text(encoding="utf-8"), "run `make readme`"


def test_a_changed_table_changes_the_page(monkeypatch):
    def sentences():
        return findings.which_layers().sentences(findings.to_table)

    assert sentences() in findings.PAGE.read_text(encoding="utf-8")
    table = read_table("layers")
    table.loc[(table["cut"] == 4) & (table["source"] == table["target"]), "test_accuracy"] += 0.003
    monkeypatch.setattr(citations, "read_table", {"layers": table}.get)
    assert sentences() not in findings.PAGE.read_text(encoding="utf-8")


def test_what_a_sum_shows_gives_its_number(made):
    for each in (cited for finding in made.values() for cited in finding.citations()):
        number = float(each.text.split(" ")[0].replace("−", "-"))
        decimals = len(each.text.split(" ")[0].partition(".")[2])
        assert abs(each.value - number) <= 0.5001 * 10**-decimals
        last = each.sum.table.iloc[:, -1]
        if isinstance(each.sum.result, Estimate) and " − " in last.name:
            assert last.mean() == pytest.approx(each.value, abs=1e-4), each.title  # tables have six decimals


def test_no_number_with_a_decimal_stands_outside_of_a_link(made):
    *studied, _ = made.values()  # the last has the figures of another program
    for finding in studied:
        assert re.findall(r"[+−]?\d+\.\d+", finding.sentences(lambda cited: "")) == []


@pytest.mark.parametrize("finding", [findings.only_time, findings.good_sources, findings.originals])
def test_a_table_that_does_not_bear_a_finding_out_is_an_error(finding, monkeypatch):
    def worthless(name):
        return read_table(name).assign(test_accuracy=0.5)

    for module in (citations, findings):
        monkeypatch.setattr(module, "read_table", worthless)
    monkeypatch.setattr(findings, "FINDINGS", {"It holds.": finding})
    with pytest.raises(findings.NoLongerTrueError, match="rewrite it in tools/findings.py: It holds."):
        findings.findings()
