"""The chapters' pages in a browser: what they weigh, what is folded and what the folds say, pictures, the laboratory."""

import re

import pytest
from conftest import HTML, PAGES

CHAPTERS = [name for name in PAGES if name.startswith("notebooks/0")]
SOLUTIONS = [name for name in PAGES if name.startswith("notebooks/solutions/")]
FOLDS = {
    "After your guess: code and answer",
    "The answer, once you have guessed",
    "The check of the lines above",
    "The code of this picture",
    "The code of this output",
    "Preparations",
    "Hint",
}
# Bytes, as they are when nothing compresses them on their way.
WEIGHT = """["navigation", "resource"].flatMap(kind => performance.getEntriesByType(kind))
    .reduce((sum, one) => sum + one.decodedBodySize, 0)"""
# Between a question and the next text: what can be seen of the answer, from the first fold on, and of code that says it.
GIVEN_AWAY = """() => [...document.querySelectorAll("article p > strong:first-child")]
  .filter(words => words.textContent.startsWith("Predict first"))
  .flatMap(words => {
    let part = words.parentElement.nextElementSibling;
    while (part && !part.matches(".cell, section")) part = part.nextElementSibling;
    const cells = [];
    for (; part && part.matches(".cell"); part = part.nextElementSibling) cells.push(part);
    if (!cells.length) return [];
    const first = cells.findIndex(cell => cell.querySelector(":scope > .below-input") || cell.matches(".prediction"));
    if (first < 0) return ["nothing is folded after: " + words.parentElement.textContent];
    return cells.slice(first).flatMap(cell => [...cell.querySelectorAll(".cell_output, .cell_input")])
      .filter(seen => seen.checkVisibility())
      .filter(seen => seen.matches(".cell_output") || /plots\\.show\\(|\\b(title|alt)=/.test(seen.textContent))
      .map(seen => seen.textContent.slice(0, 80));
  })"""


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_is_small_with_all_that_it_loads(name, visit):
    page = visit().open(name)
    page.wait_for_function("!document.querySelector('.math') || document.querySelector('mjx-container')")
    page.evaluate("globalThis.MathJax && MathJax.startup.promise.then(() => document.fonts.ready).then(() => true)")
    assert 6e5 < page.evaluate(WEIGHT) <= 3e6


@pytest.mark.parametrize("name", CHAPTERS)
def test_pictures_have_words_and_a_way_to_enlarge_them(name, visit):
    page = visit(viewport={"width": 360, "height": 740}, color_scheme="dark").open(name)
    alts = page.evaluate("[...document.querySelectorAll('article img')].map(image => image.alt)")
    assert [alt for alt in alts if not alt or alt.endswith(".png")] == []
    assert "What this figure shows" not in page.content()
    files = "[...document.querySelectorAll('.cell_output img[src*=_images]')]"
    assert (
        page.evaluate(f"{files}.filter(image => image.closest('a')?.href !== image.src).map(image => image.outerHTML)")
        == []
    )
    frames = f"{files}.map(image => getComputedStyle(image).backgroundColor)"
    assert set(page.evaluate(frames)) <= {"rgb(255, 255, 255)"}  # as the pictures are


@pytest.mark.parametrize("name", CHAPTERS)
def test_answers_are_folded_and_folds_say_what_is_in_them(name, visit):
    page = visit().open(name)
    assert page.locator(".tag_setup").count() == 0
    assert page.locator("details.hide[open]").count() == 0
    names = page.evaluate(
        "[...document.querySelectorAll('article .cell > details > summary')].map(one => one.textContent.trim())"
    )
    assert set(names) <= FOLDS and len(names) > 3
    assert page.locator("summary[aria-label]").count() == 0  # it would hide the words from a screen reader
    assert page.evaluate(GIVEN_AWAY) == []


def test_a_guess_is_followed_by_the_answer_by_keyboard(visit):
    page = visit().open("notebooks/02_numpy_network.html")
    fold = page.locator(".prediction > details").first
    assert "Two of three bugs learn" in fold.text_content() and not fold.locator("img").is_visible()
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    fold.locator("img").wait_for()
    assert fold.locator(".cell_input").is_visible()


@pytest.mark.parametrize(("name", "number"), [("03_training_on_odd_digits", 1), ("04_freezing_and_fine_tuning", 2)])
def test_what_the_laboratory_has_too_leads_there(name, number, visit, address):
    page = visit().open(f"notebooks/{name}.html")
    links = page.locator("article .to-laboratory a")
    assert links.count() == number
    code = "link => link.closest('.cell').querySelector('.cell_input').textContent"
    assert all(re.search(r"widgets\.(draw_a_digit|teach)\(", link.evaluate(code)) for link in links.all())
    links.last.click()
    page.wait_for_url(address + "lab/index.html")


@pytest.mark.parametrize("name", SOLUTIONS)
def test_solutions_are_named_after_their_chapter_and_folded(name, visit):
    chapter = (HTML / name.replace("solutions/", "")).read_text(encoding="utf-8")
    number, title = re.search(r"<h1>(\d)\. (.+?)<a", chapter).groups()
    page = visit().open(name)
    assert page.locator("h1:visible").inner_text().rstrip("#") == f"Solutions to chapter {number}: {title}"
    assert page.locator("details.solution").count() >= 3 and page.locator("details.solution[open]").count() == 0
