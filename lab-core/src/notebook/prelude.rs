//! What a notebook's one `use lab_core::prelude::*;` brings: the crate's public items, ndarray's and Polars' usual
//! names, tables, charts, and the claims. `polars::prelude::*` and `plotly` are there for whoever wants the rest.

pub use crate::*;

pub use super::{
    Answer, Beside, Bundle, Chart, Comparison, Describe, Diagram, EvcxrDisplay, IntoTable, Labels, Show,
    Table, Values, answer, beside, compare, listing, matrix_frame, scoreboard, side_by_side, statement_table,
    timed, verdicts,
};
pub use crate::source;
pub use ndarray::{self, Array1, Array2, Axis, array, s};
pub use plotly;
pub use polars::{
    self, df,
    prelude::{AnyValue, Column, DataFrame, DataType, IntoColumn, NamedFrom, Series},
};
