"""The lesson plans agree with the chapters."""

import json
import re

import pytest
from conftest import ROOT

LESSONS = sorted((ROOT / "site" / "pages" / "lessons").glob("lesson_*.md"))
PARTS = ["Aims", "What to show", "Ask, and what you will hear", "In the laboratory", "Homework, with its check"]


def chapter(text):
    """The path and the minutes of a plan's chapter."""
    path = ROOT / "notebooks" / re.search(r"notebooks/(\w+\.ipynb)", text).group(1)
    opening = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
    return path, int(re.search(r"(\d+) minutes", opening).group(1))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_plan_takes_the_minutes_of_its_chapter(path):
    text = path.read_text(encoding="utf-8")
    _, minutes = chapter(text)
    assert int(re.search(r"\*\*(\d+) minutes\*\*", text).group(1)) == minutes
    assert sum(map(int, re.findall(r"^\| (\d+) \|", text, re.MULTILINE))) == minutes
    assert re.findall(r"^## (.+)", text, re.MULTILINE) == PARTS


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_homework_has_a_check(path):
    text = path.read_text(encoding="utf-8")
    number, exercise = re.search(r'check\("(\d)\.(\d)", …\)', text).groups()
    notebook = chapter(text)[0]
    assert notebook.name.startswith(f"0{number}_")
    assert re.search(rf'check\(\\"{number}\.{exercise}\\"', notebook.read_text(encoding="utf-8"))


def test_the_list_of_lessons_agrees_with_the_plans():
    rows = re.findall(
        r"\((lesson_\d)\.md\) \| .+ \| (\d+) \|", (LESSONS[0].parent / "index.md").read_text(encoding="utf-8")
    )
    assert dict(rows) == {path.stem: str(chapter(path.read_text(encoding="utf-8"))[1]) for path in LESSONS}
