"""The signatures of a crate as one source file: its modules, what they re-export, and all impls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tools.setup.signatures.crates import STANDARD_CRATES, Crate, Json, Library, Place, Unknown, ident, kind_of
from tools.setup.signatures.items import Items

UNKNOWN = "struct __Unknown;\ntrait __UnknownTrait {}\n"
IMPLS = "__impls"


def signatures(facade: Path, behind: Sequence[Path], near: Sequence[Path], docs: bool = True) -> str:
    """The source of the facade's signatures, from the descriptions of it, of the crates behind it and of those near it,
    which have signatures of their own.

    Raises `UnknownFormat` where rustdoc has changed what it writes.
    """
    library = Library(facade, behind, near)
    printers = [Modules(library, crate, docs) for crate in library.crates.values()]
    for printer in printers:
        printer.publish()
    first, *others = ["\n".join(printer.lines()) for printer in printers]
    # Not `doc(hidden)`: the analyser would name no type through such a module.
    hidden = [f"pub mod __{printer.crate.name} {{\n{text}\n}}" for printer, text in zip(printers[1:], others, strict=True)]
    return "\n".join([UNKNOWN + first, *hidden]) + "\n"


class Modules:
    """The modules of one crate."""

    def __init__(self, library: Library, crate: Crate, docs: bool) -> None:
        self.library = library
        self.crate = crate
        self.items = Items(library, crate, docs)

    def publish(self) -> None:
        """A private module that is re-exported under a name must be public here."""
        for item in self.crate.index.values():
            kind, use = kind_of(item)
            if kind == "use" and not use["is_glob"] and use["id"] is not None:
                try:
                    home, number = self.library.find(self.crate, use["id"])
                except Unknown:
                    continue
                if home.is_module(number) and number in home.items:
                    home.modules[home.items[number]] = True

    def lines(self) -> list[str]:
        """The source of the crate's root, line by line."""
        content: dict[Place, list[str]] = defaultdict(list)
        for number, place in self.crate.items.items():
            if not self.crate.is_module(number) and (line := self._item(number, place)):
                content[place[:-1]].append(line)
        for number, place in self.crate.bodies.items():
            for item in self.crate.all(self.crate.index[str(number)]["inner"]["module"]["items"]):
                kind, use = kind_of(item)
                if kind == "use" and (line := self._use(use, place)):
                    content[place].append(line)
        impls = (self.items.implementation(item) for item in self.crate.index.values() if kind_of(item)[0] == "impl")
        content[(IMPLS,)] = [line for line in impls if line]
        children: dict[Place, list[Place]] = defaultdict(list)
        for place in {**self.crate.modules, (IMPLS,): False}:
            if place:
                children[place[:-1]].append(place)

        def emit(place: Place) -> list[str]:
            out = list(dict.fromkeys(content[place]))  # some impls come twice
            for child in children[place]:
                visibility = "pub" if self.crate.modules.get(child) else "pub(crate)"
                out += [f"{visibility} mod {ident(child[-1])} {{", *emit(child), "}"]
            return out

        return emit(())

    def _item(self, number: int, place: Place) -> str | None:
        item = self.crate.item(number)
        if item is None:  # known by its path only
            kind = self.crate.paths[str(number)]["kind"]
            return f"pub trait {ident(place[-1])} {{}}" if kind == "trait" else f"pub struct {ident(place[-1])};"
        kind, _ = kind_of(item)
        return macro(item) if kind == "macro" else self.items.source(item, place[-1])

    def _use(self, use: Json, place: Place) -> str | None:
        """A re-export, by absolute path."""
        target = self._target(use, place)
        if target is None:
            return None
        if use["is_glob"]:
            return f"pub use {target}::*;"
        name = ident(use["name"])
        if target == "::".join([self.crate.at(place), name]):
            return None
        return f"pub use {target};" if target.split("::")[-1] == name else f"pub use {target} as {name};"

    def _target(self, use: Json, place: Place) -> str | None:
        try:
            home, number = self.library.find(self.crate, use["id"] if use["id"] is not None else -1)
            item = home.item(number)
            if item is not None and kind_of(item)[0] == "macro":
                return f"crate::{item['name']}"  # exported macros stand in the root
        except Unknown:
            pass
        try:
            return self.library.path(self.crate, use["id"])
        except Unknown:
            first, *rest = use["source"].split("::")
        if first in STANDARD_CRATES or first in self.library.near:
            return f"::{use['source']}"
        if (other := self.library.crates.get(first)) is not None:
            return other.at(tuple(rest))
        above = {"crate": (), "self": place, "super": place[:-1]}.get(first)
        where = (*place, first, *rest) if above is None else (*above, *rest)
        if where in self.crate.modules:
            return self.crate.at(where)
        # A private module that stands elsewhere: a `use` that is private, too, brought its name here.
        named = [module for module in self.crate.modules if use["is_glob"] and module[-1:] == where[-1:]]
        return self.crate.at(named[0]) if len(named) == 1 else None


def macro(item: Json) -> str | None:
    """An exported macro as its crate's source has it: rustdoc gives no bodies. Its `$crate` is the facade here."""
    span = item["span"]
    path = Path(span["filename"])
    if not path.is_file():
        return None
    lines = path.read_text(encoding="utf-8").splitlines()[span["begin"][0] - 1 : span["end"][0]]
    return "#[macro_export]\n" + "\n".join(lines)
