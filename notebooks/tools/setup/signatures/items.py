"""Structs, enums, traits, functions and impls as source without bodies."""

from __future__ import annotations

from typing import Any

from tools.setup.signatures.crates import Crate, Json, Library, Unknown, ident, kind_of
from tools.setup.signatures.types import Types

BODY = " { loop {} }"
# Implementations that no inference needs.
UNNEEDED = frozenset({"StructuralPartialEq", "Freeze", "UnsafeUnpin", "Send", "Sync", "Unpin", "RefUnwindSafe", "UnwindSafe"})


class Items(Types):
    """Prints the items of one crate."""

    def __init__(self, library: Library, crate: Crate, docs: bool) -> None:
        super().__init__(library, crate)
        self.with_docs = docs

    def docs(self, item: Json) -> str:
        """An item's documentation."""
        if not self.with_docs or not item["docs"]:
            return ""
        return "".join(f"///{' ' if line else ''}{line}\n" for line in item["docs"].splitlines())

    def source(self, item: Json, name: str) -> str | None:
        """An item of a module; None for a kind that signatures have no use for."""
        kind, value = kind_of(item)
        printer = getattr(self, f"_item_{kind}", None)
        return None if printer is None else self.docs(item) + printer(ident(name), value, item)

    def _item_function(self, _name: str, _value: Json, item: Json) -> str:
        return self.function(item, "pub ")

    def _item_type_alias(self, name: str, value: Json, _item: Json) -> str:
        return f"pub type {name}{self.generics(value['generics'], defaults=True)[0]} = {self.type(value['type'])};"

    def _item_constant(self, name: str, value: Json, _item: Json) -> str:
        return f"pub const {name}: {self.type(value['type'])} = loop {{}};"

    def _item_static(self, name: str, value: Json, _item: Json) -> str:
        return f"pub static {name}: {self.type(value['type'])} = loop {{}};"

    def _item_union(self, name: str, value: Json, _item: Json) -> str:
        generics, where = self.generics(value["generics"], defaults=True)
        return f"pub struct {name}{generics}{where} {{ __: {private(value['generics'])} }}"

    def _item_struct(self, name: str, value: Json, _item: Json) -> str:
        generics, where = self.generics(value["generics"], defaults=True)
        shape = value["kind"]
        if shape == "unit":
            return f"pub struct {name}{generics}{where};"
        if "tuple" in shape:
            fields = [self._field(number, "pub ") or private(value["generics"]) for number in shape["tuple"]]
            return f"pub struct {name}{generics}({', '.join(fields)}){where};"
        named = self._named(shape["plain"]["fields"], "pub ")
        if shape["plain"]["has_stripped_fields"]:
            named.append(f"__: {private(value['generics'])}")
        return f"pub struct {name}{generics}{where} {{ {', '.join(named)} }}"

    def _field(self, number: int | None, visibility: str) -> str:
        field = self.crate.item(number)
        return "" if field is None else visibility + self.type(field["inner"]["struct_field"])

    def _named(self, fields: list[int], visibility: str) -> list[str]:
        known = self.crate.all(fields)
        return [f"{visibility}{ident(field['name'])}: {self.type(field['inner']['struct_field'])}" for field in known]

    def _item_enum(self, name: str, value: Json, _item: Json) -> str:
        generics, where = self.generics(value["generics"], defaults=True)
        variants = [self.docs(variant) + self._variant(variant) for variant in self.crate.all(value["variants"])]
        return f"pub enum {name}{generics}{where} {{ {', '.join(variants)} }}"

    def _variant(self, variant: Json) -> str:
        name, shape = ident(variant["name"]), variant["inner"]["variant"]["kind"]
        if shape == "plain":
            return name
        if "tuple" in shape:
            return f"{name}({', '.join(self._field(number, '') or '()' for number in shape['tuple'])})"
        return f"{name} {{ {', '.join(self._named(shape['struct']['fields'], ''))} }}"

    def _item_trait(self, name: str, value: Json, _item: Json) -> str:
        generics, where = self.generics(value["generics"], defaults=True)
        bounds = self.bounds(value["bounds"])
        members = []
        for member in self.crate.all(value["items"]):
            kind, particulars = kind_of(member)
            if kind == "function":
                members.append(self.docs(member) + self.function(member, "", BODY if particulars["has_body"] else ";"))
            elif kind == "assoc_type":
                parameters, condition = self.generics(particulars["generics"])
                limits = self.bounds(particulars["bounds"])
                members.append(f"type {ident(member['name'])}{parameters}" + (f": {limits}" if limits else "") + f"{condition};")
            elif kind == "assoc_const":
                members.append(f"const {member['name']}: {self.type(particulars['type'])};")
        return f"pub trait {name}{generics}{f': {bounds}' if bounds else ''}{where} {block(members)}"

    def function(self, item: Json, visibility: str, body: str = BODY) -> str:
        """A function's signature."""
        value = item["inner"]["function"]
        generics, where = self.generics(value["generics"])
        inputs = ", ".join(self._input(name, of) for name, of in value["sig"]["inputs"])
        header = ("async " if value["header"]["is_async"] else "") + ("unsafe " if value["header"]["is_unsafe"] else "")
        return f"{visibility}{header}fn {ident(item['name'])}{generics}({inputs}){self.output(value['sig']['output'])}{where}{body}"

    def _input(self, name: str, of: Any) -> str:
        if name != "self":
            return f"{ident(name) if name.isidentifier() else '_'}: {self.type(of)}"
        if of == {"generic": "Self"}:
            return "self"
        if "borrowed_ref" in of and of["borrowed_ref"]["type"] == {"generic": "Self"}:
            return self.type(of).replace("Self", "self")
        return f"self: {self.type(of)}"

    def implementation(self, item: Json) -> str | None:
        """An impl block; None for one that is of no use, or of a trait or type that is not described."""
        value = item["inner"]["impl"]
        if value["is_synthetic"] or value["is_negative"] or value["blanket_impl"] is not None:
            return None
        me = self.type(value["for"])
        generics, where = self.generics(value["generics"])
        trait = value["trait"]
        if "__Unknown" in me or (trait is not None and trait["path"].split("::")[-1] in UNNEEDED):
            return None
        try:
            head = f"impl{generics} {me}{where}" if trait is None else f"impl{generics} {self.path(trait)} for {me}{where}"
        except Unknown:
            return None
        members = []
        for member in self.crate.all(value["items"]):
            kind, particulars = kind_of(member)
            if kind == "function" and trait is None:
                members.append(self.docs(member) + self.function(member, "pub "))
            elif kind == "assoc_type" and particulars["type"]:
                parameters, _ = self.generics(particulars["generics"])
                members.append(f"type {ident(member['name'])}{parameters} = {self.type(particulars['type'])};")
            elif kind == "assoc_const" and trait is None:
                members.append(f"pub const {member['name']}: {self.type(particulars['type'])} = loop {{}};")
        return None if trait is None and not members else f"{head} {block(members)}"


def block(members: list[str]) -> str:
    """Members in braces."""
    return "{\n" + "".join(f"{member}\n" for member in members) + "}" if members else "{}"


def private(generics: Json) -> str:
    """A private field's type. It uses every parameter: one that is not used has no variance, and the analyser never infers it."""
    used = [ident(p["name"]) if "type" in p["kind"] else f"&{p['name']} ()" for p in generics["params"] if "const" not in p["kind"]]
    return f"::core::marker::PhantomData<({', '.join(used)},)>" if used else "()"
