"""The chapters themselves, opened in JupyterLab and run: their widgets show what Python computes."""

import re
import shutil

import nbformat
import pytest
from hands import check_bars, draw, loss_after, press
from playwright.sync_api import expect

from helpers import load_network
from helpers.data import strokes
from tools.notebook_files import all_notebooks, code_cells, read_notebook

CALL = re.compile(r"^(?:\w+ = )?widgets\.(\w+)\((?:(\w+), (\w+)\.digits)?", re.MULTILINE)


def calls(path):
    """The widgets of a notebook, in order: name, network, task."""
    return [found for cell in code_cells(read_notebook(path)) for found in CALL.findall(cell.source)]


CHAPTERS = [path for path in all_notebooks() if calls(path)]


@pytest.mark.parametrize("path", CHAPTERS, ids=[path.stem for path in CHAPTERS])
def test_the_widgets_of_a_chapter(lab, page, path):
    copy = lab.folder / path.name
    shutil.copy(path, copy)
    notebook = read_notebook(copy)
    for number, (kind, network, task) in enumerate(calls(path)):
        if kind == "draw_a_digit":  # what it looks at, for this test to look at too
            source = (
                f"from helpers import save_network\nsave_network({network}, 'seen{number}.npz')\nprint({task}.digits)"
            )
            notebook.cells.append(nbformat.v4.new_code_cell(source))
    notebook.cells.append(nbformat.v4.new_code_cell("'the end'"))  # a folded cell would show no number to wait for
    nbformat.write(notebook, copy)
    lab.open(page, path.name)
    lab.run_all(page, len(code_cells(notebook)))
    expect(page.locator(".hand")).to_have_count(len(calls(path)))
    for number, ((kind, _, _), widget) in enumerate(zip(calls(path), page.locator(".hand").all())):
        words = widget.locator(".hand-words")
        if kind == "draw_a_digit":
            drawing = strokes.bundled("digits")["4"][0]
            draw(page, widget.get_by_role("application"), drawing)
            check_bars(widget, load_network(lab.folder / f"seen{number}.npz"), drawing)
        elif kind == "ravine":
            widget.get_by_role("slider").last.focus()
            press(page, "ArrowRight", "ArrowRight")
            expect(words).to_contain_text(f"the loss is {loss_after(0.07, 0.4):.3g};")
        elif kind == "how_deep":
            widget.get_by_role("slider").first.focus()
            press(page, "Home")
            expect(words).to_contain_text("nothing frozen")
        else:
            expect(words).to_contain_text("Nothing is drawn yet")
