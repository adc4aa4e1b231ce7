"""What the widgets answer to their reader, with anywidget and without; a browser draws and slides in tests/browser."""

import functools
import sys

import numpy as np
import pytest

from helpers import evaluate
from helpers.data import strokes
from helpers.show import plots, widgets


@pytest.fixture
def shown(monkeypatch):
    """What was shown: pairs of words and the live widget; nothing is drawn yet."""
    calls = []

    def show_png(png, alt, live=None):
        assert png.startswith(b"\x89PNG") and alt
        calls.append((alt, live))

    monkeypatch.setattr(plots, "show_png", show_png)
    monkeypatch.setattr(widgets, "_kind", functools.cache(widgets._kind.__wrapped__))
    monkeypatch.setattr(widgets, "_own", functools.cache(widgets._own.__wrapped__))
    return calls


def test_the_bars_are_the_networks_probabilities(shown, trained, odd):
    widgets.draw_a_digit(trained, odd.digits)
    [(alt, pad)] = shown
    assert "It takes the 4 for a" in alt
    assert pad.shown["words"] == "There is nothing on the pad yet: draw a line."
    assert pad.shown["bars"] == [(str(digit), 0.0) for digit in odd.digits]
    for drawings in strokes.bundled("digits").values():
        pad.told = {"strokes": drawings[0]}
        [expected] = evaluate(
            trained, strokes.part({str(d): [drawings[0]][: d == 1] for d in odd.digits})
        ).probabilities
        assert np.allclose([share for _, share in pad.shown["bars"]], expected, atol=1e-6)
        best = expected.argmax()
        assert pad.shown["words"].startswith(f"Taken for a {odd.digits[best]} ({expected[best]:.1%}), then for a ")
        assert pad.shown["seen"] == strokes.rasterise(drawings[0]).tobytes()
    pad.told = {"strokes": [[[0.5, 0.5]]]}
    assert "single dot" in pad.shown["words"] and sum(share for _, share in pad.shown["bars"]) == 0


def test_a_digit_for_each_output(trained):
    with pytest.raises(ValueError, match="5 outputs, but 2 digits"):
        widgets.draw_a_digit(trained, (1, 3))


def walk(rate, momentum, steps):
    """The loss at the end of a walk down the ravine, written down once more."""
    w, v = np.array([-4.0, 1.0]), np.zeros(2)
    for _ in range(steps):
        v = momentum * v - rate * np.array([1, 25]) * w
        w = w + v
    return (w[0] ** 2 + 25 * w[1] ** 2) / 2


def test_the_sliders_walk_down_the_ravine(shown):
    widgets.ravine()
    [(alt, sliders)] = shown
    assert alt == sliders.shown["words"]
    assert f"after 40 steps the loss is {walk(0.07, 0, 40):.3g}; it began at 20.5" in alt
    rates, momenta = (slider["texts"] for slider in sliders.setup["sliders"])
    sliders.told = {"places": [rates.index("0.02"), momenta.index("0.8")]}
    words = sliders.shown["words"]
    assert words.startswith(f"Learning rate 0.02, momentum 0.8: after 40 steps the loss is {walk(0.02, 0.8, 40):.3g};")
    step = int(words.partition("from step ")[2].partition(" ")[0])
    assert walk(0.02, 0.8, step) < 0.01 * 20.5 <= walk(0.02, 0.8, step - 1)
    sliders.told = {"places": [rates.index("0.16"), 0]}
    assert f"the loss is {walk(0.16, 0, 40):.3g}" in sliders.shown["words"]
    assert "Not yet below" in sliders.shown["words"] and "leaves the picture" in sliders.shown["words"]


def test_the_sliders_show_the_stored_accuracies_and_the_counted_work(shown):
    pandas = pytest.importorskip("pandas")
    table = pandas.read_csv(widgets.LABELS, dtype={"target": str, "labels": str})
    means = table[table.target == "02468"].groupby(["strategy", "labels"]).test_accuracy.mean()
    widgets.how_deep()
    [(alt, sliders)] = shown
    counts = sliders.setup["sliders"][1]["texts"]
    products = 784 * 512, 512 * 128, 128 * 5
    work = (3 * sum(products) - products[0], 3 * sum(products[1:]) - products[1], 2 * products[2])
    for depth, (learned, random) in enumerate(
        [("fine-tune", "scratch"), ("frozen", "random"), ("probe", "random-probe")]
    ):
        for count in ("1", "100", "1000"):
            sliders.told = {"places": [depth, counts.index(count)]}
            words = sliders.shown["words"]
            assert words.startswith(f"{count} labels per class, ")
            assert f": {means[learned, count]:.1%} of even digits right; " in words
            assert f"with random values in these layers {means[random, count]:.1%}. Means of 10 runs" in words
            assert f"takes {work[depth]:,} multiply-adds" in words


def ask(pad, what, name, drawing=()):
    """Press a button of the pad; returns what it says."""
    pad._handle_custom_msg({"what": what, "name": name, "strokes": list(drawing)}, [])
    return pad.shown["words"]


def test_own_drawings_are_kept_and_taken_back(shown):
    symbols = widgets.teach()
    pad, hearts = shown[0][1], strokes.bundled()["heart"]
    assert symbols.is_bundled and "bundled drawings" in pad.shown["words"]
    for drawing in hearts[:3]:
        assert "of love" in ask(pad, "keep", " love ", drawing)
    for _ in range(2):
        before = pad.shown
        assert "single dot" in ask(pad, "keep", "love", [[[0.5, 0.5]]])
        assert pad.shown != before  # an equal answer would not reach the browser
    assert "2 of love" in ask(pad, "take back", "love")
    assert pad.shown["symbols"] == [("love", hearts[:2])]
    assert widgets.teach() is symbols and symbols.own == {"love": hearts[:2]}  # its cell was run again


def test_without_anywidget_a_sentence_and_the_stills(shown, monkeypatch, capsys, trained, odd):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    widgets.draw_a_digit(trained, odd.digits)
    widgets.ravine()
    widgets.how_deep()
    assert widgets.teach().is_bundled
    assert [live for _, live in shown] == [None] * 4
    assert capsys.readouterr().out.count("pip install anywidget") == 4
