"""Images in: MNIST, the tasks that are made of it, and what a reader draws."""
