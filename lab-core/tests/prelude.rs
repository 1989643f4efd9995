//! The prelude beside those of Polars and plotly, all by globs as in a cell: std's names keep their meaning.
#![cfg(feature = "notebook")]

use std::collections::{BTreeMap, HashMap};

use lab_core::prelude::*;
use plotly::common::*;
use plotly::layout::*;
use plotly::*;
use polars::prelude::*;

/// A function as a cell may hold it: `Result` with two parameters.
fn parsed(text: &str) -> Result<f64, std::num::ParseFloatError> {
    text.parse()
}

/// And with one: lab-core's own error.
fn halved(matrix: &Matrix) -> Result<Matrix> {
    truncated_svd(matrix, 1).map(|svd| svd.reconstruct() / 2.0)
}

#[test]
fn the_names_of_std_mean_what_they_always_do() {
    let counted: HashMap<String, Vec<Option<usize>>> =
        HashMap::from([("a".to_string(), vec![Some(1), None])]);
    let sorted: BTreeMap<&str, Box<dyn Fn(f64) -> f64>> =
        BTreeMap::from([("twice", Box::new(|x| 2.0 * x) as _)]);
    let (good, bad): (Result<f64, String>, Result<f64, String>) = (Ok(1.0), Err(String::from("no")));
    assert_eq!((good.unwrap(), bad.is_err(), counted["a"].len(), sorted["twice"](2.0)), (1.0, true, 2, 4.0));
    assert!(parsed("1.5").is_ok() && parsed("x").is_err());
    assert!(halved(&iris().x).is_ok());
    let copied: Vec<i32> = Vec::from([3, 1, 2]).into_iter().filter(|n| *n > 1).collect();
    assert_eq!(Iterator::max(copied.iter()), Some(&3));
    let shared = std::sync::Arc::new(Clone::clone(&copied));
    assert_eq!(ToString::to_string(&shared.len()), "2");
    drop(shared);
}

#[test]
fn the_names_of_all_three_are_there() {
    let frame: DataFrame = df!["x" => [1.0, 2.0]].unwrap();
    let trace = Scatter::new(vec![1, 2], vec![3, 4]).mode(Mode::Lines).line(Line::new());
    let mut plot = Plot::new();
    plot.add_trace(trace);
    plot.set_layout(Layout::new().legend(Legend::new()));
    assert!(plot.to_json().contains("lines"));
    Some(plot).evcxr_display();
    let sorted = frame.sort(["x"], SortMultipleOptions::default().with_order_descending(true)).unwrap();
    assert_eq!(sorted.describe().unwrap().height(), 9);
    frame.caption("A table").evcxr_display();
    assert_eq!(frame_of(Series::new("x".into(), [1, 2])).height(), 2);
}

fn frame_of(series: Series) -> DataFrame {
    series.into_frame()
}
