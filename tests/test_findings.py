"""The page of findings: it says what the tables say, and its links lead to them."""

import re

import pytest

from helpers.evidence.tables import RESULTS, read_table
from tools import findings

PAGE = findings.PAGE.read_text(encoding="utf-8")
LINK = re.compile(r'\[([^\]]+)\]\((\w+)\.csv "([^"]+)"\)')


def test_the_page_is_what_the_tables_say():
    assert findings.page() == PAGE


def test_there_are_at_most_twelve_each_with_what_would_have_been_otherwise():
    assert len(re.findall(r"^## \d+\. ", PAGE, re.MULTILINE)) == 12
    assert PAGE.count("*Had it come out the other way:*") == PAGE.count("*Others:*") == 11


def test_every_number_leads_to_a_table():
    links = LINK.findall(PAGE)
    assert len(links) > 60
    for _, study, rows in links:
        assert (RESULTS / f"{study}.csv").is_file() and rows


def test_no_number_with_a_decimal_stands_outside_of_a_link():
    text = LINK.sub("", PAGE)
    text = text[: text.index("## 12.")]
    assert re.findall(r"[+−]?\d+\.\d+", re.sub(r"^## \d+\.", "", text, flags=re.MULTILINE)) == []


def test_a_table_that_does_not_bear_a_finding_out_is_an_error(monkeypatch):
    table = read_table("sources").assign(test_accuracy=0.5)
    monkeypatch.setattr(findings, "read_table", lambda name: table)
    with pytest.raises(
        findings.NoLongerTrueError, match="rewrite it in tools/findings.py: Scratch does not only need time"
    ):
        findings.only_time()


def test_the_controls_name_findings_that_exist():
    page = (RESULTS / "CONTROLS.md").read_text(encoding="utf-8")
    numbers = {int(number) for text in re.findall(r"Findings? [\d and]+", page) for number in re.findall(r"\d+", text)}
    assert numbers and numbers <= set(range(1, 13))
