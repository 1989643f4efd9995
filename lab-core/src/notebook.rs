//! Everything a notebook shows: Polars tables, plotly charts, the claims of the five reports and their verdicts.
//!
//! Only this module knows Polars and plotly. A cell ends in a value; [`EvcxrDisplay`] prints it as one bundle of MIME
//! types, so that the kernel compiles the cell once.

mod answer;
mod beside;
mod chart;
mod compare;
mod describe;
mod diagram;
mod display;
mod format;
mod frame;
mod palette;
pub mod prelude;
mod report;
mod source;
mod svg;
mod table;
mod timed;
mod values;
mod verdicts;

pub use answer::{Answer, answer};
pub use beside::{Beside, beside, side_by_side};
pub use chart::{Chart, Labels};
pub use compare::{Comparison, compare};
pub use describe::Describe;
pub use diagram::Diagram;
pub use display::{Bundle, EvcxrDisplay, Show, Tree};
pub use report::{listing, statement_table};
pub use source::function_in;
pub use table::{IntoTable, Table, matrix_frame};
pub use timed::timed;
pub use values::{Number, Values};
pub use verdicts::{scoreboard, verdicts};
