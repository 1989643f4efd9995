//! A summary of every column of a frame.

use polars::prelude::{AnyValue, Column, DataFrame, DataType, PolarsResult, Scalar};

use crate::error::{Error, Result};
use crate::evaluate::quantile;

const STATISTICS: [&str; 9] = ["count", "null_count", "mean", "std", "min", "25%", "50%", "75%", "max"];

/// Summarises frames, as `describe` does in Polars for Python: Polars for Rust has none.
pub trait Describe {
    /// A frame with a row for each statistic and, after their names, a column for each column of this one.
    ///
    /// Numbers and booleans (as 0 and 1) have all nine statistics; the standard deviation divides by n - 1, and
    /// quartiles interpolate linearly, as in [`Summary`](crate::Summary). Of other columns the counts and, where they
    /// have an order, the extremes are given as text. `count` is of the values that are not null; NaN is counted, and
    /// makes all statistics but the counts NaN.
    ///
    /// ```
    /// use lab_core::prelude::*;
    ///
    /// let frame = df!["n" => [Some(1.0), Some(2.0), Some(4.0), None], "name" => ["b", "a", "d", "c"]].unwrap();
    /// let summary = frame.describe().unwrap();
    /// assert_eq!(summary.shape(), (9, 3));
    /// assert_eq!(summary.column("n").unwrap().get(6).unwrap(), AnyValue::Float64(2.0)); // the median
    /// assert_eq!(summary.column("name").unwrap().get(4).unwrap(), AnyValue::String("a")); // the first of all
    /// ```
    ///
    /// # Errors
    /// [`Error::Param`] for a frame with a column called `statistic`.
    fn describe(&self) -> Result<DataFrame>;
}

impl Describe for DataFrame {
    fn describe(&self) -> Result<DataFrame> {
        let names = Column::new("statistic".into(), STATISTICS.to_vec());
        let columns = [names].into_iter().chain(self.columns().iter().map(summary)).collect();
        DataFrame::new(STATISTICS.len(), columns).map_err(|error| Error::Param {
            name: "columns",
            rule: "called otherwise than `statistic`",
            found: error.to_string(),
        })
    }
}

/// The statistics of a column, in the order of their names.
fn summary(column: &Column) -> Column {
    let (nulls, name) = (column.null_count(), column.name().clone());
    let count = column.len() - nulls;
    if let Some(sorted) = numbers(column) {
        let known = [count as f64, nulls as f64].map(Some);
        return Column::new(name, [known.as_slice(), &moments(&sorted)].concat());
    }
    let mut texts = vec![Some(count.to_string()), Some(nulls.to_string())];
    texts.resize(STATISTICS.len(), None);
    texts[4] = extreme(column.min_reduce());
    texts[8] = extreme(column.max_reduce());
    Column::new(name, texts)
}

/// A minimum or maximum as text, if the column has one.
fn extreme(found: PolarsResult<Scalar>) -> Option<String> {
    match found.ok()?.value() {
        AnyValue::Null => None,
        AnyValue::String(text) => Some((*text).to_owned()),
        AnyValue::StringOwned(text) => Some(text.to_string()),
        value => Some(value.to_string()),
    }
}

/// The values of a column of numbers or booleans, in ascending order.
fn numbers(column: &Column) -> Option<Vec<f64>> {
    let dtype = column.dtype();
    if !(dtype.is_primitive_numeric() || *dtype == DataType::Boolean) {
        return None;
    }
    let floats = column.cast(&DataType::Float64).ok()?;
    let mut values: Vec<f64> = floats.f64().ok()?.iter().flatten().collect();
    values.sort_unstable_by(f64::total_cmp);
    Some(values)
}

/// Mean, standard deviation, minimum, quartiles and maximum; null where there are too few values.
fn moments(sorted: &[f64]) -> [Option<f64>; 7] {
    if sorted.is_empty() {
        return [None; 7];
    }
    let n = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / n;
    let squares = sorted.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    let deviation = (sorted.len() > 1).then(|| (squares / (n - 1.0)).sqrt());
    if mean.is_nan() {
        return [Some(f64::NAN); 7];
    }
    let [low, lower, median, upper, high] = [0.0, 0.25, 0.5, 0.75, 1.0].map(|q| Some(quantile(sorted, q)));
    [Some(mean), deviation, low, lower, median, upper, high]
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;

    fn of(frame: &DataFrame, column: &str) -> Vec<String> {
        let summary = frame.describe().unwrap();
        let column = summary.column(column).unwrap();
        (0..column.len()).map(|row| column.get(row).unwrap().to_string()).collect()
    }

    #[test]
    fn numbers_and_booleans_have_every_statistic() {
        let frame = df!["x" => [1, 2, 3, 4, 10], "on" => [true, false, true, true, true]].unwrap();
        let x = ["5.0", "0.0", "4.0", "3.535534", "1.0", "2.0", "3.0", "4.0", "10.0"];
        assert_eq!(of(&frame, "x"), x);
        assert_eq!(of(&frame, "on")[2], "0.8");
    }

    #[test]
    fn what_has_no_values_has_no_mean() {
        let frame = df!["x" => [None::<f64>, None], "one" => [Some(3.0), None]].unwrap();
        assert_eq!(of(&frame, "x"), ["0.0", "2.0", "null", "null", "null", "null", "null", "null", "null"]);
        assert_eq!(of(&frame, "one")[3], "null", "one value has no deviation");
    }

    #[test]
    fn a_column_called_as_ours_is_refused() {
        let frame = df!["statistic" => [1.0]].unwrap();
        assert!(matches!(frame.describe(), Err(Error::Param { name: "columns", .. })));
    }
}
