"""A small Sphinx extension: what each page asks for and says of itself, and how one enlarges its pictures."""

import html
import re
import textwrap

from docutils import nodes
from markupsafe import Markup


def without_scripts(head, *names):
    """A template's filter: a part of a page's head without the scripts of these names."""
    named = "|".join(map(re.escape, names))
    return Markup(re.sub(rf'<script [^>]*src="[^"]*\b({named})[?"][^>]*></script>', "", head))


def add_filter(app):
    """Let `templates/layout.html` use `without_scripts`."""
    app.builder.templates.environment.filters["without_scripts"] = without_scripts


def describe(app, pagename, templatename, context, doctree):
    """Give a page its first paragraph as its description, which search engines and shared links show."""
    paragraph = doctree and doctree.next_node(nodes.paragraph)
    if paragraph:
        words = textwrap.shorten(paragraph.astext(), 200, placeholder=" …")
        context["metatags"] += f'\n<meta name="description" content="{html.escape(words)}" />'


def open_pictures(app, doctree, docname):
    """Let each picture lead to its file, where a phone can enlarge it."""
    root = "../" * docname.count("/")
    for image in list(doctree.findall(nodes.image)):
        if image["uri"] in app.env.images and not _is_in_link(image):
            address = f"{root}{app.builder.imagedir}/{app.env.images[image['uri']][1]}"
            link = nodes.reference("", "", refuri=address, reftitle="Open the picture alone, to enlarge it")
            image.replace_self(link)
            link += image


def _is_in_link(node):
    while node := node.parent:
        if isinstance(node, nodes.reference):
            return True
    return False


def setup(app):
    """Called by Sphinx."""
    app.connect("builder-inited", add_filter)
    app.connect("html-page-context", describe)
    app.connect("doctree-resolved", open_pictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
