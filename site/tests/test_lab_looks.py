"""The laboratory's looks: in forced colours, on narrow screens, on a phone while one draws; and the words it explains."""

import io

import numpy as np
import pytest
from hands import CROSS, THREE, draw, teach, teach_and_forget, wait_for_words
from matplotlib.image import imread

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def greys(page, place):
    """What the eye gets of an element within its border, (height, width), from 0 to 1."""
    return imread(io.BytesIO(page.locator(place).first.screenshot()))[3:-3, 3:-3, :3].mean(axis=2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_leave_what_only_colours_say(lab, scheme):
    page = lab(color_scheme=scheme, forced_colors="active")
    draw(page, "#draw-pad", THREE)
    wait_for_words(page, "#draw-words", "takes this for a 3")
    teach_and_forget(page)
    page.mouse.move(0, 0)
    page.wait_for_timeout(300)  # the bars come to rest
    for place in ("#draw-pad canvas", "#draw-seen", "#draw-alike", ".thumb .image", "#forget-image", ".interval"):
        assert np.ptp(greys(page, place)) > 0.4, place
    for full, empty in (
        ("#draw-bars .most .bar-room", "#draw-bars .bar:not(.most) .bar-room"),
        ("[data-strategy=scratch] .interval .share", "[data-strategy=scratch] th"),
    ):
        assert abs(np.median(greys(page, full)) - np.median(greys(page, empty))) > 0.25, full
    ink = greys(page, "#teach-start")  # letters stand on the button itself, not on a patch of another colour
    assert (abs(ink - ink[len(ink) // 2, 6]) < 0.02).mean() > 0.6


@pytest.mark.parametrize("width", [320, 360])
def test_a_narrow_page_is_no_wider_than_the_screen_whatever_the_names(lab, width):
    page = lab(viewport={"width": width, "height": 740})
    teach_and_forget(page)
    for index, letter in enumerate("ABCDE"):
        page.fill(f"#symbol-{index}-name", "W" * 11 + letter)
        page.press(f"#symbol-{index}-name", "Enter")
    teach(page)
    draw(page, "#teach-pad", CROSS)
    wait_for_words(page, "[data-guess=frozen]", "WWW")
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_pad_and_bars_are_seen_together(lab):
    page = lab(**PHONE)
    page.click("nav a[href='#draw']")
    page.wait_for_timeout(1000)  # it scrolls there smoothly
    draw(page, "#draw-pad", THREE)
    wait_for_words(page, "#draw-words", "takes this for a 3")
    pad, bars = (page.locator(place).bounding_box() for place in ("#draw-pad canvas", "#draw-bars"))
    assert pad["y"] >= 0 and bars["y"] + bars["height"] <= 740


def test_each_part_explains_its_words_folded_and_not_on_paper(lab):
    page = lab()
    teach_and_forget(page)
    for part in ("#draw", "#teach", "#forget"):
        assert page.locator(f"{part} .terms summary").count() >= 1
    assert page.locator("dd:visible").count() == 0
    names = [name.strip() for name in page.locator("#teach-scores th").all_text_contents()]
    for summary in page.locator(".terms summary").all():
        summary.click()
    terms = page.locator("dt").all_text_contents()
    assert page.locator("dd:visible").count() == len(terms)
    assert set(names) <= set(terms)  # each learner of the table is explained under its own name
    page.emulate_media(media="print")
    assert page.locator(".terms:visible, summary:visible").count() == 0
