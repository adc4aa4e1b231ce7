"""The original's table: the same cells, from shares of all training images, as the original had them."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.evidence.tables import COLUMNS
from helpers.transfer import protocol, strategies
from studies import methods, original
from studies.original import EVEN, METHODS, NETWORKS, ODD, PUBLISHED, SEEDS, SHARES, STUDY


def a_run(network="original", strategy="scratch", **settings):
    [run] = (
        run
        for run in STUDY.runs
        if (run.network, run.strategy) == (network, strategy)
        and all(getattr(run, name) == value for name, value in {"target": EVEN, "seed": 0, **settings}.items())
    )
    return run


def test_all_cells_of_the_published_table_have_runs():
    cells = {(run.strategy, run.target, run.share) for run in STUDY.runs}
    assert set(PUBLISHED) < cells
    assert len(STUDY.runs) == len(METHODS) * 2 * len(SHARES) * len(SEEDS)
    assert {"share"} <= set(COLUMNS)


def all_training_images(mnist, digits):
    """Each training image of some digits, with its label, straight from the file: a sorted list."""
    rows = np.isin(mnist.train_labels, [int(digit) for digit in digits])
    return pairs(mnist.train_images[rows], mnist.train_labels[rows])


def pairs(images, digits):
    return sorted((image.tobytes(), int(digit)) for image, digit in zip(images, digits))


def test_shares_are_of_all_training_images_and_within_each_other(tiny_studies):
    train = original.whole(EVEN)
    assert pairs(train.images, np.array(train.digits)[train.labels]) == all_training_images(tiny_studies, EVEN)
    parts = [original.shared(a_run(share=share)) for share in SHARES]
    assert [len(part) for part in parts] == [round(share / 100 * len(train)) for share in SHARES]
    images = [{image.tobytes() for image in part.images} for part in parts]
    assert images[0] < images[1] < images[2] < images[3] == {image.tobytes() for image in train.images}
    assert np.array_equal(parts[3].images, train.images) and np.array_equal(parts[3].labels, train.labels)
    others = original.shared(a_run(share=20, seed=1))
    assert images[0] != {image.tobytes() for image in others.images}


@pytest.fixture
def few_epochs(monkeypatch):
    quick = {name: replace(recipe, epochs=3) for name, recipe in NETWORKS.items()}
    monkeypatch.setattr(original, "NETWORKS", quick)
    original.trained_source.cache_clear()
    yield
    original.trained_source.cache_clear()


def test_a_source_learns_all_training_images(tiny_studies, few_epochs, monkeypatch):
    learned = []

    def remember(network, part, **options):
        learned.append(pairs(part.images, np.array(part.digits)[part.labels]))
        return fit(network, part, **options)

    fit = protocol.fit
    monkeypatch.setattr(protocol, "fit", remember)
    for seed in range(2):
        original.measure(a_run("original", "frozen", share=20, seed=seed))
    assert learned == [all_training_images(tiny_studies, ODD)] * 2


def test_methods_without_a_source_train_none(tiny_studies, few_epochs, monkeypatch):
    monkeypatch.delattr(protocol, "fit")
    for network, strategy in METHODS:
        if strategy not in methods.WITH_SOURCE:
            assert original.measure(a_run(network, strategy, share=20)).hits.any()


@pytest.mark.parametrize("network, strategy", METHODS)
def test_every_method_learns_the_target(tiny_studies, few_epochs, network, strategy):
    hits = original.measure(a_run(network, strategy, share=100)).hits
    assert hits.shape == (len(methods.task(EVEN).test),) and hits.mean() > 0.5


def test_the_original_trains_only_the_head_where_its_hidden_layer_is_frozen(tiny_studies, few_epochs, monkeypatch):
    trained = {}
    fit = strategies.fit

    def remember(network, part, **options):
        trained[strategy] = network.parameter_count()
        return fit(network, part, **options)

    monkeypatch.setattr(strategies, "fit", remember)
    for network, strategy in METHODS[:4]:
        original.measure(a_run(network, strategy, share=20))
    head = 500 * 5 + 5
    assert trained == {"softmax": 784 * 5 + 5, "scratch": 784 * 500 + 500 + head, "frozen": head, "random": head}


def test_published_figures_stand_beside_ours():
    pandas = pytest.importorskip("pandas")
    rows = []
    for run in STUDY.runs[::-1]:
        accuracy = PUBLISHED.get((run.strategy, run.target, run.share), 0.5) + 0.001 * (1 + run.seed)
        rows.append({**{name: getattr(run, name) for name in run.settings()}, "test_accuracy": accuracy})
    table = original.beside(pandas.DataFrame(rows))
    assert list(table.index[:2]) == [("", "softmax", EVEN, 20), ("", "softmax", EVEN, 50)]
    assert table["published"].count() == 2 + 2 * 10  # those of networks stand beside both of ours
    row = table.loc["readme", "frozen", ODD, 100]
    assert row["published"] == 0.9806 and row["margin"] == pytest.approx(0.003) and row["low"] < 0.003 < row["high"]
    assert np.isnan(table.loc["original", "random", EVEN, 20]["margin"]) and table.loc["original", "random", EVEN, 20][
        "accuracy"
    ] == pytest.approx(0.503)
