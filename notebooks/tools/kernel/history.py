"""What was run in this session, for the keys that call earlier cells back. Kept in memory: it ends with the kernel."""

from __future__ import annotations

from fnmatch import fnmatchcase

Row = tuple[int, int, str, str]  # session, number of the cell, code, what it showed


class History:
    """The cells of this session, which is session 1."""

    def __init__(self) -> None:
        self.cells: list[Row] = []

    def add(self, line: int, code: str, output: str) -> None:
        """Note a cell and what it showed."""
        self.cells.append((1, line, code, output))

    def tail(self, count: int) -> list[Row]:
        """The last cells, oldest first."""
        return self.cells[-count:] if count > 0 else []

    def range(self, session: int, start: int, stop: int | None) -> list[Row]:
        """Cells by number, `stop` not included; session 0 is this one, and no other is kept."""
        here = self.cells if session in {0, 1} else []
        return [row for row in here if start <= row[1] and (stop is None or row[1] < stop)]

    def search(self, pattern: str, count: int | None, unique: bool) -> list[Row]:
        """The last cells that match a pattern with `*` and `?`, oldest first; with `unique`, each code once."""
        found = [row for row in self.cells if fnmatchcase(row[2], pattern)]
        if unique:
            found = list({row[2]: row for row in found}.values())
        return found if count is None else found[-count:]
