"""Pack the series for a class, into output/class/: students.zip and teachers.zip. `make class`

    python -m tools.class_kit

Students get the chapters without outputs, teachers' notes and solutions; the library, the data and the stored tables;
a set-up of one line, without TensorFlow; and `check.py`, which says whether that worked. Teachers get all of it: the
chapters as they are stored, the solutions, the lesson plans, and the students' zip. Where a page links to what only the
project or its site has, the zip keeps the words and drops the link.
"""

import posixpath
import re
import zipfile

import nbformat

from helpers.files import atomic_write
from helpers.transfer.census import look_up
from tools.notebook_files import ROOT, read_notebook

DESTINATION = ROOT / "output" / "class"
BOTH = (
    *("LICENSE", "main.py", "helpers/**/*.py", "helpers/show/*.js", "studies/**/*.py", "data/*"),
    *("results/*.csv", "results/*.npz", "results/*.json", "results/*.md", "results/*.png", "benchmarks/README.md"),
    "notebooks/GLOSSARY.md",
)
TEACHERS_ONLY = ("notebooks/*.ipynb", "notebooks/solutions/*.ipynb", "notebooks/appendices/*.ipynb")
LESSONS = ROOT / "site" / "pages" / "lessons"
PACKAGES = "numpy matplotlib pandas jupyter ipywidgets anywidget tqdm psutil threadpoolctl"  # all but TensorFlow
INSTALL = f"python -m pip install {PACKAGES}"
NOTES = re.compile(r"^## For teachers\n.*?(?=^\*\*Next:|^\*\*Before:|^This is the |\Z)", re.DOTALL | re.MULTILINE)
TO_SOLUTIONS = re.compile(r"[^.\n]*\[[^\]]*\]\(solutions/[^)]*\)[^.\n]*\.? ?")
LINK = re.compile(r"!?\[([^\]]*)\]\(([^)\s]+)[^)]*\)")
TOCTREE = re.compile(r"^```\{toctree\}\n.*?^```\n", re.DOTALL | re.MULTILINE)  # what only the site's pages need
EPOCH = (1980, 1, 1, 0, 0, 0)  # so that the same files make the same zip

CHECK = '''"""Whether everything is there and works: python check.py"""

import importlib.util
import sys

if sys.version_info < (3, 10):
    sys.exit(f"This is Python {sys.version.split()[0]}; the chapters need 3.10 or newer.")
missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
if missing:
    sys.exit(f"Not installed yet: {', '.join(missing)}. README.md has the line that installs them.")

from helpers import Network, evaluate, fit, load_mnist, odd_even_tasks

odd, _ = odd_even_tasks(load_mnist())
network = Network.mlp(784, 64, classes=5, seed=0)
fit(network, odd.train, steps=300, seed=0, progress=False)
accuracy = evaluate(network, odd.validation).accuracy
if accuracy < 0.9:
    sys.exit(f"Something is wrong: a network that should read nine odd digits of ten reads {accuracy:.0%}.")
print(f"Everything works: a network has learned the odd digits, {accuracy:.0%} of them right.")
print("Now open the chapters: jupyter lab notebooks")
'''
README = f"""# Transfer Learning from Scratch: for students

Once, in this folder (Python 3.10 or newer):

    {INSTALL}
    python check.py

The first line needs a network; after it, nothing does. Then `jupyter lab notebooks` opens the chapters. Each runs alone.
Where you meet "Predict first", write your guess down before you run the cell below it. An exercise's `check` says what is
wrong with an answer without giving it away.

Chapter 7 and appendix B of chapter 1 compare with TensorFlow, which this set-up leaves out. The appendix says so and goes
on without; for chapter 7, `python -m pip install tensorflow` adds it.

The code and the texts are under the MIT licence (LICENSE), the digits in data/ under CC BY-SA 3.0 (data/README.md).
"""
BEFORE = f"""1. Unpack `teachers.zip`. In its folder, once and with a network (Python 3.10 or newer):
   `{INSTALL}`
2. Run `python check.py` there: it trains a small network and says whether everything works.
3. Hand out `students.zip` a day before: everybody unpacks it and does the same two steps, the first with a network.
4. Open the site and its laboratory on one machine: `make site-serve` in the project's folder, that is, in a clone and not in a zip.
   The first time it builds the site, with a network and for some minutes. The class opens the address that it prints, and no
   drawing leaves anybody's machine.
5. Read `lessons/index.md` and the plan of the first lesson beside its chapter: `jupyter lab notebooks`."""
FOR_TEACHERS = f"""# Transfer Learning from Scratch: for teachers

- `students.zip`: what your students get. It holds neither solutions nor the notes for teachers.
- `lessons/`: five lesson plans; [lessons/index.md](lessons/index.md) lists them.
- `notebooks/`: the chapters as they are when run, each with a note for teachers at its end; `notebooks/solutions/`.

## Before the first lesson

{BEFORE}

The site and the laboratory are not in this zip: the plans name them without a link.

The code and the texts are under the MIT licence (LICENSE), the digits in data/ under CC BY-SA 3.0 (data/README.md).
"""
MODULES = {"jupyter": "jupyterlab"}  # a package whose module has another name


def check_script():
    """The students' check.py."""
    return CHECK.replace("PACKAGES", repr([MODULES.get(name, name) for name in PACKAGES.split()]))


def for_students(notebook):
    """A chapter without what students shall not read: outputs, notes for teachers, links to solutions."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        else:
            cell.source = TO_SOLUTIONS.sub("", NOTES.sub("", cell.source)).strip("\n")
    notebook.cells = [cell for cell in notebook.cells if cell.source]
    return notebook


def files(*patterns):
    """The project's files of these patterns: a dict of names to bytes."""
    paths = sorted(path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file())
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in paths}


def lessons():
    """The lesson plans, with numbers from the stored tables: a dict of files' names to Markdown."""
    pair = look_up("13579")["fine-tune"]
    said = {"{{rank}}": f"{pair.rank:.0f}", "{{splits}}": f"{pair.splits}", "{{before}}": BEFORE}
    plans = {}
    for path in sorted(LESSONS.glob("*.md")):
        plans[path.name] = re.sub(r"\{\{\w+\}\}", lambda name: said[name.group()], path.read_text(encoding="utf-8"))
    return plans


def without_dead_links(kit):
    """A kit whose pages link to nothing that it does not hold: there only a link's words are left."""
    folders = {name.rpartition("/")[0] for name in kit}

    def of_page(page, text):
        def live_or_words(link):
            words, address = link.groups()
            path = address.partition("#")[0]
            target = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
            is_live = not path or re.match(r"\w+:", address) or target in kit or target in folders
            return link.group() if is_live else words

        return LINK.sub(live_or_words, text)

    pages = {name: of_page(name, kit[name].decode()).encode() for name in kit if name.endswith(".md")}
    return kit | pages


def students():
    """What students get: a dict of names to bytes."""
    kit = files(*BOTH)
    for path in sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("notebooks/appendices/*.ipynb")]):
        kit[path.relative_to(ROOT).as_posix()] = nbformat.writes(for_students(read_notebook(path))).encode()
    kit["README.md"] = README.encode()
    kit["check.py"] = check_script().encode()
    return without_dead_links(kit)


def teachers(of_students):
    """What teachers get: a dict of names to bytes.

    Parameters
    ----------
    of_students : bytes
        The students' zip.
    """
    kit = files(*BOTH, *TEACHERS_ONLY)
    for name, plan in lessons().items():
        kit[f"lessons/{name}"] = TOCTREE.sub("", plan).rstrip().encode() + b"\n"
    kit["README.md"] = FOR_TEACHERS.encode()
    kit["check.py"] = check_script().encode()
    kit["students.zip"] = of_students
    return without_dead_links(kit)


def pack(path, kit):
    """Write a kit as a zip, in a folder that is named after it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file, zipfile.ZipFile(file, "w") as packed:
        for name, content in sorted(kit.items()):
            entry = zipfile.ZipInfo(f"transfer-learning-{path.stem}/{name}", EPOCH)
            packed.writestr(entry, content, zipfile.ZIP_DEFLATED)
    print(f"{path.relative_to(ROOT)}: {len(kit)} files, {path.stat().st_size / 1e6:.0f} MB")


def main():
    """Pack both."""
    pack(DESTINATION / "students.zip", students())
    pack(DESTINATION / "teachers.zip", teachers((DESTINATION / "students.zip").read_bytes()))


if __name__ == "__main__":
    main()
