"""Digit tasks: honest parts, right labels, batches in [0, 1], and subsets by seed."""

import dataclasses

import numpy as np
import pytest
from support import followed

from helpers import DataError, Network, Part, digit_task, odd_even_tasks
from helpers.data.mnist import Mnist
from helpers.data.tasks import low_high_tasks
from helpers.nn.training import minibatches

TASKS = [(1, 3, 5, 7, 9), (0, 2, 4, 6, 8), (0, 1, 2, 3, 4), (5, 6, 7, 8, 9), (7, 1), tuple(range(10))]


def rows_in(images, all_images):
    """The positions of images among others, by their bytes; MNIST has no two alike in one half."""
    where = {image.tobytes(): row for row, image in enumerate(all_images)}
    assert len(where) == len(all_images)
    return [where[image.tobytes()] for image in images]


@pytest.mark.parametrize("digits", TASKS, ids=str)
def test_the_parts_hold_every_image_of_the_digits_once_with_the_right_label(mnist, digits):
    task = digit_task(mnist, digits)
    learn, choose = rows_in(task.train.images, mnist.train_images), rows_in(task.validation.images, mnist.train_images)
    assert not set(learn) & set(choose)
    assert sorted(learn + choose) == np.flatnonzero(np.isin(mnist.train_labels, digits)).tolist()
    assert np.array_equal(np.array(digits)[task.train.labels], mnist.train_labels[learn])
    assert np.array_equal(np.array(digits)[task.validation.labels], mnist.train_labels[choose])
    of_digits = np.isin(mnist.test_labels, digits)
    assert np.array_equal(task.test.images, mnist.test_images[of_digits])
    assert np.array_equal(np.array(digits)[task.test.labels], mnist.test_labels[of_digits])


@pytest.mark.parametrize("digits", TASKS, ids=str)
@pytest.mark.parametrize("share", [0.1, 0.25])
def test_validation_is_stratified(mnist, digits, share):
    task = digit_task(mnist, digits, validation=share)
    together = task.train.counts() + task.validation.counts()
    assert task.validation.counts().tolist() == [round(share * count) for count in together]


def test_odd_and_even_are_the_tasks_of_the_project(odd, even):
    assert odd.digits == (1, 3, 5, 7, 9) and even.digits == (0, 2, 4, 6, 8)
    assert [len(part) for part in odd.parts().values()] == [27458, 3050, 5074]
    assert [len(part) for part in even.parts().values()] == [26543, 2949, 4926]
    assert repr(odd) == "Task(odd: digits 1, 3, 5, 7, 9; 27,458 train, 3,050 validation, 5,074 test)"
    assert repr(odd.test) == "Part(odd test: 5,074 images of 1, 3, 5, 7, 9)"


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_labels_count_from_zero_and_know_their_digits(odd, part):
    part = odd.parts()[part]
    assert part.classes == 5 and part.images.dtype == np.uint8
    assert set(np.unique(part.labels)) == {0, 1, 2, 3, 4}
    assert part.counts().sum() == len(part)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(784,), (28, 28, 1), (28, 28)])
def test_a_batch_has_the_pixels_in_zero_to_one(odd, shape, dtype):
    rows = np.array([5, 0, 5])
    batch = odd.train.inputs(shape, dtype, rows)
    assert batch.shape == (3, *shape) and batch.dtype == dtype
    assert batch.min() == 0 and batch.max() == pytest.approx(1, abs=1e-6) and batch.max() <= 1
    assert np.allclose(batch.reshape(3, 28, 28) * 255, odd.train.images[rows], atol=1e-3)


def test_all_rows_are_given_unless_some_are_named(odd):
    assert odd.validation.inputs((784,)).shape == (3050, 784)


@pytest.mark.parametrize("dtype", ["int64", "uint8", bool, "complex64", object])
def test_a_type_that_holds_no_values_between_zero_and_one_is_refused(odd, dtype):
    with pytest.raises(
        DataError, match="need a floating-point type such as float32, not (int|uint|bool|complex|object)"
    ):
        odd.validation.inputs((784,), dtype)


def test_an_input_shape_of_another_size_is_refused(odd):
    with pytest.raises(DataError, match=r"\(28, 28\) pixels cannot become an input of shape \(100,\)"):
        odd.train.inputs((100,))
    with pytest.raises(DataError, match=r"\(28, 28\) pixels cannot become an input of shape 784"):
        odd.train.inputs(784)


# --- subsets -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("per_class", [1, 10, 100])
def test_a_subset_has_k_different_images_of_every_class_with_their_labels(odd, per_class):
    subset = odd.train.subset(per_class, seed=0)
    assert subset.counts().tolist() == [per_class] * 5
    rows = rows_in(subset.images, odd.train.images)
    assert len(set(rows)) == 5 * per_class and rows == sorted(rows)
    assert np.array_equal(subset.labels, odd.train.labels[rows])
    assert subset.digits == odd.digits and subset.name == f"odd train, {per_class} a class"


def test_the_seed_chooses_the_subset(odd):
    one, same, other = (odd.train.subset(10, seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(one.images, same.images) and not np.array_equal(one.images, other.images)


def test_a_larger_subset_contains_the_smaller_one(odd):
    small, large = odd.validation.subset(5, seed=3), odd.validation.subset(20, seed=3)
    assert set(rows_in(small.images, odd.validation.images)) < set(rows_in(large.images, odd.validation.images))


def test_more_images_than_a_class_has_are_refused_with_what_there_is(odd):
    fewest = int(odd.validation.counts().min())
    odd.validation.subset(fewest, seed=0)
    message = f"odd validation: {fewest + 1} images of digit 5 .* only {fewest}; choose per_class of at most {fewest}"
    with pytest.raises(DataError, match=message):
        odd.validation.subset(fewest + 1, seed=0)


@pytest.mark.parametrize("name", ["mnist", "odd", "part"])
def test_data_are_compared_by_identity_and_can_be_keys(mnist, odd, name):
    data = {"mnist": mnist, "odd": odd, "part": odd.test}[name]
    twin = dataclasses.replace(data)
    assert data == data and data != twin
    assert {data: "one", twin: "other"}[data] == "one"


def test_as_many_labels_as_images_are_needed(odd):
    with pytest.raises(DataError, match=r"short: 5 images need as many labels, but labels have shape \(4,\)"):
        Part(odd.test.images[:5], odd.test.labels[:4], odd.digits, "short")


@pytest.mark.parametrize(
    "key, spoil, message",
    [
        ("images", lambda images: images / 255, "kept as grey values from 0 to 255, but the largest of these is 1"),
        ("images", lambda images: images.astype(float), "kept as uint8, not float64"),
        ("labels", lambda labels: labels.astype(float), "labels must be whole numbers, not float64"),
        (
            "labels",
            lambda labels: np.eye(5)[labels],
            r"labels must be one number for each image, not of shape \(5074, 5\)",
        ),
    ],
)
def test_what_a_message_advises_leads_to_the_right_part(odd, key, spoil, message):
    spoiled = {"images": odd.test.images, "labels": odd.test.labels, key: spoil(getattr(odd.test, key))}
    with pytest.raises(DataError, match=f"mine: .*{message}"):
        Part(**spoiled, digits=odd.digits, name="mine")
    mended = followed(lambda images, labels: Part(images, labels, odd.digits, "mine"), **spoiled)
    assert np.array_equal(mended.images, odd.test.images) and np.array_equal(mended.labels, odd.test.labels)


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"labels": np.array([0.5] * 5)}, "labels must be whole numbers, not float64$"),
        ({"images": np.zeros((5, 28, 28), "uint8")}, "images are black, or nearly so"),
    ],
)
def test_what_no_line_can_mend_is_refused_without_advice(odd, wrong, message):
    with pytest.raises(DataError, match=message):
        Part(**{"images": odd.test.images[:5], "labels": odd.test.labels[:5], **wrong}, digits=odd.digits, name="mine")


def test_a_network_says_how_raw_images_become_a_batch(odd):
    network, part, advice = Network.mlp(784, classes=5, seed=0), odd.test, "part.inputs(network.input_shape)"
    with pytest.raises(TypeError) as caught:
        network.forward(part.images.reshape(-1, 784))
    assert advice in str(caught.value)
    assert network.forward(eval(advice)).shape == (5074, 5)


def test_an_empty_class_has_no_subset(odd):
    part = Part(odd.test.images[:0], odd.test.labels[:0], odd.digits, "nothing")
    with pytest.raises(DataError, match="nothing: 1 images of digit 1 were asked for, but there are only 0$"):
        part.subset(1, seed=0)


@pytest.mark.parametrize("per_class", [0, -1, 1.5, np.nan, "all", None])
def test_a_subset_size_that_is_no_count_is_refused(odd, per_class):
    with pytest.raises(DataError, match="per_class must be a whole number of at least 1"):
        odd.train.subset(per_class, seed=0)


# --- bad tasks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", [(), (3,), (3, 3), (1, 10), (-1, 1), (1.5, 2), "13"], ids=str)
def test_digits_that_make_no_task_are_refused(mnist, digits):
    with pytest.raises(DataError, match="a task needs at least two different digits from 0 to 9"):
        digit_task(mnist, digits)


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5])
def test_a_validation_share_that_is_no_share_is_refused(mnist, share):
    with pytest.raises(DataError, match="validation is the share of training images to set aside"):
        digit_task(mnist, (1, 2), validation=share)


def tiny_mnist(train_labels, test_labels):
    images = [np.full((len(labels), 28, 28), 255, "uint8") for labels in (train_labels, test_labels)]
    return Mnist(images[0], np.array(train_labels), images[1], np.array(test_labels), "tiny.npz")


@pytest.mark.parametrize(
    "train_labels, test_labels, message",
    [
        ([1, 1, 1], [1, 3], "tiny.npz has 0 training images of digit 3; a task needs at least 2"),
        ([1, 1, 3], [1, 3], "tiny.npz has 1 training images of digit 3; a task needs at least 2"),
        ([1, 1, 3, 3], [1, 1], "tiny.npz has no test images of digit 3"),
    ],
)
def test_a_digit_without_images_is_named_with_its_source(train_labels, test_labels, message):
    with pytest.raises(DataError, match=message):
        digit_task(tiny_mnist(train_labels, test_labels), (1, 3))


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_even_two_images_of_a_digit_leave_one_to_learn_from_and_one_to_choose_with(share):
    task = digit_task(tiny_mnist([1, 1, 3, 3], [1, 3]), (1, 3), validation=share)
    assert task.train.counts().tolist() == [1, 1] and task.validation.counts().tolist() == [1, 1]


def test_a_task_may_have_a_name_and_has_its_digits_otherwise(mnist):
    assert digit_task(mnist, (4, 9)).name == "49" and digit_task(mnist, (4, 9), "hard").test.name == "hard test"
    assert [task.name for task in odd_even_tasks(mnist)] == ["odd", "even"]


def test_low_and_high_are_the_tasks_of_keras_s_example(mnist):
    low, high = low_high_tasks(mnist)
    assert (low.name, low.digits, high.name, high.digits) == ("0 to 4", (0, 1, 2, 3, 4), "5 to 9", (5, 6, 7, 8, 9))
    assert low.test.name == "0 to 4 test"


def test_train_and_validation_together_are_all_training_images(odd):
    together = odd.all_training_images()
    assert repr(together) == "Part(odd train and validation: 30,508 images of 1, 3, 5, 7, 9)"
    for rows, part in ((slice(27458), odd.train), (slice(27458, None), odd.validation)):
        assert np.array_equal(together.images[rows], part.images)
        assert np.array_equal(together.labels[rows], part.labels)


# --- mini-batches ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count, size, sizes", [(10, 4, [4, 4, 2]), (8, 4, [4, 4]), (3, 10, [3]), (1, 1, [1])])
def test_mini_batches_hold_every_row_once(count, size, sizes):
    batches = list(minibatches(count, size, np.random.default_rng(0)))
    assert [len(batch) for batch in batches] == sizes
    assert sorted(np.concatenate(batches)) == list(range(count))


def test_every_pass_is_shuffled_anew_and_repeats_with_its_seed():
    rng = np.random.default_rng(0)
    first, second = (np.concatenate(list(minibatches(50, 8, rng))) for _ in range(2))
    assert not np.array_equal(first, second) and not np.array_equal(first, np.arange(50))
    assert np.array_equal(first, np.concatenate(list(minibatches(50, 8, np.random.default_rng(0)))))


def test_rows_may_be_indices_or_a_mask(odd):
    mask = odd.validation.labels == 2
    chosen = odd.validation.inputs((784,), rows=mask)
    np.testing.assert_array_equal(chosen, odd.validation.inputs((784,))[mask])
    np.testing.assert_array_equal(chosen, odd.validation.inputs((784,), rows=np.flatnonzero(mask)))
