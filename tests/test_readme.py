"""What the README and the other pages say is what the project holds."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

import studies
from helpers.show import network_picture
from tools import class_kit, readme
from tools.notebook_files import all_notebooks, code_cells, has_tag, read_notebook

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
RESULTS_PAGE = (ROOT / "results" / "README.md").read_text(encoding="utf-8")
PAGES = [
    *readme.PAGES,
    "CONTRIBUTING.md",
    "results/README.md",
    "results/FINDINGS.md",
    "results/CONTROLS.md",
    "data/README.md",
]


@pytest.mark.parametrize("page", readme.PAGES)
@pytest.mark.slow
def test_every_generated_block_equals_the_stored_results(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    assert readme.fill_in(page, text) == text, "run `make readme`"


def test_the_picture_of_the_network_is_what_the_library_draws():
    picture = (ROOT / "results" / "network.svg").read_text(encoding="utf-8")
    assert picture == network_picture.svg(readme.transferred()), "run `make readme`"


def test_a_changed_number_would_be_noticed():
    [share] = re.findall(r"removes \d+ %", TEXT)
    assert readme.fill_in("README.md", TEXT.replace(share, "removes 99 %")) == TEXT


def test_a_missing_block_is_an_error():
    with pytest.raises(SystemExit, match="README.md has no block <!-- found -->"):
        readme.fill_in("README.md", TEXT.replace("<!-- found -->", ""))


def test_the_line_without_tensorflow_installs_all_that_chapters_0_to_6_import():
    assert f"\n{class_kit.INSTALL}\n" in TEXT
    packages = set(class_kit.PACKAGES.split())
    required = {re.split(r"[>=]", one)[0] for one in (ROOT / "requirements.txt").read_text().splitlines()}
    assert packages <= required
    here = set(sys.stdlib_module_names) | {"helpers", "studies"}
    imported = set()
    for path in all_notebooks():
        if path.name < "07":
            for cell in code_cells(read_notebook(path)):
                if not has_tag(cell, "needs-tensorflow"):
                    imported |= set(re.findall(r"^\s*(?:import|from) (\w+)", cell.source, re.MULTILINE))
    assert imported - here <= {*packages, "IPython"}


def anchors(page):
    """What a page says itself, and what GitHub gives to its headings."""
    text = page.read_text(encoding="utf-8")
    lines = re.findall(r"^#+ (.+)", text, re.MULTILINE)
    slugs = [re.sub(r"[^\w -]", "", line).lower().replace(" ", "-") for line in lines]
    return [*slugs, *re.findall(r'<a id="([^"]+)">', text)]


@pytest.mark.parametrize("page", PAGES)
def test_every_local_link_and_picture_exists(page):
    folder = (ROOT / page).parent
    for target in re.findall(r'\]\(([^)\s]+)(?: "[^"]*")?\)', (ROOT / page).read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        if "://" not in target:
            assert (folder / path).exists(), target
            assert not anchor or anchor in anchors(folder / path if path else ROOT / page), target


@pytest.mark.parametrize("page", [*PAGES, "Makefile", "requirements.txt", "constraints.txt"])
def test_every_command_leads_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    if page.endswith(".md"):
        text = "\n".join(map("".join, re.findall(r"```bash\n(.*?)```|`([^`\n]+)`", text, re.DOTALL)))
    targets = re.search(r"\.PHONY: (.*)", (ROOT / "Makefile").read_text(encoding="utf-8")).group(1).split()
    for line in re.findall(r"^make ([a-z -]+)", text, re.MULTILINE):
        assert set(line.split()) <= set(targets), line
    for module in re.findall(r" -m ((?:tools|helpers|benchmarks|studies)[\w.]*)", text):
        assert importlib.util.find_spec(module), module
    for file in re.findall(r"python ([\w/]+\.py)|-[rc] ([\w/]+\.txt)", text):
        assert (ROOT / "".join(file)).is_file(), file


def test_every_study_is_listed_with_its_command():
    listed = re.findall(r"^\| `(\w+)` \|.*\| `python -m studies (\w+)` \|$", RESULTS_PAGE, re.MULTILINE)
    assert listed == [(name, name) for name in studies.NAMES]


def test_every_picture_has_alt_text():
    assert re.findall(r"!\[([^\]]*)\]", TEXT)
    assert all(len(alt) > 20 for alt in re.findall(r"!\[([^\]]*)\](?!\(https)", TEXT))


def test_the_code_in_the_readme_runs(capsys):
    code = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL).group(1)
    code = code.replace("odd.train,", "odd.train.subset(per_class=50, seed=0),")  # the whole part would take seconds
    exec(compile(code, "README.md", "exec"), {})
    accuracy = float(re.search(r"([\d.]+)% of the even test images right", capsys.readouterr().out).group(1))
    assert 50 < accuracy < 100
