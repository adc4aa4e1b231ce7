"""The set-up that a newcomer relies on: requirements, the Makefile, the licence, what git ignores."""

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


def requirements():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


def test_requirements_are_lower_bounds_only():
    assert [str(one) for one in requirements() if {part.operator for part in one.specifier} != {">="}] == []


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
