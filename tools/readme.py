"""Write what the README quotes from the stored results, and draw its figures: `make readme`.

    python -m tools.readme

Every block between `<!-- name -->` and `<!-- /name -->` is replaced by the Markdown that the function of that name
in `BLOCKS` returns. The figures go to results/.
"""

import json
import re
from pathlib import Path

import matplotlib
import numpy as np

from benchmarks import report
from helpers import plots
from helpers.files import atomic_write
from helpers.metrics import wilson_interval
from helpers.results import RESULTS, mean_and_std, read_rows, select
from helpers.statistics import paired_difference
from tools import evidence

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
PICTURES = ROOT / "results"
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
STORIES = {  # table and direction
    "odd → even": ("story.csv", "odd to even"),
    "even → odd": ("story.csv", "even to odd"),
    "odd → even, convnet": ("story-cnn.csv", "odd to even"),
}
CHAPTERS = {
    "01_data_loading": "what MNIST is, two tasks in one data set, why three parts and not two",
    "02_numpy_network": "from one neuron to backpropagation, derived and checked; classic bugs and what catches them",
    "03_training_on_odd_digits": "mini-batches, learning rates, SGD and Adam, over-fitting, an honest test",
    "04_freezing_and_fine_tuning": "what the odd network knows, what freezing saves, what fine-tuning forgets",
    "05_results": "every strategy and its controls, one to a thousand labels, both directions: what transfer is worth",
    "06_convolution": "shared weights, one matrix product, its backward pass, and how far its features travel",
    "07_from_numpy_to_tensorflow": "the same network in Keras, number for number; freezing there, and its traps; a race",
    "08_every_split": "all 252 ways to split ten digits: were we lucky? what a source must be; does scratch need time",
    "09_what_travels": "a trained layer taken apart; networks cut in two; what is forgotten, what five images bring back",
}


def percent(mean, std):
    """Mean ± standard deviation, in per cent."""
    return f"{100 * mean:.2f} ± {100 * std:.2f}"


def story_runs(story, row):
    """The stored rows of one of `STORIES` that have one of the names in `STORY_ROWS`, by seed."""
    name, direction = STORIES[story]
    first, second = direction.split(" to ")
    runs = select(read_rows(RESULTS / name), direction=direction, name=row.format(first=first, second=second))
    return sorted(runs, key=lambda run: run["seed"])


def story_table():
    """The rows of `main.py`: in both directions, and with convolutions."""
    lines = [
        f"| test accuracy, % | {' | '.join(STORIES)} | parameters trained, MLP | convnet |",
        "|---|" + "--:|" * (len(STORIES) + 2),
    ]
    for row, shown in STORY_ROWS.items():
        runs = [story_runs(story, row) for story in STORIES]
        cells = [percent(*mean_and_std(of_story)) for of_story in runs]
        trained = [f"{of_story[0]['trainable_parameters']:,}" for of_story in runs[1:]]
        lines.append(f"| {shown} | {' | '.join(cells + trained)} |")
    seeds = len(runs[0])
    count = min(run["test_images"] for row in STORY_ROWS for run in story_runs("odd → even", row))
    low, high = wilson_interval(0.99, count)
    return "\n".join(
        [
            *lines,
            "",
            f"Mean ± standard deviation over {seeds} seeds. The test images add their own doubt: {count:,} of them leave an"
            f" accuracy of 99 % a 95 % interval from {100 * low:.1f} to {100 * high:.1f} %. The rows of `python main.py`,"
            " with `--reverse` and with `--model cnn`, as an earlier version of the library gave them, which drew other random"
            " numbers: [story.csv](results/before/story.csv), [story-cnn.csv](results/before/story-cnn.csv).",
        ]
    )


def story_figure():
    """With all labels: what transfer gains and loses, as paired differences to training from scratch."""
    names, estimates = [], []
    for story in STORIES:
        scratch = [run["test_accuracy"] for run in story_runs(story, "{second}-scratch")]
        for kind, shown in (("finetuned", "fine-tuned"), ("frozen", "frozen"), ("random-frozen", "random frozen")):
            runs = story_runs(story, f"{{second}}-{kind}")
            names.append(f"{story}: {shown}")
            estimates.append(paired_difference([run["test_accuracy"] for run in runs], scratch))
    return plots.differences(
        names,
        *(100 * np.array(estimates).T),
        "With all labels: gain over training from scratch, five seeds\n"
        "(95 % intervals over seeds; hollow: may be nothing)",
        "gain in test accuracy (points)",
        fmt="{:+.2f}",
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


BLOCKS = {
    "chapters": chapters,
    "results": story_table,
    "few-labels": evidence.few_labels,
    "census": evidence.census,
    "speed": speed,
}


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
    matplotlib.use("Agg")
    study = evidence.Labels()
    for target, (first, second) in evidence.PAIRS.items():
        plots.save(study.figure(target), PICTURES / f"labels_{first}_to_{second}.png")
    plots.save(evidence.Census().figure(), PICTURES / "census.png")
    plots.save(story_figure(), PICTURES / "comparison.png")
    plots.save(report.chart(report.load()), PICTURES / "benchmarks.png")


def main():
    """Draw the figures and fill in the README."""
    draw_figures()
    text = fill_in(README.read_text(encoding="utf-8"))
    with atomic_write(README) as file:
        file.write(text.encode())


if __name__ == "__main__":
    main()
