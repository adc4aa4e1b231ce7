"""The laboratory in the hands of those who hurry, change their minds, lose their network, or come twice."""

import base64
import json
import threading

import pytest
import serve
from conftest import HTML
from hands import CROSS, KEPT, KEY, LONGEST, SEVEN, THREE, bundled, draw, forget, ready, shares, teach, wait_for_words

IMAGE = base64.b64encode(bytes([9]) * 784).decode()


@pytest.fixture
def own_server(visit):
    """A visit to a server of its own, which can be stopped: (page, server); faults of the network are expected here."""
    with serve.server(HTML, "127.0.0.1", 0) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        guest = visit(address=f"http://127.0.0.1:{serving.server_port}/")
        guest.page.goto(guest.address + "lab/index.html")
        yield ready(guest.page), guest


def test_a_click_after_a_rename_counts(lab):
    page = lab()
    page.fill("#symbol-0-name", "ox")
    page.click("#symbol-1")  # the name is taken as the field loses the focus
    assert page.is_checked("#symbol-1") and "Keep it as “B”" in page.text_content("#teach-keep")
    page.fill("#symbol-0-name", "cat")
    page.focus("#symbol-1-name")
    page.keyboard.press("Control+A")
    page.keyboard.type("dog")
    page.keyboard.press("Tab")
    assert [one["name"] for one in page.evaluate(KEPT)["symbols"]] == ["cat", "dog"]
    assert page.evaluate("document.activeElement.id") == "symbol-1-remove"
    page.fill("#symbol-0-name", "​")
    page.press("#symbol-0-name", "Enter")
    assert "to be seen" in page.text_content("#class-words") and page.input_value("#symbol-0-name") == "cat"


def test_rows_are_chosen_and_removed_one_at_a_time(lab):
    page = lab()
    bundled(page)
    page.click("[role=group]:nth-child(3) .strip .small >> nth=0")
    names = [one["name"] for one in page.evaluate(KEPT)["symbols"]]
    assert names[2] in page.text_content("#teach-keep")
    page.dblclick("#symbol-0-remove")
    page.dblclick("#symbol-0-learn-0")
    left = page.evaluate(KEPT)["symbols"]
    assert [one["name"] for one in left] == names[1:] and len(left[0]["learn"]) == 4
    assert names[2] in page.text_content("#teach-keep")  # the choice went along
    for _ in range(3):
        page.click("#symbol-0-remove")
    assert page.is_disabled("#symbol-0-remove")  # the last one stays
    page.focus("#symbol-0-learn-0")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "symbol-0-learn-1"


def test_what_changes_in_mid_lesson_is_not_scored(lab):
    page = lab()
    bundled(page)
    page.select_option("#seeds", "5")
    page.click("#teach-start")
    wait_for_words(page, "#teach-words", "^Learning: step [1-9]")
    page.click("#symbol-0-remove")
    assert "teach again" in wait_for_words(page, "#teach-words", "^(Done|What)")
    assert page.locator("#teach-scores").text_content().count("%") == 0
    page.click("#class-undo")  # what was learned is there again
    wait_for_words(page, "#teach-words", "^Done")
    assert len(shares(page)) == 5


def test_a_lesson_that_is_stopped_at_once_says_nothing_of_its_learners(lab):
    page = lab()
    bundled(page)
    page.select_option("#seeds", "5")
    page.evaluate("['teach-start', 'teach-stop'].forEach((id) => document.getElementById(id).click())")
    words = wait_for_words(page, "#teach-words", "^(Done|Stopped)")
    assert words.startswith("Stopped") and "Done" not in words


def test_two_tabs_lose_no_drawing(visit):
    guest = visit(viewport={"width": 1200, "height": 900})
    pages = [guest.page, guest.context.new_page()]
    for page in pages:
        page.goto(guest.address + "lab/index.html")
        ready(page)
    one, other = pages
    one.bring_to_front()
    bundled(one)
    other.bring_to_front()
    other.wait_for_function("document.querySelectorAll('.thumb').length > 20")
    other.select_option("#seeds", "3")
    one.bring_to_front()
    one.wait_for_function("document.getElementById('seeds').value === '3'")
    one.reload()
    ready(one)
    assert one.locator(".thumb").count() > 20


def test_another_fine_tuning_and_another_drawing_at_once(lab):
    page = lab()
    page.click("#draw-known")
    wait_for_words(page, "#draw-words", "^It takes")
    forget(page)
    page.focus("#forget-step")
    page.keyboard.press("End")
    page.click("#forget-start")
    page.click("#draw-known")
    wait_for_words(page, "#forget-words", "^Done")
    assert page.locator("#trouble").is_hidden() and page.locator("#memory").is_visible()
    page.select_option("#rate", "0.01")
    assert "fine-tune again" in page.text_content("#forget-words")
    page.select_option("#rate", "0.003")
    wait_for_words(page, "#forget-words", "^Done")


def test_part_3_says_of_each_drawing_what_became_of_it(lab):
    page = lab()
    page.click("#draw-known")
    forget(page)
    said = set()
    for _ in range(10):
        words = page.text_content("#forget-words")
        said.add("took its belief" in words)
        page.click("#draw-known")
        page.wait_for_function("words => document.getElementById('forget-words').textContent !== words", arg=words)
    assert said == {True, False}


def test_digits_chosen_by_halves_stay_chosen(lab):
    page = lab()
    page.select_option("#source", "")
    page.get_by_label("1", exact=True).uncheck()
    draw(page, "#draw-pad", SEVEN)
    wait_for_words(page, "#draw-words", "takes this for a 7")
    assert not page.get_by_label("1", exact=True).is_checked()


def test_the_example_is_asked_about_again_with_another_source(lab):
    page = lab()
    page.select_option("#source", "02468")
    wait_for_words(page, "#draw-words", "^An example: it takes this for an? [02468]")


def test_a_source_that_does_not_come_is_told_and_asked_for_again(own_server):
    page, guest = own_server
    draw(page, "#draw-pad", THREE)
    wait_for_words(page, "#draw-words", "takes this for a 3")
    guest.context.route("**/02468.npz", lambda route: route.fulfill(body="<html>", content_type="text/html"))
    page.select_option("#source", "02468")
    wait_for_words(page, "#trouble", "something else")
    assert page.text_content("#draw-words") == "No answer to this yet."
    guest.context.unroute("**/02468.npz")
    page.select_option("#source", "13579")
    wait_for_words(page, "#draw-words", "takes this for a 3")
    assert page.locator("#trouble").is_hidden()
    page.select_option("#source", "02468")
    wait_for_words(page, "#draw-words", "takes this for an? [02468]")


def test_all_works_without_a_network_once_python_is_there(own_server):
    page, guest = own_server
    guest.context.set_offline(True)
    draw(page, "#draw-pad", THREE)
    wait_for_words(page, "#draw-words", "takes this for a 3")
    page.select_option("#steps", "30")
    bundled(page)
    assert teach(page).startswith("Done")
    page.select_option("#source", "56789")
    wait_for_words(page, "#trouble", "did not arrive")


@pytest.mark.parametrize(
    ("file", "how"),
    [
        ("pyodide.asm.wasm", "missing"),
        ("pyodide.asm.wasm", "cut"),
        ("manifest.json", "missing"),
        ("worker.js", "missing"),
    ],
)
def test_a_file_that_does_not_arrive_is_told(visit, file, how):
    guest = visit()
    wrong = {"status": 404} if how == "missing" else {"body": "half"}
    guest.context.route(f"**/{file}", lambda route: route.fulfill(**wrong))
    guest.page.goto(guest.address + "lab/index.html")
    wait_for_words(guest.page, "#trouble", "did not arrive")


def test_what_is_drawn_before_python_is_there_is_kept(visit):
    guest = visit(viewport={"width": 1200, "height": 900})
    held = threading.Event()
    waiting = []
    guest.context.route("**/numpy.zip", lambda route: route.continue_() if held.is_set() else waiting.append(route))
    guest.page.goto(guest.address + "lab/index.html")
    guest.page.wait_for_selector("#draw-pad canvas")
    assert guest.page.is_disabled("#draw-known")
    draw(guest.page, "#draw-pad", THREE)
    wait_for_words(guest.page, "#draw-words", "as soon as it is here")
    held.set()
    guest.page.reload()
    ready(guest.page)
    wait_for_words(guest.page, "#draw-words", "takes this for a 3")


DAMAGE = [
    ("symbols", 5),
    ("symbols", [5]),
    ("symbols", [{"name": "A", "learn": ["!!"], "later": []}]),
    ("strokes", [[]]),
    ("strokes", 5),
    ("draft", {"a": 1}),
    ("digit", "xyz"),
    ("source", "toString"),
    ("seeds", "1e9"),
    ("taught", {"learned": "[]", "steps": 300, "seeds": 1e9, "until": 3}),
    ("forgot", {"given": "", "until": 1e9}),
    ("rate", None),
    (None, "no JSON"),
]


def test_damaged_storage_costs_what_is_damaged_and_no_more(visit):
    for name, value in DAMAGE:
        guest = visit()
        state = {"steps": "100", **({name: value} if name and name != "symbols" else {})}
        kept = [{"name": "mine", "learn": [IMAGE], "later": []}] if name != "symbols" else value
        items = {KEY: json.dumps(state) if name else value, f"{KEY}, symbols": json.dumps(kept)}
        guest.page.add_init_script(
            f"if (!sessionStorage.seen) {{ Object.assign(localStorage, {json.dumps(items)}); sessionStorage.seen = 1 }}"
        )
        guest.page.goto(guest.address + "lab/index.html")
        guest.page.wait_for_selector("html[data-shell]", timeout=LONGEST)
        assert guest.page.input_value("#symbol-0-name") == ("A" if name == "symbols" else "mine"), (name, value)
        assert guest.page.input_value("#steps") == ("100" if name else "300"), (name, value)
        assert "damaged" in guest.page.text_content("#trouble") or name == "source", (name, value)
        assert guest.faults == [], (name, value)
        guest.context.close()


def test_a_class_takes_turns_and_one_undo_takes_it_back(lab, tmp_path):
    page = lab()
    page.fill("#symbol-1-name", "mine")
    page.press("#symbol-1-name", "Enter")
    before = page.evaluate(KEPT)["symbols"]
    form = "drawings of the transfer learning laboratory, version 1"
    files = []
    for pupil in range(30):
        images = [base64.b64encode(bytes([pupil + 1, place + 1]) * 392).decode() for place in range(10)]
        files.append(tmp_path / f"pupil{pupil}.json")
        symbols = [{"name": name, "learn": images, "later": []} for name in ("cat",)]
        files[-1].write_text(json.dumps({"format": form, "symbols": symbols}))
    page.set_input_files("#class-import", files)
    words = wait_for_words(page, "#class-words", "drawings added")
    assert len(words) < 300 and "110 drawings added" in words and "190 left out" in words
    mine, cat = page.evaluate(KEPT)["symbols"]
    assert (mine["name"], cat["name"]) == ("mine", "cat")
    assert {base64.b64decode(image)[0] for image in cat["learn"]} == set(range(1, 11))  # ten pupils, a drawing each
    page.click("#class-undo")
    assert page.evaluate(KEPT)["symbols"] == before


@pytest.mark.parametrize("part", ["teach", "forget"])
def test_a_double_click_starts_and_does_not_stop(part, lab):
    page = lab()
    bundled(page)
    page.dblclick(f"#{part}-start")
    assert wait_for_words(page, f"#{part}-words", "^(Done|Stopped)").startswith("Done")


def test_a_dot_is_told_and_the_focus_stays_on_the_pad(lab):
    page = lab()
    draw(page, "#teach-pad", [[(0.5, 0.5)]])
    wait_for_words(page, "#class-words", "single dot")
    page.click("#teach-pad button:has-text('Clear')")
    assert page.evaluate("document.activeElement.tagName") == "CANVAS"
    draw(page, "#teach-pad", CROSS)
    page.wait_for_selector("#teach-keep:enabled")


def test_the_focus_follows_the_buttons(lab):
    page = lab()
    bundled(page)
    page.select_option("#steps", "30")
    page.focus("#teach-start")
    page.keyboard.press("Enter")
    wait_for_words(page, "#teach-words", "^Done")
    assert page.evaluate("document.activeElement.id") == "teach-start"
    page.focus("#class-undo")
    page.keyboard.press("Enter")
    assert page.is_disabled("#class-undo") and page.evaluate("document.activeElement.id") == "class-clear"
