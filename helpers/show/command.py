"""The command `python main.py`: its options, the story or the transfer report, what it prints and what it writes.

Everything computed is written before it is shown: a terminal that cannot print it, or a Matplotlib that cannot draw it,
loses no result.
"""

import argparse
import codecs
import contextlib
import json
import os
import platform
import sys
import tempfile
import time
import warnings

import numpy as np

from helpers.data.images import load_images
from helpers.data.mnist import DataError, load_mnist
from helpers.data.tasks import digit_task
from helpers.evidence.metrics import confusion_matrix
from helpers.files import as_path, atomic_write
from helpers.nn.weights import load_network
from helpers.transfer.census import EVEN, ODD, in_words, split_of
from helpers.transfer.recipes import CNN, MLP, MODELS
from helpers.transfer.report import OTHER, model_of, plan, run_report
from helpers.transfer.story import run_story

EXAMPLES = """examples:
  python main.py                           odd to even, on the bundled data
  python main.py --reverse --seed 3        even to odd, with other random numbers
  python main.py --split 01478             from these digits to the others: freeze, fine-tune, or neither?
  python main.py --split 01478 --labels 10 the same with ten labelled images of each digit
  python main.py --target letters          will digits help with my images? letters has a folder of images per class
  python main.py --target data/drawings.json --labels 3    try that with the symbols that are bundled
  python main.py --target letters --source-digits odd      from odd digits only; or --source-network my.npz
  python main.py --model cnn               with a convolutional network, in a few minutes
  python main.py --epochs 2 --quiet        a quick run that prints nothing
  python main.py --source keras            let TensorFlow download MNIST
  python main.py --source my/mnist.npz     your own copy: .npz, or IDX or CSV files in a folder or a .zip

--target takes a folder with a folder of images for each class (PNG, JPEG and others, photos of handwriting too), a CSV
with a label and the pixels of a square image in each line, an .npz with images and labels, IDX files, or the drawings.json
that the laboratory saves. Each image is made like MNIST's; preprocessing.png shows how. 2 to 50 classes.

exit code: 0; 1 if a figure could not be drawn; 2 for bad options or data, or a full disk; 130 after Ctrl-C
"""
SOURCES = {"all": "0123456789", "odd": ODD, "even": EVEN}
TARGET_LABELS = 5  # of each class of one's own images, if nothing else is asked for
SHOWN_CLASSES = 10
MINUTES = {"mlp": "about a minute", "cnn": "a few minutes"}
LOOK_ALIKES = {"−": "-", "–": "-", "…": "...", "→": "->", "×": "x", "±": "+-", "’": "'"}


def main(arguments=None):
    """Run the command; returns its exit code, as --help lists them."""
    warnings.filterwarnings("ignore", message="training was interrupted")  # said below
    steady_streams()
    options = parse(arguments)
    started, written = time.perf_counter(), "no report was written"
    with contextlib.redirect_stdout(nowhere() if options.quiet else sys.stdout):
        try:
            mnist = load_mnist(options.source)
            progress = not options.quiet and sys.stderr.isatty()
            settings = {"seed": options.seed, "epochs": options.epochs, "progress": progress}
            found, text, drawings = (tell_target if options.target else tell_split if options.split else tell_story)(
                mnist, options, settings
            )
            report = {
                "model": options.model,
                "seed": options.seed,
                "versions": {"python": platform.python_version(), "numpy": np.__version__},
                "data_source": mnist.source,
                "total_seconds": round(time.perf_counter() - started, 3),
                **found,
            }
            try:
                options.output.mkdir(parents=True, exist_ok=True)
                with atomic_write(options.output / "report.json") as file:
                    file.write((json.dumps(report, indent=2) + "\n").encode())
                written = "report.json is written"
                drawn = draw(drawings, options.output)
            finally:  # also on a full disk: then the results can at least be read
                say(f"\n{text}")
            files = ", ".join(["report.json", *drawn])
            say(f"\n{report['total_seconds']:.0f} seconds in all; wrote {files} to {options.output}")
            if not options.target:
                say(place_in_census(options))
        except KeyboardInterrupt:
            return complain(f"interrupted; {written}", 130)
        except OSError as problem:  # a full disk, of the output's folder or behind `>`
            return complain(f"{problem}; {written}", 2)
        except (ArithmeticError, ValueError) as problem:
            if isinstance(problem, DataError) and problem.remedy and options.source != "bundled":
                problem = f"{problem.what}. Leave out --source to use the bundled copy"
            return complain(problem, 2)
    return 0 if len(drawn) == len(drawings) else 1


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message):
        self.exit(complain(f"{message} (see python main.py --help)", 2))


def parse(arguments):
    """Read the command line; bad options end the program with exit code 2."""
    parser = Parser(
        prog="python main.py",
        description="The whole story as one command: train on odd digits, transfer to even ones, evaluate on both.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--model", choices=MODELS, help="perceptron or convolutional (default: mlp; with --target: cnn)"
    )
    parser.add_argument("--source", default="bundled", help="bundled, keras or a path (default: bundled)")
    parser.add_argument("--seed", type=int, default=0, help="everything random follows from it (default: 0)")
    epochs = f"passes over the data in each training (default: {MLP.epochs}; cnn: {CNN.epochs}; fewer with --target)"
    parser.add_argument("--epochs", type=int, help=epochs)
    parser.add_argument("--reverse", action="store_true", help="from even to odd")
    parser.add_argument("--split", metavar="DIGITS", help="transfer report, from these five digits to the other five")
    parser.add_argument("--target", metavar="PATH", help="transfer report, from digits to your own images (see below)")
    parser.add_argument(
        "--labels",
        type=int,
        help=f"with --split or --target: labelled images of each class (default: all; with --target: {TARGET_LABELS})",
    )
    parser.add_argument(
        "--source-digits", metavar="DIGITS", help="with --target: all, odd, even or digits such as 13579 (default: all)"
    )
    parser.add_argument(
        "--source-network", metavar="FILE", help="with --target: a network of your own, saved by save_network"
    )
    parser.add_argument("--output", type=as_path, default="output", help="folder to write to (default: output)")
    parser.add_argument("--quiet", action="store_true", help="print nothing unless something goes wrong")
    options = parser.parse_args(arguments)
    for name, least in (("seed", 0), ("epochs", 1), ("labels", 1)):
        value = getattr(options, name)
        if value is not None and value < least:
            parser.error(f"--{name} must be at least {least}, not {value}")
    _check_report(parser, options)
    options.model = options.model or ("cnn" if options.target else "mlp")
    folder = output = options.output.absolute()
    try:
        folder = next((place for place in (output, *output.parents) if place.exists()), None)
        if folder is None:
            parser.error(f"--output {options.output}: there is no {output.anchor}")
        tempfile.TemporaryFile(dir=folder).close()  # better an error now than after a minute of training
    except OSError as problem:
        parser.error(f"--output {options.output}: cannot write to {folder} ({problem.strerror})")
    return options


def _check_report(parser, options):
    """End with an error where options of a transfer report do not go together."""
    if options.split is None and options.target is None and options.labels is not None:
        parser.error("--labels is for --split and --target; --split 13579 is odd to even")
    if options.target is None and (options.source_digits or options.source_network):
        parser.error("--source-digits and --source-network are for --target, your own images")
    if options.split is not None:
        if options.reverse or options.target:
            parser.error("--split names its own direction and target: no --reverse, no --target")
        try:
            split_of(options.split)
        except ValueError as problem:
            parser.error(f"--split: {problem}")
    if options.target is not None:
        if options.reverse:
            parser.error("--target goes from digits to your images: no --reverse, but --source-digits even")
        if options.source_network and (options.source_digits or options.model or options.epochs):
            parser.error("--source-network is trained already: no --source-digits, no --model, no --epochs")
        digits = SOURCES.get(options.source_digits or "all", options.source_digits)
        if len(digits) < 2 or len(set(digits)) < len(digits) or not set(digits) <= set(SOURCES["all"]):
            parser.error(
                f"--source-digits takes all, odd, even or at least two different digits, such as 13579, not {digits!r}"
            )
        options.source_digits = "".join(sorted(digits))


def tell_story(mnist, options, settings):
    """One transfer in detail: its part of the report, its table, and what draws its figures."""
    say(f"Training seven networks, which takes {MINUTES[options.model]} …")
    story = run_story(mnist, recipe=MODELS[options.model], reverse=options.reverse, **settings)
    first, second = story.first, story.second

    def loss_curves(plots):
        losses = {name: history.validation_loss for name, history in story.histories.items() if history}
        title = f"Learning, from {first.name} to {second.name}"
        looks = {"log_y": True, "strategies": story.strategies}
        return plots.lines(losses, xlabel="epoch", ylabel="validation loss (nats)", title=title, **looks)

    def confusion_matrices(plots):
        rows = [row for row in story.rows if row["role"] in ("source", "transfer", "forgetting")]
        tasks = {row["name"]: first if row["task"] == first.name else second for row in rows}
        matrices = {
            name: confusion_matrix(task.test.labels, story.evaluations[name].predictions, task.test.classes)
            for name, task in tasks.items()
        }
        digits = {name: task.digits for name, task in tasks.items()}
        return plots.confusion_matrices(matrices, digits, "Confusion matrices on the test images")

    def comparison(plots):
        rows = [row for row in story.rows if row["role"] != "forgetting"]  # it would stretch the axis
        shares = {row["name"]: (row["test_accuracy"], *story.evaluations[row["name"]].interval) for row in rows}
        title, note = f"From {first.name} to {second.name}", "95 % interval of the test images"
        return bars(plots, shares, title, note, story.strategies)

    return {"rows": story.rows}, table(story), [loss_curves, confusion_matrices, comparison]


def tell_split(mnist, options, settings):
    """The transfer report of a split: its part of the report, its text, and what draws its figure."""
    first, second = (digit_task(mnist, map(int, digits)) for digits in split_of(options.split))
    return _compare(first.train, second, options.labels, options.model, settings)


def tell_target(mnist, options, settings):
    """The transfer report of one's own images: its part of the report, its text, and what draws its figures."""
    own = load_images(options.target)
    say(own)
    if options.source_network:
        source = load_network(options.source_network)
    else:
        source = digit_task(mnist, map(int, options.source_digits)).train
    labels, options.model = options.labels or TARGET_LABELS, model_of(source, options.model)
    found, text, drawings = _compare(source, own.part, labels, options.model, settings)

    def preprocessing(plots):
        return plots.before_and_after(own.by_class(SHOWN_CLASSES), own.what_was_done)

    classes = {"classes": list(own.part.digits), "images": len(own.part), "preprocessing": dict(own.done)}
    network = {"source": str(options.source_network)} if options.source_network else {}
    return {**found, **network, **classes}, text, [*drawings, preprocessing]


def _compare(source, target, labels, model, settings):
    """A transfer report: its part of report.json, its text, and what draws its figure."""
    ahead = plan(source, target, labels, model=model, epochs=settings["epochs"])
    minutes = max(1, round(ahead.minutes))
    say(f"{ahead.repetitions} repetitions, which take about {minutes} minute{'s' * (minutes > 1)} on one core …")
    found = run_report(source, target, labels, model=model, **settings)

    def comparison(plots):
        note, looks = "95 % interval over repetitions and test images", {name: "scratch" for _, name in OTHER.values()}
        return bars(plots, found.accuracies, found.title, note, looks)

    return found.summary(), str(found), [comparison]


def table(story):
    """The rows of a story, to be read."""
    head = f"{'network':<24}{'tested on':<11}{'test accuracy':>13}  {'95 % interval':<17}{'trained':>9}{'seconds':>9}"
    lines = []
    for row in story.rows:
        interval = "{:.2%} – {:.2%}".format(*story.evaluations[row["name"]].interval)
        lines.append(
            f"{row['name']:<24}{row['task']:<11}{row['test_accuracy']:>13.2%}  {interval:<17}"
            f"{row['trainable_parameters']:>9,}{row['seconds']:>9.1f}"
        )
    note = "(trained: how many parameters were trained; the interval is what the number of test images leaves)"
    return "\n".join([head, *lines, note])


def bars(plots, shares, title, note, strategies=None):
    """Draw accuracies with their intervals, {name: (accuracy, low, high)}."""
    accuracies, lows, highs = np.array(list(shares.values())).T
    return plots.accuracy_bars(
        list(shares), accuracies, [accuracies - lows, highs - accuracies], title, note, strategies
    )


def place_in_census(options):
    """Where this split lies among all 252, by the stored census."""
    source = options.split or ("02468" if options.reverse else "13579")
    strategies = ("fine-tune", "frozen") if options.split else ("fine-tune",)
    try:
        return "\n".join(in_words(source, strategy) for strategy in strategies)
    except (OSError, ValueError) as problem:
        return f"Where this split lies among the 252 cannot be said: {problem}"


def draw(drawings, folder):
    """Draw each figure into a file of its function's name; returns the files. What cannot be drawn costs a sentence."""
    drawn, lost = [], []
    for drawing in drawings:
        path = folder / f"{drawing.__name__}.png"
        try:
            with contextlib.redirect_stderr(nowhere()):  # Matplotlib tells of its fonts and of its user's settings
                import matplotlib

                matplotlib.use("Agg")  # needs no screen
                from helpers.show import plots

                plots.save(drawing(plots), path)
            drawn.append(path.name)
        except Exception as problem:  # these settings may lead to anything
            path.unlink(missing_ok=True)  # an older run's figure doesn't belong to this report
            lost.append(path.name)
            why = str(problem).strip().partition("\n")[0]  # LaTeX goes on for pages
    if lost:
        complain(f"report.json is complete, but {', '.join(lost)} could not be drawn: {why}")
    return drawn


def nowhere():
    """A file for what nobody is to read."""
    return open(os.devnull, "w", errors="replace")


def steady_streams():
    """Make printing safe: without any terminal (pythonw), and where its encoding lacks a character."""
    codecs.register_error("look-alike", _look_alike)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, nowhere())
        with contextlib.suppress(AttributeError):  # notebooks and IDLE print in their own way
            getattr(sys, name).reconfigure(errors="look-alike")


def _look_alike(problem):
    missing = problem.object[problem.start : problem.end]
    return "".join(LOOK_ALIKES.get(character, ascii(character)[1:-1]) for character in missing), problem.end


def say(text):
    """Print; in silence where nobody reads any more, as after `| head -1`."""
    with contextlib.suppress(BrokenPipeError):
        print(text, flush=True)


def complain(problem, code=None):
    """Say in one line what is wrong; returns the exit code that it was given."""
    print(f"main.py: {' '.join(str(problem).split())}", file=sys.stderr)
    return code
