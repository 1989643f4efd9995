//! Completing a large matrix from its observed cells.

use std::num::NonZeroUsize;

use super::{Factors, SgdParams, check_penalty, sgd};
use crate::descent::check_lr;
use crate::error::{Error, Result};
use crate::matrix::check_rank;
use crate::memory::check_room;
use crate::observations::Observations;
use crate::random::Random;

/// More blocks than this on a side would each hold next to nothing.
const MOST_BLOCKS: usize = 1024;

/// The order in which [`sgd_factorise_observed`] visits the cells in each epoch.
///
/// ```
/// use lab_core::Order;
///
/// assert_eq!(Order::default(), Order::Shuffled);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The order in which they are stored.
    Stored,
    /// A permutation drawn from the seed after the start, the same in each epoch: neighbouring updates rarely share a row.
    #[default]
    Shuffled,
}

/// What [`sgd_factorise_observed`] found.
#[derive(Debug, Clone, PartialEq)]
pub struct Completion {
    /// The factors; their losses are sums of squares over the training cells.
    pub factors: Factors,
    /// Root mean square error over the training cells after each epoch: epochs + 1 entries.
    pub train_rmse: Vec<f64>,
    /// The same over the held-out cells; empty without them.
    pub held_out_rmse: Vec<f64>,
}

/// [`sgd_factorise_masked`](crate::sgd_factorise_masked) for problems of any size: memory and work grow with the number
/// of observed cells.
///
/// With `blocks` B above 1, the matrix is cut into B x B blocks, of which those that share no row and no column are
/// visited side by side on up to B threads (Gemulla et al., KDD 2011). The result depends on B and the seed, never on the
/// number of threads; B = 1 is the sequential definition.
///
/// # Errors
/// [`Error::Rank`], [`Error::Param`] for the parameters, of which `blocks` is at most 1024; [`Error::Shape`] for held-out
/// cells of another matrix; [`Error::Memory`] where the factors cannot fit; [`Error::Diverged`] at the first loss that is
/// not finite.
///
/// ```
/// use std::num::NonZeroUsize;
///
/// use lab_core::{Init, Observations, Order, Random, Seed, SgdParams, sgd_factorise_observed};
///
/// // A matrix of ones, of which one cell in three is seen.
/// let seen = (0..50).flat_map(|i| (0..40).map(move |j| (i, j, 1.0))).filter(|(i, j, _)| (i + j) % 3 == 0);
/// let cells = Observations::new((50, 40), seen)?;
/// let (train, test) = cells.split(600, &mut Random::new(Seed::Portable(0)))?;
/// let p = SgdParams { rank: 1, epochs: 300, lr: 0.05, ..Default::default() };
/// let found = sgd_factorise_observed(&train, Some(&test), &p, Order::Shuffled, NonZeroUsize::MIN)?;
/// assert!(found.held_out_rmse[300] < 1e-3);
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn sgd_factorise_observed(
    train: &Observations,
    held_out: Option<&Observations>,
    p: &SgdParams,
    order: Order,
    blocks: NonZeroUsize,
) -> Result<Completion> {
    check_rank(train.dim(), p.rank)?;
    check_lr(p.lr)?;
    check_penalty(p.penalty)?;
    if let Some(other) = held_out.map(Observations::dim).filter(|&dim| dim != train.dim()) {
        return Err(Error::shape("the matrix of the held-out cells", train.dim(), other));
    }
    let (m, n) = train.dim();
    let blocks = blocks.get();
    if blocks > m.min(n).min(MOST_BLOCKS) {
        let rule = "at most 1024, and at most the smaller side of the matrix";
        return Err(Error::Param { name: "blocks", rule, found: blocks.to_string() });
    }
    p.init.check()?;
    check_size(train, p.rank, order, blocks)?;
    let mut random = Random::new(p.seed);
    let (u0, v0) = (p.init.sample((m, p.rank), &mut random), p.init.sample((n, p.rank), &mut random));
    let shuffled = (order == Order::Shuffled).then(|| train.shuffled(&mut random));
    let plan = sgd::Plan { train: shuffled.as_ref().unwrap_or(train), held_out, blocks, p };
    let sgd::Run { u, v, losses, held_out: squares } = sgd::descend(u0, v0, &plan)?;
    let rmse = |squares: &[f64], cells: usize| squares.iter().map(|s| (s / cells as f64).sqrt()).collect();
    let train_rmse = rmse(&losses, train.len());
    let held_out_rmse = held_out.map(|cells| rmse(&squares, cells.len())).unwrap_or_default();
    Ok(Completion { factors: Factors { u, v, losses }, train_rmse, held_out_rmse })
}

/// Refuses a problem that cannot fit into memory. Counts U and V twice, as drawn and as the descent stores them (rows
/// padded to whole groups), and a copy of the cells for each new order of them.
fn check_size(train: &Observations, rank: usize, order: Order, blocks: usize) -> Result<()> {
    let (m, n) = train.dim();
    let row = rank as u128 + rank.next_multiple_of(sgd::group(rank)) as u128;
    let copies = u128::from(order == Order::Shuffled) + u128::from(blocks > 1);
    let numbers = (m as u128 + n as u128) * row + 2 * copies * train.len() as u128;
    check_room(format!("a completion of {m} x {n} at rank {rank}"), numbers)
}
