"""What the Makefile's smaller targets run, each as a module from the project's folder: `python -m tools.readme`."""
