"""Sphinx's settings for the site; `build.py` calls Sphinx with them."""

import sys
from pathlib import Path

SITE = Path(__file__).resolve().parent
sys.path[:0] = [str(SITE.parent), str(SITE)]

from staging import footer  # noqa: E402

from tools.badges import get_repository  # noqa: E402

project = "Transfer Learning from Scratch"
author = "the authors of Transfer Learning from Scratch"
copyright = "MIT licence"
language = "en"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx-mathjax-offline",
    "notebook_pages",
    "page_frame",
]
templates_path = ["templates"]
exclude_patterns = ["data"]

nb_execution_mode = "off"  # the outputs are stored in the notebooks, and tested there
nb_merge_streams = True
nb_ipywidgets_js = {}  # widgets are shown as their stills, so that nothing is fetched from elsewhere
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]
nb_render_text_lexer = "none"
# What formulas need, without MathJax's menu: it is 0.4 MB, and makes each formula a stop of the Tab key.
mathjax3_config = {"loader": {"load": ["input/tex", "output/chtml", "a11y/assistive-mml"]}}
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "dollarmath"]
myst_heading_anchors = 4
myst_heading_slug_func = "notebook_pages.jupyter_anchor"
suppress_warnings = ["misc.highlighting_failure", "myst.header"]

default_role = "code"  # single backticks in docstrings
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_preserve_defaults = True
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"priority": 900})]
html_use_index = html_domain_indices = False
html_copy_source = True
html_show_sphinx = False
html_permalinks_icon = "#"
repository = get_repository()
html_context = {"default_mode": "auto"}
html_theme_options = {
    "extra_footer": footer(),
    "footer_content_items": "extra-footer.html",
    "home_page_in_toc": True,
    "navbar_persistent": [],
    "navigation_with_keys": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "show_toc_level": 2,
    "use_download_button": True,
    "use_fullscreen_button": False,
}
if repository:
    html_theme_options |= {
        "repository_url": f"https://github.com/{repository}",
        "repository_branch": "main",
        "path_to_docs": "",
        "use_repository_button": True,
        "launch_buttons": {
            "colab_url": "https://colab.research.google.com",
            "binderhub_url": "https://mybinder.org",
            "notebook_interface": "jupyterlab",
        },
    }


def skip_alias(app, what, name, obj, skip, options):
    """Leave out what Python says of a named tuple's fields; the class's docstring says more."""
    return True if (getattr(obj, "__doc__", None) or "").startswith("Alias for field number") else None


def setup(app):
    """Called by Sphinx."""
    app.connect("autodoc-skip-member", skip_alias)
    app.config.mathjax_path = "mathjax/startup.js"  # sphinx-mathjax-offline sets one with everything in it
