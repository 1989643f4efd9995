//! Sheet 1's matrix with cells hidden, and completed at a low rank.

use ndarray::Array2;

use super::control::{Settings, nine_cells, number, range, seed};
use super::draw::{figure, panel, view};
use super::{Explorable, View, explorable};
use crate::claims::sweeps::{sheet_one, squares};
use crate::error::Result;
use crate::exercises::predicted_cell;
use crate::factorise::{SgdParams, sgd_factorise_masked};
use crate::matrix::{Mask, Matrix};
use crate::notebook::chart::{Chart, Labels};

/// How many other seeds are drawn beside the one chosen.
const OTHERS: u64 = 30;

pub(super) fn completion() -> Explorable {
    explorable(
        "completion",
        "Hidden cells, completed",
        "One hidden cell is fixed by the others, two lie on a curve of exact completions, and the seed decides where. Hide a10 \
         alone, then a21 alone, then both, and change the seed.",
        vec![
            nine_cells("hidden", "hidden cells", "1,0 2,1"),
            seed("seed of the start", 0),
            range("epochs", "epochs", (0.0, 3000.0, 50.0), 1000.0),
            number("rank", "rank", (1.0, 3.0, 1.0), 2.0),
        ],
        completed,
    )
}

fn completed(settings: &Settings) -> Result<View> {
    let (a, hidden, rank) = (sheet_one(), settings.cells("hidden"), settings.count("rank"));
    let observed = Mask::from_shape_fn(a.dim(), |cell| !hidden.contains(&cell));
    let seed = settings.whole("seed");
    let p = SgdParams { rank, epochs: settings.count("epochs"), ..Default::default() };
    let fit = |seed: u64| -> Result<Matrix> {
        Ok(sgd_factorise_masked(&a, &observed, &SgdParams { seed: seed.into(), ..p })?.reconstruct())
    };
    let ours = fit(seed)?;
    let misses = &ours - &a;
    let mut said: Vec<(String, String)> = hidden
        .iter()
        .map(|&(i, j)| (format!("a{i}{j}"), format!("{:.4} (true {})", ours[[i, j]], a[[i, j]])))
        .collect();
    said.push(("squared error over all cells".into(), figure(squares(&misses))));
    let names = |kind: &str| (0..3).map(|at| format!("{kind} {at}")).collect::<Vec<_>>();
    let heat = panel("Completed minus true", "column", "row").heat(
        "difference",
        names("row"),
        names("column"),
        &misses,
    );
    let hidden_names: Vec<String> = hidden.iter().map(|(i, j)| format!("a{i}{j}")).collect();
    let which = if hidden.is_empty() { "none".into() } else { hidden_names.join(", ") };
    let about = format!(
        "Completed minus true values of the nine cells, hidden: {which}. The squared error over all cells is {}.",
        figure(squares(&misses))
    );
    let title = format!("Rank {rank}, hidden: {which}");
    let chart = if let [first, second] = hidden[..]
        && rank == 2
    {
        let others = (0..OTHERS).map(fit).collect::<Result<Vec<Matrix>>>()?;
        let about = format!(
            "{about} Beside them, the completions of {} seeds fall onto the curve of exact ones.",
            OTHERS + 1
        );
        Chart::side_by_side(&title, &about, [heat, on_the_curve(&a, first, second, &ours, &others)])
    } else {
        Chart::side_by_side(&title, &about, [heat])
    };
    let view = view(chart, Vec::new());
    Ok(View { said, ..view })
}

type Cell = (usize, usize);

/// The completed values of two cells beside the curve on which the matrix has rank 2.
fn on_the_curve(a: &Matrix, first: Cell, second: Cell, ours: &Matrix, others: &[Matrix]) -> Chart {
    let window = |cell: Cell| (a[cell] - 2.5, a[cell] + 2.5);
    let (across, up) = (window(first), window(second));
    let at = |step: u32| across.0 + (across.1 - across.0) * f64::from(step) / 200.0;
    let curve: Vec<(f64, f64)> =
        (0..=200).map(at).map(|x| (x, exact(a, first, second, x))).filter(|(_, y)| y.is_finite()).collect();
    let inside = |y: f64| if (up.0 - 3.0..=up.1 + 3.0).contains(&y) { y } else { f64::NAN };
    let value = |cell: Cell| others.iter().map(|fit| fit[cell]).collect::<Vec<f64>>();
    let name = |(i, j): Cell| format!("completed value of a{i}{j}");
    let (x, y): (Vec<f64>, Vec<f64>) = curve.into_iter().map(|(x, y)| (x, inside(y))).unzip();
    let drawn = panel("Exact completions", &name(first), &name(second));
    let drawn = if x.is_empty() { drawn } else { drawn.line("exact completions", x, y) };
    drawn
        .points("other seeds", value(first), value(second))
        .points("A itself", [a[first]], [a[second]])
        .points("this seed", [ours[first]], [ours[second]])
        .x_range(across.0, across.1)
        .y_range(up.0, up.1)
}

/// The value of the second cell that makes the determinant 0 where the first cell holds `x`. The determinant is linear
/// in each cell. The result is not finite where no such value exists.
fn exact(a: &Matrix, first: Cell, second: Cell, x: f64) -> f64 {
    let at = |y: f64| {
        let mut completed = a.clone();
        (completed[first], completed[second]) = (x, y);
        determinant(&completed)
    };
    let (zero, one) = (at(0.0), at(1.0));
    zero / (zero - one)
}

fn determinant(a: &Array2<f64>) -> f64 {
    let minor = |i: usize, j: usize| a[[1, i]] * a[[2, j]] - a[[1, j]] * a[[2, i]];
    a[[0, 0]] * minor(1, 2) - a[[0, 1]] * minor(0, 2) + a[[0, 2]] * minor(0, 1)
}

pub(super) fn try_predict() -> Explorable {
    explorable(
        "try-predict",
        "Exercise: predict a completion",
        "Suppose a run ends on the curve of exact completions with a10 = 2. Which a21 does it have?",
        vec![number("value", "a21, to two decimals", (-10.0, 10.0, 0.01), 0.0)],
        predicted,
    )
}

fn predicted(settings: &Settings) -> Result<View> {
    let (a, mine) = (sheet_one(), settings.number("value"));
    let answer = predicted_cell(mine)?;
    let x: Vec<f64> = (0..=120).map(|step| 0.02 * f64::from(step)).collect();
    let y: Vec<f64> = x.iter().map(|x| exact(&a, (1, 0), (2, 1), *x)).collect();
    let about = format!("The falling curve of exact completions, and a point at a10 = 2 and a21 = {mine}.");
    let (x_name, y_name) = ("value of a10", "value of a21");
    let labels = Labels {
        title: "Exact completions of A with a10 and a21 hidden",
        x: x_name,
        y: y_name,
        about: &about,
    };
    let chart = Chart::new(labels)
        .line("exact completions", x, y)
        .points("your prediction", [2.0], [mine])
        .vertical(2.0, "a10 = 2")
        .x_range(0.0, 2.5)
        .y_range(-2.0, 4.0);
    let shown = view(chart, vec![("your a21", figure(mine))]);
    Ok(View { answer: Some(answer), ..shown })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::svd::truncated_svd;

    #[test]
    fn exact_completions_have_rank_two() {
        let cells: Vec<Cell> = (0..9).map(|at| (at / 3, at % 3)).collect();
        for (at, &first) in cells.iter().enumerate() {
            for &second in &cells[at + 1..] {
                let mut a = sheet_one();
                (a[first], a[second]) = (0.7, exact(&sheet_one(), first, second, 0.7));
                assert!(truncated_svd(&a, 3).unwrap().s[2] < 1e-10, "{first:?}, {second:?}");
            }
        }
    }
}
