"""The built site, served on this machine, and a browser that notices what it should not have asked for or complained of."""

import sys
import threading
from pathlib import Path

import hands
import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "site")]

import serve  # noqa: E402

HTML = ROOT / "site" / "_build" / "html"
PAGES = sorted(str(path.relative_to(HTML)) for path in HTML.rglob("*.html") if "_static" not in path.parts)


@pytest.fixture(scope="session")
def address():
    """Where the site is served, with a slash at its end."""
    with serve.server(HTML, "127.0.0.1", 0) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}/"
        serving.shutdown()


@pytest.fixture(scope="session")
def browser():
    """One browser for all tests."""
    with sync_playwright() as playwright:
        launched = hands.open_browser(playwright)
        yield launched
        launched.close()


class Visit:
    """A page in a browser of its own, and the faults that were noticed: requests elsewhere, errors, missing files."""

    def __init__(self, browser, address, **options):
        self.address, self.faults = address, []
        self.context = browser.new_context(**options)
        self.context.route("**/*", self._only_ours)
        self.page = self.context.new_page()
        self.page.on("console", lambda said: said.type in ("error", "warning") and self.faults.append(said.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _only_ours(self, route):
        if route.request.url.startswith((self.address, "data:", "blob:")):
            route.continue_()
        else:
            self.faults.append(f"a request to {route.request.url}")
            route.abort()

    def open(self, name):
        """Open one of the site's pages, until everything that it asked for is there."""
        self.page.goto(self.address + name, wait_until="networkidle")
        return self.page


@pytest.fixture
def visit(browser, address):
    """Make visits: `visit(address=…, **options of the browser's context)`."""
    made = []

    def make(address=address, **options):
        made.append(Visit(browser, address, **options))
        return made[-1]

    yield make
    for one in made:
        one.context.close()


@pytest.fixture
def lab(visit):
    """Visit the laboratory with Python ready: `lab(**options of the browser's context)`; faults fail the test."""
    guests = []

    def make(**options):
        guest = visit(**({"viewport": {"width": 1200, "height": 900}} | options))
        guests.append(guest)
        guest.page.goto(guest.address + "lab/index.html")
        return hands.ready(guest.page)

    yield make
    assert [guest.faults for guest in guests] == [[]] * len(guests)
