"""The kernel that Jupyter sees: ipykernel's base class answers the protocol, evcxr runs the cells."""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from typing import Any

from ipykernel._version import kernel_protocol_version
from ipykernel.kernelbase import Kernel

from tools import lab
from tools.kernel import deps, spare, syntax
from tools.kernel.cell import LOST, Cell, Failure
from tools.kernel.evcxr import PATIENCE, Ended, Evcxr
from tools.kernel.facts import FIRST_CELL
from tools.kernel.history import History
from tools.kernel.kept import Kept

RUSTC = (lab.output_of(["rustc", "-V"]) or "rustc unknown").split()[1]


class RustKernel(Kernel):
    """Runs Rust by evcxr, and tells Jupyter how it went."""

    kind = "rust"  # how the crates behind a cell are built
    implementation = "lab"
    implementation_version = lab.EVCXR_VERSION
    banner = f"Rust {RUSTC}, by evcxr {lab.EVCXR_VERSION}"
    language_info = {
        "name": "rust",
        "version": RUSTC,
        "mimetype": "text/x-rustsrc",
        "file_extension": ".rs",
        "pygments_lexer": "rust",
        "codemirror_mode": "rust",
    }
    help_links = [{"text": "Rust's standard library", "url": "https://doc.rust-lang.org/std/"}]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.shell_handlers["comm_open"] = self.comm_open
        self.shell_handlers["comm_msg"] = self.shell_handlers["comm_close"] = self.ignore
        self.evcxr: Evcxr | None = None
        self.history = History()
        self._started: asyncio.Task[Evcxr] | None = None
        self._brought = False  # lab-core, by an earlier cell
        self._output = ""
        self._loop: asyncio.AbstractEventLoop

    def start(self) -> None:
        """Answer from now on; evcxr starts meanwhile."""
        super().start()
        signal.signal(signal.SIGINT, lambda _number, _frame: self.interrupt())
        self._loop = asyncio.get_event_loop()
        self._loop.create_task(self.ready())

    def pre_handler_hook(self) -> None:
        """The base class lets an interrupt raise an exception in the handler; here it goes to the cell."""

    def post_handler_hook(self) -> None:
        """See `pre_handler_hook`."""

    @property
    def kernel_info(self) -> dict[str, Any]:
        """The kernel's facts, without Python's features: to list those, the base class would load Python's debugger."""
        names = ("implementation", "implementation_version", "language_info", "banner", "help_links")
        return {"protocol_version": kernel_protocol_version, "supported_features": [], **{name: getattr(self, name) for name in names}}

    async def ready(self) -> Evcxr:
        """The evcxr that runs the cells, once it has started."""
        if self._started is None:
            self._started = asyncio.create_task(self._start())
        return await asyncio.shield(self._started)

    async def _start(self) -> Evcxr:
        self.evcxr = await spare.adopt(self.kind)
        if self.evcxr is None:
            self.evcxr = Evcxr(self.kind)
            await self.evcxr.start()
        if spare.wanted():
            self._loop.call_later(spare.LATER, self._replace)
        return self.evcxr

    def _replace(self) -> None:
        """Have the next spare made, once no cell has run for a while."""
        if self.evcxr is not None and self.evcxr.busy(within=spare.LATER):
            self._loop.call_later(spare.LATER, self._replace)
        else:
            spare.prepare(self.kind, os.getppid())

    async def do_execute(
        self, code: str, silent: bool, store_history: bool = True, user_expressions: object = None, allow_stdin: bool = False, **_: Any
    ) -> dict[str, Any]:
        """Run a cell."""
        failure = await self._run(code, silent, allow_stdin) if code.strip() else None
        if store_history and not silent:
            self.history.add(self.execution_count, code, self._output)
        if failure is None:
            return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}
        content = {"ename": failure.name, "evalue": failure.value, "traceback": failure.traceback}
        if not silent:
            self._publish("error", content, self.get_parent("shell"))
        return {"status": "error", "execution_count": self.execution_count, **content}

    async def _run(self, code: str, silent: bool, allow_stdin: bool) -> Failure | None:
        parent = self.get_parent("shell")
        self._output = ""

        def show(kind: str, content: dict[str, Any]) -> None:
            if not silent:
                self._publish(kind, content, parent)
                self._output += content.get("data", {}).get("text/plain", "")

        def read(request: dict[str, Any]) -> str:
            return str(self.getpass(request["prompt"]) if request.get("password") else self.raw_input(request["prompt"]))

        cell = Cell(show, self.execution_count, bool(syntax.value(code)))
        self._allow_stdin = allow_stdin
        brings = deps.LAB_CORE in code
        code, refusal = deps.serve(code, self.kind, self._brought)
        if refusal is not None:
            return refusal
        try:
            evcxr = await self.ready()
            status = await evcxr.run(code, cell.take, read if allow_stdin else None)
            kept, first = Kept(code), cell.errors
            while status != "ok" and (mended := kept.mend(await self._complaint(cell))) is not None:
                cell.errors = []
                status = await evcxr.run(mended, cell.take, read if allow_stdin else None)
            if status == "ok":
                cell.note(kept.remark())
            else:
                cell.errors = first if kept.owned or kept.gone else cell.errors
            until = time.monotonic() + PATIENCE
            while cell.waits() and time.monotonic() < until:
                await asyncio.sleep(0.005)
            failure = cell.finish(status, evcxr.interrupts, evcxr.source_line, code)
            self._brought |= brings and failure is None
            if cell.forgot_the_first_cell(failure, code):
                await evcxr.run(FIRST_CELL, lambda _message: None)
        except Ended:
            self._started, self._brought = None, False
            return Failure("KernelEnded", "evcxr ended", [f"evcxr ended; the next cell starts a new one. {LOST}"])
        return failure

    @staticmethod
    async def _complaint(cell: Cell) -> str:
        """Why evcxr refuses the cell; its words come by another channel than its status, and on a busy machine later."""
        until = time.monotonic() + PATIENCE
        while not cell.errors and time.monotonic() < until:
            await asyncio.sleep(0.005)
        return cell.complaint()

    def _publish(self, kind: str, content: dict[str, Any], parent: Any) -> None:
        """Send to all frontends."""
        if self.session is not None:
            self.session.send(self.iopub_socket, kind, content, parent=parent)

    def interrupt(self) -> None:
        """Stop the running cell. Any thread may call this."""
        if self.evcxr is not None:
            parent = self.get_parent("shell")
            self.evcxr.interrupt(lambda text: self._publish("stream", {"name": "stderr", "text": text}, parent))

    async def interrupt_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Jupyter's request to stop the running cell."""
        self.interrupt()
        if self.session is not None:
            self.session.send(stream, "interrupt_reply", {"status": "ok"}, parent, ident=ident)

    async def do_complete(self, code: str, cursor_pos: int) -> dict[str, Any]:
        """What could stand at the cursor."""
        reply = await self._ask("complete", code, cursor_pos)
        if reply.get("status") != "ok":
            return {"status": "ok", "matches": [], "cursor_start": cursor_pos, "cursor_end": cursor_pos, "metadata": {}}
        reply["matches"] = list(dict.fromkeys(reply["matches"]))
        return reply

    async def do_inspect(self, code: str, cursor_pos: int, detail_level: int = 0, omit_sections: object = ()) -> dict[str, Any]:
        """The documentation of the name at the cursor."""
        reply = await self._ask("inspect", code, syntax.word_end(code, cursor_pos))
        return reply if reply.get("status") == "ok" else {"status": "ok", "found": False, "data": {}, "metadata": {}}

    async def _ask(self, kind: str, code: str, cursor: int) -> dict[str, Any]:
        with contextlib.suppress(Ended):
            return await (await self.ready()).ask(kind, code, cursor)
        return {}

    async def do_is_complete(self, code: str) -> dict[str, Any]:
        """Whether Enter runs the cell or begins a new line of it."""
        status = syntax.is_complete(code)
        return {"status": status, "indent": syntax.indent(code)} if status == "incomplete" else {"status": status}

    async def do_history(
        self, hist_access_type: str, output: bool, raw: bool, session: int = 0, start: int = 0, stop: int | None = None,
        n: int | None = None, pattern: str = "*", unique: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        """Cells that were run before."""
        if hist_access_type == "tail":
            rows = self.history.tail(n or 100)
        elif hist_access_type == "range":
            rows = self.history.range(session or 0, start or 0, stop)
        else:
            rows = self.history.search(pattern or "*", n, unique)
        return {"status": "ok", "history": [(s, line, (code, shown) if output else code) for s, line, code, shown in rows]}

    async def do_shutdown(self, restart: bool) -> dict[str, Any]:
        """End evcxr before this process ends."""
        if self.evcxr is not None:  # evcxr belongs to the loop of another thread: this one serves the control channel
            stopped = asyncio.run_coroutine_threadsafe(self.evcxr.stop(), self._loop)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.wrap_future(stopped), 2 * PATIENCE)
        return {"status": "ok", "restart": restart}

    def comm_open(self, stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        """Close a comm that a frontend opens: this kernel uses none."""
        content = {"comm_id": parent["content"].get("comm_id"), "data": {}}
        self._publish("comm_close", content, parent)

    def ignore(self, stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        """Nothing to do."""
