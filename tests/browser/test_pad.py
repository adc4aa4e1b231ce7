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
    assert undo.is_disabled()


def test_a_line_that_leaves_the_pad_stays_on_its_edge(page, pad):
    draw(page, pad, [[[0.5, 0.5], [1.5, 0.5], [1.5, -0.4], [0.5, 0.2]]])
    assert same(drawn(page), [[[0.5, 0.5], [1, 0.5], [1, 0], [0.5, 0.2]]])
    page.mouse.move(5, 900)
    page.mouse.down()  # it begins outside: no line
    page.mouse.up()
    assert len(drawn(page)) == 1


@pytest.fixture
def hands(page, pad):
    """Real events: `touch(kind, {finger: point})`, whose "End" without fingers lifts them all, and `pen(kind, point)`."""
    session, box = page.context.new_cdp_session(page), pad.bounding_box()

    def place(point):
        return {"x": box["x"] + point[0] * box["width"], "y": box["y"] + point[1] * box["height"]}

    def touch(kind, fingers):
        points = [{"id": finger, **place(point)} for finger, point in fingers.items()]
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})

    def pen(kind, point):
        details = {"pointerType": "pen", "button": "left", "buttons": int(kind != "Released"), "clickCount": 1}
        session.send("Input.dispatchMouseEvent", {"type": f"mouse{kind}", **details, **place(point)})

    return touch, pen


def ends(line):
    return np.round([line[0], line[-1]], 1).tolist()


def test_a_finger_draws_and_a_second_one_does_not(page, hands):
    touch, _ = hands
    touch("Start", {0: (0.2, 0.2)})
    touch("Start", {0: (0.2, 0.2), 1: (0.9, 0.9)})
    for share in (0.4, 0.6, 0.8):
        touch("Move", {0: (share, 0.2), 1: (0.9, 1 - share)})
    touch("End", {1: (0.9, 0.2)})
    touch("Move", {0: (0.8, 0.6)})
    touch("End", {})
    [line] = drawn(page)
    assert ends(line) == [[0.2, 0.2], [0.8, 0.6]] and len(line) == 5


def test_a_palm_neither_joins_nor_ends_the_line_of_a_pen(page, hands):
    touch, pen = hands
    pen("Pressed", (0.2, 0.2))
    pen("Moved", (0.4, 0.2))
    touch("Start", {0: (0.9, 0.9)})
    touch("Move", {0: (0.9, 0.8)})
    pen("Moved", (0.6, 0.2))
    touch("End", {})
    pen("Moved", (0.8, 0.2))
    pen("Released", (0.8, 0.2))
    [line] = drawn(page)
    assert ends(line) == [[0.2, 0.2], [0.8, 0.2]] and len(line) == 4


def test_a_pen_takes_over_from_a_palm_that_was_there_first(page, hands):
    touch, pen = hands
    touch("Start", {0: (0.9, 0.9)})
    touch("Move", {0: (0.9, 0.8)})
    pen("Pressed", (0.2, 0.2))
    touch("Move", {0: (0.9, 0.6)})
    pen("Moved", (0.8, 0.2))
    touch("End", {})
    pen("Released", (0.8, 0.2))
    [line] = drawn(page)
    assert ends(line) == [[0.2, 0.2], [0.8, 0.2]] and len(line) == 2
    assert page.evaluate("window.heard").pop() == [[line], False]


def test_a_touch_that_is_cancelled_leaves_nothing(page, hands):
    touch, _ = hands
    touch("Start", {0: (0.2, 0.2)})
    touch("Move", {0: (0.4, 0.2)})
    touch("Cancel", {})
    assert drawn(page) == [] and page.evaluate("window.heard").pop() == [[], False]


def test_a_line_goes_on_when_a_palm_takes_the_focus_away(page, hands):
    _, pen = hands
    pen("Pressed", (0.2, 0.2))
    page.evaluate("document.activeElement.blur()")
    pen("Moved", (0.8, 0.2))
    pen("Released", (0.8, 0.2))
    [line] = drawn(page)
    assert ends(line) == [[0.2, 0.2], [0.8, 0.2]]


def test_keys_wait_while_a_line_is_drawn_and_a_line_taken_back_is_over(page, pad):
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    press(page, "ArrowRight", "Space", "Backspace")
    assert len(drawn(page)) == len(drawn(page)[0]) == 1
    page.get_by_role("button", name="Undo").evaluate("button => button.click()")  # with the other hand
    page.mouse.move(box["x"] + 90, box["y"] + 90)
    page.mouse.up()
    assert drawn(page) == []


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


def test_strokes_can_be_set(page, pad):
    page.evaluate("strokes => window.pad.set(strokes)", DRAWING)
    assert drawn(page) == DRAWING and page.evaluate("window.heard") == []


def test_it_is_as_wide_as_its_place_at_most(page, pad):
    page.evaluate("document.getElementById('here').style.width = '180px'")
    page.wait_for_function("document.querySelector('.pad canvas').getBoundingClientRect().width <= 180")
    draw(page, pad, DRAWING)
    assert same(drawn(page), DRAWING)
