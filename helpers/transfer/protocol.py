"""How a transfer is measured, by reports and studies alike: from which streams of random numbers, on which images.

Each random factor has a stream of its own. The labelled images follow from the target and the draw, and smaller label
sets are subsets of larger ones; a source follows from its digits and its seed; random layers, heads, the order of the
images and dropout on the target follow from the target and the seed. So strategies share all they can, and adding one
changes no other's result.
"""

from dataclasses import dataclass, replace

import numpy as np

from helpers.data.tasks import Part
from helpers.evidence.tables import ALL
from helpers.nn.network import Network
from helpers.nn.training import evaluate, fit
from helpers.randomness import streams
from helpers.transfer.recipes import Recipe
from helpers.transfer.strategies import BASELINES, STRATEGIES


def named(part):
    """The digits of a part or a task as streams and tables name them: "13579"."""
    return "".join(map(str, part.digits))


def untrained_source(part, seed, recipe):
    """The network that `trained_source` starts from: all its values are random."""
    [layers] = streams(seed, f"source {named(part)} layers")
    return recipe.network(part.classes, layers)


def trained_source(part, seed, recipe, **options):
    """The network that a recipe makes of a part; `options` for `fit` take the place of the recipe's.

    Raises
    ------
    KeyboardInterrupt
        The training was interrupted.
    """
    network = untrained_source(part, seed, recipe)
    [training] = streams(seed, f"source {named(part)} training")
    if fit(network, part, seed=training, **{**recipe.options(), "threads": 1, **options}).interrupted:
        raise KeyboardInterrupt(f"the training of source {named(part)} was interrupted")
    return network


def labelled(train, labels, draw):
    """The images of a target that are learned from, a Part: so many of each class, a number or `ALL`."""
    return train if labels == ALL else train.subset(int(labels), _drawing(train, draw))


def labelled_and_rest(part, labels, draw):
    """The same from images that are learned from and tested on: a Part, one of the rest, and the rows of the rest."""
    rows = part.draw(labels, _drawing(part, draw))
    return part.subset(labels, _drawing(part, draw)), part.without(rows), np.delete(np.arange(len(part)), rows)


def _drawing(part, draw):
    [drawing] = streams(draw, f"target {named(part)} labels")
    return drawing


def on_target(digits, seed):
    """A generator of the random numbers that every strategy with this seed shares on these digits."""
    [generator] = streams(seed, f"target {digits}")
    return generator


@dataclass(frozen=True)
class Trial:
    """All that a method is given to learn a target.

    Attributes
    ----------
    source : Network
        Trained, or of random values for methods that use its architecture alone. It stays as it is.
    part : Part
        The labelled images.
    seed : int
    recipe : Recipe
    steps : int, optional
        How long to train; the recipe's epochs if not given.
    """

    source: Network
    part: Part
    seed: int
    recipe: Recipe
    steps: "int | None" = None

    @classmethod
    def few(cls, source, part, seed, recipe, setting):
        """A trial on few labels, by a `Setting`: its rate, its steps, and its dropout instead of the source's."""
        recipe = replace(recipe, learning_rate=setting.rate, dropout=setting.dropout)
        network = recipe.network(source.classes, seed=0)
        for name, layer in zip(source.names, source.layers):
            if layer.parameters():
                for parameter, its in zip(network[name].parameters(), layer.parameters(), strict=True):
                    parameter.value = its.value
        return cls(network, part, seed, recipe, setting.steps)

    def learn(self, strategy, **settings):
        """The network that one of `STRATEGIES` makes; `settings` take the place of the usual ones, or join them."""
        strategy = STRATEGIES[strategy]
        options = {"seed": on_target(named(self.part), self.seed), **strategy.cut_at(self.recipe.last_frozen)}
        if strategy.cut != "body":
            time = {"epochs": None, "steps": self.steps} if self.steps else {}
            options |= {**self.recipe.options(), **time, "threads": 1, "progress": False}
        return strategy.function(self.source, self.part, **{**options, **settings}).network

    def predict(self, method, images, **settings):
        """The classes that one of `METHODS` gives to a part's images, an int array (N,)."""
        if method in BASELINES:
            return BASELINES[method].function(self.part, images, **settings)
        return evaluate(self.learn(method, **settings), images, threads=1).predictions
