//! What the integration tests share: reading the stored files and comparing numbers.
//!
//! These helpers panic with a message on any surprise: they serve tests only.

use std::path::{Path, PathBuf};

use lab_core::{Matrix, Random, Result, Seed, Vector};
use serde_json::Value;

/// Relative tolerance where a golden file states no sensitivity (`golden/README.md`).
pub const TOLERANCE: f64 = 1e-10;

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The Python of the notebooks' environment.
///
/// # Panics
/// Where it is not set up.
pub fn lab_python() -> PathBuf {
    let python =
        root().join(if cfg!(windows) { ".lab/venv/Scripts/python.exe" } else { ".lab/venv/bin/python" });
    assert!(python.exists(), "the kernel is not set up: run `make setup`, or the tests with `make test`");
    python
}

/// The names of the project's own notebooks, in the order of the index; any other notebook is its owner's.
///
/// # Panics
/// Where the list cannot be read.
pub fn contents() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("notebooks/contents.txt")).expect("the list is readable");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

/// A file of this directory, such as `golden/svd_A.json`, parsed.
///
/// # Panics
/// Where it cannot be read.
pub fn stored(path: &str) -> Value {
    let path = root().join("tests").join(path);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The golden file of this name, without `.json`.
pub fn golden(name: &str) -> Value {
    stored(&format!("golden/{name}.json"))
}

/// A number; the strings "inf", "-inf" and "nan" stand for the values that JSON lacks.
///
/// # Panics
/// Where the value is neither.
pub fn number(value: &Value) -> f64 {
    let parsed = value.as_f64().or_else(|| value.as_str()?.parse().ok());
    parsed.unwrap_or_else(|| panic!("a number was expected, found {value}"))
}

/// A whole number.
///
/// # Panics
/// Where the value is none.
pub fn count(value: &Value) -> usize {
    let found = value.as_u64().and_then(|count| count.try_into().ok());
    found.unwrap_or_else(|| panic!("a whole number was expected, found {value}"))
}

/// A list of numbers.
///
/// # Panics
/// Where the value is no such list.
pub fn vector(value: &Value) -> Vector {
    value
        .as_array()
        .unwrap_or_else(|| panic!("a list was expected, found {value}"))
        .iter()
        .map(number)
        .collect()
}

/// A list of whole numbers.
///
/// # Panics
/// Where the value is no such list.
pub fn indices(value: &Value) -> Vec<usize> {
    serde_json::from_value(value.clone()).unwrap_or_else(|e| panic!("whole numbers were expected: {e}"))
}

/// A list of rows of equal length.
///
/// # Panics
/// Where the value is no such list.
pub fn matrix(value: &Value) -> Matrix {
    let rows: Vec<Vector> = value
        .as_array()
        .unwrap_or_else(|| panic!("rows were expected, found {value}"))
        .iter()
        .map(vector)
        .collect();
    let columns = rows.first().map_or(0, Vector::len);
    assert!(rows.iter().all(|row| row.len() == columns), "rows of equal length were expected");
    Matrix::from_shape_fn((rows.len(), columns), |(i, j)| rows[i][j])
}

/// The tolerance of a golden file: relative, `max(1e-10, 100 * sensitivity)`, where the sensitivity is the largest that
/// the file states.
pub fn tolerance(file: &Value) -> f64 {
    let stated = file["sensitivity_1e14"].as_object();
    stated
        .map_or(0.0, |s| s.values().filter_map(Value::as_f64).fold(0.0, f64::max))
        .mul_add(100.0, 0.0)
        .max(TOLERANCE)
}

/// Two numbers agree relatively, or both are the same non-finite value.
///
/// # Panics
/// Where they do not.
#[track_caller]
pub fn assert_close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let same = found.to_bits() == expected.to_bits() || (found.is_nan() && expected.is_nan());
    let close = (found - expected).abs() <= tolerance * expected.abs().max(found.abs());
    assert!(same || close, "{what}: found {found:e}, expected {expected:e}, tolerance {tolerance:e}");
}

/// Two matrices agree: the largest difference is within the tolerance of the largest expected entry.
///
/// # Panics
/// Where they do not.
#[track_caller]
pub fn assert_all_close(found: &Matrix, expected: &Matrix, tolerance: f64, what: &str) {
    assert_eq!(found.dim(), expected.dim(), "{what}: shapes differ");
    let scale = expected.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    for ((cell, &f), &e) in found.indexed_iter().zip(expected) {
        assert!((f - e).abs() <= tolerance * scale, "{what}, cell {cell:?}: found {f:e}, expected {e:e}");
    }
}

/// An error with this message.
///
/// # Panics
/// Where there is a result, or another message.
#[track_caller]
pub fn refused<T>(result: Result<T>, message: &str) {
    match result {
        Ok(_) => panic!("accepted, but expected: {message}"),
        Err(error) => assert_eq!(error.to_string(), message),
    }
}

/// The 3 x 3 matrix of lab sheet 1.
pub fn sheet_matrix() -> Matrix {
    ndarray::array![[0.3374, 0.6005, 0.1735], [3.3359, 0.0492, 1.8374], [2.9407, 0.5301, 2.2620]]
}

/// Standard normal numbers from a portable seed.
pub fn normal(shape: (usize, usize), seed: u64) -> Matrix {
    Random::new(Seed::Portable(seed)).normal(shape)
}

/// The largest difference, relative to the largest entry of either.
pub fn distance(a: &Matrix, b: &Matrix) -> f64 {
    let largest = |x: &Matrix| x.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    largest(&(a - b)) / largest(b).max(largest(a)).max(f64::MIN_POSITIVE)
}

/// The slopes of `f` at x by central differences.
pub fn differences(x: &Matrix, f: impl Fn(&Matrix) -> f64) -> Matrix {
    let step = 1e-6;
    Matrix::from_shape_fn(x.raw_dim(), |cell| {
        let (mut low, mut high) = (x.clone(), x.clone());
        low[cell] -= step;
        high[cell] += step;
        (f(&high) - f(&low)) / (2.0 * step)
    })
}
