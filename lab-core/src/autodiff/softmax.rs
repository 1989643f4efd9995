//! The cross entropy of rows, as [`crate::loss`] defines it, for eight rows at a time.

use crate::lanes::{Lane, Rows, RowsMut, exp, for_this_cpu};

/// Up to eight rows of logits, each column of them a lane.
struct Eight<'a> {
    z: &'a [Lane],
    width: usize,
    columns: usize,
    labels: &'a [usize],
}

impl Eight<'_> {
    /// A column; rows that are not there count as zeros.
    #[inline(always)]
    fn column(&self, c: usize) -> Lane {
        let mut column = Lane::ZERO;
        for (x, row) in column.0.iter_mut().zip(self.z.chunks_exact(self.width)) {
            *x = row[c / 8].0[c % 8];
        }
        column
    }

    /// The largest of each row (NaN counts as none), and `Σ exp(z - max)`.
    #[inline(always)]
    fn largest_and_sum(&self) -> (Lane, Lane) {
        let mut max = Lane::splat(f64::NEG_INFINITY);
        for c in 0..self.columns {
            max = self.column(c).zip(&max, |z, max| if z > max { z } else { max });
        }
        let mut sum = Lane::ZERO;
        for c in 0..self.columns {
            sum.add(1.0, &self.power(c, &max));
        }
        (max, sum)
    }

    #[inline(always)]
    fn power(&self, c: usize, max: &Lane) -> Lane {
        exp(self.column(c).zip(max, |z, max| z - max))
    }
}

for_this_cpu! {
    /// The sum of the rows' cross entropies, `ln Σ exp(z - max) + (max - z[label])`.
    pub(super) fn row_losses(z: Rows<'_>, columns: usize, labels: &[usize]) -> f64 {
        let (width, mut total) = (z.stride, 0.0);
        let mut product = Lane::splat(1.0); // Σ ln s = ln Π s: few logarithms for many rows
        for (z, labels) in z.data.chunks(8 * width).zip(labels.chunks(8)) {
            let rows = Eight { z, width, columns, labels };
            let (max, sum) = rows.largest_and_sum();
            for (i, (z, &label)) in rows.z.chunks_exact(width).zip(rows.labels).enumerate() {
                total += max.0[i] - z[label / 8].0[label % 8];
                product.0[i] *= sum.0[i];
            }
            if product.sum() > 1e30 {
                total += product.map(libm::log).sum();
                product = Lane::splat(1.0);
            }
        }
        total + product.map(libm::log).sum()
    }
}

for_this_cpu! {
    /// Adds the weight times `softmax(z) - onehot(label)` of each row.
    pub(super) fn add_slopes(d: RowsMut<'_>, weight: f64, z: Rows<'_>, labels: &[usize]) {
        let RowsMut { data, width, columns, .. } = d;
        let eights = data.chunks_mut(8 * width).zip(z.data.chunks(8 * width)).zip(labels.chunks(8));
        for ((d, z), labels) in eights {
            let rows = Eight { z, width, columns, labels };
            let (max, sum) = rows.largest_and_sum();
            let share = sum.map(|sum| weight / sum);
            for c in 0..columns {
                let slope = rows.power(c, &max).zip(&share, |power, share| power * share);
                for (d, slope) in d.chunks_exact_mut(width).zip(&slope.0) {
                    d[c / 8].0[c % 8] += slope;
                }
            }
            for (d, &label) in d.chunks_exact_mut(width).zip(rows.labels) {
                d[label / 8].0[label % 8] -= weight;
            }
        }
    }
}
