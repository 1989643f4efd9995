"""What a cell asks of the prebuilt crates: `:dep polars = "0.55"` costs nothing, another version or feature is refused at once."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from tools.kernel.cell import Failure, failure
from tools.kernel.process import folder_of

DEP = re.compile(r"[ \t]*:dep[ \t]+(?P<toml>.+)$")
LAB_CORE, BROUGHT = "lab-core", {"polars", "plotly"}  # BROUGHT: the crates that lab-core's prelude re-exports
FROM = {"path", "git"}  # a crate from elsewhere is not the prebuilt one
CARET = re.compile(r"[\^=]?(\d+)(?:\.(\d+))?(?:\.(\d+))?$")


def serve(code: str, kind: str, brought: bool) -> tuple[str, Failure | None]:
    """The cell without requests for crates that are there already (cargo would take half a minute to find that out),
    and why the kernel cannot provide a crate that the cell names: None where it can, or where cargo shall decide.

    `brought` says whether an earlier cell has brought lab-core, whose prelude names the crates of `BROUGHT`.
    """
    lines = code.split("\n")
    asked_by_line = [_asked(line) for line in lines]
    brought = brought or any(LAB_CORE in asked for asked in asked_by_line)
    for number, asked in enumerate(asked_by_line):
        for name, table in asked.items():
            if (failure := _refusal(name, table, kind)) is not None:
                return code, failure
        if brought and asked and all(_thin(name, kind) and name in BROUGHT and not FROM & set(table) for name, table in asked.items()):
            lines[number] = ""
    return "\n".join(lines), None


def _asked(line: str) -> dict[str, dict[str, Any]]:
    """The crates that a line names, each with cargo's table for it; none where it is no `:dep`, or one that evcxr must judge."""
    found = DEP.match(line)
    try:
        asked = tomllib.loads(found["toml"]) if found else {}
    except tomllib.TOMLDecodeError:
        return {}
    tables = {name: {"version": value} if isinstance(value, str) else value for name, value in asked.items()}
    return tables if all(isinstance(table, dict) for table in tables.values()) else {}


def _thin(name: str, kind: str) -> dict[str, Any] | None:
    """The manifest of a prebuilt crate; None for any other crate."""
    manifest = folder_of(kind) / "thin" / name / "Cargo.toml"
    return tomllib.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else None


def _refusal(name: str, table: dict[str, Any], kind: str) -> Failure | None:
    thin = _thin(name, kind)
    if thin is None or FROM & set(table):
        return None
    ready = str(thin["package"]["version"])
    if not _matches(str(table.get("version", "*")), ready):
        return _refused(f"this kernel has {name} {ready} ready, and {table['version']} is another version", name, ready)
    if missing := sorted(set(table.get("features", [])) - set(thin["features"])):
        return _refused(f"this kernel's {name} {ready} was built without the feature {', '.join(missing)}", name, ready)
    return None


def _matches(asked: str, ready: str) -> bool:
    """Whether cargo would take the version; yes for a requirement of another form, which is left to cargo."""
    caret = CARET.match(asked.strip())
    if caret is None:
        return True
    numbers, have = [int(number) for number in caret.groups() if number], [int(number) for number in re.findall(r"\d+", ready)[:3]]
    fixed = len(numbers) if asked.strip().startswith("=") else next((at + 1 for at, number in enumerate(numbers) if number), len(numbers))
    return have[:fixed] == numbers[:fixed] and have[: len(numbers)] >= numbers


def _refused(why: str, name: str, ready: str) -> Failure:
    return failure("DepError", why, [
        f'Write `:dep {name} = "{ready}"`, extend `notebooks/tools/setup/prebuilt.toml` and run `make setup`,',
        'or choose the kernel "every crate from source", which compiles what you ask for.',
    ])  # fmt: skip
