"""Each number of the findings leads to its rows, and these give the number; a stale page ends the build."""

import json
import re
import shutil

import pytest
import receipts
import staging
from conftest import ROOT

from studies.original import PUBLISHED
from tools import findings
from tools.findings import hundredths

LINKS = receipts.LINK.findall(findings.PAGE.read_text(encoding="utf-8"))
DIFFERENCE = re.compile(r"(?P<one>[\w-]+)(?: at its best)? − (?P<other>[\w-]+)")


@pytest.mark.parametrize("text,study,title", LINKS, ids=[f"{study}: {title}" for _, study, title in LINKS])
def test_the_rows_of_a_receipt_give_its_number(text, study, title):
    rows = receipts.rows_behind(study, title, receipts.read(study))
    of = DIFFERENCE.search(title)
    if study == "original":
        accuracy, (row,) = (
            100 * rows["test_accuracy"].astype(float).mean(),
            rows[["strategy", "target", "share"]].drop_duplicates().to_numpy(),
        )
        published = 100 * PUBLISHED[row[0], row[1], int(row[2])]
        assert text.split(" ")[0] in (f"{accuracy:.2f}", hundredths(accuracy - published))
    elif of and "(" in text and study != "layers" and not re.search("each at its best|as left", title):
        column = "old_accuracy" if "old task" in title else "test_accuracy"
        means = 100 * rows.assign(value=rows[column].astype(float)).groupby("strategy")["value"].mean()
        difference = means[of["one"]] - means[of["other"]]
        assert abs(difference - float(text.split(" ")[0].replace("−", "-"))) < 0.051
    else:
        assert len(rows) > 1


def test_every_number_leads_to_its_receipt(visit):
    page = visit().open("results/FINDINGS.html")
    first = page.locator("article a[href*='receipts/']").first
    text, title = first.inner_text(), first.get_attribute("title")
    first.click()
    page.wait_for_url("**/receipts/labels.html#*")
    section = page.locator(f"section#{page.url.partition('#')[2]}")
    assert text in section.inner_text() and title.rstrip(".") in section.inner_text()
    assert "python -m studies labels" in page.locator("article").inner_text()
    section.locator("summary").click()
    assert section.locator("table tr").count() == 21  # ten seeds, twice, and the heads


def test_all_numbers_are_linked():
    page, pages = receipts.receipts(findings.PAGE.read_text(encoding="utf-8"), staging.studies())
    assert "csv" not in re.sub(r"`.*?`", "", page) and len(re.findall(r"#receipt-", page)) == len(LINKS)
    assert sum(text.count(")=\n") for text in pages.values()) == len(
        {(text, study, title) for text, study, title in LINKS}
    )


def test_a_title_without_rows_is_an_error():
    with pytest.raises(ValueError, match="no rows of labels.csv for the title 'odd → even: frozen, 7 a class'"):
        receipts.rows_behind("labels", "odd → even: frozen, 7 a class", receipts.read("labels"))


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A copy of the stored results, which the build then checks."""
    folder = tmp_path / "results"
    shutil.copytree(ROOT / "results", folder)
    monkeypatch.setattr(staging, "RESULTS", folder)
    return folder


def test_a_changed_table_without_a_changed_page_ends_the_build(results):
    table = results / "sources.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("0.881445", "0.981445", 1), encoding="utf-8")
    with pytest.raises(staging.StalePageError, match="results/sources.csv is not what results/sources.json describes"):
        staging.check()


def test_a_table_recomputed_without_its_page_ends_the_build(monkeypatch):
    original = findings.read_table
    table = original("layers")
    table.loc[(table["cut"] == 4) & (table["source"] == table["target"]), "test_accuracy"] += 0.003
    monkeypatch.setattr(findings, "read_table", lambda name: table if name == "layers" else original(name))
    with pytest.raises((staging.StalePageError, findings.NoLongerTrueError)):
        staging.check()


def test_dates_and_versions_are_those_of_the_studies():
    about = json.loads((ROOT / "results" / "labels.json").read_text(encoding="utf-8"))
    assert about["date"] in staging.footer() and next(iter(about["versions"])) in staging.footer()
