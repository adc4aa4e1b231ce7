"""The floor plan: which package may import which."""

import ast

import pytest

from tools.notebook_files import ROOT

# An import points to a room further up, or to a file of the same room that does not lead back. Files that stand beside
# the rooms of helpers belong to none and come first.
ROOMS = ("helpers.data", "helpers.evidence", "helpers.nn", "helpers.transfer", "helpers.show", "helpers.checks")
ROOMS += ("helpers.exercises", "helpers", "studies", "benchmarks", "tools", "main", "site")
MOST_FILES = 8
SHOWS_ITSELF = ("helpers.nn.network", "helpers.show.network_picture")  # a network draws itself in a notebook
FOLDERS = "helpers", "studies", "tools", "benchmarks", "site", "main.py"
FILES = sorted(
    path
    for folder in FOLDERS
    for path in ([ROOT / folder] if folder.endswith(".py") else (ROOT / folder).rglob("*.py"))
    if not {"tests", "_build", ".cache"} & set(path.relative_to(ROOT).parts)
)


def module_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in FILES}


def imported(code, package=""):
    """The modules of this project that a file imports, at its top or inside a function."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            start = ".".join([*above, node.module] if node.module else above)
            names |= {f"{start}.{alias.name}" for alias in node.names}
    found = set()
    for name in names:
        while name and name not in MODULES:  # a function or a class: the module that holds it
            name = name.rpartition(".")[0]
        found |= {name} if name else set()
    return found


def room_of(module):
    """Its place in ROOMS; -1 for the files that stand beside the rooms of helpers."""
    best = max((room for room in ROOMS if module == room or module.startswith(f"{room}.")), key=len)
    return -1 if best == "helpers" and module != "helpers" else ROOMS.index(best)


IMPORTS = {
    module: imported(path.read_text(encoding="utf-8"), module if path.stem == "__init__" else module.rpartition(".")[0])
    for module, path in MODULES.items()
}


def test_every_import_is_noticed():
    code = (
        "import helpers\nfrom helpers import files\nfrom helpers.nn import layers, losses\nfrom .network import Network"
    )
    every = {"helpers", "helpers.files", "helpers.nn.layers", "helpers.nn.losses", "helpers.nn.network"}
    assert imported(f"{code}\nimport numpy.random\nfrom os import path", "helpers.nn") == every
    inside = "\n".join(f"    {line}" for line in code.splitlines())
    assert imported(f"def late():\n{inside}", "helpers.nn") == every


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_to_rooms_further_up(module):
    wrong = {
        other
        for other in IMPORTS[module]
        # `from helpers import fit` takes a public name: fine for all that stands outside of helpers
        if room_of(other) > room_of(module) and (module, other) != SHOWS_ITSELF
    }
    assert wrong == set(), f"{module} may not import {sorted(wrong)}"


@pytest.mark.parametrize("module", MODULES)
def test_no_import_leads_back(module):
    reached, ahead = set(), set(IMPORTS[module]) - {module}
    while ahead:
        reached |= ahead
        edges = {(one, other) for one in ahead for other in IMPORTS[one]} - {SHOWS_ITSELF}
        ahead = {other for _, other in edges} - reached
    assert module not in reached


def test_rooms_stay_small_enough_to_be_seen_at_a_glance():
    rooms = [path for path in (ROOT / "helpers").iterdir() if (path / "__init__.py").exists()]
    crowded = {
        room.name: len(files)
        for room in rooms
        if len(files := [f for f in room.glob("*.py") if f.stem != "__init__"]) > MOST_FILES
    }
    assert {name: count for name, count in crowded.items() if name != "exercises"} == {}  # a file each chapter
    assert len([path for path in (ROOT / "helpers").glob("*.py")]) <= 6
