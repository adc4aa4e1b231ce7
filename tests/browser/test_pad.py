"""The drawing pad alone on a page: mouse, finger and keyboard leave the strokes that they should."""

import json

import numpy as np
import pytest
from hands import draw, press

from helpers.data import strokes
from tools.notebook_files import ROOT

PAGE = """<div id="here"></div><script type="module">
%s
window.heard = [];
window.pad = makePad(document.getElementById("here"),
  { label: "Pad to test", onStrokes: (strokes, { drawing }) => window.heard.push([strokes, drawing]) });
</script>"""
DRAWING = [[[0.2, 0.2], [0.5, 0.3], [0.8, 0.7]], [[0.3, 0.9], [0.6, 0.9]]]


@pytest.fixture
def pad(page):
    page.set_content(PAGE % (ROOT / "helpers" / "show" / "pad.js").read_text(encoding="utf-8"))
    page.wait_for_function("window.pad")
    return page.get_by_role("application", name="Pad to test")


def drawn(page):
    return page.evaluate("window.pad.strokes")


def same(found, expected):
    return [len(one) for one in found] == [len(one) for one in expected] and all(
        np.allclose(one, other, atol=0.005) for one, other in zip(found, expected)
    )


def test_the_mouse_draws(page, pad):
    draw(page, pad, DRAWING)
    assert same(drawn(page), DRAWING)
    heard = page.evaluate("window.heard")
    assert heard[-1] == [drawn(page), False] and [True] not in heard
    assert sum(not drawing for _, drawing in heard) == 2  # each line ended once
    strokes.rasterise(json.loads(json.dumps(drawn(page))))


def test_undo_and_clear(page, pad):
    undo, clear = (page.get_by_role("button", name=name) for name in ("Undo", "Clear"))
    assert undo.is_disabled() and clear.is_disabled()
    draw(page, pad, DRAWING)
    undo.click()
    assert same(drawn(page), DRAWING[:1])
    draw(page, pad, DRAWING)
    clear.click()
    assert drawn(page) == [] and page.evaluate("window.heard").pop() == [[], False]
    assert page.evaluate("window.pad.isEmpty") and undo.is_disabled()


def test_a_line_that_leaves_the_pad_stays_on_its_edge(page, pad):
    draw(page, pad, [[[0.5, 0.5], [1.5, 0.5], [1.5, -0.4], [0.5, 0.2]]])
    assert same(drawn(page), [[[0.5, 0.5], [1, 0.5], [1, 0], [0.5, 0.2]]])
    page.mouse.move(5, 900)
    page.mouse.down()  # it begins outside: no line
    page.mouse.up()
    assert len(drawn(page)) == 1


def test_a_finger_draws(page, pad):
    finger = page.context.new_cdp_session(page)
    box = pad.bounding_box()

    def touch(kind, *point):
        points = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in point]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (0.2, 0.2))
    for share in (0.4, 0.6, 0.8):
        touch("touchMove", (share, 0.2))
    touch("touchEnd")
    [line] = drawn(page)
    assert np.allclose([line[0], line[-1]], [[0.2, 0.2], [0.8, 0.2]], atol=0.02) and len(line) >= 3


def test_the_keyboard_draws_undoes_and_clears(page, pad):
    press(page, "Tab")
    assert pad.evaluate("canvas => canvas === document.activeElement")
    press(
        page, *["ArrowLeft"] * 7, "Space", *["ArrowUp"] * 2, "Shift+ArrowRight", "Space", "ArrowDown", "Enter", "Escape"
    )
    x, y = 0.5 - 7 / 28, 0.5 - 2 / 28
    line = [[x, 0.5], [x, 0.5 - 1 / 28], [x, y], [x + 1 / 112, y]]
    assert same(drawn(page), [line, [[x + 1 / 112, y + 1 / 28]]])
    press(page, "Backspace")
    assert same(drawn(page), [line])
    press(page, "Delete")
    assert drawn(page) == []
    press(page, *["ArrowLeft"] * 40, "Space", *["ArrowRight"] * 40)
    assert drawn(page)[0][0][0] == 0 and drawn(page)[0][-1][0] == 1  # the pen stays on the pad


def test_strokes_can_be_set_and_a_bitmap_taken(page, pad):
    page.evaluate("strokes => window.pad.set(strokes)", DRAWING)
    assert drawn(page) == DRAWING and page.evaluate("window.heard") == []
    bitmap = np.array(page.evaluate("Array.from(window.pad.bitmap(100))"), "uint8").reshape(100, 100)
    middle = [(x, y) for stroke in DRAWING for x, y in stroke]
    assert all(bitmap[round(100 * y), round(100 * x)] == 255 for x, y in middle)
    assert bitmap[:15].max() == bitmap[:, 88:].max() == bitmap[40:80, :40].max() == 0


def test_it_is_as_wide_as_its_place_at_most(page, pad):
    page.evaluate("document.getElementById('here').style.width = '180px'")
    page.wait_for_function("document.querySelector('.pad canvas').getBoundingClientRect().width <= 180")
    draw(page, pad, DRAWING)
    assert same(drawn(page), DRAWING)
