"""Every page as people meet it: in a browser, served and as a file, in light and dark, on a phone and on paper."""

import importlib.resources

import pytest
from conftest import HTML, PAGES

OURS = [name for name in PAGES if not name.startswith(("lab/", "_modules/"))]
CHAPTERS = [name for name in PAGES if name.startswith("notebooks/0")]
SHAPES = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 375, "height": 740}}
AXE = importlib.resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
SERIOUS = """async only => (await axe.run({resultTypes: ["violations"], ...(only && {runOnly: only})})).violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `${one.id}: ${one.nodes.slice(0, 3).map(node => node.target.join(" ")).join(" | ")}`)"""


@pytest.mark.parametrize("name", OURS)
def test_no_errors_no_request_elsewhere_nothing_serious_for_axe_and_a_phone_scrolls_down_only(name, visit):
    one = visit(viewport=SHAPES["wide"])
    page = one.open(name)
    page.evaluate(AXE)
    assert page.evaluate(SERIOUS) == []
    page.add_style_tag(content="* { transition: none !important; }")  # colours half-way are nobody's choice
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("name => name === '404.html' || document.documentElement.dataset.theme === 'dark'", arg=name)
    assert page.evaluate(SERIOUS, ["color-contrast"]) == []
    page.set_viewport_size(SHAPES["phone"])
    assert page.evaluate("document.documentElement.scrollWidth") <= SHAPES["phone"]["width"]
    assert one.faults == []


@pytest.mark.parametrize("name", ["index.html", "search.html", "lucky.html", "notebooks/02_numpy_network.html"])
def test_pages_open_as_files(name, visit):
    one = visit(address=f"file://{HTML}/")
    page = one.open(name)
    assert page.title()
    assert one.faults == []


@pytest.mark.parametrize("served", [True, False])
def test_search_finds_a_word_served_and_as_a_file(served, visit, address):
    one = visit(address=address if served else f"file://{HTML}/")
    page = one.open("search.html?q=fingerprint")
    page.locator("#search-results li a").first.wait_for()
    assert "helpers.inspection" in " ".join(page.locator("#search-results li").all_inner_texts())
    assert one.faults == []


def test_formulas_are_set_as_files_too(visit):
    one = visit(address=f"file://{HTML}/")
    page = one.open("notebooks/02_numpy_network.html")
    page.locator("mjx-container").first.wait_for()
    assert page.evaluate(
        "document.fonts.ready.then(() => [...document.fonts].some(font => font.status === 'loaded' && font.family.includes('MJX')))"
    )
    assert page.locator("mjx-merror").count() == 0


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_is_small_and_there_at_once(name, visit):
    one = visit()
    sizes = []
    one.page.on("response", lambda response: "_static" not in response.url and sizes.append(len(response.body())))
    page = one.open(name)
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert sum(sizes) <= 3e6 and paint < 1000, (sum(sizes), paint)


@pytest.mark.parametrize("name", CHAPTERS)
def test_pictures_have_words_answers_and_solutions_are_folded(name, visit):
    page = visit().open(name)
    alts = page.evaluate("[...document.querySelectorAll('article img')].map(image => image.alt)")
    assert [alt for alt in alts if not alt or alt.endswith(".png")] == []
    assert page.locator(".tag_setup").count() == 0
    assert page.locator("details.hide[open]").count() == 0
    assert "What this figure shows" not in page.content()


def test_there_is_a_next_chapter_and_a_previous_one(visit):
    page = visit().open("notebooks/03_training_on_odd_digits.html")
    assert page.locator("a.left-prev").get_attribute("href") == "02_numpy_network.html"
    assert page.locator("a.right-next").get_attribute("href") == "04_freezing_and_fine_tuning.html"
    with page.expect_download() as download:
        page.locator(".dropdown-download-buttons button").first.click()
        page.locator("a.btn-download-source-button").click()
    assert download.value.suggested_filename == "03_training_on_odd_digits.ipynb"


def test_an_address_without_a_page_is_told_so(visit, address):
    one = visit()
    response = one.page.goto(address + "notebooks/no_such_page.html")
    assert response.status == 404 and "There is no such page" in one.page.content()
    one.page.get_by_role("link", name="first page").click()
    one.page.wait_for_url(address + "index.html")


def test_paper_shows_the_text_without_the_menus(visit):
    page = visit().open("notebooks/02_numpy_network.html")
    page.emulate_media(media="print")
    assert page.locator("h1:visible").inner_text().startswith("2. A neural network")
    assert not page.locator(".bd-sidebar-primary").is_visible()
    assert page.pdf()[:4] == b"%PDF"
