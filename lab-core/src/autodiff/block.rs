//! One block of a region's rows: the values of its steps, and their gradients on the way back.

use std::ops::Range;

use super::region::{Arg, Back, Need, Region};
use super::rules::Op;
use crate::lanes::{Lane, Padded, Rows, RowsMut};

/// Where a step's gradient is stored. A gradient that is a multiple of numbers stored already is not copied.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// One in every entry.
    Ones,
    /// The values of an argument.
    Values(Arg),
    /// The buffer of a step.
    Buffer(usize),
    /// The gradient of the region's end.
    End,
}

#[derive(Debug, Clone, Copy)]
struct Given {
    source: Source,
    factor: f64,
}

/// A step's gradient: `factor` times these rows.
#[derive(Clone, Copy)]
pub(super) struct Slope<'a> {
    pub factor: f64,
    pub rows: Rows<'a>,
}

/// The buffers of one thread.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// The value of each step, for the rows of the block.
    pub values: Vec<Vec<Lane>>,
    /// Gradients of steps that need a buffer of their own.
    slopes: Vec<Vec<Lane>>,
    given: Vec<Option<Given>>,
    number: f64,
    /// For inputs that all rows share: the sum of their gradients over the rows of the group.
    sums: Vec<Vec<Lane>>,
    /// The sums over all groups so far.
    pub total: f64,
    pub totals: Vec<Vec<Lane>>,
}

impl Room {
    /// Prepares the buffers for the first group of blocks.
    pub fn open(&mut self, region: &Region, backward: bool) {
        let steps = region.steps.len();
        self.values.resize_with(steps, Vec::new);
        self.slopes.resize_with(steps, Vec::new);
        (self.number, self.total) = (0.0, 0.0);
        for sums in [&mut self.sums, &mut self.totals] {
            sums.resize_with(region.inputs.len(), Vec::new);
            for (input, sum) in region.inputs.iter().zip(sums).filter(|(input, _)| backward && input.sums()) {
                let (rows, columns) = input.slope_shape();
                sum.clear();
                sum.resize(rows * columns.div_ceil(8), Lane::ZERO);
            }
        }
    }

    /// Adds the sums of a group to the totals, and clears them for the next group.
    pub fn close(&mut self) {
        self.total += self.number;
        self.number = 0.0;
        for (total, sum) in self.totals.iter_mut().zip(&mut self.sums) {
            total.iter_mut().zip(&*sum).for_each(|(total, x)| total.add(1.0, x));
            sum.fill(Lane::ZERO);
        }
    }
}

/// The data that all blocks read.
pub(super) struct Seen<'a> {
    pub inputs: Vec<&'a Padded>,
    /// Transposes of inputs that are needed whole.
    pub turned: Vec<Option<&'a Padded>>,
    /// A row of ones, as wide as the rows that the region's last step sums up.
    pub ones: Vec<Lane>,
    pub back: Back<'a>,
}

/// Gives a step its arguments: of each, the rows of the block.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    region: &'a Region,
    seen: &'a Seen<'a>,
    first: usize,
    rows: usize,
    values: &'a [Vec<Lane>],
}

impl<'a> Reader<'a> {
    /// The rows of an argument.
    pub fn rows(&self, arg: Arg) -> Rows<'a> {
        let width = self.columns(arg).div_ceil(8);
        match arg {
            Arg::None => Rows::all(&[], 0),
            Arg::Step(s) => Rows::all(&self.values[s], width),
            Arg::Input(i) => match self.region.inputs[i].need {
                Need::Repeated(_) => Rows::again(&self.seen.inputs[i].data),
                _ => Rows::all(&self.seen.inputs[i].data[self.first * width..][..self.rows * width], width),
            },
        }
    }

    /// All rows of an argument that a step needs as a whole.
    pub fn whole(&self, arg: Arg) -> &'a [Lane] {
        let Arg::Input(i) = arg else { unreachable!("a plan makes whole arguments inputs") };
        &self.seen.inputs[i].data
    }

    /// The transpose of such an argument.
    pub fn turned(&self, arg: Arg) -> &'a [Lane] {
        let Arg::Input(i) = arg else { unreachable!("a plan makes whole arguments inputs") };
        self.seen.turned[i].map_or(&[], |turned| &turned.data)
    }

    pub fn columns(&self, arg: Arg) -> usize {
        match arg {
            Arg::None => 0,
            Arg::Step(s) => self.region.steps[s].columns,
            Arg::Input(i) => self.region.inputs[i].slope_shape().1,
        }
    }

    /// The block's rows, as a range of the region's rows.
    pub fn range(&self) -> Range<usize> {
        self.first..self.first + self.rows
    }
}

pub(super) struct Block<'a, 'b> {
    pub region: &'a Region,
    pub seen: &'a Seen<'a>,
    pub first: usize,
    pub rows: usize,
    /// The block's rows within its group.
    pub own: Range<usize>,
    pub room: &'a mut Room,
    /// The gradients of inputs that have the region's rows, for the rows of the group.
    pub slopes: &'a mut [&'b mut [Lane]],
}

impl Block<'_, '_> {
    /// Computes a step's value by its rule.
    pub fn put(&mut self, at: usize, rule: impl FnOnce(RowsMut<'_>, Reader<'_>)) {
        let (before, after) = self.room.values.split_at_mut(at);
        let (columns, out) = (self.region.steps[at].columns, &mut after[0]);
        let width = columns.div_ceil(8);
        out.resize(self.rows * width, Lane::ZERO);
        let reader = Reader {
            region: self.region,
            seen: self.seen,
            first: self.first,
            rows: self.rows,
            values: before,
        };
        rule(RowsMut { data: out, stride: width, count: self.rows, width, columns }, reader);
    }

    /// Adds the block's share to the number that the region reduces to.
    pub fn count(&mut self, rule: impl FnOnce(Reader<'_>) -> f64) {
        let (region, seen, first, rows) = (self.region, self.seen, self.first, self.rows);
        self.room.number += rule(Reader { region, seen, first, rows, values: &self.room.values });
    }

    /// Begins the backward pass: the last step's gradient is known, those of all others are not.
    pub fn turn_back(&mut self) {
        let source = if matches!(self.seen.back, Back::From(_)) { Source::End } else { Source::Ones };
        self.room.given.clear();
        self.room.given.resize(self.region.steps.len(), None);
        if let Some(end) = self.room.given.last_mut() {
            *end = Some(Given { source, factor: 1.0 });
        }
    }

    /// Adds to an argument's gradient what the rule computes from a step's gradient. Does nothing for an argument that
    /// depends on no leaf.
    pub fn into(&mut self, at: usize, to: Arg, rule: impl FnOnce(RowsMut<'_>, Slope<'_>, Reader<'_>)) {
        let Some(given) = self.room.given[at].filter(|_| self.region.varies(to)) else { return };
        if let Arg::Step(s) = to {
            self.own(s);
        }
        let (region, seen, first, rows) = (self.region, self.seen, self.first, self.rows);
        let Room { values, slopes, sums, .. } = &mut *self.room;
        let (lower, upper) = slopes.split_at_mut(at);
        let reader = Reader { region, seen, first, rows, values };
        let slope = Slope { factor: given.factor, rows: read(given.source, reader, upper, at) };
        let columns = reader.columns(to);
        let width = columns.div_ceil(8);
        let (data, stride) = match to {
            Arg::None => return,
            Arg::Step(s) => (&mut lower[s][..], width),
            Arg::Input(i) => match region.inputs[i].need {
                Need::Rows => (&mut self.slopes[i][self.own.start * width..self.own.end * width], width),
                Need::Whole => (&mut sums[i][..], width),
                Need::Repeated(_) => (&mut sums[i][..], 0),
            },
        };
        rule(RowsMut { data, stride, count: rows, width, columns }, slope, reader);
    }

    /// Passes a step's gradient, times a factor, on to an argument.
    pub fn hand_on(&mut self, at: usize, to: Arg, factor: f64) {
        let Some(given) = self.room.given[at].filter(|_| self.region.varies(to)) else { return };
        let lent = Given { factor: given.factor * factor, ..given };
        if !self.lend(to, lent) {
            self.into(at, to, |d, g, _| d.add(factor * g.factor, g.rows));
        }
    }

    /// Gives an argument its own values as its gradient, times a factor and the step's gradient, which is one number.
    pub fn hand_on_values(&mut self, at: usize, to: Arg, factor: f64) {
        let Some(given) = self.room.given[at].filter(|_| self.region.varies(to)) else { return };
        if !self.lend(to, Given { source: Source::Values(to), factor: given.factor * factor }) {
            self.into(at, to, |d, g, x| d.add(factor * g.factor, x.rows(to)));
        }
    }

    /// Lends a gradient, without a copy, to a step that has none yet; returns whether it did. A product refuses
    /// `Source::Ones`, because it reads every row of its gradient.
    fn lend(&mut self, to: Arg, given: Given) -> bool {
        let Arg::Step(s) = to else { return false };
        let ones = matches!(given.source, Source::Ones) && matches!(self.region.steps[s].op, Op::Dot);
        let free = self.room.given[s].is_none() && !ones;
        if free {
            self.room.given[s] = Some(given);
        }
        free
    }

    /// Moves a step's gradient into a buffer of its own, which begins with the gradient given so far.
    fn own(&mut self, s: usize) {
        let given = self.room.given[s].replace(Given { source: Source::Buffer(s), factor: 1.0 });
        if let Some(Given { source: Source::Buffer(buffer), .. }) = given
            && buffer == s
        {
            return;
        }
        let (region, seen, first, rows) = (self.region, self.seen, self.first, self.rows);
        let width = region.steps[s].columns.div_ceil(8);
        let Room { values, slopes, .. } = &mut *self.room;
        let (lower, upper) = slopes.split_at_mut(s + 1);
        let out = &mut lower[s];
        out.clear();
        out.resize(rows * width, Lane::ZERO);
        if let Some(Given { source, factor }) = given {
            let from = read(source, Reader { region, seen, first, rows, values }, upper, s + 1);
            RowsMut { data: out, stride: width, count: rows, width, columns: region.steps[s].columns }
                .assign(factor, from);
        }
    }
}

/// The rows of a source; `buffers` are those of the steps from `after` on.
fn read<'a>(source: Source, reader: Reader<'a>, buffers: &'a [Vec<Lane>], after: usize) -> Rows<'a> {
    let end = reader.region.steps.len() - 1;
    match source {
        Source::Ones => Rows::again(&reader.seen.ones),
        Source::Values(arg) => reader.rows(arg),
        Source::Buffer(s) => Rows::all(&buffers[s - after], reader.columns(Arg::Step(s)).div_ceil(8)),
        Source::End => {
            let width = reader.columns(Arg::Step(end)).div_ceil(8);
            let Back::From(slope) = reader.seen.back else { return Rows::again(&reader.seen.ones) };
            Rows::all(&slope.data[reader.first * width..][..reader.rows * width], width)
        }
    }
}
