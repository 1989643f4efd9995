"""The parts of a page that compute: an explorable's picture and inputs as a block, and lab-core as WebAssembly."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any

from tools.report.figures import figure
from tools.setup.module import MODULE

EXPLORABLE = "application/vnd.lab.explorable+json"
NAME = re.compile(r"[a-z][a-z0-9_-]*")
FIELDS = {  # what a kind of control must say beside its name, label and value
    "range": ("low", "high", "step"),
    "number": ("low", "high", "step"),
    "check": (),
    "select": ("options",),
    "cells": ("rows", "columns", "labels"),
    "file": ("bytes",),
}


def module() -> str:
    """lab-core as WebAssembly, packed for the page; empty where it has not been built: pages then do not compute."""
    return base64.b64encode(gzip.compress(MODULE.read_bytes(), 9, mtime=0)).decode() if MODULE.is_file() else ""


def explorable(data: dict[str, Any]) -> dict[str, Any]:
    """The block of an explorable: the still picture for the initial values (plotly.js draws none), and the inputs."""
    declared = data[EXPLORABLE]
    if not isinstance(declared, dict):
        declared = json.loads("".join(declared))
    return {
        **figure(data),
        "height": None,
        "kind": "live",
        "name": named(declared),
        "teaches": str(declared["teaches"]),
        "controls": [control(each) for each in declared["controls"]],
        "said": [(str(what), str(value)) for what, value in declared["said"]],
    }


def named(declared: dict[str, Any]) -> str:
    """The name of an explorable or of a control, which goes into addresses and requests."""
    name = str(declared.get("name"))
    if not NAME.fullmatch(name):
        raise ValueError(f"a name must be lower-case letters, digits and hyphens, found {name!r}")
    return name


def control(declared: dict[str, Any]) -> dict[str, Any]:
    """A control as the template shows it: `shown` is its value in words, `cells` the boxes of a grid."""
    name, kind = named(declared), str(declared.get("kind"))
    if kind not in FIELDS:
        raise ValueError(f"control {name}: the kind must be one of {', '.join(FIELDS)}, found {kind!r}")
    missing = [field for field in ("label", "value", *FIELDS[kind]) if field not in declared]
    if missing:
        raise ValueError(f"control {name}: a {kind} needs {', '.join(missing)}")
    value = str(declared["value"])
    made = {**declared, "name": name, "kind": kind, "value": value, "shown": value}
    if kind == "check":
        made["shown"] = "yes" if value == "true" else "no"
    elif kind == "cells":
        places = [f"{row},{column}" for row in range(int(declared["rows"])) for column in range(int(declared["columns"]))]
        made["cells"] = list(zip(places, map(str, declared["labels"]), strict=True))
        made["shown"] = ", ".join(label for place, label in made["cells"] if place in value.split()) or "none"
    elif kind == "file":
        made["shown"] = "the built-in data"
    return made
