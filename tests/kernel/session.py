"""A kernel as a notebook starts it, for tests and benchmarks: run a cell, interrupt it, complete, count processes."""

# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbformat.v4 import output_from_msg

from tools import lab

COLOUR = re.compile("\x1b\\[[0-9;]*m")


@dataclass
class Answer:
    """What a cell gave back."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)  # the types of all messages, in order
    reply: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    interrupted: float = 0.0  # the clock at the last interrupt
    stopped_after: float = 0.0  # seconds from there to the end

    def text(self, stream: str) -> str:
        """Everything printed to one stream."""
        return "".join(o["text"] for o in self.outputs if o["output_type"] == "stream" and o["name"] == stream)

    def data(self, mime: str) -> Any:
        """The displayed value in one of its forms, or None."""
        return next((o["data"][mime] for o in self.outputs if mime in o.get("data", {})), None)

    @property
    def error(self) -> str | None:
        """The error that the reply states, without colours, or None."""
        if self.reply["status"] == "ok":
            return None
        return COLOUR.sub("", "\n".join(self.reply["traceback"]))


class Session:
    """One kernel, with `notebooks/` as its folder."""

    def __init__(self, kind: str = "rust", cwd: Path = lab.NOTEBOOKS) -> None:
        self.manager = KernelManager(kernel_name=kind)
        self.cwd = cwd
        self.client: BlockingKernelClient

    def __enter__(self) -> Session:
        self.manager.start_kernel(cwd=str(self.cwd), env=lab.jupyter_env())
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)
        return self

    def __exit__(self, _type: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None) -> None:
        self.client.stop_channels()
        self.manager.shutdown_wait_time = 20.0
        self.manager.shutdown_kernel()

    def run(self, code: str, interrupt_at: Sequence[str] = (), timeout: float = 300) -> Answer:
        """Run a cell to its end; interrupt it whenever it has printed the next of some texts."""
        answer, start = Answer(), time.monotonic()
        texts = list(interrupt_at)
        request = self.client.execute(code, allow_stdin=False)
        while True:
            message = self.client.get_iopub_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            answer.messages.append(kind)
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind == "clear_output":
                answer.outputs.clear()
            elif kind in {"stream", "execute_result", "display_data", "error"}:
                self._add(answer, dict(output_from_msg(message)))
                if texts and texts[0] in answer.text("stdout") + answer.text("stderr"):
                    del texts[0]
                    answer.interrupted = time.monotonic()
                    self.manager.interrupt_kernel()
        while answer.reply == {}:
            reply = self.client.get_shell_msg(timeout=30)
            if reply["parent_header"].get("msg_id") == request:
                answer.reply = reply["content"]
        end = time.monotonic()
        answer.seconds, answer.stopped_after = end - start, end - answer.interrupted
        return answer

    def complete(self, code: str) -> list[str]:
        """The completions that the kernel offers at the end of `code`."""
        return list(self.client.complete(code, len(code), reply=True, timeout=120)["content"]["matches"])

    def processes(self) -> list[psutil.Process]:
        """The kernel's process and all that it started."""
        kernel = psutil.Process(self.manager.provisioner.pid)  # type: ignore[union-attr]
        return [kernel, *kernel.children(recursive=True)]

    @staticmethod
    def _add(answer: Answer, output: dict[str, Any]) -> None:
        previous = answer.outputs[-1] if answer.outputs else None
        if output["output_type"] == "stream" and previous and previous.get("name") == output["name"]:
            previous["text"] += output["text"]
        else:
            answer.outputs.append(output)
