"""The zips for a class: they run where they are unpacked, and the students' holds nothing that it should not."""

import json
import posixpath
import re
import subprocess
import sys
import zipfile
from pathlib import PurePosixPath

import nbformat
import pytest
from nbclient import NotebookClient

from tools import class_kit
from tools.notebook_files import ROOT

FORBIDDEN = re.compile(r"solutions/|For teachers")


@pytest.fixture(scope="module")
def kits(tmp_path_factory):
    """Both kits, packed and unpacked: a folder for each."""
    folder = tmp_path_factory.mktemp("kits")
    students = class_kit.students()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(class_kit, "ROOT", folder)  # `pack` says where it wrote
        class_kit.pack(folder / "students.zip", students)
    packed = (folder / "students.zip").read_bytes()
    zipfile.ZipFile(folder / "students.zip").extractall(folder)
    return folder / "transfer-learning-students", class_kit.teachers(packed)


def test_students_get_chapters_without_outputs_solutions_and_notes_for_teachers(kits):
    students, _ = kits
    chapters = sorted((students / "notebooks").glob("*.ipynb"))
    assert [path.name for path in chapters] == [path.name for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    assert (
        not list(students.rglob("*solution*"))
        and not (students / "site").exists()
        and not (students / "tests").exists()
    )
    for path in chapters:
        text = path.read_text(encoding="utf-8")
        assert FORBIDDEN.search(text) is None, path.name
        cells = json.loads(text)["cells"]
        assert [cell["outputs"] for cell in cells if cell["cell_type"] == "code" and cell["outputs"]] == []
        assert "## Exercises" in text


def test_what_follows_the_notes_for_teachers_stays():
    cell = nbformat.v4.new_markdown_cell(
        "## Exercises\n\nSolved in [solutions/01.ipynb](solutions/01.ipynb). Try first!\n\n## For teachers\n\n45 minutes.\n\n*Ask:* Why?\n\n"
        "**Next:** [2](02.ipynb)"
    )
    notebook = class_kit.for_students(nbformat.v4.new_notebook(cells=[cell]))
    assert notebook.cells[0].source == "## Exercises\n\nTry first!\n\n**Next:** [2](02.ipynb)"


def test_the_check_runs_where_the_kit_is_unpacked(kits):
    result = subprocess.run([sys.executable, "check.py"], cwd=kits[0], capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    assert re.search(r"Everything works: a network has learned the odd digits, 9\d% of them right", result.stdout)


def test_the_check_says_what_is_missing(kits):
    bare = [sys.executable, "-ES", "check.py"]  # without any package that is not Python's own
    result = subprocess.run(bare, cwd=kits[0], capture_output=True, text=True)
    assert result.returncode == 1 and result.stderr.startswith(
        "Not installed yet: numpy, matplotlib, pandas, jupyterlab"
    )


@pytest.mark.slow
def test_a_chapter_of_the_students_runs(kits):
    path = kits[0] / "notebooks" / "05_results.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = notebook.cells[:12]  # until it has read its tables; the rest is tested where it stands
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}).execute()


def test_teachers_get_solutions_lesson_plans_and_the_students_zip(kits):
    _, teachers = kits
    assert "students.zip" in teachers and "notebooks/solutions/01_data_loading.ipynb" in teachers
    assert len([name for name in teachers if re.fullmatch(r"lessons/lesson_\d\.md", name)]) == 5
    assert b"For teachers" in teachers["notebooks/01_data_loading.ipynb"]


def links(name, content):
    """The relative links in the prose of a page or a notebook."""
    text = content.decode()
    if name.endswith(".ipynb"):
        cells = nbformat.reads(text, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    addresses = re.findall(r"\]\(([^)\s]+)", text) + re.findall(r'(?:href|src)="([^"]+)"', text)
    return [address for address in addresses if not re.match(r"#|\w+:", address)]


@pytest.mark.parametrize("zipped", ["students", "teachers"])
def test_no_link_in_a_zip_is_dead(zipped, kits):
    kit = class_kit.students() if zipped == "students" else kits[1]
    pages = [name for name in kit if name.endswith((".md", ".ipynb"))]
    folders = {folder for name in kit for folder in map(str, PurePosixPath(name).parents)}
    followed, dead = 0, []
    for page in pages:
        for address in links(page, kit[page]):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(page), address.partition("#")[0]))
            followed += 1
            dead += [f"{page} → {address}"] if target not in kit and target not in folders else []
    assert dead == [] and followed > 30


def test_a_link_to_what_is_not_in_the_zip_becomes_words():
    kit = {
        "lessons/one.md": b"[page on luck](../lucky.md), [chapter](../notebooks/1.ipynb#a), [web](https://example.org), [here](#x)",
        "notebooks/1.ipynb": b"",
    }
    text = class_kit.without_dead_links(kit)["lessons/one.md"].decode()
    assert text == "page on luck, [chapter](../notebooks/1.ipynb#a), [web](https://example.org), [here](#x)"


def test_the_pages_of_a_zip_say_how_to_set_it_up_and_teachers_plans_promise_no_site(kits):
    for kit in (class_kit.students(), kits[1]):
        assert class_kit.INSTALL in kit["README.md"].decode()
    assert not any(b"make site-serve" in page for name, page in kits[1].items() if name.startswith("lessons/lesson_"))


def test_no_chapter_needs_tensorflow_but_those_that_the_students_readme_names():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        code = "".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
        uses = re.search(r"keras_bridge|load_mnist\(.keras.", code)
        assert bool(uses) == path.name.startswith("07"), path.name
