"""Python and NumPy for the browser: fetched from two package registries, checked, and packed for the page.

To move to newer ones, change this file alone. Both must be built by the same version of Emscripten, for the same Python.
"""

import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

CACHE = Path(__file__).resolve().parent / ".cache"  # git-ignored: nothing of the 22 MB is committed
NUMPY = "numpy-1.25.2-py311"  # how the archive's name begins inside the wheel
PYODIDE = "pyodide-0.24.1.tgz"
WHEEL = "jupyterlite_xeus_python-1.0.0-py3-none-any.whl"
FETCH = {
    PYODIDE: ["npm", "pack", "--silent", "pyodide@0.24.1"],
    WHEEL: [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "jupyterlite-xeus-python==1.0.0"],
}
DIGESTS = {
    PYODIDE: "028563a8ecf77e48a520e54fff5b7d6c955f2f8a69387f42ca38969cdbf67eae",
    WHEEL: "0be2393d3f738ecc920c6b5ec261c83d0ff2a1d79cdf5b8167dcdb95464b7e86",
}
PYODIDE_FILES = "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "pyodide-lock.json"
LIBRARY = "python_stdlib.zip"  # comes uncompressed: 9 MB, of which packing saves 6
NOT_NEEDED = "tests", "f2py", "distutils", "testing", "include", "doc", "_pyinstaller", "array_api"
STAMP = (1980, 1, 1, 0, 0, 0)  # of every file in an archive, so that the same files make the same bytes


class EngineError(RuntimeError):
    """Python for the browser cannot be put together; the message says why."""


def add(destination):
    """Write Python and NumPy into a folder.

    Parameters
    ----------
    destination : Path
        A folder that exists.

    Raises
    ------
    EngineError
        A package cannot be fetched, or is not the one that was tried.
    """
    with tarfile.open(_fetched(PYODIDE)) as package:
        for name in PYODIDE_FILES:
            (destination / name).write_bytes(package.extractfile(f"package/{name}").read())
        with zipfile.ZipFile(package.extractfile(f"package/{LIBRARY}")) as library:
            pack(destination / LIBRARY, {name: library.read(name) for name in library.namelist()})
    with zipfile.ZipFile(_fetched(WHEEL)) as wheel:
        [archive] = [name for name in wheel.namelist() if Path(name).name.startswith(NUMPY)]
        with tarfile.open(fileobj=io.BytesIO(wheel.read(archive))) as package:
            pack(destination / "numpy.zip", _numpy_files(package))


def pack(path, files):
    """Write an archive whose bytes depend on nothing but its files: a dict of name to bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, STAMP), content, zipfile.ZIP_DEFLATED, compresslevel=9)


def _numpy_files(package):
    prefix = "lib/python3.11/site-packages/"
    files = {}
    for entry in package.getmembers():
        path = entry.name.removeprefix(prefix)
        if entry.isfile() and path.startswith("numpy/") and not set(path.split("/")) & set(NOT_NEEDED):
            if path.endswith((".py", ".so")) or "LICENSE" in path:
                files[path] = package.extractfile(entry).read()
    return files


def _fetched(name):
    """The path of a package in the cache: fetched by its registry's ordinary client if it is not there yet."""
    path = CACHE / name
    if not path.exists():
        CACHE.mkdir(exist_ok=True)
        try:
            subprocess.run(FETCH[name], cwd=CACHE, check=True)
        except (OSError, subprocess.CalledProcessError) as problem:
            raise EngineError(f"{name} could not be fetched by `{' '.join(FETCH[name])}`: {problem}") from problem
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != DIGESTS[name]:
        raise EngineError(
            f"{path} has the SHA-256 {digest}, not {DIGESTS[name]} as the one that was tried; delete it to fetch it again"
        )
    return path
