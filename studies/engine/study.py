"""A run is a frozen record of settings; a study is a list of runs, and the function that measures one."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields

import numpy as np

from helpers.evidence.tables import ALL


@dataclass(frozen=True, kw_only=True)
class Run:
    """The settings of one run. A study that has more of them adds fields in a subclass.

    Attributes
    ----------
    source : str
        The digits that were learned first, such as "13579"; empty for a method that uses no source.
    target : str
        The digits to tell apart.
    strategy : str
    labels : int or ALL
        Labelled images of each target digit.
    seed : int
        Of everything random but the draw: the source's training; on the target random values, order and dropout.
    draw : int
        Which labelled images were drawn.
    """

    source: str = ""
    target: str
    strategy: str
    labels: float
    seed: int
    draw: int

    def settings(self):
        """The settings as text, as a table shows them: a dict."""
        return {each.name: _text(getattr(self, each.name)) for each in fields(self)}


def _text(value):
    if value == ALL:
        return "all"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@dataclass(frozen=True)
class Outcome:
    """What a run measured.

    Attributes
    ----------
    hits : bool array, (N,)
        Which images were recognised, in the order of the part they are from.
    values : dict
        Further columns of the table: numbers that are the same in every repetition.
    """

    hits: np.ndarray
    values: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Study:
    """A question, the runs that answer it, and how one of them is measured.

    Attributes
    ----------
    name : str
        Of the file in studies/ and of those in results/.
    question : str
        In one line.
    revision : int
        Increment when a code change alters results: stored rows of an earlier revision no longer count.
    settings : dict
        What all runs have in common: recipes, steps. Part of the key of each run, as the revision is.
    runs : sequence of Run
        In the order of the table. It can grow, shrink or change its order: finished runs keep their rows.
    measure : callable
        Takes a Run, gives an Outcome. A function of a module, so that other processes find it.
    seconds : callable
        Takes a Run, gives roughly its seconds on one core, its share of a source's training included.
    band : callable
        Takes a Run, gives by how much its accuracy may differ on another machine, where sums are rounded otherwise.
    accuracy : str
        The column of the share of hits: says on which part they were counted.
    together : callable, optional
        Takes a Run, gives what it has in common with all that come out of one computation, such as the rows of one
        story: they travel together, however long they take.
    """

    name: str
    question: str
    revision: int
    settings: dict
    runs: tuple
    measure: Callable
    seconds: Callable
    band: Callable
    accuracy: str = "test_accuracy"
    together: Callable | None = None

    def __post_init__(self):
        if len(set(self.runs)) < len(self.runs):
            twice = next(run for run in self.runs if self.runs.count(run) > 1)
            raise ValueError(f"study {self.name} lists a run twice: {twice}")

    def key(self, run):
        """What a finished run is known by: a digest of all that decides its result; a str."""
        text = json.dumps([self.name, self.revision, self.conditions(), run.settings()], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    def keys(self):
        """The key of every run, in the order of the table: a dict of str to Run."""
        return {self.key(run): run for run in self.runs}

    def find(self, **settings):
        """The one run that has these settings.

        Raises
        ------
        ValueError
            There is none, or more than one.
        """
        found = [run for run in self.runs if all(getattr(run, name) == value for name, value in settings.items())]
        if len(found) != 1:
            raise ValueError(
                f"{len(found)} runs of the study {self.name} have the settings {settings}; name those of one"
            )
        return found[0]

    def conditions(self):
        """The settings of all runs as text: a dict."""
        return {name: str(value) for name, value in self.settings.items()}
