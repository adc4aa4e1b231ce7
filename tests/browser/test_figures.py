"""What a notebook stores reaches its reader: words beside figures, a network's picture, and the stills of widgets."""

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import expect

from tools.execute_notebooks import main as execute_notebooks

WORDS = "One bar, three high & wide."
CELLS = (
    "import matplotlib.pyplot as plt\nfrom helpers import Network\nfrom helpers.show import plots, widgets",
    f"figure, axis = plt.subplots()\naxis.bar([0], [3])\nplots.show(figure, {WORDS!r})",
    "Network.mlp(784, 8, classes=5, seed=0).freeze('hidden1')",
    "widgets.how_deep()",
)


@pytest.fixture(scope="module")
def stored(lab, monkeypatch_module):
    """A notebook, executed as the chapters are, that this JupyterLab has no reason to trust."""
    name = lab.write("stored.ipynb", *CELLS)
    assert execute_notebooks([str(lab.folder / name)]) == 0
    return name


@pytest.fixture(scope="module")
def monkeypatch_module():
    from tools.notebook_files import ROOT

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        yield patch


def check(page, stills):
    """The words unfold, and all pictures are there."""
    described = page.locator("details", has_text="What this figure shows").first
    expect(described).to_be_visible()
    assert WORDS not in described.inner_text()
    described.locator("summary").click()
    assert WORDS in described.inner_text()
    network = page.get_by_role("img", name="784")
    assert network.evaluate("image => image.complete && image.naturalWidth") > 100
    pictures = page.locator("img[src^='data:image/png']")
    expect(pictures).to_have_count(stills)
    assert all(picture.evaluate("image => image.naturalWidth") > 300 for picture in pictures.all())
    expect(page.get_by_text("Error displaying widget")).to_have_count(0)


def test_untrusted_in_jupyterlab(lab, page, stored):
    lab.open(page, stored)
    expect(page.locator(".jp-CodeCell")).to_have_count(4)
    check(page, stills=2)


def test_exported_as_html(lab, page, stored):
    html, _ = HTMLExporter().from_notebook_node(nbformat.read(lab.folder / stored, as_version=4))
    path = lab.folder / "stored.html"
    path.write_text(html, encoding="utf-8")
    page.route(
        "http*://**", lambda route: route.abort()
    )  # the template asks for scripts of others, which it can do without
    page.goto(path.as_uri())
    check(page, stills=2)
