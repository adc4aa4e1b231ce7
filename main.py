"""The whole story as one command: train on odd digits, transfer to even ones, evaluate on both.

How it does that stands in helpers/show/command.py; `python main.py --help` lists the options. This file only says what to
do where the command cannot start, so any Python must be able to read it, however old.
"""

# ruff: noqa: UP031, UP036
import os
import sys


def main():
    """Run the command; returns its exit code: 2 if this Python cannot run it, 130 after Ctrl-C."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # python -I and -P leave it out
    try:
        if sys.version_info < (3, 10):
            raise ImportError("Python %s" % sys.version.split()[0])
        from helpers.show import command

        return command.main()
    except ImportError as problem:
        python = os.path.join(".venv", "Scripts" if os.name == "nt" else "bin", "python")
        sys.stderr.write(
            "main.py: it needs Python 3.10 or newer with the packages of requirements.txt (here: %s); start it with"
            " `%s main.py` after `make run`, or install them with `python3 -m pip install -r requirements.txt`\n"
            % (problem, python)
        )
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("main.py: interrupted; no report was written\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
