"""Write what the README quotes from the stored results, and draw its figures: `make readme`.

    python -m tools.readme

Every block between `<!-- name -->` and `<!-- /name -->` is replaced by the Markdown that the function of that name
in `BLOCKS` returns. The figures go to results/.
"""

import json
import re
from pathlib import Path

from benchmarks import report
from helpers.files import atomic_write
from helpers.metrics import wilson_interval
from helpers.results import (
    EVEN_TO_ODD,
    ODD_TO_EVEN,
    RESULTS,
    accuracy_curve,
    labels_needed,
    mean_and_std,
    read_rows,
    select,
)

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
DIRECTIONS = {ODD_TO_EVEN: ("odd", "even"), EVEN_TO_ODD: ("even", "odd")}
STORY_ROWS = {
    "{first}": "**First task**: the network, trained on it",
    "{first}-softmax": "softmax regression, no hidden layer (baseline)",
    "{second}-scratch": "**Second task**: the network, from scratch",
    "{second}-softmax": "softmax regression (baseline)",
    "{second}-frozen": "first hidden layer (convnet: both convolutions) frozen, the rest trained on",
    "{second}-random-frozen": "the same from *random* values (control)",
    "{second}-finetuned": "all layers fine-tuned",
    "{first}-after-finetuning": "**First task again**, after fine-tuning, with its old head",
}
COMPARED = {
    "finetuned": "all layers fine-tuned",
    "scratch": "from scratch",
    "frozen": "first layer frozen",
    "random-frozen": "first layer frozen, random",
    "softmax": "softmax regression",
}
CHAPTERS = {
    "01_data_loading": "what MNIST is, two tasks in one data set, why three parts and not two",
    "02_numpy_network": "from one neuron to backpropagation, derived and checked; classic bugs and what catches them",
    "03_training_on_odd_digits": "mini-batches, learning rates, SGD and Adam, over-fitting, an honest test",
    "04_freezing_and_fine_tuning": "what the odd network knows, what freezing saves, what fine-tuning forgets",
    "05_results": "every strategy, both directions, five seeds: when transfer helps",
    "06_convolution": "shared weights, one matrix product, its backward pass, and how far its features travel",
    "07_from_numpy_to_tensorflow": "the same network in Keras, number for number; freezing there, and its traps; a race",
}
STRATEGY_NAMES = {
    "fine-tune": "all layers fine-tuned",
    "frozen-1": "first layer frozen",
    "frozen-2": "both layers frozen",
    "scratch": "from scratch",
    "random-1": "first layer frozen, random (control)",
    "random-2": "both layers frozen, random (control)",
}


def percent(mean, std, decimals=2):
    """Mean ± standard deviation, in per cent."""
    return f"{100 * mean:.{decimals}f} ± {100 * std:.{decimals}f}"


def story_table():
    """The rows of `main.py`: in both directions, and with convolutions."""
    rows, convolutional = read_rows(RESULTS / "story.csv"), read_rows(RESULTS / "story-cnn.csv")
    seeds = len({row["seed"] for row in rows})
    columns = [(rows, ODD_TO_EVEN), (rows, EVEN_TO_ODD), (convolutional, ODD_TO_EVEN)]
    lines = [
        "| test accuracy, % | odd → even | even → odd | odd → even, convnet | parameters trained, MLP | convnet |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, shown in STORY_ROWS.items():
        cells, trained = [], {}
        for table, direction in columns:
            first, second = DIRECTIONS[direction]
            runs = select(table, direction=direction, name=name.format(first=first, second=second))
            cells.append(percent(*mean_and_std(runs)))
            trained[id(table)] = f"{runs[0]['trainable_parameters']:,}"
        lines.append(f"| {shown} | {' | '.join([*cells, *trained.values()])} |")
    count = min(row["test_images"] for row in rows)
    low, high = wilson_interval(0.99, count)
    return "\n".join(
        [
            *lines,
            "",
            f"Mean ± standard deviation over {seeds} seeds. The test images add their own doubt: {count:,} of them leave an"
            f" accuracy of 99 % a 95 % interval from {100 * low:.1f} to {100 * high:.1f} %. Made by `make results` from"
            " [results/story.csv](results/story.csv) and, for `python main.py --model cnn`,"
            " [results/story-cnn.csv](results/story-cnn.csv).",
        ]
    )


def few_labels():
    """Test accuracy against labels per class, odd to even, and what transfer saves."""
    rows = select(read_rows(RESULTS / "transfer.csv"), direction=ODD_TO_EVEN)
    counts = sorted({row["labels"] for row in rows if row["labels"] != "all"}) + ["all"]
    lines = [
        f"| labels per class, odd → even | {' | '.join(STRATEGY_NAMES.values())} |",
        "|--:|" + "--:|" * len(STRATEGY_NAMES),
    ]
    for count in counts:
        cells = [
            percent(*mean_and_std(select(rows, strategy=name, labels=count)), decimals=1) for name in STRATEGY_NAMES
        ]
        lines.append(f"| {count} | {' | '.join(cells)} |")
    labels, tuned, _ = accuracy_curve(rows, "fine-tune")
    _, scratch, _ = accuracy_curve(rows, "scratch")
    saved = []
    for count in (10, 100):
        target = tuned[labels.index(count)]
        saved.append(
            f"with {count} labels per class it does what training from scratch does with {labels_needed(labels, scratch, target):.0f}"
        )
    return "\n".join(
        [
            *lines,
            "",
            f"In other words, fine-tuning saves labels: {'; '.join(saved)}."
            " (The runs of this table, [results/transfer.csv](results/transfer.csv), had other random numbers than those above.)",
        ]
    )


def chapters():
    """The map of the series; title and minutes are those that each notebook states."""
    lines = ["| chapter | what it shows | minutes |", "|---|---|--:|"]
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        opening = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
        title = re.match(r"# (.+)", opening).group(1)
        minutes = re.search(r"(\d+) minutes", opening).group(1)
        lines.append(f"| [{title}](notebooks/{path.name}) | {CHAPTERS[path.stem]} | {minutes} |")
    return "\n".join(lines)


def speed():
    """The races against the frameworks."""
    return report.markdown(report.load())


BLOCKS = {"chapters": chapters, "results": story_table, "few-labels": few_labels, "speed": speed}


def fill_in(text):
    """The README's text with every block made anew."""
    for name, make in BLOCKS.items():
        block = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)
        if not block.search(text):
            raise SystemExit(f"README.md has no block <!-- {name} --> … <!-- /{name} -->")
        text = block.sub(lambda _: f"\n{make()}\n\n", text)  # noqa: B023
    return text


def draw_figures():
    """Draw the README's figures into results/."""
    import matplotlib

    matplotlib.use("Agg")
    from helpers import plots

    transfers = read_rows(RESULTS / "transfer.csv")
    for direction, (first, second) in DIRECTIONS.items():
        curves = {shown: accuracy_curve(transfers, name, direction) for name, shown in STRATEGY_NAMES.items()}
        title = f"From {first} to {second} digits: mean and standard deviation over 5 seeds"
        plots.save(plots.accuracy_by_labels(curves, title), RESULTS / f"labels_{first}_to_{second}.png")
    rows = read_rows(RESULTS / "story.csv")
    names, means, errors = [], [], []
    for direction, (_, second) in DIRECTIONS.items():
        for kind, shown in COMPARED.items():
            mean, std = mean_and_std(select(rows, direction=direction, name=f"{second}-{kind}"))
            names.append(f"{direction}: {shown}")
            means.append(mean)
            errors.append(std)
    figure = plots.accuracy_bars(
        names, means, errors, "All labels: what transfer gains and loses", "mean ± standard deviation, 5 seeds"
    )
    plots.save(figure, RESULTS / "comparison.png")
    plots.save(report.chart(report.load()), RESULTS / "benchmarks.png")


def main():
    """Draw the figures and fill in the README."""
    draw_figures()
    text = fill_in(README.read_text(encoding="utf-8"))
    with atomic_write(README) as file:
        file.write(text.encode())


if __name__ == "__main__":
    main()
