# Makes `helpers` importable: from this project's folder or, where a notebook stands alone, from a copy fetched once.
import os
import subprocess
import sys
from pathlib import Path

url = os.environ.get("REPOSITORY_URL", "")
for root in (Path.cwd(), *Path.cwd().parents, Path("transfer-learning-from-scratch").resolve()):
    if (root / "helpers" / "__init__.py").is_file() and (root / "data" / "mnist.npz").is_file():
        break
else:
    if not url:
        raise RuntimeError("This needs the project's helpers folder: download the whole project or set REPOSITORY_URL")
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", url, str(root)], check=True)
sys.path.insert(0, str(root))
