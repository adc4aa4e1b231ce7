"""The page on luck says what Python says, of every split, by mouse and by keyboard, on a phone."""

import json

import numpy as np
import pytest

from helpers.census import STRATEGIES, look_up
from studies.census import TARGETS, others

NAMES = {
    "fine-tune": "all layers fine-tuned",
    "frozen": "first layer frozen",
    "random": "random first layer frozen",
    "kernel": "kernel ridge regression",
}


def shown(value):
    return f"{value:+.1f}".replace("-", "−")


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
        for strategy in STRATEGIES[1:]:
            gain, rank = data["splits"][source][data["gains"].index(NAMES[strategy])]
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


def test_by_keyboard_alone_on_a_phone_at_once(visit):
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
    took = page.evaluate(
        "() => { const start = performance.now(); document.activeElement.click(); return performance.now() - start; }"
    )
    assert f"rank {look_up('13579')['fine-tune'].rank:.0f} of 252" in page.locator("#lucky-said").inner_text()
    assert took < 100
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert np.isclose(page.locator("#lucky-result svg").first.bounding_box()["width"], 343, atol=40)
