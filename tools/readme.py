"""Write what the README and the pages behind it quote from the stored results, and draw their figures: `make readme`.

    python -m tools.readme

Every block between `<!-- name -->` and `<!-- /name -->` on one of the `PAGES` is replaced by the Markdown that its
function returns. The figures go to results/.
"""

import json
import re
from pathlib import Path

import matplotlib
import numpy as np

from benchmarks import report, waits
from helpers import Network
from helpers.data.mnist import load_mnist
from helpers.data.tasks import odd_even_tasks
from helpers.evidence.metrics import wilson_interval
from helpers.evidence.statistics import paired_difference
from helpers.evidence.tables import points, read_table
from helpers.files import atomic_write
from helpers.show import network_picture as picture
from helpers.show import plots
from helpers.transfer.strategies import STRATEGIES
from studies.story import EVEN_TO_ODD, ODD_TO_EVEN
from tools import evidence, findings
from tools.citations import EVEN, PAIRS, whole

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "results"
STORY_ROWS = {
    "{first}": "**First task**: the network, trained on it",
    "{first}-softmax": "softmax regression, no hidden layer (baseline)",
    f"{{second}}-{STRATEGIES['scratch'].row}": "**Second task**: the network, from scratch",
    "{second}-softmax": "softmax regression (baseline)",
    f"{{second}}-{STRATEGIES['frozen'].row}": "first hidden layer (convnet: both convolutions) frozen, the rest trained on",
    f"{{second}}-{STRATEGIES['random'].row}": "the same from *random* values (control)",
    f"{{second}}-{STRATEGIES['fine-tune'].row}": STRATEGIES["fine-tune"].label,
    "{first}-after-finetuning": "**First task again**, after fine-tuning, with its old head",
}
STORIES = {  # study and direction
    "odd → even": ("story", ODD_TO_EVEN),
    "even → odd": ("story", EVEN_TO_ODD),
    "odd → even, convnet": ("story_cnn", ODD_TO_EVEN),
}
MATTER_MOST = 1, 2, 3, 5, 9  # of the findings
CHAPTERS = {
    "00_in_ten_minutes": "the whole idea in a hundred lines: a network, a new head, freezing, fine-tuning, two controls",
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


def story_runs(story, row):
    """The stored runs of one of `STORIES` that have one of the names in `STORY_ROWS`, by seed: a table."""
    study, direction = STORIES[story]
    first, second = direction.split(" to ")
    table = read_table(study)
    wanted = (table["direction"] == direction) & (table["row"] == row.format(first=first, second=second))
    return table[wanted].sort_values("seed")


def story_table():
    """The rows of `main.py`: in both directions, and with convolutions."""
    lines = [
        f"| test accuracy, % | {' | '.join(STORIES)} | parameters trained, MLP | convnet |",
        "|---|" + "--:|" * (len(STORIES) + 2),
    ]
    for row, shown in STORY_ROWS.items():
        runs = [story_runs(story, row) for story in STORIES]
        found = [100 * of_story["test_accuracy"] for of_story in runs]
        cells = [f"{accuracies.mean():.2f} ± {accuracies.std():.2f}" for accuracies in found]
        trained = [f"{of_story['trainable_parameters'].iloc[0]:,}" for of_story in runs[1:]]
        lines.append(f"| {shown} | {' | '.join(cells + trained)} |")
    seeds = len(runs[0])
    count = min(len(task.test) for task in odd_even_tasks(load_mnist()))
    low, high = wilson_interval(0.99, count)
    return "\n".join(
        [
            *lines,
            "",
            f"Mean ± standard deviation over {seeds} seeds. The test images add their own doubt: {count:,} of them leave an"
            f" accuracy of 99 % a 95 % interval from {100 * low:.1f} to {100 * high:.1f} %. The rows of `python main.py`,"
            " with `--reverse` and with `--model cnn`: made by `python -m studies story story_cnn`.",
        ]
    )


def story_figure():
    """With all labels: what transfer gains and loses, as paired differences to training from scratch."""
    names, estimates = [], []
    for story in STORIES:
        scratch = story_runs(story, "{second}-scratch")["test_accuracy"].to_numpy()
        for strategy in (STRATEGIES[key] for key in ("fine-tune", "frozen", "random")):
            runs = story_runs(story, f"{{second}}-{strategy.row}")["test_accuracy"].to_numpy()
            names.append(f"{story}: {strategy.name}")
            estimates.append(paired_difference(runs, scratch))
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
    lines = ["| chapter | what it shows | minutes to read | to do |", "|---|---|--:|--:|"]
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        opening = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
        title = re.match(r"# (.+)", opening).group(1)
        read, do = re.search(r"(\d+) minutes(?: to read, (\d+) to do)?", opening).groups()
        lines.append(f"| [{title}](notebooks/{path.name}) | {CHAPTERS[path.stem]} | {read} | {do or '–'} |")
    return "\n".join(lines)


def speed():
    """The races against the frameworks."""
    return report.markdown(report.load())


def laboratory():
    """How long visitors of the site and its laboratory wait."""
    return waits.markdown(json.loads(waits.RESULT.read_text(encoding="utf-8")))


def headline():
    """What we found, and how lucky the pair is: two sentences."""
    removed, low, high = map(whole, evidence.errors_removed(10, EVEN).sum.result)
    gains = evidence.gains()["all layers fine-tuned"]
    pair = gains[EVEN]
    rank = (gains > pair).sum() + 1
    return (
        f"From odd to even with ten labels a class, **fine-tuning removes {removed} % of the errors** of training from scratch (95 % interval {low} to"
        f" {high}); with hundreds, kernel ridge regression, which has never seen another digit, is better. And **odd → even is a"
        f" lucky pair**: with ten labels and a small network it gains {points(pair)} points, rank {rank} of all"
        f" {len(gains)} ways to split ten digits, of which the median gains {points(gains.median())}."
    )


def found():
    """The findings that matter most, each a link to the page that has its numbers."""
    claims = list(findings.FINDINGS)
    return "\n".join(f"- [{claims[one - 1]}](results/FINDINGS.md#finding-{one})" for one in MATTER_MOST)


def fastest():
    """How fast it is, in a sentence."""
    return report.in_a_sentence(report.load())


def transferred():
    """The network that the README's example trains last."""
    return Network.mlp(784, 256, 128, classes=5, seed=0).freeze(upto="hidden1")


def network_picture():
    """That network as a notebook shows it."""
    return f"![{picture.words(transferred())}](results/network.svg)"


PAGES = {
    "README.md": {
        "headline": headline,
        "chapters": chapters,
        "found": found,
        "network": network_picture,
        "fastest": fastest,
    },
    "results/TABLES.md": {"results": story_table, "few-labels": evidence.few_labels, "census": evidence.census},
    "benchmarks/README.md": {"speed": speed, "waits": laboratory},
}


def fill_in(page, text):
    """The text of one of the `PAGES` with every block made anew."""
    for name, make in PAGES[page].items():
        block = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)
        if not block.search(text):
            raise SystemExit(f"{page} has no block <!-- {name} --> … <!-- /{name} -->")
        text = block.sub(lambda _: f"\n{make()}\n\n", text)  # noqa: B023
    return text


def draw_figures():
    """Draw the figures of the pages into results/."""
    matplotlib.use("Agg")
    for target, (first, second) in PAIRS.items():
        plots.save(evidence.labels_figure(target), PICTURES / f"labels_{first}_to_{second}.png")
    plots.save(evidence.census_figure(), PICTURES / "census.png")
    plots.save(story_figure(), PICTURES / "comparison.png")
    picture.save(transferred(), PICTURES / "network.svg")
    plots.save(report.chart(report.load()), PICTURES / "benchmarks.png")


def main():
    """Draw the figures and fill in the pages."""
    draw_figures()
    for page in PAGES:
        text = fill_in(page, (ROOT / page).read_text(encoding="utf-8"))
        with atomic_write(ROOT / page) as file:
            file.write(text.encode())


if __name__ == "__main__":
    main()
