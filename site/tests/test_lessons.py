"""The lesson plans agree with the chapters."""

import json
import re

import pytest
from conftest import ROOT

from helpers.transfer.census import look_up
from tools import class_kit

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


def sections(text):
    """The numbered sections of a plan's chapter, those that the plan shows, and those that it leaves for home."""
    cells = json.loads(chapter(text)[0].read_text(encoding="utf-8"))["cells"]
    headings = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    numbers = re.findall(r"^## ([\d.]*\d)\.? ", headings, re.MULTILINE)
    shown = ", ".join(re.findall(r"^\| \d+ \| ([^|]+) \|", text, re.MULTILINE)).split(", ")
    at_home = re.search(r"^Left for home: (.+)$", text, re.MULTILINE)
    return (
        numbers,
        shown,
        re.findall(r"(?<![\w.])\d+(?:\.\d+)?", at_home[1].partition(". In two")[0] if at_home else ""),
    )


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_each_section_of_the_chapter_is_shown_or_left_for_home(path):
    numbers, shown, at_home = sections(path.read_text(encoding="utf-8"))
    assert len(numbers) >= 5
    assert shown.count("laboratory") == 1
    assert sorted([*(place for place in shown if place != "laboratory"), *at_home]) == sorted(numbers)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_plan_says_when_the_laboratory_is_used_and_for_how_long(path):
    text = path.read_text(encoding="utf-8")
    minutes = re.search(r"^\| (\d+) \| (?:[\d., ]+, )?laboratory \|", text, re.MULTILINE)[1]
    words = {"5": "Five", "10": "Ten", "15": "Fifteen"}[minutes]
    exercise = text.partition("## In the laboratory\n")[2].partition("\n## ")[0].strip()
    assert re.match(rf"{words} minutes, (after section [\d.]+|at the end)[.,]", exercise)
    assert "[laboratory](../lab.md)" in exercise


def test_numbers_of_the_plans_come_from_the_tables(visit):
    assert not any(re.search(r"\brank \d|\bof 252\b", path.read_text(encoding="utf-8")) for path in LESSONS)
    pair = look_up("13579")["fine-tune"]
    assert f"rank {pair.rank:.0f} of {pair.splits}" in class_kit.lessons()["lesson_5.md"]
    assert (
        f"rank {pair.rank:.0f} of {pair.splits}"
        in visit().open("lessons/lesson_5.html").locator("article").inner_text()
    )


def test_what_chapters_say_is_what_plans_say():
    cells = json.loads((ROOT / "notebooks" / "02_numpy_network.ipynb").read_text(encoding="utf-8"))["cells"]
    said = " ".join("".join(cell["source"]).replace("\n", " ") for cell in cells)
    assert "Which of the four curves come down?" in said
    assert "three bugs: which of the four curves come down?" in LESSONS[1].read_text(encoding="utf-8")
