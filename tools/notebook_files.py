"""The notebooks as files: which there are, and reading and writing them so that diffs stay small."""

import os
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent


def all_notebooks():
    """Paths of every chapter, then of every worked solution, in order."""
    folder = ROOT / "notebooks"
    return sorted(folder.glob("*.ipynb")) + sorted((folder / "solutions").glob("*.ipynb"))


def read_notebook(path):
    """The notebook at `path`, in the current format (which gives each cell an id)."""
    return nbformat.read(path, as_version=4)


def write_notebook(notebook, path):
    """Replace the notebook at `path`; a reader sees the old file or the new one, never half of one."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def has_tag(cell, tag):
    """Whether a cell carries a tag such as `setup` or `nbval-ignore-output`."""
    return tag in cell.metadata.get("tags", [])
