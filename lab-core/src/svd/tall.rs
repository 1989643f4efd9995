//! The decomposition of a tall matrix, a block of rows at a time: Demmel, Grigori, Hoemmen and Langou,
//! "Communication-optimal parallel and sequential QR and LU factorizations", SIAM J. Sci. Comput. 34 (2012).
//!
//! With `Aᵢ = Qᵢ Rᵢ` for each block and `[R₁; R₂; …] = W diag(s) Vᵀ`, the block of U is `Qᵢ Wᵢ`. All steps are
//! orthogonal, so the result is as exact as that of the whole matrix at once; but a block stays in the cache, and
//! blocks go to different cores. A single large block gains too: its Q is computed on another core while its R is
//! decomposed.

use faer::linalg::householder::{
    apply_block_householder_sequence_on_the_left_in_place_scratch as room_to_apply,
    apply_block_householder_sequence_on_the_left_in_place_with_conj as apply,
};
use faer::linalg::matmul::matmul;
use faer::linalg::solvers::Qr;
use faer::prelude::{Reborrow, ReborrowMut};
use faer::{Accum, Conj, Mat, MatRef, Par};

use super::Thin;
use crate::threads;

/// The fewest rows of a block, and the smallest ratio of its rows to its columns: combining the blocks' triangles must cost
/// little beside the blocks themselves.
const ROWS: usize = 800;
const TIMES_COLUMNS: usize = 8;

/// From this number of rows times squared columns on, the path for a single block is faster.
const LARGE: usize = 50_000_000;

/// The thin decomposition of `a` (m, n), m ≥ n; `None` where the iteration fails.
pub(super) fn decompose(a: MatRef<'_, f64>) -> Option<Thin> {
    let (m, n) = a.shape();
    match m / ROWS.max(TIMES_COLUMNS * n) {
        0 | 1 if 2 * m < 3 * n || m * n * n < LARGE => whole(a),
        0 | 1 => by_one_block(a),
        count => by_blocks(a, count),
    }
}

fn whole(a: MatRef<'_, f64>) -> Option<Thin> {
    let thin = a.thin_svd().ok()?;
    Some(Thin {
        u: thin.U().to_owned(),
        s: thin.S().column_vector().iter().copied().collect(),
        v: thin.V().to_owned(),
    })
}

fn by_one_block(a: MatRef<'_, f64>) -> Option<Thin> {
    let qr = a.qr();
    let (mut thin, mut q) = (None, Mat::new());
    let beside: [Box<dyn FnOnce() + Send>; 2] =
        [Box::new(|| thin = whole(qr.thin_R())), Box::new(|| q = qr.compute_thin_Q())];
    threads::each(beside.into());
    let Thin { u: w, s, v } = thin?;

    let mut u = Mat::zeros(a.nrows(), a.ncols());
    let half = a.nrows() / 2;
    let (above, below) = u.rb_mut().split_at_row_mut(half);
    let (q_above, q_below) = q.rb().split_at_row(half);
    let products = [(above, q_above), (below, q_below)];
    let w = w.rb();
    threads::each(products.map(|(u, q)| move || matmul(u, Accum::Replace, q, w, 1.0, Par::Seq)).into());
    Some(Thin { u, s, v })
}

fn by_blocks(a: MatRef<'_, f64>, count: usize) -> Option<Thin> {
    let (m, n) = a.shape();
    let starts = (0..=count).map(|i| m * i / count).collect::<Vec<_>>();
    let mut blocks: Vec<Option<Qr<f64>>> = vec![None; count];
    let tasks = blocks.iter_mut().zip(starts.windows(2));
    threads::each(
        tasks.map(|(qr, rows)| move || *qr = Some(a.subrows(rows[0], rows[1] - rows[0]).qr())).collect(),
    );
    let blocks: Vec<Qr<f64>> = blocks.into_iter().flatten().collect();

    let mut stack = Mat::zeros(count * n, n);
    for (i, block) in blocks.iter().enumerate() {
        stack.rb_mut().subrows_mut(i * n, n).copy_from(block.thin_R());
    }
    let Thin { u: w, s, v } = decompose(stack.rb())?;

    let mut u = Mat::zeros(m, n);
    let mut rest = u.rb_mut();
    let mut tasks = Vec::new();
    for (i, (block, rows)) in blocks.iter().zip(starts.windows(2)).enumerate() {
        let (mut part, below) = rest.split_at_row_mut(rows[1] - rows[0]);
        rest = below;
        let w = w.rb().subrows(i * n, n);
        tasks.push(move || {
            part.rb_mut().subrows_mut(0, n).copy_from(w);
            let (basis, factor) = (block.Q_basis(), block.Q_coeff());
            let mut room =
                faer::dyn_stack::MemBuffer::new(room_to_apply::<f64>(part.nrows(), factor.nrows(), n));
            apply(basis, factor, Conj::No, part, Par::Seq, faer::dyn_stack::MemStack::new(&mut room));
        });
    }
    threads::each(tasks);
    Some(Thin { u, s, v })
}
