"""The zips for a class: they run where they are unpacked, and the students' holds nothing that it should not."""

import json
import re
import subprocess
import sys
import zipfile

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


def test_the_set_up_leaves_tensorflow_out_and_is_of_one_line():
    assert class_kit.install_line().startswith("python -m pip install numpy ")
    assert "tensorflow" not in class_kit.install_line()


def test_a_chapter_of_the_students_runs(kits):
    path = kits[0] / "notebooks" / "05_results.ipynb"  # it reads the stored tables
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}).execute()


def test_teachers_get_solutions_lesson_plans_and_the_students_zip(kits):
    _, teachers = kits
    assert "students.zip" in teachers and "notebooks/solutions/01_data_loading.ipynb" in teachers
    assert len([name for name in teachers if re.fullmatch(r"site/pages/lessons/lesson_\d\.md", name)]) == 5
    assert b"For teachers" in teachers["notebooks/01_data_loading.ipynb"]
