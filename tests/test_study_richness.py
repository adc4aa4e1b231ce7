"""The study of richness: sources differ in their images and their width alone, and its readouts find what is in a table."""

import numpy as np
import pytest

from helpers.evidence.tables import ALL, COLUMNS, read_columns
from helpers.transfer import protocol, strategies
from studies import few, methods, richness
from studies.richness import EVEN, FEWER, IMAGES, ODD, STUDY, USUAL, WIDEST, WIDTHS


@pytest.fixture
def tiny(tiny_studies):
    """The study with few images."""
    richness.trained_source.cache_clear()
    yield
    richness.trained_source.cache_clear()


def a_run(strategy="frozen", option="512-128", images=ALL, **settings):
    return STUDY.find(**{"strategy": strategy, "option": option, "images": images, "labels": 10, "seed": 1, **settings})


def test_a_richer_source_has_seen_all_that_a_poorer_one_has(tiny):
    some, more = ({image.tobytes() for image in richness.source_part(ODD, 0, count).images} for count in (30, 100))
    assert some < more and len(some) == 5 * 30
    assert richness.source_part(ODD, 0, ALL) is methods.task(ODD).train
    assert some != {image.tobytes() for image in richness.source_part(ODD, 1, 30).images}


def test_every_source_is_trained_for_the_same_time(tiny, monkeypatch):
    seen = []

    def remember(network, part, **options):
        seen.append((len(part), options.get("steps") or options["epochs"] * -(-len(part) // options["batch_size"])))
        return strategies.History()

    monkeypatch.setattr(protocol, "fit", remember)
    for images in (30, 100, ALL):
        richness.measure(a_run(target=EVEN, images=images))
    whole = len(methods.task(ODD).train)
    assert seen == [(size, 12 * -(-whole // 128)) for size in (150, 500, whole)]


@pytest.mark.parametrize("strategy", ["scratch", "frozen"])
def test_the_richest_source_of_a_usual_width_is_that_of_the_other_studies(tiny, strategy):
    run = a_run(strategy, images=ALL if strategy == "frozen" else 0, target=EVEN)
    known = few.FewRun(**{name: getattr(run, name) for name in few.FewRun.__dataclass_fields__})
    assert np.array_equal(richness.measure(run).hits, few.measure(known).hits)


def test_another_width_and_other_images_are_another_source(tiny):
    found = [richness.trained_source(ODD, 0, "128-64", images) for images in (30, 100)]
    assert found[0].fingerprint() != found[1].fingerprint()
    assert found[0]["hidden1"].weights.value.shape == (784, 128)
    assert richness.measure(a_run("fine-tune", "128-64", 30, target=ODD)).hits.shape == (len(methods.task(ODD).test),)


def test_every_width_has_its_controls_and_all_of_its_sources():
    for option in WIDTHS:
        doses = {run.images for run in STUDY.runs if run.option == option and run.source}
        assert doses == set(FEWER if option in ("8-16-64", WIDEST) else IMAGES)
    of_widest = [run for run in STUDY.runs if run.option == WIDEST]
    assert len(of_widest) == 2 * 3 * (2 + 2 * len(FEWER))
    assert len([run for run in STUDY.runs if run.option == USUAL]) == 2 * 5 * 2 * (2 + 2 * len(IMAGES))


@pytest.fixture
def table():
    """The widest network gains a point for each tenfold of images, the others nothing but two points for any source."""
    pandas = pytest.importorskip("pandas")
    rows = []
    for run in STUDY.runs[::-1]:
        accuracy = 0.8 + 0.01 * run.seed + 0.001 * (run.seed % 2) * bool(run.source)
        if run.source:
            tenfolds = np.log10(min(run.images, richness.EVERYTHING) / 30)
            accuracy += 0.01 * tenfolds if run.option == WIDEST else 0.02
        rows.append({**{name: getattr(run, name) for name in run.settings()}, "test_accuracy": accuracy})
    return pandas.DataFrame(rows)


def test_gains_are_over_scratch_of_the_same_width(table):
    gains = richness.gains(table)
    assert len(gains) == len({(r.option, r.target, r.labels, r.strategy, r.images) for r in STUDY.runs}) - 2 * 6
    row = gains.loc["128-64", ODD, 10, "fine-tune", 300]
    assert row["gain"] == pytest.approx(0.0204) and row["low"] < 0.0204 < row["high"]
    assert gains.loc[WIDEST, EVEN, 10, "frozen", 300]["gain"] == pytest.approx(0.01 + 0.001 / 3)
    assert (gains.xs("random", level="strategy")["gain"] == 0).all()


def test_slopes_are_points_for_a_tenfold_of_images(table):
    slopes = richness.slopes(table)
    assert slopes.loc[WIDEST, ODD, 10, "frozen"]["gain"] == pytest.approx(0.01)
    assert slopes.loc["512-128", ODD, 10, "fine-tune"]["gain"] == pytest.approx(0)


def test_its_columns_have_types(tmp_path):
    assert set(STUDY.runs[0].settings()) <= set(COLUMNS)
    path = tmp_path / "richness.csv"
    path.write_text("labels,images\n10,all\n10,30\n")
    assert list(read_columns(path)["images"]) == [ALL, 30]
