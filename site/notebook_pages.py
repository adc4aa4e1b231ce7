"""A small Sphinx extension: what the project's notebooks need to become pages that everybody can read.

Pictures get the alt texts that are stored with them, and the folded description that says the same is dropped. The
still of a widget that the laboratory has, too, gets a link there. Solutions are folded; so is the code of a prediction
whose words say the answer; each fold says what is in it. Badges, pictures from elsewhere, make place for the theme's
launch buttons. Links to files of the library lead to their page.
"""

import base64
import hashlib
import html
import json
import re
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx import addnodes

DESCRIPTION = "<details><summary>What this figure shows</summary>"
IN_LABORATORY = re.compile(r"\bwidgets\.(draw_a_digit|teach)\(")  # the other widgets have no counterpart there
SAYS_THE_ANSWER = re.compile(r"\bplots\.show\(|\b(title|alt)=")


def jupyter_anchor(title):
    """The anchor that JupyterLab gives to a heading."""
    return title.strip().replace(" ", "-")


def stored_pictures(notebook):
    """The pictures among a notebook's outputs: a dict of their SHA-256 to (alt text or None, whether the laboratory has it)."""
    found = {}
    for cell in json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                picture = base64.b64decode("".join(data["image/png"]))
                alt = output.get("metadata", {}).get("image/png", {}).get("alt")
                by_hand = bool(IN_LABORATORY.search("".join(cell["source"])))
                found[hashlib.sha256(picture).hexdigest()] = alt, by_hand
    return found


def adapt(app, doctree):
    """Change the document of a notebook, once it is read."""
    docname = app.env.docname
    path = Path(app.env.doc2path(docname))
    _link_to_library(doctree)
    if path.suffix != ".ipynb":
        return
    for cell in list(doctree.findall(nodes.container)):
        if "tag_setup" in cell["classes"]:  # it finds the project on the reader's own machine
            cell.parent.remove(cell)
        elif cell.get("hide_mode"):
            _name_fold(cell)
    _drop_badges(doctree)
    _drop_descriptions(doctree)
    _describe_pictures(doctree, stored_pictures(path), "../" * docname.count("/"))
    if "solutions/" in docname:
        _fold_solutions(doctree)


def _name_fold(cell):
    """Say what is in the fold of a cell; a prediction whose code says the answer is folded together with it."""
    source = cell[0].astext()
    if cell["hide_mode"] == "input+output" or (cell["hide_mode"] == "output" and SAYS_THE_ANSWER.search(source)):
        cell["hide_mode"] = "all"
        cell["classes"].append("prediction")
        name = "After your guess: code and answer"
    elif cell["hide_mode"] == "output":
        name = "The answer, once you have guessed"
    elif len(cell) > 1:
        name = "The code of this picture" if cell.next_node(nodes.image) else "The code of this output"
    else:
        name = "The check of the lines above" if re.search(r"^\s*assert\b", source, re.MULTILINE) else "Preparations"
    cell["prompt_show"] = name


def _open_fold(translator, fold):
    classes, name = " ".join(fold["classes"]), html.escape(fold["prompt_show"])
    summary = f'<summary><p class="admonition-title">{name}</p></summary>'
    translator.body.append(f'<details class="admonition hide {classes}">{summary}\n')


def _close_fold(translator, fold):
    translator.body.append("</details>\n")


def _describe_pictures(doctree, pictures, root):
    for image in list(doctree.findall(nodes.image)):
        alt, by_hand = pictures.get(Path(image["uri"]).stem, (None, False))
        if alt:
            image["alt"] = alt
        if by_hand:
            link = f'<p class="to-laboratory"><a href="{root}lab/index.html">Try it by hand in the laboratory</a></p>'
            image.parent.insert(image.parent.index(image) + 1, nodes.raw("", link, format="html"))


def _drop_descriptions(doctree):
    for raw in list(doctree.findall(nodes.raw)):
        if raw.astext().strip().startswith(DESCRIPTION):
            raw.parent.remove(raw)


def _drop_badges(doctree):
    for image in list(doctree.findall(nodes.image)):
        if image["uri"].startswith("https://") and isinstance(image.parent, nodes.reference):
            paragraph = image.parent.parent
            paragraph.remove(image.parent)
            if not paragraph.astext().strip():
                paragraph.parent.remove(paragraph)


def _fold_solutions(doctree):
    """Below each heading of an exercise, everything is folded."""
    for section in list(doctree.findall(nodes.section)):
        title = section.next_node(nodes.title)
        if title.parent is section and title.astext().startswith("Exercise"):
            opening = nodes.raw("", '<details class="solution"><summary>Show the solution</summary>', format="html")
            section.insert(section.index(title) + 1, opening)
            section.append(nodes.raw("", "</details>", format="html"))


def _link_to_library(doctree):
    """A link to helpers/NAME.py leads to the page of that module."""
    for link in list(doctree.findall(addnodes.download_reference)):
        path = Path(link["reftarget"])
        if path.suffix == ".py" and "helpers" in path.parts:
            name = ".".join(path.with_suffix("").parts[path.parts.index("helpers") + 1 :])
            page = addnodes.pending_xref(
                "", refdoc=link["refdoc"], refdomain="std", reftype="doc", reftarget=f"/api/{name}", refexplicit=True
            )
            page += nodes.inline("", link.astext())
            link.replace_self(page)


def setup(app):
    """Called by Sphinx."""
    app.connect("doctree-read", adapt)
    # MyST-NB's own summaries are all called "Toggle hidden content" by a screen reader
    app.add_node(HideCodeCellNode, override=True, html=(_open_fold, _close_fold))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
