//! Cross entropy of rows in lanes: as [`crate::loss`] has it, eight exponentials at a time.

use crate::lanes::{Lane, Rows, RowsMut, exp, for_this_cpu};

for_this_cpu! {
    /// The sum of the rows' cross entropies, `ln Σ exp(z - max) - (z[label] - max)`.
    pub(super) fn row_losses(z: Rows<'_>, columns: usize, labels: &[usize]) -> f64 {
        let mut total = 0.0;
        for (z, &label) in z.data.chunks_exact(z.stride).zip(labels) {
            let (max, sum) = largest_and_sum(z, columns);
            total += libm::log(sum) - (z[label / 8].0[label % 8] - max);
        }
        total
    }
}

for_this_cpu! {
    /// Adds the weight times `softmax(z) - onehot(label)` of each row.
    pub(super) fn add_slopes(d: RowsMut<'_>, weight: f64, z: Rows<'_>, labels: &[usize]) {
        let (width, columns) = (d.width, d.columns);
        for ((d, z), &label) in d.data.chunks_exact_mut(width).zip(z.data.chunks_exact(width)).zip(labels) {
            let (max, sum) = largest_and_sum(z, columns);
            for (j, (d, z)) in d.iter_mut().zip(z).enumerate() {
                d.add(weight / sum, &power(z, max, columns - 8 * j));
            }
            d[label / 8].0[label % 8] -= weight;
        }
    }
}

/// The largest of a row's numbers (NaN counts as none), and `Σ exp(z - max)`.
#[inline(always)]
fn largest_and_sum(row: &[Lane], columns: usize) -> (f64, f64) {
    let mut lane = Lane::splat(f64::NEG_INFINITY);
    for (j, z) in row.iter().enumerate() {
        let used = columns - 8 * j;
        lane = Lane::of(|i| if i < used && z.0[i] > lane.0[i] { z.0[i] } else { lane.0[i] });
    }
    let mut max = lane.0[0];
    for z in &lane.0[1..] {
        max = if *z > max { *z } else { max };
    }
    let mut sum = 0.0;
    for (j, z) in row.iter().enumerate() {
        sum += power(z, max, columns - 8 * j).sum();
    }
    (max, sum)
}

/// `exp(z - max)` of the numbers in use, 0 behind them.
#[inline(always)]
fn power(z: &Lane, max: f64, used: usize) -> Lane {
    let power = exp(z.map(|z| z - max));
    Lane::of(|i| if i < used { power.0[i] } else { 0.0 })
}
