//! Gradient descent by the residual, `E = A - U Vᵀ`, of which only a block of rows exists at a time.
//!
//! Half of the negative gradients of the sum of squares are `E V` and `Eᵀ U`. This path is exact however small the loss
//! is, and takes 3 m n r operations an epoch.

use super::Descent;
use crate::error::Result;
use crate::lanes::{Padded, dot};
use crate::threads;

/// Rows of a block: enough to reuse what is read of V, few enough to stay in the cache.
const BLOCK: usize = 64;
/// Groups of blocks, each with its own partial sums: a fixed number, so that the result does not depend on the threads.
const GROUPS: usize = 16;
/// From so many operations an epoch on, several threads are faster than one.
const WORTH_THREADS: usize = 1 << 21;

struct Block {
    a: Padded,
    u: Padded,
    du: Padded,
}

#[derive(Default)]
struct Group {
    blocks: Vec<Block>,
    squares: f64,
    /// `Uᵀ E` over the group's rows, (r, n).
    dvt: Padded,
    e: Padded,
}

pub(super) fn descend(state: &mut Descent<'_>) -> Result<()> {
    let (m, n, r) = (state.a.rows, state.v.rows, state.v.columns);
    let mut groups: Vec<Group> = Vec::new();
    for rows in (0..m).step_by(BLOCK).map(|first| first..m.min(first + BLOCK)) {
        if rows.start * GROUPS >= groups.len() * m {
            groups.push(Group { dvt: Padded::zeros(r, n), ..Group::default() });
        }
        let (a, u) = (state.a.rows(rows.clone()), state.u.rows(rows.clone()));
        let du = Padded::zeros(rows.len(), r);
        groups.last_mut().expect("one has just been pushed").blocks.push(Block { a, u, du });
    }
    let mut vt = Padded::zeros(r, n);
    loop {
        vt.transpose_of(&state.v);
        let (v, vt) = (&state.v, &vt);
        if m * n * r < WORTH_THREADS {
            for group in &mut groups {
                group.differentiate(v, vt);
            }
        } else {
            threads::each(groups.iter_mut().map(|group| move || group.differentiate(v, vt)).collect());
        }
        let squares = groups.iter().map(|group| group.squares).sum();
        let Some(c) = state.report(squares)? else { break };
        let mut dvt = Padded::zeros(r, n);
        for group in &groups {
            dvt.add(c, &group.dvt);
        }
        state.v.add_transpose_of(&dvt);
        groups.iter_mut().flat_map(|group| &mut group.blocks).for_each(|block| block.u.add(c, &block.du));
    }
    state.u.data = groups.into_iter().flat_map(|group| group.blocks).flat_map(|block| block.u.data).collect();
    Ok(())
}

impl Group {
    fn differentiate(&mut self, v: &Padded, vt: &Padded) {
        self.squares = 0.0;
        self.dvt.clear();
        for Block { a, u, du } in &mut self.blocks {
            self.e.assign(a);
            self.e.add_product(-1.0, u, vt);
            self.squares += dot(&self.e, &self.e);
            du.cleared().add_product(1.0, &self.e, v);
            self.dvt.add_transposed_product(1.0, u, &self.e);
        }
    }
}
