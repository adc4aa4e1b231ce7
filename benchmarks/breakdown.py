"""Where the time of our runs goes: the real `fit`, with a clock around each of its parts. Prints JSON."""

import json
import time

from benchmarks.contestants.ours import Contestant
from benchmarks.workloads import WORKLOADS
from helpers import Dense
from helpers.data import tasks
from helpers.nn import training

RUNS = 5


def add_clock(spent, part, owner, name):
    """Replace a function or method by one that adds its seconds to a part."""
    original = getattr(owner, name)

    def with_clock(*arguments, **keywords):
        started = time.perf_counter()
        try:
            return original(*arguments, **keywords)
        finally:
            spent[part] = spent.get(part, 0.0) + time.perf_counter() - started

    setattr(owner, name, with_clock)


def mlp(workload):
    """Seconds in the parts of an epoch."""
    contestant, spent = Contestant(workload), {}
    contestant.run()  # to warm up
    for layer in contestant.network.layers:
        for name in ("forward", "backward"):
            add_clock(spent, "Dense layers" if isinstance(layer, Dense) else "ReLU", layer, name)
    add_clock(spent, "images into a batch", tasks.Part, "inputs")
    add_clock(spent, "loss", training, "softmax_cross_entropy")
    add_clock(spent, "Adam", contestant.optimizer, "step")
    started = time.perf_counter()
    for _ in range(RUNS):
        contestant.run()
    total = time.perf_counter() - started
    spent["the loop around them"] = total - sum(spent.values())
    return {part: round(seconds / RUNS, 4) for part, seconds in spent.items()}


def head(workload):
    """Seconds for what the frozen layers give, computed once, and for the steps of the head; and how many steps."""
    contestant, histories = Contestant(workload), []
    for _ in range(1 + RUNS):
        contestant.run()
        histories.append(contestant.history)
    features = sum(history.feature_seconds for history in histories[1:]) / RUNS
    training = sum(sum(history.seconds) for history in histories[1:]) / RUNS
    return {"features": round(features, 4), "training": round(training, 4), "steps": histories[0].steps}


if __name__ == "__main__":
    print(json.dumps({"head": head(WORKLOADS["head"]), "mlp-128": mlp(WORKLOADS["mlp-128"])}))
