"""Spares: kernels that were started before anybody asked for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import unittest
from pathlib import Path
from unittest.mock import patch

import psutil

from session import Session
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
    def test_a_kernel_begins_where_the_spare_left_off_and_with_nothing_in_it(self) -> None:
        with patch.dict(os.environ, {"LAB_SPARE": "1"}), Session() as first:
            self.assertIsNone(first.run("let x = 1;").error)
            spare = ready()
            self.assertNotEqual(name_of(first), spare["name"])
            self.assertTrue(running(spare["name"]))

            with patch.dict(os.environ, {"LAB_SPARE": "0"}), Session() as without:
                self.assertNotEqual(name_of(without), spare["name"], "LAB_SPARE=0")
            with patch.dict(os.environ, {"OF_A_CELL": "1"}):
                del os.environ["LAB_SPARE"]  # adopts one that fits, and has none made
                with Session() as other:
                    self.assertNotEqual(name_of(other), spare["name"], "another environment")

            with Session() as second:
                self.assertEqual(name_of(second), spare["name"])
                self.assertIn("iris", str(second.run("iris().x.nrows()").error), "what the spare ran is cleared")
                self.assertIsNone(second.run(SET_UP).error)
                self.assertEqual(second.run("iris().x.nrows()").data("text/plain"), "150")
                self.assertEqual(second.run("None::<i32>.unwrap()").reply["ename"], "Panic")
                following = ready()  # which the second kernel has had made
            within(30, "the end of an adopted spare", lambda: not running(spare["name"]))
            self.assertNotEqual(following["name"], spare["name"])
            first.manager.restart_kernel(now=True)
            first.client.wait_for_ready(timeout=120)
            self.assertEqual(name_of(first), following["name"], "a restart takes the spare")

    def test_a_spare_ends_with_the_program_that_it_was_made_for(self) -> None:
        with patch.dict(os.environ, {"LAB_SPARE": "1", "ONLY_HERE": "1"}):
            owner = subprocess.Popen([sys.executable, "-c", OWNER], cwd=Path(__file__).parent)
        try:
            spare = ready()
        finally:
            owner.kill()
            owner.wait()
        within(60, "the end of the spare", lambda: not running(spare["name"]))
        within(60, "the end of its keeper", lambda: not running("tools.kernel.spare"))
        self.assertFalse((folder_of("rust") / str(spare["name"])).exists())


if __name__ == "__main__":
    unittest.main()
