"""Each cell of a notebook twice in a row, then the second half once more, in one kernel: `make test-twice`.

That is how people read notebooks. Every run of a cell must show what is stored: a cell that changes what an earlier one
made would print something else the second time. A plugin of pytest beside nbval, which runs and compares.
"""

import itertools

import pytest


@pytest.hookimpl(tryfirst=True)  # before notebooks/conftest.py marks what needs TensorFlow
def pytest_collection_modifyitems(items):
    runs = []
    for _, cells in itertools.groupby(items, key=lambda item: item.parent):
        cells = list(cells)
        runs += [run for cell in cells for run in (cell, _again(cell, "at once"))]
        runs += [_again(cell, "from the middle") for cell in cells[len(cells) // 2 :]]
    items[:] = runs


def _again(cell, when):
    name = f"{cell.name} again, {when}"
    return type(cell).from_parent(cell.parent, name=name, cell_num=cell.cell_num, cell=cell.cell, options=cell.options)
