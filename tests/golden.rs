//! Golden trajectories computed with PyTorch; `golden/README.md` says how and states the tolerances.
#![allow(clippy::float_cmp)] // flags and shares of rows are exact

mod golden_linear;
mod golden_optimisers;

use std::num::NonZeroUsize;

use lab_core::{
    Batch, Bias, Error, Factors, GdParams, Gradient, Labelled, Loss, Mask, Matrix, Mlp, MlpParams, Output,
    Reduction, Scale, Seed, SgdParams, Var, Vector, cross_entropy, cross_entropy_gradient, gd_factorise_from,
    iris, sgd_factorise, sgd_factorise_from, sgd_factorise_masked_from, train_mlp_from,
};
use lab_tests::{
    TOLERANCE, assert_all_close, assert_close, count, golden, indices, matrix, number, tolerance, vector,
};
use ndarray::{Axis, s};
use serde_json::Value;

const GRADIENTS: [Gradient; 2] = [Gradient::Autodiff, Gradient::Analytic];

/// The stored losses are those after 0, 1, 2, 10, 100 and 1000 updates.
fn assert_losses(found: &[f64], stored: &Value, tolerance: f64, what: &str) {
    for (epoch, loss) in stored.as_object().unwrap() {
        let epoch: usize = epoch.parse().unwrap();
        assert_close(found[epoch], number(loss), tolerance, &format!("{what}, loss after {epoch} updates"));
    }
}

fn assert_factors(found: &Factors, file: &Value, losses: &str, what: &str) {
    assert_losses(&found.losses, &file[losses], tolerance(file), what);
    assert_all_close(&found.u, &matrix(&file["U"]), tolerance(file), &format!("{what}, U"));
    assert_all_close(&found.v, &matrix(&file["V"]), tolerance(file), &format!("{what}, V"));
}

fn centred_iris() -> Matrix {
    lab_core::scale(&iris().x, Scale::Centre).unwrap()
}

#[test]
fn gradient_descent() {
    let names = [
        "A_mean",
        "A_norm",
        "A_sum",
        "iris_mean_lr0.01_s0",
        "iris_mean_lr0.01_s1",
        "iris_mean_lr6.0_s0",
        "iris_norm_lr0.01_s0",
        "iris_norm_lr0.01_s1",
        "iris_norm_lr0.02_s0",
        "iris_sum_lr0.015_s0",
        "iris_sum_lr0.01_s0",
        "iris_sum_lr0.01_s1",
    ];
    for name in names {
        let file = golden(&format!("gd_{name}"));
        let a = if name.starts_with('A') { matrix(&file["A"]) } else { centred_iris() };
        let loss = match file["loss"].as_str().unwrap() {
            "sum" => Loss::SumSquared,
            "mean" => Loss::MeanSquared,
            "norm" => Loss::Frobenius,
            other => panic!("no such loss: {other}"),
        };
        for gradient in GRADIENTS {
            let (rank, epochs, lr) = (count(&file["rank"]), count(&file["epochs"]), number(&file["lr"]));
            let p = GdParams { rank, epochs, lr, loss, gradient, ..Default::default() };
            let found = gd_factorise_from(&a, matrix(&file["U0"]), matrix(&file["V0"]), &p).unwrap();
            assert_factors(&found, &file, "losses", &format!("{name}, {gradient:?}"));
        }
    }
}

/// Too large a rate ends in `Error::Diverged` at the very epoch where `PyTorch`'s loss stops being finite, and the losses
/// before it agree: their error grows with the cube of the factors.
#[test]
fn divergence() {
    let start = golden("gd_iris_sum_lr0.01_s0");
    for (lr, case) in golden("gd_iris_divergence_s0")["by_lr"].as_object().unwrap() {
        let first_bad = case["float64"]["first_nonfinite_epoch"].as_i64().unwrap();
        let stored = case["losses_0_to_30_float64"].as_array().unwrap();
        for gradient in GRADIENTS {
            let run = |epochs| {
                let p = GdParams { epochs, lr: lr.parse().unwrap(), gradient, ..Default::default() };
                gd_factorise_from(&centred_iris(), matrix(&start["U0"]), matrix(&start["V0"]), &p)
            };
            let finite = match usize::try_from(first_bad) {
                Ok(bad) => {
                    let error = run(1000).unwrap_err();
                    assert!(
                        matches!(error, Error::Diverged { epoch, .. } if epoch == bad),
                        "lr {lr}: {error}"
                    );
                    bad
                }
                Err(_never) => 31,
            };
            let losses = run(finite - 1).unwrap().losses;
            for (epoch, (&found, expected)) in losses.iter().zip(stored).enumerate() {
                assert_close(
                    found,
                    number(expected),
                    TOLERANCE,
                    &format!("lr {lr}, {gradient:?}, epoch {epoch}"),
                );
            }
        }
    }
}

/// Report E's printed code loops over `0..rank` where all rows were meant: the same as observing those rows only.
#[test]
fn stochastic_gradient_descent() {
    for name in ["sgd_A", "sgd_masked_A"] {
        for case in ["s0", "s1", "s2", "BUG_range_rank_s0"] {
            let file = golden(&format!("{name}_{case}"));
            let (a, u0, v0) = (matrix(&file["A"]), matrix(&file["U0"]), matrix(&file["V0"]));
            let (rank, epochs, lr) = (count(&file["rank"]), count(&file["epochs"]), number(&file["lr"]));
            let p = SgdParams { rank, epochs, lr, ..Default::default() };
            let whole = file["mask"].is_null();
            let mut observed =
                if whole { Mask::from_elem(a.dim(), true) } else { matrix(&file["mask"]).mapv(|x| x == 1.0) };
            if let Some(rows) = file.get("rows_updated") {
                observed.slice_mut(s![count(rows).., ..]).fill(false);
                let found = sgd_factorise_masked_from(&a, &observed, u0, v0, &p).unwrap();
                assert_all_close(&found.u, &matrix(&file["U"]), TOLERANCE, &format!("{name} {case}, U"));
                assert_all_close(&found.v, &matrix(&file["V"]), TOLERANCE, &format!("{name} {case}, V"));
                assert_all_close(&found.reconstruct(), &matrix(&file["A_hat"]), TOLERANCE, "reconstruction");
                continue;
            }
            if whole {
                let found = sgd_factorise_from(&a, u0.clone(), v0.clone(), &p).unwrap();
                assert_factors(&found, &file, "losses_full_sum", &format!("{name} {case}, unmasked"));
            }
            let found = sgd_factorise_masked_from(&a, &observed, u0, v0, &p).unwrap();
            assert_factors(&found, &file, "losses_observed_sum", &format!("{name} {case}"));
        }
    }
}

/// The seed that a published answer to the sheet states reproduces its start and its result.
#[test]
fn stochastic_gradient_descent_from_a_seed() {
    let file = golden("sgd_A_s0");
    let p = SgdParams { seed: Seed::Torch(0), ..Default::default() };
    let found = sgd_factorise(&matrix(&file["A"]), &p).unwrap();
    assert_factors(&found, &file, "losses_full_sum", "seed 0");
}

#[test]
fn networks() {
    let data = golden("mlp_iris_data");
    let part = |x: &str, y: &str| Labelled { x: matrix(&data[x]), y: indices(&data[y]), ..iris() };
    let (train, validation) = (part("X_train", "y_train"), part("X_val", "y_val"));
    let names = [
        "mean_rand_outrelu_frozen",
        "mean_rand_scalar",
        "mean_randn_outrelu_frozen",
        "mean_randn_unit",
        "mean_xavier_unit_batch16",
        "sum_rand_scalar",
        "sum_rand_scalar_s5",
        "sum_randn_scalar_lr001",
        "sum_randn_unit",
        "sum_xavier_unit_batch16",
    ];
    for name in names {
        let file = golden(&format!("mlp_{name}"));
        let output = if file["output_relu"] == true { Output::Relu } else { Output::Logits };
        let bias = match (file["biases_updated"].as_bool().unwrap(), indices(&file["bias_shapes"])[0]) {
            (false, _) => Bias::Frozen,
            (true, 1) => Bias::Scalar,
            (true, _) => Bias::PerUnit,
        };
        let reduction = if file["loss"] == "cross_entropy_sum" { Reduction::Sum } else { Reduction::Mean };
        let batch = match count(&file["batch"]) {
            100 => Batch::Full,
            size => Batch::Size(NonZeroUsize::new(size).unwrap()),
        };
        for gradient in GRADIENTS {
            let start = Mlp {
                w1: matrix(&file["W1"]),
                b1: vector(&file["b1"]),
                w2: matrix(&file["W2"]),
                b2: vector(&file["b2"]),
                output,
            };
            for (epochs, snapshot) in file["snapshots"].as_object().unwrap() {
                let epochs = epochs.parse().unwrap();
                let p = MlpParams {
                    epochs,
                    lr: number(&file["lr"]),
                    bias,
                    reduction,
                    batch,
                    output,
                    gradient,
                    ..Default::default()
                };
                let found = train_mlp_from(&train, Some(&validation), start.clone(), &p).unwrap();
                let what = format!("{name}, {gradient:?}, epoch {epochs}");
                let (weights, losses) =
                    (allowed(snapshot, "sensitivity_1e14"), allowed(snapshot, "loss_sensitivity_1e14"));
                for (epoch, loss) in file["losses"].as_object().unwrap() {
                    let epoch: usize = epoch.parse().unwrap();
                    if epoch <= epochs {
                        assert_close(
                            found.losses[epoch],
                            number(loss),
                            losses,
                            &format!("{what}, loss {epoch}"),
                        );
                    }
                }
                assert_all_close(&found.mlp.w1, &matrix(&snapshot["W1"]), weights, &format!("{what}, W1"));
                assert_all_close(&found.mlp.w2, &matrix(&snapshot["W2"]), weights, &format!("{what}, W2"));
                let row = |b: &Vector| b.clone().insert_axis(Axis(0));
                assert_all_close(
                    &row(&found.mlp.b1),
                    &row(&vector(&snapshot["b1"])),
                    weights,
                    &format!("{what}, b1"),
                );
                if bias != Bias::Scalar {
                    assert_all_close(
                        &row(&found.mlp.b2),
                        &row(&vector(&snapshot["b2"])),
                        weights,
                        &format!("{what}, b2"),
                    );
                }
                assert_eq!(
                    found.mlp.predict(&validation.x).unwrap(),
                    indices(&snapshot["val_pred"]),
                    "{what}"
                );
                let share = |correct: &Value, of: usize| number(correct) / of as f64;
                assert_eq!(found.train_accuracy[epochs], share(&snapshot["train_correct"], 100), "{what}");
                assert_eq!(found.validation_accuracy[epochs], share(&snapshot["val_correct"], 50), "{what}");
            }
        }
    }
}

/// The tolerance of a snapshot: it states its sensitivities itself.
fn allowed(snapshot: &Value, key: &str) -> f64 {
    TOLERANCE.max(100.0 * number(&snapshot[key]))
}

#[test]
fn cross_entropy_at_extreme_logits() {
    for case in golden("micro_semantics")["cross_entropy"].as_array().unwrap() {
        let logits = vector(&case["logits"]).insert_axis(Axis(0));
        let (label, expected) = ([count(&case["label"])], vector(&case["grad"]).insert_axis(Axis(0)));
        let what = case.to_string();
        assert_close(
            cross_entropy(&logits, &label, Reduction::Mean).unwrap(),
            number(&case["ce"]),
            1e-15,
            &what,
        );
        let gradient = cross_entropy_gradient(&logits, &label, Reduction::Mean).unwrap();
        for (&found, &expected) in gradient.iter().zip(&expected) {
            assert_close(found, expected, 1e-15, &what);
        }
    }
}

#[test]
fn ties_kinks_and_zeros() {
    let micro = golden("micro_semantics");
    for (row, &class) in [[1., 1., 0.], [0., 2., 2.], [0., 0., 0.]].iter().zip(&[0, 1, 0]) {
        let name = format!("[{},{},{}]", row[0], row[1], row[2]);
        assert_eq!(count(&micro["argmax_ties"][&name]), class);
        let identity = Mlp {
            w1: Matrix::eye(3),
            b1: Vector::zeros(1),
            w2: Matrix::eye(3),
            b2: Vector::zeros(1),
            output: Output::Logits,
        };
        let x = Vector::from(row.to_vec()).insert_axis(Axis(0));
        assert_eq!(identity.predict(&x).unwrap(), [class], "{name}");
    }

    let z = Var::leaf(vector(&micro["relu_grad"]["z"]).insert_axis(Axis(0)));
    z.relu().sum().backward().unwrap();
    assert_eq!(z.gradient().unwrap().row(0), vector(&micro["relu_grad"]["grad"]));

    let zero = matrix(&micro["norm_grad_at_zero"]);
    let residual = Var::leaf(Matrix::zeros(zero.dim()));
    residual.squared().sum().sqrt().backward().unwrap();
    assert_eq!(residual.gradient().unwrap(), zero);
}
