"""What visitors of the laboratory do: they open a browser, draw, wait for words, teach, and read the table."""

import shutil

THREE = [[(0.3, 0.2), (0.55, 0.15), (0.7, 0.28), (0.5, 0.45), (0.7, 0.6), (0.62, 0.82), (0.3, 0.85)]]
SEVEN = [[(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)]]
CROSS = [[(0.2, 0.2), (0.8, 0.8)], [(0.8, 0.2), (0.2, 0.8)]]
KEY = "transfer-learning-laboratory, version 1"
KEPT = f"({{...JSON.parse(localStorage['{KEY}'] ?? '{{}}'), symbols: JSON.parse(localStorage['{KEY}, symbols'] ?? 'null')}})"

LONGEST = 300_000  # milliseconds that a test waits for anything: a machine may be busy


def open_browser(playwright):
    """The machine's Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "this drives Chromium, which is not installed here: apt-get install chromium"
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])


def ready(page):
    page.set_default_timeout(LONGEST)
    page.wait_for_selector("html[data-ready]")
    return page


def draw(page, place, drawing):
    """Draw strokes by mouse on the pad in a place."""
    canvas = page.locator(f"{place} canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for stroke in drawing:
        (x, y), *others = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(x, y)
        page.mouse.down()
        for x, y in others:
            page.mouse.move(x, y, steps=5)
        page.mouse.up()


def wait_for_words(page, place, pattern):
    page.wait_for_function(
        "([place, pattern]) => new RegExp(pattern).test(document.querySelector(place).textContent)",
        arg=[place, pattern],
        timeout=LONGEST,
    )
    return page.text_content(place)


def teach(page):
    page.click("#teach-start")
    return wait_for_words(page, "#teach-words", r"^(Done|Stopped)")


def shares(page):
    """What the table shows: the share of later drawings that each strategy gets right, in per cent."""
    rows = page.locator("#teach-scores tr").all()
    return {row.get_attribute("data-strategy"): int(row.locator("td").first.text_content().split()[0]) for row in rows}


def bundled(page, which="symbols"):
    """Take the symbols, or the digits, that come with the page."""
    page.click(f"#bundle-{which}")
    wait_for_words(page, "#class-words", "^Taken")


def keep(page, index, drawing, use="learn"):
    """Draw a symbol, and keep the drawing."""
    page.check(f"#symbol-{index}")
    page.check(f"input[value={use}]")
    draw(page, "#teach-pad", drawing)
    page.click("#teach-keep:enabled")


def forget(page):
    page.click("#forget-start")
    return wait_for_words(page, "#forget-words", "^(Done|Stopped)")


def teach_and_forget(page):
    """Fill the page: bundled symbols are taught, and old digits forgotten."""
    bundled(page)
    page.select_option("#steps", "30")
    teach(page)
    forget(page)
