"""A notebook becomes a page that everybody can read: a small one, built by Sphinx with our extension alone."""

import base64
import re
import struct
import zlib

import nbformat
import pytest
from conftest import ROOT
from sphinx.cmd.build import build_main

CONF = f"""
import sys
sys.path.insert(0, {str(ROOT / "site")!r})
from conf import nb_execution_mode, nb_ipywidgets_js, nb_mime_priority_overrides
extensions = ["myst_nb", "notebook_pages"]
html_theme = "basic"
"""


def png(grey):
    """A picture of one pixel."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(bytes([0, grey]))), chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts)).decode()


def shown(grey, alt):
    return nbformat.v4.new_output("display_data", {"image/png": png(grey)}, metadata={"image/png": {"alt": alt}})


def words(alt):
    html = f"<details><summary>What this figure shows</summary>{alt}</details>"
    return nbformat.v4.new_output("display_data", {"text/html": html})


def code(source, tag, *outputs):
    return nbformat.v4.new_code_cell(source, metadata={"tags": [tag]}, outputs=list(outputs), execution_count=1)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The HTML of a notebook with everything that ours may hold."""
    source = tmp_path_factory.mktemp("source")
    badge = "[![Open in Colab](https://colab.research.google.com/badge.svg)](https://colab.research.google.com/x)"
    cells = [
        nbformat.v4.new_markdown_cell(f"# Title\n\n{badge}\n\nWords."),
        code("import the_setup", "setup"),
        code(
            "two_figures()",
            "none",
            shown(1, "The first falls."),
            words("The first falls."),
            shown(2, "The second rises."),
        ),
        code("assert all_is_well", "hide-input"),
        code("answer()", "hide-output", nbformat.v4.new_output("stream", name="stdout", text="forty-two")),
        code("plots.show(figure, 'It rises.')", "hide-output", shown(4, "It rises.")),
        code("plots.show(figure, 'It lies.')", "hide-input", shown(5, "It lies.")),
        code("widgets.draw_a_digit(network)", "none", shown(3, "A drawn three.")),
        code("widgets.ravine()", "none", shown(6, "A ravine.")),
        nbformat.v4.new_markdown_cell("## Exercise 1: a thing\n\nIts solution."),
        nbformat.v4.new_markdown_cell("## Afterwards\n\nNo solution."),
    ]
    folder = source / "solutions"
    folder.mkdir()
    language = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=language), folder / "small.ipynb")
    (source / "conf.py").write_text(CONF, encoding="utf-8")
    (source / "index.md").write_text("# Index\n\n```{toctree}\nsolutions/small\n```\n", encoding="utf-8")
    assert build_main(["-W", "--quiet", str(source), str(source / "html")]) == 0
    return (source / "html" / "solutions" / "small.html").read_text(encoding="utf-8")


def test_each_picture_has_its_own_words_and_they_stand_there_once(page):
    alts = re.findall(r'<img alt="([^"]*)"', page)
    assert alts == ["The first falls.", "The second rises.", "It rises.", "It lies.", "A drawn three.", "A ravine."]
    assert "What this figure shows" not in page


def test_the_still_of_a_widget_that_the_laboratory_has_leads_there(page):
    assert page.count("../lab/index.html") == 1
    before, after = page.split("../lab/index.html")
    assert "A drawn three." in before and "A ravine." in after
    assert "unpkg" not in page and "requirejs" not in page.lower()


def test_badges_and_set_up_are_left_out_checks_and_answers_folded(page):
    assert "badge.svg" not in page and "the_setup" not in page and "Words." in page
    for text in ("all_is_well", "forty-two"):
        before = page[: page.index(text)]
        assert before.rfind("<details") > before.rfind("</details>"), text


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("The check of the lines above", ["all_is_well"], ["two_figures"]),
        ("The answer, once you have guessed", ["forty-two"], ["answer"]),
        ("After your guess: code and answer", ["plots", "It rises."], ["forty-two"]),
        ("The code of this picture", ["plots"], ["<img"]),
    ],
)
def test_a_fold_says_what_is_in_it(page, name, inside, outside):
    (fold,) = re.findall(rf"<details [^>]*><summary><p[^>]*>{name}</p></summary>(.*?)</details>", page, re.DOTALL)
    assert all(words in fold for words in inside) and not any(words in fold for words in outside), fold


def test_a_solution_is_folded_and_what_follows_is_not(page):
    folded = re.search(r'<details class="solution">.*?</details>', page, re.DOTALL).group()
    assert "Its solution." in folded and "No solution." not in folded
