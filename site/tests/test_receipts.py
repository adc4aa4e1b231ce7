"""Each number of the findings leads to its rows, and these give the number; a stale page ends the build."""

import json
import re
import shutil

import derivations
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
    elif of and "(" in text and study != "layers" and "as left" not in title:
        column = "old_accuracy" if "old task" in title else "test_accuracy"
        means = 100 * rows.assign(value=rows[column].astype(float)).groupby("strategy")["value"].mean()
        difference = means[of["one"]] - means[of["other"]]
        assert abs(difference - number(text)) < 0.051
    else:
        assert len(rows) > 1


@pytest.mark.parametrize("text,study,title", LINKS, ids=[f"{study}: {title}" for _, study, title in LINKS])
def test_what_a_receipt_computes_is_its_number(text, study, title):
    found = derivations.derive(text, study, title, receipts.rows_behind(study, title, receipts.read(study)))
    decimals = len(text.split(" ")[0].partition(".")[2])
    assert abs(found.value - number(text)) <= 0.5001 * 10**-decimals
    if "The number is the median" in found.words:
        assert abs(found.table.iloc[:, -1].median() - number(text)) < 0.051


def number(text):
    """The first in a text."""
    return float(text.split(" ")[0].replace("−", "-"))


def test_every_number_leads_to_its_receipt(visit):
    page = visit().open("results/FINDINGS.html")
    first = page.locator("article a[href*='receipts/']").first
    text, title = first.inner_text(), first.get_attribute("title")
    first.click()
    page.wait_for_url("**/receipts/labels.html#*")
    section = page.locator(f"section#{page.url.partition('#')[2]}")
    assert text in section.inner_text() and title.rstrip(".") in section.inner_text()
    assert "python -m studies labels" in page.locator("article").inner_text()
    of_seeds, rows = section.locator("details").all()
    assert of_seeds.locator("table tr").count() == 11 and of_seeds.locator("table").is_visible()  # ten, and the heads
    rows.locator("summary").click()
    assert rows.locator("table tr").count() == 21  # the same, twice
    section.get_by_role("link", name="Back to finding 1").click()
    page.wait_for_url("**/results/FINDINGS.html#finding-1")


def test_a_heading_says_what_a_number_is_of(visit):
    page = visit(viewport={"width": 375, "height": 740}).open("results/receipts/census.html")
    headings = page.locator("article h2").all_inner_texts()
    assert len(headings) == len(set(headings)) and all(re.match(r"Finding \d+: .+ \(.+\)#?$", one) for one in headings)
    assert any(re.match(r"Finding 5: \+\d\.\d \(fine-tune − scratch, median\)", one) for one in headings)
    for summary in page.locator("article summary").all():
        summary.click()
    heads = page.locator("table.receipt th").all_inner_texts()
    assert "study" not in heads and "strategy" in heads
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    gaps = page.locator("table.receipt td").first.evaluate("cell => parseFloat(getComputedStyle(cell).paddingLeft)")
    assert gaps >= 8


def test_rows_left_out_are_counted_and_the_table_is_linked():
    _, pages = receipts.receipts(findings.PAGE.read_text(encoding="utf-8"), staging.studies())
    for page in pages.values():
        for section in page.split("\n## ")[1:]:
            rows = sum(
                int(n.replace(",", ""))
                for n in re.findall(r"([\d,]+) rows? of \[\w+\.csv\]\(\.\./\w+\.csv\), made by `python -m", section)
            )
            if left_out := re.search(r"The first (\d+) rows; ([\d,]+) more are left out", section):
                assert int(left_out[1]) + int(left_out[2].replace(",", "")) == rows
            else:
                assert f"The {rows} rows" in section
    assert "?." not in re.sub(r"`.*?`", "", "".join(pages.values()))


def test_findings_are_linked_where_they_are_named():
    assert receipts.link_findings("(Findings 1 and 10) (Finding 3) (Findings 5 and 8: four of 7)") == (
        "([Findings 1](#finding-1) and [10](#finding-10)) ([Finding 3](#finding-3))"
        " ([Findings 5](#finding-5) and [8](#finding-8): four of 7)"
    )
    page = receipts.link_findings((ROOT / "results" / "CONTROLS.md").read_text(encoding="utf-8"))
    assert not re.search(r"(?<!\[)\bFindings? \d", page)


def test_receipts_come_after_everything_else(visit):
    page = visit().open("results/FINDINGS.html")
    assert page.locator(".right-next").get_attribute("href").endswith("CONTROLS.html")


@pytest.mark.parametrize("name", ["FINDINGS", "TABLES", "CONTROLS", "receipts/census", "receipts/original"])
def test_results_speak_of_no_readme_which_the_site_does_not_have(name, visit):
    assert "README" not in visit().open(f"results/{name}.html").locator("article").inner_text()


def test_both_directions_are_shown(visit):
    page = visit().open("results/TABLES.html")
    pictures = page.locator("article img").evaluate_all("images => images.map(image => image.src.split('/').pop())")
    assert {"labels_odd_to_even.png", "labels_even_to_odd.png"} <= set(pictures)


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
    assert re.search(
        r"Outputs of the chapters: NumPy [\d.]+, Matplotlib [\d.]+, TensorFlow [\d.]+, Keras [\d.]+;", staging.footer()
    )
