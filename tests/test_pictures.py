"""Pictures that explain show the numbers they were given, and animations are small, short and play once."""

from collections import Counter
from io import BytesIO

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from helpers import Network, softmax, softmax_cross_entropy
from helpers.show import pictures
from helpers.show.pictures import backward
from tools.notebook_files import ROOT, code_cells, read_notebook

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


def test_an_animation_plays_once_in_the_time_it_was_given_and_its_last_frame_stands_for_it():
    frames, milliseconds = squares(), []
    image = Image.open(BytesIO(pictures.animation(frames, seconds=2)))
    assert image.default_image and image.info["loop"] == 1  # the first image is no part of the animation
    for number, one in enumerate([frames[-1], *frames]):
        image.seek(number)
        assert np.array_equal(np.array(image.convert("RGB")), one)
        milliseconds.append(image.info.get("duration"))
    assert image.n_frames == 5 and sum(milliseconds[1:]) == pytest.approx(2000, abs=10)


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
    "frames, seconds", [(squares(1), 4), ([*squares(2), *squares(1, (9, 9, 3))], 4), (squares(), 6)]
)
def test_an_animation_that_nobody_could_watch_is_refused(frames, seconds):
    with pytest.raises(ValueError, match="an animation"):
        pictures.animation(frames, seconds)


def test_play_shows_the_animation_with_its_words():
    InteractiveShell.instance()
    with capture_output() as captured:
        pictures.play(squares(), "A square moves to the right.", seconds=1)
    picture, words = captured.outputs
    assert picture.data["image/png"] == pictures.animation(squares(), seconds=1)
    assert picture.metadata["image/png"]["alt"] == "A square moves to the right."
    assert "A square moves to the right." in words.data["text/html"]


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


@pytest.fixture
def film(monkeypatch):
    """`film(look, make, *given)`: what `look` finds in the figure of each frame that `make` draws of what is given."""

    def watch(look, make, *given):
        found, draw = [], FigureCanvasAgg.draw

        def watched(canvas):
            draw(canvas)
            found.append(look(canvas.figure))

        monkeypatch.setattr(FigureCanvasAgg, "draw", watched)
        frames = make(*given)
        assert len(found) == len(frames) and not plt.get_fignums()
        assert all((before != after).any() for before, after in zip(frames, frames[1:]))
        assert len(pictures.animation(frames)) < LIMIT
        return found

    return watch


def test_templates_have_one_scale_in_which_zero_is_white(film):
    values = weights()

    def look(figure):
        [limits] = {axis.images[0].get_clim() for axis in figure.axes}
        return np.array([axis.images[0].get_array() for axis in figure.axes]), limits

    found = film(look, pictures.templates_emerging, range(20), values, "13579")
    for (shown, limits), expected in zip(found, values, strict=True):
        assert np.array_equal(shown, expected) and limits == (-np.abs(values).max(), np.abs(values).max())


def test_the_confusion_matrix_and_its_accuracy_belong_to_the_same_step(film):
    given, steps = matrices(), range(0, 300, 10)

    def look(figure):
        left, right = figure.axes
        [_, line, point] = right.lines
        counts = [int(text.replace(",", "")) for text in texts(left)]
        return counts, len(line.get_xdata()), point.get_xydata()[0], figure.get_suptitle()

    found = film(look, pictures.confusion_decaying, steps, given, (1, 3, 5, 7, 9), "Odd digits")
    for number, (step, matrix) in enumerate(zip(steps, given, strict=True)):
        counts, length, point, title = found[number]
        share = np.trace(matrix) / matrix.sum()
        assert counts == list(matrix.flat) and length == number + 1 and point == pytest.approx([step, share])
        assert f"step {step}: {share:.0%}" in title


def test_the_filter_stands_where_its_output_grows(film):
    image, kernel, output = edge()

    def look(figure):
        picture, _, grown = figure.axes
        assert picture.patches[0].get_xy() == grown.patches[0].get_xy()
        return grown.images[0].get_array().compressed(), picture.patches[0].get_xy()

    found = film(look, pictures.filter_sliding, image, kernel, output)
    for shown, (left, top) in found:
        assert np.array_equal(shown, output.flat[: len(shown)])
        assert len(shown) - 1 == (top + 0.5) * output.shape[1] + left + 0.5
    assert len(found[0][0]) == 1 and len(found[-1][0]) == output.size


def test_an_output_that_the_filter_cannot_have_made_is_refused():
    image, kernel, output = edge()
    with pytest.raises(ValueError, match="5x5 filter does not make"):
        pictures.filter_sliding(image, kernel, output[1:])


# Still pictures


def test_every_pixel_of_the_table_has_its_number_legible_on_its_shade():
    [axis] = pictures.shaded_table(np.array([[0, 100], [200, 255]], np.uint8)).axes
    assert [(text.get_text(), text.get_color()) for text in axis.texts] == [
        *(("0", "black"), ("100", "black")),
        *(("200", "white"), ("255", "white")),
    ]


def test_intervals_that_miss_stand_out_and_are_counted():
    [axis] = pictures.intervals([0.5, 0.6, 0.9], [0.4, 0.5, 0.8], [0.6, 0.7, 0.95], 0.55, "three tests").axes
    assert "2 of 3" in axis.get_title()
    held, missed = axis.lines[:2]
    assert list(held.get_xdata()) == [1, 2] and list(missed.get_xdata()) == [3]
    assert held.get_marker() != missed.get_marker()


def test_decision_regions_state_accuracies_and_share_their_scale():
    points, labels = np.array([[-1.0, 0], [1, 0], [2, 1], [-2, 1]]), np.array([0, 1, 1, 1])
    classifiers = {
        "logits": lambda x: np.stack([-x[:, 0], x[:, 0]], axis=1),
        "classes": lambda x: (x[:, 0] > 0).astype(int),
        "ones": lambda x: np.ones(len(x), int),
        "zeros": lambda x: np.zeros(len(x), int),
    }
    shown = [axis for axis in pictures.decision_regions(points, labels, classifiers).axes if axis.axison]
    for axis, name, share in zip(shown, classifiers, ("75%", "75%", "75%", "25%"), strict=True):
        assert name in axis.get_title() and share in axis.get_title()
    assert len({(axis.get_xlim(), axis.get_ylim()) for axis in shown}) == 1
    assert len({line.get_marker() for line in shown[0].lines}) == 2  # classes differ in more than colour


def test_both_losses_and_their_pushes_are_those_of_a_softmax():
    left, right = pictures.losses().axes
    z, h = np.linspace(-4, 4, 9), 1e-5

    def probability(logit):
        return softmax(np.stack([logit, np.zeros_like(logit)], axis=1))[:, 0]

    for number, loss in enumerate((lambda p: -np.log(p), lambda p: (1 - p) ** 2)):
        p, slope = probability(z), (loss(probability(z + h)) - loss(probability(z - h))) / (2 * h)
        assert np.interp(p, *left.lines[number].get_data()) == pytest.approx(loss(p), abs=1e-3)
        assert np.interp(p, *right.lines[number].get_data()) == pytest.approx(-slope, abs=1e-3)


def test_activations_share_one_scale_and_dead_layers_are_no_error():
    rng = np.random.default_rng(0)
    layers = {"small": [rng.normal(size=(9, 50)) / 10**depth for depth in range(3)], "dead": [np.ones(5), np.zeros(5)]}
    small, dead = pictures.activations_by_depth(layers, "they shrink").axes
    assert small.get_xlim() == dead.get_xlim() and small.get_ylim() == dead.get_ylim()
    outlines = [filled.get_paths()[0].vertices for filled in small.collections]
    peaks = [outline[outline[:, 1].argmin(), 0] for outline in outlines]  # powers of ten
    assert np.diff(peaks) == pytest.approx([-1, -1], abs=0.4) and len(dead.collections) == 2


def test_the_ravine_says_when_a_path_leaves_it():
    paths = {"slow": np.array([[-4.0, 1], [-1, 0]]), "wild": np.array([[-4.0, 1], [-3, -9]])}
    slow, wild = pictures.ravine(lambda a, b: (a**2 + 25 * b**2) / 2, paths, (-4.6, 2.2), (-1.7, 1.7)).axes
    assert slow.get_title() == "slow" and "leaves" in wild.get_title()
    assert slow.get_xlim() == wild.get_xlim() == (-4.6, 2.2) and slow.get_ylim() == wild.get_ylim() == (-1.7, 1.7)
    [star] = [line for line in slow.lines if line.get_marker() == "*"]
    assert star.get_xydata() == pytest.approx(np.zeros((1, 2)), abs=0.03)


# Backpropagation


def numbers(values):
    return [f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−") for value in np.ravel(values)]


def test_the_worked_example_is_what_a_network_computes():
    example = pictures.worked_example()
    network = Network.mlp(3, 2, classes=2, seed=0, dtype="float64")
    for name, values in (("hidden1", example["W1"]), ("head", example["W2"])):
        network[name].weights.value[...] = values
    loss, delta = softmax_cross_entropy(
        network.forward(example["x"][None], training=True), np.array([example["truth"].argmax()])
    )
    network.backward(delta)
    assert loss == pytest.approx(-np.log(example["p"] @ example["truth"])) and delta[0] == pytest.approx(example["dz2"])
    for name, gradient in (("hidden1", example["dW1"]), ("head", example["dW2"])):
        assert network[name].weights.grad == pytest.approx(gradient)
    assert (example["z1"] > 0).tolist() == [True, False] and 0 in example["x"]  # a shut unit, and a blank pixel


REACHED = {"z2": ["z2"], "a1": ["z2", "W2", "a1"], "z1": ["z2", "W2", "a1", "z1"]}
REACHED |= {"W1": [*REACHED["z1"], "W1"], "": [*REACHED["z1"], "W1"]}


@pytest.mark.parametrize("stop", REACHED)
def test_a_stop_shows_all_values_and_the_gradients_that_it_has_reached(stop):
    example = pictures.worked_example()
    [axis] = pictures.backpropagation(example, stop).axes
    written = [text.removesuffix(" ↑").removesuffix(" ↓") for text in texts(axis)]
    values = [example[name] for name in ("x", "W1", "z1", "a1", "W2", "z2", "p")]
    wanted = [
        number for part in (*values, *(example[f"d{name}"] for name in REACHED[stop])) for number in numbers(part)
    ]
    assert {number: written.count(number) for number in wanted} == Counter(wanted)
    assert [text for text in texts(axis) if text in ("open", "shut")] == ["open", "shut"]


def test_an_arrow_says_which_way_the_loss_falls():
    assert [backward.arrow(slope) for slope in (-0.88, 0.88, 0.0, -0.001)] == [" ↑", " ↓", "", ""]


@pytest.mark.parametrize("stop, nodes, weights", [("z2", 2, 0), ("a1", 2, 4), ("z1", 2, 0), ("W1", 0, 6), ("", 0, 0)])
def test_only_what_a_stop_adds_is_tinted(stop, nodes, weights):
    [axis] = pictures.backpropagation(pictures.worked_example(), stop).axes
    tint = matplotlib.colors.to_rgba(backward.NEW)
    assert sum(box.get_facecolor() == tint for box in axis.patches) == nodes
    boxes = [text.get_bbox_patch() for text in axis.texts]
    assert sum(box is not None and box.get_facecolor() == tint for box in boxes) == weights


def test_each_sum_beneath_a_stop_is_right():
    for stop in backward.STOPS:
        for line in backward._sums(pictures.worked_example(), stop):
            left, _, right = line.replace("−", "-").replace("·", "*").partition(" = ")
            assert eval(left) == pytest.approx(float(right), abs=0.02), line


def test_the_code_beneath_a_stop_is_the_code_of_the_chapter():
    cells = code_cells(read_notebook(ROOT / "notebooks" / "02_numpy_network.ipynb"))
    code = "\n".join(cell.source for cell in cells)
    assert [line for _, _, line in backward.STOPS.values() if line not in code] == []


def test_pushes_are_what_was_added_ten_times_as_strong():
    images = np.zeros((2, 784))
    sums = images + np.linspace(0, 0.1, 784)
    axes = pictures.pushed_images(images, sums, [("says 1", "says 3"), ("says 5", "says 9")], "two").axes
    assert [axis.get_title() for axis in axes] == ["says 1", "says 5", "", "", "says 3", "says 9"]
    for axis, shown in ((axes[2], 10 * sums[0]), (axes[4], sums[0])):
        np.testing.assert_allclose(axis.images[0].get_array(), shown.reshape(28, 28))
