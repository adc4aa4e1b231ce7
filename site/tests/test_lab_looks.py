"""The laboratory's looks: in forced colours, on narrow screens, on a phone while one draws; and the words it explains."""

import io

import numpy as np
import pytest
from hands import CROSS, THREE, draw, teach, teach_and_forget, wait_for_words
from matplotlib.image import imread


def greys(page, place):
    """What the eye gets of an element within its border, (height, width), from 0 to 1."""
    return imread(io.BytesIO(page.locator(place).first.screenshot()))[3:-3, 3:-3, :3].mean(axis=2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_leave_what_only_colours_say(lab, scheme):
    page = lab(color_scheme=scheme, forced_colors="active", reduced_motion="reduce")
    draw(page, "#draw-pad", THREE)
    wait_for_words(page, "#draw-words", "takes this for a 3")
    teach_and_forget(page)
    page.mouse.move(0, 0)
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


def test_on_a_phone_a_finger_draws_and_sees_the_bars(lab):
    page = lab(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, reduced_motion="reduce")
    teach_and_forget(page)
    small = page.locator("button:visible, select:visible, .button:visible")
    assert all(one.bounding_box()["height"] >= 24 for one in small.all())
    page.click("nav a[href='#draw']")
    pad, finger = page.locator("#draw-pad canvas").bounding_box(), page.context.new_cdp_session(page)
    for k in range(2, 11):
        place = {"x": pad["x"] + pad["width"] / 2, "y": pad["y"] + pad["height"] * k / 12}
        kind = "touchMove" if k > 2 else "touchStart"
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wait_for_words(page, "#draw-words", "^It takes this for a 1,")
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
