"""Jupyter's own tests of a kernel, with every kind of sample that they have for one like ours."""

from __future__ import annotations

import os
import unittest
from pathlib import Path
from typing import Any

import jupyter_kernel_test
from jupyter_client.manager import start_new_kernel

from tools.kernel.facts import SET_UP

CHART = 'Chart::new(Labels { title: "T", x: "x", y: "y", about: "Three points." }).line("a", [1.0, 2.0, 3.0], [1.0, 4.0, 9.0])'
jupyter_kernel_test.TIMEOUT = 120  # seconds: the first cells of a kernel compile more, on a busy machine


class Protocol(jupyter_kernel_test.KernelTests):
    kernel_name = "rust"
    language_name = "rust"
    file_extension = ".rs"
    code_hello_world = 'println!("hello, world");'
    code_stderr = 'eprintln!("oops");'
    completion_samples = [
        {"text": "truncated_sv", "matches": {"truncated_svd(a, rank)"}},
        {"text": ":vers", "matches": {":version"}},
        {"text": "let dimensions = iris().x.nro", "matches": {"nrows()"}},
    ]
    complete_code_samples = ["let x = 1;", "1 + 1", "fn f() -> u8 {\n    1\n}", ':dep itoa = "1"\nuse itoa::Buffer;', '"7".parse::<i32>()?', "", "// a remark"]
    incomplete_code_samples = ["fn f() {", "let x = ", "let x = 1", "vec![1,", 'println!("a', "/* a remark", "match 1 {", "iris().", "if true", "let v: Vec<"]
    invalid_code_samples = ["let x = 1 1;", ")", "let = 1;", "foo(]", "let x == 1;"]
    code_generate_error = "let nothing: Option<i32> = None;\nnothing.unwrap()"
    code_execute_result = [{"code": "6 * 7", "result": "42"}, {"code": "[1, 2].map(|n| n + 1)", "result": "[2, 3]"}, {"code": "6 * 7 + 1", "result": "43"}]
    code_display_data = [
        {"code": 'df!["n" => [1, 2]]', "mime": "text/html"},
        {"code": CHART, "mime": "application/vnd.plotly.v1+json"},
        {"code": CHART, "mime": "text/plain"},
        {"code": 'println!("EVCXR_BEGIN_CONTENT text/plain\\nhello\\nEVCXR_END_CONTENT");', "mime": "text/plain"},
    ]
    supported_history_operations = ("tail", "range", "search")  # type: ignore[assignment]
    code_history_pattern = "6 [*] 7"
    code_inspect_sample = "truncated_svd"
    # Not of Rust: pages are deprecated, and what clears a cell's output is progress, which `test_interrupts` has.
    test_pager = test_clear_output = None  # type: ignore[assignment]

    @classmethod
    def setUpClass(cls) -> None:
        notebooks = Path(__file__).parents[2] / "notebooks"
        cls.km, cls.kc = start_new_kernel(kernel_name=cls.kernel_name, cwd=str(notebooks), startup_timeout=120, env=os.environ.copy())
        reply: dict[str, Any] = cls.kc.execute_interactive(SET_UP, timeout=120)
        assert reply["content"]["status"] == "ok", reply["content"]


if __name__ == "__main__":
    unittest.main()
