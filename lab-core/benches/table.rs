//! One table: our medians, the peers' measured in the same run, their ratio, and the share of what one core's arithmetic
//! allows. `cargo bench -p lab-core`; the peers are those that the Python of `LAB_PEERS` (or `python3`) can import.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sides and positions are small positive numbers"
)]

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::process::Command;
use std::time::Instant;

use lab_core::{
    GdParams, Gradient, Init, MlpParams, Observations, Order, Random, Scale, Seed, SgdParams, gd_factorise,
    iris, run_seeds, scale, sgd_factorise, sgd_factorise_observed, train_mlp, truncated_svd,
};

/// Fused operations a second on one core that the share is taken of: 8 a cycle at 3 GHz.
const FUSED_A_SECOND: f64 = 24e9;

fn main() {
    let peers = peers();
    println!(
        "{:<44} {:>11} {:>11} {:>11} {:>11} {:>9} {:>9}",
        "row (medians, ms)", "ours", "torch", "numpy", "scipy", "ratio", "of limit"
    );
    for (row, variant, fused, ms) in rows() {
        let of = |peer: &str| peers.get(&(row.to_owned(), peer.to_owned())).copied();
        let text = |ms: Option<f64>| ms.map_or_else(|| "missing".into(), |ms| format!("{ms:.3}"));
        let times = ["torch", "numpy", "scipy"].map(of);
        let best = times.into_iter().flatten().reduce(f64::min);
        let ratio = best.map_or_else(|| "-".into(), |peer| format!("{:.1}", peer / ms));
        let share =
            fused.map_or_else(|| "-".into(), |fused| format!("{:.0} %", 1e5 * fused / FUSED_A_SECOND / ms));
        let [torch, numpy, scipy] = times.map(text);
        let name = format!("{row}{variant}");
        println!("{name:<44} {ms:>11.3} {torch:>11} {numpy:>11} {scipy:>11} {ratio:>9} {share:>9}");
    }
    println!(
        "ratio: the fastest peer's time over ours; limit: {} GFMA/s on one core, each cell read twice an epoch",
        FUSED_A_SECOND / 1e9
    );
}

/// Row, variant, fused operations by the textbook formula where that is a limit, and our median in ms.
fn rows() -> Vec<(&'static str, &'static str, Option<f64>, f64)> {
    let mut rows = Vec::new();
    let centred = scale(&iris().x, Scale::Centre).expect("iris is finite");
    let normal = |shape| Random::new(Seed::Portable(0)).normal(shape);
    for (row, a, rank, epochs) in [
        ("gd 150 x 4, rank 2, 1000 epochs", centred, 2, 1000),
        ("gd 1797 x 64, rank 5, 1000 epochs", normal((1797, 64)), 5, 1000),
        ("gd 1000 x 1000, rank 20, 100 epochs", normal((1000, 1000)), 20, 100),
    ] {
        for (variant, gradient) in [(", formulas", Gradient::Analytic), (", tape", Gradient::Autodiff)] {
            let p = GdParams { rank, epochs, lr: 1e-5, gradient, ..Default::default() };
            let fused = 2.0 * (a.len() * rank * epochs) as f64;
            rows.push((row, variant, Some(fused), median(|| gd_factorise(&a, &p))));
        }
    }
    let a = normal((3, 3));
    let ms = median(|| sgd_factorise(&a, &SgdParams::default()));
    rows.push(("sgd 3 x 3, rank 2, 1000 epochs", "", None, ms));

    let shuffled = iris().scaled(Scale::Variance).expect("iris varies").shuffled(Seed::Portable(0));
    let (train, _) = shuffled.split_at(100).expect("150 rows");
    for (variant, gradient) in [(", formulas", Gradient::Analytic), (", tape", Gradient::Autodiff)] {
        let p = MlpParams { gradient, ..Default::default() };
        let fused = 100.0 * 100.0 * f64::from(2 * 4 * 12 + 3 * 12 * 3);
        let ms = median(|| train_mlp(&train, None, &p));
        rows.push(("mlp 4-12-3, 100 rows, 100 epochs", variant, Some(fused), ms));
    }
    let p = MlpParams { gradient: Gradient::Analytic, ..Default::default() };
    let many = || run_seeds(0..1000, |seed| train_mlp(&train, None, &MlpParams { seed: seed.into(), ..p }));
    rows.push(("1000 such mlps", ", formulas", None, median(many)));

    for (row, shape) in
        [("svd 150 x 4", (150, 4)), ("svd 1797 x 64", (1797, 64)), ("svd 2000 x 500", (2000, 500))]
    {
        let (a, rank) = (normal(shape), shape.1);
        rows.push((row, "", None, median(|| truncated_svd(&a, rank))));
    }
    for count in [1_000, 10_000, 100_000, 1_000_000] {
        let (train, test) = ratings(count);
        let p = SgdParams {
            rank: 16,
            epochs: 20,
            lr: 0.02,
            init: Init::Normal { mean: 0.0, std: 0.3 },
            ..Default::default()
        };
        let run = || sgd_factorise_observed(&train, Some(&test), &p, Order::Shuffled, NonZeroUsize::MIN);
        let row = match count {
            1_000 => "completion, 10^3 observed, rank 16, 20 epochs",
            10_000 => "completion, 10^4 observed",
            100_000 => "completion, 10^5 observed",
            _ => "completion, 10^6 observed",
        };
        rows.push((row, "", None, median(run)));
        if let Some(rmse) = run().ok().and_then(|found| found.held_out_rmse.last().copied()) {
            eprintln!("{row}: held-out RMSE {rmse:.4}, noise 0.1");
        }
    }
    rows
}

/// Cells of a 6000 x 4000 matrix of rank 10 plus noise of 0.1 (smaller in proportion for fewer), and a tenth more to test.
fn ratings(count: usize) -> (Observations, Observations) {
    let shrink = (count as f64 / 1e6).sqrt();
    let side = |full: f64| (full * shrink) as usize;
    let (m, n) = (side(6000.0), side(4000.0));
    let mut random = Random::new(Seed::Portable(0));
    let (u, v) = (random.normal((m, 10)) / 10.0_f64.sqrt(), random.normal((n, 10)));
    let cells = count + count / 10;
    let (at, noise) = (random.uniform((cells, 2)), random.normal((cells, 1)));
    let cells = (0..cells).map(|k| {
        let (i, j) = ((at[[k, 0]] * m as f64) as usize, (at[[k, 1]] * n as f64) as usize);
        (i, j, u.row(i).dot(&v.row(j)) + 0.1 * noise[[k, 0]])
    });
    let all = Observations::new((m, n), cells).expect("cells inside");
    all.split(count, &mut random).expect("more cells than that")
}

/// The median of repeated runs, in ms: at least 3, and more while they take under a second. A run that fails has no time.
fn median<T>(work: impl Fn() -> lab_core::Result<T>) -> f64 {
    let (begin, mut times) = (Instant::now(), Vec::new());
    while times.len() < 3 || (begin.elapsed().as_secs_f64() < 1.0 && times.len() < 200) {
        let start = Instant::now();
        if let Err(error) = std::hint::black_box(work()) {
            eprintln!("{error}");
            return f64::NAN;
        }
        times.push(1000.0 * start.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// What `peers.py` measures: milliseconds by row and peer.
fn peers() -> BTreeMap<(String, String), f64> {
    let python = std::env::var("LAB_PEERS").unwrap_or_else(|_| "python3".into());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers.py");
    let output = Command::new(&python).arg(script).output();
    let Ok(output) = output else {
        eprintln!("{python} does not run: no peers");
        return BTreeMap::new();
    };
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let field = |line: &str, name: &str| {
        let rest = line.split_once(&format!("\"{name}\": "))?.1;
        Some(rest.trim_start_matches('"').split(['"', '}']).next()?.trim().to_owned())
    };
    let parse =
        |line: &str| Some(((field(line, "row")?, field(line, "peer")?), field(line, "ms")?.parse().ok()?));
    text.lines().filter_map(parse).collect()
}
