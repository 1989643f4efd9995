"""Each fact of `tools/kernel/facts.py`, on the evcxr and the cargo that are installed: a failure here says what a new version broke."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import unittest
from pathlib import Path
from typing import Any
from unittest.mock import patch

from jupyter_client.connect import write_connection_file

from tools import lab
from tools.kernel import evcxr, facts
from tools.kernel.evcxr import Evcxr
from tools.kernel.process import evcxr_path, folder_of


class Facts(unittest.IsolatedAsyncioTestCase):
    """One evcxr, spoken to without the kernel around it."""

    async def asyncSetUp(self) -> None:
        self.evcxr = Evcxr("rust")
        await self.evcxr.start(cwd=lab.NOTEBOOKS)
        self.addAsyncCleanup(self.evcxr.stop)

    async def run_cell(self, code: str) -> tuple[str, list[dict[str, Any]]]:
        """Its status, and the contents of what it gave out."""
        taken: list[dict[str, Any]] = []
        status = await self.evcxr.run(code, lambda message: taken.append(message["content"]))
        await asyncio.sleep(0.3)  # for what trails behind
        return status, taken

    def printed(self, taken: list[dict[str, Any]], stream: str) -> str:
        """What it printed to one stream."""
        return "".join(content["text"] for content in taken if content.get("name") == stream)

    async def test_evcxr(self) -> None:
        with self.subTest("the version stands in the program"):
            program = evcxr_path()
            assert program is not None
            self.assertEqual(lab.evcxr_version(program), lab.EVCXR_VERSION)
        with self.subTest("the processes are called by its name"):
            await self.run_cell("1")
            others, cells = self.evcxr._processes()
            self.assertEqual((others, [process.name() for process in cells]), ([], [facts.PROGRAM]))
        with self.subTest("a panic is announced by println! and passes through the first cell's macro"):
            status, taken = await self.run_cell('let never: i32 = None.expect("a reason");')
            self.assertEqual((status, self.printed(taken, "stdout")), ("ok", f"{facts.MARK}panicked\n"))
            told = self.printed(taken, "stderr")
            self.assertRegex(told, rf"^{facts.MARK}panic {facts.CELL_FILE}:\d+\na reason\n{facts.MARK}end\n$")
            line = int(told.split(":")[2].split("\n")[0])
            self.assertEqual(self.evcxr.source_line(line), 'let never: i32 = None.expect("a reason");', "the cell lies in CELL_FILE")
        with self.subTest("an error from `?` is announced by println! and printed by eprintln!"):
            status, taken = await self.run_cell('"a".parse::<i32>()?;')
            self.assertEqual((status, self.printed(taken, "stdout")), ("ok", f"{facts.MARK}failed\n"))
            self.assertEqual(self.printed(taken, "stderr"), f"{facts.MARK}error\ninvalid digit found in string\n{facts.MARK}end\n")
        with self.subTest("what a cell is called in a message"):
            _, taken = await self.run_cell("let n: i32 = true;")
            self.assertRegex(str(taken), facts.CELL_NAME)
        with self.subTest("how it says that the process of the cells has ended"):
            status, taken = await self.run_cell("std::process::exit(3);")
            self.assertEqual(status, "error")
            self.assertIn(f"{facts.PROCESS_ENDED}exit status: 3", str(taken))
        with self.subTest("a cell is a crate of the name that the profile gives one unit"):
            self.assertIn('name = "ctx"', (self.evcxr.folder / "Cargo.toml").read_text(encoding="utf-8"))
            self.assertIn("[profile.dev.package.ctx]", facts.CELLS)
        with self.subTest("a cell is compiled without the store's code and the variables that it does not mention, which stay"):
            await self.run_cell("let (kept, other) = (vec![1.5], 2);")
            _, taken = await self.run_cell('println!("{other}");')
            compiled = (self.evcxr.folder / facts.CELL_FILE).read_text(encoding="utf-8")
            self.assertEqual((compiled.count("stringify!(kept)"), compiled.count("stringify!(other)")), (0, 3))
            self.assertEqual([compiled.count(f"cell_store::{name}(") for name in ("new", "get", "remove", "insert")], [1, 1, 1, 1])
            _, taken = await self.run_cell('println!("{kept:?} {other}");')
            self.assertEqual(self.printed(taken, "stdout"), "[1.5] 2\n")
        with self.subTest("it makes cargo forget the versions before the first :dep, and the second cell brings them back"):
            self.assertIn("Cargo.lock", facts.SECOND_CELL)
            await self.run_cell(facts.SECOND_CELL)
            pinned = (self.evcxr.folder / "pinned.lock").read_text(encoding="utf-8")
            self.assertEqual((self.evcxr.folder / "Cargo.lock").read_text(encoding="utf-8"), pinned)

    async def test_a_port_that_is_taken_in_between_costs_another_try(self) -> None:
        begun: list[Path] = []

        def chosen(path: str) -> None:
            begun.append(Path(path))
            write_connection_file(path, shell_port=taken.getsockname()[1] if len(begun) == 1 else 0)

        taken = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        second = Evcxr("rust")
        with patch.object(evcxr, "write_connection_file", chosen):
            await second.start(cwd=lab.NOTEBOOKS)
        self.addAsyncCleanup(second.stop)
        self.assertEqual(len(begun), 2)
        self.assertTrue(second.alive())

    async def test_rustc_and_cargo_replace_what_is_linked(self) -> None:
        warm = folder_of("rust") / "warm" / "target"

        def linked() -> dict[str, tuple[int, float]]:
            files = (path for path in warm.rglob("*") if path.is_file() and facts.REPLACED.fullmatch(path.name))
            return {str(path): (path.stat().st_size, path.stat().st_mtime) for path in files}

        before = linked()
        self.assertTrue(before)
        await self.run_cell(facts.SET_UP)
        await self.run_cell("let n: i32 = true;")
        self.assertEqual(linked(), before, "a kernel that runs has changed what the next one starts from")

    async def test_a_first_mistake_compiles_no_crate(self) -> None:
        await self.run_cell(facts.SET_UP)

        def crates() -> set[str]:
            return {path.name for path in self.evcxr.folder.rglob("*.rmeta") if not path.name.startswith("libctx-")}

        before = crates()
        for mistake in ("let n: i32 = true;", "let n = Scale::Centre.sevn();"):  # evcxr compiles the one, and checks the other
            with self.subTest(mistake):
                status, _ = await self.run_cell(mistake)
                self.assertEqual(status, "error")
                self.assertEqual(crates(), before)

    def test_rustc_writes_metadata_into_a_section_that_can_be_taken_out(self) -> None:
        """The light copy of the prebuilt library (`tools/setup`) is made of it."""
        linked = lab.LAB / "prebuilt" / "linked"
        if not (linked / "libprebuilt.so").is_file():
            self.skipTest("no prebuilt library on this system")
        sections = subprocess.run(["objdump", "-h", str(linked / "libprebuilt.so")], capture_output=True, text=True, check=True).stdout
        self.assertIn(".rustc", sections)


if __name__ == "__main__":
    unittest.main()
