"""Builds lab-core and its dependencies in the folder that kernels start from: `python -m tools.setup.warm KIND`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from tools import lab
from tools.kernel.evcxr import Evcxr, Message
from tools.kernel.facts import SET_UP

# The second cell has a variable whose type nobody can tell: evcxr then checks the cell, for which cargo checks all crates once.
CELLS = (SET_UP, "let never = Scale::Centre.sevn();")


async def warm(kind: str, cells: Sequence[str] = CELLS) -> None:
    """Run the cells in the warm folder; the first must succeed."""
    evcxr = Evcxr(kind, "warm")
    errors: list[Message] = []
    try:
        await evcxr.start(cwd=lab.NOTEBOOKS)
        for number, cell in enumerate(cells):
            errors.clear()
            await evcxr.run(cell, lambda message: errors.append(message) if message["msg_type"] == "error" else None)
            if number == 0 and errors:
                sys.exit("\n".join(errors[0]["content"]["traceback"]))
    finally:
        await evcxr.stop()


if __name__ == "__main__":
    asyncio.run(warm(sys.argv[1]))
