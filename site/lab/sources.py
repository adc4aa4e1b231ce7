"""The networks a visitor starts from: small ones, each trained on five digits, stored in float16.

python site/lab/sources.py        # trains them into the cache, which the build does by itself
"""

import hashlib
import itertools
import sys
from pathlib import Path

LAB = Path(__file__).resolve().parent
ROOT = LAB.parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from helpers import digit_task, fit, load_mnist, save_network  # noqa: E402
from helpers.census import in_words, look_up  # noqa: E402
from helpers.recipes import Recipe  # noqa: E402

RECIPE = Recipe(hidden=(128, 64), epochs=8)  # as in the census
SEED = 0
NAMED = {
    "13579": "the odd digits, 1 3 5 7 9",
    "02468": "the even digits, 0 2 4 6 8",
    "01234": "the low digits, 0 to 4",
    "56789": "the high digits, 5 to 9",
}


def choose():
    """The sources on offer, by their digits: those of the series, then three that the census tells apart.

    Returns
    -------
    dict of str to str
        The digits, "13579", and what to call them.
    """
    splits = ["".join(digits) for digits in itertools.combinations("0123456789", 5)]
    ranked = sorted((look_up(source)["fine-tune"].rank, source) for source in splits if source not in NAMED)
    picked = {"a lucky split": ranked[0], "a middling split": ranked[len(ranked) // 2], "an unlucky split": ranked[-1]}
    return NAMED | {digits: f"{words}, {' '.join(digits)}" for words, (_, digits) in picked.items()}


def train(digits, mnist):
    """Train the network of one source, by the census's recipe; its values are rounded to float16."""
    task = digit_task(mnist, map(int, digits))
    network = RECIPE.network(task.train.classes, SEED)
    fit(network, task.train, seed=SEED, progress=False, **RECIPE.options())
    return network.astype("float16")


def networks(cache):
    """Train the sources, or take them from the cache if nothing that makes them has changed.

    Parameters
    ----------
    cache : Path
        A folder; made if it is not there.

    Returns
    -------
    list of (str, str, str, Path)
        The digits, what to call them, where the split lies in the census, and the network's file.
    """
    folder = cache / f"sources-{_digest_of_makers()}"
    folder.mkdir(parents=True, exist_ok=True)
    mnist, made = None, []
    for digits, words in choose().items():
        path = folder / f"{digits}.npz"
        if not path.exists():
            mnist = mnist or load_mnist()
            save_network(train(digits, mnist), path)
        made.append((digits, words, in_words(digits), path))
    return made


def _digest_of_makers():
    makers = [*sorted((ROOT / "helpers").glob("*.py")), Path(__file__), ROOT / "data" / "mnist.npz"]
    digest = hashlib.sha256()
    for maker in makers:
        digest.update(maker.read_bytes())
    return digest.hexdigest()[:12]


if __name__ == "__main__":
    for digits, words, place, path in networks(LAB / ".cache"):
        print(f"{digits}: {words}, {path.stat().st_size / 1000:.0f} kB. {place}")
