"""What a newcomer relies on: requirements, the Makefile, the licence, and NumPy alone."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from packaging.requirements import Requirement

from tools.notebook_files import ROOT

SYSTEMS = {  # the environment markers of the systems that requirements.txt tells apart
    "Linux, Intel or AMD": ("linux", "x86_64", "tensorflow-cpu"),
    "Linux, ARM": ("linux", "aarch64", "tensorflow"),
    "Mac, Apple silicon": ("darwin", "arm64", "tensorflow"),
    "Mac, Intel": ("darwin", "x86_64", None),
    "Windows": ("win32", "AMD64", "tensorflow"),
}
MAKE = shutil.which("make")
needs_make = pytest.mark.skipif(
    MAKE is None or sys.platform == "win32", reason="there is no make; see the plain commands"
)


def requirements(file="requirements.txt"):
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and line[0] not in "#-"]


def constraints():
    """The exact versions by package."""
    lines = requirements("constraints.txt")
    assert {part.operator for one in lines for part in one.specifier} == {"=="}
    return {one.name: next(iter(one.specifier)).version for one in lines}


def test_requirements_are_lower_bounds_only():
    every = [one for folder in (".", "benchmarks", "site") for one in requirements(f"{folder}/requirements.txt")]
    assert [str(one) for one in every if not {part.operator for part in one.specifier} <= {">="}] == []


def test_constraints_name_a_version_that_satisfies_each_requirement():
    exact = constraints()
    required = {one.name: one.specifier for one in requirements() + requirements("benchmarks/requirements.txt")}
    assert set(exact) - {"keras"} == set(required)  # that one comes with TensorFlow
    assert [name for name, bounds in required.items() if exact[name] not in bounds] == []


@pytest.mark.skipif(shutil.which("git") is None or not (ROOT / ".git").exists(), reason="this is not a git clone")
def test_constraints_are_the_versions_of_the_stored_races():
    changed = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", "results/benchmarks.json"], cwd=ROOT).returncode
    if changed:
        pytest.skip("results/benchmarks.json is not the stored report: `make bench` ran here")
    exact = constraints()
    report = json.loads((ROOT / "results" / "benchmarks.json").read_text(encoding="utf-8"))
    raced = {name: version.partition("+")[0] for name, version in report["versions"].items()}
    assert {name: exact[name] for name in raced} == raced
    assert exact["tensorflow-cpu"] == exact["tensorflow"]


def test_the_workflow_tries_the_oldest_numpy_alone():
    workflow = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    tried = re.search(r"numpy==([\d.]+)", workflow).group(1)
    (lowest,) = (one.specifier for one in requirements() if one.name == "numpy")
    assert f">={tried}".startswith(f"{lowest}.")


@pytest.mark.parametrize("python", ["3.10", "3.13", "3.14"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_tensorflow_is_required_just_where_it_has_a_wheel(system, python):
    platform, machine, expected = SYSTEMS[system]
    markers = {"sys_platform": platform, "platform_machine": machine, "python_version": python}
    chosen = [one.name for one in requirements() if one.name.startswith("tensorflow") and one.marker.evaluate(markers)]
    assert chosen == ([expected] if expected and python != "3.14" else [])


def test_environment_for_conda_and_binder_installs_the_requirements():
    yaml = pytest.importorskip("yaml")  # a part of Jupyter
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert {"pip": ["-r requirements.txt"]} in environment["dependencies"]
    assert "pip" in environment["dependencies"]


@needs_make
def test_make_sets_up_once_and_again_when_the_requirements_change(tmp_path):
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path / name)

    def planned():
        return subprocess.run(
            [MAKE, "--no-print-directory", "-n", "run"], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout

    assert "pip install" in planned()
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "ready").touch()
    os.utime(tmp_path / "requirements.txt", (1, 1))
    assert planned().split() == [".venv/bin/python", "main.py"]
    os.utime(tmp_path / "requirements.txt")
    os.utime(tmp_path / ".venv" / "ready", (1, 1))
    assert "pip install" in planned()


@needs_make
def test_make_serves_the_site_at_any_port():
    planned = subprocess.check_output([MAKE, "-n", "site-serve", "PORT=8080"], cwd=ROOT, text=True)
    assert "site/serve.py --port 8080\n" in planned


@needs_make
def test_make_help_lists_every_target():
    targets = re.search(r"\.PHONY: (.*)", (ROOT / "Makefile").read_text(encoding="utf-8")).group(1).split()
    listed = subprocess.run(
        [MAKE, "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert [line.split()[1] for line in listed.splitlines()] == targets


def test_this_python_can_set_the_project_up():
    bare = [sys.executable, "-ES"]  # without any package that is not Python's own, as before the set-up
    assert subprocess.run([*bare, "-c", "import numpy"], capture_output=True).returncode == 1
    result = subprocess.run([*bare, "-m", "tools.check_python"], cwd=ROOT, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


def test_licences_of_code_and_data():
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License\n")
    assert "CC BY-SA 3.0" in (ROOT / "data" / "README.md").read_text(encoding="utf-8")


def test_citation_has_what_its_format_asks_for_and_agrees_with_the_licence():
    yaml = pytest.importorskip("yaml")  # a part of Jupyter
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0" and citation["type"] == "software"
    assert all(citation[key] for key in ("message", "title", "abstract", "keywords"))
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith(f"{citation['license']} License\n")
    assert [author["name"] for author in citation["authors"]] == re.findall(r"Copyright \(c\) \d+ (.+)", licence)
    for reference in citation["references"]:
        assert {"type", "title", "authors"} <= set(reference)
    cited = {author["family-names"] for reference in citation["references"] for author in reference["authors"]}
    assert {"LeCun", "Yosinski"} <= cited


def test_everything_but_figures_keras_and_studies_works_with_numpy_alone():
    command = [sys.executable, ROOT / "tests" / "numpy_alone.py"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    assert "alone: imported, trained, transferred, evaluated, saved and loaded" in result.stdout
