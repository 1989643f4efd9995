//! Completion from ever more observed cells: time of one update beside that of the 3 x 3 case, error, memory.

use std::num::NonZeroUsize;

use lab_core::{
    Completion, Init, Observations, Order, Random, Result, Seed, SgdParams, sgd_factorise,
    sgd_factorise_observed,
};

/// The word that makes a child process of the bench run one size and say its peak of memory.
pub const PEAK: &str = "peak";
const COUNTS: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
const NOISE: f64 = 0.1;
const RANK: usize = 10;
const EPOCHS: usize = 20;

pub fn print_table() {
    let a = Random::new(Seed::Portable(0)).normal((3, 3));
    let small = median(|| sgd_factorise(&a, &SgdParams::default()).map(drop)) / (9.0 * 1000.0);
    println!(
        "\ncompletion, rank {RANK} + noise {NOISE}, {EPOCHS} epochs; one update of the 3 x 3 case: {:.1} ns",
        1e6 * small
    );
    println!(
        "{:<14}{:>12}{:>14}{:>14}{:>16}{:>12}",
        "observed", "ms", "ns an update", "of 3 x 3's", "held-out RMSE", "peak, MB"
    );
    for count in COUNTS {
        let (train, test) = ratings(count);
        let ms = median(|| complete(&train, &test).map(drop));
        let update = ms / (count * EPOCHS) as f64;
        let rmse = complete(&train, &test).map_or(f64::NAN, |found| found.held_out_rmse[EPOCHS]);
        let (ns, ratio) = (1e6 * update, update / small);
        println!("{count:<14}{ms:>12.2}{ns:>14.1}{ratio:>14.2}{rmse:>16.4}{:>12}", peak(count));
    }
}

fn complete(train: &Observations, test: &Observations) -> Result<Completion> {
    let init = Init::Normal { mean: 0.0, std: 0.3 };
    let p = SgdParams { rank: RANK, epochs: EPOCHS, lr: 0.02, init, ..Default::default() };
    let blocks = NonZeroUsize::new(if train.len() < 1_000_000 { 1 } else { 8 }).expect("not 0");
    sgd_factorise_observed(train, Some(test), &p, Order::Shuffled, blocks)
}

/// Cells of a 6000 x 4000 matrix of rank 10 plus noise (smaller in proportion for fewer), and a tenth more to test.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive numbers")]
fn ratings(count: usize) -> (Observations, Observations) {
    let shrink = (count as f64 / 1e6).sqrt();
    let side = |full: f64| (full * shrink) as usize;
    let (m, n) = (side(6000.0), side(4000.0));
    let mut random = Random::new(Seed::Portable(0));
    let (u, v) = (random.normal((m, RANK)) / (RANK as f64).sqrt(), random.normal((n, RANK)));
    let cells = count + count / 10;
    let (at, noise) = (random.uniform((cells, 2)), random.normal((cells, 1)));
    let cells = (0..cells).map(|k| {
        let (i, j) = ((at[[k, 0]] * m as f64) as usize, (at[[k, 1]] * n as f64) as usize);
        (i, j, u.row(i).dot(&v.row(j)) + NOISE * noise[[k, 0]])
    });
    let all = Observations::new((m, n), cells).expect("cells inside");
    all.split(count, &mut random).expect("more cells than that")
}

/// The largest memory of a process that makes the cells and completes the matrix once, where the system tells.
fn peak(count: usize) -> String {
    let child = std::env::current_exe()
        .and_then(|this| std::process::Command::new(this).args([PEAK, &count.to_string()]).output());
    child.map_or_else(|_| "-".into(), |child| String::from_utf8_lossy(&child.stdout).trim().to_owned())
}

/// What the child process does.
pub fn print_peak(count: &str) {
    let (train, test) = ratings(count.parse().expect("a number of cells"));
    complete(&train, &test).expect("it converges");
    println!("{}", memory());
}

/// The most memory that this process has had, in MB, where the system tells.
pub fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().split(' ').next()?.parse::<f64>().ok());
    kilobytes.map_or_else(|| "-".into(), |kb| format!("{:.0}", kb / 1000.0))
}

/// The median of five turns, in ms.
fn median(work: impl Fn() -> Result<()>) -> f64 {
    crate::median((0..crate::ROUNDS).map(|_| crate::turn(&work)).collect())
}
