"""Interrupts cost nothing where the code looks for them, and say what they cost where it does not; progress is one line."""

from __future__ import annotations

import threading
import time
import unittest

import psutil

from session import Session
from tools.kernel.facts import SET_UP

SWEEP = """\
let losses = run_seeds(0..100_000_000, |seed| {
    let p = GdParams { epochs: 20, seed: Seed::Portable(seed), gradient: Gradient::Analytic, ..Default::default() };
    Ok(gd_factorise(&x, &p)?.losses[20])
})?;"""
LOOPS = {
    "a sweep": SWEEP,
    "a descent": "let long = gd_factorise(&x, &GdParams { epochs: usize::MAX, ..Default::default() })?;",
    "a training": "let long = train_mlp(&iris(), None, &MlpParams { epochs: usize::MAX, ..Default::default() })?;",
    "a loop of one's own that looks": "loop { check_interrupt()?; }",
}
BEGUN = 'println!("begun");\n'
SLOW = "run_seeds(0..40, |seed| { std::thread::sleep(std::time::Duration::from_millis(60)); Ok(seed) })?.len()"


def interrupt_the_compiler(kernel: Session) -> None:
    """Interrupt as soon as a compiler runs below the kernel."""
    end = time.monotonic() + 60
    while not any(_name(process) == "rustc" for process in kernel.processes()):
        assert time.monotonic() < end, "no compiler ran"
        time.sleep(0.01)
    kernel.manager.interrupt_kernel()


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except psutil.Error:
        return ""


class Interrupts(unittest.TestCase):
    kernel: Session

    @classmethod
    def setUpClass(cls) -> None:
        cls.kernel = cls.enterClassContext(Session())
        assert cls.kernel.run(SET_UP).error is None
        assert cls.kernel.run("let x = iris().scaled(Scale::Centre)?.x;").error is None

    def variables_answer(self) -> None:
        self.assertEqual(self.kernel.run("x.dim()").data("text/plain"), "(150, 4)")

    def test_loops_of_lab_core_end_at_once_and_variables_stay(self) -> None:
        for name, code in LOOPS.items():
            with self.subTest(name):
                answer = self.kernel.run(BEGUN + code, interrupt_at=["begun"])
                self.assertEqual((answer.reply["status"], answer.reply["ename"]), ("error", "Interrupted"), answer)
                self.assertIn("variables stay", str(answer.error))
                self.assertLess(answer.stopped_after, 1.0)
        self.variables_answer()

    def test_a_compilation_is_stopped(self) -> None:
        thread = threading.Thread(target=interrupt_the_compiler, args=[self.kernel])
        thread.start()
        answer = self.kernel.run(BEGUN + "x.nrows()")
        thread.join()
        self.assertEqual((answer.reply["status"], answer.reply["evalue"]), ("error", "the compilation was stopped"), answer)
        self.assertNotIn("begun", answer.text("stdout"))
        self.variables_answer()

    def test_progress_is_one_line_and_nothing_of_it_stays(self) -> None:
        answer = self.kernel.run(f'println!("before");\n{SLOW}')
        self.assertGreaterEqual(answer.messages.count("stream"), 3, "progress was shown")
        self.assertEqual(answer.messages.count("clear_output"), 1)
        self.assertEqual((answer.text("stdout"), answer.text("stderr")), ("before\n", ""))
        self.assertEqual(answer.data("text/plain"), "40")

    def test_what_does_not_look_ends_at_the_second_interrupt_which_says_what_is_lost(self) -> None:
        processes = len(self.kernel.processes())
        answer = self.kernel.run(BEGUN + "loop {}", interrupt_at=["begun", "interrupt again"])
        self.assertEqual((answer.reply["status"], answer.reply["ename"]), ("error", "Interrupted"), answer)
        self.assertIn("variables are lost", str(answer.error))
        self.assertLess(answer.stopped_after, 2.0)
        self.assertIsNotNone(self.kernel.run("x.dim()").error)
        self.assertIsNone(self.kernel.run("let x = iris().scaled(Scale::Centre)?.x;").error, "`use` stays")
        self.variables_answer()
        self.assertEqual(len(self.kernel.processes()), processes)


if __name__ == "__main__":
    unittest.main()
