//! The decomposition in WebAssembly, where faer's would be a third of the module: the one-sided Jacobi method, which
//! rotates pairs of columns until all are orthogonal (Hestenes, "Inversion of matrices by biorthogonalization and
//! related results", J. SIAM 6 (1958)). For the small matrices of a page it is as exact, and fast enough.

use faer::Mat;

use super::Thin;

/// Two columns are orthogonal below this share of their lengths.
const ORTHOGONAL: f64 = 1e-15;
/// The most sweeps over all pairs of columns: eight are usual.
const MOST: usize = 60;

/// The thin decomposition of `a` (m, n), m ≥ n; `None` where the columns have not become orthogonal.
pub(super) fn decompose(mut a: Mat<f64>) -> Option<Thin> {
    let n = a.ncols();
    let mut v = Mat::<f64>::identity(n, n);
    let mut turned = true;
    for _ in 0..MOST {
        turned = false;
        for i in 0..n {
            for j in i + 1..n {
                let (x, y) = (a.col_as_slice(i), a.col_as_slice(j));
                let (xx, yy, xy) = (dot(x, x), dot(y, y), dot(x, y));
                if xy.abs() > ORTHOGONAL * (xx * yy).sqrt() {
                    turned = true;
                    let half = (yy - xx) / (2.0 * xy); // the cotangent of twice the angle
                    let t = half.signum() / (half.abs() + half.hypot(1.0));
                    let c = 1.0 / t.hypot(1.0);
                    turn(&mut a, (i, j), c, c * t);
                    turn(&mut v, (i, j), c, c * t);
                }
            }
        }
        if !turned {
            break;
        }
    }
    if turned {
        return None;
    }
    let lengths: Vec<f64> = (0..n).map(|j| dot(a.col_as_slice(j), a.col_as_slice(j)).sqrt()).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|i, j| lengths[*j].total_cmp(&lengths[*i]));
    let s: Vec<f64> = order.iter().map(|j| lengths[*j]).collect();
    let v = Mat::from_fn(n, n, |i, k| v[(i, order[k])]);
    let mut u = Mat::from_fn(a.nrows(), n, |i, k| if s[k] > 0.0 { a[(i, order[k])] / s[k] } else { 0.0 });
    (0..n).filter(|k| s[*k] == 0.0).for_each(|k| complete(&mut u, k));
    Some(Thin { u, s, v })
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

/// Turns two columns by the angle of this cosine and sine.
fn turn(x: &mut Mat<f64>, (i, j): (usize, usize), c: f64, s: f64) {
    for row in 0..x.nrows() {
        let (a, b) = (x[(row, i)], x[(row, j)]);
        (x[(row, i)], x[(row, j)]) = (c * a - s * b, s * a + c * b);
    }
}

/// Replaces a column of zeros by a unit vector orthogonal to all others: it orthogonalises the coordinate vector that
/// they contain least of.
fn complete(u: &mut Mat<f64>, k: usize) {
    let held = |row: usize| (0..u.ncols()).map(|j| u[(row, j)] * u[(row, j)]).sum::<f64>();
    let least = (0..u.nrows()).min_by(|a, b| held(*a).total_cmp(&held(*b))).unwrap_or(0);
    u[(least, k)] = 1.0;
    for _ in 0..2 {
        for j in (0..u.ncols()).filter(|j| *j != k) {
            let along = dot(u.col_as_slice(j), u.col_as_slice(k));
            (0..u.nrows()).for_each(|row| u[(row, k)] -= along * u[(row, j)]);
        }
        let length = dot(u.col_as_slice(k), u.col_as_slice(k)).sqrt();
        (0..u.nrows()).for_each(|row| u[(row, k)] /= length);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tall;
    use super::*;
    use crate::random::{Random, Seed};

    fn largest(m: &Mat<f64>) -> f64 {
        m.col_iter().map(|column| column.norm_max()).fold(0.0, f64::max)
    }

    #[test]
    fn the_decomposition_is_that_of_faer() {
        for (seed, (m, n)) in [(1, 1), (3, 3), (5, 2), (20, 20), (150, 4), (300, 40)].into_iter().enumerate()
        {
            let a = Random::new(Seed::Portable(seed as u64)).normal((m, n));
            let a = Mat::from_fn(m, n, |i, j| a[[i, j]]);
            let (ours, faers) = (decompose(a.clone()).unwrap(), tall::decompose(a.as_ref()).unwrap());
            for (k, (x, y)) in ours.s.iter().zip(&faers.s).enumerate() {
                assert!((x - y).abs() < 1e-13 * faers.s[0], "{m} x {n}, {k}: {x} and {y}");
            }
            let scaled = Mat::from_fn(m, n, |i, k| ours.u[(i, k)] * ours.s[k]);
            assert!(largest(&(scaled * ours.v.transpose() - &a)) < 1e-12);
            assert!(largest(&(ours.u.transpose() * &ours.u - Mat::<f64>::identity(n, n))) < 1e-13);
            assert!(largest(&(ours.v.transpose() * &ours.v - Mat::<f64>::identity(n, n))) < 1e-13);
        }
    }

    #[test]
    fn a_matrix_of_lower_rank_still_has_orthonormal_vectors() {
        let zeros = Mat::from_fn(4, 3, |i, j| if j == 1 { i as f64 } else { 0.0 });
        for a in [Mat::zeros(4, 3), zeros] {
            let found = decompose(a).unwrap();
            assert!(largest(&(found.u.transpose() * &found.u - Mat::<f64>::identity(3, 3))) < 1e-14);
        }
    }
}
