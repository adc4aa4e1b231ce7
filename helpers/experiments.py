"""Many runs, so that conclusions have error bars: the story by seed, and strategy × labels × seed."""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context

from helpers import transfer
from helpers.convnets import keras_convnet
from helpers.data import low_high_tasks, odd_even_tasks
from helpers.evaluation import evaluate
from helpers.mnist import load_mnist
from helpers.optimizers import Adam
from helpers.recipes import CNN, MLP, MODELS, Recipe
from helpers.results import EVEN_TO_ODD, ODD_TO_EVEN, RESULTS, SAME_TASK, read_rows, write_rows
from helpers.story import run_story
from helpers.training import cosine, fit

SEEDS = (0, 1, 2, 3, 4)
LABELS = (1, 3, 10, 30, 100, 300, 1000, "all")  # per class
FEW_LABEL_STEPS = 600  # with 3, 10 or 100 labels, validation accuracy hardly changed from 300 to 1,200

STRATEGIES = {
    "scratch": (transfer.from_scratch, {}),
    "random-1": (transfer.random_features, {"upto": "hidden1"}),
    "random-2": (transfer.random_features, {"upto": "hidden2"}),
    "frozen-1": (transfer.frozen_features, {"upto": "hidden1"}),
    "frozen-1-new-top": (transfer.frozen_features, {"upto": "hidden1", "new_top": True}),
    "frozen-2": (transfer.frozen_features, {"upto": "hidden2"}),
    "fine-tune": (transfer.fine_tune, {}),
    "head-then-all": (transfer.head_then_all, {}),
}


def train_source(task, seed):
    """Train the recipe's network on a whole task: where every transfer of this seed starts.

    Parameters
    ----------
    task : Task
    seed : int

    Returns
    -------
    Network
    """
    network = MLP.network(task.train.classes, seed)
    fit(network, task.train, seed=seed, progress=False, **MLP.options())
    return network


def run_transfer(source, task, strategy, labels, seed):
    """Transfer once and measure: one row of results/transfer.csv.

    With k labels per class training takes a fixed number of steps, no validation label is used, and the same k
    images serve every strategy; with all labels it takes the recipe's epochs.

    Parameters
    ----------
    source : Network
    task : Task
        The second task.
    strategy : str
        A key of `STRATEGIES`.
    labels : int or "all"
        Labelled images per class.
    seed : int

    Returns
    -------
    dict
    """
    function, cut = STRATEGIES[strategy]
    options = MLP.options()
    if labels == "all":
        part = task.train
    else:
        part = task.train.subset(labels, seed)
        options.update(epochs=None, steps=FEW_LABEL_STEPS)
    if function is transfer.head_then_all:
        del options["optimizer"]  # it has one for each of its two trainings
    network, history = function(source, part, seed=seed, progress=False, **cut, **options)
    measured = evaluate(network, task.test)
    return {
        "strategy": strategy,
        "labels": labels,
        "seed": seed,
        "test_accuracy": round(measured.accuracy, 6),
        "labels_used": history.labels_used,
        "steps": history.steps,
        "trainable_parameters": network.parameter_count(),
        "seconds": round(history.total_seconds, 3),
    }


def _transfer_job(direction, seed):
    """All transfers of one direction and seed, from one source network."""
    odd, even = odd_even_tasks(load_mnist())
    first, second = {ODD_TO_EVEN: (odd, even), EVEN_TO_ODD: (even, odd), SAME_TASK: (odd, odd)}[direction]
    strategies = ["frozen-1", "frozen-2"] if direction == SAME_TASK else STRATEGIES
    source = train_source(first, seed)
    return [
        {"direction": direction, **run_transfer(source, second, strategy, labels, seed)}
        for labels in LABELS
        for strategy in strategies
    ]


def _story_job(direction, seed, model="mlp"):
    """The rows of `main.py` for one direction and seed."""
    story = run_story(load_mnist(), seed=seed, recipe=MODELS[model], reverse=direction == EVEN_TO_ODD)
    return [
        {"direction": direction, "seed": seed, **row, "test_images": len(story.evaluations[row["name"]].predictions)}
        for row in story.rows
    ]


TUNING = [
    *(Recipe(layers, dropout=rate) for layers in ((256, 128), (512, 128), (512, 256)) for rate in (0.0, 0.3, 0.5)),
    replace(MLP, learning_rate=1e-3),
]
CNN_TUNING = [
    CNN,
    replace(CNN, hidden=(128,)),
    replace(CNN, filters=(32, 32)),
    replace(CNN, dropout=0.3),
    replace(CNN, learning_rate=1e-3),
    replace(CNN, batch_size=64),
]


def _tuning_job(number, seed):
    """The validation accuracy of one candidate recipe on both tasks; test images play no part."""
    recipe, rows = TUNING[number], []
    for task in odd_even_tasks(load_mnist()):
        network = recipe.network(task.train.classes, seed)
        history = fit(network, task.train, validation=task.validation, seed=seed, progress=False, **recipe.options())
        rows.append(
            {
                "hidden": "-".join(map(str, recipe.hidden)),
                "dropout": recipe.dropout,
                "learning_rate": recipe.learning_rate,
                "task": task.name,
                "seed": seed,
                "validation_accuracy": round(history.validation_accuracy[-1], 6),
                "seconds": round(history.total_seconds, 2),
            }
        )
    return rows


def _cnn_tuning_job(number, seed):
    """The validation accuracy of one convolutional recipe: on digits 0 to 4, then on 5 to 9 with frozen convolutions."""
    recipe, (first, second), common = (
        CNN_TUNING[number],
        low_high_tasks(load_mnist()),
        {"seed": seed, "progress": False},
    )
    source = recipe.network(5, seed)
    runs = {"scratch": (first, source, fit(source, first.train, **recipe.options(), **common))}
    moved = transfer.frozen_features(source, second.train, upto=recipe.last_frozen, **recipe.options(), **common)
    runs["frozen"] = (second, *moved)
    return [
        {
            "filters": "-".join(map(str, recipe.filters)),
            "hidden": recipe.hidden[0],
            "dropout": recipe.dropout,
            "learning_rate": recipe.learning_rate,
            "batch_size": recipe.batch_size,
            "strategy": strategy,
            "task": task.name,
            "seed": seed,
            "validation_accuracy": round(evaluate(network, task.validation).accuracy, 6),
            "seconds": round(history.total_seconds, 1),
        }
        for strategy, (task, network, history) in runs.items()
    ]


def _convnet_job(name, seed):
    """Keras's `mnist_transfer_cnn`: digits 0 to 4, then 5 to 9 on frozen convolutions; random ones are the control.

    With Keras's network nothing was tuned (Adam has its usual rate), with ours validation has done its work before:
    so the validation parts serve as training images too, as in Keras's example.
    """
    (first, second), rows = low_high_tasks(load_mnist()), []
    source = keras_convnet(5, seed) if name == "keras" else CNN.network(5, seed)

    def options():
        recipe = CNN.options() if name == "ours" else {"optimizer": Adam(), "schedule": cosine, "epochs": 5}
        return {**recipe, "seed": seed, "progress": False}

    def add(strategy, task, network, history):
        measured = evaluate(network, task.test)
        rows.append(
            {
                "network": name,
                "strategy": strategy,
                "task": task.name,
                "seed": seed,
                "test_accuracy": round(measured.accuracy, 6),
                "test_images": len(task.test),
                "labels_used": history.labels_used,
                "trainable_parameters": network.parameter_count(),
                "seconds": round(history.total_seconds, 1),
            }
        )

    add("scratch", first, source, fit(source, first.all_training_images(), **options()))
    part = second.all_training_images()
    add("frozen", second, *transfer.frozen_features(source, part, upto="conv2", **options()))
    add("random", second, *transfer.random_features(source, part, upto="conv2", **options()))
    return rows


GRIDS = {
    "story": (_story_job, [(direction, seed) for seed in SEEDS for direction in (ODD_TO_EVEN, EVEN_TO_ODD)]),
    "transfer": (
        _transfer_job,
        [(direction, seed) for seed in SEEDS for direction in (ODD_TO_EVEN, EVEN_TO_ODD, SAME_TASK)],
    ),
    "tuning": (_tuning_job, [(number, seed) for seed in SEEDS[:3] for number in range(len(TUNING))]),
    "tuning-cnn": (_cnn_tuning_job, [(number, seed) for seed in SEEDS[:3] for number in range(len(CNN_TUNING))]),
    "story-cnn": (_story_job, [(ODD_TO_EVEN, seed, "cnn") for seed in SEEDS]),
    "convnet": (_convnet_job, [(name, seed) for seed in SEEDS for name in ("ours", "keras")]),
}


def run_grid(name, workers=2):
    """Run all jobs of a grid on several processes and write results/<name>.csv.

    After every job the rows so far are saved beside the result, as <name>.partial.csv; an interrupted run goes on
    from there the next time.

    Parameters
    ----------
    name : str
        A key of `GRIDS`.
    workers : int
        Processes; each uses one core.

    Returns
    -------
    Path
        The file that was written.
    """
    from tqdm.auto import tqdm

    job, arguments = GRIDS[name]
    partial, final = RESULTS / f"{name}.partial.csv", RESULTS / f"{name}.csv"
    done = {}
    if partial.is_file():
        for row in read_rows(partial):
            done.setdefault(int(row.pop("job")), []).append(row)
        print(f"{name}: going on after {len(done)} of {len(arguments)} jobs; delete {partial.name} to start afresh")
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:  # starts the same way on every system
        waiting = {
            pool.submit(job, *settings): number for number, settings in enumerate(arguments) if number not in done
        }
        try:
            for future in tqdm(as_completed(waiting), total=len(waiting), desc=name, unit="job", disable=None):
                done[waiting[future]] = future.result()
                write_rows(partial, [{"job": number, **row} for number in sorted(done) for row in done[number]])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    write_rows(final, [row for number in sorted(done) for row in done[number]])
    partial.unlink(missing_ok=True)
    return final


def main(arguments=None):
    """The command behind `make results`: python -m helpers.experiments [story|transfer|… ]."""
    parser = argparse.ArgumentParser(prog="python -m helpers.experiments", description=__doc__)
    parser.add_argument("grids", nargs="*", help=f"which of: {', '.join(GRIDS)} (default: all)")
    parser.add_argument("--workers", type=int, default=2, help="processes, one core each (default: 2)")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.grids) - set(GRIDS))
    if unknown:
        parser.error(f"there is no grid {', '.join(unknown)}; choose from {', '.join(GRIDS)}")
    try:
        for name in options.grids or GRIDS:
            print(f"wrote {run_grid(name, options.workers)}")
    except KeyboardInterrupt:
        print("interrupted; the finished jobs are kept, and the same command goes on after them", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
