//! A region: steps of an expression that are fused, and computed for one block of rows after another.
//!
//! In most steps a row of the result needs one row of an argument: sums, functions of each entry, products with a
//! matrix on the right (which is then needed as a whole). A region is made of such steps and ends in a matrix, or in a
//! reduction of one to a number. Its intermediate results are never stored as whole matrices. Where it ends in a
//! number, the forward pass also computes the gradients for a gradient of 1 at the end; the backward pass only scales
//! them.

use super::block::{Block, Room, Seen};
use super::rules::{self, Op, Pass};
use crate::lanes::{Lane, Padded, zero_behind};
use crate::threads;

/// Lanes in the largest value of a block: 256 KB, so that a block's values stay in the nearer caches.
const BLOCK: usize = 1 << 12;
/// Rows of a block at most.
const BLOCK_ROWS: usize = 64;
/// The rows are divided into at most so many groups of blocks, whatever the number of threads: this fixes the order of
/// sums.
const GROUPS: usize = 16;
/// From so many operations a pass on, several threads are faster than one.
const WORTH_THREADS: usize = 1 << 19;

/// An argument of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Arg {
    None,
    Input(usize),
    Step(usize),
}

/// What a block of rows needs of an input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Need {
    /// The same rows of it.
    Rows,
    /// The whole matrix.
    Whole,
    /// One row for every row, or one number that is broadcast to so many columns.
    Repeated(usize),
}

#[derive(Debug)]
pub(super) struct Input {
    /// The node's place in the plan.
    pub node: usize,
    pub need: Need,
    pub varies: bool,
    /// Rows and columns of the node.
    pub shape: (usize, usize),
    /// Where the node is a transpose, the node that it is of.
    pub transpose_of: Option<usize>,
}

impl Input {
    /// Rows and columns of its gradient as a pass finds it.
    pub fn slope_shape(&self) -> (usize, usize) {
        if let Need::Repeated(columns) = self.need { (1, columns) } else { self.shape }
    }

    /// Whether its gradient is a sum over all rows.
    pub fn sums(&self) -> bool {
        self.varies && self.need != Need::Rows
    }
}

#[derive(Debug)]
pub(super) struct Step {
    /// The node's place in the plan.
    pub node: usize,
    pub op: Op,
    pub a: Arg,
    pub b: Arg,
    /// Of a product: what it is added to, and that term's sign.
    pub onto: Option<(Arg, f64)>,
    /// Of a product: its own sign.
    pub sign: f64,
    pub columns: usize,
    pub varies: bool,
}

/// The steps, each after its arguments; the last computes the region's result.
#[derive(Debug, Default)]
pub(super) struct Region {
    pub rows: usize,
    pub inputs: Vec<Input>,
    pub steps: Vec<Step>,
}

/// The buffers of a region, kept from one pass to the next.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// The region's result, where it is a number.
    pub number: f64,
    /// For each input the gradient that the last backward pass found; empty where it does not vary.
    pub slopes: Vec<Padded>,
    rooms: Vec<Room>,
    repeated: Vec<Padded>,
    turned: Vec<Padded>,
}

/// Whether a pass also goes backwards, and from which gradient.
#[derive(Clone, Copy)]
pub(super) enum Back<'a> {
    Not,
    /// Backwards from a number, with the gradient 1.
    FromOne,
    /// Backwards from a matrix, with this gradient.
    From(&'a Padded),
}

/// A group of blocks: its rows, and its part of every matrix that has the region's rows.
struct Group<'a> {
    first: usize,
    rows: usize,
    slopes: Vec<&'a mut [Lane]>,
    kept: Vec<&'a mut [Lane]>,
}

impl Region {
    pub fn reduces(&self) -> bool {
        let last = self.steps.last().map(|step| &step.op);
        matches!(last, Some(Op::Sum | Op::SumOfSquares | Op::CrossEntropy(..)))
    }

    /// Runs the steps on all rows: forwards, then backwards unless `back` says otherwise. `values` are those of the
    /// inputs, `transposes` their transposes where they are known; the values of the steps in `keep` are stored.
    pub fn pass(
        &self,
        work: &mut Work,
        values: &[&Padded],
        transposes: &[Option<&Padded>],
        back: Back<'_>,
        keep: &mut [(usize, &mut Padded)],
    ) {
        let Work { number, slopes, rooms, repeated, turned } = work;
        let backward = !matches!(back, Back::Not);
        self.spread(values, repeated);
        if backward {
            self.turn(values, transposes, turned);
        }
        let inputs = self.inputs.iter().zip(values).zip(&*repeated);
        let seen = Seen {
            inputs: inputs.map(|((_, value), row)| if row.rows == 0 { value } else { row }).collect(),
            turned: (0..values.len()).map(|i| transposes[i].or(turned.get(i))).collect(),
            ones: self.ones(),
            back,
        };
        if backward {
            slopes.resize_with(self.inputs.len(), Padded::default);
            for (input, slope) in self.inputs.iter().zip(&mut *slopes).filter(|(input, _)| input.varies) {
                slope.reset(input.slope_shape());
            }
        }

        let block = self.block_rows();
        let blocks = self.rows.div_ceil(block);
        let rows = blocks.div_ceil(GROUPS.min(blocks)) * block;
        let steps: Vec<usize> = keep.iter().map(|(step, _)| *step).collect();
        let groups = self.groups(rows, slopes, keep);
        let threaded = groups.len() > 1 && self.operations(values) >= WORTH_THREADS && threads::count() > 1;
        rooms.resize_with(if threaded { groups.len() } else { 1 }, Room::default);
        for room in &mut *rooms {
            room.open(self, backward);
        }
        let visit = |group: Group<'_>, room: &mut Room| {
            self.visit(group, block, &seen, &steps, room);
            room.close();
        };
        if threaded {
            let tasks = groups.into_iter().zip(&mut *rooms).map(|(group, room)| move || visit(group, room));
            threads::each(tasks.collect());
        } else {
            for group in groups {
                visit(group, &mut rooms[0]);
            }
        }
        *number = rooms.iter().map(|room| room.total).sum();
        if backward {
            for (i, slope) in slopes.iter_mut().enumerate() {
                for room in rooms.iter().filter(|_| self.inputs[i].sums()) {
                    slope.data.iter_mut().zip(&room.totals[i]).for_each(|(sum, x)| sum.add(1.0, x));
                }
            }
        }
    }

    /// Forwards and backwards through the blocks of a group.
    fn visit(&self, mut group: Group<'_>, block: usize, seen: &Seen<'_>, keep: &[usize], room: &mut Room) {
        for first in (0..group.rows).step_by(block) {
            let rows = block.min(group.rows - first);
            let own = first..first + rows;
            let (room, slopes) = (&mut *room, &mut group.slopes[..]);
            let mut block = Block { region: self, seen, first: group.first + first, rows, own, room, slopes };
            if !matches!(seen.back, Back::From(_)) || self.steps.len() > 1 {
                (0..self.steps.len()).for_each(|at| rules::step(&mut block, at, Pass::Forward));
            }
            for (kept, &at) in group.kept.iter_mut().zip(keep) {
                let width = self.steps[at].columns.div_ceil(8);
                kept[first * width..][..rows * width].copy_from_slice(&block.room.values[at]);
            }
            if !matches!(seen.back, Back::Not) {
                block.turn_back();
                (0..self.steps.len()).rev().for_each(|at| rules::step(&mut block, at, Pass::Backward));
            }
        }
    }

    /// Divides the rows, and every matrix that has a row for each of them, into groups of so many rows.
    fn groups<'a>(
        &self,
        rows: usize,
        slopes: &'a mut [Padded],
        keep: &'a mut [(usize, &mut Padded)],
    ) -> Vec<Group<'a>> {
        let firsts = (0..self.rows).step_by(rows);
        let mut groups: Vec<Group<'_>> = firsts
            .map(|first| Group { first, rows: rows.min(self.rows - first), slopes: vec![], kept: vec![] })
            .collect();
        for (input, slope) in self.inputs.iter().zip(slopes) {
            if input.varies && input.need == Need::Rows {
                let parts = slope.data.chunks_mut(rows * slope.width);
                groups.iter_mut().zip(parts).for_each(|(group, part)| group.slopes.push(part));
            } else {
                for group in &mut groups {
                    group.slopes.push(&mut []);
                }
            }
        }
        for (_, kept) in keep {
            let parts = kept.data.chunks_mut(rows * kept.width);
            groups.iter_mut().zip(parts).for_each(|(group, part)| group.kept.push(part));
        }
        groups
    }

    fn ones(&self) -> Vec<Lane> {
        let columns = self.steps.last().map_or(0, |step| step.columns);
        let mut ones = vec![Lane::splat(1.0); columns.div_ceil(8)];
        zero_behind(&mut ones, columns);
        ones
    }

    fn block_rows(&self) -> usize {
        let widest = self.steps.iter().map(|step| step.columns.div_ceil(8)).max().unwrap_or(1);
        (BLOCK / widest.max(1) / 8 * 8).clamp(8, BLOCK_ROWS)
    }

    /// Multiplications of the products, for all rows.
    fn operations(&self, values: &[&Padded]) -> usize {
        let whole = self.inputs.iter().zip(values).filter(|(input, _)| input.need == Need::Whole);
        self.rows * whole.map(|(_, value)| value.rows * value.columns).sum::<usize>()
    }

    /// Writes each number that is broadcast out as a row.
    fn spread(&self, values: &[&Padded], repeated: &mut Vec<Padded>) {
        repeated.resize_with(self.inputs.len(), Padded::default);
        for ((input, value), row) in self.inputs.iter().zip(values).zip(repeated) {
            if let Need::Repeated(columns) = input.need
                && columns != input.shape.1
            {
                row.reset((1, columns));
                row.data.fill(Lane::splat(value.data[0].0[0]));
                zero_behind(&mut row.data, columns);
            }
        }
    }

    /// Transposes the right factors of products: the backward pass multiplies gradients by these transposes.
    fn turn(&self, values: &[&Padded], transposes: &[Option<&Padded>], turned: &mut Vec<Padded>) {
        turned.resize_with(self.inputs.len(), Padded::default);
        for step in self.steps.iter().filter(|step| matches!(step.op, Op::Dot) && self.varies(step.a)) {
            if let Arg::Input(i) = step.b
                && transposes[i].is_none()
            {
                turned[i].reset((values[i].columns, values[i].rows));
                turned[i].add_transpose_of(values[i]);
            }
        }
    }

    pub fn varies(&self, arg: Arg) -> bool {
        match arg {
            Arg::None => false,
            Arg::Input(i) => self.inputs[i].varies,
            Arg::Step(s) => self.steps[s].varies,
        }
    }
}
