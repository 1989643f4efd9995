"""Which notebooks are not up to date: their cells, lab-core, the data, the kernel or a version changed since they ran."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tools import lab

INPUTS = [lab.ROOT / name for name in ("Cargo.toml", "Cargo.lock", "lab-core/Cargo.toml", "lab-core/src", "data")]
KERNEL = [lab.TOOLS / "lab.py", lab.TOOLS / "kernel", lab.TOOLS / "setup" / "kernelspecs.py", lab.TOOLS / "setup" / "thin.py"]


def chosen(names: list[str]) -> list[Path]:
    """The notebooks named, or the project's own: any other notebook runs only when it is named."""
    names = names or lab.contents()
    paths = [Path(name) if name.endswith(".ipynb") else lab.NOTEBOOKS / f"{name}.ipynb" for name in names]
    for path in paths:
        if not path.is_file():
            lab.stop(f"there is no notebook {path}", "give a name as `ls notebooks/*.ipynb` shows it")
    return paths


def is_ours(notebook: Path) -> bool:
    """Whether it is one of the project's, whose cells leave to lab-core what takes long to compute, and need not be optimised."""
    return notebook.resolve() in {(lab.NOTEBOOKS / f"{name}.ipynb").resolve() for name in lab.contents()}


def inputs_of(notebook: Path, common: str) -> str:
    """A fingerprint of all that decides a notebook's outputs: its cells, lab-core, the data, the versions."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    cells = [[cell["cell_type"], "".join(cell["source"])] for cell in content["cells"]]
    return lab.digest([json.dumps(cells), common])


def common_inputs() -> str:
    """The part of the fingerprint that all notebooks share."""
    return lab.digest([*INPUTS, *KERNEL, lab.output_of(["rustc", "-V"]) or "", lab.EVCXR_VERSION])


def is_current(report: Path, inputs: str) -> bool:
    """Whether the executed notebook was made from these inputs."""
    try:
        return bool(json.loads(report.read_text(encoding="utf-8"))["metadata"]["lab"]["inputs"] == inputs)
    except (OSError, ValueError, KeyError):
        return False


def versions() -> dict[str, str]:
    """What the report was made with."""
    manifest = (lab.ROOT / "Cargo.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+?)"', manifest, re.MULTILINE)
    return {
        "lab-core": version[1] if version else "unknown",
        "rustc": (lab.output_of(["rustc", "-V"]) or "unknown").removeprefix("rustc ").split(" ")[0],
        "evcxr": lab.EVCXR_VERSION,
        "revision": lab.output_of(["git", "rev-parse", "--short", "HEAD"]) or "unknown",
    }
