//! The peers' side of the table: a Python process that runs one task at a time when asked.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub struct Peers(Option<Python>);

struct Python {
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
    child: Child,
}

impl Peers {
    pub const NAMES: [&str; 7] =
        ["torch", "torch, 1 thread", "jax", "numba", "numpy", "scipy", "scikit-learn"];

    /// Starts the Python of `LAB_PEERS`; without one, all peers are missing.
    pub fn start() -> Peers {
        let Ok(python) = std::env::var("LAB_PEERS") else { return Peers(None) };
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/table/peers.py");
        let started = Command::new(&python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let started = started.inspect_err(|error| eprintln!("{python} does not run: {error}")).ok();
        Peers(started.and_then(|mut child| {
            Some(Python { ask: child.stdin.take()?, answers: BufReader::new(child.stdout.take()?), child })
        }))
    }

    /// The median of a peer's runs of a task in ms and, where it compiles, the seconds that this takes; or why there is
    /// none.
    pub fn time(&mut self, peer: &str, task: &str) -> Result<(f64, Option<f64>), String> {
        let python = self.0.as_mut().ok_or("missing")?;
        let mut line = String::new();
        let asked = writeln!(python.ask, "{peer}\t{task}").and_then(|()| python.answers.read_line(&mut line));
        asked.map_err(|error| error.to_string())?;
        let mut numbers = line.trim().split('\t').map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(ms)), compiling) => Ok((ms, compiling.and_then(Result::ok))),
            _ => Err(if line.is_empty() { "failed" } else { line.trim() }.to_owned()),
        }
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}
