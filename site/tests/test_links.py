"""No dead link inside the site, and no missing anchor: every page is read, without a browser."""

from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
import staging
from build import address_on_github
from conftest import HTML, PAGES


class Reader(HTMLParser):
    """The addresses that a page points to, and the anchors that it offers."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src") and value:
                self.links.append(value)
            if name == "id" or (name == "name" and tag == "a"):
                self.anchors.add(value)


READ = {name: Reader(HTML / name) for name in PAGES}


def dead(name):
    """The links of a page that lead nowhere."""
    for link in READ[name].links:
        address, anchor = urldefrag(link)
        if urlsplit(link).scheme or link.startswith("//"):
            continue
        base = HTML if address.startswith("/") else (HTML / name).parent
        target = (base / unquote(urlsplit(address).path).lstrip("/")).resolve() if address else HTML / name
        target = target / "index.html" if target.is_dir() else target
        if not target.is_file():
            yield f"{name} → {link}: no such file"
        elif anchor and target.suffix == ".html" and unquote(anchor) not in READ[str(target.relative_to(HTML))].anchors:
            yield f"{name} → {link}: no such anchor"


def test_no_link_is_dead():
    assert [problem for name in PAGES for problem in dead(name)] == []


@pytest.mark.parametrize(
    ("repository", "address"), [("", "/"), ("anna/digits", "/digits/"), ("Anna/anna.github.io", "/")]
)
def test_the_page_for_what_is_not_there_knows_where_the_site_begins(repository, address):
    assert address_on_github(repository) == address


def test_nothing_is_loaded_from_elsewhere():
    for name in PAGES:
        text = (HTML / name).read_text(encoding="utf-8")
        assert 'src="http' not in text and '<link rel="stylesheet" href="http' not in text, name


def test_every_page_can_be_reached():
    reached, waiting = set(), ["index.html"]
    while waiting:
        name = waiting.pop()
        if name in reached or name not in READ:
            continue
        reached.add(name)
        for link in READ[name].links:
            address = urldefrag(link)[0]
            if address and not urlsplit(link).scheme:
                target = ((HTML / name).parent / unquote(address)).resolve()
                if target.is_relative_to(HTML):
                    waiting.append(str(target.relative_to(HTML)))
    assert sorted(set(PAGES) - reached - {"404.html", "_modules/index.html"}) == []


def test_every_page_says_when_its_results_were_made_and_with_what():
    for name in PAGES:
        if name != "404.html" and not name.startswith("lab/"):
            assert staging.footer() in (HTML / name).read_text(encoding="utf-8"), name
