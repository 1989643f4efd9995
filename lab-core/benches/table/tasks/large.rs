//! Completion of 10⁷ cells beside LIBMF, which reads the same two files: a child process each, reading counted.
//!
//! The cells are of a matrix of MovieLens-10M's shape, of rank 10 plus noise of 0.1; a tenth as many are held out. What is
//! measured is also written beside the two files, where `spark.py` adds its own.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use lab_core::{Init, Observations, Order, Random, Seed, SgdParams, sgd_factorise_observed};

use super::completion::memory;

/// The word that makes a child process of the bench do our part.
pub const OURS: &str = "ours";
const SHAPE: (usize, usize) = (71_567, 10_677);
const CELLS: usize = 10_000_000;
const NOISE: f64 = 0.1;
const RANK: usize = 10;
const FITTED_RANK: usize = 16;
const EPOCHS: usize = 20;

pub fn print_table() {
    let [train, test] = files();
    let (m, n) = SHAPE;
    println!(
        "\nlarge completion: {CELLS} cells of {m} x {n}, rank {RANK} + noise {NOISE}, fitted with rank {FITTED_RANK} in \
         {EPOCHS} epochs\n  training: {}\n  held out: {}",
        train.display(),
        test.display()
    );
    println!(
        "{:<28}{:>10}{:>10}{:>10}{:>16}{:>12}",
        "", "reading, s", "fit, s", "sum, s", "held-out RMSE", "peak, MB"
    );
    let this = std::env::current_exe().expect("this program has a path");
    let mut rows = vec![row("lab-core", 2, Command::new(this).arg(OURS).env("LAB_THREADS", "2"))];
    let libmf = std::env::var("LAB_PEERS").map(|python| Path::new(&python).with_file_name("libmf"));
    match libmf {
        Ok(libmf) if libmf.exists() => {
            let numbers = [FITTED_RANK.to_string(), EPOCHS.to_string()];
            rows.extend([2, 1].map(|threads| {
                let mut command = Command::new(&libmf);
                command.args([&train, &test]).args(&numbers).arg(threads.to_string());
                row("LIBMF", threads, &mut command)
            }));
        }
        _ => println!("{:<28}{:>10}", "LIBMF", "missing"),
    }
    let rows: String = rows.into_iter().flatten().collect();
    let head = "program,threads,cells,starting_s,reading_s,fit_s,held_out_rmse,peak_mb\n";
    std::fs::write(train.with_file_name("measured.csv"), head.to_owned() + &rows).expect("room on the disk");
}

/// The two files, made where they are not there yet.
fn files() -> [PathBuf; 2] {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.lab/bench");
    std::fs::create_dir_all(&folder).expect("a folder for the cells");
    let paths = ["train.csv", "test.csv"].map(|name| folder.canonicalize().expect("it is there").join(name));
    if !paths.iter().all(|path| path.exists()) {
        let mut random = Random::new(Seed::Portable(0));
        let (u, v) = (random.normal((SHAPE.0, RANK)) / (RANK as f64).sqrt(), random.normal((SHAPE.1, RANK)));
        for (path, cells) in paths.iter().rev().zip([CELLS / 10, CELLS]) {
            let mut file = BufWriter::new(File::create(path).expect("a file for the cells"));
            for _ in 0..10 {
                write_cells(&mut file, &mut random, cells / 10, &u, &v);
            }
        }
    }
    paths
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive numbers")]
fn write_cells(
    file: &mut impl Write,
    random: &mut Random,
    cells: usize,
    u: &lab_core::Matrix,
    v: &lab_core::Matrix,
) {
    let (at, noise) = (random.uniform((cells, 2)), random.normal((cells, 1)));
    for k in 0..cells {
        let i = (at[[k, 0]] * SHAPE.0 as f64) as usize;
        let j = (at[[k, 1]] * SHAPE.1 as f64) as usize;
        let value = u.row(i).dot(&v.row(j)) + NOISE * noise[[k, 0]];
        writeln!(file, "{i},{j},{value:.4}").expect("room on the disk");
    }
}

/// Runs a process that prints its seconds of reading and of fitting, its error and its memory, separated by blanks; prints
/// them, and gives them as a line of a table.
fn row(program: &str, threads: usize, command: &mut Command) -> Option<String> {
    let output = command.output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let words: Vec<&str> = text.lines().last().unwrap_or("").split_whitespace().collect();
    let name = format!("{program}, {threads} thread{}", if threads == 1 { "" } else { "s" });
    let [reading, fit, rmse, peak] = words[..] else {
        println!("{name:<28}failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        return None;
    };
    let sum = [reading, fit].iter().filter_map(|word| word.parse::<f64>().ok()).sum::<f64>();
    println!("{name:<28}{reading:>10}{fit:>10}{sum:>10.2}{rmse:>16}{peak:>12}");
    Some(format!("{program},{threads},{CELLS},0,{reading},{fit},{rmse},{peak}\n"))
}

/// What the child process does.
pub fn print_ours() {
    let start = Instant::now();
    let [train, test] = files().map(|path| Observations::from_csv(path).expect("the files are well-formed"));
    let reading = start.elapsed().as_secs_f64();
    let init = Init::Normal { mean: 0.0, std: 0.3 };
    let p = SgdParams { rank: FITTED_RANK, epochs: EPOCHS, lr: 0.02, init, ..Default::default() };
    let blocks = NonZeroUsize::new(8).expect("not 0");
    let found =
        sgd_factorise_observed(&train, Some(&test), &p, Order::Shuffled, blocks).expect("it converges");
    let fit = start.elapsed().as_secs_f64() - reading;
    println!("{reading:.2} {fit:.2} {:.4} {}", found.held_out_rmse[EPOCHS], memory());
}
