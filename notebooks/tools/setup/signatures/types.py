"""Rust's types, bounds and generic parameters, from rustdoc's JSON to source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tools.setup.signatures.crates import Crate, Json, Library, Unknown, ident, kind_of

NOWHERE = "crate::__Unknown"  # a type of a crate that is not described: the analyser makes nothing of it
NOTHING = "crate::__UnknownTrait"


class Types:
    """Prints the types of one crate."""

    def __init__(self, library: Library, crate: Crate) -> None:
        self.library = library
        self.crate = crate

    def path(self, reference: Json, number: str = "id") -> str:
        """The path of a type or trait with its arguments. Raises `Unknown`."""
        return self.library.path(self.crate, reference[number]) + self.arguments(reference.get("args"))

    def type(self, of: Any) -> str:
        """A type."""
        if of is None:
            return "()"
        if of == "infer":
            return "_"
        kind, value = kind_of(of)
        return str(getattr(self, f"_{kind}")(value))

    def _generic(self, name: str) -> str:
        return name

    def _primitive(self, name: str) -> str:
        return {"never": "!", "unit": "()"}.get(name, name)

    def _resolved_path(self, reference: Json) -> str:
        try:
            return self.path(reference)
        except Unknown:
            return NOWHERE

    def _tuple(self, parts: list[Any]) -> str:
        return "(" + ", ".join(map(self.type, parts)) + ("," if len(parts) == 1 else "") + ")"

    def _slice(self, of: Any) -> str:
        return f"[{self.type(of)}]"

    def _array(self, value: Json) -> str:
        return f"[{self.type(value['type'])}; {value['len']}]"

    def _pat(self, value: Json) -> str:
        return self.type(value["type"])

    def _borrowed_ref(self, value: Json) -> str:
        lifetime = f"{value['lifetime']} " if value["lifetime"] else ""
        inner = self.type(value["type"])
        if inner.startswith(("dyn ", "impl ")) and "+" in inner:
            inner = f"({inner})"
        return f"&{lifetime}{'mut ' if value['is_mutable'] else ''}{inner}"

    def _raw_pointer(self, value: Json) -> str:
        return f"*{'mut' if value['is_mutable'] else 'const'} {self.type(value['type'])}"

    def _impl_trait(self, bounds: list[Json]) -> str:
        known = self.bounds(bounds)
        return "impl " + (known if known and not known.startswith("'") else " + ".join(filter(None, ["Sized", known])))

    def _dyn_trait(self, value: Json) -> str:
        parts = []
        for bound in value["traits"]:
            try:
                parts.append(self.any_lifetime(bound["generic_params"]) + self.path(bound["trait"]))
            except Unknown:
                parts.append(NOTHING)
        return "dyn " + " + ".join(parts + ([value["lifetime"]] if value["lifetime"] else []))

    def _function_pointer(self, value: Json) -> str:
        signature = value["sig"]
        unsafe = "unsafe " if value["header"]["is_unsafe"] else ""
        inputs = ", ".join(self.type(of) for _, of in signature["inputs"])
        return f"{self.any_lifetime(value['generic_params'])}{unsafe}fn({inputs}){self.output(signature['output'])}"

    def _qualified_path(self, value: Json) -> str:
        me, name = self.type(value["self_type"]), ident(value["name"])
        if value["trait"] is None or (me == "Self" and self.lacks_arguments(value["trait"])):
            return f"{me}::{name}{self.arguments(value['args'])}"
        try:
            return f"<{me} as {self.path(value['trait'])}>::{name}{self.arguments(value['args'])}"
        except Unknown:
            return NOWHERE

    def lacks_arguments(self, reference: Json) -> bool:
        """Whether a trait has parameters that are not stated, as rustdoc leaves them out where the trait speaks of itself."""
        item = self.crate.item(reference["id"])
        return not reference.get("args") and item is not None and bool(kind_of(item)[1]["generics"]["params"])

    def output(self, of: Any) -> str:
        """What a function returns, with its arrow."""
        return "" if of is None else f" -> {self.type(of)}"

    def any_lifetime(self, parameters: list[Json]) -> str:
        """`for<'a>`."""
        return f"for<{', '.join(parameter['name'] for parameter in parameters)}> " if parameters else ""

    def arguments(self, given: Any) -> str:
        """`<T, Item = U>`, or `(T) -> U`."""
        if not given:
            return ""
        if "parenthesized" in given:
            call = given["parenthesized"]
            return f"({', '.join(map(self.type, call['inputs']))}){self.output(call['output'])}"
        if "angle_bracketed" not in given:
            return ""
        parts = [self._argument(argument) for argument in given["angle_bracketed"]["args"]]
        for constraint in given["angle_bracketed"]["constraints"]:
            kind, value = kind_of(constraint["binding"])
            name = constraint["name"] + self.arguments(constraint["args"])
            if kind == "equality":
                kind, value = kind_of(value)
                parts.append(f"{name} = {self.type(value) if kind == 'type' else value['expr']}")
            elif bounds := self.bounds(value):
                parts.append(f"{name}: {bounds}")
        return f"<{', '.join(parts)}>" if parts else ""

    def _argument(self, argument: Any) -> str:
        if argument == "infer":
            return "_"
        kind, value = kind_of(argument)
        if kind == "type":
            return self.type(value)
        return f"{{{value['expr']}}}" if kind == "const" else str(value)

    def bounds(self, given: Iterable[Json]) -> str:
        """`A + B + 'a`, without those that no described crate has."""
        parts = []
        for bound in given:
            kind, value = kind_of(bound)
            if kind == "outlives":
                parts.append(value)
            elif kind == "trait_bound":
                try:
                    maybe = "?" if value["modifier"] == "maybe" else ""
                    parts.append(self.any_lifetime(value["generic_params"]) + maybe + self.path(value["trait"]))
                except Unknown:
                    continue
        return " + ".join(parts)

    def generics(self, given: Json, defaults: bool = False) -> tuple[str, str]:
        """The parameters of an item, and its where clause."""
        parameters = [text for parameter in given["params"] if (text := self._parameter(parameter, defaults))]
        conditions = []
        for predicate in given["where_predicates"]:
            kind, value = kind_of(predicate)
            if kind == "bound_predicate":
                bounds, of = self.bounds(value["bounds"]), self.type(value["type"])
                if bounds and "__Unknown" not in of:
                    conditions.append(f"{self.any_lifetime(value['generic_params'])}{of}: {bounds}")
            elif kind == "lifetime_predicate" and value["outlives"]:
                conditions.append(f"{value['lifetime']}: {' + '.join(value['outlives'])}")
        return f"<{', '.join(parameters)}>" if parameters else "", f" where {', '.join(conditions)}" if conditions else ""

    def _parameter(self, parameter: Json, defaults: bool) -> str:
        kind, value = kind_of(parameter["kind"])
        name: str = parameter["name"]
        if kind == "lifetime":
            return name + (f": {' + '.join(value['outlives'])}" if value["outlives"] else "")
        if kind == "const":
            default = f" = {{{value['default']}}}" if defaults and value["default"] else ""
            return f"const {name}: {self.type(value['type'])}{default}"
        if value["is_synthetic"]:  # an `impl Trait` argument, which stands there
            return ""
        bounds = self.bounds(value["bounds"])
        default = f" = {self.type(value['default'])}" if defaults and value["default"] else ""
        return ident(name) + (f": {bounds}" if bounds else "") + default
