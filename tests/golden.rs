//! Golden trajectories computed with PyTorch; `golden/README.md` says how and states the tolerances.

use lab_core::{Labelled, Matrix, Random, Scale, Seed, iris};
use lab_tests::{assert_all_close, golden, indices, matrix, number, vector};
use ndarray::Axis;
use serde_json::Value;

/// Every stored draw, bit for bit: `rand` and `randn` below and above 16 values, several in a row.
#[test]
fn torch_rng_draws() {
    for case in golden("torch_rng")["cases"].as_array().unwrap() {
        let mut random = Random::new(Seed::Torch(case["seed"].as_u64().unwrap()));
        for draw in case["draws"].as_array().unwrap() {
            let shape = indices(&draw["shape"]);
            let shape = (shape[0], shape.get(1).copied().unwrap_or(1));
            let found = match draw["kind"].as_str().unwrap() {
                "rand" => random.uniform(shape),
                "randn" => random.normal(shape),
                other => panic!("no such draw: {other}"),
            };
            let expected: Vec<f64> = vector(&draw["values"]).to_vec();
            assert_eq!(
                found.into_iter().collect::<Vec<_>>(),
                expected,
                "seed {} {}",
                case["seed"],
                draw["kind"]
            );
        }
    }
}

/// The starts of the `_s0` trajectories are the first draws of `torch.manual_seed(0)`.
#[test]
fn torch_rng_gives_the_golden_starts() {
    for name in ["sgd_A_s0", "gd_iris_sum_lr0.01_s0"] {
        let file = golden(name);
        let mut random = Random::new(Seed::Torch(0));
        for key in ["U0", "V0"] {
            let expected = matrix(&file[key]);
            assert_eq!(random.uniform(expected.dim()), expected, "{name} {key}");
        }
    }
}

#[test]
fn iris_is_the_uci_file() {
    let (file, iris) = (golden("iris_uci"), iris());
    assert_eq!(iris.x, matrix(&file["X"]));
    assert_eq!(iris.y, indices(&file["y"]));
    let centred = lab_core::scale(&iris.x, Scale::Centre).unwrap();
    let mean = Matrix::from_shape_fn((1, 4), |(_, j)| iris.x[[0, j]] - centred[[0, j]]);
    assert_all_close(&mean, &vector(&file["mean"]).insert_axis(Axis(0)), 1e-14, "means");
}

/// `Scale::Variance` divides by the unbiased variance of all 150 rows.
#[test]
fn scaling_by_the_variance() {
    let file = golden("iris_uci");
    let scaled = iris().scaled(Scale::Variance).unwrap().x;
    assert_all_close(
        &scaled.slice(ndarray::s![..3, ..]).to_owned(),
        &matrix(&file["first_rows_scaled_var"]),
        1e-13,
        "rows",
    );
    let centred = lab_core::scale(&iris().x, Scale::Centre).unwrap();
    let variance = (&centred / &scaled).row(0).to_owned().insert_axis(Axis(0));
    assert_all_close(&variance, &vector(&file["var_unbiased"]).insert_axis(Axis(0)), 1e-13, "variances");
    let of_1234 = lab_core::scale(&ndarray::array![[1.0], [2.0], [3.0], [4.0]], Scale::Variance).unwrap();
    let unbiased = number(&golden("micro_semantics")["var_unbiased_vs_biased_of_1234"][0]);
    lab_tests::assert_close(-1.5 / of_1234[[0, 0]], unbiased, 1e-15, "unbiased variance");
}

/// Scaled over all rows, permuted, labels by first appearance, split 100 to 50: the MLP's data.
#[test]
fn mlp_data_is_scaled_permuted_relabelled_and_split() {
    let (file, iris) = (golden("mlp_iris_data"), iris().scaled(Scale::Variance).unwrap());
    let order = indices(&file["perm"]);
    let label_of =
        |row: &usize| indices(&Value::from(vec![file["label_map"][iris.y[*row].to_string()].clone()]))[0];
    let permuted =
        Labelled { x: iris.x.select(Axis(0), &order), y: order.iter().map(label_of).collect(), ..iris };
    let (train, validation) = permuted.split_at(100).unwrap();
    for (part, x, y) in [(train, "X_train", "y_train"), (validation, "X_val", "y_val")] {
        assert_all_close(&part.x, &matrix(&file[x]), 1e-13, x);
        assert_eq!(part.y, indices(&file[y]), "{y}");
    }
}
