"""Parameters of a notebook for papermill, as Rust. Set-up lists this module as an entry point, so that papermill loads it.

A whole number becomes `usize` (`i64` below zero), as most of lab-core's counts are; a text becomes `&str`.
"""

from __future__ import annotations

import math
from typing import Any

from papermill.engines import NBClientEngine
from papermill.translators import papermill_translators


def kind(value: object) -> str:
    """The Rust type of a parameter."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "usize" if value >= 0 else "i64"
    if isinstance(value, float):
        return "f64"
    if isinstance(value, str):
        return "&'static str"
    if isinstance(value, list) and value:
        kinds = {kind(item) for item in value}
        if kinds <= {"usize", "i64"}:
            return f"Vec<{'usize' if kinds == {'usize'} else 'i64'}>"
        if kinds <= {"usize", "i64", "f64"}:
            return "Vec<f64>"
        if len(kinds) == 1:
            return f"Vec<{kinds.pop()}>"
    raise ValueError(f"a parameter must be a bool, a number, a text, or a list with one type of them, found {value!r}")


def literal(value: object, of: str) -> str:
    """A value of that type as Rust writes it."""
    if of.startswith("Vec<") and isinstance(value, list):
        return f"vec![{', '.join(literal(item, of[4:-1]) for item in value)}]"
    if of == "bool":
        return str(value).lower()
    if of == "f64" and isinstance(value, int | float):
        names = {math.inf: "f64::INFINITY", -math.inf: "f64::NEG_INFINITY"}
        return "f64::NAN" if math.isnan(value) else names.get(value, repr(float(value)))
    if isinstance(value, str):
        hashes = "#" * (max((len(run) for run in value.split('"')[1:]), default=0) + 1)
        return f'r{hashes}"{value}"{hashes}'
    return str(value)


class RustTranslator:
    """What papermill asks of a language."""

    @classmethod
    def codify(cls, parameters: dict[str, Any], comment: str = "Parameters") -> str:
        """The cell that papermill puts after the one with the tag `parameters`."""
        lines = [f"let {name}: {kind(value)} = {literal(value, kind(value))};" for name, value in parameters.items()]
        return "\n".join([f"// {comment}", *lines]) + "\n"

    @classmethod
    def comment(cls, text: str) -> str:
        """A remark."""
        return f"// {text}".strip()

    @classmethod
    def inspect(cls, parameters_cell: object) -> list[Any]:
        """Which parameters a notebook has: papermill shows them with `--help-notebook`; this reads none."""
        return []


class Engine(NBClientEngine):
    """Papermill's own engine: an entry point must name one, and loading it registers the language."""


papermill_translators.register("rust", RustTranslator)
