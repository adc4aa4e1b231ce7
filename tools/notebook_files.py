"""The notebooks as files: which there are, and reading and writing them so that diffs stay small."""

import re
from pathlib import Path

import nbformat

from helpers.files import atomic_write

ROOT = Path(__file__).resolve().parent.parent
MACHINE_PATH = re.compile(
    r"(?<![\w.:/])/(?:home|Users|root|tmp|private|var|opt|usr|mnt|media|srv|work|workspace|content)/[^\s\"'<>]*"
    r"|\b[A-Z]:\\+(?:Users|Windows|Temp)[^\s\"'<>]*"
)


def all_notebooks():
    """Paths of every chapter, then of every worked solution and every appendix, in order."""
    folder = ROOT / "notebooks"
    return [path for room in ("", "solutions", "appendices") for path in sorted((folder / room).glob("*.ipynb"))]


def read_notebook(path):
    """The notebook at `path`, in the current format (which gives each cell an id)."""
    return nbformat.read(path, as_version=4)


def write_notebook(notebook, path):
    """Replace the notebook at `path`; a reader sees the old file or the new one, never half of one."""
    with atomic_write(path) as file:
        file.write(f"{nbformat.writes(notebook)}\n".encode())


def has_tag(cell, tag):
    """Whether a cell carries a tag such as `setup` or `nbval-ignore-output`."""
    return tag in cell.metadata.get("tags", [])


def code_cells(notebook):
    """The code cells that hold code, in order: these are the ones that get a number when run."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def problems(notebook):
    """What must not be stored in a notebook: errors, stderr, cells not run in order, paths of the author's machine.

    Returns
    -------
    list of str
        One sentence each, with the cell's number; empty if the notebook is clean.
    """
    faults = []
    for number, cell in enumerate(code_cells(notebook), 1):
        where = f"code cell {number} ({cell.source.splitlines()[0]})"
        if cell.execution_count != number:
            faults.append(f"{where} was not run in order: its count is {cell.execution_count}")
        for output in cell.outputs:
            if output.output_type == "error":
                return [*faults, f"{where} ended with {output.ename}: {output.evalue}"]  # the cells after it never ran
            elif output.get("name") == "stderr":
                faults.append(f"{where} wrote to stderr: {output.text.strip()}")
    for number, cell in enumerate(notebook.cells, 1):
        faults += [f"cell {number} shows a path of this machine: {path}" for path in MACHINE_PATH.findall(_texts(cell))]
    return faults


def _texts(cell):
    """All text of a cell and its outputs, without the images."""
    texts = [cell.source]
    for output in cell.get("outputs", []):
        texts.append(output.get("text", ""))
        texts += [text for kind, text in output.get("data", {}).items() if kind.startswith("text/")]
    return "\n".join(texts)
