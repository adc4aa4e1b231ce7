"""Studies on few labels: all methods see the same images, and nothing but its own setting tells one from the next."""

import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from helpers.data.mnist import DataError
from helpers.data.tasks import Part
from helpers.evidence.tables import read_table
from helpers.transfer import protocol, recipes, strategies
from helpers.transfer.recipes import Recipe, Setting
from studies import curves, few, letters, methods, omniglot, one_shot, settings, splits

TINY = {"mlp": Recipe(hidden=(16, 8), epochs=1), "cnn": Recipe(hidden=(8,), filters=(2, 3), dropout=0.5, epochs=1)}


@pytest.fixture
def tiny(tiny_studies, monkeypatch):
    """The studies with few images and small networks."""
    monkeypatch.setattr(few, "_code", str)
    for name, recipe in TINY.items():
        monkeypatch.setitem(few.NETWORKS, name, recipe)
        monkeypatch.setitem(few.FEW, name, dict.fromkeys(few.COMPARED, Setting(2e-3, 8, 0.2)))
    for cached in (few.trained_source, letters.trained_source):
        cached.cache_clear()
    yield
    for cached in (few.trained_source, letters.trained_source):
        cached.cache_clear()


def a_run(strategy, network="mlp", **others):
    source = "13579" if strategy in few.WITH_SOURCE else ""
    given = {"source": source, "target": "02468", "labels": 2, "seed": 0, "draw": 0, "shifts": 1, **others}
    return few.FewRun(strategy=strategy, network="" if strategy in few.RIVALS else network, **given)


@pytest.mark.parametrize("network", TINY)
@pytest.mark.parametrize("strategy", [*few.COMPARED, few.RESTART, *few.RIVALS])
def test_a_method_repeats_itself_and_leaves_its_source_as_it_was(tiny, strategy, network):
    run = a_run(strategy, network)
    source = few.trained_source("13579", 0, network)
    before = source.fingerprint()
    first = few.measure(run).hits
    assert np.array_equal(few.measure(run).hits, first) and first.shape == (len(methods.task("02468").test),)
    assert source.fingerprint() == before


@pytest.mark.parametrize("strategy", [*few.COMPARED, few.RESTART, "kernel"])
def test_every_method_learns_the_same_images(tiny, strategy, monkeypatch):
    seen = []
    monkeypatch.setattr(few, "fit", lambda *given, **options: seen.append(given[1]))
    for table in (strategies.STRATEGIES, strategies.BASELINES):
        for name, method in table.items():

            def learn(*given, method=method, **options):
                seen.extend(part for part in given[:2] if isinstance(part, Part))
                return method.function(*given, **options)

            monkeypatch.setattr(strategies, method.function.__name__, learn)
            monkeypatch.setitem(table, name, replace(method, function=learn))
    for shifts in (0, 1):
        seen.clear()
        few.measure(a_run(strategy, shifts=shifts))
        assert seen and {len(part) for part in seen if "test" not in part.name} == {10 * (9 if shifts else 1)}


def test_a_source_is_trained_once_and_read_again(tiny, monkeypatch):
    first = few.trained_source("13579", 0, "mlp").fingerprint()
    few.trained_source.cache_clear()
    monkeypatch.setattr(protocol, "trained_source", None)
    assert few.trained_source("13579", 0, "mlp").fingerprint() == first
    with pytest.raises(TypeError):  # of another seed, network or digits there is none yet
        few.trained_source("13579", 1, "mlp")


def test_a_trial_on_few_labels_has_its_own_dropout_and_the_sources_values(tiny):
    source = few.trained_source("13579", 0, "cnn")
    for dropout in (0, 0.4):
        trial = protocol.Trial.few(source, None, 0, TINY["cnn"], Setting(1e-3, 5, dropout))
        rates = [layer.rate for layer in trial.source.layers if hasattr(layer, "rate")]
        assert rates == [dropout, dropout] * (dropout > 0) and trial.steps == 5
        assert np.array_equal(trial.source.values, source.values)


def test_the_control_of_head_first_trains_as_many_steps(tiny, monkeypatch):
    steps = []
    monkeypatch.setattr(
        few.strategies, "fine_tune", lambda source, part, **options: (steps.append(options["steps"]), 0)
    )
    monkeypatch.setattr(few, "fit", lambda network, part, **options: steps.append(options["steps"]))
    few.restart(None, None, seed=0, steps=40)
    assert steps == [10, 40]


def test_settings_are_chosen_on_other_splits_than_they_are_used_on():
    chosen_on = {run.target for run in settings.STUDY.runs} | {run.source for run in settings.STUDY.runs}
    assert not chosen_on & {run.target for run in curves.STUDY.runs}
    assert not chosen_on & {run.target for run in splits.STUDY.runs if run.network == "cnn"}
    assert not chosen_on & {run.source for run in letters.STUDY.runs if run.source != ""} - {""}


def test_every_method_gets_as_many_candidates():
    counts = {len(settings.candidates(network)) for network in ("mlp", "cnn", "small")}
    assert counts | {len(settings.KERNELS), len(settings.PENALTIES)} == {15}


def test_pairs_of_the_census_are_fresh():
    pairs = {(run.target, run.network, run.seed) for run in splits.STUDY.runs if run.network}
    assert all(run.seed == run.draw for run in splits.STUDY.runs)
    assert len(pairs) == 252 * len(splits.PAIRS) + 42 * len(splits.PAIRS_OF_CONVNETS)
    assert len(splits.DRAWN) == len(set(splits.DRAWN)) == 40


@pytest.fixture
def alphabets(tmp_path, monkeypatch):
    """Files such as Omniglot's: five alphabets of 20 letters by 20 people, and two runs of a test."""
    from PIL import Image

    rng = np.random.default_rng(0)
    folder = tmp_path / "omniglot"
    folder.mkdir()
    with zipfile.ZipFile(folder / omniglot.STROKES, "w") as archive:
        archive.writestr("__MACOSX/small/Greek/character01/._1_01.txt", "no letter")
        for alphabet in letters.ALPHABETS:
            for letter in range(1, 21):
                shape = rng.uniform(10, 95, (4, 2))
                for hand in range(20):
                    points = (shape + rng.normal(0, 2, shape.shape)).clip(0, 105)
                    lines = [f"{x:.1f},{-y:.1f},{time}" for time, (x, y) in enumerate(points)]
                    text = "\n".join(["START", *lines, "BREAK"])
                    archive.writestr(f"small/{alphabet}/character{letter:02}/{letter}_{hand:02}.txt", text)
    with zipfile.ZipFile(folder / omniglot.RUNS, "w") as archive:
        for run in ("run01", "run02"):
            order = rng.permutation(20)
            names = [(f"{run}/test/item{i:02}.png", f"{run}/training/class{k:02}.png") for i, k in enumerate(order)]
            archive.writestr(f"{run}/class_labels.txt", "\n".join(" ".join(pair) for pair in names))
            for pair in names:
                ink = Image.fromarray(np.pad(rng.random((45, 45)) > 0.2, 30, constant_values=True))
                file = io.BytesIO()
                ink.save(file, "PNG")
                for name in pair:
                    archive.writestr(name, file.getvalue())
    monkeypatch.setenv(omniglot.FOLDER, str(folder))
    cached = omniglot.drawings, omniglot.images, omniglot.one_shot_runs, one_shot.rounds
    for each in cached:
        each.cache_clear()
    yield folder
    for each in cached:
        each.cache_clear()


def test_a_task_of_letters_is_learned_from_other_hands_than_it_is_tested_on(alphabets):
    learn, test = letters.task(3)
    assert learn.name == "Korean" and len(learn) == len(test) == 50 and learn.digits == test.digits
    assert not {image.tobytes() for image in learn.images} & {image.tobytes() for image in test.images}
    one, five = (letters.labelled(learn, count) for count in (1, 5))
    assert list(one.counts()) == [1] * 5 and list(five.counts()) == [5] * 5
    assert {image.tobytes() for image in one.images} < {image.tobytes() for image in five.images}


@pytest.mark.parametrize("source", ["", "13579", letters.OTHER_LETTERS])
def test_letters_are_learned_from_every_source(tiny, alphabets, source):
    network, shifts = "cnn", 1
    strategy = "frozen" if source else "scratch"
    [run] = [
        run
        for run in letters.STUDY.runs
        if (run.source, run.strategy, run.network, run.shifts, run.labels, run.seed)
        == (source, strategy, network, shifts, 1, 2)
    ]
    assert letters.measure(run).hits.shape == (50,)


def test_a_source_of_letters_has_seen_no_letter_of_the_target(tiny, alphabets, monkeypatch):
    monkeypatch.setattr(few, "kept_source", lambda part, *given, **options: part)
    part = letters.trained_source(letters.OTHER_LETTERS, "Greek", 0, "mlp")
    assert part.classes == 80 and len(part) == 80 * 20 * 9 and not any("Greek" in name for name in part.digits)


def test_without_the_letters_a_sentence_says_where_they_come_from(tmp_path, monkeypatch):
    monkeypatch.setenv(omniglot.FOLDER, str(tmp_path))
    omniglot.drawings.cache_clear()
    with pytest.raises(DataError, match="brendenlake/omniglot .*--data"):
        omniglot.drawings()
    (tmp_path / omniglot.STROKES).write_bytes(b"<html>not found</html>")
    with pytest.raises(DataError, match="cannot be read .* take it anew"):
        omniglot.drawings()


def test_the_same_images_are_recognised_by_any_feature(alphabets):
    """The made test shows each letter twice alike, so whatever is nearest is right."""
    runs = [
        run for run in one_shot.STUDY.runs if run.target == one_shot.TEST and run.strategy != "trained" and not run.seed
    ]
    assert {run.option for run in runs} == {"pool1", "pool2", "relu1", "relu2", "relu3", "pixels"}
    for run in runs:
        assert one_shot.measure(run).hits.all() and len(one_shot.measure(run).hits) == 40


@pytest.mark.parametrize("shape", one_shot.SHAPES)
def test_a_letter_keeps_its_form_and_gets_the_line_that_was_asked_for(alphabets, shape):
    drawing = omniglot.drawings()["Greek"]["01"][0]
    ink = one_shot.on_canvas(drawing)
    image = one_shot.shaped(ink, shape)
    assert image.shape == (28, 28) and image.dtype == np.uint8 and image.max() > 60
    thin = one_shot.shaped(ink, shape.removesuffix(", thick"))
    assert (image.sum(dtype=float) > 1.2 * thin.sum(dtype=float)) == shape.endswith("thick")


def test_a_setting_says_what_it_is():
    assert str(Setting(2e-3, 300, 0.3)) == "rate 0.002, 300 steps, dropout 0.3"
    assert set(recipes.FEW) == {"mlp", "cnn", "small"}


def test_the_settings_in_use_are_those_that_the_study_chose():
    found = settings.chosen(read_table("settings"))
    for network in ("mlp", "cnn", "small"):
        for strategy, setting in recipes.FEW[network].items():
            assert str(setting) == found.loc[(network, strategy), "option"], (network, strategy)
    for strategy in ("kernel", "softmax"):
        assert settings.REGRESSIONS[strategy][found.loc[("", strategy), "option"]] == recipes.REGRESSIONS[strategy]
    assert found["beyond"].max() < 0.003, "little is to be had beyond the grid"
