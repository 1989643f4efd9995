"""What a cell asks of the prebuilt crates: `:dep polars = "0.55"` is served by them, another version or feature is refused at once."""

from __future__ import annotations

import re
import tomllib

from tools.kernel.cell import Failure, failure
from tools.kernel.process import folder_of

DEP = re.compile(r"^[ \t]*:dep[ \t]+(?P<toml>.+)$", re.MULTILINE)
CARET = re.compile(r"[\^=]?(\d+)(?:\.(\d+))?(?:\.(\d+))?$")


def refusal(code: str, kind: str) -> Failure | None:
    """Why this kernel cannot have a crate that the cell names; None where it can, or where cargo may say so."""
    for found in DEP.finditer(code):
        try:
            asked = tomllib.loads(found["toml"])
        except tomllib.TOMLDecodeError:
            continue
        for name, value in asked.items():
            manifest = folder_of(kind) / "thin" / name / "Cargo.toml"
            if not manifest.is_file() or not isinstance(value, (str, dict)):
                continue
            thin = tomllib.loads(manifest.read_text(encoding="utf-8"))
            table = {"version": value} if isinstance(value, str) else value
            ready, has = thin["package"]["version"], thin["features"]
            missing = sorted(set(table.get("features", [])) - set(has))
            if not {"path", "git"} & set(table) and not _matches(str(table.get("version", "*")), ready):
                return _refused(f"this kernel has {name} {ready} ready, and {table['version']} is another version", name, ready)
            if missing:
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
