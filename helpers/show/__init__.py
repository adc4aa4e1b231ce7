"""Whatever is looked at: figures of results, pictures that explain, a network's own picture, and widgets."""
