"""The laboratory's numbers: the browser's Python computes what ours does, with the very same helpers."""

import base64
import json
import zipfile

import numpy as np
import pytest
from conftest import HTML, ROOT
from lab import build, engine, sources  # build puts the laboratory's modules on the path
from laboratory import Laboratory
from lessons import TAUGHT, Learner

from helpers import Part, digit_task, evaluate, load_mnist, load_network
from helpers.data.tasks import odd_even_tasks
from helpers.show import plots
from helpers.transfer.recipes import Recipe
from helpers.transfer.strategies import STRATEGIES

LAB = HTML / "lab"
WORKER = """
import { loadPython } from "ADDRESSlab/js/python.js";
onmessage = async ({ data: { code, given } }) => {
  const python = await loadPython();
  python.globals.set("given", given);
  postMessage(python.runPython(code));
};"""
IN_BROWSER = """([worker, code, given]) => new Promise((resolve, reject) => {
  const blob = new Blob([worker], { type: "text/javascript" });
  const python = new Worker(URL.createObjectURL(blob), { type: "module" });
  python.onmessage = ({ data }) => resolve(data);
  python.onerror = (event) => reject(new Error(event.message));
  python.postMessage({ code, given });
})"""


@pytest.fixture(scope="module")
def tasks():
    return odd_even_tasks(load_mnist())


@pytest.fixture(scope="module")
def source():
    return load_network(LAB / "data" / "13579.npz").astype("float32")


def test_a_training_in_the_browser_gives_the_same_numbers(visit, tasks):
    _, even = tasks
    part = even.train.subset(per_class=50, seed=0)
    train, test = (base64.b64encode(images.tobytes()).decode() for images in (part.images, even.test.images[:1000]))
    given = json.dumps({"train": train, "labels": part.labels.tolist(), "test": test})
    code = (ROOT / "site" / "tests" / "golden.py").read_text(encoding="utf-8")
    scope = {"given": given}
    exec(code, scope)
    ours = json.loads(scope["answer"])

    guest = visit()
    guest.page.goto(guest.address + "lab/licences.txt")  # any page of this address: nothing else runs on it
    theirs = json.loads(guest.page.evaluate(IN_BROWSER, [WORKER.replace("ADDRESS", guest.address), code, given]))

    assert len(ours["losses"]) == 20 and ours["losses"][-1] < ours["losses"][0] / 1.5  # it has learned something
    np.testing.assert_allclose(theirs["losses"], ours["losses"], rtol=0, atol=1e-5)
    one, other = np.array(ours["logits"]), np.array(theirs["logits"])
    assert one.shape == other.shape == (1000, 5)
    highest = np.sort(one, axis=1)
    clear = highest[:, -1] - highest[:, -2] >= 1e-4
    assert clear.sum() > 990
    assert (one.argmax(axis=1) == other.argmax(axis=1))[clear].all()


def test_the_browser_gets_helpers_unchanged():
    with zipfile.ZipFile(LAB / "engine" / "project.zip") as archive:
        shipped = {name: archive.read(name) for name in archive.namelist()}
    ours = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in (ROOT / "helpers").rglob("*.py")}
    assert {name: content for name, content in shipped.items() if name.startswith("helpers/")} == ours
    assert shipped.keys() - ours.keys() == {"laboratory.py", "lessons.py", "data/drawings.json"}


def test_a_learner_that_pauses_is_one_that_does_not(tasks, source):
    _, even = tasks
    part = even.train.subset(per_class=5, seed=1)
    for name in TAUGHT:
        losses = []
        STRATEGIES[name].function(
            *(source, part),
            **STRATEGIES[name].cut_at("hidden1"),
            seed=3,
            steps=45,
            progress=False,
            watch=lambda step, loss, network, losses=losses: losses.append(loss),
        )
        learner = Learner(name, source, part, seed=3, steps=45, upto="hidden1")
        while not learner.done:
            learner.advance()
        np.testing.assert_allclose(learner.losses, losses, rtol=2e-3, atol=1e-5)  # sums in another order


def test_forgetting_keeps_the_networks_along_the_way(tasks, source):
    odd, even = tasks
    laboratory = Laboratory(LAB / "data")
    groups = laboratory.bundled([0, 2, 4, 6, 8], 0, 10)
    images = sum(groups, [])
    labels = [label for label in range(5) for _ in range(10)]
    laboratory.forget("13579", images, labels, 5, steps=300, rate=0.003)
    while not laboratory.advance_forgetting()["done"]:
        pass
    memory = laboratory.remembered("13579")
    assert memory["steps"][0] == 0 and memory["steps"][-1] == 300
    assert memory["old"][0] > 0.95  # the source itself
    assert 0.2 < memory["old"][-1] < 0.8  # it has forgotten a good part
    [[three]] = laboratory.bundled([3], 0, 1)
    beliefs = laboratory.remembered("13579", three)["beliefs"]
    assert beliefs[0] == pytest.approx(laboratory.answer("13579", three)["beliefs"], abs=1e-6)
    last = laboratory.forgetting.network.with_head_of(source)
    part = Part(
        np.frombuffer(base64.b64decode(three), "uint8").reshape(1, 28, 28), np.array([1]), odd.digits, "a three"
    )
    assert beliefs[-1] == pytest.approx(evaluate(last, part).probabilities[0].tolist(), abs=1e-6)


def test_a_source_is_what_its_recipe_gives():
    for digits in ("13579", sources.SPLITS[-1]):
        assert sources.train(digits).fingerprint() == load_network(LAB / "data" / f"{digits}.npz").fingerprint()


def test_every_split_has_a_source_that_knows_its_digits():
    mnist = load_mnist()
    for digits in sources.SPLITS:
        path = LAB / "data" / f"{digits}.npz"
        assert path.stat().st_size < 230_000
        part = digit_task(mnist, map(int, digits)).validation.subset(per_class=40, seed=0)
        assert evaluate(load_network(path).astype("float32"), part).accuracy > 0.92, digits


def test_sources_are_kept_until_they_would_come_out_otherwise(monkeypatch, tmp_path):
    monkeypatch.setattr(sources, "SPLITS", ["13579"])
    monkeypatch.setattr(sources, "SMALL", Recipe(hidden=(4,), epochs=1))
    [path] = sources.networks(tmp_path)
    written = path.stat().st_mtime_ns
    assert sources.networks(tmp_path) == [path] and path.stat().st_mtime_ns == written
    (path.parent / "older.npz").touch()
    monkeypatch.setattr(sources, "SMALL", Recipe(hidden=(5,), epochs=1))
    assert sources.networks(tmp_path) == [path] and load_network(path).layers[0].weights.value.shape == (784, 5)
    assert list(path.parent.iterdir()) == [path]


def test_shipped_images_are_none_that_the_sources_have_learned_from_or_are_tested_with(tasks):
    shipped = np.load(LAB / "data" / "drawings.npz")["images"]
    for task in tasks:
        for part in (task.train, task.test):
            known = {image.tobytes() for image in part.images}
            assert not any(image.tobytes() in known for image in shipped)


def test_the_page_says_how_much_is_shipped():
    sizes = {path.name: path.stat().st_size for path in (LAB / "engine").iterdir()}
    assert f"about {sum(sizes.values()) / 1e6:.0f} MB" in (ROOT / "site/pages/lab.md").read_text(encoding="utf-8")
    assert json.loads((LAB / "engine" / "sizes.json").read_text()) == {
        name: size for name, size in sizes.items() if name != "sizes.json"
    }


def test_lines_look_as_in_the_figures():
    script = (LAB / "js" / "strategies.js").read_text(encoding="utf-8")
    learners = json.loads(script.removeprefix("export const STRATEGIES = ").rstrip(";\n"))
    assert list(learners) == [*TAUGHT, "mean"]
    for key in TAUGHT:
        assert (learners[key]["name"], learners[key]["colour"]) == (STRATEGIES[key].label, plots.look(key)["color"])


def test_licences_name_what_is_shipped():
    text = (LAB / "licences.txt").read_text(encoding="utf-8")
    python, wheel = engine.PYODIDE.removesuffix(".tgz").split("-"), engine.WHEEL.split("-")[:2]
    for name, version in (python, wheel, engine.NUMPY.split("-")[:2]):
        assert f"{name} {version}".replace("_", "-") in text.lower()


def test_a_package_that_is_not_the_one_that_was_tried_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(engine, "CACHE", tmp_path)
    (tmp_path / engine.PYODIDE).write_bytes(b"something else")
    with pytest.raises(engine.EngineError, match="delete it to fetch it again"):
        engine.add(tmp_path)


def test_a_folder_with_something_else_in_it_is_left_alone_and_a_build_that_broke_off_is_not(monkeypatch, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(FileExistsError, match="something else"):
        build.build(tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"
    monkeypatch.setattr(engine, "add", lambda destination: 1 / 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            build.build(tmp_path / "lab")
