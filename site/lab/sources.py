"""The networks a visitor starts from: a small one for each choice of five digits, stored in float16.

python site/lab/sources.py        # trains them into the cache, which the build does by itself
"""

import os
import shutil
import sys
from pathlib import Path

LAB = Path(__file__).resolve().parent
ROOT = LAB.parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tqdm.auto import tqdm  # noqa: E402

from helpers import digit_task, fit, load_mnist, load_network, save_network  # noqa: E402
from helpers.transfer.census import SPLITS, look_up  # noqa: E402
from helpers.transfer.recipes import SMALL  # noqa: E402
from studies.engine.execution import processes  # noqa: E402

SEED = 0
SERIES = {
    "13579": "the odd digits, 1 3 5 7 9",
    "02468": "the even digits, 0 2 4 6 8",
    "01234": "the low digits, 0 to 4",
    "56789": "the high digits, 5 to 9",
}


def named():
    """The sources with a name: those of the series, then three that the census tells apart.

    Returns
    -------
    dict of str to str
        The digits, "13579", and what to call them.
    """
    ranked = sorted((look_up(source)["fine-tune"].rank, source) for source in SPLITS if source not in SERIES)
    picked = {"a lucky split": ranked[0], "a middling split": ranked[len(ranked) // 2], "an unlucky split": ranked[-1]}
    return SERIES | {digits: f"{words}, {' '.join(digits)}" for words, (_, digits) in picked.items()}


def train(digits):
    """Train the network of one source, by the census's recipe; its values are rounded to float16."""
    task = digit_task(load_mnist(), map(int, digits))
    network = SMALL.network(task.train.classes, SEED)
    fit(network, task.train, seed=SEED, threads=1, progress=False, **SMALL.options())
    return network.astype("float16")


def networks(cache):
    """Train the networks of all splits; what an earlier call has trained is kept, if it would come out the same.

    To see that, the first one is trained again: code, data and the machine's arithmetic all have a part in it.

    Parameters
    ----------
    cache : Path
        A folder; made if it is not there.

    Returns
    -------
    list of Path
        `DIGITS.npz` for each of the 252 splits.
    """
    folder = cache / "sources"
    first, paths = train(SPLITS[0]), [folder / f"{digits}.npz" for digits in SPLITS]
    if not paths[0].exists() or load_network(paths[0]).fingerprint() != first.fingerprint():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        save_network(first, paths[0])
    waiting = [path for path in paths if not path.exists()]
    if waiting:
        with processes(os.cpu_count()) as executor:
            trained = executor.map(_train_into, waiting)
            for _ in tqdm(trained, "networks for the laboratory", total=len(waiting), unit="network"):
                pass
    return paths


def _train_into(path):
    save_network(train(path.stem), path)


if __name__ == "__main__":
    made = networks(LAB / ".cache")
    print(f"{len(made)} networks in {made[0].parent}, {sum(path.stat().st_size for path in made) / 1e6:.0f} MB")
