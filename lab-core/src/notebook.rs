//! Everything a notebook shows: Polars tables, plotly charts, the claims of the five reports and their verdicts.
//!
//! Only this module knows Polars and plotly. Charts and answers need neither and come with the feature `live`; the rest
//! needs the feature `notebook`. `EvcxrDisplay` prints the last value of a cell as one bundle of MIME types; without
//! it, the kernel would compile the cell twice.

pub(crate) mod answer;
#[cfg(feature = "notebook")]
mod beside;
pub(crate) mod chart;
#[cfg(feature = "notebook")]
mod compare;
#[cfg(feature = "notebook")]
mod describe;
#[cfg(feature = "notebook")]
mod diagram;
#[cfg(feature = "notebook")]
pub(crate) mod display;
pub(crate) mod format;
#[cfg(feature = "notebook")]
mod frame;
mod palette;
#[cfg(feature = "notebook")]
pub mod prelude;
#[cfg(feature = "notebook")]
mod report;
#[cfg(feature = "notebook")]
mod source;
mod svg;
#[cfg(feature = "notebook")]
mod table;
#[cfg(feature = "notebook")]
mod timed;
mod values;
#[cfg(feature = "notebook")]
mod verdicts;

pub use answer::{Answer, answer};
#[cfg(feature = "notebook")]
pub use beside::{Beside, beside, side_by_side};
pub use chart::{Chart, Labels};
#[cfg(feature = "notebook")]
pub use compare::{Comparison, compare};
#[cfg(feature = "notebook")]
pub use describe::Describe;
#[cfg(feature = "notebook")]
pub use diagram::Diagram;
#[cfg(feature = "notebook")]
pub use display::{Bundle, EvcxrDisplay, Show, Tree};
#[cfg(feature = "notebook")]
pub use report::{listing, statement_table};
#[cfg(feature = "notebook")]
pub use source::function_in;
#[cfg(feature = "notebook")]
pub use table::{IntoTable, Table, matrix_frame};
#[cfg(feature = "notebook")]
pub use timed::timed;
pub use values::{Number, Values};
#[cfg(feature = "notebook")]
pub use verdicts::{scoreboard, verdicts};
