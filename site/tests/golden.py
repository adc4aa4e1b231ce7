"""One training and what it says of other images: run by the browser's Python and by ours, it must give the same numbers.

`given` is JSON: train and test images (base64 of their bytes) and the labels of the first; the last line is the answer.
"""

import base64
import json

import numpy as np

from helpers import Network, Part, fit


def golden(train, labels, test):
    """The losses of 20 steps, and the logits of the test images after them."""

    def part(images, labels):
        pixels = np.frombuffer(base64.b64decode(images), dtype="uint8").reshape(-1, 28, 28)
        return Part(pixels, np.array(labels[: len(pixels)]), (0, 1, 2, 3, 4), "golden")

    network, losses = Network.mlp(784, 128, 64, classes=5, seed=7, dropout=0.1), []
    fit(
        network,
        part(train, labels),
        seed=7,
        steps=20,
        batch_size=64,
        progress=False,
        watch=lambda step, loss, network: losses.append(float(loss)),
    )
    logits = network.forward(part(test, [0] * 1000).inputs((784,)))
    return json.dumps({"losses": losses, "logits": logits.tolist()})


answer = golden(**json.loads(given))  # noqa: F821
answer  # noqa: B018
