"""Build the site: check that tables and pages agree, gather the sources, call Sphinx, add the laboratory.

python site/build.py               # into site/_build/html
python site/build.py elsewhere     # into another folder
"""

import argparse
import shutil
import sys
from pathlib import Path

SITE = Path(__file__).resolve().parent
sys.path.insert(1, str(SITE.parent))

import staging  # noqa: E402
from lab import build as laboratory  # noqa: E402
from sphinx.cmd.build import build_main  # noqa: E402

from tools.badges import get_repository  # noqa: E402


def build(destination):
    """Build the site; SystemExit where Sphinx warns of anything, StalePageError where a page and its table disagree."""
    staging.check()
    source = destination.parent / "source"
    staging.stage(source)
    shutil.rmtree(destination, ignore_errors=True)
    options = ["-W", "--keep-going", "--quiet", "--fresh-env", "-c", SITE, "-d", destination.parent / "doctrees"]
    if problem := build_main([*map(str, options), str(source), str(destination)]):
        raise SystemExit(problem)
    laboratory.build(destination / "lab")
    page = (SITE / "404.html").read_text(encoding="utf-8")
    page = page.replace("{{address}}", address_on_github(get_repository()))
    (destination / "404.html").write_text(page, encoding="utf-8")
    (destination / ".nojekyll").touch()  # folders that begin with an underscore are pages, too


def address_on_github(repository):
    """Where GitHub's pages of `owner/name` begin, without the host: "/name/", or "/" for an owner's own site."""
    owner, _, name = repository.partition("/")
    return "/" if name.lower() in ("", f"{owner.lower()}.github.io") else f"/{name}/"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("destination", nargs="?", type=Path, default=SITE / "_build" / "html")
    build(parser.parse_args().destination.expanduser().resolve())
