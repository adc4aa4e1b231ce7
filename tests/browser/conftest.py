"""A real JupyterLab and the machine's own Chromium, for the tests of `make test-browser`."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from hands import SECONDS
from playwright.sync_api import expect, sync_playwright

from tools.execute_notebooks import KERNEL
from tools.notebook_files import ROOT

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CHAPTER_SECONDS = 900
# No questions and no news that would need an answer; all cells on the page, so that all can be looked for.
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}
expect.set_options(timeout=1000 * SECONDS)


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.exit(
            "These tests need Chromium (on Debian and Ubuntu: apt-get install chromium) or Chrome.", returncode=1
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    """A page of its own, in which no script may fail."""
    context = browser.new_context(viewport={"width": 1200, "height": 1000}, has_touch=True)
    context.set_default_timeout(1000 * SECONDS)
    page = context.new_page()
    failures = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    context.close()
    assert failures == []


class Lab:
    """A running JupyterLab, and the folder that it shows."""

    def __init__(self, folder, address):
        self.folder, self.address = folder, address

    def write(self, name, *sources):
        """Write a notebook of these code cells; strings are sources, and ready cells stay as they are."""
        cells = [nbformat.v4.new_code_cell(one) if isinstance(one, str) else one for one in sources]
        notebook = nbformat.v4.new_notebook(cells=cells, metadata=KERNEL)
        nbformat.write(notebook, self.folder / name)
        return name

    def open(self, page, name):
        """Open a notebook; returns when its kernel is ready."""
        workspace = name.partition(".")[0]  # its own, else JupyterLab opens the notebooks of earlier tests again
        page.goto(f"{self.address}/lab/workspaces/{workspace}/tree/{name}")
        expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_attached()

    def run_all(self, page, prompt):
        """Run all cells by the menu; returns when the last one has this number. No cell may fail."""
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        failed = page.locator(".jp-OutputArea-output", has_text="Traceback (most recent call last)")
        last = page.locator(".jp-CodeCell .jp-InputPrompt", has_text=f"[{prompt}]:")
        expect(last.or_(failed).first).to_be_attached(timeout=1000 * CHAPTER_SECONDS)
        assert failed.all_inner_texts() == []


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    for name in ("helpers", "data", "results"):
        (folder / name).symlink_to(ROOT / name)  # where the set-up cell of a chapter looks for them
    private = tmp_path_factory.mktemp("jupyter")  # neither this machine's settings nor its notebooks
    for name, values in SETTINGS.items():
        path = private / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        "OPENBLAS_NUM_THREADS": "1",
        "JUPYTER_CONFIG_DIR": str(private / "config"),
        "JUPYTER_DATA_DIR": str(private / "data"),
        "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(private / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(private / "workspaces"),
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.root_dir": folder,
        "ServerApp.allow_root": True,
        "IdentityProvider.token": "",
    }
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        *(f"--{key}={value}" for key, value in options.items()),
    ]
    with open(private / "log", "w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(server, address, private / "log")
        yield Lab(folder, address)
    finally:
        server.terminate()
        server.wait(SECONDS)


def _wait_for(server, address, log):
    until = time.monotonic() + SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{address}/api"):
                return
        except OSError as problem:
            if server.poll() is not None or time.monotonic() > until:
                pytest.fail(f"JupyterLab does not answer ({problem}):\n{log.read_text()}")
            time.sleep(0.2)


@pytest.fixture(scope="session")
def odd_network(trained, lab):
    """The small network that knows the odd digits; the notebooks find it in their folder as odd.npz."""
    from helpers import save_network

    save_network(trained, lab.folder / "odd.npz")
    return trained
