"""What moves under the reader's hand: a pad that a network looks at, a class of own symbols, and sliders.

Each function shows something live where anywidget is installed and a notebook runs, and beside it stores a picture, which
is all there is elsewhere. Nothing here is needed to follow a chapter. `widgets.js` and `pad.js` are the other half.
"""

import functools
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import PercentFormatter

from helpers.data import strokes
from helpers.data.strokes import DrawingError, Symbols
from helpers.data.tasks import Part
from helpers.evidence.tables import ALL, RESULTS, read_columns
from helpers.nn.layers import Dense
from helpers.nn.losses import softmax
from helpers.show import pictures, plots
from helpers.transfer.recipes import MLP

HERE = Path(__file__).resolve().parent
LABELS = RESULTS / "labels.csv"
RATES = (0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.075, 0.08, 0.085, 0.1, 0.13, 0.16)
MOMENTA = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
STEEPNESS, START, STEPS = np.array([1.0, 25.0]), np.array([-4.0, 1.0]), 40
FROZEN = "nothing frozen", "hidden1 frozen", "hidden1 and hidden2 frozen"
LEARNED, RANDOM = ("fine-tune", "frozen", "probe"), ("scratch", "random", "random-probe")  # by how many are frozen


@functools.cache
def _kind():
    """The class of all live widgets, or None where anywidget is not installed."""
    try:
        import anywidget
        import traitlets
    except ImportError:
        return None

    class Hand(anywidget.AnyWidget):
        _esm = "\n".join((HERE / name).read_text(encoding="utf-8") for name in ("pad.js", "widgets.js"))
        setup = traitlets.Dict().tag(sync=True)  # what never changes
        told = traitlets.Dict().tag(sync=True)  # by the reader
        shown = traitlets.Dict().tag(sync=True)  # by Python, as an answer

    return Hand


def _show(figure, alt, answer, setup, told):
    """Show a widget and its still picture; `answer` makes of what is told what is shown. Returns the widget, or None."""
    kind, still = _kind(), plots.png(figure)
    if kind is None:
        print(
            "This moves where anywidget is installed: run `pip install anywidget`, restart the kernel. Else it is a picture."
        )
        plots.show_png(still, alt)
        return None
    widget = kind(setup=setup, told=told, shown=answer(told))
    widget.observe(lambda change: widget.set_trait("shown", answer(change.new)), "told")
    plots.show_png(still, alt, live=widget)
    return widget


def draw_a_digit(network, digits):
    """Show a pad, and what a network takes the drawing for while it grows.

    Parameters
    ----------
    network : Network
        Of images of 28 × 28 pixels.
    digits : sequence
        What each of its outputs stands for: `odd.digits`.

    Raises
    ------
    ValueError
        There is not one digit for each output.
    """
    names = [str(digit) for digit in digits]
    if network.classes != len(names):
        raise ValueError(f"the network has {network.classes} outputs, but {len(names)} digits were given: {names}")

    def probabilities(image):
        x = Part(image[None], np.zeros(1, int), tuple(digits), "a drawing").inputs(network.input_shape)
        return softmax(network.forward(x))[0].tolist()

    def answer(told):
        image, shares = np.zeros((strokes.SIDE, strokes.SIDE), "uint8"), [0.0] * len(names)
        try:
            image = strokes.rasterise(told["strokes"])
            shares = probabilities(image)
            first, second = np.argsort(shares)[:-3:-1]
            words = (
                f"Taken for a {names[first]} ({shares[first]:.1%}), then for a {names[second]} ({shares[second]:.1%})."
            )
        except DrawingError as problem:
            words = str(problem)
        return {"words": words, "bars": list(zip(names, shares)), "seen": image.tobytes()}

    image = strokes.rasterise(strokes.bundled("digits")["4"][0])
    shares = probabilities(image)
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 2.6), width_ratios=(1, 1.6), layout="constrained")
    left.imshow(image)
    left.axis("off")
    bars = right.barh(names[::-1], shares[::-1], color=plots.COLOURS[0])
    right.bar_label(bars, [f"{share:.0%}" for share in shares[::-1]], padding=3)
    right.set(xlim=(0, 1.15), xlabel="probability", xticks=[0, 0.5, 1])
    taken = names[int(np.argmax(shares))]
    figure.suptitle(f"A drawn 4: a network that knows {', '.join(names)} takes it for a {taken}")
    alt = f"A drawn 4 on the left, a bar for each digit that the network knows on the right. It takes the 4 for a {taken}."
    setup = {"kind": "draw", "label": "Drawing pad: draw a digit"}
    _show(figure, alt, answer, setup, {"strokes": []})


@functools.cache
def _own():
    """The symbols of this kernel's reader: running the cell again loses no drawing."""
    return Symbols()


def teach():
    """Show a pad to draw examples of two to five symbols with; the next cells learn from them.

    Returns
    -------
    Symbols
        `parts` makes images of its drawings: the reader's, or the bundled ones as long as there are none.
    """
    names = list(strokes.bundled())
    first = {name: many[:6] for name, many in strokes.bundled().items()}
    title = "The bundled symbols: the first six of twelve drawings"
    figure = plots.images(strokes.part(first).images, np.repeat(names, 6), columns=6, title=title)
    alt = f"Five rows of drawings, six of each symbol: {', '.join(names)}. No two are alike."
    setup = {"kind": "teach", "label": "Drawing pad: draw an example of your symbol"}
    widget = _show(figure, alt, _kept, setup, {})
    if widget is not None:
        widget.on_msg(_asked)
    return _own()


def _asked(widget, message, buffers):
    """A button was pressed: do it, or say why not."""
    problem = {}
    try:
        if message["what"] == "keep":
            _own().keep(message["name"], message["strokes"])
            widget.send({"kept": True})
        else:
            _own().take_back(message["name"])
    except DrawingError as refusal:
        problem = {"words": str(refusal)}
    number = widget.shown.get("number", 0) + 1  # makes each answer a new one: an equal one would not be sent
    widget.shown = _kept() | problem | {"number": number}


def _kept(told=None):
    """What the pad shows of the symbols that were kept."""
    own = _own().own
    if own:
        counts = ", ".join(f"{len(many)} of {name}" for name, many in own.items())
        words = f"Kept: {counts}. Draw four or more of each symbol; the first three are to learn from. Then run the next cells."
    else:
        words = f"Nothing is drawn yet, so the next cells use bundled drawings: {', '.join(strokes.bundled())}."
    return {"words": words, "symbols": list(own.items())}


def _slide(draw, sliders, places):
    """Sliders that step through lists of values. `draw(*values)` gives a figure and its words."""

    def answer(told):
        figure, words = draw(*[values[place] for (_, values), place in zip(sliders, told["places"])])
        return {"png": plots.png(figure), "words": words}

    figure, words = draw(*[values[place] for (_, values), place in zip(sliders, places)])
    named = [{"label": label, "texts": [str(value) for value in values]} for label, values in sliders]
    _show(figure, words, answer, {"kind": "slide", "sliders": named}, {"places": places})


def ravine():
    """Show gradient descent in a ravine, L(w) = (w1² + 25 w2²) / 2, with sliders for learning rate and momentum."""
    _slide(_descent, [("learning rate η", RATES), ("momentum m", MOMENTA)], [RATES.index(0.07), 0])


def _descent(rate, momentum):
    w, v = START, np.zeros(2)
    path = [w]
    for _ in range(STEPS):
        v = momentum * v - rate * STEEPNESS * w
        w = w + v
        path.append(w)
    losses = np.square(path) @ STEEPNESS / 2
    end = f"after {STEPS} steps the loss is {losses[-1]:.3g}; it began at {losses[0]:.3g}"
    high = np.flatnonzero(losses >= 0.01 * losses[0])[-1]
    stays = f"Below 1 % of that from step {high + 1} on" if high < STEPS else "Not yet below 1 % of that"
    left = " The path leaves the picture." if np.any(np.abs(path) > (4.6, 1.7)) else ""
    title = f"η = {rate}, momentum {momentum}: {'down' if losses[-1] < losses[0] else 'up'} to {losses[-1]:.3g}"
    figure = pictures.ravine(lambda w1, w2: (w1**2 + 25 * w2**2) / 2, {title: np.array(path)}, (-4.6, 4.6), (-1.7, 1.7))
    figure.set_size_inches(7.2, 3.1)
    return figure, f"Learning rate {rate}, momentum {momentum}: {end}. {stays}.{left}"


def how_deep():
    """Show how freezing more layers changes accuracy and work, with sliders for the depth and the labels.

    Accuracies are those of the study `labels`, from odd to even digits; the work is counted.
    """
    table = read_columns(LABELS)
    labels = sorted({int(count) for count in table["labels"] if count != ALL})
    work = [multiply_adds(depth) for depth in range(len(FROZEN))]

    def draw(frozen, count):
        rows = (table["target"] == "02468") & (table["labels"] == count)
        runs = {key: table["test_accuracy"][rows & (table["strategy"] == key)] for key in (*LEARNED, *RANDOM)}
        return _depth(FROZEN.index(frozen), count, runs, work)

    _slide(draw, [("frozen", FROZEN), ("labels per class", labels)], [1, labels.index(10)])


def multiply_adds(frozen):
    """The multiply-adds of a training step, for each image, with that many layers frozen and their features kept."""
    dense = [layer.weights.value.size for layer in MLP.network(classes=5, seed=0).layers if isinstance(layer, Dense)]
    trained = dense[frozen:]
    return 3 * sum(trained) - trained[0]  # forward, and two products backward; none for the inputs of the lowest


def _depth(frozen, count, table, work):
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2), layout="constrained")
    depths, names = np.arange(3), ("nothing", "hidden1", "both")
    for strategies, name in ((LEARNED, "learned on odd digits, frozen"), (RANDOM, "random, frozen")):
        look = plots.look(strategies[1])
        runs = np.array([table[strategy] for strategy in strategies])  # (3, runs)
        left.plot(depths, runs.mean(axis=1), label=name, **look)
        left.vlines(depths, runs.min(axis=1), runs.max(axis=1), color=look["color"], alpha=0.5)
    learned, random = (np.mean(table[strategies[frozen]]) for strategies in (LEARNED, RANDOM))
    left.plot(frozen, learned, "o", markersize=15, fillstyle="none", color="black")
    left.set(xticks=depths, xticklabels=names, xlim=(-0.3, 2.3), ylim=(0.3, 1), xlabel="layers frozen")
    left.set(ylabel="accuracy on even digits", title=f"{count} labels per class: mean and range")
    left.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    left.legend(loc="lower left")
    colours = [plots.COLOURS[0] if depth == frozen else "lightgrey" for depth in depths]
    right.bar_label(right.bar(names, work, color=colours), [f"{count:,}" for count in work])
    right.set(yscale="log", ylim=(1e2, 6e6), xlabel="layers frozen", title="Multiply-adds of a step, for each image")
    words = (
        f"{count} labels per class, {FROZEN[frozen]}: {learned:.1%} of even digits right; with random values in these layers"
        f" {random:.1%}. Means of {len(table['frozen'])} runs. A step takes {work[frozen]:,} multiply-adds an image"
    )
    return figure, words + (f", {work[0] / work[frozen]:.0f} times fewer than with nothing frozen." if frozen else ".")
