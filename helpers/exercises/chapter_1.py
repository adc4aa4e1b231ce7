"""Chapter 1: labels by the nearest example and from bytes, and how far a chosen score is too good."""

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
def _parse_labels(parse):
    labels = np.array([5, 0, 4, 1, 9], np.uint8)
    content = bytes([0, 0, 8, 1, 0, 0, 0, 5]) + labels.tobytes()
    found = np.asarray(parse(content))
    if found.size > 5:
        raise NotYet(f"The file has 5 labels, and it gave {found.size}: where does the header end?")
    if not np.array_equal(found, labels):
        raise NotYet(f"The labels are {labels}, and it gave {found}.")
    for wrong, what in (
        (bytes([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28]) + bytes(784), "a file of images"),
        (content[:-1], "a file that was cut short"),
    ):
        try:
            parse(wrong)
        except ValueError as error:
            if not str(error):
                raise NotYet(f"It refused {what}, but without a word of what is wrong.") from None
        else:
            raise NotYet(f"It took {what} for good. What in its first eight bytes gives it away?")
    return "Hand it a wrong file and you learn it at once, not three cells later."


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
