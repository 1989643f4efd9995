"""Opens JupyterLab on `notebooks/` (or another folder), keeping what it writes about itself in `.lab`. Further arguments go to JupyterLab."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from tools import lab
from tools.kernel import spare


def main() -> None:
    """Become JupyterLab."""
    command = [str(lab.PYTHON), "-m", "jupyterlab", *sys.argv[1:]]
    folders = [argument.partition("=")[2] for argument in sys.argv if argument.startswith("--ServerApp.root_dir=")]
    if not folders:
        command.append(f"--ServerApp.root_dir={lab.NOTEBOOKS}")
    if hasattr(os, "getuid") and os.getuid() == 0:
        command.append("--allow-root")
    env = lab.jupyter_env()
    if os.environ.get("LAB_SPARE") != "0" and os.name != "nt":  # the first kernel finds a spare, too
        spec = json.loads((lab.VENV / "share" / "jupyter" / "kernels" / "rust" / "kernel.json").read_text(encoding="utf-8"))
        spare.prepare("rust", os.getpid(), cwd=Path(folders[-1]) if folders else lab.NOTEBOOKS, env={**env, **spec["env"]})
    os.execve(command[0], command, env)


if __name__ == "__main__":
    main()
