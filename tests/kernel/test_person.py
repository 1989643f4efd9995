"""What a person meets who works in a notebook: mistakes, output, completion, two notebooks, a crate of theirs, an edit of lab-core."""

from __future__ import annotations

import json
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from session import Session
from tools.kernel.facts import SET_UP


class Person(unittest.TestCase):
    def test_a_mistake_explains_itself_and_costs_no_variable(self) -> None:
        with Session() as kernel:
            self.assertIsNone(kernel.run(SET_UP).error)
            first = kernel.run('df!["rank" => [1, 2]]?')
            self.assertIsNotNone(first.data("text/html"), "the first value with a `?` is displayed as well as the next")
            begun = kernel.run("let x = iris().scaled(Scale::Centre)?.x;\nlet fit = gd_factorise(&x, &GdParams::default())?;")
            self.assertEqual((begun.error, begun.outputs), (None, []))
            self.assertIsNone(kernel.run("use std::collections::{BTreeMap, HashMap};").error)
            self.assertTrue(any(name.startswith("truncated_svd") for name in kernel.complete("lab_core::truncated_s")))
            self.assertTrue(any(name.startswith("losses") for name in kernel.complete("fit.los")))
            of_std = "let names = HashMap::from([(1, 'a')]);\nlet upper = names.iter().map(|(k, v)| (*k, v.len_utf8())).collect::<BTreeMap<_, _>>();"
            self.assertIsNone(kernel.run(of_std).error, "a type that goes through the crates below std")

            mistakes = [  # cell, the error's name, how its text begins
                ("let never = gd_factorise(&x, &GdParams { rank: 9, ..Default::default() })?;", "Error", "rank must be between 1 and 4"),
                ("let never = gd_factorise(&x, &GdParams { lr: 5.0, ..Default::default() })?;", "Error", "diverged at epoch"),
                ("truncated_svd(&x, 9)", "Error", "rank must be between 1 and 4"),
                ("let a = 1;\nlet never = vec![a][fit.u.nrows()];", "Panic", "index out of bounds"),
                ("print!(\"begun\"); None::<i32>.unwrap()", "Panic", "called `Option::unwrap()` on a `None`"),
                ("std::thread::spawn(|| panic!(\"inside\")).join().unwrap();", "Panic", "called `Result::unwrap()` on an `Err`"),
                ("let never: i32 = \"seven\";", "CompileError", "mismatched types"),
                (":dep no-such-crate-by-any-name = { path = \"/nowhere\" }", "CompileError", ""),
            ]
            for code, name, begins in mistakes:
                with self.subTest(code):
                    answer = kernel.run(code)
                    self.assertEqual((answer.reply["status"], answer.reply["ename"]), ("error", name), answer)
                    self.assertTrue(answer.reply["evalue"].startswith(begins), answer.reply["evalue"])
                    self.assertEqual(answer.messages.count("error"), 1)
            place = kernel.run("let a = 1;\nlet never = vec![a][fit.u.nrows()];").error
            self.assertIn("in line 2 of the cell: let never = vec![a][fit.u.nrows()];", str(place))
            self.assertEqual(kernel.run("(x.nrows(), fit.v.ncols())").data("text/plain"), "(150, 2)")

            self.assertIsNone(kernel.run(':dep itoa = "1"').error)
            self.assertEqual(kernel.run("itoa::Buffer::new().format(x.nrows()).len()").data("text/plain"), "3")
            table = kernel.run('let frame: DataFrame = df!["rank" => [1, 2]]?;\nframe.head(Some(1))')
            self.assertIsNotNone(table.data("text/html"), table)

    def test_what_is_printed_arrives_as_it_was_printed(self) -> None:
        with Session() as kernel:
            printed = kernel.run('print!("a"); println!("b"); eprint!("c"); let error = 7; eprintln!("{}", error); eprintln!("{error}"); print!("d");')
            self.assertEqual((printed.text("stdout"), printed.text("stderr"), printed.error), ("ab\nd", "c7\n7\n", None))
            self.assertEqual(kernel.run('println!("no value")').outputs[1:], [], "`()` is not shown")
            caught = kernel.run('let caught: bool = std::panic::catch_unwind(|| panic!("a word")).is_err();\ncaught')
            self.assertEqual(caught.data("text/plain"), "true")
            self.assertRegex(caught.text("stderr"), r"^panicked: a word \(.*\)\n$")
            ended = kernel.run('println!("last words"); std::process::exit(3);')
            self.assertEqual((ended.reply["ename"], ended.text("stdout")), ("ProcessEnded", "last words\n"))
            self.assertIn("exit status: 3", ended.reply["evalue"])
            self.assertIn("variables are lost", str(ended.error))
            self.assertEqual(kernel.run("let v = vec![1]; v[v.len()]").reply["ename"], "Panic", "the new process tells, too")
            self.assertIsNone(kernel.run(":clear").error)
            self.assertEqual(kernel.run('let n: i32 = "x".parse()?;').reply["ename"], "Error", "a cleared kernel tells, too")

    def test_two_kernels_at_once_both_finish_and_both_are_right(self) -> None:
        def work(rank: int) -> str:
            with Session() as kernel:
                kernel.run(SET_UP)
                kernel.run(f"let svd = truncated_svd(&iris().x, {rank})?;")
                return str(kernel.run("(svd.s.len(), svd.reconstruct().dim())").data("text/plain"))

        with ThreadPoolExecutor(2) as pool:
            self.assertEqual(list(pool.map(work, [1, 3])), ["(1, (150, 4))", "(3, (150, 4))"])

    def test_an_edit_of_a_crate_is_picked_up_by_its_dep_and_variables_stay(self) -> None:
        crate = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (crate / "src").mkdir()
        (crate / "Cargo.toml").write_text('[package]\nname = "own"\nversion = "0.1.0"\nedition = "2024"\n', encoding="utf-8")
        library = crate / "src" / "lib.rs"
        library.write_text("/// Seven.\npub fn seven() -> u32 { 7 }\n", encoding="utf-8")
        dep = f":dep own = {{ path = {json.dumps(str(crate))} }}"
        with Session() as kernel:
            self.assertIsNone(kernel.run(dep).error)
            self.assertEqual(kernel.run("let n = own::seven();\nn").data("text/plain"), "7")
            library.write_text(library.read_text() + "/// Added by a test.\npub fn added() -> u32 { 41 + 1 }\n")
            self.assertIsNone(kernel.run(dep).error)
            self.assertEqual(kernel.run("(n, own::added())").data("text/plain"), "(7, 42)")


if __name__ == "__main__":
    unittest.main()
