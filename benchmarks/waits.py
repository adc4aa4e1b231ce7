"""How long visitors of the site and its laboratory wait, in this machine's Chromium, and on a processor six times as slow.

make site && .venv-site/bin/python -m benchmarks.waits && make readme
"""

import contextlib
import json
import os
import signal
import statistics
import sys
import threading
import time
from pathlib import Path

from benchmarks.__main__ import machine
from helpers.files import atomic_write

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "results" / "waits.json"
ROUNDS = 5
SLOWER = 6  # times: a cheap phone
STROKES = [[(0.3, 0.2), (0.7, 0.3), (0.5, 0.5)], [(0.5, 0.5), (0.7, 0.7), (0.3, 0.85)], [(0.2, 0.8), (0.8, 0.2)]]
TURN = 0.01  # seconds that a slowed browser runs at a stretch: long beside what it takes to set a dozen processes going

NOW = "performance.now()"  # since the visit began
FIRST_VIEW = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
# How long it takes to show where a split of one's own lies among all.
LOOK_UP = """() => {
  for (const digit of "13579") document.querySelector(`input[name=digit][value="${digit}"]`).click();
  document.querySelector("#lucky-guess").value = "1";
  document.querySelector("input[name=beats]").click();
  const clicked = performance.now();
  document.querySelector("#lucky button").click();
  if (!document.querySelector("#lucky-said")) throw new Error("nothing is shown");
  return performance.now() - clicked;
}"""
# How long, in milliseconds, from a click until the words in a place begin in some way.
CLICK_AND_WAIT = """([button, place, beginning]) => new Promise((resolve) => {
  const words = document.querySelector(place), clicked = performance.now();
  new MutationObserver(() => {
    if (words.textContent.startsWith(beginning)) resolve(performance.now() - clicked);
  }).observe(words, { childList: true });
  document.querySelector(button).click();
})"""
# From the pen's lifting until the last change of the answer.
WATCH_ANSWERS = """() => {
  let lifted;
  document.querySelector("#draw-pad canvas").addEventListener("pointerup", () => { lifted = performance.now(); });
  new MutationObserver(() => { window.waited = performance.now() - lifted; })
    .observe(document.querySelector("#draw-words"), { childList: true });
}"""
# How long the page's own thread was ever busy at a stretch; the browser tells of what is longer than 50 ms.
WATCH_TASKS = """() => {
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
  }).observe({ type: "longtask" });
}"""


WAITS = {  # what a visitor waits for, the most seconds it should take, and what is shown of all visits
    "chapter": ("a chapter's first view, the slowest", 1, max),
    "split": ("a split looked up among all", 0.1, statistics.median),
    "shell": ("the laboratory's page", 1, statistics.median),
    "engine, cold": ("Python, first visit", 5, statistics.median),
    "engine, warm": ("Python, again", 3, statistics.median),
    "answer": ("an answer, once the pen is lifted", 0.1, statistics.median),
    "lesson": ("a lesson: 5 learners, 25 drawings, 300 steps", 8, statistics.median),
    "standstill": ("the page's longest standstill in it", 0.1, max),
    "lesson, slowed": (f"the lesson, {SLOWER} times slower", 30, statistics.median),
    "standstill, slowed": (f"the longest standstill, {SLOWER} times slower", 0.1, max),
}


def measure(rounds=ROUNDS):
    """Visit the built site's chapters and laboratory so many times, each in a browser without a past.

    Returns
    -------
    dict of str to list of float
        Milliseconds, one a visit (chapters: one each; answers: one a stroke), and the browser's version under "chromium".
    """
    sys.path[1:1] = [str(ROOT / "site"), str(ROOT / "site" / "tests")]
    import hands
    import serve
    from playwright.sync_api import sync_playwright

    measured = {}

    def note(key, value):
        measured.setdefault(key, []).append(round(value, 1))

    with serve.server(serve.HTML, "127.0.0.1", 0) as serving, sync_playwright() as playwright:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{serving.server_port}/"
        chapters = sorted(path.name for path in serve.HTML.glob("notebooks/0*.html"))
        for _ in range(rounds):
            browser = hands.open_browser(playwright)
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            for chapter in chapters:
                page.goto(f"{address}notebooks/{chapter}")
                note("chapter", page.wait_for_function(FIRST_VIEW).json_value())
            page.goto(f"{address}lucky.html")
            note("split", page.evaluate(LOOK_UP))
            page.goto(f"{address}lab/index.html")
            note("engine, cold", hands.ready(page).evaluate(NOW))
            note("shell", int(page.get_attribute("html", "data-shell")))
            page.reload()
            note("engine, warm", hands.ready(page).evaluate(NOW))
            page.evaluate(CLICK_AND_WAIT, ["#bundle-digits", "#class-words", "Taken"])
            for suffix, slowed in (("", contextlib.nullcontext()), (", slowed", _slowed(browser))):
                with slowed:
                    page.evaluate(WATCH_TASKS)
                    note(f"lesson{suffix}", page.evaluate(CLICK_AND_WAIT, ["#teach-start", "#teach-words", "Done"]))
                    note(f"standstill{suffix}", page.evaluate("window.longest"))
            page.evaluate(WATCH_ANSWERS)
            for stroke in STROKES:
                page.evaluate("window.waited = undefined")
                hands.draw(page, "#draw-pad", [stroke])
                page.wait_for_function("window.waited > 0")
                page.wait_for_timeout(500)  # the answer to the whole stroke may be under way
                note("answer", page.evaluate("window.waited"))
            version = browser.version
            browser.close()
        serving.shutdown()
    return measured | {"chromium": version}


@contextlib.contextmanager
def _slowed(browser):
    """The browser runs for a moment and stands still `SLOWER` - 1 times as long, again and again."""
    listed = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    over = threading.Event()

    def send(kind):
        for process in listed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process["id"], kind)

    def take_turns():
        began = time.perf_counter()
        while not over.wait(TURN):
            send(signal.SIGSTOP)
            ran = time.perf_counter() - began  # longer than a turn if this thread had to wait itself
            time.sleep((SLOWER - 1) * ran)
            began = time.perf_counter()
            send(signal.SIGCONT)

    turns = threading.Thread(target=take_turns)
    turns.start()
    try:
        yield
    finally:
        over.set()
        turns.join()


def markdown(report):
    """The waits as a table, for people, and how they were measured."""
    rows = ["| a visitor waits for | wanted | measured | least to most |", "| --- | --- | --: | --: |"]
    for key, (words, most, summary) in WAITS.items():
        seconds = [wait / 1000 for wait in report["milliseconds"][key]]
        missed = " (**missed**)" if summary(seconds) > most else ""
        between = f"{min(seconds):.2f} – {max(seconds):.2f}"
        rows.append(f"| {words} | at most {most:g} s | {summary(seconds):.2f} s{missed} | {between} |")
    machine = report["machine"]
    return "\n".join(rows) + (
        f"\n\nMedians over {len(report['milliseconds']['shell'])} visits, each by a browser without a past (standstills: the"
        f" longest; a browser tells of those over 50 ms): Chromium {report['chromium']}, {machine['cores']} cores"
        f" ({machine['processor']}), the site on the same machine. For the slow lesson the browser stands still {SLOWER - 1} times as"
        f" long as it runs. `{report['command']}` measures anew."
    )


def main():
    """Measure, and write results/waits.json."""
    measured = measure()
    report = {
        "command": "make site && .venv-site/bin/python -m benchmarks.waits",
        "machine": machine(),
        "chromium": measured.pop("chromium"),
        "milliseconds": measured,
    }
    with atomic_write(RESULT) as file:
        file.write((json.dumps(report, indent=1) + "\n").encode())
    print(markdown(report))


if __name__ == "__main__":
    main()
