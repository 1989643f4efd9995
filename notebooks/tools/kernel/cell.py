"""What a cell gives back: sorts evcxr's messages into output, progress and the reason of a failure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tools.kernel import facts

Show = Callable[[str, dict[str, Any]], None]  # sends a message of that type and content to the frontend

COLOUR = re.compile("\x1b\\[[0-9;]*m")
GREY = re.compile(r"\x1b\[38;5;24[069]m(.*?)\x1b\[0m")  # around every letter of the code; too pale on a light page
RED, PLAIN = "\x1b[1;31m", "\x1b[0m"
PLOTLY = "application/vnd.plotly.v1+json"
LOST = "All variables are lost; functions, types and `use` stay. Run the cells again that make the variables you need."


@dataclass
class Failure:
    """Why a cell failed, as Jupyter states it."""

    name: str
    value: str
    traceback: list[str]


@dataclass
class Told:
    """A panic's message and place, or an error's text, as the first cell's macros and hook tell it."""

    kind: str
    place: str
    text: str = ""

    def __str__(self) -> str:
        return f"panicked: {self.text} ({self.place})" if self.kind == "panic" else self.text


def with_defaults(data: dict[str, Any]) -> dict[str, Any]:
    """A plot that evcxr shows by plotly's own method, with the settings and text that lab-core gives one in a list."""
    plot = data[PLOTLY] if isinstance(data[PLOTLY], dict) else json.loads(data[PLOTLY])
    plot["config"] = {"responsive": True, "displaylogo": False, **{k: v for k, v in (plot.get("config") or {}).items() if v is not None}}
    title = (plot.get("layout") or {}).get("title") or {}
    name = title if isinstance(title, str) else title.get("text") or "plotly chart"
    count = len(plot.get("data") or [])
    return {PLOTLY: plot, "text/plain": f"{name} - {count} {'trace' if count == 1 else 'traces'}"}


class Cell:
    """Takes the messages of one cell, passes on what is to be seen, and says at the end why it failed."""

    def __init__(self, show: Show, count: int, ends_in_value: bool) -> None:
        self.show = show
        self.count = count
        self.ends_in_value = ends_in_value
        self.printed: list[tuple[str, str]] = []
        self.outcome = ""  # "panicked" or "failed": what evcxr announced
        self.told: list[Told] = []  # not shown yet: the last one is the reason of a failure, the others are output
        self.errors: list[dict[str, Any]] = []
        self.refused = ""  # the text of a displayed `Err`
        self._open: Told | None = None
        self._line = 0  # the width of the progress line that is on the screen

    def take(self, message: dict[str, Any]) -> None:
        """Take one message of evcxr."""
        content = message["content"]
        kind = message["msg_type"]
        if kind == "stream":
            for line in content["text"].removesuffix("\n").split("\n"):
                self._line_of(content["name"], line)
        elif kind == "error":
            self.errors.append(content)
        elif kind == "execute_result":
            self._value(content["data"])

    def complaint(self) -> str:
        """Why evcxr refuses the cell, in its words."""
        return "\n".join(str(error["evalue"]) for error in self.errors)

    def note(self, text: str) -> None:
        """Print something to the person who runs the cell."""
        if text:
            self._stream("stderr", text)

    def waits(self) -> bool:
        """Whether the reason of a failure is still on its way: it is printed to another stream than the announcement."""
        kind = {"panicked": "panic", "failed": "error"}.get(self.outcome)
        return kind is not None and not any(told.kind == kind for told in self.told)

    def finish(self, status: str, interrupts: int, source_line: Callable[[int], str], code: str) -> Failure | None:
        """Show what was held back; tidy up; the reason of the failure, if it is one."""
        kind = {"panicked": "panic", "failed": "error"}.get(self.outcome)
        reason = next((told for told in reversed(self.told) if told.kind == kind), None)
        self.told = [told for told in self.told if told is not reason]
        self._print("stderr", "")
        self._tidy()
        ended = any(str(error["evalue"]).find(facts.PROCESS_ENDED) >= 0 for error in self.errors)
        if ended:
            status_text = COLOUR.sub("", str(self.errors[-1]["evalue"])).split(facts.PROCESS_ENDED)[-1]
            why = "interrupted twice" if interrupts else f"the process that runs the cells ended ({status_text})"
            return failure("Interrupted" if interrupts else "ProcessEnded", why, [LOST])
        if interrupts and status != "ok":
            return failure("Interrupted", "the compilation was stopped", ["Nothing of this cell has run; all variables stay."])
        if reason is not None and reason.kind == "panic":
            return failure("Panic", reason.text, place(reason.place, source_line, code))
        if reason is not None:
            return failure("Interrupted" if interrupts else "Error", reason.text, ["All variables stay."] if interrupts else [])
        if self.outcome:
            return failure("Error" if self.outcome == "failed" else "Panic", "see above", [])
        if self.errors:
            return self._refusal()
        if status != "ok":
            return failure("Error", "the kernel gave no reason", [])
        return failure("Error", self.refused, []) if self.refused else None

    def _refusal(self) -> Failure:
        """Why the cell did not run: what the compiler says, or evcxr."""
        lines = [GREY.sub(r"\1", facts.CELL_NAME.sub("cell", line)) for error in self.errors for line in error["traceback"]]
        first = COLOUR.sub("", str(self.errors[0]["evalue"])).strip()
        if len(lines) == 1:
            return failure("Error", first, [])
        more = len(self.errors) - 1
        return Failure("CompileError", f"{first} (and {more} more)" if more else first, lines)

    def forgot_the_first_cell(self, failure: Failure | None, code: str) -> bool:
        """Whether the kernel's own first cell must run again: its process is new, or all was cleared."""
        return bool(failure and LOST in failure.traceback) or re.search(r"^\s*:(clear|restart)\b", code, re.MULTILINE) is not None

    def _line_of(self, stream: str, line: str) -> None:
        if self._open is not None and stream == "stderr":
            if line.endswith(f"{facts.MARK}end"):
                self.told.append(self._open)
                self._open = None
            else:
                self._open.text += ("\n" if self._open.text else "") + line
            return
        text, mark, rest = line.partition(facts.MARK)
        if not mark:
            self._progress(line[1:]) if stream == "stderr" and line.startswith("\r") else self._print(stream, f"{line}\n")
            return
        if text:
            self._print(stream, text)
        if rest in {"panicked", "failed"}:
            self.outcome = rest
        elif rest != "more":
            kind, _, where = rest.partition(" ")
            self._open = Told(kind, where)

    def _value(self, data: dict[str, Any]) -> None:
        """A value that the cell shows. A display in several forms is display data; what `{:?}` writes is the result."""
        if set(data) == {PLOTLY}:
            data = with_defaults(data)
        if data == {"text/plain": ""}:  # what the shell command in `facts.after_dependencies` gives back
            return
        html = str(data.get("text/html", ""))
        if 'class="lab-error"' in html:  # a displayed `Err`, or a chart that cannot be drawn
            self.refused = str(data.get("text/plain", "")).removeprefix("Error: ")
        elif set(data) != {"text/plain"} or not self.ends_in_value:
            self._clear_before("display_data", {"data": data, "metadata": {}, "transient": {}})
        elif data["text/plain"] != "()":
            self._clear_before("execute_result", {"data": data, "metadata": {}, "execution_count": self.count})

    def _print(self, stream: str, text: str) -> None:
        if stream == "stderr" and self.told:
            for told in self.told:
                self._stream("stderr", f"{told}\n")
            self.told.clear()
        if text:
            self._stream(stream, text)

    def _stream(self, stream: str, text: str) -> None:
        self.printed.append((stream, text))
        if self._line:
            text = f"\r{' ' * self._line}\r{text}"
        self.show("stream", {"name": stream, "text": text})

    def _progress(self, line: str) -> None:
        """One line that changes in place: a carriage return, and blanks over what was longer."""
        self.show("stream", {"name": "stderr", "text": f"\r{line.ljust(self._line)}"})
        self._line = max(self._line, len(line))

    def _clear_before(self, kind: str, content: dict[str, Any]) -> None:
        self._tidy(more_follows=True)
        self.show(kind, content)

    def _tidy(self, more_follows: bool = False) -> None:
        """Take the progress line away: clear the cell's output, and show again what it printed."""
        if not self._line:
            return
        self._line = 0
        self.show("clear_output", {"wait": more_follows or bool(self.printed)})
        for stream in ("stdout", "stderr"):
            text = "".join(text for name, text in self.printed if name == stream)
            if text:
                self.show("stream", {"name": stream, "text": text})


def place(where: str, source_line: Callable[[int], str], code: str) -> list[str]:
    """Where a panic happened: the line of the cell, or the place in a crate."""
    file, _, line = where.rpartition(":")
    if file != facts.CELL_FILE:
        return [f"  at {where}"] if where else []
    text = source_line(int(line))
    numbers = [number for number, own in enumerate(code.splitlines(), 1) if own.strip() == text]
    if not text or not numbers:
        return []
    return [f"  in line {numbers[0]} of the cell: {text}" if len(numbers) == 1 else f"  in: {text}"]


def failure(name: str, value: str, more: list[str]) -> Failure:
    """A failure whose traceback begins with its name and value."""
    return Failure(name, value, [f"{RED}{name}{PLAIN}: {value}", *more])
