//! The networks' part of the distributions: final losses and accuracies of the variants of reports A to D.

use std::num::NonZeroUsize;

use lab_core::{
    Batch, Bias, Gradient, Init, Mlp, MlpParams, Output, Random, Reduction, Scale, Seed, iris, run_seeds,
    train_mlp_from,
};
use lab_tests::stored;
use ndarray::Axis;
use serde_json::Value;

use super::{NORMAL, RUNS, UNIFORM, assert_same_distribution, assert_same_share, unless_diverged};

/// One variant of the network, by the keys of `mlp.json`: every run shuffles, relabels and splits iris anew.
fn assert_network(file: &Value, name: &str) {
    let stored = &file[name];
    let flag = |key: &str| stored[key].as_bool().unwrap_or(false);
    // At an lr of 0.1 and more, half of the stored float32 runs overflow where f64 does not.
    assert_eq!(stored["nonfinite"], 0.0, "{name} is not comparable");
    let theirs = stored["N"].as_f64().unwrap();
    let bias = stored["bias"].as_str().unwrap();
    let p = MlpParams {
        epochs: stored["epochs"].as_u64().map_or(100, |epochs| epochs.try_into().unwrap()),
        lr: stored["lr"].as_f64().unwrap_or(0.01),
        init: match stored["kind"].as_str().unwrap() {
            "rand" => UNIFORM,
            "randn" => NORMAL,
            "0.1randn" => Init::Normal { mean: 0.0, std: 0.1 },
            "0.01randn" => Init::Normal { mean: 0.0, std: 0.01 },
            "rand-.5" => Init::Uniform { low: -0.5, high: 0.5 },
            "randn/sqrt(nin)" => Init::FanIn,
            other => panic!("{name}: no such init: {other}"),
        },
        bias: if bias.starts_with('u') { Bias::PerUnit } else { Bias::Scalar },
        reduction: if flag("mean") { Reduction::Mean } else { Reduction::Sum },
        batch: stored["batch"]
            .as_u64()
            .map_or(Batch::Full, |rows| Batch::Size(NonZeroUsize::new(rows.try_into().unwrap()).unwrap())),
        output: if flag("orelu") { Output::Relu } else { Output::Logits },
        gradient: Gradient::Analytic,
        ..Default::default()
    };
    let data = match stored["feat"].as_str() {
        None => iris().scaled(Scale::Variance).unwrap(),
        Some("std") => iris().scaled(Scale::Standardise).unwrap(),
        Some("centred") => iris().scaled(Scale::Centre).unwrap(),
        Some(_) => iris(),
    };
    let runs = run_seeds(0..RUNS, |seed| {
        let (train, validation) = data.shuffled(Seed::Portable(seed)).split_at(100)?;
        // Streams that the shuffles do not use.
        let mut start = Mlp::start(4, 3, &MlpParams { seed: Seed::Portable(seed + 1_000_000), ..p })?;
        let mut random = Random::new(Seed::Portable(seed + 2_000_000));
        for b in [&mut start.b1, &mut start.b2] {
            let shape = (1, b.len());
            match &bias[1..] {
                "0" => {}
                "r" => b.assign(&random.uniform(shape).remove_axis(Axis(0))),
                _ => b.assign(&random.normal(shape).remove_axis(Axis(0))),
            }
        }
        let bias = if flag("freezeb") { Bias::Frozen } else { p.bias };
        unless_diverged(train_mlp_from(&train, Some(&validation), start, &MlpParams { bias, ..p }))
    });
    let runs: Vec<_> = runs.unwrap().into_iter().flatten().collect();
    assert_eq!(runs.len() as u64, RUNS, "{name}: no stored run diverged");
    let last = |values: &[f64]| values[p.epochs];
    let train: Vec<f64> = runs.iter().map(|run| last(&run.train_accuracy)).collect();
    let validation: Vec<f64> = runs.iter().map(|run| last(&run.validation_accuracy)).collect();
    let rows = if p.reduction == Reduction::Sum { 100.0 } else { 1.0 };
    let losses: Vec<f64> = runs.iter().map(|run| last(&run.losses) / rows).collect();
    let percentiles = Value::from(vec![0, 1, 5, 25, 50, 75, 95, 99, 100]);
    for (found, key) in [(&train, "train_acc"), (&validation, "val_acc"), (&losses, "train_meanCE")] {
        assert_same_distribution(found, &percentiles, &stored[key], theirs, &format!("{name}, {key}"));
    }
    let share =
        |of: &dyn Fn(usize) -> bool| (0..runs.len()).filter(|&i| of(i)).count() as f64 / runs.len() as f64;
    for (found, key) in [
        (share(&|i| train[i] <= 0.70), "stuck_le_070"),
        (share(&|i| train[i] < 0.90), "below_090"),
        (share(&|i| train[i] > validation[i]), "share_train_gt_val"),
    ] {
        assert_same_share(found, &stored[key], runs.len(), theirs, &format!("{name}, {key}"));
    }
}

/// Reports A and B: full batches and the summed cross entropy, scalar or per-unit biases, other starts and features.
#[test]
fn networks_of_reports_a_and_b() {
    let file = stored("distributions/mlp.json");
    for name in [
        "A: rand s0 sum f64",
        "A: rand s0 sum f32",
        "rand u0 sum",
        "B?: randn s0 sum f64",
        "B?: randn u0 sum",
        "B?: randn un sum",
        "B?: rand ur sum",
        "B?: randn sn sum",
        "B?: rand sr sum",
        "rand s0 sum STD",
        "randn u0 sum STD",
        "rand s0 sum centred",
        "rand s0 sum lr0.001",
        "rand s0 sum lr0.003",
        "rand s0 sum lr0.02",
        "randn s0 sum lr0.03",
        "0.1randn s0 sum",
        "rand-.5 s0 sum",
        "rand s0 MEAN ep100",
        "rand u0 MEAN ep100",
        "randn s0 MEAN ep100",
    ] {
        assert_network(&file, name);
    }
}

/// Report C: batches of 16 rows, weights divided by the root of the inputs, biases drawn or zero.
#[test]
fn networks_of_report_c() {
    let file = stored("distributions/mlp.json");
    for start in ["randn/sqrt(nin)", "randn"] {
        for bias in ["un", "sn", "s0"] {
            for reduction in ["mean", "sum"] {
                assert_network(&file, &format!("C: {start} {bias} {reduction} b16"));
            }
        }
    }
}

/// Report D: ReLU on the output, biases frozen where they start.
#[test]
fn networks_of_report_d() {
    let file = stored("distributions/mlp.json");
    for start in ["rand s0", "rand sr", "rand ur", "randn s0", "randn sn", "randn un"] {
        assert_network(&file, &format!("D: {start} orelu mean frozen ep100"));
    }
    for name in ["D: rand s0 orelu SUM frozen ep100", "D: randn s0 orelu SUM frozen ep100"] {
        assert_network(&file, name);
    }
}
