"""One-shot: how far do features of digits carry in a published test of twenty letters, one example each?

Question
    A network has seen nothing but digits. A letter is given the name of the example whose features are nearest by cosine.
    How many of the 400 letters of Omniglot's one-shot test go wrong, layer by layer?

Conditions
    Convolutional networks and perceptrons that have learned all ten digits, ten seeds; features after the ReLU, and after
    pooling where there is pooling. How 105 × 105 pixels become 28 × 28 is chosen on letters that are not in the test: for
    each seed ten rounds of twenty letters of one alphabet, two people each.

Controls
    The same networks with random values; the pixels.

Readout
    Errors on the test, beside those that Lake, Salakhutdinov and Tenenbaum (2019) list: `PUBLISHED`.

Cost
    About five minutes on two cores.
"""

import functools
import itertools
from dataclasses import dataclass

import numpy as np

from helpers.data.strokes import BOX, PEN, SIDE, normalise
from helpers.randomness import streams
from helpers.transfer.protocol import untrained_source
from studies import few, methods, omniglot
from studies.engine.study import Outcome, Run, Study

SEEDS = range(10)
DIGITS = "0123456789"
LAYERS = {"cnn": ("pool1", "pool2", "relu3"), "mlp": ("relu1", "relu2"), "": ("pixels",)}
TEST, BACKGROUND = "one-shot test", "letters to choose by"
ROUNDS, LETTERS = 10, 20  # of a seed's background test; letters of a round
SHAPES = "whole", "whole, thick", "box", "box, thick"
PUBLISHED = {  # errors in per cent
    "people": 4.5,
    "Bayesian program learning": 3.3,
    "siamese convnet, 964 letters": 8.0,
    "convnet, 964 letters": 13.5,
    "hierarchical deep model": 34.8,
    "modified Hausdorff distance": 38.8,
}
INK = 1.5  # half the width of a line, in pixels of 105


@dataclass(frozen=True, kw_only=True)
class OneShotRun(Run):
    """The strategy is "trained", "random" or "pixels"; the option the layer, the shape how an image becomes 28 × 28."""

    network: str
    option: str
    shape: str


def runs():
    """All runs: those that choose the shape, then all on the test."""
    for target, shape, seed in itertools.product((BACKGROUND, TEST), SHAPES, SEEDS):
        for strategy, network in (
            ("trained", "cnn"),
            ("trained", "mlp"),
            ("random", "cnn"),
            ("random", "mlp"),
            ("pixels", ""),
        ):
            for layer in LAYERS[network]:
                if network or target == BACKGROUND or not seed:
                    yield OneShotRun(
                        source=DIGITS if strategy == "trained" else "",
                        target=target,
                        strategy=strategy,
                        labels=1,
                        seed=seed,
                        draw=seed,
                        network=network,
                        option=layer,
                        shape=shape,
                    )


def shaped(ink, shape):
    """An image of 28 × 28 from one of 105 × 105.

    Parameters
    ----------
    ink : bool array, (105, 105)
    shape : str
        "whole" shrinks the canvas; "box" scales the letter into a box, as MNIST's makers did. "thick" first makes its lines
        so wide that they end up as wide as those of `strokes.rasterise`.

    Returns
    -------
    uint8 array, (28, 28)
    """
    from PIL import Image, ImageFilter

    image = Image.fromarray(np.where(ink, 255, 0).astype("uint8"))
    in_box = shape.startswith("box")
    if shape.endswith("thick"):
        rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
        scale = max(np.ptp(rows), np.ptp(columns)) / BOX if in_box else omniglot.CANVAS / SIDE
        more = max(0, round(PEN * scale / 2 - INK))
        image = image.filter(ImageFilter.MaxFilter(2 * more + 1))
    return normalise(np.array(image)) if in_box else np.array(image.resize((SIDE, SIDE), Image.Resampling.BOX))


@functools.lru_cache(maxsize=8)
def rounds(target, shape, seed):
    """The rounds of a test: a list of (known, asked, answers), images of 28 × 28 and which of `known` each of `asked` is."""
    if target == TEST:
        found = omniglot.one_shot_runs()
    else:
        [rng] = streams(seed, target)
        found = [_background(rng) for _ in range(ROUNDS)]
    return [(*(np.array([shaped(ink, shape) for ink in inks]) for inks in pair), answers) for *pair, answers in found]


def _background(rng):
    """A round of letters that are not in the test: twenty of one alphabet, by two people."""
    alphabet = omniglot.drawings()[rng.choice(sorted(omniglot.drawings()))]
    letters = rng.choice(sorted(alphabet), LETTERS, replace=False)
    hands = rng.choice(omniglot.HANDS, 2, replace=False)
    known, asked = ([on_canvas(alphabet[letter][hand]) for letter in letters] for hand in hands)
    order = rng.permutation(LETTERS)
    return known, [asked[place] for place in order], order


def on_canvas(drawing):
    """A drawing as the test's images show it: ink on 105 × 105 pixels, a bool array."""
    from PIL import Image, ImageDraw

    image = Image.new("1", (omniglot.CANVAS, omniglot.CANVAS))
    for stroke in drawing:
        points = [(omniglot.CANVAS * x, omniglot.CANVAS * y) for x, y in stroke]
        ImageDraw.Draw(image).line(
            points + points[:1] * (len(points) == 1), fill=1, width=round(2 * INK), joint="curve"
        )
    return np.array(image)


def features(network, images, layer):
    """What a network makes of images up to a layer, or the pixels themselves: a float array (N, D)."""
    x = images.reshape(len(images), *(network.input_shape if network else (784,))).astype("float32") / 255
    for name, each in zip(network.names, network.layers) if network else ():
        x = each.forward(x)
        if name == layer:
            break
    return x.reshape(len(x), -1)


def nearest(known, asked):
    """Which row of `known` is nearest to each of `asked` by cosine: an int array (N,)."""
    known, asked = (x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12) for x in (known, asked))
    return (asked @ known.T).argmax(axis=1)


def network_of(run):
    """The network whose features a run uses, if it uses one."""
    if run.strategy == "trained":
        return few.trained_source(run.source, run.seed, run.network)
    if run.strategy == "random":
        return untrained_source(methods.task(DIGITS).train, run.seed, few.NETWORKS[run.network])
    return None


def measure(run):
    """The hits of one run, letter by letter."""
    network, hits = network_of(run), []
    for known, asked, answers in rounds(run.target, run.shape, run.seed if run.target == BACKGROUND else 0):
        found = nearest(*(features(network, images, run.option) for images in (known, asked)))
        hits.append(found == answers)
    return Outcome(np.concatenate(hits))


def seconds(run):
    """The estimate for one run on one core, its source left out."""
    return 0.5


def band(run):
    """By how much the accuracy of a run may differ on another machine."""
    return 0.02


STUDY = Study(
    name="one_shot",
    question="How far do features of digits carry in a published test of twenty letters, one example each?",
    revision=1,
    settings={name: few.NETWORKS[name] for name in ("mlp", "cnn")},
    runs=tuple(runs()),
    measure=measure,
    seconds=seconds,
    band=band,
)
