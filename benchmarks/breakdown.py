"""Where the time of our epoch goes: the real `fit`, with a clock around each of its parts. Prints JSON."""

import json
import time

from benchmarks.contestants.ours import Contestant
from benchmarks.workloads import WORKLOADS
from helpers import Dense, data, training

EPOCHS = 5
spent = {}


def clock(owner, name, part):
    """Replace a function or method by one that adds its time to a part."""
    timed = getattr(owner, name)

    def with_clock(*arguments, **keywords):
        started = time.perf_counter()
        try:
            return timed(*arguments, **keywords)
        finally:
            spent[part] = spent.get(part, 0.0) + time.perf_counter() - started

    setattr(owner, name, with_clock)


def main():
    contestant = Contestant(WORKLOADS["mlp-128"])
    contestant.run()  # to warm up
    for layer in contestant.network.layers:
        for name in ("forward", "backward"):
            clock(layer, name, "Dense layers" if isinstance(layer, Dense) else "ReLU")
    clock(data.Part, "inputs", "images into a batch")
    clock(training, "softmax_cross_entropy", "loss")
    clock(contestant.optimizer, "step", "Adam")
    started = time.perf_counter()
    for _ in range(EPOCHS):
        contestant.run()
    total = time.perf_counter() - started
    spent["the loop around them"] = total - sum(spent.values())
    print(json.dumps({part: round(seconds / EPOCHS, 4) for part, seconds in spent.items()}))


if __name__ == "__main__":
    main()
