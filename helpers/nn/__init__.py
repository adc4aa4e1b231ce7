"""The neural network: layers, loss, optimizers, and the loop that trains them."""
