"""One contestant in a process of its own, so that nobody disturbs another: `python -m benchmarks.worker NAME WORKLOAD`.

It prints one line of JSON when it is ready, and one for every command that arrives on its standard input: `run` trains
and says how long that took, `accuracy` measures.
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path


def peak_megabytes():
    """The most memory this process has had; None where the system does not say."""
    status = Path("/proc/self/status")
    if status.is_file():  # Linux; getrusage would count what the process that started this one had
        return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main(name, workload):
    answers = os.fdopen(os.dup(1), "w")  # whatever a framework prints goes to the log instead
    os.dup2(2, 1)

    def answer(**message):
        print(json.dumps(message), file=answers, flush=True)

    try:
        from benchmarks.workloads import WORKLOADS

        contestant = importlib.import_module(f"benchmarks.contestants.{name}").Contestant(WORKLOADS[workload])
    except NotImplementedError as reason:
        return answer(cannot=str(reason))
    answer(ready=True)
    for command in sys.stdin:
        if command == "run\n":
            started = time.perf_counter()
            contestant.run()
            answer(seconds=time.perf_counter() - started, peak_mb=peak_megabytes())
        else:
            answer(accuracy=contestant.accuracy())


if __name__ == "__main__":
    main(*sys.argv[1:])
