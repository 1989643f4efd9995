//! Do our runs scatter as PyTorch's do? `distributions/*.json` keeps percentiles of 500 to 2000 PyTorch runs of each
//! variant; ours draw from portable seeds, so that only the distributions can agree.
//!
//! The test is Kolmogorov and Smirnov's for two samples, at the stored percentiles: with n runs of ours and m of
//! theirs, the shares of runs below any fixed value may differ by `√(-½ ln(α/2)) √((n + m) / (n m))` at level α. The
//! level is 0.001 and the seeds are fixed, so a test that passes once passes always.

mod distributions_mlp;

use lab_core::{
    Error, GdParams, Gradient, Init, Loss, Mask, Matrix, Result, Scale, Seed, SgdParams, gd_factorise, iris,
    run_seeds, scale, sgd_factorise, sgd_factorise_masked,
};
use lab_tests::{count, golden, indices, matrix, stored, vector};
use ndarray::Array2;
use serde_json::Value;

/// Runs of ours for each variant.
const RUNS: u64 = 500;
/// Probability that a right implementation fails one comparison.
const LEVEL: f64 = 0.001;
/// Runs of theirs where the file does not say: the fewest of any variant.
const THEIRS: f64 = 500.0;
/// Relative distance within which two values count as equal: some of the stored runs are in `float32`.
const TIE: f64 = 1e-6;
const UNIFORM: Init = Init::Uniform { low: 0.0, high: 1.0 };
const NORMAL: Init = Init::Normal { mean: 0.0, std: 1.0 };

/// How far the shares of two samples of these sizes may lie apart.
fn band(ours: usize, theirs: f64) -> f64 {
    let (n, m) = (ours as f64, theirs);
    (-0.5 * (LEVEL / 2.0).ln()).sqrt() * ((n + m) / (n * m)).sqrt()
}

/// At each stored percentile, the share of our runs below it, and the share at or below it, enclose the percentile up
/// to the band.
fn assert_same_distribution(found: &[f64], percentiles: &Value, quantiles: &Value, theirs: f64, what: &str) {
    let (n, d) = (found.len() as f64, band(found.len(), theirs));
    for (percent, quantile) in vector(percentiles).into_iter().zip(vector(quantiles)) {
        let share = |limit: f64| found.iter().filter(|&&x| x <= limit).count() as f64 / n;
        let tie = TIE * quantile.abs();
        let (below, up_to, expected) = (share(quantile - tie), share(quantile + tie), percent / 100.0);
        assert!(
            below <= expected + d && up_to >= expected - d,
            "{what}: their percentile {percent} is {quantile}; of our runs {below} lie below, {up_to} up to it (band {d:.3})"
        );
    }
}

fn assert_same_share(found: f64, expected: &Value, ours: usize, theirs: f64, what: &str) {
    let (expected, d) = (expected.as_f64().unwrap(), band(ours, theirs));
    assert!((found - expected).abs() <= d, "{what}: share {found}, theirs {expected} (band {d:.3})");
}

/// `None` for a run that diverged.
fn unless_diverged<T>(run: Result<T>) -> Result<Option<T>> {
    match run {
        Ok(run) => Ok(Some(run)),
        Err(Error::Diverged { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Losses by epoch of one variant of gradient descent, and how many runs diverged.
fn assert_descent(file: &Value, name: &str, a: &Matrix) {
    let stored = &file[name];
    let theirs = stored["N"].as_f64().unwrap();
    let recorded = indices(&stored["rec"]);
    let loss = match stored["loss"].as_str().unwrap() {
        "sum" => Loss::SumSquared,
        "mean" => Loss::MeanSquared,
        _ => Loss::Frobenius,
    };
    let run = |seed: u64, epochs: usize| {
        let p = GdParams {
            rank: count(&stored["rank"]),
            epochs,
            lr: stored["lr"].as_f64().unwrap(),
            loss,
            gradient: Gradient::Analytic,
            init: if stored["init"] == "rand" { UNIFORM } else { NORMAL },
            seed: Seed::Portable(seed),
            ..Default::default()
        };
        unless_diverged(gd_factorise(a, &p).map(|factors| factors.losses))
    };
    // The stored percentiles leave out the runs that were no longer finite. The first two updates stay finite always.
    let starts = run_seeds(0..RUNS, |seed| run(seed, 2)).unwrap();
    let whole = run_seeds(0..RUNS, |seed| run(seed, count(&stored["epochs"]))).unwrap();
    let diverged = whole.iter().filter(|run| run.is_none()).count();
    assert_same_share(diverged as f64 / RUNS as f64, &stored["diverged"], whole.len(), theirs, name);
    for (epoch, quantiles) in recorded.into_iter().zip(stored["table"].as_array().unwrap()) {
        // Which runs count as finite in between depends on when they overflow: only the end is compared then.
        if quantiles.is_null() || (diverged > 0 && epoch > 2 && epoch < count(&stored["epochs"])) {
            continue;
        }
        let runs = if epoch <= 2 { &starts } else { &whole };
        let losses: Vec<f64> = runs.iter().flatten().map(|losses| losses[epoch]).collect();
        let share_of_theirs = if epoch <= 2 { 1.0 } else { 1.0 - stored["diverged"].as_f64().unwrap() };
        let theirs = share_of_theirs * theirs;
        if !losses.is_empty() && theirs > 0.0 {
            let what = format!("{name}, epoch {epoch}");
            assert_same_distribution(&losses, &stored["percentiles"], quantiles, theirs, &what);
        }
    }
}

/// Learning rates from well below to well above the edge of stability, on centred iris.
#[test]
fn descent_on_iris_by_learning_rate() {
    let (file, centred) = (stored("distributions/gd.json"), scale(&iris().x, Scale::Centre).unwrap());
    for lr in ["0.001", "0.005", "0.0075", "0.0125", "0.0175", "0.019", "0.022", "0.025"] {
        assert_descent(&file, &format!("iris sum r2 lr{lr} 1000"), &centred);
    }
    for lr in ["0.005", "0.0125"] {
        assert_descent(&file, &format!("iris sum r2 randn lr{lr} 1000"), &centred);
    }
}

/// Other ranks, losses, epochs and data.
#[test]
fn descent_by_rank_loss_and_data() {
    let file = stored("distributions/gd.json");
    let centred = scale(&iris().x, Scale::Centre).unwrap();
    for name in [
        "iris sum r2 lr.01 1000 f64",
        "iris sum r2 lr.01 1000 f32",
        "iris sum r1 lr.01 1000",
        "iris sum r3 lr.01 1000",
        "iris sum r4 lr.01 1000",
        "iris MEAN r2 lr.01 1000",
        "iris MEAN r2 lr6 1000",
    ] {
        assert_descent(&file, name, &centred);
    }
    for lr in ["0.001", "0.005", "0.01"] {
        assert_descent(&file, &format!("iris UNCENTRED sum r2 lr{lr} 1000"), &iris().x);
    }
    let scaled = |how| scale(&iris().x, how).unwrap();
    assert_descent(&file, "iris standardised sum r2 lr.01 1000", &scaled(Scale::Standardise));
    assert_descent(&file, "iris var-scaled sum r2 lr.01 1000", &scaled(Scale::Variance));
    let a = matrix(&golden("svd_A")["A"]);
    for loss in ["sum", "mean", "norm"] {
        assert_descent(&file, &format!("A(3x3) {loss} r2 lr.01 1000"), &a);
    }
}

/// The Frobenius norm itself as loss (report C): its plateau and its end, epoch by epoch.
#[test]
fn frobenius_loss_by_epoch() {
    let (file, centred) =
        (stored("distributions/norm_loss_iris.json"), scale(&iris().x, Scale::Centre).unwrap());
    for (lr, epochs, runs) in [("0.01", 5000, 150), ("0.05", 1000, 150), ("0.1", 1000, 150)] {
        let stored = &file[lr];
        let p = GdParams {
            epochs,
            lr: lr.parse().unwrap(),
            loss: Loss::Frobenius,
            gradient: Gradient::Analytic,
            ..Default::default()
        };
        let losses = run_seeds(0..runs, |seed| {
            Ok(gd_factorise(&centred, &GdParams { seed: seed.into(), ..p })?.losses)
        });
        let losses = losses.unwrap();
        for (epoch, quantiles) in
            indices(&stored["epochs"]).into_iter().zip(stored["table"].as_array().unwrap())
        {
            if epoch <= epochs {
                let found: Vec<f64> = losses.iter().map(|losses| losses[epoch]).collect();
                assert_same_distribution(
                    &found,
                    &stored["percentiles"],
                    quantiles,
                    THEIRS,
                    &format!("lr {lr}, epoch {epoch}"),
                );
            }
        }
    }
}

/// SGD on the lab matrix, with and without a(1,0) and a(2,1): losses over all and over the observed cells, and what
/// the two cells are completed to.
#[test]
fn sgd_on_the_lab_matrix() {
    let (file, a) = (stored("distributions/sgd.json"), matrix(&golden("svd_A")["A"]));
    let observed: Mask = Array2::from_shape_fn((3, 3), |cell| cell != (1, 0) && cell != (2, 1));
    for (masked, init, name) in [
        (false, UNIFORM, "sgd_A"),
        (true, UNIFORM, "sgd_masked_A"),
        (false, NORMAL, "sgd_A_randn"),
        (true, NORMAL, "sgd_masked_A_randn"),
    ] {
        let completed = run_seeds(0..RUNS, |seed| {
            let p = SgdParams { init, seed: seed.into(), ..Default::default() };
            let factors =
                if masked { sgd_factorise_masked(&a, &observed, &p) } else { sgd_factorise(&a, &p) };
            Ok(factors?.reconstruct())
        });
        let completed = completed.unwrap();
        let loss = |completed: &Matrix, counted: &dyn Fn((usize, usize)) -> bool| -> f64 {
            let cells = a.indexed_iter().filter(|&(cell, _)| counted(cell));
            cells.map(|(cell, value)| (value - completed[cell]).powi(2)).sum()
        };
        let check = |key: &str, of: &dyn Fn(&Matrix) -> f64| {
            let found: Vec<f64> = completed.iter().map(of).collect();
            assert_same_distribution(
                &found,
                &file[name]["percentiles"],
                &file[name][key],
                THEIRS,
                &format!("{name}, {key}"),
            );
        };
        check("full_sum", &|completed| loss(completed, &|_| true));
        check("observed_sum", &|completed| loss(completed, &|cell| observed[cell]));
        check("a10", &|completed| completed[[1, 0]]);
        check("a21", &|completed| completed[[2, 1]]);
    }
}
