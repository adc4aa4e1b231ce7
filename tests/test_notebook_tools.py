"""The tools around the notebooks do what they promise: badges, clean execution, and pytest's own settings."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.execute_notebooks import main as execute_notebooks
from tools.notebook_files import ROOT, problems, read_notebook


def code(source, *tags, **more):
    return new_code_cell(source, metadata={"tags": list(tags)} if tags else {}, **more)


def save(path, *cells):
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


class TestBadges:
    @pytest.fixture
    def project(self, tmp_path):
        """A project with one notebook, and this one's tools."""
        shutil.copytree(ROOT / "tools", tmp_path / "tools")
        (tmp_path / "notebooks").mkdir()
        title = new_markdown_cell("# 1. Title\n\n<!-- badges -->\n<!-- /badges -->\n\nText")
        save(tmp_path / "notebooks" / "00_in_ten_minutes.ipynb", title, code("", "setup"))
        (tmp_path / "README.md").write_text("# Title\n<!-- badges -->\nold\n<!-- /badges -->\nText\n")
        return tmp_path

    def run_python(self, project, *arguments):
        """Python, with the project's own tools and the real helpers."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)

    def run(self, project, *arguments):
        return self.run_python(project, "-m", "tools.badges", *arguments)

    def test_one_command_sets_the_address_everywhere_and_a_second_one_changes_nothing(self, project):
        assert self.run(project, "owner/name").returncode == 0
        path = project / "notebooks" / "00_in_ten_minutes.ipynb"
        title, setup = read_notebook(path).cells
        for text in (title.source, (project / "README.md").read_text()):
            assert "/github/owner/name/blob/main/notebooks/00_in_ten_minutes.ipynb)" in text
            assert "/gh/owner/name/main?urlpath=lab/tree/notebooks/00_in_ten_minutes.ipynb)" in text
        assert title.source.startswith("# 1. Title\n\n<!-- badges -->\n[![") and title.source.endswith("-->\n\nText")
        assert 'os.environ.get("REPOSITORY_URL", "https://github.com/owner/name")' in setup.source
        before = path.read_bytes()
        assert "wrote" not in self.run(project).stdout
        assert path.read_bytes() == before

    def test_without_an_address_there_are_none(self, project):
        assert self.run(project).returncode == 0
        title = read_notebook(project / "notebooks" / "00_in_ten_minutes.ipynb").cells[0]
        for text in (title.source, (project / "README.md").read_text()):
            assert "<!-- badges -->\n<!-- /badges -->\n" in text

    @pytest.mark.parametrize("address", ["name", "https://example.org/owner/name", "owner/na me"])
    def test_another_form_of_address_is_refused(self, project, address):
        result = self.run(project, address)
        assert (result.returncode, "owner/name" in result.stderr) == (2, True)

    def test_a_notebook_without_the_markers_is_named(self, project):
        save(project / "notebooks" / "02_odd.ipynb", new_markdown_cell("# 2. No markers"), code("", "setup"))
        result = self.run(project)
        assert (result.returncode, "notebooks/02_odd.ipynb" in result.stderr) == (1, True)

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
    @pytest.mark.parametrize(
        "write",
        [
            "badges.set_repository('owner/name')",
            "badges.fill_readme()",
            "path = badges.all_notebooks()[0]; badges.write_notebook(badges.read_notebook(path), path)",
        ],
    )
    def test_a_disk_that_is_full_in_mid_write_leaves_the_old_file_and_nothing_else(self, project, write):
        def files():
            return {path: path.read_bytes() for path in project.rglob("*") if path.suffix != ".pyc" and path.is_file()}

        limit = "from tools import badges; import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))"
        before = files()
        assert "OSError" in self.run_python(project, "-c", f"{limit}; {write}").stderr
        assert files() == before


def test_execution_stores_what_a_reader_should_see_and_nothing_else(tmp_path):
    bar = "from tqdm.auto import tqdm\nprint('a')\nfor i in tqdm(range(3)):\n    pass\nprint('b')"
    cells = code(bar, "nbval-ignore-output"), code("i + 1", execution_count=7), new_markdown_cell("Text")
    path = save(tmp_path / "good.ipynb", *cells)
    assert execute_notebooks([str(path)]) == 0
    stored = read_notebook(path)
    assert problems(stored) == []
    assert "".join(output.text for output in stored.cells[0].outputs) == "a\nb\n"
    assert stored.cells[1].outputs[0].data == {"text/plain": "3"}
    assert [cell.id for cell in stored.cells] == [cell.id for cell in cells]
    before = path.read_bytes()
    assert execute_notebooks([str(path)]) == 0
    assert path.read_bytes() == before


def test_execution_stores_the_still_of_a_widget_and_pytest_accepts_it(tmp_path, monkeypatch):
    pytest.importorskip("anywidget")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    path = save(tmp_path / "widget.ipynb", code("from helpers.show import widgets\nwidgets.ravine()"))
    assert execute_notebooks([str(path)]) == 0
    picture, words = read_notebook(path).cells[0].outputs
    assert set(picture.data) == {"image/png", "text/plain"} and set(picture.metadata) == {"image/png"}
    assert picture.data["text/plain"] == picture.metadata["image/png"]["alt"] in words.data["text/html"]
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", path]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0 and "1 passed" in result.stdout, result.stdout


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("1 / 0", "code cell 2 (1 / 0) ended with ZeroDivisionError"),
        ("import sys; print('oops', file=sys.stderr)", "wrote to stderr: oops"),
        ("'/home/reader/x'", "shows a path of this machine: /home/reader/x"),
        ("import os; os._exit(3)", "Kernel died"),
    ],
)
def test_execution_refuses_to_store_a_notebook_with_a_problem(tmp_path, capsys, source, complaint):
    path = save(tmp_path / "bad.ipynb", code("1 + 1"), code(source), code("2 + 2"))
    before = path.read_bytes()
    assert execute_notebooks([str(path)]) == 1
    assert complaint in capsys.readouterr().out
    assert path.read_bytes() == before


# The cell ends, and its output comes six seconds later, as on a busy machine. (Flushing would make its end wait.)
LATE = """import sys, time
sys.stdout.flush = sys.stderr.flush = lambda: None
get_ipython().kernel.iopub_thread.io_loop.add_callback(time.sleep, 6)
6"""


def test_a_bare_pytest_compares_outputs_waits_for_them_and_skips_tensorflow_with_a_reason(tmp_path):
    for name in ("pyproject.toml", "notebooks/conftest.py", "tests/nbval_sanitize.cfg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)

    def shown(source, text, *tags):
        output = nbformat.v4.new_output("stream", name="stdout", text=text)
        return code(source, *tags, outputs=[output], execution_count=1)

    save(
        tmp_path / "notebooks" / "any.ipynb",
        shown("print('in 1.25 s')", "in 0.7 s\n"),
        shown("print(2)", "1\n"),
        shown("print(2)", "1\n", "nbval-ignore-output"),
        code("import tensorflow", "needs-tensorflow"),
        code(LATE, outputs=[nbformat.v4.new_output("execute_result", {"text/plain": "6"})], execution_count=1),
    )
    without_tensorflow = "import sys, pytest; sys.modules['tensorflow'] = None; sys.exit(pytest.main(['-rA']))"
    result = subprocess.run([sys.executable, "-c", without_tensorflow], cwd=tmp_path, capture_output=True, text=True)
    summary = result.stdout[result.stdout.index("short test summary") :]
    assert "FAILED notebooks/any.ipynb::Cell 1" in summary
    assert "TensorFlow is not installed" in summary
    assert "1 failed, 3 passed, 1 skipped" in summary
