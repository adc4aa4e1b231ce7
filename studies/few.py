"""What the studies of few labels have in common: who is compared, on which images, with which settings."""

import copy
import functools
import hashlib
import inspect
from dataclasses import dataclass

from helpers.nn.training import evaluate, fit
from helpers.nn.weights import load_network, save_network
from helpers.randomness import streams
from helpers.transfer import protocol, strategies
from helpers.transfer.protocol import Trial, on_target
from helpers.transfer.recipes import CNN, CONVNET, FEW, MLP, REGRESSIONS, SMALL, convnet
from studies import methods
from studies.engine.execution import ROOT
from studies.engine.study import Outcome, Run

NETWORKS = {"mlp": MLP, "cnn": CONVNET, "small": SMALL, "wide": CNN}
RESTART = "restart"  # the control of head-then-all: as long, and through the schedule twice, but always with all layers
COMPARED = "scratch", "fine-tune", "frozen", "random", "head-then-all"
RIVALS = "kernel", "softmax", "mean"
WITH_SOURCE = {"fine-tune", "frozen", "head-then-all", RESTART}
KERNEL_LIMIT = 100  # labels a class that a kernel gets with their shifts: more would take gigabytes


@dataclass(frozen=True, kw_only=True)
class FewRun(Run):
    """A run on few labels.

    Attributes
    ----------
    network : str
        A key of `NETWORKS`; empty for a regression on the pixels.
    shifts : int
        1 if each labelled image comes with its eight shifts by one pixel, else 0.
    """

    network: str = ""
    shifts: int


@functools.lru_cache(maxsize=32)
def trained_source(digits, seed, network):
    """The network that a recipe makes of all training images of some digits. Nobody may change it."""
    return kept_source(methods.task(digits).train, seed, NETWORKS[network])


def kept_source(part, seed, recipe, **options):
    """What `protocol.trained_source` gives, trained once on this machine and read from output/sources after that."""
    known = hashlib.sha256(f"{_code()} {part.digits} {seed} {recipe} {sorted(options.items())}".encode())
    known.update(part.images)
    known.update(part.labels)
    path = ROOT / "output" / "sources" / f"{known.hexdigest()[:20]}.npz"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        save_network(protocol.trained_source(part, seed, recipe, progress=False, **options), path)
    return load_network(path)


@functools.cache
def _code():
    """A digest of the code that decides what a training gives."""
    digest = hashlib.sha256(inspect.getsource(convnet).encode())
    for path in sorted((ROOT / "helpers" / "nn").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def restart(source, part, *, seed, steps, **options):
    """Fine-tune for a quarter of the steps, then through all of them again: as long as `strategies.head_then_all`."""
    first = {**copy.deepcopy(options), "steps": round(strategies.HEAD_FIRST * steps)}
    network, _ = strategies.fine_tune(source, part, seed=seed, **first)
    [again] = streams(seed, "again")
    fit(network, part, seed=again, steps=steps, **options)
    return network


def setting_of(run):
    """How the method of a run trains."""
    return FEW[run.network]["head-then-all" if run.strategy == RESTART else run.strategy]


def predict(run, part, images, source=None, setting=None):
    """The classes that a run's method, having learned a part, gives to other images: an int array (N,).

    Parameters
    ----------
    run : FewRun
    part : Part
        The labelled images; their shifts are added here where the run says so.
    images : Part
    source : Network, optional
        Where the run has one; else only the architecture of its network counts.
    setting : Setting or dict, optional
        That of `FEW` or `REGRESSIONS` if not given.
    """
    part = part.with_shifts() if run.shifts else part
    if not run.network:
        return strategies.BASELINES[run.strategy].function(
            part, images, **(REGRESSIONS[run.strategy] if setting is None else setting)
        )
    recipe = NETWORKS[run.network]
    setting = setting or setting_of(run)
    trial = Trial.few(source or recipe.network(part.classes, seed=0), part, run.seed, recipe, setting)
    if run.strategy == RESTART:
        options = {**trial.recipe.options(), "epochs": None, "steps": setting.steps, "threads": 1, "progress": False}
        seed = on_target(protocol.named(part), run.seed)
        return evaluate(restart(trial.source, part, seed=seed, **options), images, threads=1).predictions
    return trial.predict(run.strategy, images)


def measure(run, setting=None):
    """The hits of a run whose source and target are digits, on the target's test images."""
    test = methods.task(run.target).test
    source = trained_source(run.source, run.seed, run.network) if run.source else None
    return Outcome(predict(run, methods.labelled(run), test, source, setting) == test.labels)


def conditions(*networks):
    """What all runs of a study with these networks have in common: a dict for `Study.settings`."""
    recipes = {f"{name} source": NETWORKS[name] for name in networks}
    few = {f"{name} {strategy}": setting for name in networks for strategy, setting in FEW[name].items()}
    return recipes | few | REGRESSIONS


STEP = {"cnn": 0.16e-3, "mlp": 0.024e-3, "small": 0.008e-3}  # seconds of an image in training, on one core
REST = {"cnn": 0.35, "mlp": 0.1, "small": 0.05, "": 0.3}  # seconds of a run's other work


def seconds(run):
    """The estimate for one run on one core, its source left out."""
    if not run.network:
        return REST[""] * (5 if run.shifts and run.labels > 30 else 1)
    if run.strategy in ("frozen", "random"):
        return 2 * REST[run.network]
    batch = min(128, 5 * run.labels * (9 if run.shifts else 1))
    steps = setting_of(run).steps * (1 if run.strategy in ("scratch", "fine-tune") else 1.25)
    return steps * (batch + 5) * STEP[run.network] + REST[run.network]
