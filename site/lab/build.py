"""Build the laboratory: the page, Python for the browser, the project's own helpers, networks and images.

    python site/lab/build.py DESTINATION

What it writes works behind any static server, in any folder, and asks no other address for anything.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

LAB = Path(__file__).resolve().parent
ROOT = LAB.parent.parent
for folder in (ROOT, LAB.parent, LAB):  # helpers; lab; and the modules that the browser finds without a package
    if str(folder) not in sys.path:
        sys.path.append(str(folder))

from laboratory import Laboratory  # noqa: E402
from lessons import TAUGHT  # noqa: E402

from helpers import load_mnist  # noqa: E402
from helpers.transfer.census import in_words  # noqa: E402
from helpers.transfer.strategies import STRATEGIES  # noqa: E402
from lab import engine, pictures, sources  # noqa: E402

PAD = "js/pad.js"  # shared with the notebooks; one of the first files here, so a build that broke off is known by it
EXAMPLE = 3  # the digit that is shown, with what Python says of it, until the browser's Python is there


def build(destination):
    """Write the laboratory into a folder.

    Parameters
    ----------
    destination : Path
        An earlier laboratory there is replaced.

    Raises
    ------
    FileExistsError
        There is something else in that folder.
    EngineError
        A package that the browser needs cannot be fetched, or is not the one that was tried.
    """
    if destination.exists():
        if any(destination.iterdir()) and not (destination / PAD).exists():
            raise FileExistsError(f"{destination} holds something else than a laboratory; choose an empty folder")
        shutil.rmtree(destination)
    shutil.copytree(LAB / "static", destination)
    shutil.copy(ROOT / "helpers" / "show" / "pad.js", destination / PAD)

    (destination / "js" / "strategies.js").write_text(_strategies(), encoding="utf-8")
    for name in ("engine", "data"):
        (destination / name).mkdir()
    engine.add(destination / "engine")
    engine.pack(destination / "engine" / "project.zip", _project_files())
    sizes = {path.name: path.stat().st_size for path in sorted((destination / "engine").iterdir())}
    _write_json(destination / "engine" / "sizes.json", sizes)

    data = destination / "data"
    pictures.save(data, load_mnist())
    for path in sources.networks(engine.CACHE):
        shutil.copy(path, data)
    named, places = sources.named(), {digits: in_words(digits) for digits in sources.SPLITS}
    laboratory = Laboratory(data)
    [[image]] = laboratory.bundled([EXAMPLE], 0, 1)
    example = {"image": image, "answer": laboratory.answer(next(iter(named)), image)}
    _write_json(data / "manifest.json", {"named": list(named.items()), "places": places, "example": example})


def _strategies():
    """The learners, in the order of the page, as a module of JavaScript: their names and looks are those of all figures."""
    shown = {key: (STRATEGIES[key].label, STRATEGIES[key].look) for key in TAUGHT}
    shown["mean"] = "nearest mean of features", STRATEGIES["head-then-all"].look  # which is not taught here
    learners = {
        key: {"name": name, "colour": look.colour, "dash": " ".join(f"{2 * float(n):g}" for n in look.dash.split())}
        for key, (name, look) in shown.items()
    }
    return f"export const STRATEGIES = {json.dumps(learners, indent=1)};\n"


def _project_files():
    """What the browser imports: all of helpers, byte for byte, its drawings, and the two modules of the laboratory."""
    files = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in sorted((ROOT / "helpers").rglob("*.py"))}
    files["data/drawings.json"] = (ROOT / "data" / "drawings.json").read_bytes()
    return files | {name: (LAB / name).read_bytes() for name in ("laboratory.py", "lessons.py")}


def _write_json(path, content):
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("destination", type=Path, help="the folder to write")
    build(parser.parse_args().destination.expanduser().resolve())
