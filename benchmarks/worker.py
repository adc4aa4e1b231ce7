"""One contestant in a process of its own, so that nobody disturbs another: `python -m benchmarks.worker NAME RACE`.

It prints one line when it is ready, and one for every command on its standard input: `run` trains and answers with the
seconds that it took, `accuracy` with the accuracy on the test images.
"""

import importlib
import json
import os
import sys
import time

from benchmarks.workloads import WORKLOADS


def main(name, workload):
    answers = os.fdopen(os.dup(1), "w")  # whatever a framework prints goes to the log instead
    os.dup2(2, 1)
    contestant = importlib.import_module(f"benchmarks.contestants.{name}").Contestant(WORKLOADS[workload])
    print("true", file=answers, flush=True)
    for command in sys.stdin:
        if command == "run\n":
            started = time.perf_counter()
            contestant.run()
            print(time.perf_counter() - started, file=answers, flush=True)
        else:
            print(json.dumps(contestant.accuracy()), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
