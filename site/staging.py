"""The pages' sources, gathered in one folder for Sphinx: what the project holds, and what is made from its tables."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import lucky
import receipts

from benchmarks import report
from tools import findings, readme

SITE = Path(__file__).resolve().parent
ROOT = SITE.parent
RESULTS = ROOT / "results"


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
                raise StalePageError(f"results/{file} is not what results/{name}.json describes: `python -m studies {name}`")
    if findings.page() != findings.PAGE.read_text(encoding="utf-8"):
        raise StalePageError("results/FINDINGS.md is not what the tables say: `python -m tools.findings`")
    if readme.speed() not in readme.README.read_text(encoding="utf-8"):
        raise StalePageError("README.md's section on speed is not what results/benchmarks.json says: `make readme`")


def footer():
    """Date and versions of the results, in a line that stands on every page."""
    every = studies().values()
    dates = sorted({study["date"] for study in every})
    versions = sorted({version for study in every for version in study["versions"]})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    return f"<p>Stored results of {when}: {'; '.join(versions)}. Code and texts: MIT licence; MNIST: CC BY-SA 3.0.</p>"


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
    for pattern in ("notebooks/*.ipynb", "notebooks/solutions/*.ipynb", "results/*.csv", "results/*.json", "results/*.png"):
        for path in ROOT.glob(pattern):
            target = source / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    for path in (*ROOT.glob("helpers/**/*.py"), *ROOT.glob("studies/**/*.py"), *ROOT.glob("benchmarks/*.py"), ROOT / "main.py"):
        target = source / path.relative_to(ROOT)  # what pages link to, as a download
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    shutil.copyfile(ROOT / "LICENSE", source / "LICENSE")
    fill(source / "index.md", chapters=readme.chapters())
    fill(source / "lucky.md", data=lucky.data())
    write(source / "speed.md", speed())
    page, of_studies = receipts.receipts(findings.PAGE.read_text(encoding="utf-8"), studies())
    write(source / "results" / "FINDINGS.md", page)
    write(source / "results" / "CONTROLS.md", (RESULTS / "CONTROLS.md").read_text(encoding="utf-8"))
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


def speed():
    """README's section on speed, as a page."""
    text = readme.README.read_text(encoding="utf-8")
    return "# Speed\n" + re.search(r"^## How fast it is\n(.*?)^## ", text, re.DOTALL | re.MULTILINE).group(1)


def rooms():
    """CONTRIBUTING's list of the library's files: (modules, what lives there) of each row."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("## The rooms of helpers\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \| (.+) \|$", section, re.MULTILINE)
    return [(re.findall(r"`(\w+)(?:\.py|/)?`", files), what) for files, what in rows]


def api():
    """A page for each module of the library, from its docstrings, and their index: a dict of names to Markdown."""
    pages, lines = {}, ["| module | what lives there |", "|---|---|"]
    for modules, what in rooms():
        lines.append(f"| {', '.join(f'[{module}]({module}.md)' for module in modules)} | {what} |")
        for module in modules:
            pages[module] = f"# helpers.{module}\n\n```{{eval-rst}}\n.. automodule:: helpers.{module}\n```\n"
    toctree = "\n".join(["```{toctree}", ":hidden:", *pages, "```"])
    opening = (
        "# The library\n\nWhat the chapters explain, in its tested form. It needs NumPy alone; everything else is"
        " imported where it is used. A module imports only from those above it in this list.\n"
    )
    pages["index"] = "\n".join([opening, *lines, "", toctree, ""])
    return pages
