//! From a Polars frame to a labelled table.

use ndarray::Array2;
use polars::prelude::{Column, DataFrame, DataType};

use crate::data::Labelled;
use crate::error::{Error, Result};

impl Labelled {
    /// Takes the named columns of a frame as features, and one more as the label.
    ///
    /// Features are columns of numbers; a label may be of any type that Polars can write as text. Classes are numbered by
    /// first appearance, and each needs two rows, so that a split can put one into either part.
    ///
    /// # Errors
    /// [`Error::Empty`] for no features or no rows; [`Error::Column`] for a column that is not in the frame, is named twice,
    /// lacks a cell, or holds something else than finite numbers, and for a label with fewer than two classes or a class of
    /// one row.
    ///
    /// ```
    /// use lab_core::prelude::*;
    ///
    /// let frame = df!["width" => [1.5, 2.0, 0.5, 1.0], "kind" => ["a", "a", "b", "b"]].unwrap();
    /// let table = Labelled::from_frame(&frame, "kind", &["width"])?;
    /// assert_eq!((table.x.dim(), table.y), ((4, 1), vec![0, 0, 1, 1]));
    ///
    /// let error = Labelled::from_frame(&frame, "kind", &["height"]).unwrap_err();
    /// assert_eq!(error.to_string(), "column \"height\" must be one of width, kind, found no column of this name");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn from_frame(frame: &DataFrame, label: &str, features: &[impl AsRef<str>]) -> Result<Labelled> {
        let features: Vec<String> = features.iter().map(|name| name.as_ref().to_owned()).collect();
        if features.is_empty() {
            return Err(Error::Empty { what: "features" });
        }
        if frame.height() == 0 {
            return Err(Error::Empty { what: "the frame" });
        }
        let mut x = Array2::zeros((frame.height(), features.len()));
        for (at, name) in features.iter().enumerate() {
            if name == label || features[..at].contains(name) {
                return Err(wrong(name, "be named once, as a feature or as the label", "it named twice"));
            }
            let numbers = numbers(name, column(frame, name)?)?;
            x.column_mut(at).iter_mut().zip(numbers).for_each(|(cell, number)| *cell = number);
        }
        let (y, classes) = classes(label, column(frame, label)?)?;
        Ok(Labelled { x, y, classes, features })
    }
}

/// The column of this name, without a missing cell.
fn column<'a>(frame: &'a DataFrame, name: &str) -> Result<&'a Column> {
    let Ok(column) = frame.column(name) else {
        let names: Vec<&str> = frame.columns().iter().map(|column| column.name().as_str()).collect();
        return Err(wrong(name, format!("be one of {}", names.join(", ")), "no column of this name"));
    };
    let missing = column.is_null();
    match missing.iter().position(|missing| missing == Some(true)) {
        None => Ok(column),
        Some(first) => {
            let found =
                format!("{}, the first in row {} of the frame (from 1)", column.null_count(), first + 1);
            Err(wrong(name, "have no missing cell: leave such rows out, or complete them", found))
        }
    }
}

fn numbers(name: &str, column: &Column) -> Result<Vec<f64>> {
    const RULE: &str = "hold numbers";
    let type_of = || format!("the type {}", column.dtype());
    let at = |value: &str, row: usize| format!("{value} in row {} of the frame (from 1)", row + 1);
    if let Ok(texts) = column.str() {
        let text = texts.iter().flatten().enumerate().find(|(_, text)| text.parse::<f64>().is_err());
        return Err(wrong(
            name,
            RULE,
            text.map_or_else(type_of, |(row, text)| at(&format!("{text:?}"), row)),
        ));
    }
    if !column.dtype().is_primitive_numeric() {
        return Err(wrong(name, RULE, type_of()));
    }
    let cast = column.cast(&DataType::Float64).map_err(|error| wrong(name, RULE, error.to_string()))?;
    let numbers = cast.f64().map_err(|error| wrong(name, RULE, error.to_string()))?;
    let numbers: Vec<f64> = numbers.iter().flatten().collect();
    match numbers.iter().position(|number| !number.is_finite()) {
        None => Ok(numbers),
        Some(row) => Err(wrong(name, "hold finite numbers", at(&numbers[row].to_string(), row))),
    }
}

/// The class of each row, and their names.
fn classes(name: &str, column: &Column) -> Result<(Vec<usize>, Vec<String>)> {
    let texts =
        column.cast(&DataType::String).map_err(|error| wrong(name, "name classes", error.to_string()))?;
    let texts = texts.str().map_err(|error| wrong(name, "name classes", error.to_string()))?;
    let mut classes: Vec<String> = Vec::new();
    let mut y = Vec::with_capacity(texts.len());
    for text in texts.iter().flatten() {
        y.push(classes.iter().position(|class| class == text).unwrap_or_else(|| {
            classes.push(text.to_owned());
            classes.len() - 1
        }));
    }
    if classes.len() < 2 {
        return Err(wrong(name, "hold two classes or more", format!("{:?} in every row", classes[0])));
    }
    let mut rows = vec![0; classes.len()];
    for &class in &y {
        rows[class] += 1;
    }
    match rows.iter().position(|&rows| rows == 1) {
        None => Ok((y, classes)),
        Some(class) => {
            let rule = "have two rows or more of each class, one to train on and one to validate";
            Err(wrong(name, rule, format!("one row of {:?}", classes[class])))
        }
    }
}

fn wrong(column: &str, rule: impl Into<String>, found: impl Into<String>) -> Error {
    Error::Column { column: column.to_owned(), rule: rule.into(), found: found.into() }
}

#[cfg(test)]
mod tests {
    use polars::df;

    use super::*;

    fn frame() -> DataFrame {
        df![
            "mass" => [3750, 3800, 3250, 3450],
            "bill" => [39.1, 39.5, 40.3, 36.7],
            "sex" => ["male", "female", "female", "male"],
            "size" => ["1", "two", "3", "4"],
            "gap" => [Some(1.0), None, Some(2.0), None],
            "year" => [2007, 2007, 2007, 2008],
            "odd" => [1.0, f64::INFINITY, 2.0, 3.0],
            "adult" => [true, true, true, true],
        ]
        .unwrap()
    }

    #[test]
    fn whole_and_real_numbers_are_features_and_any_column_is_a_label() {
        let table = Labelled::from_frame(&frame(), "sex", &["mass", "bill"]).unwrap();
        assert_eq!(table.x, ndarray::array![[3750.0, 39.1], [3800.0, 39.5], [3250.0, 40.3], [3450.0, 36.7]]);
        assert_eq!((table.y, table.classes), (vec![0, 1, 1, 0], vec!["male".into(), "female".into()]));
        assert_eq!(table.features, ["mass", "bill"]);
        let twice = frame().vstack(&frame()).unwrap();
        let by_year = Labelled::from_frame(&twice, "year", &["bill"]).unwrap();
        assert_eq!(by_year.classes, ["2007", "2008"]);
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name_and_row() {
        let refused = |label: &str, feature: &str| {
            Labelled::from_frame(&frame(), label, &["mass", feature]).unwrap_err().to_string()
        };
        let cases = [
            (
                "sex",
                "wing",
                "\"wing\" must be one of mass, bill, sex, size, gap, year, odd, adult, found no column",
            ),
            ("kind", "bill", "\"kind\" must be one of mass,"),
            ("sex", "size", "\"size\" must hold numbers, found \"two\" in row 2 of the frame (from 1)"),
            ("sex", "adult", "\"adult\" must hold numbers, found the type bool"),
            ("sex", "odd", "\"odd\" must hold finite numbers, found inf in row 2"),
            (
                "sex",
                "gap",
                "\"gap\" must have no missing cell: leave such rows out, or complete them, found 2, the first in row 2",
            ),
            ("sex", "mass", "\"mass\" must be named once"),
            ("mass", "bill", "\"mass\" must be named once"),
            ("year", "bill", "found one row of \"2008\""),
            ("adult", "bill", "\"adult\" must hold two classes or more, found \"true\" in every row"),
        ];
        for (label, feature, message) in cases {
            let found = refused(label, feature);
            assert!(found.contains(message), "{label}, {feature}: {found}");
        }
        assert!(matches!(Labelled::from_frame(&frame(), "sex", &[""; 0]), Err(Error::Empty { .. })));
        assert!(matches!(
            Labelled::from_frame(&frame().head(Some(0)), "sex", &["mass"]),
            Err(Error::Empty { .. })
        ));
    }
}
