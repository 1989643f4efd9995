"""Interrupts cost nothing where the code looks for them, and say what they cost where it does not; progress is one line."""

from __future__ import annotations

import threading
import time
import unittest

from session import Answer, Session
from tools.kernel.facts import SET_UP

SWEEP = """\
let losses = run_seeds(0..100_000_000, |seed| {
    let p = GdParams { epochs: 20, seed: Seed::Portable(seed), gradient: Gradient::Analytic, ..Default::default() };
    Ok(gd_factorise(&x, &p)?.losses[20])
})?;"""
ENDLESS = 'println!("started");\nloop { std::thread::sleep(std::time::Duration::from_millis(10)); }'


def interrupted_after(kernel: Session, code: str, seconds: float, times: int = 1) -> tuple[Answer, float]:
    """Run a cell, interrupt it some times, three seconds apart; returns its answer, and how long that took from the last interrupt."""
    asked = [0.0]

    def ask() -> None:
        time.sleep(seconds)
        for number in range(times):
            time.sleep(3.0 if number else 0.0)
            asked[0] = time.monotonic()
            kernel.manager.interrupt_kernel()

    thread = threading.Thread(target=ask)
    thread.start()
    answer = kernel.run(code)
    took = time.monotonic() - asked[0]
    thread.join()
    return answer, took


class Interrupts(unittest.TestCase):
    def test_loops_of_lab_core_end_at_once_and_variables_stay(self) -> None:
        with Session() as kernel:
            kernel.run(SET_UP)
            self.assertIsNone(kernel.run("let x = iris().scaled(Scale::Centre)?.x;").error)
            loops = {
                "a sweep": SWEEP,
                "a descent": "let long = gd_factorise(&x, &GdParams { epochs: usize::MAX, ..Default::default() })?;",
                "a training": "let long = train_mlp(&iris(), None, &MlpParams { epochs: usize::MAX, ..Default::default() })?;",
                "a loop of one's own": "loop { check_interrupt()?; }",
            }
            for name, code in loops.items():
                with self.subTest(name):
                    answer, took = interrupted_after(kernel, code, 4.0)
                    self.assertEqual((answer.reply["status"], answer.reply["ename"]), ("error", "Interrupted"), answer)
                    self.assertIn("variables stay", str(answer.error))
                    self.assertLess(took, 1.0)
                    self.assertEqual(kernel.run("x.dim()").data("text/plain"), "(150, 4)")

            processes = len(kernel.processes())
            answer, _ = interrupted_after(kernel, "let stopped: i32 = include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/never\"));\n" * 2000, 0.3)
            self.assertEqual(answer.reply["status"], "error")
            self.assertEqual(kernel.run("x.dim()").data("text/plain"), "(150, 4)")

            answer, took = interrupted_after(kernel, ENDLESS, 4.0, times=2)
            self.assertEqual(answer.reply["ename"], "Interrupted", answer)
            self.assertIn("interrupt again", answer.text("stderr"))
            self.assertIn("variables are lost", str(answer.error))
            self.assertEqual(kernel.run("2 + 2").data("text/plain"), "4")
            self.assertEqual(len(kernel.processes()), processes)

    def test_progress_is_one_line_and_nothing_of_it_stays(self) -> None:
        with Session() as kernel:
            kernel.run(SET_UP)
            slow = 'run_seeds(0..40, |seed| { std::thread::sleep(std::time::Duration::from_millis(150)); Ok(seed) })?.len()'
            answer = kernel.run(f'println!("before");\n{slow}')
            self.assertGreaterEqual(answer.messages.count("stream"), 3, "progress was shown")
            self.assertEqual(answer.messages.count("clear_output"), 1)
            self.assertEqual(answer.text("stdout"), "before\n")
            self.assertEqual(answer.text("stderr"), "")
            self.assertEqual(answer.data("text/plain"), "40")


if __name__ == "__main__":
    unittest.main()
