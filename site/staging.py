"""The pages' sources, gathered in one folder for Sphinx: what the project holds, and what is made from its tables."""

import ast
import hashlib
import json
import re
import shutil
from pathlib import Path

import lucky
import receipts

from tools import class_kit, findings, readme
from tools.badges import get_repository

SITE = Path(__file__).resolve().parent
ROOT = SITE.parent
RESULTS = ROOT / "results"


COPIED = (  # what pages are made from, and what they link to
    *(
        "notebooks/*.ipynb",
        "notebooks/solutions/*.ipynb",
        "notebooks/appendices/*.ipynb",
        "notebooks/GLOSSARY.md",
        "benchmarks/README.md",
    ),
    *(
        "results/*.csv",
        "results/*.json",
        "results/*.png",
        "results/*.svg",
        "results/CONTROLS.md",
        "results/TABLES.md",
    ),
    *("helpers/**/*.py", "studies/**/*.py", "main.py", "LICENSE"),
)


NAMES = {"numpy": "NumPy", "matplotlib": "Matplotlib", "tensorflow": "TensorFlow", "keras": "Keras"}


class StalePageError(Exception):
    """A stored table has changed, and a page that quotes it has not."""


def studies():
    """What is known of each stored study: a dict of its name to its `results/NAME.json`."""
    stored = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))}
    return {name: study for name, study in stored.items() if "files" in study}


def check():
    """Raise an error unless tables, findings and README agree with each other."""
    for name, study in studies().items():
        for file, digest in study["files"].items():
            if hashlib.sha256((RESULTS / file).read_bytes()).hexdigest() != digest:
                raise StalePageError(
                    f"results/{file} is not what results/{name}.json describes: `python -m studies {name}`"
                )
    if findings.page(findings.findings()) != findings.PAGE.read_text(encoding="utf-8"):
        raise StalePageError("results/FINDINGS.md is not what the tables say: `python -m tools.findings`")
    for page in readme.PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        if readme.fill_in(page, text) != text:
            raise StalePageError(f"{page} is not what the tables say: `python -m tools.readme`")


def footer():
    """Dates and versions of the results and of the chapters' outputs, in lines that stand on every page."""
    every = studies().values()
    dates = sorted({study["date"] for study in every})
    versions = sorted({version for study in every for version in study["versions"]})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    pinned = re.findall(r"^([\w-]+)==([\d.]+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    of_chapters = ", ".join(f"{NAMES[name]} {version}" for name, version in pinned if name in NAMES)
    return (
        f"<p>Studies of {when}: {'; '.join(versions)}. Outputs of the chapters: {of_chapters}; the tests repeat them."
        " Code and texts: MIT licence; MNIST: CC BY-SA 3.0.</p>"
    )


def stage(source):
    """Write the pages' sources.

    Parameters
    ----------
    source : Path
        A folder; what it holds is replaced.
    """
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(SITE / "pages", source)
    shutil.copytree(SITE / "static", source / "static")
    for path in (path for pattern in COPIED for path in ROOT.glob(pattern)):
        target = source / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    fill(source / "index.md", chapters=readme.chapters(), project=project())
    fill(source / "lucky.md", data=lucky.data())
    for name, plan in class_kit.lessons().items():
        write(source / "lessons" / name, plan)
    page, of_studies = receipts.receipts(findings.findings(), studies())
    write(source / "results" / "FINDINGS.md", page)
    for name, text in of_studies.items():
        write(source / "results" / "receipts" / f"{name}.md", text)
    for name, text in api().items():
        write(source / "api" / f"{name}.md", text)


def write(path, text):
    """Write a page, and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def fill(path, **texts):
    """Put texts where a page says {{name}}."""
    page = path.read_text(encoding="utf-8")
    for name, text in texts.items():
        page = page.replace(f"{{{{{name}}}}}", text)
    path.write_text(page, encoding="utf-8")


def project():
    """The whole project, as a link if it has an address."""
    repository = get_repository()
    return f"[the whole project](https://github.com/{repository})" if repository else "your copy of the whole project"


def api():
    """A page for each module of the library, from its docstrings, and their index: a dict of names to Markdown."""
    pages, lines = {}, ["| module | what lives there |", "|---|---|"]
    helpers = ROOT / "helpers"
    for path in sorted(helpers.rglob("*.py"), key=lambda path: (path.parent != helpers, path.parts)):
        module = ".".join(path.relative_to(helpers).with_suffix("").parts).removesuffix("__init__").rstrip(".")
        what = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()[0]
        if path.stem == "__init__":
            lines += [f"| **{module}** | **{what}** |"] if module else []
        else:
            lines.append(f"| [{module}]({module}.md) | {what} |")
            pages[module] = f"# {module}\n\n```{{eval-rst}}\n.. automodule:: helpers.{module}\n```\n"
    toctree = "\n".join(["```{toctree}", ":hidden:", *pages, "```"])
    opening = (
        "# The library\n\nWhat the chapters explain, in its tested form. It needs NumPy alone; everything else is"
        " imported where it is used.\n"
    )
    pages["index"] = "\n".join([opening, *lines, "", toctree, ""])
    return pages
