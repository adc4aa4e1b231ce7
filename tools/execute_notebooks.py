"""Run notebooks from top to bottom, each in a fresh kernel, and store their outputs cleanly: `make notebooks`.

    python -m tools.execute_notebooks                               # every chapter and every worked solution
    python -m tools.execute_notebooks notebooks/01_data_loading.ipynb

Nothing that changes from run to run is stored: no times, no widget state, no progress bars (their fallback text, '0%|',
looks broken on a web page), no details of this Python. A notebook with an error, with output on stderr, or
with a path of this machine is not stored at all.
"""

import argparse
import copy
import importlib.util
import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from tools.notebook_files import all_notebooks, has_tag, problems, read_notebook, write_notebook

SECONDS_PER_CELL = 300
WIDGET = "application/vnd.jupyter.widget-view+json"
KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {  # what nbconvert needs to know, and no version
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
    },
}


# What a tag, as a web page knows it, is called in JupyterLab.
FOLDED = {"hide-input": "source_hidden", "hide-output": "outputs_hidden"}


def metadata_of(cell):
    """All that is kept of a cell's metadata: its tags, and what they fold away in JupyterLab."""
    tags = cell.metadata.get("tags", [])
    folded = {name: True for tag, name in FOLDED.items() if tag in tags}
    return nbformat.from_dict(({"tags": tags} if tags else {}) | ({"jupyter": folded} if folded else {}))


def clean(notebook):
    """Remove every trace of an earlier run; of a cell's metadata only the tags stay, and what they fold away."""
    notebook.metadata = nbformat.from_dict(KERNEL)
    for cell in notebook.cells:
        cell.metadata = metadata_of(cell)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def stills(outputs):
    """The outputs without what is alive: of a widget its still picture stays, and nothing where it has none."""
    kept = [output for output in outputs if WIDGET not in output.get("data", {}) or "image/png" in output.data]
    return [_without_widget(output) for output in kept]


def _without_widget(output):
    output = copy.deepcopy(output)
    for part in ("data", "metadata"):
        output.get(part, {}).pop(WIDGET, None)
    return output


def execute(path):
    """Run the notebook at `path` and store it; return what kept it from being stored (nothing, one hopes)."""
    notebook = read_notebook(path)
    clean(notebook)
    if importlib.util.find_spec("tensorflow") is None and any(has_tag(c, "needs-tensorflow") for c in notebook.cells):
        return ["it has cells that need TensorFlow, which this Python does not have"]
    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],  # else each kernel warns that it listens on a local port
    )
    try:
        client.execute()
    except (CellTimeoutError, DeadKernelError) as error:
        return [str(error)]
    except CellExecutionError:
        pass  # the error is now an output of its cell: see `problems`
    notebook.metadata = nbformat.from_dict(KERNEL)  # the kernel has added its version
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = stills(cell.outputs)
    faults = problems(notebook)
    if not faults:
        write_notebook(notebook, path)
    return faults


def main(arguments=None):
    """The command behind `make notebooks`."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.execute_notebooks", description=__doc__.partition("\n")[0].rstrip(":")
    )
    parser.add_argument("notebooks", nargs="*", type=Path, help="which notebooks (default: all)")
    options = parser.parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as pytest does: see notebooks/conftest.py
    paths = [path.expanduser().resolve() for path in options.notebooks] or all_notebooks()
    failed = 0
    for number, path in enumerate(paths, 1):
        print(f"[{number}/{len(paths)}] {path.name} ...", end=" ", flush=True)
        start = time.perf_counter()
        faults = execute(path)
        if faults:
            failed += 1
            print("NOT STORED", *faults, sep="\n    ")
        else:
            print(f"{time.perf_counter() - start:.0f} s, {path.stat().st_size / 1000:.0f} kB")
    if failed:
        print(f"{failed} of {len(paths)} notebooks have problems and keep their old outputs.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
