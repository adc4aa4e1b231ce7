"""Where a result was made: the machine and the versions that decide its last digits."""

import functools
import platform
import time
from pathlib import Path

import numpy as np


@functools.cache
def machine_and_versions():
    """What the last digits of a result depend on, beside the code.

    Returns
    -------
    dict
        "machine" and "versions", one line of text each.
    """
    versions = [f"Python {platform.python_version()}", f"NumPy {np.__version__}"]
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        versions.append("BLAS unknown")
    else:
        blas = [library for library in threadpool_info() if library["user_api"] == "blas"]
        versions += [f"{each['internal_api']} {each['version']} ({each.get('architecture')})" for each in blas]
    return {
        "machine": f"{platform.system()} {platform.machine()}, {_processor()}",
        "versions": ", ".join(versions),
    }


def environment():
    """`machine_and_versions` and today's "date", as a record of the journal holds them."""
    return {**machine_and_versions(), "date": time.strftime("%Y-%m-%d", time.gmtime())}


def _processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown processor"
