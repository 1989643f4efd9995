"""Times the kernels beside a plain set-up, in the same run: `make bench-kernel`.

The plain set-up is what a notebook has without this repository's tools: evcxr as it comes, and one `:dep` each for lab-core,
Polars with the features that the kernel's own has, plotly and ndarray, all built from source; the crates unoptimised, which
shortens their first build. That build is kept, and brought up to date before anything is timed.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import time
import tomllib
from pathlib import Path

from tools import lab
from tools.kernel import process, spare
from tools.kernel.facts import SET_UP
from tools.setup import prebuilt
from tools.setup.warm import warm

sys.path.insert(0, str(lab.ROOT / "tests" / "kernel"))
from session import Session

ROUNDS = 5  # medians of so many cells
# What the kernel "rust" may take: a share of the plain set-up's time, and seconds.
AT_MOST = {
    "start to first chart": (0.20, math.inf),
    "start to first chart, with a spare": (0.06, math.inf),
    "first compile error": (math.inf, 2.0),
    **dict.fromkeys(("`let` of a result", "chart", "table", "println!"), (0.30, math.inf)),
}

MANIFEST = tomllib.loads((lab.ROOT / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["dependencies"]
POLARS = next(crate for crate in prebuilt.listed() if crate.name == "polars")
PLAIN_SET_UP = f"""\
:dep lab-core = {{ path = "../lab-core" }}
:dep polars = {{ version = "{POLARS.version}", default-features = false, features = {json.dumps(POLARS.features)} }}
:dep plotly = "{MANIFEST["plotly"]["version"]}"
:dep ndarray = "{MANIFEST["ndarray"]["version"]}"
use lab_core::*;
use polars::prelude::{{df, Column, DataFrame}};
use plotly::{{Plot, Scatter}};"""
FIT = "let fit = gd_factorise(&flowers.x, &GdParams { gradient: Gradient::Analytic, ..Default::default() })?;"
LETS = ["let flowers = iris().scaled(Scale::Centre)?;", FIT]
PLAIN_CHART = """\
let mut plot = Plot::new();
plot.add_trace(Scatter::new(fit.u.column(0).to_vec(), fit.u.column(1).to_vec()));
plot"""
CHART = """\
let labels = Labels { title: "Rows of U", x: "first column", y: "second column", about: "One point a flower." };
Chart::new(labels).classes(&fit.u, &flowers)"""
MISTAKE = 'let never = "seven".sevn();'
TABLE = 'let table: DataFrame = df!["loss" => &fit.losses[..5]]?;\ntable'

# A person's own loop, and two routines, as a cell and as a release build: name, then milliseconds.
PROBE = """
{
    fn best(name: &str, rounds: usize, mut run: impl FnMut()) {
        let times = (0..rounds).map(|_| { let start = std::time::Instant::now(); run(); start.elapsed().as_secs_f64() });
        println!("{name}: {:.4}", 1e3 * times.fold(f64::INFINITY, f64::min));
    }
    let x = iris().scaled(Scale::Centre)?.x;
    best("own loop over 600 cells, 200 epochs", 50, || {
        let (mut u, mut v) = (Matrix::from_elem((150, 2), 0.1), Matrix::from_elem((4, 2), 0.2));
        for _ in 0..200 {
            for ((i, j), a) in x.indexed_iter() {
                let e = a - u.row(i).dot(&v.row(j));
                for k in 0..2 {
                    let step = 0.02 * e * v[[j, k]];
                    v[[j, k]] += 0.02 * e * u[[i, k]];
                    u[[i, k]] += step;
                }
            }
        }
        std::hint::black_box((u, v));
    });
    best("own sum of squares, a million times", 50, || {
        let values: Vec<f64> = (0..1_000_000).map(f64::from).collect();
        std::hint::black_box(values.iter().map(|x| x * x).sum::<f64>());
    });
    let p = GdParams { gradient: Gradient::Analytic, ..Default::default() };
    best("gd_factorise, formulas", 200, || { std::hint::black_box(gd_factorise(&x, &p)).ok(); });
    best("gd_factorise, tape", 30, || { std::hint::black_box(gd_factorise(&x, &GdParams::default())).ok(); });
}
"""


def plain() -> None:
    """Build what is missing of the plain set-up, where its kernels start from."""
    folder = process.folder_of("plain")
    for name, text in {"evcxr.toml": "[evcxr]\n", "init.evcxr": "", "prelude.rs": "",
                       ".cargo/config.toml": '[profile.dev.package."*"]\nopt-level = 0\n'}.items():  # fmt: skip
        lab.write_if_changed(folder / name, text)
    (folder / "warm").mkdir(exist_ok=True)
    shutil.copy(lab.ROOT / "Cargo.lock", folder / "warm" / "pinned.lock")
    print("building the plain set-up (minutes, the first time) ...", flush=True)
    asyncio.run(warm("plain", (PLAIN_SET_UP, MISTAKE)))


def started(name: str) -> Session:
    """A kernel by the name in the menu; `plain`, which has none, is `rust` in another folder and without its settings."""
    session = Session("rust" if name == "plain" else name)
    if name == "plain":
        assert session.manager.kernel_spec is not None
        session.manager.kernel_spec.argv[-2] = "plain"
        session.manager.kernel_spec.env.clear()
    return session


def prepare_spare() -> None:
    """Have a spare made, and wait until it is ready, as a person does who reads before running a cell."""
    ready = process.folder_of("rust") / "spares"
    spec = json.loads((lab.VENV / "share" / "jupyter" / "kernels" / "rust" / "kernel.json").read_text(encoding="utf-8"))
    spare.prepare("rust", os.getpid(), cwd=lab.NOTEBOOKS, env={**lab.jupyter_env(), **spec["env"]})
    end = time.monotonic() + 120
    while not list(ready.glob("*.ready")):
        if time.monotonic() > end:
            sys.exit("no spare was made within two minutes")
        time.sleep(0.1)


def measure(name: str, with_spare: bool = False) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds of each kind of cell; and what the probe printed, under `rust`."""
    if with_spare:
        prepare_spare()
    start = time.monotonic()
    with started(name) as session:

        def cell(code: str, fails: bool = False) -> float:
            answer = session.run(code)
            if (answer.error is not None) != fails or answer.text("stderr"):
                sys.exit(f"{name}: {code}\n{answer.error}\n{answer.text('stderr')}")
            return float(answer.seconds)

        cell(PLAIN_SET_UP if name == "plain" else SET_UP)
        for code in LETS:
            cell(code)
        chart = PLAIN_CHART if name == "plain" else CHART
        cell(chart)
        times = {"start to first chart": time.monotonic() - start}
        if with_spare:
            return times, {}
        times["first compile error"] = cell(MISTAKE, fails=True)
        kinds = {"`let` of a result": FIT, "chart": chart, "table": TABLE, "println!": 'println!("{}", fit.u.nrows());'}
        for kind, code in kinds.items():
            cell(code)  # the first of its kind finds more to analyse
            times[kind] = statistics.median(cell(code) for _ in range(ROUNDS))
        return times, milliseconds(session.run(PROBE).text("stdout") if name == "rust" else "")


def milliseconds(printed: str) -> dict[str, float]:
    """What the probe printed."""
    return {name: float(time) for name, time in (line.split(": ") for line in printed.splitlines())}


def release() -> dict[str, float]:
    """The probe's times in a release build."""
    crate = lab.LAB / "bench-kernel"
    lab.write_atomically(crate / "Cargo.toml", '[package]\nname = "probe"\nversion = "0.0.0"\nedition = "2024"\n\n[workspace]\n\n'
                         f'[dependencies]\nlab-core = {{ path = {json.dumps((lab.ROOT / "lab-core").as_posix())} }}\n')  # fmt: skip
    lab.write_atomically(crate / "src" / "main.rs", f"use lab_core::*;\nfn main() -> Result<()> {PROBE.strip()[:-1]} Ok(()) }}\n")
    shutil.copy(lab.ROOT / "Cargo.lock", crate / "Cargo.lock")
    print("building the release probe ...", flush=True)
    command = ["cargo", "run", "--release", "--quiet", "--manifest-path", str(crate / "Cargo.toml")]
    return milliseconds(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def headless() -> list[float]:
    """Seconds of every cell of every notebook, run in one kernel as `make reports` does."""
    reports = lab.LAB / "bench-kernel" / "reports"
    subprocess.run([lab.PYTHON, "-m", "tools.report", "--all", "--no-export", "--kernels=1", f"--reports={reports}"],
                   check=True)  # fmt: skip
    notebooks = [json.loads(path.read_text(encoding="utf-8")) for path in Path(reports).glob("*.ipynb")]
    return [cell["metadata"]["lab"]["seconds"] for nb in notebooks for cell in nb["cells"] if "lab" in cell["metadata"]]


def main() -> None:
    """Print each figure beside the plain set-up's."""
    plain()
    os.environ["LAB_SPARE"] = "0"
    base, _ = measure("plain")
    times, in_cells = measure("rust")
    del os.environ["LAB_SPARE"]
    ready, _ = measure("rust", with_spare=True)
    rows = [(kind, base[kind], seconds) for kind, seconds in times.items()]
    rows.insert(1, ("start to first chart, with a spare", base["start to first chart"], ready["start to first chart"]))
    print(f"{'seconds (medians)':<42}{'plain':>12}{'rust':>12}{'ratio':>8}{'at most':>9}")
    for kind, plain_seconds, seconds in rows:
        share, longest = AT_MOST[kind]
        over = " !" if seconds > longest or seconds / plain_seconds > share else ""
        most = f"{longest:.0f} s" if math.isfinite(longest) else f"{share:.0%}"
        print(f"{kind:<42}{plain_seconds:>12.2f}{seconds:>12.2f}{seconds / plain_seconds:>8.0%}{most:>9}{over}")
    print(f"\n{'milliseconds (best)':<42}{'cell':>12}{'release':>12}{'ratio':>8}")
    for (name, cell), built in zip(in_cells.items(), release().values(), strict=True):
        print(f"{name:<42}{cell:>12.3f}{built:>12.3f}{cell / built:>8.2f}")
    cells = headless()
    print(f"\nall notebooks in one kernel: {len(cells)} cells, {sum(cells):.0f} s, median {statistics.median(cells):.2f} s a cell")


if __name__ == "__main__":
    main()
