"""A network's picture says in shapes, words and without colour what is frozen, and how far the gradient goes."""

import re
from base64 import b64decode
from xml.etree import ElementTree

import pytest

from helpers import Conv2D, Dense, Dropout, MaxPool2D, Network, ReLU
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


def block(network, name):
    """The left, top, right and bottom of the block that a layer with parameters has."""
    [label] = [element for element in elements(network, "text") if element.text == name]
    x, y = float(label.get("x")), float(label.get("y"))
    boxes = [tuple(float(box.get(key)) for key in ("x", "y", "width", "height")) for box in _blocks(network)]
    [found] = [box for box in boxes if box[0] < x < box[0] + box[2] and box[1] < y < box[1] + box[3]]
    return found[0], found[1], found[0] + found[2], found[1] + found[3]


def _blocks(network):
    return [box for box in elements(network, "rect") if box.get("height") == str(network_picture.BLOCK_HEIGHT)]


def arrowheads(network, colour):
    heads = [head for head in elements(network, "polygon") if head.get("fill") == colour]
    return [tuple(map(float, head.get("points").split()[0].split(","))) for head in heads]


def learning(network):
    return [name for name in network if network[name].parameters() and network[name].trainable]


def resting(network):
    return [name for name in network if network[name].parameters() and not network[name].trainable]


def test_the_same_network_gives_the_same_picture(network):
    assert network_picture.svg(network) == network_picture.svg(network.copy())
    assert network._repr_html_() == network_picture.picture(network.copy())


def test_freezing_changes_the_picture_and_other_weights_do_not():
    assert network_picture.svg(mlp().freeze("hidden1")) != network_picture.svg(mlp())
    assert network_picture.svg(mlp().reinitialized(seed=1)) == network_picture.svg(mlp())


def test_padlocks_hatches_and_dashes_stand_on_frozen_layers_with_parameters(network):
    locks = [group for group in elements(network, "g") if group.get("class") == "padlock"]
    corners = sorted(block(network, name)[1:3] for name in resting(network))  # top and right
    places = [lock.find(f"{NAMESPACE}rect") for lock in locks]
    assert len(places) == len(corners)
    for place, (top, right) in zip(sorted((float(p.get("y")), float(p.get("x"))) for p in places), corners):
        assert abs(place[0] - top) < 12 and abs(place[1] - right) < 16
    for look in (("fill", "url(#frozen)"), ("stroke-dasharray", "5 3")):
        assert sum(box.get(look[0]) == look[1] for box in _blocks(network)) == len(corners)


def test_the_gradient_reaches_the_layers_that_learn_and_goes_no_further(network):
    reached = sorted(place for place in arrowheads(network, network_picture.BACKWARD) if place[0] > 20)
    boxes = [block(network, name) for name in learning(network)]
    wanted = sorted(((left + right) // 2, bottom + 2) for left, _, right, bottom in boxes)
    assert len(reached) == len(wanted)
    for (x, y), (middle, below) in zip(reached, wanted):
        assert abs(x - middle) <= 1 and y == below
    ways = [way.get("points").split() for way in elements(network, "polyline")]
    if not wanted:
        assert not ways and "no gradient" in texts(network)
        return
    left, _, right, bottom = block(network, network.names[network.first_trainable])
    x, y = map(float, ways[0][-1].split(","))  # the upper row is drawn first
    assert left < x < right and bottom < y < bottom + network_picture.LANE
    assert float(ways[-1][0].split(",")[1]) == max(box[3] for box in map(_edges, _blocks(network)))  # from the loss


def test_the_gradient_goes_on_through_the_rows_above_up_to_the_first_trainable_layer():
    for frozen, rows in ((None, 2), ("conv2", 1)):
        network = small_convnet(classes=5, seed=0)
        ways = elements(network.freeze(upto=frozen) if frozen else network, "polyline")
        assert len(ways) == rows
    *_, below = elements(small_convnet(classes=5, seed=0), "polyline")
    assert below.get("points").split()[-1].startswith("3,")  # at the left edge, where the row above ends


def _edges(box):
    x, y, width, height = (float(box.get(key)) for key in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def test_forward_arrows_lead_from_the_input_through_every_layer_to_the_loss(network):
    entered = {place for place in arrowheads(network, network_picture.FORWARD)}
    rows = {box[1] for box in map(_edges, _blocks(network))}
    assert len(_blocks(network)) == len(network) + 2
    assert len(entered) == len(network) + 1 + len(rows) - 1  # one more where a row goes on in the next


def test_blocks_carry_name_size_and_parameters():
    shown = texts(NETWORKS["first layer frozen"])
    for text in ("hidden1", "Dense", "→ 512", "401,920", "Dropout 20%", "ReLU", "head", "→ 5", "645", "784", "loss"):
        assert text in shown
    assert "468,229 parameters: 66,309 trained, 401,920 frozen" in shown
    assert {"Conv2D 5×5", "→ 24×24×8", "MaxPool2D 2×2", "Flatten", "28×28×1"} <= set(texts(NETWORKS["convnet"]))


def test_the_head_looks_different_from_other_layers_without_colour():
    widths = [box.get("stroke-width") for box in _blocks(mlp())]
    assert widths.count("3.5") == 1 and widths[-2] == "3.5"  # before the loss


def test_nothing_leaves_the_picture_and_blocks_do_not_overlap(network):
    root = ElementTree.fromstring(network_picture.svg(network))
    width, height = float(root.get("width")), float(root.get("height"))
    assert width <= network_picture.ROW_WIDTH + 2 * network_picture.MARGIN
    boxes = [_edges(box) for box in _blocks(network)]
    assert all(left >= 0 and top >= 0 and right <= width and bottom <= height for left, top, right, bottom in boxes)
    for before, after in zip(boxes, boxes[1:]):
        assert before[2] < after[0] or before[3] < after[1]
    assert all(7 * len(text) < width for text in texts(network))
    background = root.find(f"{NAMESPACE}rect")
    assert background.get("fill") == "#FFFFFF" and background.get("width") == root.get("width")


def test_the_picture_is_an_image_with_the_same_in_words(network):
    form = r'<img alt="([^"]+)" src="data:image/svg\+xml;base64,([^"]+)" style="[^"]+">'
    found = re.fullmatch(form, network._repr_html_())
    assert b64decode(found[2]).decode() == network_picture.svg(network)
    for name in resting(network):
        assert re.search(rf"{name} \([^)]*, frozen\)", found[1])
    for name in learning(network):
        assert re.search(rf"{name} \([^)]*, trained\)", found[1])
    back = [f"goes back to {name}." for name in learning(network)[:1]] or ["has nowhere to go."]
    assert found[1].endswith(back[0])


@pytest.mark.parametrize("name", ["<b>", "a & b", '"quoted"', "a very long name for a layer, </text> and more of it"])
def test_names_are_escaped_and_long_ones_cut(name):
    named = Network([(name, Dense(3, 4, seed=0)), ("relu", ReLU()), ("head", Dense(4, 2, seed=0))], (3,))
    assert any(text.rstrip("…") in name for text in texts(named) if text.startswith(name[:3]))
    assert max(map(len, texts(named))) < 50
    image = ElementTree.fromstring(network_picture.picture(named).removesuffix(">") + "/>")
    assert f"{name} (Dense" in image.get("alt")
    shown = network_picture.beside({name: named})
    assert "<b>" not in shown._repr_html_() and repr(shown).startswith(f"{name}: Network(")


def test_layers_describe_themselves():
    layers = [Dense(2, 3, seed=0), ReLU(), Dropout(0.25), Conv2D(1, 2, 3, seed=0), MaxPool2D(2)]
    assert [layer.kind for layer in layers] == ["Dense", "ReLU", "Dropout 25%", "Conv2D 3×3", "MaxPool2D 2×2"]


def test_networks_beside_each_other_keep_their_names_and_order():
    shown = network_picture.beside({"trained": mlp(), "frozen": mlp().freeze("hidden1")})._repr_html_()
    assert shown.index("<p>trained<br>") < shown.index("<p>frozen<br>") and shown.count("<img ") == 2


def test_save_writes_the_picture(tmp_path):
    network_picture.save(mlp(), tmp_path / "network.svg")
    assert (tmp_path / "network.svg").read_text(encoding="utf-8") == network_picture.svg(mlp())
