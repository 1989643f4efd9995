//! What a notebook's one `use lab_core::prelude::*;` brings: the crate's public items, ndarray's and Polars' usual
//! names, tables, charts, and the claims. `polars::prelude::*` and `plotly` are there for whoever wants the rest.

pub use crate::*;

pub use super::{
    Bundle, Chart, Diagram, EvcxrDisplay, IntoTable, Labels, Show, Table, Values, matrix_frame, scoreboard,
    timed, verdicts,
};
pub use lab_macros::shown;
pub use ndarray::{self, Array1, Array2, Axis, array, s};
pub use plotly;
pub use polars::{
    self, df,
    prelude::{AnyValue, Column, DataFrame, DataType, IntoColumn, NamedFrom, Series},
};
