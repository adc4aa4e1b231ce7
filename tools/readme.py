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
from helpers.statistics import bootstrap
from studies.story import EVEN_TO_ODD, ODD_TO_EVEN
from studies.tables import RESULTS, read_hits, read_table
from tools import evidence

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
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
    "odd → even": ("story", ODD_TO_EVEN),
    "even → odd": ("story", EVEN_TO_ODD),
    "convnet, odd → even": ("story_cnn", ODD_TO_EVEN),
}
CHAPTERS = {
    "01_data_loading": "what MNIST is, two tasks in one data set, why three parts and not two",
    "02_numpy_network": "from one neuron to backpropagation, derived and checked; classic bugs and what catches them",
    "03_training_on_odd_digits": "mini-batches, learning rates, SGD and Adam, over-fitting, an honest test",
    "04_freezing_and_fine_tuning": "what the odd network knows, what freezing saves, what fine-tuning forgets",
    "05_results": "every strategy, both directions, five seeds: when transfer helps",
    "06_convolution": "shared weights, one matrix product, its backward pass, and how far its features travel",
    "07_from_numpy_to_tensorflow": "the same network in Keras, number for number; freezing there, and its traps; a race",
    "08_every_split": "all 252 ways to split ten digits: were we lucky? what a source must be; does scratch need time",
}


def percent(accuracies):
    """Mean ± sample standard deviation of some accuracies (pandas.Series), in per cent."""
    return f"{100 * accuracies.mean():.2f} ± {100 * accuracies.std():.2f}"


def story_table():
    """The rows of `main.py`: in both directions, and with convolutions."""
    mlp, cnn = read_table("story"), read_table("story_cnn")
    columns = [(mlp, ODD_TO_EVEN), (mlp, EVEN_TO_ODD), (cnn, ODD_TO_EVEN)]
    lines = [
        "| test accuracy, % | odd → even | even → odd | odd → even, convnet | parameters trained, MLP | convnet |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, shown in STORY_ROWS.items():
        cells, trained = [], {}
        for table, direction in columns:
            first, second = direction.split(" to ")
            row = name.format(first=first, second=second)
            runs = table[(table["direction"] == direction) & (table["row"] == row)]
            cells.append(percent(runs["test_accuracy"]))
            trained[id(table)] = f"{runs['trainable_parameters'].iloc[0]:,}"
        lines.append(f"| {shown} | {' | '.join([*cells, *trained.values()])} |")
    count = min(map(len, read_hits("story", mlp)))
    low, high = wilson_interval(0.99, count)
    return "\n".join(
        [
            *lines,
            "",
            f"Mean ± standard deviation over {mlp['seed'].nunique()} seeds. The test images add their own doubt: {count:,} of"
            f" them leave an accuracy of 99 % a 95 % interval from {100 * low:.1f} to {100 * high:.1f} %. Made by"
            " `python -m studies story story_cnn`, which runs `python main.py`, with `--reverse` and with `--model cnn`:"
            " [results/story.csv](results/story.csv), [results/story_cnn.csv](results/story_cnn.csv).",
        ]
    )


def story_figure():
    """With all labels: what transfer gains and loses, as paired differences to training from scratch."""
    names, estimates = [], []
    for story, (name, direction) in STORIES.items():
        table = read_table(name)
        hits = read_hits(name, table)
        second = direction.split(" to ")[1]

        def of(row, table=table, hits=hits, direction=direction):
            rows = table[(table["direction"] == direction) & (table["row"] == row)].sort_values("seed")
            return np.stack(hits[rows.index])

        for kind, shown in (("finetuned", "fine-tuned"), ("frozen", "frozen"), ("random-frozen", "random frozen")):
            names.append(f"{story}: {shown}")
            estimates.append(bootstrap(np.subtract, of(f"{second}-{kind}"), of(f"{second}-scratch"), seed=0))
    return plots.differences(
        names,
        *(100 * np.array(estimates).T),
        "With all labels: gain over training from scratch, five seeds\n"
        "(95 % intervals over seeds and test images; hollow: may be nothing)",
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
        plots.save(study.figure(target), RESULTS / f"labels_{first}_to_{second}.png")
    plots.save(evidence.Census().figure(), RESULTS / "census.png")
    plots.save(story_figure(), RESULTS / "comparison.png")
    plots.save(report.chart(report.load()), RESULTS / "benchmarks.png")


def main():
    """Draw the figures and fill in the README."""
    draw_figures()
    text = fill_in(README.read_text(encoding="utf-8"))
    with atomic_write(README) as file:
        file.write(text.encode())


if __name__ == "__main__":
    main()
