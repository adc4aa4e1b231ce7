"""The whole story as one command: train on odd digits, transfer to even ones, evaluate on both."""

import argparse
import json
import platform
import sys
import tempfile
import time
import warnings
from pathlib import Path

EXAMPLES = """examples:
  python main.py                           odd to even, on the bundled data
  python main.py --reverse --seed 3        even to odd, with other random numbers
  python main.py --split 01478             from these digits to the others: freeze, fine-tune, or neither?
  python main.py --split 01478 --labels 10 the same with ten labelled images of each digit
  python main.py --model cnn               with a convolutional network, in a few minutes
  python main.py --epochs 2 --quiet        a quick run that prints nothing
  python main.py --source keras            let TensorFlow download MNIST
  python main.py --source my/mnist.npz     your own copy: an .npz file, or a folder of IDX files
"""
MINUTES = {"mlp": "about a minute", "cnn": "a few minutes"}


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message):
        self.exit(2, f"main.py: {message} (see python main.py --help)\n")


def parse(arguments):
    """Read the command line; bad options end the program with exit code 2."""
    parser = Parser(
        prog="python main.py",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--model", choices=("mlp", "cnn"), default="mlp", help="multi-layer perceptron or convolutional (default: mlp)"
    )
    parser.add_argument("--source", default="bundled", help="bundled, keras or a path (default: bundled)")
    parser.add_argument("--seed", type=int, default=0, help="everything random follows from it (default: 0)")
    parser.add_argument("--epochs", type=int, help="passes over the data in each training (default: 12; cnn: 5)")
    parser.add_argument("--reverse", action="store_true", help="from even to odd")
    parser.add_argument("--split", metavar="DIGITS", help="transfer report, from these five digits to the other five")
    parser.add_argument("--labels", type=int, help="with --split: labelled images of each of those (default: all)")
    parser.add_argument("--output", type=Path, default=Path("output"), help="folder to write to (default: output)")
    parser.add_argument("--quiet", action="store_true", help="no progress bars, no table")
    options = parser.parse_args(arguments)
    if options.seed < 0:
        parser.error(f"--seed must be at least 0, not {options.seed}")
    if options.epochs is not None and options.epochs < 1:
        parser.error(f"--epochs must be at least 1, not {options.epochs}")
    if options.labels is not None and options.labels < 1:
        parser.error(f"--labels must be at least 1, not {options.labels}")
    if options.split is None and options.labels is not None:
        parser.error("--labels is for --split; --split 13579 is odd to even")
    if options.split is not None and (options.reverse or options.model != "mlp"):
        parser.error("--split names its own direction, and its networks are perceptrons: no --reverse, no --model")
    if options.split is not None:
        from helpers.transfer.census import split_of

        try:
            split_of(options.split)
        except ValueError as problem:
            parser.error(f"--split: {problem}")
    folder = output = options.output.absolute()
    try:
        folder = next((place for place in (output, *output.parents) if place.exists()), None)
        if folder is None:
            parser.error(f"--output {options.output}: there is no {output.anchor}")
        tempfile.TemporaryFile(dir=folder).close()  # better an error now than after a minute of training
    except OSError as problem:
        parser.error(f"--output {options.output}: cannot write to {folder} ({problem.strerror})")
    return options


def show(story):
    """Print the table of results."""
    print(f"\n{'network':<24}{'tested on':<11}{'test accuracy':>13}  {'95 % interval':<17}{'trained':>9}{'seconds':>9}")
    for row in story.rows:
        low, high = story.evaluations[row["name"]].interval
        print(
            f"{row['name']:<24}{row['task']:<11}{row['test_accuracy']:>13.2%}  {f'{low:.2%} – {high:.2%}':<17}"
            f"{row['trainable_parameters']:>9,}{row['seconds']:>9.1f}"
        )
    print(
        "(trained: the number of parameters that were trained; the interval is what the number of test images leaves)"
    )


def plots():
    """The module that draws, set to draw without a screen."""
    import matplotlib

    matplotlib.use("Agg")
    from helpers.show import plots

    return plots


def comparison(shares, title, note, strategies=None):
    """Draw accuracies with their intervals, {name: (accuracy, low, high)}."""
    errors = [(accuracy - low, high - accuracy) for accuracy, low, high in shares.values()]
    accuracies = [accuracy for accuracy, _, _ in shares.values()]
    return plots().accuracy_bars(list(shares), accuracies, list(zip(*errors)), title, note, strategies)


def figures(story):
    """Draw the figures: a dict of file names and Matplotlib figures."""
    from helpers.evidence.metrics import confusion_matrix

    first, second = story.first, story.second
    trained = {name: history for name, history in story.histories.items() if history}
    matrices, digits = {}, {}
    for row in story.rows:
        if row["role"] in ("source", "transfer", "forgetting"):
            name, task = row["name"], {first.name: first, second.name: second}[row["task"]]
            matrices[name] = confusion_matrix(task.test.labels, story.evaluations[name].predictions, task.test.classes)
            digits[name] = task.digits
    rows = [row for row in story.rows if row["role"] != "forgetting"]  # it would stretch the axis
    shares = {row["name"]: (row["test_accuracy"], *story.evaluations[row["name"]].interval) for row in rows}
    return {
        "loss_curves.png": plots().lines(
            {name: history.validation_loss for name, history in trained.items()},
            xlabel="epoch",
            ylabel="validation loss (nats)",
            title=f"Learning, from {first.name} to {second.name}",
            log_y=True,
            strategies=story.strategies,
        ),
        "confusion_matrices.png": plots().confusion_matrices(matrices, digits, "Confusion matrices on the test images"),
        "comparison.png": comparison(
            shares, f"From {first.name} to {second.name}", "95 % interval of the test images", story.strategies
        ),
    }


def write(options, report, drawn):
    """Write the figures and then the report, each whole or not at all."""
    from helpers.files import atomic_write
    from helpers.show.plots import save

    options.output.mkdir(parents=True, exist_ok=True)
    for name, figure in drawn.items():
        save(figure, options.output / name)
    with atomic_write(options.output / "report.json") as file:
        file.write((json.dumps(report, indent=2) + "\n").encode())


def tell_story(options, mnist, progress):
    """One transfer in detail: its part of the report, and its figures."""
    from helpers.transfer.recipes import MODELS
    from helpers.transfer.story import run_story

    if not options.quiet:
        print(f"Training seven networks, which takes {MINUTES[options.model]} …", flush=True)
    story = run_story(
        mnist,
        seed=options.seed,
        recipe=MODELS[options.model],
        reverse=options.reverse,
        epochs=options.epochs,
        progress=progress,
    )
    if not options.quiet:
        show(story)
    return {"rows": story.rows}, figures(story)


def tell_split(options, mnist, progress):
    """The transfer report: its part of the report, and its figure."""
    from helpers.transfer.report import repetitions_of, run_report

    if not options.quiet:
        networks = 5 * repetitions_of(options.labels)
        print(f"Training {networks} networks, which takes about three minutes …", flush=True)
    found = run_report(
        mnist, options.split, options.labels, seed=options.seed, epochs=options.epochs, progress=progress
    )
    if not options.quiet:
        print(f"\n{found}")
    note = "95 % interval over repetitions and test images"
    return found.summary(), {"comparison.png": comparison(found.accuracies, found.title, note)}


def tell_census(options):
    """Where this split lies among all 252, by the stored census."""
    from helpers.transfer.census import in_words

    try:
        for strategy in ("fine-tune", "frozen") if options.split else ("fine-tune",):
            print(in_words(options.split or ("02468" if options.reverse else "13579"), strategy))
    except (OSError, ValueError) as problem:
        print(f"Where this split lies among the 252 cannot be said: {problem}")


def run(options):
    """Load, train, transfer, measure and report."""
    started = time.perf_counter()
    import numpy as np

    from helpers import load_mnist

    mnist = load_mnist(options.source)
    tell = tell_split if options.split else tell_story
    found, drawn = tell(options, mnist, progress=not options.quiet and sys.stderr.isatty())
    report = {
        "model": options.model,
        "seed": options.seed,
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "data_source": mnist.source,
        "total_seconds": round(time.perf_counter() - started, 3),
        **found,
    }
    write(options, report, drawn)
    if not options.quiet:
        files = "report.json and " + ("a figure" if len(drawn) == 1 else f"{len(drawn)} figures")
        print(f"\n{report['total_seconds']:.0f} seconds in all; wrote {files} to {options.output}")
        tell_census(options)


def main(arguments=None):
    """Run the command; returns its exit code: 0, 2 for bad options or data, 130 after Ctrl-C."""
    warnings.filterwarnings("ignore", message="training was interrupted")  # said below
    options = parse(arguments)
    try:
        run(options)
    except KeyboardInterrupt:
        print("main.py: interrupted; no report was written", file=sys.stderr)
        return 130
    except (ArithmeticError, ImportError, OSError, ValueError) as problem:
        print(f"main.py: {' '.join(str(problem).split())}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
