"""One running evcxr, spoken to as any Jupyter client would: start, run a cell, ask, interrupt, stop."""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import asyncio
import contextlib
import queue
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import write_connection_file

from tools import lab
from tools.kernel import facts
from tools.kernel.process import folder_of, interrupt_flag

Message = dict[str, Any]
TRAIL = 0.005  # seconds that the last printed lines may trail behind the end of their cell
PATIENCE = 5.0  # seconds for a message that must come
STARTS = 3  # how often a start is tried
LOOK = 0.05  # seconds between two looks for a compiler, once a cell is interrupted


class Ended(Exception):
    """evcxr itself has ended."""


class Evcxr:
    """One evcxr. `name` names its folder, a new one by default; all others are copied from the folder `warm`."""

    def __init__(self, kind: str, name: str = "") -> None:
        self.folder = folder_of(kind) / (name or f"run-{uuid.uuid4().hex[:12]}")
        self.connection = lab.LAB / "jupyter" / "runtime" / f"evcxr-{uuid.uuid4().hex}.json"
        self.client: AsyncKernelClient
        self.process: psutil.Process | None = None  # that of process.py: a `psutil.Popen`, unless another process started it
        self.interrupts = 0  # how many, during the cell that runs or ran last
        first = self.folder.parent / "init.evcxr"
        self._added = facts.AFTER_DEP if first.is_file() and first.stat().st_size else facts.AFTER_DEP[:1]  # a plain evcxr, for the bench
        self._request: str | None = None  # the cell that runs
        self._ran = 0.0  # when the last one ended
        self._take: Callable[[Message], None] = lambda _message: None
        self._idle = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None

    async def start(self, cwd: Path | None = None) -> None:
        """Start the process, and wait until it answers; once more with other ports, where one was taken before it bound it."""
        self.connection.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-P", "-m", "tools.kernel.process", str(self.folder), str(self.connection)]
        for left in reversed(range(STARTS)):
            write_connection_file(str(self.connection))
            process = psutil.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            try:
                await self.connect(self.connection, process)
                break
            except Ended:
                self._close()
                if not left:
                    raise

    async def connect(self, connection: Path, process: psutil.Process) -> None:
        """Connect to an evcxr that has been started, and wait until it answers."""
        self.connection, self.process = connection, process
        self.client = AsyncKernelClient(connection_file=str(connection))
        self.client.load_connection_file()
        self.client.start_channels(hb=False)
        # What evcxr publishes before our subscription has arrived is lost: ask until a published message comes.
        while True:
            self.client.kernel_info()
            with contextlib.suppress(queue.Empty):
                await self.client.get_iopub_msg(timeout=0.2)
                break
            self._check()
        self._reader = asyncio.create_task(self._read())

    async def run(self, code: str, take: Callable[[Message], None], read: Callable[[Message], str] | None = None) -> str:
        """Run a cell: `take` gets its messages, `read` answers its requests for input; returns the status of evcxr."""
        self.interrupts = 0
        interrupt_flag(self.folder).unlink(missing_ok=True)
        self._idle.clear()
        self._take = take
        self._request = self.client.execute(facts.after_dependencies(code, self._added), allow_stdin=read is not None, store_history=False)
        reader = asyncio.create_task(self._answer(read)) if read is not None else None
        try:
            reply = await self._reply(self._request)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), PATIENCE)
            await asyncio.sleep(TRAIL)
        finally:
            self._request, self._ran = None, time.monotonic()
            interrupt_flag(self.folder).unlink(missing_ok=True)
            if reader is not None:
                reader.cancel()
        return str(reply["content"]["status"])

    async def ask(self, kind: str, code: str, cursor: int) -> dict[str, Any]:
        """Ask for `complete` or `inspect` at a place of the code."""
        request = getattr(self.client, kind)(code, cursor)
        return dict((await self._reply(request))["content"])

    def interrupt(self, say: Callable[[str], None]) -> None:
        """Stop what the running cell does. Any thread may call this.

        The first interrupt ends compilers and shell commands, and asks lab-core's loops to end; `say` tells the person when
        neither helps. A second one ends the process that runs the cells.
        """
        request = self._request
        if request is None:
            return
        self.interrupts += 1
        interrupt_flag(self.folder).touch()
        if self.interrupts > 1:
            _kill(self._processes()[1])
            return

        def insist() -> None:
            told, start = False, time.monotonic()
            while self._request == request and self.interrupts == 1:
                others, cells = self._processes()
                _kill(others)
                if not (told or others) and time.monotonic() - start > 1.0 and any(process.is_running() for process in cells):
                    told = True
                    say("still running: interrupt again to end its process, which loses all variables\n")
                time.sleep(LOOK)

        threading.Thread(target=insist, daemon=True).start()

    def source_line(self, number: int) -> str:
        """A line of the cell as evcxr compiled it last."""
        try:
            return (self.folder / facts.CELL_FILE).read_text(encoding="utf-8").splitlines()[number - 1].strip()
        except (OSError, IndexError):
            return ""

    def busy(self, within: float) -> bool:
        """Whether a cell runs, or ended less than so many seconds ago."""
        return self._request is not None or time.monotonic() - self._ran < within

    def processes(self) -> int:
        """How many processes run for this kernel."""
        return sum(map(len, self._processes())) + 1

    def compilers(self) -> list[psutil.Process]:
        """The compilers and shell commands that run below it."""
        return self._processes()[0]

    def alive(self) -> bool:
        """Whether evcxr runs."""
        if isinstance(self.process, psutil.Popen):
            return self.process.poll() is None
        with contextlib.suppress(psutil.NoSuchProcess):
            return self.process is not None and self.process.status() != psutil.STATUS_ZOMBIE
        return False

    def release(self) -> int:
        """Disconnect, so that another process may connect; returns the id of the process that runs evcxr."""
        assert self.process is not None
        self._close()
        return int(self.process.pid)

    def end(self) -> None:
        """End it without asking it; it removes its folder."""
        if self.process is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                self.process.terminate()
            with contextlib.suppress(psutil.TimeoutExpired, subprocess.TimeoutExpired):
                self.process.wait(PATIENCE)

    async def stop(self) -> None:
        """End it, whatever it does; it removes its folder."""
        if self.process is None:
            return
        if self._request is not None:
            _kill(self._processes()[1])
        self.client.shutdown()
        if not await self._gone(2.0):
            self.process.terminate()
            if not await self._gone(PATIENCE):
                self.process.kill()
        self._close()

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
        self.client.stop_channels()

    async def _gone(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > until:
                return False
            await asyncio.sleep(0.02)
        return True

    async def _read(self) -> None:
        while True:
            with contextlib.suppress(queue.Empty):
                message = await self.client.get_iopub_msg(timeout=60)
                if message["msg_type"] != "status":
                    self._take(message)
                elif message["content"]["execution_state"] == "idle" and message["parent_header"].get("msg_id") == self._request:
                    self._idle.set()

    async def _answer(self, read: Callable[[Message], str]) -> None:
        while True:
            with contextlib.suppress(queue.Empty):
                message = await self.client.get_stdin_msg(timeout=60)
                self.client.input(read(message["content"]))

    async def _reply(self, request: str) -> Message:
        while True:
            try:
                reply = await self.client.get_shell_msg(timeout=1.0)
            except queue.Empty:
                self._check()
                continue
            if reply["parent_header"].get("msg_id") == request:
                return dict(reply)

    def _check(self) -> None:
        if not self.alive():
            raise Ended

    def _processes(self) -> tuple[list[psutil.Process], list[psutil.Process]]:
        """The processes below evcxr: compilers and shell commands; and the one that runs cells, with its children."""
        others: list[psutil.Process] = []
        cells: list[psutil.Process] = []
        with contextlib.suppress(psutil.Error):
            below = psutil.Process(self.process.pid).children() if self.process else []
            for evcxr in (process for process in below if process.name() == facts.PROGRAM):
                for process in evcxr.children():
                    found = [process, *process.children(recursive=True)]
                    (cells if process.name() == facts.PROGRAM else others).extend(found)
        return others, cells


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
