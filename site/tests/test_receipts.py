"""Each number of the findings leads to its rows, and these give the number; a stale page ends the build."""

import json
import re
import shutil

import pytest
import receipts
import staging
from conftest import ROOT

from tools import citations, findings
from tools.citations import Citation


@pytest.fixture(scope="module")
def found():
    return findings.findings()


def test_the_wording_of_titles_means_nothing_to_the_receipts(found):
    """A typo mended in each title changes the titles alone."""

    def mended(citation):
        found = citation.sum
        return citation._replace(where=["mended", *citation.where], sum=found._replace(says=f"{found.says}, mended"))

    def changed(cited):
        return mended(cited) if isinstance(cited, Citation) else list(map(mended, cited))

    others = {
        claim: finding._replace(numbers={name: changed(cited) for name, cited in finding.numbers.items()})
        for claim, finding in found.items()
    }
    (page, pages), (other_page, other_pages) = (receipts.receipts(of, staging.studies()) for of in (found, others))
    assert other_page.count("mended") and other_page.count("#receipt-") == page.count("#receipt-")
    for study, text in pages.items():
        assert other_pages[study].replace(", mended", "").replace("mended, ", "") == text


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
    assert any(re.match(r"Finding 5: \+\d\.\d \(fine-tune − scratch, median, ", one) for one in headings)
    for summary in page.locator("article summary").all():
        summary.click()
    heads = page.locator("table.receipt th").all_inner_texts()
    assert "study" not in heads and "strategy" in heads
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    gaps = page.locator("table.receipt td").first.evaluate("cell => parseFloat(getComputedStyle(cell).paddingLeft)")
    assert gaps >= 8


def test_rows_left_out_are_counted(found):
    _, pages = receipts.receipts(found, staging.studies())
    for finding in found.values():
        for citation in finding.citations():
            more = len(citation.rows) - receipts.SHOWN
            said = f"{more:,} more are left out here" if more > 0 else f"The {len(citation.rows)} rows"
            assert said in pages[citation.study]


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


def test_all_numbers_are_linked(found):
    page, pages = receipts.receipts(found, staging.studies())
    every = {(each.study, each.text, each.title) for finding in found.values() for each in finding.citations()}
    assert ".csv" not in page and sum(text.count("\n(receipt-") for text in pages.values()) == len(every)


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
    original = citations.read_table

    def recomputed(name):
        table = original(name)
        if name == "layers":
            table.loc[(table["cut"] == 4) & (table["source"] == table["target"]), "test_accuracy"] += 0.003
        return table

    monkeypatch.setattr(citations, "read_table", recomputed)
    with pytest.raises((staging.StalePageError, findings.NoLongerTrueError)):
        staging.check()


def test_dates_and_versions_are_those_of_the_studies():
    about = json.loads((ROOT / "results" / "labels.json").read_text(encoding="utf-8"))
    assert about["date"] in staging.footer() and next(iter(about["versions"])) in staging.footer()
    assert re.search(
        r"Outputs of the chapters: NumPy [\d.]+, Matplotlib [\d.]+, TensorFlow [\d.]+, Keras [\d.]+;", staging.footer()
    )
