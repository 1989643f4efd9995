"""Lets a cell run whose variables cannot be kept as they are: evcxr keeps no reference to another variable and no closure.

`let x = df.column("x")?.f64()?;` is what everybody writes, and evcxr refuses the whole cell. So such a variable becomes an
owned copy at the end of its cell (of a column: cheap, its numbers are shared); what has no owned form, such as an iterator or a
closure, may be used in its cell and is gone after it.
"""

from __future__ import annotations

import re

from tools.kernel import facts, syntax

SHOWN = "value_of_the_cell"
CLOSURE = re.compile(r"^[ \t]*let (?:mut )?(\w+) = (?:move )?\|", re.MULTILINE)


class Kept:
    """A cell's code, and what becomes of the variables that evcxr has refused so far."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.owned: list[str] = []
        self.gone: list[str] = []

    def mend(self, complaint: str) -> str | None:
        """Other code for a cell that evcxr refuses with these words, or None where nothing helps."""
        refused = facts.REFUSED_VARIABLE.search(complaint)
        if refused is not None and refused["name"] not in [*self.owned, *self.gone] and refused["why"] == facts.REFERENCE:
            self.owned.append(refused["name"])
        elif refused is not None and refused["name"] not in self.gone:
            self._let_go(refused["name"])
        elif refused is None and facts.ESCAPES in complaint and (closures := set(CLOSURE.findall(self.code)) - set(self.gone)):
            for name in sorted(closures):
                self._let_go(name)
        elif refused is None and self.owned:
            self._let_go(self.owned[-1])  # it has no owned form
        else:
            return None
        return self._with_endings()

    def remark(self) -> str:
        """What a person must know of the variables that are gone."""
        return "".join(
            f"`{name}` borrows from another variable or is a closure: it is gone after this cell (a boxed closure stays)\n" for name in self.gone
        )

    def _let_go(self, name: str) -> None:
        self.owned = [other for other in self.owned if other != name]
        self.gone.append(name)

    def _with_endings(self) -> str:
        """The code with statements before its value that end the borrowing. evcxr keeps no variable that is moved."""
        value = syntax.value(self.code)
        start = self.code.rfind(value) if value else len(self.code)
        before, after = self.code[:start], self.code[start:]
        owned = "".join(f"let {name} = {name}.to_owned();\n" for name in self.owned)
        gone = "".join(f"let {name} = Box::new(()); drop({name});\n" for name in self.gone)
        if value and any(re.search(rf"\b{name}\b", value) for name in self.gone):
            return f"{before}\n{owned}let {SHOWN} = {after};\n{gone}{SHOWN}"
        return f"{before}\n{owned}{gone}{after}"
