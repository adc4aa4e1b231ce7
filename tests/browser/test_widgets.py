"""The widgets in a real JupyterLab: a hand draws and slides, and the numbers that appear are those that Python computes."""

from hands import check_bars, draw, loss_after, press
from playwright.sync_api import expect

from helpers.data import strokes

NETWORK = "from helpers import load_network\nfrom helpers.show import widgets\nnetwork = load_network('odd.npz')"


def test_a_drawn_digit_moves_the_bars(lab, page, odd_network):
    lab.open(page, lab.write("draw.ipynb", NETWORK, "widgets.draw_a_digit(network, (1, 3, 5, 7, 9))"))
    lab.run_all(page, 2)
    widget = page.locator(".hand")
    words, pad = widget.locator(".hand-words"), page.get_by_role("application", name="Drawing pad: draw a digit")
    expect(words).to_have_text("There is nothing on the pad yet: draw a line.")
    for name in "1357":
        drawing = strokes.bundled("digits")[name][0]
        draw(page, pad, drawing)
        assert check_bars(widget, odd_network, drawing) == name
        expect(words).to_contain_text(f"Taken for a {name}")
        page.get_by_role("button", name="Clear").click()
        expect(words).to_have_text("There is nothing on the pad yet: draw a line.")
    draw(page, pad, [[[0.5, 0.5]]])
    expect(words).to_contain_text("A single dot has no shape")


def test_the_bars_move_while_one_draws_by_keyboard(lab, page, odd_network):
    lab.open(page, lab.write("keys.ipynb", NETWORK, "widgets.draw_a_digit(network, (1, 3, 5, 7, 9))"))
    lab.run_all(page, 2)
    widget = page.locator(".hand")
    page.get_by_role("application", name="Drawing pad: draw a digit").focus()
    press(page, *["ArrowUp"] * 8, "Space", *["ArrowDown"] * 16)  # the pen is still down
    line = [[0.5, 0.5 - 8 / 28], [0.5, 0.5 + 8 / 28]]
    assert check_bars(widget, odd_network, [line]) == "1"
    press(page, "Backspace")
    expect(widget.locator(".hand-words")).to_contain_text("There is nothing on the pad yet")


def test_sliders_move_by_keyboard(lab, page):
    lab.open(
        page, lab.write("slide.ipynb", "from helpers.show import widgets", "widgets.ravine()", "widgets.how_deep()")
    )
    lab.run_all(page, 3)
    ravine, depth = page.locator(".hand").all()
    rate, momentum = ravine.get_by_role("slider").all()
    expect(ravine.locator(".hand-words")).to_contain_text(f"the loss is {loss_after(0.07, 0):.3g};")
    before = ravine.locator("img").get_attribute("src")
    momentum.focus()
    press(page, *["ArrowRight"] * 7)
    rate.focus()
    press(page, *["ArrowLeft"] * 5)
    expect(momentum).to_have_attribute("aria-valuetext", "0.9")
    expect(rate).to_have_attribute("aria-valuetext", "0.02")
    expect(ravine.locator(".hand-words")).to_contain_text(
        f"Learning rate 0.02, momentum 0.9: after 40 steps the loss is {loss_after(0.02, 0.9):.3g};"
    )
    assert ravine.locator("img").get_attribute("src") != before
    assert ravine.locator("img").evaluate("image => image.naturalWidth") > 400
    frozen, labels = depth.get_by_role("slider").all()
    frozen.focus()
    press(page, "End")
    labels.focus()
    press(page, "ArrowRight")
    expect(depth.locator(".hand-words")).to_contain_text("30 labels per class, hidden1 and hidden2 frozen: ")


TEACH = (
    "from helpers import evaluate, fine_tune, load_network\nfrom helpers.show import widgets\nnetwork = load_network('odd.npz')",
    "mine = widgets.teach()",
    "learn, kept_back = mine.parts(examples=3)\nprint(learn.digits, learn.counts(), kept_back.counts(), kept_back.images.sum())",
    "tuned, _ = fine_tune(network, learn, seed=0, steps=60, progress=False)\n"
    "print(f'right: {evaluate(tuned, kept_back).accuracy:.3f}')",
)


def test_own_symbols_are_drawn_kept_and_learned(lab, page, odd_network):
    lab.open(page, lab.write("teach.ipynb", *TEACH))
    lab.run_all(page, 4)
    outputs = page.locator("[data-mime-type='application/vnd.jupyter.stdout']")
    expect(outputs.filter(has_text="triangle")).to_contain_text("[3 3 3 3 3] [9 9 9 9 9]")
    widget, symbols = page.locator(".hand"), {"heart": strokes.bundled()["heart"], "kiss": strokes.bundled()["cross"]}
    words, pad = widget.locator(".hand-words"), widget.get_by_role("application")
    name, keep = widget.get_by_role("textbox"), widget.get_by_role("button", name="Keep the drawing")
    keep.click()
    expect(words).to_contain_text("nothing on the pad yet")
    draw(page, pad, symbols["heart"][0])
    keep.click()
    expect(words).to_contain_text("Give the drawing a name")  # and it stays on the pad
    for symbol, drawings in symbols.items():
        name.fill(symbol)
        for count, drawing in enumerate(drawings[:5], 1):
            if (symbol, count) != ("heart", 1):
                draw(page, pad, drawing)
            keep.click() if count % 2 else name.press("Enter")
            expect(widget.get_by_role("button", name=f"{count} drawings of {symbol}")).to_be_visible()
            expect(page.get_by_role("button", name="Undo")).to_be_disabled()  # the pad is empty again
    lab.run_all(page, 8)  # the cell of the widget too: it keeps the drawings
    expect(page.locator(".hand").get_by_role("button", name="5 drawings of kiss")).to_be_visible()
    printed = outputs.filter(has_text="'heart', 'kiss'")
    expect(printed).to_contain_text("[3 3] [2 2]")
    expected = sum(int(strokes.rasterise(drawing).sum()) for many in symbols.values() for drawing in many[3:5])
    found = int(printed.inner_text().split()[-1])
    assert abs(found / expected - 1) < 0.03  # the mouse hits the points of the drawings to half a pixel
    expect(outputs.filter(has_text="right: ")).to_contain_text("right: 1.000")
