"""Every page as people meet it: in a browser, served and as a file, in light and dark, on a phone and on paper."""

import importlib.resources
import re

import pytest
from conftest import HTML, PAGES

OURS = [name for name in PAGES if not name.startswith(("lab/", "_modules/"))]
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
    assert "nn.network" in " ".join(page.locator("#search-results li").all_inner_texts())
    assert one.faults == []


def test_formulas_are_set_as_files_too(visit):
    one = visit(address=f"file://{HTML}/")
    page = one.open("notebooks/02_numpy_network.html")
    page.locator("mjx-container").first.wait_for()
    assert page.evaluate(
        "document.fonts.ready.then(() => [...document.fonts].some(font => font.status === 'loaded' && font.family.includes('MJX')))"
    )
    assert page.locator("mjx-merror").count() == 0


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
    page.evaluate("addEventListener('beforeprint', () => { window.told = true; })")
    assert page.pdf()[:4] == b"%PDF" and page.evaluate("told")


@pytest.mark.parametrize("name", ["notebooks/02_numpy_network.html", "notebooks/solutions/02_numpy_network.html"])
def test_paper_is_light_and_holds_what_is_folded_on_screen(name, visit):
    page = visit(viewport={"width": 700, "height": 900}, color_scheme="dark").open(name)
    theme = "document.documentElement.dataset.theme"
    assert page.evaluate(theme) == "dark"
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.locator(".cell_output:visible, details.solution p:visible").first.wait_for()
    hidden = page.evaluate("""[...document.querySelectorAll(".cell_output, .solution > p, .solution > .cell:not(.tag_hide-input)")]
        .filter(part => !part.checkVisibility({ checkOpacity: true })).length""")
    assert hidden == 0
    assert page.locator(".cell:not(.prediction) > .above-input").count() > 0
    assert page.locator(".cell:not(.prediction) > .above-input:visible").count() == 0
    cut = "[...document.querySelectorAll('pre')].filter(lines => lines.scrollWidth > lines.clientWidth + 1).length"
    assert page.evaluate(cut) == 0
    filters = "[...document.querySelectorAll('article img')].map(image => getComputedStyle(image).filter)"
    assert set(page.evaluate(filters)) == {"none"}
    assert page.evaluate(theme) == "light"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(theme) == "dark" and page.locator("article details[open]").count() == 0


@pytest.mark.parametrize("word", ["freeze", "forgetting"])
def test_the_search_quotes_the_text_alone_and_a_phone_scrolls_down_only(word, visit):
    page = visit(viewport=SHAPES["phone"] | {"width": 360}).open(f"search.html?q={word}")
    page.locator("#search-results .context").nth(5).wait_for()
    page.wait_for_load_state("networkidle")
    quoted = " ".join(page.locator("#search-results .context").all_inner_texts())
    assert word in quoted and "System Settings" not in quoted and "\\(" not in quoted
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_ctrl_k_searches_from_a_chapter(visit):
    one = visit()
    page = one.open("notebooks/02_numpy_network.html")
    page.wait_for_function("document.readyState === 'complete'")
    page.keyboard.press("Control+k")
    page.locator("#pst-search-dialog input").fill("fingerprint")
    page.keyboard.press("Enter")
    page.locator("#search-results li a").first.wait_for()
    assert one.faults == []


def test_icons_are_drawn_by_the_fonts_and_lie_on_nothing(visit):
    page = visit().open("search.html?q=freeze")
    icon, typed = (page.locator(f".bd-search-container {tag}").first.bounding_box() for tag in ("i", "input"))
    assert icon["width"] > 5 and icon["x"] + icon["width"] <= typed["x"] + 1
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<i class=\"fa-brands fa-github\"></i>')")
    for family, weight, name in (("Free", 900, "fa-magnifying-glass"), ("Brands", 400, "fa-github")):
        drawn = page.evaluate(f"getComputedStyle(document.querySelector('.{name}'), '::before').content")
        assert re.match('"."', drawn), (name, drawn)
        drawn = drawn[:3]
        loaded = (
            f"document.fonts.load('{weight} 16px \"Font Awesome 7 {family}\"', {drawn}).then(fonts => fonts.length)"
        )
        assert page.evaluate(loaded) > 0, family


def test_pages_say_what_they_are(visit):
    page = visit().open("index.html")
    assert page.title() == "Transfer Learning from Scratch"
    for name in (name for name in OURS if name not in ("404.html", "search.html")):
        head = (HTML / name).read_text(encoding="utf-8").partition("</head>")[0]
        assert re.search(r'<meta name="description" content="[^"]{20,210}" />', head), name


def test_links_have_one_colour_in_tables_and_text(visit):
    page = visit().open("api/index.html")
    page.evaluate(
        "document.querySelector('article').insertAdjacentHTML('beforeend', '<p><a href=\"#\">a link</a></p>')"
    )
    colours = "[...document.querySelectorAll('article td a, article p a')].map(link => getComputedStyle(link).color)"
    assert len(set(page.evaluate(colours))) == 1


def test_names_of_modules_stay_in_one_line_on_a_phone(visit):
    page = visit(viewport=SHAPES["phone"] | {"width": 360}).open("api/index.html")
    for name in (name for name in OURS if name.startswith("api/") and name != "api/index.html"):
        page.goto(page.url.rpartition("api/")[0] + name)
        lines = "heading => heading.offsetHeight / parseFloat(getComputedStyle(heading).lineHeight)"
        assert page.locator("article h1").evaluate(lines) < 1.5, name
