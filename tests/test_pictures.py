"""Pictures that explain show the numbers they were given, and animations are small, short and play once."""

import struct
from io import BytesIO

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from PIL import Image

from helpers import Network, softmax, softmax_cross_entropy
from helpers.show import pictures
from helpers.show.pictures import backward, moving

LIMIT = 250_000  # bytes of an animation


@pytest.fixture(autouse=True)
def no_figure_is_left():
    plt.close("all")
    yield
    plt.close("all")


def texts(axis):
    return [text.get_text() for text in axis.texts]


# Animations


def squares(count=4, size=(20, 30, 3)):
    frames = np.full((count, *size), 255, np.uint8)
    for number, one in enumerate(frames):
        one[5:9, 5 * number : 5 * number + 4] = (0, 114, 178)
    return list(frames)


def chunks(png):
    place, found = 8, []
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        found.append((png[place + 4 : place + 8], png[place + 8 : place + 8 + length]))
        place += 12 + length
    return found


def test_an_animation_plays_once_in_the_time_it_was_given():
    found = chunks(pictures.animation(squares(), seconds=2))
    [(frames, plays)] = [struct.unpack(">II", data) for kind, data in found if kind == b"acTL"]
    assert (frames, plays) == (4, 1)
    delays = [struct.unpack(">HH", data[20:24]) for kind, data in found if kind == b"fcTL"]
    assert sum(part / whole for part, whole in delays) == pytest.approx(2, abs=0.01)


def test_where_nothing_moves_the_last_frame_is_shown():
    frames = squares()
    png = pictures.animation(frames)
    kinds = [kind for kind, _ in chunks(png)]
    assert kinds.index(b"IDAT") < kinds.index(b"fcTL")  # what stands before the first fcTL is no part of the animation
    image = Image.open(BytesIO(png))
    still = np.array(image.convert("RGB"))
    assert np.array_equal(still, frames[-1])
    for number, one in enumerate(frames, start=1):
        image.seek(number)
        assert np.array_equal(np.array(image.convert("RGB")), one)


def test_an_animation_keeps_rare_colours():
    rng = np.random.default_rng(0)
    weights = rng.normal(scale=0.05, size=(3, 5, 28, 28))
    weights[-1, :, 14, 14] = 0.45  # one strong weight among the small ones of each digit
    frames = pictures.templates_emerging(range(3), weights, "13579")
    shown = np.array(Image.open(BytesIO(pictures.animation(frames))).convert("RGB"), int)
    assert np.abs(shown - frames[-1]).max(axis=2).mean() < 6
    strong = frames[-1][:, :, 0].astype(int) - frames[-1][:, :, 1] > 80
    assert strong.any() and (shown[strong][:, 0] - shown[strong][:, 1] > 60).all()


@pytest.mark.parametrize(
    "frames, seconds, message",
    [
        (squares(1), 4, "not 1 of"),
        ([*squares(2), *squares(1, size=(9, 9, 3))], 4, "one size"),
        (squares(), 6, "at most 5 seconds"),
        (squares(), 0, "at most 5 seconds"),
    ],
)
def test_an_animation_that_nobody_could_watch_is_refused(frames, seconds, message):
    with pytest.raises(ValueError, match=message):
        pictures.animation(frames, seconds)


def test_play_shows_the_animation_with_its_words():
    InteractiveShell.instance()
    with capture_output() as captured:
        pictures.play(squares(), "A square moves to the right.", seconds=1)
    picture, words = captured.outputs
    assert picture.data["image/png"] == pictures.animation(squares(), seconds=1)
    assert picture.metadata["image/png"]["alt"] == "A square moves to the right."
    assert "A square moves to the right." in words.data["text/html"]


def test_a_frame_is_the_figure_and_closes_it():
    figure, axis = plt.subplots(figsize=(2, 1), dpi=100, facecolor="black")
    axis.axis("off")
    pixels = pictures.frame(figure)
    assert pixels.shape == (100, 200, 3) and pixels.dtype == np.uint8 and pixels.max() == 0
    assert not plt.get_fignums()


@pytest.fixture
def filmed(monkeypatch):
    """What is drawn at each moment: the figure and the function that draws it, instead of frames."""
    caught = {}
    monkeypatch.setattr(moving, "_film", lambda figure, draw, moments: caught.update(locals()))
    return caught


def weights(steps=20):
    growing = np.linspace(0, 1, steps)[:, None, None, None]
    noise = np.random.default_rng(0).normal(0, 0.05, (5, 28, 28))
    return noise + growing * np.cos(np.arange(5)[:, None, None] + np.arange(28) / 4)


def matrices(steps=30):
    decay = np.linspace(1, 0.2, steps)[:, None, None]
    return np.round(1000 * decay * np.eye(5) + 50).astype(int)


def edge():
    image = np.zeros((28, 28))
    image[4:24, 10:18] = np.random.default_rng(0).uniform(0.3, 1, (20, 8))
    kernel = np.repeat([[-0.2, -0.2, 0, 0.2, 0.2]], 5, axis=0)
    return image, kernel, (np.lib.stride_tricks.sliding_window_view(image, (5, 5)) * kernel).sum(axis=(2, 3))


@pytest.mark.parametrize(
    "frames, count",
    [
        (lambda: pictures.templates_emerging(range(20), weights(), "13579"), 20),
        (lambda: pictures.confusion_decaying(range(0, 300, 10), matrices(), (1, 3, 5, 7, 9), "Odd digits"), 30),
        (lambda: pictures.filter_sliding(*edge()), 36),
    ],
    ids=["templates", "confusion", "filter"],
)
def test_each_ready_made_animation_moves_and_is_small(frames, count):
    made = frames()
    assert len(made) == count and not plt.get_fignums()
    assert all((before != after).any() for before, after in zip(made, made[1:]))
    assert len(pictures.animation(made)) < LIMIT


def test_templates_have_one_scale_in_which_zero_is_white(filmed):
    values = weights()
    pictures.templates_emerging(range(20), values, "13579")
    for moment in (0, 19):
        filmed["draw"](moment)
        for axis, unit in zip(filmed["figure"].axes, values[moment]):
            [image] = axis.images
            assert np.array_equal(image.get_array(), unit)
            assert image.get_clim() == (-np.abs(values).max(), np.abs(values).max())
    assert "step 19" in filmed["figure"].get_suptitle()


def test_the_confusion_matrix_and_its_accuracy_belong_to_the_same_step(filmed):
    given = matrices()
    pictures.confusion_decaying(range(0, 300, 10), given, (1, 3, 5, 7, 9), "Odd digits")
    filmed["draw"](12)
    left, right = filmed["figure"].axes
    assert [int(text.replace(",", "")) for text in texts(left)] == list(given[12].flat)
    right_share = np.trace(given[12]) / given[12].sum()
    assert filmed["figure"].get_suptitle() == f"Odd digits\nafter step 120: {right_share:.0%} right"
    _, line, point = right.lines
    assert len(line.get_xdata()) == 13
    assert point.get_xdata()[0] == 120 and point.get_ydata()[0] == pytest.approx(right_share)


def test_the_filter_stands_where_its_output_grows(filmed):
    image, kernel, output = edge()
    pictures.filter_sliding(image, kernel, output)
    assert filmed["moments"][0] == 0 and filmed["moments"][-1] == output.size - 1
    place = 5 * 24 + 7
    filmed["draw"](place)
    picture, _, grown = filmed["figure"].axes
    assert picture.patches[0].get_xy() == grown.patches[0].get_xy() == (6.5, 4.5)
    shown = grown.images[0].get_array()
    assert shown.count() == place + 1 and not shown.mask[5, 7] and shown.mask[5, 8]
    assert np.array_equal(shown.compressed(), output.flat[: place + 1])


def test_an_output_that_the_filter_cannot_have_made_is_refused():
    image, kernel, output = edge()
    with pytest.raises(ValueError, match="5x5 filter does not make"):
        pictures.filter_sliding(image, kernel, output[1:])


# Still pictures


def test_every_pixel_of_the_table_has_its_number_legible_on_its_shade():
    pixels = np.array([[0, 100], [200, 255]], np.uint8)
    figure = pictures.shaded_table(pixels, "four pixels")
    [axis] = figure.axes
    assert texts(axis) == ["0", "100", "200", "255"]
    assert [text.get_color() for text in axis.texts] == ["black", "black", "white", "white"]


def test_intervals_that_miss_stand_out_and_are_counted():
    figure = pictures.intervals([0.5, 0.6, 0.9], [0.4, 0.5, 0.8], [0.6, 0.7, 0.95], 0.55, "three tests")
    [axis] = figure.axes
    assert axis.get_title() == "three tests: 2 of 3 hold the truth"
    held, missed = axis.lines[:2]
    assert list(held.get_xdata()) == [1, 2] and list(missed.get_xdata()) == [3]
    assert held.get_marker() != missed.get_marker()


def test_decision_regions_state_accuracies_and_share_their_scale():
    points = np.array([[-1.0, 0], [1, 0], [2, 1], [-2, 1]])
    labels = np.array([0, 1, 1, 1])
    seen = {"by logits": lambda x: np.stack([-x[:, 0], x[:, 0]], axis=1), "by classes": lambda x: np.ones(len(x), int)}
    figure = pictures.decision_regions(
        points, labels, {**seen, "third": seen["by classes"], "fourth": seen["by logits"]}
    )
    titles = [axis.get_title() for axis in figure.axes if axis.axison]
    assert titles == ["by logits: 75% right", "by classes: 75% right", "third: 75% right", "fourth: 75% right"]
    shown = [axis for axis in figure.axes if axis.axison]
    assert len({(axis.get_xlim(), axis.get_ylim()) for axis in shown}) == 1
    markers = {line.get_marker() for line in shown[0].lines}
    assert len(markers) == 2  # classes differ in more than colour


def test_both_losses_and_their_pushes_are_those_of_a_softmax():
    figure = pictures.losses()
    left, right = figure.axes
    z = np.linspace(-4, 4, 9)
    others = np.zeros_like(z)

    def probability(logit):
        return softmax(np.stack([logit, others], axis=1))[:, 0]

    for number, loss in enumerate((lambda p: -np.log(p), lambda p: (1 - p) ** 2)):
        p, h = probability(z), 1e-5
        slope = (loss(probability(z + h)) - loss(probability(z - h))) / (2 * h)
        assert np.interp(p, *left.lines[number].get_data()) == pytest.approx(loss(p), abs=1e-3)
        assert np.interp(p, *right.lines[number].get_data()) == pytest.approx(-slope, abs=1e-3)


def test_activations_share_one_scale_and_dead_layers_are_no_error():
    rng = np.random.default_rng(0)
    layers = {"small": [rng.normal(size=(9, 50)) / 10**depth for depth in range(3)], "dead": [np.ones(5), np.zeros(5)]}
    figure = pictures.activations_by_depth(layers, "they shrink")
    small, dead = figure.axes
    assert small.get_xlim() == dead.get_xlim() and small.get_ylim() == dead.get_ylim()
    outlines = [filled.get_paths()[0].vertices for filled in small.collections]
    peaks = [outline[outline[:, 1].argmin(), 0] for outline in outlines]  # powers of ten
    assert np.diff(peaks) == pytest.approx([-1, -1], abs=0.4) and len(dead.collections) == 2
    assert (small.get_ylabel(), figure.get_suptitle()) == ("layer", "they shrink")


def test_the_ravine_says_when_a_path_leaves_it():
    paths = {"slow": np.array([[-4.0, 1], [-1, 0]]), "wild": np.array([[-4.0, 1], [-3, -9]])}
    figure = pictures.ravine(lambda a, b: (a**2 + 25 * b**2) / 2, paths, (-4.6, 2.2), (-1.7, 1.7))
    assert [axis.get_title() for axis in figure.axes] == ["slow", "wild (leaves the picture)"]
    assert {(axis.get_xlim(), axis.get_ylim()) for axis in figure.axes} == {((-4.6, 2.2), (-1.7, 1.7))}
    [star] = [line for line in figure.axes[0].lines if line.get_marker() == "*"]
    assert star.get_xydata() == pytest.approx(np.zeros((1, 2)), abs=0.03)


# Backpropagation


@pytest.fixture
def worked():
    """A real network's values and gradients for one input: one unit of its hidden layer is open, the other shut."""
    network = Network.mlp(3, 2, classes=2, seed=0, dtype="float64")
    hidden, relu, head = network.layers
    x, label = np.array([[0.5, -1.0, 2.0]]), 0
    z1 = hidden.forward(x, training=True)
    a1 = relu.forward(z1, training=True)
    z2 = head.forward(a1, training=True)
    delta = softmax_cross_entropy(z2, np.array([label]))[1]
    da1 = head.backward(delta)
    dz1 = relu.backward(da1)
    hidden.backward(dz1)
    one = {"x": x, "z1": z1, "a1": a1, "z2": z2, "p": softmax(z2)}
    values = {name: row[0] for name, row in one.items()}
    values |= {"W1": hidden.weights.value, "W2": head.weights.value}
    gradients = {"z2": delta[0], "W2": head.weights.grad, "a1": da1[0], "z1": dz1[0], "W1": hidden.weights.grad}
    return values, gradients, label


def some(gradients, *names):
    return {name: gradients[name] for name in names}


def numbers(values):
    return [f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−") for value in np.ravel(values)]


def test_each_stop_shows_all_values_and_the_gradients_known_there(worked):
    values, gradients, label = worked
    stops = {"forward": {}, "delta": some(gradients, "z2"), "all": gradients}
    figure = pictures.backpropagation(values, stops, label)
    for (title, known), axis in zip(stops.items(), figure.axes[::2]):
        assert axis.get_title(loc="left") == title
        written = [line for text in texts(axis) for line in text.split("\n")]
        wanted = [number for value in (*values.values(), *known.values()) for number in numbers(value)]
        for number in set(wanted):
            assert written.count(number) == wanted.count(number)
        assert [text for text in texts(axis) if text in ("open", "shut")] == ["shut", "open"]


def test_only_what_a_stop_adds_is_tinted(worked):
    values, gradients, label = worked
    stops = {"delta": some(gradients, "z2"), "head": some(gradients, "z2", "W2", "a1")}
    figure = pictures.backpropagation(values, stops, label)
    tint = matplotlib.colors.to_rgba(backward.NEW)
    for axis, places in ((figure.axes[0], {3}), (figure.axes[2], {2})):
        tinted = [box.get_x() + box.get_width() / 2 for box in axis.patches if box.get_facecolor() == tint]
        assert {round(place) for place in tinted} == places and len(tinted) == 2
    boxes = [text.get_bbox_patch() for text in figure.axes[2].texts]
    assert sum(box is not None and box.get_facecolor() == tint for box in boxes) == values["W2"].size


def test_delta_is_drawn_as_bars_once_it_is_known(worked):
    values, gradients, label = worked
    figure = pictures.backpropagation(values, {"forward": {}, "delta": some(gradients, "z2")}, label)
    before, after = figure.axes[1::2]
    assert not before.patches and texts(before) == ["truth", "1", "0"]
    assert [bar.get_width() for bar in after.patches] == pytest.approx(values["p"] - [1, 0])
    assert after.patches[0].get_hatch() != after.patches[1].get_hatch()  # the sign, without colour
