"""What the studies compare, by the protocol that reports go by too: `helpers.transfer.protocol`."""

import functools

from helpers.data.mnist import load_mnist
from helpers.data.tasks import digit_task
from helpers.evidence.tables import ALL
from helpers.nn.optimizers import Adam
from helpers.transfer import protocol, strategies
from studies.engine.study import Outcome

SLOW = "fine-tune-slow"  # fine-tuning at a smaller rate, which tells rate from order
METHODS = (
    *("scratch", "fine-tune", SLOW),
    *(key for key in strategies.METHODS if key not in ("scratch", "fine-tune", "mean")),
)
WITH_SOURCE = {SLOW} | {key for key, method in strategies.METHODS.items() if method.needs_source}


@functools.lru_cache(maxsize=8)  # a task takes 30 MB, and the census has 252 of them
def task(digits):
    """The task of some digits, such as "13579"."""
    return digit_task(_mnist(), map(int, digits))


@functools.cache
def _mnist():
    return load_mnist()


@functools.lru_cache(maxsize=32)  # so a process trains each source once; the largest takes 7 MB
def trained_source(digits, seed, recipe):
    """The network that a recipe makes of all training images of some digits. Nobody may change it."""
    return protocol.trained_source(task(digits).train, seed, recipe, progress=False)


def labelled(run):
    """The images of the target that a run learns from: a Part."""
    return protocol.labelled(task(run.target).train, run.labels, run.draw)


def trial(run, recipe, steps, part=None):
    """What a run is given: the trained source that it names, or a network of which only the architecture counts.

    Parameters
    ----------
    run : Run
    recipe : Recipe
        Of source and target.
    steps : int
        Of training on few labels; on all of them the recipe's epochs are used.
    part : Part, optional
        What to learn from; `labelled(run)` if not given.

    Returns
    -------
    Trial
    """
    if bool(run.source) != (run.strategy in WITH_SOURCE):
        raise ValueError(f"{run.strategy} needs {'no' if run.source else 'a'} source, but the run says {run.source!r}")
    source = trained_source(run.source, run.seed, recipe) if run.source else recipe.network(len(run.target), seed=0)
    return protocol.Trial(source, part or labelled(run), run.seed, recipe, None if run.labels == ALL else steps)


def predict(run, recipe, steps, images, **settings):
    """The classes that a run gives to a part's images, an int array (N,): see `trial`; settings are the method's own."""
    method = run.strategy
    if method == SLOW:
        method, settings = "fine-tune", {"optimizer": Adam(3e-4)}
    return trial(run, recipe, steps).predict(method, images, **settings)


def measure(run, recipe, steps):
    """Do what a run says, and count its hits on the target's test images: an Outcome."""
    test = task(run.target).test
    return Outcome(predict(run, recipe, steps, test) == test.labels)


def band(run):
    """By how much the accuracy of a run may differ on another machine.

    Measured with another processor's kernels (OPENBLAS_CORETYPE=Nehalem for Haswell), 145 runs. A source's long training
    amplifies rounding error, so what is transferred from it differed by up to 0.041 with one label, 0.031 with three, 0.016
    with ten and 0.004 with thirty; all else by less than 0.001.
    """
    if not run.source:
        return 0.01 if run.labels == ALL else 0.003
    return 0.06 if run.labels < 10 else 0.03 if run.labels < 30 else 0.01
