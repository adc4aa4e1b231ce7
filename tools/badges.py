"""Fill in the badges and the set-up cell of every notebook, and the badges of the README: `make badges`.

    python -m tools.badges               # write both anew (running it again changes nothing)
    python -m tools.badges owner/name    # set the repository's address on GitHub first

The address stands in one place, `tools/setup_cell.py`, which is also the source of the set-up cell. As long as it is
empty there, so are the badges.
A notebook's first cell holds its title and, between the markers `<!-- badges -->` and `<!-- /badges -->`, its badges.
One code cell, tagged `setup`, holds the set-up cell. What stands in either is replaced.
"""

import argparse
import re
import sys

from helpers.files import atomic_write
from tools.notebook_files import ROOT, all_notebooks, has_tag, read_notebook, write_notebook

SETUP_CELL = ROOT / "tools" / "setup_cell.py"
README = ROOT / "README.md"
ADDRESS = re.compile(r'(?<="REPOSITORY_URL", ")[^"]*')
BLOCK = re.compile(r"(?<=<!-- badges -->\n).*?(?=<!-- /badges -->)", re.DOTALL)


def setup_source():
    """The code of the set-up cell."""
    return SETUP_CELL.read_text(encoding="utf-8").rstrip("\n")


def set_repository(repository):
    """Store the address of `owner/name` on GitHub."""
    text = SETUP_CELL.read_text(encoding="utf-8")
    text = ADDRESS.sub(f"https://github.com/{repository}", text)
    with atomic_write(SETUP_CELL) as file:
        file.write(text.encode())


def get_repository():
    """The stored `owner/name`, or an empty string."""
    return ADDRESS.search(setup_source()).group().removeprefix("https://github.com/")


def badges(repository, notebook, workflow=False):
    """The Markdown of a badge block.

    Parameters
    ----------
    repository : str
        `owner/name`, or an empty string, for which there are no badges.
    notebook : str
        Path of the notebook inside the repository.
    workflow : bool
        Whether to begin with the badge of the tests.
    """
    if not repository:
        return ""
    github = f"https://github.com/{repository}/actions/workflows/test.yml"
    colab = f"https://colab.research.google.com/github/{repository}/blob/main/{notebook}"
    binder = f"https://mybinder.org/v2/gh/{repository}/main?urlpath=lab/tree/{notebook}"
    lines = [f"[![Tests]({github}/badge.svg)]({github})"] if workflow else []
    lines += [
        f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab})",
        f"[![Open in Binder](https://mybinder.org/badge_logo.svg)]({binder})",
    ]
    return "\n".join(lines) + "\n"


def fill_text(text, block, where):
    """`text` with `block` between its badge markers."""
    if len(BLOCK.findall(text)) != 1:
        raise ValueError(f"{where} needs the lines <!-- badges --> and <!-- /badges --> once, in this order")
    return BLOCK.sub(lambda _: block, text)


def fill_notebook(notebook, path):
    """Put the badges and the set-up cell of the notebook at `path` (inside the repository) in place."""
    first = notebook.cells[0]
    first.source = fill_text(first.source, badges(get_repository(), path), f"{path}: the first cell")
    setup = [cell for cell in notebook.cells if cell.cell_type == "code" and has_tag(cell, "setup")]
    if len(setup) != 1:
        raise ValueError(f"{path} needs one code cell tagged 'setup', but has {len(setup)}")
    setup[0].source = setup_source()


def fill_readme():
    """Put the badges of the README in place; whether that changed it."""
    before = README.read_text(encoding="utf-8")
    block = badges(get_repository(), "notebooks/00_in_ten_minutes.ipynb", workflow=True)
    text = fill_text(before, block, "README.md")
    if text != before:
        with atomic_write(README) as file:
            file.write(text.encode())
    return text != before


def main(arguments=None):
    """The command behind `make badges`."""
    parser = argparse.ArgumentParser(prog="python -m tools.badges", description=__doc__.partition("\n")[0])
    parser.add_argument("repository", nargs="?", help="owner/name on GitHub, stored for the next time")
    options = parser.parse_args(arguments)
    if options.repository:
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", options.repository):
            parser.error(f"{options.repository!r} is not of the form owner/name")
        set_repository(options.repository)
    try:
        for path in all_notebooks():
            notebook, before = read_notebook(path), read_notebook(path)
            fill_notebook(notebook, path.relative_to(ROOT).as_posix())
            if notebook != before:
                write_notebook(notebook, path)
                print(f"wrote {path.relative_to(ROOT)}")
        if fill_readme():
            print("wrote README.md")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"The address is {get_repository() or 'not set yet: make badges REPOSITORY=owner/name'}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
