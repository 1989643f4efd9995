//! Lines of equal height on a grid, by marching squares.

use std::collections::HashMap;

use crate::matrix::Matrix;

/// A closed curve in the plane.
pub(super) type Loop = Vec<(f64, f64)>;

/// The boundary of the region where `z` is `level` or more, as closed curves: holes run the other way round, and curves
/// that would leave the grid follow its edge. `z` has a row for each `y` and a column for each `x`.
pub(super) fn loops(x: &[f64], y: &[f64], z: &Matrix, level: f64) -> Vec<Loop> {
    // A ring of points below every level, placed on the grid's edge, closes the curves that would end there.
    let (rows, columns) = (y.len() + 2, x.len() + 2);
    let (xs, ys) = (ringed(x), ringed(y));
    let height = |i: usize, j: usize| {
        let inner = (1..=y.len()).contains(&i) && (1..=x.len()).contains(&j);
        if inner { z[(i - 1, j - 1)] } else { f64::NEG_INFINITY }
    };
    // From each edge of the grid that a curve crosses to the next one; the higher side is on the left.
    let mut next: HashMap<Edge, Edge> = HashMap::new();
    for i in 0..rows - 1 {
        for j in 0..columns - 1 {
            let corners = [height(i, j), height(i, j + 1), height(i + 1, j + 1), height(i + 1, j)];
            let [bottom, right, top, left] = [
                Edge { i, j, upright: false },
                Edge { i, j: j + 1, upright: true },
                Edge { i: i + 1, j, upright: false },
                Edge { i, j, upright: true },
            ];
            let inside = corners.map(|corner| corner >= level);
            let middle = corners.iter().sum::<f64>() / 4.0 >= level;
            let mut lead = |from: Edge, to: Edge| {
                next.insert(from, to);
            };
            match (inside, middle) {
                ([true, true, true, true] | [false, false, false, false], _) => {}
                ([true, false, false, false], _) => lead(bottom, left),
                ([false, true, false, false], _) => lead(right, bottom),
                ([true, true, false, false], _) => lead(right, left),
                ([false, false, true, false], _) => lead(top, right),
                ([false, true, true, false], _) => lead(top, bottom),
                ([true, true, true, false], _) => lead(top, left),
                ([false, false, false, true], _) => lead(left, top),
                ([true, false, false, true], _) => lead(bottom, top),
                ([true, true, false, true], _) => lead(right, top),
                ([false, false, true, true], _) => lead(left, right),
                ([true, false, true, true], _) => lead(bottom, right),
                ([false, true, true, true], _) => lead(left, bottom),
                ([true, false, true, false], true) => {
                    lead(bottom, right);
                    lead(top, left);
                }
                ([true, false, true, false], false) => {
                    lead(bottom, left);
                    lead(top, right);
                }
                ([false, true, false, true], true) => {
                    lead(left, bottom);
                    lead(right, top);
                }
                ([false, true, false, true], false) => {
                    lead(right, bottom);
                    lead(left, top);
                }
            }
        }
    }
    let crossing = |edge: Edge| {
        let (i, j) = (edge.i, edge.j);
        let (k, l) = if edge.upright { (i + 1, j) } else { (i, j + 1) };
        let (a, b) = (height(i, j), height(k, l));
        let share = if a.is_finite() && b.is_finite() { (level - a) / (b - a) } else { 0.5 };
        (xs[j] + share * (xs[l] - xs[j]), ys[i] + share * (ys[k] - ys[i]))
    };
    let mut starts: Vec<Edge> = next.keys().copied().collect();
    starts.sort_unstable();
    let mut found = Vec::new();
    for start in starts {
        let mut curve = Vec::new();
        let mut at = start;
        while let Some(to) = next.remove(&at) {
            curve.push(crossing(at));
            at = to;
        }
        if !curve.is_empty() {
            found.push(curve);
        }
    }
    found
}

/// The edge of the grid from the place in row `i` and column `j` to the one above it, or to the one on its right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Edge {
    i: usize,
    j: usize,
    upright: bool,
}

/// The values with the first and the last one twice.
fn ringed(values: &[f64]) -> Vec<f64> {
    let (first, last) = (values.first().copied(), values.last().copied());
    first.into_iter().chain(values.iter().copied()).chain(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The area inside, holes taken off.
    fn area(loops: &[Loop]) -> f64 {
        let doubled = |curve: &Loop| -> f64 {
            let shifted = curve.iter().cycle().skip(1);
            curve.iter().zip(shifted).map(|((x0, y0), (x1, y1))| x0 * y1 - x1 * y0).sum()
        };
        loops.iter().map(|curve| doubled(curve) / 2.0).sum()
    }

    #[test]
    fn a_circle_has_its_area_and_a_ring_its_hole() {
        let at: Vec<f64> = (0..=100).map(|k| f64::from(k) / 25.0 - 2.0).collect();
        let z = Matrix::from_shape_fn((101, 101), |(i, j)| -at[i].hypot(at[j]));
        let disc = loops(&at, &at, &z, -1.0);
        assert_eq!(disc.len(), 1);
        assert!((area(&disc) - std::f64::consts::PI).abs() < 0.01, "{}", area(&disc));
        let ring = loops(&at, &at, &z.mapv(|z| -(z + 1.0).abs()), -0.5);
        assert_eq!(ring.len(), 2);
        assert!((area(&ring) - std::f64::consts::PI * (2.25 - 0.25)).abs() < 0.05, "{}", area(&ring));
    }

    #[test]
    fn what_reaches_the_edge_follows_it() {
        let z = Matrix::from_shape_fn((3, 3), |(_, j)| j as f64);
        assert!((area(&loops(&[0.0, 1.0, 2.0], &[0.0, 1.0, 2.0], &z, 0.5)) - 3.0).abs() < 1e-12);
        assert!((area(&loops(&[0.0, 1.0, 2.0], &[0.0, 1.0, 2.0], &z, -1.0)) - 4.0).abs() < 1e-12);
    }

    #[test]
    fn a_saddle_is_one_region_or_two_by_the_height_of_its_middle() {
        let z = |low: f64| ndarray::array![[1.0, low], [low, 1.0]];
        assert_eq!(loops(&[0.0, 1.0], &[0.0, 1.0], &z(-3.0), 0.0).len(), 2);
        assert_eq!(loops(&[0.0, 1.0], &[0.0, 1.0], &z(-0.5), 0.0).len(), 1);
    }
}
