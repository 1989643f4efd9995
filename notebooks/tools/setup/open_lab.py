"""Opens JupyterLab on `notebooks/` (or another folder), keeping what it writes about itself in `.lab`. Further arguments go to JupyterLab."""

from __future__ import annotations

import os
import sys

from tools import lab


def main() -> None:
    """Become JupyterLab."""
    command = [str(lab.PYTHON), "-m", "jupyterlab", *sys.argv[1:]]
    if not any(argument.startswith("--ServerApp.root_dir=") for argument in sys.argv):
        command.append(f"--ServerApp.root_dir={lab.NOTEBOOKS}")
    if hasattr(os, "getuid") and os.getuid() == 0:
        command.append("--allow-root")
    os.execve(command[0], command, lab.jupyter_env())


if __name__ == "__main__":
    main()
