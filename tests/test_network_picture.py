"""A network's picture says in shapes, words and without colour what is frozen, and how far the gradient goes."""

from base64 import b64decode
from xml.etree import ElementTree

import pytest

from helpers import Dense, Network, ReLU
from helpers.show import network_picture
from helpers.transfer.recipes import keras_convnet, small_convnet

NAMESPACE = "{http://www.w3.org/2000/svg}"


def mlp(**options):
    return Network.mlp(784, 512, 128, classes=5, seed=0, **options)


NETWORKS = {
    "trained": mlp(dropout=0.2),
    "first layer frozen": mlp(dropout=0.2).freeze("hidden1"),
    "a frozen layer between trained ones": mlp().freeze("hidden2"),
    "all but the head frozen": mlp().freeze(upto="relu2"),
    "all frozen": mlp().freeze(upto="head"),
    "one layer": Network.mlp(784, classes=5, seed=0),
    "convnet": small_convnet(classes=5, seed=0),
    "convolutions frozen": keras_convnet(classes=5, seed=0).freeze(upto="conv2"),
}


@pytest.fixture(params=NETWORKS)
def network(request):
    return NETWORKS[request.param]


def elements(network, kind):
    return list(ElementTree.fromstring(network_picture.svg(network)).iter(NAMESPACE + kind))


def texts(network):
    return [element.text for element in elements(network, "text")]


def blocks(network):
    """The left, top, right and bottom of each block, from the input to the loss."""
    boxes = [box for box in elements(network, "rect") if box.get("height") == str(network_picture.BLOCK_HEIGHT)]
    sides = [[float(box.get(key)) for key in ("x", "y", "width", "height")] for box in boxes]
    return [(x, y, x + width, y + height) for x, y, width, height in sides]


def with_parameters(network, trainable):
    """The names and blocks of the layers with parameters that are, or are not, trainable."""
    return {
        name: block
        for name, block in zip(network, blocks(network)[1:-1], strict=True)
        if network[name].parameters() and network[name].trainable is trainable
    }


def test_the_same_network_gives_the_same_picture(network):
    assert network_picture.svg(network) == network_picture.svg(network.copy())


def test_freezing_changes_the_picture_and_other_weights_do_not():
    assert network_picture.svg(mlp().freeze("hidden1")) != network_picture.svg(mlp())
    assert network_picture.svg(mlp().reinitialized(seed=1)) == network_picture.svg(mlp())


def test_frozen_layers_have_padlocks_hatches_and_dashes(network):
    frozen = with_parameters(network, trainable=False)
    locks = [group.find(f"{NAMESPACE}rect") for group in elements(network, "g") if group.get("class") == "padlock"]
    for lock, (_, top, right, _) in zip(locks, frozen.values(), strict=True):
        assert abs(float(lock.get("x")) - right) < 16 and abs(float(lock.get("y")) - top) < 12
    for look, value in (("fill", "url(#frozen)"), ("stroke-dasharray", "5 3")):
        assert sum(box.get(look) == value for box in elements(network, "rect")) == len(frozen)


def test_the_gradient_reaches_the_layers_that_learn_and_no_others(network):
    heads = [head for head in elements(network, "polygon") if head.get("fill") == network_picture.BACKWARD]
    tips = [tuple(map(float, head.get("points").split()[0].split(","))) for head in heads]
    reached = {
        name
        for name, (left, _, right, bottom) in zip(network, blocks(network)[1:-1])
        for x, y in tips
        if left < x < right and 0 < y - bottom < 5
    }
    assert reached == with_parameters(network, trainable=True).keys()
    assert ("no gradient" in texts(network)) == (not reached)


def test_the_gradient_goes_on_in_the_row_above_if_a_layer_there_learns():
    for name, leave in (("convnet", [False, True]), ("convolutions frozen", [False])):
        ways = [way.get("points").split()[-1] for way in elements(NETWORKS[name], "polyline")]
        assert [float(end.partition(",")[0]) < network_picture.MARGIN for end in ways] == leave


def test_forward_arrows_lead_from_the_input_through_every_layer_to_the_loss(network):
    arrows = [head for head in elements(network, "polygon") if head.get("fill") == network_picture.FORWARD]
    rows = {top for _, top, _, _ in blocks(network)}
    assert len(arrows) == len(network) + 1 + len(rows) - 1  # one more where a row goes on in the next


def test_blocks_carry_name_size_and_parameters():
    shown = texts(NETWORKS["first layer frozen"])
    for text in ("hidden1", "Dense", "→ 512", "401,920", "Dropout 20%", "ReLU", "head", "→ 5", "645", "784", "loss"):
        assert text in shown
    assert "468,229 parameters: 66,309 trained, 401,920 frozen" in shown
    assert {"Conv2D 5×5", "→ 24×24×8", "MaxPool2D 2×2", "Flatten", "28×28×1"} <= set(texts(NETWORKS["convnet"]))


def test_the_head_looks_different_without_colour():
    _, *widths, head, _ = [float(box.get("stroke-width")) for box in elements(mlp(), "rect") if box.get("stroke-width")]
    assert head > max(widths)


def test_nothing_leaves_the_picture_and_blocks_do_not_overlap(network):
    root = ElementTree.fromstring(network_picture.svg(network))
    width, height = float(root.get("width")), float(root.get("height"))
    assert width <= network_picture.ROW_WIDTH + 2 * network_picture.MARGIN
    boxes = blocks(network)
    assert all(left >= 0 and top >= 0 and right <= width and bottom <= height for left, top, right, bottom in boxes)
    assert all(before[2] < after[0] or before[3] < after[1] for before, after in zip(boxes, boxes[1:]))
    assert all(7 * len(text) < width for text in texts(network))


def test_the_picture_is_an_image_with_the_same_in_words(network):
    image = ElementTree.fromstring(network._repr_html_().removesuffix(">") + "/>")
    assert b64decode(image.get("src").partition("base64,")[2]).decode() == network_picture.svg(network)
    words = image.get("alt")
    for trainable, state in ((True, "trained"), (False, "frozen")):
        for name in with_parameters(network, trainable):
            assert words.partition(f"{name} (")[2].partition(")")[0].endswith(f", {state}")
    first = [f"goes back to {name}." for name in with_parameters(network, trainable=True)]
    assert words.endswith([*first, "has nowhere to go."][0])


@pytest.mark.parametrize("name", ["<b>", "a & b", '"quoted"', "a very long name for a layer, </text> and more of it"])
def test_names_are_escaped_and_long_ones_cut(name):
    named = Network([(name, Dense(3, 4, seed=0)), ("relu", ReLU()), ("head", Dense(4, 2, seed=0))], (3,))
    assert any(text.rstrip("…") in name for text in texts(named) if text.startswith(name[:3]))
    assert max(map(len, texts(named))) < 50
    image = ElementTree.fromstring(network_picture.picture(named).removesuffix(">") + "/>")
    assert f"{name} (Dense" in image.get("alt")
    assert "<b>" not in network_picture.beside({name: named})._repr_html_()


def test_networks_beside_each_other_keep_their_names_and_order():
    shown = network_picture.beside({"trained": mlp(), "frozen": mlp().freeze("hidden1")})
    html = shown._repr_html_()
    assert html.index("<p>trained<br>") < html.index("<p>frozen<br>") and html.count("<img ") == 2
    assert repr(shown).startswith("trained: Network(")


def test_save_writes_the_picture(tmp_path):
    network_picture.save(mlp(), tmp_path / "network.svg")
    assert (tmp_path / "network.svg").read_text(encoding="utf-8") == network_picture.svg(mlp())
