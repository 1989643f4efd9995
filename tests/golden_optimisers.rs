//! Golden trajectories of the optimisers, the robust losses and the penalty.

use std::num::NonZeroUsize;

use lab_core::{
    Batch, Bias, Factors, GdParams, Gradient, Labelled, Loss, Mask, Matrix, Mlp, MlpParams, Optimiser,
    Output, Reduction, Scale, SgdParams, gd_factorise_from, iris, scale, sgd_factorise_masked_from,
    train_mlp_from,
};
use lab_tests::{TOLERANCE, assert_all_close, count, golden, indices, matrix, number, tolerance, vector};
use ndarray::Axis;
use serde_json::Value;

use super::{GRADIENTS, assert_losses};

fn optimiser(stored: &Value) -> Optimiser {
    let constant = |name: &str| number(&stored[name]);
    match stored["name"].as_str().unwrap() {
        "plain" => Optimiser::Plain,
        "momentum" => Optimiser::Momentum { beta: constant("beta") },
        "nesterov" => Optimiser::Nesterov { beta: constant("beta") },
        "adam" => Optimiser::Adam {
            beta1: constant("beta1"),
            beta2: constant("beta2"),
            epsilon: constant("epsilon"),
        },
        other => panic!("no such optimiser: {other}"),
    }
}

fn loss(case: &Value) -> Loss {
    match case["loss"].as_str().unwrap() {
        "sum" => Loss::SumSquared,
        "mean" => Loss::MeanSquared,
        "norm" => Loss::Frobenius,
        "huber" => Loss::Huber { delta: number(&case["delta"]) },
        "absolute" => Loss::Absolute,
        other => panic!("no such loss: {other}"),
    }
}

/// A short name of a case, and the file of its start.
fn case_of(case: &Value) -> (String, Value) {
    let start = case["start"].as_str().unwrap();
    (format!("{start}, {}, {}", case["loss"], case["optimiser"]["name"]), golden(start))
}

fn assert_factors(found: &Factors, case: &Value, what: &str) {
    let allowed = tolerance(case);
    assert_losses(&found.losses, &case["losses"], allowed, what);
    assert_all_close(&found.u, &matrix(&case["U"]), allowed, &format!("{what}, U"));
    assert_all_close(&found.v, &matrix(&case["V"]), allowed, &format!("{what}, V"));
}

#[test]
fn optimisers_and_robust_losses_of_a_factorisation() {
    let stored = golden("optimisers");
    for case in stored["gd"].as_array().unwrap() {
        let (name, start) = case_of(case);
        let a = match start.get("A") {
            Some(a) => matrix(a),
            None => scale(&iris().x, Scale::Centre).unwrap(),
        };
        for gradient in GRADIENTS {
            let p = GdParams {
                epochs: count(&case["epochs"]),
                lr: number(&case["lr"]),
                loss: loss(case),
                optimiser: optimiser(&case["optimiser"]),
                gradient,
                ..Default::default()
            };
            let found = gd_factorise_from(&a, matrix(&start["U0"]), matrix(&start["V0"]), &p).unwrap();
            assert_factors(&found, case, &format!("{name}, {gradient:?}"));
        }
    }
}

#[test]
fn optimisers_of_a_network() {
    let (stored, data) = (golden("optimisers"), golden("mlp_iris_data"));
    let train = Labelled { x: matrix(&data["X_train"]), y: indices(&data["y_train"]), ..iris() };
    for case in stored["mlp"].as_array().unwrap() {
        let (name, start) = case_of(case);
        let bias = if indices(&start["bias_shapes"])[0] == 1 { Bias::Scalar } else { Bias::PerUnit };
        let part = |of: &Value, name: &str| matrix(&of[name]);
        let mlp = Mlp {
            w1: part(&start, "W1"),
            b1: vector(&start["b1"]),
            w2: part(&start, "W2"),
            b2: vector(&start["b2"]),
            output: Output::Logits,
        };
        for gradient in GRADIENTS {
            let p = MlpParams {
                epochs: count(&case["epochs"]),
                lr: number(&case["lr"]),
                bias,
                reduction: if case["reduction"] == "sum" { Reduction::Sum } else { Reduction::Mean },
                batch: match count(&case["batch"]) {
                    100 => Batch::Full,
                    size => Batch::Size(NonZeroUsize::new(size).unwrap()),
                },
                gradient,
                optimiser: optimiser(&case["optimiser"]),
                ..Default::default()
            };
            let found = train_mlp_from(&train, None, mlp.clone(), &p).unwrap();
            let (what, allowed) = (format!("{name}, {gradient:?}"), tolerance(case));
            assert_losses(&found.losses, &case["losses"], allowed, &what);
            assert_all_close(&found.mlp.w1, &part(case, "W1"), allowed, &format!("{what}, W1"));
            assert_all_close(&found.mlp.w2, &part(case, "W2"), allowed, &format!("{what}, W2"));
            let b1 = found.mlp.b1.insert_axis(Axis(0));
            let stored = vector(&case["b1"]).insert_axis(Axis(0));
            assert_all_close(&b1, &stored, allowed, &format!("{what}, b1"));
        }
    }
}

#[test]
fn a_penalty_draws_the_factors_to_zero() {
    for case in golden("optimisers")["sgd"].as_array().unwrap() {
        let (name, start) = case_of(case);
        let a: Matrix = matrix(&start["A"]);
        let observed = match start.get("mask").filter(|mask| !mask.is_null()) {
            Some(mask) => matrix(mask).mapv(|x| x == 1.0),
            None => Mask::from_elem(a.dim(), true),
        };
        let p = SgdParams {
            epochs: count(&case["epochs"]),
            lr: number(&case["lr"]),
            penalty: number(&case["penalty"]),
            ..Default::default()
        };
        let (u0, v0) = (matrix(&start["U0"]), matrix(&start["V0"]));
        let found = sgd_factorise_masked_from(&a, &observed, u0.clone(), v0.clone(), &p).unwrap();
        assert_factors(&found, case, &name);
        let free = SgdParams { penalty: 0.0, ..p };
        let free = sgd_factorise_masked_from(&a, &observed, u0, v0, &free).unwrap();
        let size = |f: &Factors| f.u.iter().chain(&f.v).map(|x| x * x).sum::<f64>();
        assert!(size(&found) < size(&free), "{name}");
    }
}

/// Gradients by formulas and by expressions take the same steps also where the fast path is not used.
#[test]
fn every_loss_with_every_optimiser_runs_both_ways() {
    let start = golden("gd_A_sum");
    let losses =
        [Loss::SumSquared, Loss::MeanSquared, Loss::Frobenius, Loss::Huber { delta: 0.5 }, Loss::Absolute];
    let optimisers = [
        Optimiser::Plain,
        Optimiser::Momentum { beta: 0.5 },
        Optimiser::Nesterov { beta: 0.5 },
        Optimiser::ADAM,
    ];
    for loss in losses {
        for optimiser in optimisers {
            let run = |gradient| {
                let p = GdParams { epochs: 30, lr: 0.005, loss, optimiser, gradient, ..Default::default() };
                gd_factorise_from(&matrix(&start["A"]), matrix(&start["U0"]), matrix(&start["V0"]), &p)
                    .unwrap()
            };
            let [one, other] = [Gradient::Autodiff, Gradient::Analytic].map(run);
            assert_all_close(&one.u, &other.u, TOLERANCE, &format!("{loss:?}, {optimiser:?}"));
            assert!(one.losses[30] < one.losses[0], "{loss:?}, {optimiser:?}");
        }
    }
}
