"""What the page asks of Python: each public method of `Laboratory` answers one question, in plain lists and numbers.

It runs inside the visitor's browser, and the same in any Python: all arithmetic is that of `helpers`.
"""

import base64
import json
import platform
import time
from pathlib import Path

import numpy as np
from lessons import FRAMES, TAUGHT, Learner, NearestMean

from helpers import Part, evaluate, load_network, softmax
from helpers.data import strokes
from helpers.evidence.metrics import wilson_interval
from helpers.evidence.statistics import sign_test

SIDE = 28
PATIENCE = 0.03  # seconds of training before the page is told how it goes, and may ask something else


class Laboratory:
    """Networks, drawings, and what is being learned, for one visitor.

    Parameters
    ----------
    folder : str or Path
        Holds `gallery.npz` (training images of the ten digits) and `drawings.npz` (images to teach with), both with
        the arrays images (N, 28, 28) and labels (N,); and `13579.npz`, say, the network of a source that was asked for.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.gallery, self.drawings = (dict(np.load(self.folder / name)) for name in ("gallery.npz", "drawings.npz"))
        self._sources, self._alike = {}, {}
        self.learners, self.forgetting = [], None

    def call(self, name, arguments):
        """Answer a question of the page: both the arguments and the answer are JSON."""
        return json.dumps(getattr(self, name)(**json.loads(arguments)))

    def prepare(self, source):
        """Have a source and its features at hand."""
        self._gallery_features(source)

    def versions(self):
        """Those of Python and NumPy."""
        return {"python": platform.python_version(), "numpy": np.__version__}

    def rasterise(self, drawing):
        """Make an image, as MNIST's are, of the strokes of a pad: the image, or None and what is wrong in words."""
        try:
            return {"image": _encode(strokes.rasterise(drawing)), "words": ""}
        except strokes.DrawingError as problem:
            return {"image": None, "words": str(problem)}

    def read(self, source, drawing):
        """`rasterise` and, if there is an image, under "answer" what `answer` says of it: one question for each stroke."""
        read = self.rasterise(drawing)
        return read | {"answer": self.answer(source, read["image"]) if read["image"] else None}

    def answer(self, source, image):
        """What the source takes an image for, and the training image that is most alike in its last features.

        Returns
        -------
        dict
            digits and their beliefs (probabilities); alike: digit, image and cosine of the nearest training image.
        """
        network, digits = self._source(source), [int(digit) for digit in source]
        part = _part([image], [0], len(digits))
        [beliefs] = evaluate(network, part, threads=1).probabilities
        body, known, features = self._gallery_features(source)
        [mine] = _directions(body.forward(part.inputs(network.input_shape)))
        cosines = features @ mine
        nearest = int(cosines.argmax())
        return {
            "digits": digits,
            "beliefs": beliefs.tolist(),
            "alike": {
                "digit": digits[known.labels[nearest]],
                "image": _encode(known.images[nearest]),
                "cosine": float(cosines[nearest]),
                "of": len(known),
            },
        }

    def bundled(self, digits, first, count):
        """Images of some digits, by other hands: a list of `count` for each digit, from the `first` on."""
        rows = {digit: np.flatnonzero(self.drawings["labels"] == digit)[first : first + count] for digit in digits}
        return [[_encode(image) for image in self.drawings["images"][rows[digit]]] for digit in digits]

    def bundled_symbols(self):
        """Drawings of symbols that come with the project: a dict of name to images."""
        return {
            name: [_encode(strokes.rasterise(drawing)) for drawing in drawings]
            for name, drawings in strokes.bundled().items()
        }

    def teach(self, source, images, labels, symbols, upto, seeds, steps):
        """Get four learners for each seed ready, and the nearest mean; `advance` trains them, a little at a time."""
        network, part = self._source(source), _part(images, labels, symbols)
        self.learners = [
            Learner(strategy, network, part, seed=seed, steps=steps, upto=upto)
            for seed in range(seeds)
            for strategy in TAUGHT
        ]
        self.mean = NearestMean(network, part, upto)

    def advance(self):
        """Train for a moment, all learners in step.

        Returns
        -------
        dict
            done: whether all have taken their steps; curves: a list of strategy, seed, and new [step, loss] pairs.
        """
        return _advance(self.learners)

    def scores(self, images, labels):
        """How many of some drawings each strategy gets right, counted over its seeds, and what that leaves open.

        The intervals are for that many drawings: another seed is no further drawing.

        Returns
        -------
        dict
            chance; shares: a list of strategy, share, low, high; comparisons: of the frozen learner with its two
            controls, from scratch and random layers, drawing by drawing: other, above, below, p (see `sign_test`).
        """
        part = _part(images, labels, self.mean.symbols)
        right = {strategy: _right(group, part) for strategy, group in self._strategies().items()}
        comparisons = [
            {"other": other, **sign_test(right["frozen"], right[other])._asdict()} for other in ("scratch", "random")
        ]
        shares = []
        for strategy, each in right.items():
            low, high = wilson_interval(float(each.mean()), len(part))
            shares.append({"strategy": strategy, "share": float(each.mean()), "low": low, "high": high})
        return {"chance": 1 / part.classes, "shares": shares, "comparisons": comparisons}

    def guesses(self, image):
        """What each strategy takes a drawing for: a list of strategy, symbol, and beliefs, the mean over its seeds."""
        part = _part([image], [0], self.mean.symbols)
        answers = []
        for strategy, group in self._strategies().items():
            beliefs = np.mean([learner.beliefs(part)[0] for learner in group], axis=0)
            answers.append({"strategy": strategy, "symbol": int(beliefs.argmax()), "beliefs": beliefs.tolist()})
        return answers

    def forget(self, source, images, labels, symbols, steps, rate):
        """Get ready to fine-tune the source on something else; `advance_forgetting` does it, a little at a time."""
        network, part = self._source(source), _part(images, labels, symbols)
        self.forgetting = Learner("fine-tune", network, part, seed=0, steps=steps, rate=rate, keep=FRAMES)

    def advance_forgetting(self):
        """As `advance`, for the network that is to forget."""
        return _advance([self.forgetting])

    def remembered(self, source, image=None):
        """What the source's old head says after each kept step of fine-tuning below it, and after the last one.

        Returns
        -------
        dict
            steps and digits; for an image, beliefs: the answer to it at each step; else old: the share of the bundled
            images of the old digits that it still gets right, and images: how many these are.
        """
        old_head, digits = self._source(source), [int(digit) for digit in source]
        learner = self.forgetting
        kept = learner.kept | ({len(learner.losses): learner.network} if learner.losses else {})
        frames = {step: network.with_head_of(old_head) for step, network in kept.items()}
        rows = np.isin(self.drawings["labels"], digits)
        labels = np.searchsorted(digits, self.drawings["labels"][rows])
        old = Part(self.drawings["images"][rows], labels, tuple(digits), "old digits")
        answer = {"steps": list(frames), "digits": digits}
        if image is None:
            shares = [evaluate(network, old, threads=1).accuracy for network in frames.values()]
            return answer | {"old": shares, "images": len(old)}
        x = _part([image], [0], len(digits)).inputs((SIDE**2,))
        return answer | {"beliefs": [softmax(network.forward(x))[0].tolist() for network in frames.values()]}

    def _source(self, digits):
        if digits not in self._sources:
            self._sources[digits] = load_network(self.folder / f"{digits}.npz").astype("float32")
        return self._sources[digits]

    def _gallery_features(self, source):
        if source not in self._alike:
            digits = [int(digit) for digit in source]
            rows = np.isin(self.gallery["labels"], digits)
            labels = np.searchsorted(digits, self.gallery["labels"][rows])
            known = Part(self.gallery["images"][rows], labels, tuple(digits), "gallery")
            body = self._source(source).body()
            self._alike[source] = body, known, _directions(body.forward(known.inputs(body.input_shape)))
        return self._alike[source]

    def _strategies(self):
        groups = {}
        for learner in self.learners:
            groups.setdefault(learner.strategy, []).append(learner)
        return groups | {"mean": [self.mean]}


def _advance(learners):
    """Let the learners that are behind take their steps until `PATIENCE` is over."""
    until = time.perf_counter() + PATIENCE
    before = {learner: len(learner.losses) for learner in learners}
    while time.perf_counter() < until and not all(learner.done for learner in learners):
        min(learners, key=lambda learner: len(learner.losses)).advance()
    curves = [
        {
            "strategy": learner.strategy,
            "seed": learner.seed,
            "points": [[step + 1, learner.losses[step]] for step in range(before[learner], len(learner.losses))],
        }
        for learner in learners
    ]
    return {"done": all(learner.done for learner in learners), "curves": curves}


def _right(learners, part):
    """For each drawing, the share of the learners that get it right, (N,)."""
    return np.mean([learner.beliefs(part).argmax(axis=1) == part.labels for learner in learners], axis=0)


def _part(images, labels, classes):
    pixels = np.array([_decode(image) for image in images], dtype="uint8").reshape(-1, SIDE, SIDE)
    return Part(pixels, np.array(labels, dtype="int64"), tuple(range(classes)), "drawings")


def _encode(image):
    return base64.b64encode(np.ascontiguousarray(image, dtype="uint8").tobytes()).decode()


def _decode(text):
    return np.frombuffer(base64.b64decode(text), dtype="uint8")


def _directions(features):
    """Each row scaled to length one, so that products of rows are cosines."""
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-9)
