//! Golden draws, data and decompositions.

use lab_core::{Labelled, Matrix, Random, Scale, Seed, iris, truncated_svd};
use lab_tests::{TOLERANCE, assert_all_close, assert_close, golden, indices, matrix, number, vector};
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
    assert_close(-1.5 / of_1234[[0, 0]], unbiased, 1e-15, "unbiased variance");
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

/// Singular values, vectors (signs by the stated convention) and residuals of every rank.
#[test]
fn svd_of_the_lab_matrix_and_of_iris() {
    for name in ["svd_A", "svd_iris_centred"] {
        let file = golden(name);
        let a = matrix(&file["A"]);
        let full = truncated_svd(&a, a.ncols()).unwrap();
        let row = |v: ndarray::Array1<f64>| v.insert_axis(Axis(0));
        assert_all_close(&row(full.s), &row(vector(&file["S"])), TOLERANCE, "S");
        assert_all_close(&full.v.t().to_owned(), &matrix(&file["Vt"]), TOLERANCE, "Vt");
        assert_all_close(&full.u, &matrix(&file["U"]), TOLERANCE, "U");
        for (rank, sum) in file["residual_sum"].as_object().unwrap() {
            let best = truncated_svd(&a, rank.parse().unwrap()).unwrap().reconstruct();
            let found = (&a - &best).mapv(|e| e * e).sum();
            assert_close(found, number(sum), TOLERANCE, rank);
            assert_close(found.sqrt(), number(&file["residual_norm"][rank]), TOLERANCE, rank);
            assert_close(found / a.len() as f64, number(&file["residual_mean"][rank]), TOLERANCE, rank);
        }
    }
}

/// The reports' constants that rest on a decomposition.
#[test]
fn report_constants_of_the_svd() {
    let constants = golden("report_constants");
    let close = |found: f64, key: &str| assert_close(found, number(&constants[key]), TOLERANCE, key);
    let centred = lab_core::scale(&iris().x, Scale::Centre).unwrap();
    let squares = |m: Matrix| m.mapv(|e| e * e).sum();
    let residual = |a: &Matrix, rank| squares(a - &truncated_svd(a, rank).unwrap().reconstruct());

    close(squares(centred.clone()), "iris_total_sum");
    close(residual(&centred, 2), "iris_svd_sum");
    close(residual(&centred, 2).sqrt(), "iris_svd_norm");
    close(residual(&centred, 2) / centred.len() as f64, "iris_svd_mean");
    close(residual(&centred, 1).sqrt(), "iris_rank1_norm");
    // Report D's mistake: all four columns of U and V, without the singular values.
    let svd = truncated_svd(&centred, 4).unwrap();
    close(
        squares(&centred - &svd.u.dot(&svd.v.t())) / centred.len() as f64,
        "iris_UVt_without_Sigma_mean_mse",
    );

    let a = matrix(&golden("svd_A")["A"]);
    close(residual(&a, 2), "A_svd_sum");
    close(residual(&a, 2).sqrt(), "A_svd_norm");
    // Report E printed four decimals; its losses follow from what it printed.
    let [u, mut v] = ["report_E_U", "report_E_V_as_printed"].map(|key| matrix(&constants[key]));
    close(squares(&a - &u.dot(&v.t())), "report_E_loss_as_printed");
    v[[0, 1]] = -v[[0, 1]];
    close(squares(&a - &u.dot(&v.t())), "report_E_loss_V01_sign_flipped");
    let [u, v] = ["report_E_masked_U", "report_E_masked_V"].map(|key| matrix(&constants[key]));
    let error = (&a - &u.dot(&v.t())).mapv(|e| e * e);
    close(error.sum(), "report_E_masked_loss_from_UV");
    close(error.sum() - error[[1, 0]] - error[[2, 1]], "report_E_masked_observed_loss_from_UV");
}
