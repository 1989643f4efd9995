"""Whether a cell is complete, by the grammar of Rust; evcxr's own commands stand in lines of their own."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import tree_sitter_rust
from tree_sitter import Language, Node, Parser, Tree

COMMAND = re.compile(r"^[ \t]*(:[a-z_]\w*\b|!).*$", re.MULTILINE)
CLOSING = {"{": "}", "(": ")", "[": "]"}
# Ways in which a line that is not finished may go on, before and after its brackets are closed.
ONWARDS = ("", "x", " 0", " x {}", " {}", " x = 0", " x in 0 {}", " x() {}", " 0 {}", " struct X", " T> = 0", " => 0", '"', '"#', "'", "*/", " T", "\n", " x::x")
ENDINGS = ("", ";", " {}", " 0;", " => 0")


@cache
def parser() -> Parser:
    """The parser of Rust."""
    return Parser(Language(tree_sitter_rust.language()))


def parse(code: str) -> Tree:
    """The code as the body of a function, as evcxr compiles it: with statements, items and a last value."""
    inner = COMMAND.sub("", code)
    attributes = re.match(r"(\s*#!\[[^\]]*\])*", inner)
    head = attributes[0] if attributes else ""
    return parser().parse(f"{head} async fn cell() {{\n{inner[len(head) :]}\n}}".encode())


def unclosed(code: str) -> str | None:
    """What closes the brackets that are open at the end of the code, or None where one closes that was not open."""
    expected: list[str] = []
    waiting = [parser().parse(COMMAND.sub("", code).encode()).root_node]
    while waiting:
        node = waiting.pop()
        if node.child_count == 0 and not node.is_missing:
            if node.type in CLOSING:
                expected.append(CLOSING[node.type])
            elif node.type in CLOSING.values() and (not expected or expected.pop() != node.type):
                return None
        waiting.extend(reversed(node.children))
    return "".join(reversed(expected))


def is_complete(code: str) -> Literal["complete", "incomplete", "invalid"]:
    """Complete when it parses; incomplete when it could go on so that it parses; else invalid."""
    if not parse(code).root_node.has_error:
        return "complete"
    for onwards in ONWARDS:
        closing = unclosed(code + onwards)
        if closing is None:
            continue
        if any(not parse(code + onwards + closing + ending).root_node.has_error for ending in ENDINGS):
            return "incomplete"
    return "invalid"


def value(code: str) -> str:
    """The cell's last part if it is a value, which is shown, and not a statement or an item; else nothing."""
    function = parse(code).root_node.children[-1]
    body = function.child_by_field_name("body")
    parts = [node for node in body.named_children if not node.type.endswith("comment")] if body is not None else []
    return (parts[-1].text or b"").decode() if parts and not _is_statement(parts[-1]) else ""


def _is_statement(node: Node) -> bool:
    ends = node.children[-1].type if node.children else ""
    return node.type.endswith(("_declaration", "_item", "_definition")) or (node.type == "expression_statement" and ends == ";")


def indent(code: str) -> str:
    """How far the next line is indented."""
    return "    " * len((unclosed(code) or "").replace(" ", ""))


def word_end(code: str, cursor: int) -> int:
    """The end of the name that the cursor stands in."""
    rest = re.match(r"\w*", code[cursor:])
    return cursor + (rest.end() if rest else 0)
