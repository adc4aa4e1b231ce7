"""Chapter 1: labels by the nearest example, images that leaked, and how far a chosen score is too good."""

import numpy as np

from helpers.exercises import NotYet, exercise


@exercise("1.1")
def _nearest_neighbour(predict):
    x = np.array([[0.0, 0.0], [1.0, 1.0], [0.1, 0.9]])
    examples = np.array([[1.0, 0.9], [0.0, 0.1], [0.0, 1.0], [5.0, 5.0]])
    labels = np.array([3, 0, 4, 1])
    found = np.asarray(predict(x, examples, labels))
    if found.shape != (3,):
        raise NotYet(
            f"For 3 images it gave an array of shape {found.shape}: it should be (3,), one label for each image."
        )
    if np.array_equal(found, [1, 0, 2]):
        raise NotYet("It gave the numbers of the nearest examples. Which label does an example of that number have?")
    if np.array_equal(found, [1, 1, 1]):
        raise NotYet("It gave the label of the example that is farthest away, or most alike by the product alone.")
    if not np.array_equal(found, [0, 3, 4]):
        raise NotYet(f"Of [0, 0], [1, 1] and [0.1, 0.9] the nearest examples have the labels 0, 3 and 4, not {found}.")
    return "Now count examples: does it beat the means with few of them, and with many?"


@exercise("1.2")
def _leaked(leaked):
    examples = np.arange(5 * 28 * 28).reshape(5, 28, 28).astype("uint8")  # rows of 0 to 255, each image another
    almost = examples[0].copy()
    almost[14, 14] += 1
    images = np.stack([examples[3], examples[3], almost, examples[1]])  # three leaked, one of them twice
    counts = [leaked(*pair) for pair in ((examples, images), (examples, images[2:3]), (images, examples))]
    if any(np.ndim(count) for count in counts):
        raise NotYet("It gave an array. How many images is that in all?")
    if counts == [2, 0, 2]:
        raise NotYet("An image that leaked stands twice among the images, and it was counted once.")
    if counts[0] == 0:
        raise NotYet("Three of four images leaked, and it found none. They stand in other places among the examples.")
    if counts[1] != 0:
        raise NotYet(f"An image that is no example was counted. Is *every* pixel the same? It gave {counts[1]}.")
    if counts != [3, 0, 2]:
        raise NotYet(f"It gave {counts[0]} where 3 of 4 images leaked, and {counts[2]} where 2 of 5 did.")
    return "Now let one image in ten leak: who gains more, the nearest neighbour or the mean?"


@exercise("1.3")
def _optimism(optimism):
    rng = np.random.default_rng(0)
    few, many = (np.mean([optimism(images, rng) for _ in range(200)]) for images in (100, 1000))
    if few > 0.25:
        raise NotYet(f"On 100 images it is {few:.2f}: that is the winner's score. By how much is it *too good*?")
    if abs(few) < 0.03:
        raise NotYet(f"On 100 images it is {few:.2f}, next to nothing. Is it the best guesser's score, or everybody's?")
    if not (0.09 < few < 0.13 and 0.028 < many < 0.041):
        raise NotYet(f"With 100 images that choose it is {few:.3f}, with 1,000 {many:.3f}: one of them is off.")
    return "Ten times the images leave about a third of it: it falls like 1/√n."
