"""What every notebook must be, beside running (nbval does that): complete, clean, short, and usable alone."""

import itertools
import os
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbconvert import ScriptExporter

from tools.badges import fill_notebook, setup_source
from tools.execute_notebooks import KERNEL, metadata_of, stills
from tools.notebook_files import ROOT, all_notebooks, code_cells, has_tag, problems, read_notebook

NOTEBOOKS = all_notebooks()
CHAPTERS = [path for path in NOTEBOOKS if path.parent.name == "notebooks"]
EXERCISE = re.compile(r"^(?:#+ |\*\*)Exercise (\d+)", re.MULTILINE)
SKELETON = {
    "what you will do": r"what you(?: wi|['’])ll do",
    "what you will learn": r"what you(?: wi|['’])ll learn",
    "what you need": r"what you(?: wi|['’]l)?l? ?need",
    "how long it takes": r"\d+ minutes",
    "a Predict first box": r"predict first",
    "What we learned": r"^#+ .*what we learned",
    "Exercises": r"^#+ .*exercises",
    "Further reading": r"^#+ .*further reading",
    "For teachers": r"^#+ .*for teachers",
}


def markdown(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def name(path):
    return path.relative_to(ROOT / "notebooks").as_posix()


@pytest.fixture
def notebook(path):
    return read_notebook(path)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=map(name, NOTEBOOKS))
class TestEveryNotebook:
    def test_is_valid_and_small(self, path, notebook):
        nbformat.validate(notebook)
        assert path.stat().st_size < 1_200_000

    def test_ran_in_order_without_errors_stderr_or_machine_paths(self, notebook):
        assert problems(notebook) == []

    def test_stores_nothing_that_changes_from_run_to_run(self, notebook):
        assert notebook.metadata == KERNEL
        for cell in notebook.cells:
            assert cell.metadata == metadata_of(cell)
            assert stills(cell.get("outputs", [])) == cell.get("outputs", [])

    def test_a_failing_check_is_given_words_from_the_start(self, notebook):
        words = [place for place, cell in enumerate(notebook.cells) if "from helpers.exercises import" in cell.source]
        checks = [place for place, cell in enumerate(notebook.cells) if cell.source.startswith("assert ")]
        assert words and words[0] < min(checks, default=len(notebook.cells))

    def test_code_cells_are_few_and_short(self, notebook):
        cells = [cell for cell in code_cells(notebook) if not has_tag(cell, "hide-input")]
        assert len(cells) <= 50
        assert statistics.median(len(cell.source.splitlines()) for cell in cells) <= 6
        assert [cell.source for cell in cells if len(cell.source.splitlines()) > 30] == []

    def test_badges_and_setup_cell_are_current(self, path, notebook):
        expected = read_notebook(path)
        fill_notebook(expected, path.relative_to(ROOT).as_posix())
        assert notebook == expected, "run: make badges"

    def test_every_output_is_compared_or_asserted(self, notebook):
        """What is not compared is asserted: in the cell itself, or further down in its section."""
        for place, cell in enumerate(notebook.cells):
            assert not has_tag(cell, "nbval-skip") and not has_tag(cell, "raises-exception")
            assert cell.cell_type != "code" or "NBVAL_" not in cell.source
            if has_tag(cell, "nbval-ignore-output"):
                rest = itertools.takewhile(lambda other: not other.source.startswith("#"), notebook.cells[place + 1 :])
                code = [cell, *(other for other in rest if other.cell_type == "code")]
                claims = "\n".join(other.source for other in code)
                assert "assert" in claims, f"neither compared nor asserted: {cell.source}"

    def test_values_are_shown_and_not_whether_they_are_right(self, notebook):
        outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
        texts = [output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in outputs]
        assert len(re.findall(r"\b(?:True|False)\b", "\n".join(texts))) <= 5

    def test_images_have_alt_text(self, notebook):
        for cell in code_cells(notebook):
            assert "plt.show()" not in cell.source, "plots.show(figure, alt) shows a figure with words"
            for output in cell.outputs:
                assert "image/png" not in output.get("data", {}) or output.metadata["image/png"]["alt"]
        text = markdown(notebook)
        assert re.findall(r"!\[\s*\]\S*", text) == []
        assert [tag for tag in re.findall(r"<img[^>]*>", text) if not re.search(r'alt="[^"]+"', tag)] == []

    def test_local_links_lead_to_files(self, path, notebook):
        links = re.findall(r"\]\(([^)\s#]+)[^)]*\)|(?:href|src)=\"([^\"#]+)", markdown(notebook))
        local = [link for pair in links for link in pair if link and not re.match(r"[a-z]+:", link)]
        assert [link for link in local if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", CHAPTERS, ids=map(name, CHAPTERS))
class TestEveryChapter:
    @pytest.mark.parametrize("part", SKELETON)
    def test_has_the_common_skeleton(self, notebook, part):
        assert re.search(SKELETON[part], markdown(notebook), re.IGNORECASE | re.MULTILINE)

    def test_has_three_exercises_with_solutions(self, path, notebook):
        exercises = EXERCISE.findall(markdown(notebook))
        solutions = path.parent / "solutions" / path.name
        assert len(exercises) >= 3
        assert exercises == [str(number) for number in range(1, len(exercises) + 1)]
        assert solutions.is_file() and EXERCISE.findall(markdown(read_notebook(solutions))) == exercises
        assert f"](solutions/{path.name})" in markdown(notebook)

    def test_minutes_agree(self, notebook):
        """At the head, and in the note for teachers."""
        text = markdown(notebook)
        for_teachers = re.split(r"^#+ .*for teachers", text, flags=re.IGNORECASE | re.MULTILINE)[1]
        assert len({re.search(r"(\d+) minutes", part).group(1) for part in (text, for_teachers)}) == 1

    def test_exercises_have_a_check_or_say_what_a_good_answer_has(self, path, notebook):
        chapter, cells = int(path.name[:2]), notebook.cells
        starts = [place for place, cell in enumerate(cells) if EXERCISE.search(cell.source)]
        text = "\n".join(cell.source for cell in cells[starts[0] :])
        for number, exercise in enumerate(re.split(r"^#+ Exercise \d+", text, flags=re.MULTILINE)[1:], 1):
            assert f'check("{chapter}.{number}",' in exercise or "good answer" in exercise, number

    def test_links_to_the_next_chapter(self, path, notebook):
        for following in CHAPTERS[CHAPTERS.index(path) + 1 :][:1]:
            assert f"]({following.name})" in markdown(notebook)


def run_setup_cell(folder, url=""):
    """Run the set-up cell as a script in `folder`."""
    code = setup_source() + "\nimport helpers\nprint(helpers.__file__)"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**environment, "REPOSITORY_URL": url},
        capture_output=True,
        text=True,
    )


def test_setup_cell_is_silent_and_finds_this_project_from_its_folders():
    for folder in {ROOT, *(path.parent for path in NOTEBOOKS)}:
        result = run_setup_cell(folder, url="no such address")
        assert (Path(result.stdout.strip()), result.stderr) == (ROOT / "helpers" / "__init__.py", "")


def test_setup_cell_without_an_address_says_what_to_do(tmp_path):
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "__init__.py").write_text("")  # a stranger's package of the same name is not taken for ours
    result = run_setup_cell(tmp_path)
    assert result.returncode == 1
    assert "needs the project's helpers folder: download the whole project or set REPOSITORY_URL" in result.stderr


@pytest.fixture(scope="session")
def origin(tmp_path_factory):
    """The address of a clone of this project, standing in for the one on the web."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    if not (ROOT / ".git").exists():
        pytest.skip("this copy of the project is not a git clone")
    folder = tmp_path_factory.mktemp("origin") / "project"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder.as_uri()


def test_setup_cell_fetches_the_project_once(tmp_path, origin):
    expected = tmp_path / "transfer-learning-from-scratch" / "helpers" / "__init__.py"
    for url in (origin, "no such address"):  # the second time, nothing is fetched
        result = run_setup_cell(tmp_path, url)
        assert (Path(result.stdout.strip()), result.stderr) == (expected, "")


@pytest.mark.slow
def test_a_lone_notebook_runs_as_a_script_in_an_empty_folder(tmp_path, origin, monkeypatch):
    code, resources = ScriptExporter().from_filename(CHAPTERS[1])
    script = tmp_path / f"chapter_1{resources['output_extension']}"
    script.write_text(f"{code}\nimport helpers\nprint(helpers.__file__)", encoding="utf-8")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("REPOSITORY_URL", origin)
    result = subprocess.run([sys.executable, script.name], cwd=tmp_path, capture_output=True, text=True)
    used = tmp_path / "transfer-learning-from-scratch" / "helpers" / "__init__.py"
    assert (script.name, result.stderr, result.stdout.splitlines()[-1]) == ("chapter_1.py", "", str(used))
    assert "Ten handwritten odd digits in a row" in result.stdout and "image/png" not in result.stdout


def test_a_folded_check_that_fails_says_what_to_do():
    code = "from helpers.exercises import check\nassert 1 > 2"
    result = subprocess.run([sys.executable, "-m", "IPython", "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert "restart the kernel and run all cells" in result.stdout
