"""The page on luck says what Python says, of every split, by mouse and by keyboard, on a phone."""

import importlib.resources
import json
import re

import numpy as np
import pytest

from helpers.transfer.census import MEASURED, look_up
from helpers.transfer.strategies import METHODS
from studies.census import TARGETS, others

NAMES = {key: METHODS[key].label for key in MEASURED[1:]}


AXE = importlib.resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
SERIOUS = """async () => (await axe.run({resultTypes: ["violations"]})).violations
    .filter(one => ["serious", "critical"].includes(one.impact)).map(one => one.id)"""
CONTRAST = """button => {  // of its words to what is behind them
    const luminance = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number)
        .map(value => value / 255).map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
        .reduce((sum, value, place) => sum + [0.2126, 0.7152, 0.0722][place] * value, 0.05);
    const style = getComputedStyle(button);
    const [low, high] = [style.color, style.backgroundColor].map(luminance).sort((a, b) => a - b);
    return style.opacity * high / low;
}"""


def shown(value):
    return "0.0" if abs(value) < 0.05 else f"{value:+.1f}".replace("-", "−")


def table(page):
    """The table of the result: a dict of gain to its cells."""
    rows = page.locator("#lucky-result tr").all()[1:]
    return {row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in rows}


def answer(page, source, guess="1.5", beats="yes"):
    for digit in source:
        page.locator(f"input[name=digit][value='{digit}'] + span").click()
    page.locator("#lucky-guess").fill(guess)
    page.locator(f"input[name=beats][value={beats}]").check()
    page.get_by_role("button", name="Show what happened").click()


def test_every_split_has_the_gains_and_ranks_that_python_looks_up(visit):
    data = json.loads(visit().open("lucky.html").locator("#lucky-data").inner_text())
    assert set(data["splits"]) == {others(target) for target in TARGETS}
    for source in list(data["splits"])[::9]:
        places = look_up(source)
        for strategy, name in NAMES.items():
            gain, rank = data["splits"][source][data["gains"].index(name)]
            assert abs(gain - 100 * places[strategy].gain) < 1e-4 and rank == places[strategy].rank, (source, strategy)


@pytest.mark.parametrize("source", ["13579", "02468", "01478", "56789"])
def test_it_shows_what_python_says(source, visit):
    one = visit()
    page = one.open("lucky.html")
    answer(page, source)
    places = look_up(source)
    assert f"{shown(100 * places['fine-tune'].gain)} points" in page.locator("#lucky-said").inner_text()
    assert f"rank {places['fine-tune'].rank:.0f} of 252" in page.locator("#lucky-said").inner_text()
    for strategy, name in NAMES.items():
        place = places[strategy]
        assert table(page)[name] == [shown(100 * place.gain), f"{place.rank:.0f}", shown(100 * place.median)]
    over_random = 100 * (places["frozen"].gain - places["random"].gain)
    words = page.locator("#lucky-random").inner_text()
    assert re.search(r"rank \d+ of 252\.", words)
    assert ("does not beat" in words) == (over_random <= 0) and f"{shown(over_random)} points" in words
    assert page.locator("#lucky-result svg").first.locator("circle").count() == 252
    assert one.faults == []


def test_nothing_is_shown_before_the_prediction(visit):
    page = visit().open("lucky.html")
    assert page.get_by_role("button", name="Show what happened").is_disabled()
    for digit in "01478":
        page.locator(f"input[name=digit][value='{digit}'] + span").click()
    page.get_by_role("button", name="Show what happened").click()
    assert page.locator("#lucky-result").inner_text() == ""  # the guess is missing
    assert page.locator("input[name=digit]:not(:checked):disabled").count() == 5
    answer(page, "")
    assert page.locator("#lucky-said").is_visible()
    page.locator("input[name=digit][value='8'] + span").click()
    assert page.locator("#lucky-result").inner_text() == ""


def test_by_keyboard_alone_on_a_phone(visit):
    page = visit(viewport={"width": 375, "height": 740}).open("lucky.html")
    page.locator("input[name=digit]").first.focus()
    for digit in range(10):
        if digit in (1, 3, 5, 7, 9):
            page.keyboard.press("Space")
        page.keyboard.press("Tab")
    page.keyboard.type("2.5")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert f"rank {look_up('13579')['fine-tune'].rank:.0f} of 252" in page.locator("#lucky-said").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert np.isclose(page.locator("#lucky-result svg").first.bounding_box()["width"], 343, atol=40)


def test_nothing_gained_has_no_sign(visit):
    page = visit().open("lucky.html")
    splits = json.loads(page.locator("#lucky-data").inner_text())["splits"]
    source = next(digits for digits, gains in splits.items() if -0.05 < gains[0][0] < 0)
    answer(page, source)
    assert "gains 0.0 points" in page.locator("#lucky-said").inner_text()
    assert page.locator("text.yours").first.text_content() == "yours 0.0"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_answer(scheme, visit):
    page = visit(color_scheme=scheme).open("lucky.html")
    assert page.locator("#lucky button").evaluate(CONTRAST) >= 4.5  # axe looks at no button that is disabled
    answer(page, "01478")
    page.evaluate(AXE)
    assert page.evaluate(SERIOUS) == []
    heads = page.locator("#lucky-result th").evaluate_all("heads => heads.map(head => head.scope)")
    assert heads == ["col"] * 4 + ["row"] * 6 and page.locator("#lucky-result td[scope]").count() == 0


@pytest.mark.parametrize("guess", ["-20", "20"])
def test_a_picture_cuts_no_words_off_and_no_line_crosses_them(guess, visit):
    page = visit(viewport={"width": 375, "height": 740}).open("lucky.html")
    answer(page, "13579", guess)
    for picture in page.locator("#lucky-result svg").all():
        ends = picture.evaluate(
            "svg => [...svg.querySelectorAll('text')].map(text => text.getBBox()).flatMap(box => [box.x, svg.clientWidth - box.x - box.width])"
        )
        assert min(ends) >= 0
        drawn = picture.evaluate("svg => [...svg.querySelectorAll('line, text.label')].map(one => one.nodeName)")
        assert drawn == sorted(drawn)  # labels come later, and cover what is behind them
        assert picture.locator("text.label").first.evaluate("text => getComputedStyle(text).paintOrder") == "stroke"


def test_print_keeps_the_choice_and_drops_the_frame_of_the_focus(visit):
    page = visit().open("lucky.html")
    answer(page, "13579")
    page.emulate_media(media="print")
    of_digit = page.locator("input:checked + span").first
    assert of_digit.evaluate("span => getComputedStyle(span).printColorAdjust") == "exact"
    assert page.locator("#lucky-result").evaluate("result => getComputedStyle(result).outlineStyle") == "none"


def test_without_a_script_no_form_pretends_to_work(visit):
    page = visit(java_script_enabled=False).open("lucky.html")
    assert page.locator("#lucky").is_hidden()
    assert "needs JavaScript" in page.locator("article noscript").inner_text()


def test_the_kernel_is_explained(visit):
    page = visit().open("lucky.html")
    answer(page, "13579")
    page.locator("#lucky-result").get_by_role("link", name="kernel ridge regression", exact=True).click()
    page.wait_for_url("**/notebooks/GLOSSARY.html")
    assert "kernel ridge regression" in page.locator("article").inner_text()
