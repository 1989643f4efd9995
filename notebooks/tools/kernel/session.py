"""A running kernel, spoken to directly: start, run a cell, complete, stop.

    python -m tools.kernel.session KERNEL

talks by lines of JSON, for tests in other languages. A request is `{"run": code}`, with `"interrupt_at": text` to interrupt
once the cell has printed that; `{"complete": code}`, at its end; or `{"processes": true}`, those that the kernel started.
"""

from __future__ import annotations

import contextlib
import json
import queue
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbformat.v4 import output_from_msg

from tools import lab
from tools.kernel import launch

DEP = ':dep lab-core = { path = "../lab-core", features = ["notebook"] }'
SET_UP = f"{DEP}\nuse lab_core::prelude::*;"  # the notebooks' set-up cell


COLOUR = re.compile("\x1b\\[[0-9;]*m")


@dataclass
class Answer:
    """What a cell gave back."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    error: str | None = None

    def text(self, stream: str) -> str:
        """Everything printed to one stream."""
        return "".join(o["text"] for o in self.outputs if o["output_type"] == "stream" and o["name"] == stream)

    def data(self, mime: str) -> Any:
        """The displayed value in one of its forms, or None."""
        return next((o["data"][mime] for o in self.outputs if mime in o.get("data", {})), None)


class Session:
    """One kernel, started as JupyterLab would start it, with `notebooks/` as its folder."""

    def __init__(self, kind: str, extra: tuple[str, ...] = (), log: Path | None = None, cwd: Path = lab.NOTEBOOKS) -> None:
        self.manager = KernelManager(kernel_name=kind)
        self.extra = extra
        self.cwd = cwd
        self.log = log
        self.patience = 0.005  # seconds to wait for a stream that trails behind its cell
        self.cancelled = False  # another thread may set this: the running cell is given up
        self.client: BlockingKernelClient

    def __enter__(self) -> Session:
        spec = self.manager.kernel_spec
        assert spec is not None
        spec.argv = [*spec.argv, *self.extra]
        with contextlib.ExitStack() as stack:
            streams: dict[str, Any] = {}
            if self.log is not None:
                self.log.parent.mkdir(parents=True, exist_ok=True)
                file = stack.enter_context(self.log.open("wb"))
                streams = {"stdout": file, "stderr": subprocess.STDOUT}
            self.manager.start_kernel(cwd=str(self.cwd), env=lab.jupyter_env(), **streams)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        try:
            self.client.wait_for_ready(timeout=120)
            # Subscribed for certain? Outputs sent before the subscription arrives are lost.
            while True:
                self.client.kernel_info()
                with contextlib.suppress(queue.Empty):
                    self.client.get_iopub_msg(timeout=0.2)
                    break
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, _type: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Ask the kernel to end, so that it removes its folder; insist after twenty seconds."""
        self.client.stop_channels()
        self.manager.shutdown_wait_time = 20.0
        self.manager.shutdown_kernel()

    def run(self, code: str, timeout: float | None = None, watch: Callable[[Answer], None] | None = None) -> Answer:
        """Run a cell and wait for its end and for everything that it printed; `watch` sees each output as it comes."""
        answer, start = Answer(), time.monotonic()
        request = self.client.execute(code, allow_stdin=False)
        for message in self._messages(request, timeout):
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind in {"stream", "execute_result", "display_data", "error"}:
                self._add(answer, message)
                if watch is not None:
                    watch(answer)
        reply = self._reply(request)
        answer.seconds = time.monotonic() - start
        failed = reply["content"]["status"] != "ok"
        # Streams pass through another thread of the kernel and may trail the end of the cell; a death's reason does.
        quiet = 0.3 if failed else self.patience
        until = time.monotonic() + (5.0 if failed and not answer.text("stderr") else 0.0)
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=quiet)
            except queue.Empty:
                if time.monotonic() >= until or answer.text("stderr"):
                    break
                continue
            if message["header"]["msg_type"] in {"stream", "error"}:
                self._add(answer, message)
        if failed:
            errors = [o for o in answer.outputs if o["output_type"] == "error"]
            told = "\n".join("\n".join([o["evalue"], *o["traceback"]] if len(o["traceback"]) > 1 else [o["evalue"]]) for o in errors)
            answer.error = COLOUR.sub("", told) or "the kernel reported an error without a message"
        return answer

    def complete(self, code: str) -> list[str]:
        """The completions that the kernel offers at the end of `code`."""
        reply = self.client.complete(code, len(code), reply=True, timeout=120)
        return list(reply["content"].get("matches", []))

    def _messages(self, request: str, timeout: float | None) -> Iterator[dict[str, Any]]:
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            if self.cancelled:
                raise KeyboardInterrupt
            try:
                message = self.client.get_iopub_msg(timeout=1.0)
            except queue.Empty:
                if not self.client.is_alive():
                    raise RuntimeError("the kernel died") from None
                if deadline is not None and time.monotonic() > deadline:
                    raise TimeoutError(f"no answer in {timeout:.0f} s") from None
                continue
            if message["parent_header"].get("msg_id") == request:
                yield message

    def _reply(self, request: str) -> dict[str, Any]:
        while True:
            reply = self.client.get_shell_msg(timeout=30)
            if reply["parent_header"].get("msg_id") == request:
                return dict(reply)

    @staticmethod
    def _add(answer: Answer, message: dict[str, Any]) -> None:
        output = dict(output_from_msg(message))
        previous = answer.outputs[-1] if answer.outputs else None
        if output["output_type"] == "stream" and previous and previous.get("name") == output["name"]:
            previous["text"] += output["text"]
        else:
            answer.outputs.append(output)


def main() -> None:
    """Answer each line of standard input with a line on standard output."""
    with Session(sys.argv[1], log=lab.LAB / "logs" / "session.log") as session:
        session.patience = 0.3
        for line in sys.stdin:
            request: dict[str, Any] = json.loads(line)
            answer: Any
            if "run" in request:
                awaited: list[str] = [request["interrupt_at"]] if "interrupt_at" in request else []

                def watch(so_far: Answer, awaited: list[str] = awaited) -> None:
                    if awaited and awaited[0] in so_far.text("stdout"):
                        awaited.clear()
                        session.manager.interrupt_kernel()

                answer = asdict(session.run(request["run"], watch=watch))
            elif "complete" in request:
                answer = session.complete(request["complete"])
            else:
                launcher = session.manager.provisioner
                answer = [name for _, name in launch.below(launcher.pid)] if launcher else []  # type: ignore[attr-defined]
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
