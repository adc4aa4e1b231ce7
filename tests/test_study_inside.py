"""What is inside a source: each piece and each cut is what it says, and the readouts find what was put in."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from helpers import fit
from helpers.data.mnist import DataError
from helpers.evidence.tables import read_table
from helpers.randomness import streams
from helpers.transfer import strategies
from helpers.transfer.census import others
from helpers.transfer.protocol import on_target, untrained_source
from helpers.transfer.recipes import FEW, Recipe, Setting
from studies import census, few, inside, inside_scales, letters, methods, omniglot, settings
from studies.engine import export
from studies.engine.execution import ROOT

SMALL = Recipe(hidden=(8, 6), epochs=1)
CONVNET = Recipe(hidden=(8,), filters=(2, 3), dropout=0.5, epochs=1)
STEPS = {"frozen": 4, "scratch": 5, "fine-tune": 6}
RUN = next(run for run in inside.STUDY.runs if run.labels == 10)


@pytest.fixture
def tiny(tiny_studies, tmp_path, monkeypatch):
    """The study with few images, small networks and few steps, and a folder of its own for sources."""
    monkeypatch.setattr(few, "ROOT", tmp_path)
    monkeypatch.setattr(few, "_code", str)
    for name, recipe in {"small": SMALL, "cnn": CONVNET}.items():
        monkeypatch.setitem(few.NETWORKS, name, recipe)
        for strategy, steps in STEPS.items():
            monkeypatch.setitem(FEW[name], strategy, Setting(3e-3, steps, 0.3))
    caches = few.trained_source, letters.trained_source, inside.covariance_root
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


@pytest.fixture
def drawn(monkeypatch):
    """Letters that nobody wrote: a pattern each, in noise."""
    rng = np.random.default_rng(0)

    def hands():
        return np.clip(rng.integers(0, 256, (28, 28)) + rng.integers(-40, 40, (omniglot.HANDS, 28, 28)), 0, 255)

    images = {name: {f"{letter:02}": hands().astype("uint8") for letter in range(1, 8)} for name in letters.ALPHABETS}
    monkeypatch.setattr(omniglot, "images", lambda: images)


def layer(strategy, run=RUN):
    """A piece, not yet scaled."""
    return inside.piece(replace(run, strategy=strategy))[1]


def trained_and_start(run=RUN):
    train = methods.task(run.source).train
    networks = few.trained_source(run.source, run.seed, "small"), untrained_source(train, run.seed, SMALL)
    return [inside.matrix(network) for network in networks]


def projector(w):
    basis, _ = np.linalg.qr(w)
    return basis @ basis.T


def test_the_start_is_what_the_sources_training_started_from(tiny):
    train = methods.task(RUN.source).train
    network = untrained_source(train, RUN.seed, SMALL)
    [training] = streams(RUN.seed, f"source {RUN.source} training")
    fit(network, train, seed=training, threads=1, progress=False, **SMALL.options())
    assert network.fingerprint() == few.trained_source(RUN.source, RUN.seed, "small").fingerprint()


def test_the_pieces_of_a_layer_are_their_formulas(tiny):
    trained, start = trained_and_start()
    change = trained - start
    assert (start[-1] == 0).all() and (trained[-1] != 0).all()
    assert np.array_equal(layer("trained"), trained) and np.array_equal(layer("start"), start)
    assert np.array_equal(layer("change"), change)
    left, values, right = np.linalg.svd(change, full_matrices=False)
    for rank in (1, 4):
        best = sum(values[i] * np.outer(left[:, i], right[i]) for i in range(rank))
        assert layer(f"rank-{rank}") == pytest.approx(start + best, abs=1e-9)
    assert layer("rank-16") == pytest.approx(trained, abs=1e-9)  # the whole change, as there are only eight units
    fresh = layer("fresh")
    assert (fresh[-1] == 0).all() and fresh.std() == pytest.approx(start.std(), rel=0.1)
    assert abs(np.corrcoef(fresh.ravel(), start.ravel())[0, 1]) < 0.1
    assert np.array_equal(layer("change+fresh"), change + fresh)


def test_a_rotation_mixes_all_units_and_keeps_the_second_moments(tiny):
    trained, _ = trained_and_start()
    rotated = layer("rotation")
    assert np.abs(rotated @ rotated.T - trained @ trained.T).max() < 1e-10
    for unit in rotated.T:
        assert np.abs(np.linalg.lstsq(trained, unit, rcond=None)[0]).max() < 0.999  # no unit is one of the old ones


def test_rotations_are_random_and_turn_either_way():
    rng = np.random.default_rng(0)
    found = [inside.rotation(2, rng) for _ in range(400)]
    assert np.allclose([q @ q.T for q in found], np.eye(2))
    assert abs(np.mean([np.linalg.det(q) for q in found])) < 0.2
    assert np.abs(np.mean(found, axis=0)).max() < 0.2  # each entry is as often positive as negative


def test_a_span_keeps_the_directions_and_not_their_weights(tiny):
    trained, _ = trained_and_start()
    kept = layer("span")
    assert np.abs(projector(kept) - projector(trained)).max() < 1e-8
    assert np.abs(projector(layer("fresh")) - projector(trained)).max() > 0.01
    weighted = trained * np.logspace(0, 2, trained.shape[1])  # the same span, with some directions much longer
    weights = [np.linalg.svd(inside.span(w, np.random.default_rng(1)), compute_uv=False) for w in (trained, weighted)]
    assert weights[0] == pytest.approx(weights[1])


def test_random_layers_have_the_statistics_that_they_are_to_have(tiny, monkeypatch):
    monkeypatch.setitem(few.NETWORKS, "small", replace(SMALL, hidden=(400, 6)))
    trained = inside.matrix(few.trained_source(RUN.source, RUN.seed, "small"))
    of_pixels = layer("moments")
    assert np.abs(of_pixels.mean(axis=1) - trained.mean(axis=1)).max() < 0.25 * trained.std(axis=1).max()
    assert of_pixels.std(axis=1) == pytest.approx(trained.std(axis=1), rel=0.2)
    data, images = layer("data"), methods.task(RUN.source).train.inputs((784,), "float64")
    assert (data[-1] == 0).all()
    assert np.corrcoef((data[:-1] @ data[:-1].T).ravel(), np.cov(images.T).ravel())[0, 1] > 0.9


@pytest.mark.parametrize("strategy", inside.PIECES)
def test_a_piece_is_as_active_as_its_run_says_and_the_same_for_any_labels(tiny, strategy):
    part, trained = methods.labelled(RUN), trained_and_start()[0]
    layers = []
    for option, labels in (("1", 10), ("0.25", 10), ("1", 3)):
        run = replace(RUN, strategy=strategy, option=option, labels=labels)
        layers.append(inside.matrix(inside.start_with_piece(run, methods.labelled(run))))
    assert inside.activity(layers[0], part) == pytest.approx(inside.activity(trained, part), rel=1e-4)
    assert layers[1] == pytest.approx(layers[0] / 4, rel=1e-5)
    assert layers[2] / np.linalg.norm(layers[2]) == pytest.approx(layers[0] / np.linalg.norm(layers[0]), abs=1e-6)


@pytest.fixture
def trainings(monkeypatch):
    """Each training on a target: what the network was before it, what it is after, the part and the options."""
    seen = []

    def remember(network, part, **options):
        before = network.copy()
        history = real_fit(network, part, **options)
        seen.append((before, network, part, options))
        return history

    real_fit = strategies.fit
    monkeypatch.setattr(strategies, "fit", remember)
    return seen


def values(network, name):
    return network[name].weights.value


def scratch_of(run, recipe):
    """The random values that all strategies share on a run's target."""
    layers, *_ = streams(on_target(run.target, run.seed), *strategies.FACTORS)
    return recipe.network(5, seed=0).reinitialized(layers)


def test_pieces_differ_in_the_frozen_layer_alone(tiny, trainings):
    for strategy in inside.PIECES:
        inside.measure(replace(RUN, strategy=strategy))
    expected = methods.labelled(RUN)
    for strategy, (before, after, part, options) in zip(inside.PIECES, trainings, strict=True):
        run = replace(RUN, strategy=strategy)
        start = inside.start_with_piece(run, expected)
        assert not after["hidden1"].trainable
        assert np.array_equal(values(after, "hidden1"), values(start, "hidden1"))
        assert np.array_equal(values(before, "hidden2"), values(scratch_of(RUN, SMALL), "hidden2"))
        assert not np.array_equal(values(after, "hidden2"), values(before, "hidden2"))
        assert np.array_equal(part.images, expected.images)  # without shifts
        assert options["steps"] == STEPS["frozen"] and options["optimizer"].learning_rate == 3e-3
    assert len({before.fingerprint("hidden2", "head") for before, *_ in trainings}) == 1
    lower = {before.fingerprint("hidden1") for before, *_ in trainings}
    assert len(lower) >= len(inside.PIECES) - 1  # of eight units, rank 16 is all there is


BELOW_AND_ABOVE = {  # where the layers up to the cut come from, and those above
    "new-top": ("source", "random"),
    "frozen": ("source", "source"),
    "torn": ("random", "source"),
    "random": ("random", "random"),
    "fine-tune": ("", "source"),
    "scratch": ("", "random"),
}


def the_run(strategy, cut, target="02468", seed=0):
    runs = [run for run in inside.STUDY.runs if run.network == "cnn" and run.target == target and run.seed == seed]
    return next(run for run in runs if (run.strategy, run.cut) == (strategy, cut))


@pytest.mark.parametrize("strategy, cut", inside.CONFIGURATIONS)
@pytest.mark.parametrize("target, seed", [("02468", 3), ("Early_Aramaic 11", 11)])
def test_layers_below_and_above_a_cut_come_from_where_they_are_said_to(
    tiny, drawn, trainings, strategy, cut, target, seed
):
    run = the_run(strategy, cut, target, seed)
    assert inside.measure(run).hits.shape == ((len(methods.task(target).test),) if target == "02468" else (50,))
    [(before, after, part, options)] = trainings
    layers, *_ = streams(on_target("".join(map(str, part.digits)), seed), *strategies.FACTORS)
    origins = {"random": CONVNET.network(5, seed=0).reinitialized(layers)}
    if run.source:
        origins["source"] = few.trained_source(run.source, seed % 10, "cnn")
    below, above = BELOW_AND_ABOVE[strategy]
    for number, name in inside.CUTS.items():
        frozen = number <= cut
        origin = origins[below if frozen else above]
        assert np.array_equal(values(before, name), values(origin, name)), name
        assert np.array_equal(values(after, name), values(before, name)) == frozen, name
    assert not np.array_equal(values(after, "head"), values(before, "head"))
    expected, _ = inside.parts(run)
    assert len(part) == 9 * len(expected) == 9 * 5 * run.labels and np.array_equal(
        part.images[: len(expected)], expected.images
    )
    assert options["steps"] == STEPS["frozen" if cut else strategy]


def test_what_is_random_below_a_cut_has_learned_nothing(tiny):
    """Other sources leave the frozen layers of "torn" and "random" as they are, and change those of "frozen"."""
    part = methods.labelled(RUN).with_shifts()
    for strategy, same in (("torn", True), ("frozen", False)):
        networks = [
            inside.start_with_layers(replace(the_run(strategy, 2), source=source), part) for source in ("13579", "1357")
        ]
        prints = [[network.fingerprint(name) for name in inside.CUTS.values()] for network in networks]
        assert [one == other for one, other in zip(*prints)] == [same, same, False]


@pytest.mark.parametrize("strategy, cut", [("scratch", 0), ("fine-tune", 0), ("frozen", 2)])
def test_what_other_studies_measure_too_is_the_same_here(tiny, drawn, strategy, cut):
    """Unfrozen, and with the source frozen up to its second convolution: as in `curves` and `letters`."""
    for target, seed, measure in (("02468", 3, few.measure), ("Early_Aramaic 11", 11, letters.measure)):
        run = the_run(strategy, cut, target, seed)
        there = {name: getattr(run, name) for name in ("source", "strategy", "labels", "seed", "draw", "network")}
        assert np.array_equal(inside.measure(run).hits, measure(few.FewRun(**there, target=target, shifts=1)).hits)


def test_letters_are_those_of_the_study_of_letters(drawn):
    known = {(run.target, run.seed, run.labels) for run in letters.STUDY.runs}
    ours = {(run.target, run.seed, run.labels) for run in inside.STUDY.runs if not run.target.isdigit()}
    assert ours < known and len(ours) == 60 * 2
    learn, _ = letters.task(7)
    part, test = inside.parts(the_run("scratch", 0, "Greek 7", 7))
    assert part.name == "Greek" and np.array_equal(part.images, learn.images[::10]) and len(test) == 50


@pytest.mark.slow
def test_real_letters_can_be_learned(tiny):
    folder = Path(os.environ.get(omniglot.FOLDER) or ROOT / "data" / "omniglot").expanduser()
    if not (folder / omniglot.STROKES).is_file():
        pytest.skip(f"Omniglot's letters are not part of the project: {omniglot.FOLDER} names the folder with them")
    assert inside.measure(the_run("frozen", 2, "Greek 2", 2)).hits.shape == (50,)


def test_missing_letters_are_an_error_that_says_where_they_are(tiny, monkeypatch, tmp_path):
    monkeypatch.setenv(omniglot.FOLDER, str(tmp_path))
    omniglot.images.cache_clear()
    omniglot.drawings.cache_clear()
    with pytest.raises(DataError, match="Take strokes_background_small1.zip from the"):
        inside.measure(the_run("scratch", 0, "Greek 2", 2))
    assert inside.measure(the_run("scratch", 0)).hits.any()  # digits go on without them


def test_every_piece_and_every_cut_has_all_its_controls():
    runs = inside.STUDY.runs
    pieces, layers = ([run for run in runs if run.network == network] for network in ("small", "cnn"))
    assert len(pieces) == 8 * 10 * 3 * len(inside.PIECES) and len(pieces) + len(layers) == len(runs)
    assert len(layers) == (2 * 10 * 2 + 60 * 2) * len(inside.CONFIGURATIONS)
    assert inside.TARGETS[:2] == ("02468", "13579") and set(inside.TARGETS) <= set(census.SAMPLE)
    assert set(inside.PIECES) == set(inside.MULTIPLES)
    assert all(run.option == f"{inside.MULTIPLES[run.strategy]:g}" and not run.shifts for run in pieces)
    assert all(bool(run.source) == (run.strategy not in ("scratch", "random")) and run.shifts for run in layers)
    assert all(run.source == others(run.target) for run in runs if run.source and run.target.isdigit())
    assert {pair for first, second in inside.DIFFERENCES.values() for pair in (first, second)} == set(inside.LAYERS)


def test_scales_are_chosen_on_splits_that_the_study_does_not_have(tiny):
    used = {frozenset((target, others(target))) for target in inside.TARGETS}
    assert not used & {frozenset((target, others(target))) for target in settings.TARGETS}
    runs = inside_scales.STUDY.runs
    assert {run.target for run in runs} == set(settings.TARGETS)
    assert len(runs) == 3 * 3 * 3 * len(inside.PIECES) * len(inside_scales.MULTIPLES)
    run = next(run for run in runs if run.strategy == "rotation" and run.option == "0.5")
    validation = methods.task(run.target).validation
    expected = inside.predict_with_piece(run, validation) == validation.labels
    assert np.array_equal(inside_scales.measure(run).hits, expected)


def rows(study, accuracy):
    """A table of a study whose accuracies a function of the run gives."""
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame(
        [{**{name: getattr(run, name) for name in run.settings()}, study.accuracy: accuracy(run)} for run in study.runs]
    )


def test_the_best_scale_is_that_of_the_mean(tiny):
    best = dict(zip(inside.PIECES, [0.125, 0.25, 0.5, 1.0, 2.0] * 3))

    def accuracy(run):
        return 0.8 + 0.1 * run.seed - 0.01 * abs(np.log2(float(run.option) / best[run.strategy])) + 0.01 * run.labels

    table = rows(inside_scales.STUDY, accuracy)
    assert inside_scales.chosen(table.sample(frac=1, random_state=0)) == best


def test_the_stored_scales_are_those_that_are_used():
    if not export.paths(inside_scales.STUDY, ROOT / "results")[0].is_file():
        pytest.skip("there are no stored results: `python -m studies inside_scales` makes them")
    pytest.importorskip("pandas")
    chosen = inside_scales.chosen(read_table("inside_scales"))
    assert chosen == inside.MULTIPLES, "write this into studies/inside.py"
    assert not set(chosen.values()) & {min(inside_scales.MULTIPLES), max(inside_scales.MULTIPLES)}


def test_the_readout_of_pieces_finds_what_was_put_in():
    """ "change" wins by a point with few labels and loses one with many, but only where the target has a 0."""
    noise = np.random.default_rng(0)

    def accuracy(run):
        gain = 0.01 * (1 if run.labels < 100 else -1) * (run.strategy == "change") * ("0" in run.target)
        return 0.8 + 0.02 * (run.seed % 10) + gain + noise.normal(0, 1e-4)

    table = rows(inside.STUDY, accuracy)
    table = table[table["network"] == "small"].sample(frac=1, random_state=0)
    splits = inside.against(table)
    share = sum("0" in target for target in inside.TARGETS) / 8
    assert len(splits) == (len(inside.PIECES) - 1) * 3 * 8
    assert splits.loc[("change", 3, "02468")].to_dict() == pytest.approx(
        {"value": 0.01, "low": 0.01, "high": 0.01, "wins": 10}, abs=3e-4
    )
    together = inside.over_splits(splits)
    assert together.loc[("change", 10), "value"] == pytest.approx(0.01 * share, abs=1e-4)
    assert together.loc[("change", 10), "better"] >= 8 * share > 0 == together.loc[("change", 10), "worse"]
    assert together.loc[("change", 100), "worse"] >= 8 * share
    assert 80 * share <= together.loc[("change", 3), "wins"] <= 80
    hits = np.empty(len(inside.STUDY.runs), object)
    for number, value in (table["test_accuracy"] - 0.02 * table["seed"]).items():
        hits[number] = np.arange(1000) < round(1000 * value)
    wider = inside.against(table, hits=hits).loc[("change", 3, "02468")]  # the same gain, but ten images decide it
    assert wider["value"] == pytest.approx(0.01, abs=1e-3) and wider["high"] - wider["low"] > 2e-3
    over_start = inside.over_splits(inside.against(table, "start"))
    assert over_start.loc[("change", 3), "value"] == pytest.approx(0.01 * share, abs=1e-4)


def test_the_readout_of_layers_is_paired_by_seed_or_task():
    """A learned layer gains three points a cut over scratch and five over a random one, and those above two more."""
    noise = np.random.default_rng(0)
    gains = {"new-top": 0.03, "random": -0.02, "frozen": 0.03, "torn": -0.02}

    def accuracy(run):
        above = (
            0.02 * (run.strategy == "frozen") - 0.01 * (run.strategy == "torn") + 0.04 * (run.strategy == "fine-tune")
        )
        gain = run.cut * gains.get(run.strategy, 0) + above
        return 0.5 + 0.005 * run.seed + (1 if run.target.isdigit() else 2) * gain + noise.normal(0, 1e-4)

    table, hits = rows(inside.STUDY, accuracy), np.empty(len(inside.STUDY.runs), object)
    for number, value in table["test_accuracy"].items():
        hits[number] = np.arange(1000) < round(1000 * value)
    found = inside.differences(table.sample(frac=1, random_state=0), hits)
    assert len(found) == 6 * (3 + 3 + 2 + 2 + 1)
    expected = {(name, cut): cut * gain for name, gain in (("gain", 0.03), ("learned", 0.05)) for cut in (1, 2, 3)}
    expected |= {(name, cut): gain for name, gain in (("above", 0.02), ("above alone", -0.01)) for cut in (1, 2)}
    expected |= {("fine-tuned", 0): 0.04}
    for target, labels, factor in (("02468", 3, 1), ("13579", 10, 1), ("letters", 1, 2), ("letters", 5, 2)):
        values = {key: value / factor for key, value in found.loc[(target, labels)]["value"].items()}
        assert values == pytest.approx(expected, abs=1e-3)
    widths = (found["high"] - found["low"]).groupby(level="target")
    assert widths.max()["letters"] < 5e-4  # what the tasks share has cancelled out
    assert widths.min().drop("letters").min() > 2e-3  # digits have the doubt about their images too


def test_pairs_without_a_partner_are_an_error():
    table = rows(inside.STUDY, lambda run: 0.5)
    table = table.drop(table.index[(table["strategy"] == "trained") & (table["seed"] == 3)])
    with pytest.raises(ValueError, match="pairs need the same seeds"):
        inside.against(table[table["network"] == "small"])
