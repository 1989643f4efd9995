"""What rustdoc's JSON says of a crate and of those behind it, and under which path each item stands in the signatures.

The first crate, the facade, becomes the root. Each further one becomes a hidden module `__NAME` of it, as in the thin crate that
the compiler sees, so that a type which the facade does not re-export can still be named.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Place = tuple[str, ...]  # the modules that an item stands in, and its name, below the crate's root

FORMATS = range(57, 58)  # the versions of rustdoc's JSON that this reads; rustc 1.95 writes 57

WORDS = (
    "as break const continue crate dyn else enum extern false fn for gen if impl in let loop match mod move mut pub ref return "
    "static struct trait true type unsafe use where while async await abstract become box do final macro override priv typeof "
    "unsized virtual yield try"
)
KEYWORDS = frozenset(WORDS.split())

# rustdoc gives the defining path of a standard item, which may lead through private modules: its beginning, and the public one.
STANDARD = (
    ("alloc::collections::btree::map", "std::collections::btree_map"), ("alloc::collections::btree::set", "std::collections::btree_set"),
    ("std::collections::hash::map", "std::collections::hash_map"), ("std::collections::hash::set", "std::collections::hash_set"),
    ("core::iter::traits", "std::iter"), ("core::iter::adapters", "std::iter"), ("core::iter::sources", "std::iter"),
    ("core::ops::function", "std::ops"), ("core::ops::arith", "std::ops"), ("core::ops::bit", "std::ops"),
    ("core::ops::range", "std::ops"), ("core::ops::deref", "std::ops"), ("core::ops::drop", "std::ops"),
    ("core::ops::index", "std::ops"), ("core::ops::control_flow", "std::ops"), ("core::num::nonzero", "std::num"),
    ("core::num::error", "std::num"), ("core::str::traits", "std::str"), ("core::str::iter", "std::str"),
    ("core::slice::iter", "std::slice"), ("std::sync::lazy_lock", "std::sync"), ("std::sync::poison", "std::sync"),
    ("core::future::future", "std::future"), ("alloc::vec::into_iter", "std::vec"), ("std::io::error", "std::io"),
    ("core::panic::unwind_safe", "std::panic"), ("core::array::iter", "std::array"), ("alloc::vec::drain", "std::vec"),
    ("std::io::cursor", "std::io"), ("std::io::buffered", "std::io"), ("core::num::wrapping", "std::num"),
    ("core::mem::maybe_uninit", "std::mem"), ("core::mem::manually_drop", "std::mem"), ("std::thread::local", "std::thread"), ("core::alloc::layout", "std::alloc"),
    ("core::num::dec2flt", "std::num"), ("core::num::saturating", "std::num"), ("core::mem::transmutability", "std::mem"),
)  # fmt: skip
STANDARD_CRATES = frozenset({"core", "alloc", "std"})
DEEPEST = 6  # modules: a crate may re-export itself inside itself


class UnknownFormat(Exception):
    """rustdoc wrote a version of its JSON that this code has not been tried with."""


class Unknown(Exception):
    """An item of a crate that is not among those described."""


def ident(name: str) -> str:
    """The name as Rust's source writes it."""
    return f"r#{name}" if name in KEYWORDS else name


def kind_of(item: Json) -> tuple[str, Any]:
    """What an item, a type or a bound is, and its particulars."""
    if isinstance(item.get("inner"), dict):
        item = item["inner"]
    ((kind, value),) = item.items()
    return kind, value


@dataclass
class Crate:
    """One description, and where its items go."""

    name: str
    root: str  # its path in the signatures
    index: dict[str, Json]
    paths: dict[str, Json]
    crates: dict[int, str]  # the crates that it mentions
    main: int
    items: dict[int, Place] = field(default_factory=dict)
    modules: dict[Place, bool] = field(default_factory=dict)  # and whether it is public
    bodies: dict[int, Place] = field(default_factory=dict)  # the modules whose items are known
    by_path: dict[Place, int] = field(default_factory=dict)

    @staticmethod
    def read(path: Path, root: str | None = None) -> Crate:
        """Read a description; `root` is where the crate stands in the signatures, if not in a hidden module.

        Raises `UnknownFormat` where rustdoc has changed what it writes.
        """
        document: Json = json.loads(path.read_text(encoding="utf-8"))
        if document["format_version"] not in FORMATS:
            raise UnknownFormat(f"rustdoc's JSON has the format {document['format_version']}, known are {FORMATS.start} to {FORMATS.stop - 1}")
        name: str = document["index"][str(document["root"])]["name"]
        crates = {int(number): str(crate["name"]) for number, crate in document["external_crates"].items()}
        crate = Crate(name, root or f"crate::__{name}", document["index"], document["paths"], crates, document["root"])
        crate._place()
        return crate

    def item(self, number: int | None) -> Json | None:
        """An item, unless rustdoc left it out."""
        return None if number is None else self.index.get(str(number))

    def all(self, numbers: Iterable[int | None]) -> Iterator[Json]:
        """Those of several items that rustdoc did not leave out."""
        return (item for number in numbers if (item := self.item(number)) is not None)

    def is_module(self, number: int) -> bool:
        """Whether an item is a module."""
        return number in self.bodies or self.paths.get(str(number), {}).get("kind") == "module"

    def at(self, place: Place) -> str:
        """The path of a place in the signatures."""
        return "::".join([self.root, *map(ident, place)])

    def _place(self) -> None:
        """Give every item its defining path. Private modules on the way are private here, too."""
        self._place_module(self.main, ())
        for key, path in self.paths.items():
            number, place, kind = int(key), tuple(path["path"][1:]), path["kind"]
            if path["crate_id"] != 0 or kind in ("variant", "proc_attribute", "proc_derive", "primitive"):
                if kind == "variant" and path["crate_id"] == 0:
                    self.by_path[place] = number
                continue
            self.by_path[place] = number
            if number in self.items or number in self.bodies:
                continue
            if kind == "module" and key in self.index:
                self._place_module(number, place)
            else:
                self.items[number] = place
                if kind == "module":  # a private one, known only by a glob of it
                    self.modules.setdefault(place, False)
        for number, place in self.items.items():
            top = place if self.is_module(number) else place[:-1]
            for length in range(len(top) + 1):
                self.modules.setdefault(top[:length], False)

    def _place_module(self, number: int, place: Place) -> None:
        module = self.index[str(number)]
        public = module["visibility"] == "public" and not module["inner"]["module"]["is_stripped"]
        self.modules[place] = self.modules.get(place, False) or public or not place
        self.bodies[number] = self.items[number] = place
        for child in module["inner"]["module"]["items"]:
            item = self.item(child)
            if item is None:
                continue
            kind, _ = kind_of(item)
            if kind == "module":
                self._place_module(child, (*place, item["name"]))
            elif item["name"] and kind not in ("use", "impl"):
                self.items[child] = (*place, item["name"])


    def public(self) -> dict[int, Place]:
        """The shortest public path of each item that has one."""
        found: dict[int, Place] = {}
        waiting: deque[tuple[int, Place]] = deque([(self.main, ())])
        entered: set[tuple[int, Place]] = set()
        while waiting:
            number, place = waiting.popleft()
            if (number, place) in entered or number not in self.bodies or len(place) > DEEPEST:
                continue
            entered.add((number, place))
            for child in self.all(self.index[str(number)]["inner"]["module"]["items"]):
                kind, value = kind_of(child)
                if kind == "use" and value["is_glob"]:
                    waiting.appendleft((value["id"], place))
                elif child["visibility"] == "public" and kind != "impl":
                    target, name = (value["id"], value["name"]) if kind == "use" else (child["id"], child["name"])
                    if target is not None:
                        found.setdefault(target, (*place, name))
                        waiting.append((target, (*place, name)))
        return found


class Library:
    """The facade, the crates behind it, and others with signatures of their own whose types it uses."""

    def __init__(self, facade: Path, behind: Iterable[Path], near: Iterable[Path]) -> None:
        first = Crate.read(facade, "crate")
        self.crates = {crate.name: crate for crate in (first, *map(Crate.read, behind))}
        others = [Crate.read(path, "") for path in near]
        self.near = {crate.name: (crate, crate.public()) for crate in others}

    def find(self, crate: Crate, number: int) -> tuple[Crate, int]:
        """The crate that defines an item which another one mentions, and the item's number there.

        Raises `Unknown` for a crate that is not described.
        """
        if number in crate.items:
            return crate, number
        path = crate.paths.get(str(number))
        if path is None:
            raise Unknown(str(number))
        home = crate if path["crate_id"] == 0 else self.crates.get(crate.crates[path["crate_id"]])
        if home is None or (found := home.by_path.get(tuple(path["path"][1:]))) is None:
            raise Unknown("::".join(path["path"]))
        return home, found

    def path(self, crate: Crate, number: int | None) -> str:
        """The absolute path of an item, in the signatures or in the standard library.

        Raises `Unknown` for a crate that is not described.
        """
        path = crate.paths.get(str(number))
        if number is None:
            raise Unknown("nothing")
        if path is not None and path["crate_id"]:
            name = crate.crates[path["crate_id"]]
            if name in STANDARD_CRATES:
                return standard(path["path"])
            if name in self.near:
                other, public = self.near[name]
                place = public.get(other.by_path.get(tuple(path["path"][1:]), -1))
                if place is None:
                    raise Unknown("::".join(path["path"]))
                return "::".join(["", name, *map(ident, place)])
        home, found = self.find(crate, number)
        if found in home.items:
            return home.at(home.items[found])
        return home.at(tuple(home.paths[str(found)]["path"][1:]))  # a variant


def standard(path: list[str]) -> str:
    """The public path of a standard item."""
    whole = "::".join(path)
    for private, public in STANDARD:
        if whole.startswith(private):
            return f"::{public}::{path[-1]}"
    return "::" + "::".join(["std" if path[0] == "alloc" else path[0], *map(ident, path[1:])])
