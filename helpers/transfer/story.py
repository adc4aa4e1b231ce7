"""The whole story, once: train on one task, transfer to the other in every way, measure everything."""

from dataclasses import dataclass, field

from helpers.data.tasks import odd_even_tasks
from helpers.nn.training import evaluate, fit
from helpers.randomness import streams
from helpers.transfer.protocol import named
from helpers.transfer.recipes import MLP, SOFTMAX
from helpers.transfer.strategies import STRATEGIES

TOLD = "scratch", "frozen", "random", "fine-tune"  # what is done with the second task, in this order


@dataclass
class Story:
    """What `run_story` found.

    Attributes
    ----------
    first, second : Task
        Where the network learned, and what it was transferred to.
    rows : list of dict
        The table: name; role ("baseline", "source", "control", "transfer" or "forgetting"); strategy; source and
        target, the digits that were learned first (None if there were none) and last, such as "13579"; task, on whose
        images it was tested; test_accuracy; trainable_parameters and total_parameters; seconds.
    networks, histories, evaluations : dict
        By the row's name; an evaluation is on the test part.
    strategies : dict
        Of the rows in which the second task is learned: the key of what was done.
    """

    first: object
    second: object
    rows: list = field(default_factory=list)
    networks: dict = field(default_factory=dict)
    histories: dict = field(default_factory=dict)
    evaluations: dict = field(default_factory=dict)
    strategies: dict = field(default_factory=dict)

    def add(self, name, task, network, history=None, *, role, strategy, source=None, target=None):
        """Measure a network on the test part of a task and write its row.

        Parameters
        ----------
        name : str
        task : Task
        network : Network
        history : History, optional
            Of its training; None if it was not trained for this row.
        role : str
        strategy : str
            A key of `METHODS`.
        source, target : Task, optional
            What it learned first and last; only the tested task if not given.

        Raises
        ------
        KeyboardInterrupt
            The training was interrupted.
        """
        if history is not None and history.interrupted:
            raise KeyboardInterrupt(f"while training {name}")
        self.networks[name], self.histories[name] = network, history
        self.evaluations[name] = evaluate(network, task.test)
        self.rows.append(
            {
                "name": name,
                "role": role,
                "strategy": STRATEGIES[strategy].row if strategy in STRATEGIES else strategy,
                "source": source and named(source),
                "target": named(target or task),
                "task": task.name,
                "test_accuracy": self.evaluations[name].accuracy,
                "trainable_parameters": network.parameter_count() if history else 0,
                "total_parameters": network.parameter_count(trainable_only=False),
                "seconds": history.total_seconds if history else 0.0,
            }
        )


def run_story(mnist, **settings):
    """Train on one task, transfer to the other in every way, and measure all of it on the test images.

    Takes what `tell_story` takes, and returns the Story when it is complete.
    """
    *_, story = tell_story(mnist, **settings)
    return story


def tell_story(mnist, *, seed, recipe=MLP, reverse=False, epochs=None, progress=False):
    """Tell the story row by row: a generator, for those who do not need all of it.

    Parameters
    ----------
    mnist : Mnist
    seed : int
        Everything random follows from it, each factor from a stream of its own: all that learn a task see its images
        in the same order, and the strategies share their random layers and their new head.
    recipe : Recipe
        Of all networks but the two softmax regressions.
    reverse : bool
        From even to odd instead of from odd to even.
    epochs : int, optional
        For every training; the recipes' if not given.
    progress : bool
        Show a progress bar for each training.

    Yields
    ------
    Story
        The same one each time, one row longer.

    Raises
    ------
    KeyboardInterrupt
        A training was interrupted: a story with a hole in it would mislead.
    """
    odd, even = odd_even_tasks(mnist)
    first, second = (even, odd) if reverse else (odd, even)
    story = Story(first, second)

    def options(name, task, recipe):
        return {**recipe.options(epochs), "validation": task.validation, "progress": name if progress else False}

    def learn(name, task, recipe, role, strategy):
        layers, training = streams(seed, f"{task.name} layers", f"{task.name} training")
        network = recipe.network(task.train.classes, layers)
        history = fit(network, task.train, seed=training, **options(name, task, recipe))
        story.add(name, task, network, history, role=role, strategy=strategy)
        return network

    learn(f"{first.name}-softmax", first, SOFTMAX, "baseline", "softmax")
    yield story
    learn(f"{second.name}-softmax", second, SOFTMAX, "baseline", "softmax")
    yield story
    source = learn(first.name, first, recipe, "source", "scratch")
    yield story
    for strategy in map(STRATEGIES.get, TOLD):
        row = f"{second.name}-{strategy.row}"
        story.strategies[row] = strategy.key
        given = {**strategy.cut_at(recipe.last_frozen), **options(row, second, recipe)}
        [transferring] = streams(seed, f"{first.name} to {second.name}")
        network, history = strategy.function(source, second.train, seed=transferring, **given)
        story.add(row, second, network, history, role=strategy.role, strategy=strategy.key, source=first)
        yield story
    after = story.networks[f"{second.name}-finetuned"].with_head_of(source)
    told = {"role": "forgetting", "strategy": "fine-tune", "source": first, "target": second}
    story.add(f"{first.name}-after-finetuning", first, after, **told)
    yield story
