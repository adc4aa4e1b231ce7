"""What the README says is what the project holds."""

import re
from pathlib import Path

import pytest

from tools import readme

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_generated_block_equals_the_stored_results():
    assert readme.fill_in(TEXT) == TEXT, "run `make readme`"


def test_a_changed_number_would_be_noticed():
    number = re.search(r"9\d\.\d\d ± \d\.\d\d", TEXT).group()
    assert readme.fill_in(TEXT.replace(number, "99.99 ± 0.00", 1)) == TEXT


def test_a_missing_block_is_an_error():
    with pytest.raises(SystemExit, match="few-labels"):
        readme.fill_in(TEXT.replace("<!-- few-labels -->", ""))


def test_every_local_link_and_picture_exists():
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        if "://" not in target:
            assert (ROOT / target).exists(), target


def test_every_picture_has_alt_text():
    assert re.findall(r"!\[([^\]]*)\]", TEXT)
    assert all(len(alt) > 20 for alt in re.findall(r"!\[([^\]]*)\](?!\(https)", TEXT))


def test_every_module_of_the_library_is_named():
    for path in (ROOT / "helpers").glob("[a-z]*.py"):
        assert f"`{path.stem}`" in TEXT, path.name


def test_the_code_in_the_readme_runs(capsys):
    code = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL).group(1)
    code = code.replace("odd.train,", "odd.train.subset(per_class=50, seed=0),")  # the whole part would take seconds
    exec(compile(code, "README.md", "exec"), {})
    accuracy = float(re.search(r"([\d.]+)% of the even test images right", capsys.readouterr().out).group(1))
    assert 50 < accuracy < 100


def test_imports_only_point_towards_the_front_of_the_list_in_the_readme():
    listed = re.search(r"`helpers/` reads from the bottom up:(.*?)An import", TEXT, re.DOTALL).group(1)
    order = [name for name in re.findall(r"`(\w+)`", listed) if (ROOT / "helpers" / f"{name}.py").is_file()]
    for number, name in enumerate(order):
        code = (ROOT / "helpers" / f"{name}.py").read_text(encoding="utf-8")
        imported = set(re.findall(r"from helpers\.(\w+) import", code)) | set(
            re.findall(r"from helpers import (\w+)", code)
        )
        assert imported <= set(order[:number]), f"{name} imports {imported - set(order[:number])}"
