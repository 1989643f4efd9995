"""Spares: kernels that were started before anybody asked for them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import psutil

from session import Session
from tools import lab
from tools.kernel import spare
from tools.kernel.facts import SET_UP
from tools.kernel.process import folder_of

PLACE = folder_of("rust") / "spares"
OWNER = """
import time
from session import Session
with Session() as kernel:
    kernel.run("1")
    time.sleep(600)
"""


def within(seconds: float, what: str, look: object) -> object:
    """What `look` finds at last."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():  # type: ignore[operator]
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {seconds:.0f} s")


def ready() -> dict[str, object]:
    """The spare that waits for a kernel."""

    def look() -> object:
        for path in PLACE.glob("*.ready"):
            return json.loads(path.read_text(encoding="utf-8"))
        return None

    return within(240, "a spare", look)  # type: ignore[return-value]


def name_of(kernel: Session) -> str:
    """The folder that a kernel's cells are built in."""
    return Path(json.loads(kernel.run('std::env::var("LAB_INTERRUPT")?').data("text/plain"))).parent.name


def running(name: object) -> list[psutil.Process]:
    """The processes that name a kernel's folder."""
    return [process for process in psutil.process_iter() if str(name) in " ".join(_command(process))]


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


@unittest.skipIf(os.name == "nt", "spares need file locks")
class Spare(unittest.TestCase):
    def test_a_kernel_begins_where_the_spare_left_off_without_its_names(self) -> None:
        with patch.dict(os.environ, {"LAB_SPARE": "1"}), Session() as first:
            self.assertIsNone(first.run("let x = 1;").error)
            waiting = ready()
            self.assertNotEqual(name_of(first), waiting["name"])
            self.assertTrue(running(waiting["name"]))

            self.only_what_fits_is_adopted(first)
            with Session() as second:
                self.assertEqual(name_of(second), waiting["name"])
                self.assertIn("iris", str(second.run("iris().x.nrows()").error), "no import of the spare's")
                self.assertIn("flowers", str(second.run("flowers.x.nrows()").error), "no variable of the spare's")
                self.assertIsNone(second.run(SET_UP).error)
                self.assertEqual(second.run("iris().x.nrows()").data("text/plain"), "150")
                self.assertEqual(second.run("None::<i32>.unwrap()").reply["ename"], "Panic")
                following = ready()  # which the second kernel has had made
            within(30, "the end of an adopted spare", lambda: not running(waiting["name"]))
            self.assertNotEqual(following["name"], waiting["name"])
            first.manager.restart_kernel(now=True)
            first.client.wait_for_ready(timeout=120)
            self.assertEqual(name_of(first), following["name"], "a restart takes the spare")

    def only_what_fits_is_adopted(self, like: Session) -> None:
        """The spare that is ready is for kernels like this one, and for no others."""
        environment = psutil.Process(like.manager.provisioner.pid).environ()  # type: ignore[union-attr]
        elsewhere = [lab.ROOT / "README.md", *spare.INPUTS]
        with contextlib.chdir(lab.NOTEBOOKS), patch.dict(os.environ, environment, clear=True):
            self.assertTrue((PLACE / f"{spare.key_of('rust')}.ready").is_file())
            with patch.dict(os.environ, {"LAB_SPARE": "0"}):
                self.assertIsNone(asyncio.run(spare.adopt("rust")), "turned off")
            with patch.dict(os.environ, {"OF_A_CELL": "1"}):
                self.assertIsNone(asyncio.run(spare.adopt("rust")), "another environment")
            with contextlib.chdir(lab.ROOT):
                self.assertIsNone(asyncio.run(spare.adopt("rust")), "another folder")
            with patch.object(spare, "INPUTS", elsewhere):
                self.assertIsNone(asyncio.run(spare.adopt("rust")), "other sources")

    def test_it_is_of_use_within_bounds(self) -> None:
        me, key, now = psutil.Process(), spare.key_of("rust"), time.monotonic()
        self.assertTrue(spare.of_use("rust", key, me.pid, me, now))
        self.assertFalse(spare.of_use("rust", "of other sources", me.pid, me, now))
        self.assertFalse(spare.of_use("rust", key, me.pid, me, now - spare.LIFE), "too old")
        with patch.object(spare, "LARGEST", 1 << 20):
            self.assertFalse(spare.of_use("rust", key, me.pid, me, now), "too large")
            with patch.object(psutil, "virtual_memory", lambda: SimpleNamespace(available=1 << 20)), patch.object(subprocess, "Popen") as begun:
                spare.prepare("rust", me.pid)
            begun.assert_not_called()
        ended = subprocess.Popen([sys.executable, "-c", ""])
        owner = psutil.Process(ended.pid)
        ended.wait()
        self.assertFalse(spare.of_use("rust", key, me.pid, owner, now), "without its owner")

    def test_nothing_is_left_of_a_program_that_is_killed(self) -> None:
        with patch.dict(os.environ, {"LAB_SPARE": "1", "ONLY_HERE": "1"}):
            owner = subprocess.Popen([sys.executable, "-c", OWNER], cwd=Path(__file__).parent)
        try:
            waiting = ready()
        finally:
            below = psutil.Process(owner.pid).children(recursive=True)  # the kernel, with all of its own
            owner.kill()
            owner.wait()
        self.assertGreaterEqual(len(below), 4)
        within(60, "the end of the kernel", lambda: not any(process.is_running() for process in below))
        within(60, "the end of the spare", lambda: not running(waiting["name"]))
        within(60, "the end of its keeper", lambda: not running(f"tools.kernel.spare rust {owner.pid}"))
        self.assertFalse((folder_of("rust") / str(waiting["name"])).exists())


if __name__ == "__main__":
    unittest.main()
