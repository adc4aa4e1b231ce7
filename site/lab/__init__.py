"""The laboratory: a page on which a visitor draws, teaches and watches a network forget, in the browser."""
