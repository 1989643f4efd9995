//! The leading singular triples of a large matrix, without the others: block Lanczos bidiagonalisation from a random
//! start (Golub, Luk and Overton, ACM Trans. Math. Softw. 7 (1981); the rate of convergence: Musco and Musco, NIPS
//! 2015).
//!
//! Two orthonormal bases grow by a block of columns at a time, `V₁, V₂, …` and `U₁, U₂, …`, such that
//!
//! ```text
//! A Vₖ₊₁ = Uₖ Tₖᵀ + Uₖ₊₁ Sₖ₊₁          Aᵀ Uₖ = Vₖ Sₖᵀ + Vₖ₊₁ Tₖ
//! ```
//!
//! so `A V = U B` with B block bidiagonal and small. Its triples (p, s, q) give `u = U p`, `v = V q` with `A v = s u`, and
//! `Aᵀ u - s v = Vₖ₊₁ Tₖ pₖ` says how far they are from A's: some singular value lies within the length of that.

use faer::Mat;

use super::Thin;
use crate::lanes::Padded;
use crate::random::{Random, Seed};

/// `‖Aᵀ u - s v‖` accepted for each triple, as a share of the largest s.
const TOLERANCE: f64 = 1e-13;
/// Columns of a block beyond the rank (oversampling): with more of them, fewer steps are needed.
const MORE: usize = 6;
/// The bases may grow to A's columns divided by this; beyond, the whole decomposition is faster.
const MOST: usize = 8;

/// Whether the matrix is large enough, and the rank small enough, for this to be faster than the whole decomposition.
pub(super) fn pays((m, n): (usize, usize), rank: usize) -> bool {
    const LARGE: usize = 2_000_000_000;
    m.saturating_mul(n).saturating_mul(n) > LARGE && width(rank) * 2 * MOST <= n
}

fn width(rank: usize) -> usize {
    (rank + MORE).next_multiple_of(8)
}

/// The `rank` leading triples of `a` (m, n), m ≥ n; `None` where they have not converged when the bases are full.
pub(super) fn decompose(a: &Padded, rank: usize) -> Option<Thin> {
    let width = width(rank);
    let start = Random::new(Seed::Portable(0)).normal((a.columns, width));
    let (mut us, mut vs) = (Vec::new(), Vec::new());
    let (mut diagonal, mut above) = (Vec::new(), Vec::new());
    vs.push(orthonormal(Padded::of(&start.view()), &[]).0);
    let mut next_check = 2;
    while (us.len() + 1) * width * MOST <= a.columns {
        let mut image = Padded::zeros(a.rows, width);
        image.add_product(1.0, a, &vs[us.len()]);
        let (u, s) = orthonormal(image, &us);
        let mut back = Padded::zeros(a.columns, width);
        back.add_transposed_product(1.0, a, &u);
        let (v, t) = orthonormal(back, &vs);
        us.push(u);
        diagonal.push(s);
        let steps = us.len();
        if steps >= next_check {
            next_check = steps + 1 + steps / 4;
            let small = bidiagonal(&diagonal, &above).thin_svd().ok()?;
            let rest = &t * small.U().get((steps - 1) * width.., ..rank);
            let s: Vec<f64> = small.S().column_vector().iter().copied().take(rank).collect();
            if rest.col_iter().all(|rest| rest.norm_l2() <= TOLERANCE * s[0]) {
                let (u, v) = (combined(&us, small.U(), rank), combined(&vs, small.V(), rank));
                return Some(Thin { u, s, v });
            }
        }
        vs.push(v);
        above.push(t);
    }
    None
}

/// An orthonormal basis of what is left of w's columns once their components in the bases before are removed, and the
/// triangle R with `w = bases · … + basis · R`. Orthogonalising twice is enough (Kahan and Parlett), also where w's
/// columns are linearly dependent.
fn orthonormal(mut w: Padded, before: &[Padded]) -> (Padded, Mat<f64>) {
    let width = w.columns;
    let mut triangle = Mat::identity(width, width);
    for _ in 0..2 {
        for basis in before {
            let mut shares = Padded::zeros(width, width);
            shares.add_transposed_product(1.0, basis, &w);
            w.add_product(-1.0, basis, &shares);
        }
        let qr = dense(&w).qr();
        triangle = qr.thin_R() * triangle;
        w = padded(&qr.compute_thin_Q(), width);
    }
    (w, triangle)
}

/// B, from the blocks S on its diagonal and Tᵀ above.
fn bidiagonal(diagonal: &[Mat<f64>], above: &[Mat<f64>]) -> Mat<f64> {
    let width = diagonal[0].ncols();
    let mut b = Mat::zeros(diagonal.len() * width, diagonal.len() * width);
    for (k, s) in diagonal.iter().enumerate() {
        b.as_mut().submatrix_mut(k * width, k * width, width, width).copy_from(s);
    }
    for (k, t) in above.iter().enumerate() {
        b.as_mut().submatrix_mut(k * width, (k + 1) * width, width, width).copy_from(t.transpose());
    }
    b
}

/// The bases times the first columns of the coefficients.
fn combined(bases: &[Padded], coefficients: faer::MatRef<'_, f64>, rank: usize) -> Mat<f64> {
    let width = bases[0].columns;
    let mut sum = Padded::zeros(bases[0].rows, rank);
    for (k, basis) in bases.iter().enumerate().take(coefficients.nrows() / width) {
        let part = coefficients.subrows(k * width, width);
        sum.add_product(1.0, basis, &padded(&part.to_owned(), rank));
    }
    dense(&sum)
}

fn dense(x: &Padded) -> Mat<f64> {
    let mut copy = Mat::zeros(x.rows, x.columns);
    for (i, row) in x.data.chunks_exact(x.width).enumerate() {
        (0..x.columns).for_each(|j| copy[(i, j)] = row[j / 8].0[j % 8]);
    }
    copy
}

/// The first columns, padded.
fn padded(x: &Mat<f64>, columns: usize) -> Padded {
    let mut copy = Padded::zeros(x.nrows(), columns);
    for i in 0..x.nrows() {
        (0..columns).for_each(|j| *copy.at(i, j) = x[(i, j)]);
    }
    copy
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Matrix;
    use crate::svd::truncated_svd;

    fn normal(shape: (usize, usize), seed: u64) -> Matrix {
        Random::new(Seed::Portable(seed)).normal(shape)
    }

    /// U diag(s) Vᵀ (600, 500) with orthonormal U and V.
    fn of_spectrum(s: &[f64]) -> Matrix {
        let basis = |rows, seed| truncated_svd(&normal((rows, s.len()), seed), s.len()).unwrap().u;
        (basis(600, 1) * ndarray::ArrayView1::from(s)).dot(&basis(500, 2).t())
    }

    #[test]
    fn triples_are_those_of_the_whole_decomposition() {
        let falling: Vec<f64> = (0..20).map(|k| 0.3_f64.powi(k)).collect();
        for s in [&falling[..], &[1.0, 1.0, 1.0, 0.5], &[2.0]] {
            let a = of_spectrum(s);
            let rank = 4.min(s.len());
            let few = decompose(&Padded::of(&a.view()), rank).expect("this spectrum falls fast");
            let whole = super::super::tall::decompose(super::super::scaled(&a.view(), 1.0).as_ref()).unwrap();
            let product = |thin: &Thin| {
                let s = Mat::from_fn(rank, rank, |i, j| if i == j { thin.s[i] } else { 0.0 });
                thin.u.get(.., ..rank) * s * thin.v.get(.., ..rank).transpose()
            };
            for ((few, whole), given) in few.s.iter().zip(&whole.s).zip(s) {
                assert!(
                    (few - whole).abs() < 1e-14 && (few - given).abs() < 1e-14,
                    "{few}, {whole}, {given}"
                );
            }
            assert!((product(&few) - product(&whole)).norm_max() < 1e-13);
            assert!((few.u.transpose() * &few.u - Mat::<f64>::identity(rank, rank)).norm_max() < 1e-14);
        }
    }

    #[test]
    fn a_crowded_spectrum_is_left_to_the_whole_decomposition() {
        assert!(decompose(&Padded::of(&normal((600, 500), 3).view()), 2).is_none());
    }
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn the_width_of_the_lanes_changes_no_bit() {
        let a = Padded::of(&of_spectrum(&[4.0, 3.0, 2.0, 1.0]).view());
        let bits = || {
            let found = crate::threads::tests::on(1, || decompose(&a, 2).unwrap()).0;
            let numbers =
                found.u.col_iter().chain(found.v.col_iter()).flat_map(|column| column.iter().copied());
            numbers.chain(found.s).map(f64::to_bits).collect::<Vec<_>>()
        };
        let results = crate::lanes::tests::on_each_width(bits);
        assert!(results.iter().all(|(_, found)| *found == results[0].1));
    }
}
