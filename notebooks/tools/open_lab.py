"""Opens JupyterLab on `notebooks/`, keeping what it writes about itself in `.lab`. Further arguments go to JupyterLab."""

from __future__ import annotations

import os
import sys

import lab


def main() -> None:
    """Become JupyterLab."""
    command = [str(lab.PYTHON), "-m", "jupyterlab", f"--ServerApp.root_dir={lab.NOTEBOOKS}", *sys.argv[1:]]
    if hasattr(os, "getuid") and os.getuid() == 0:
        command.append("--allow-root")
    os.execve(command[0], command, lab.jupyter_env())


if __name__ == "__main__":
    main()
