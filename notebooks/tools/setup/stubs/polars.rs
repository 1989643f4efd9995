// What the kernel's analyser knows of Polars: the names that `lab_core::prelude` brings and the methods that cells use most.
// The compiler never sees this file (see `../thin.py`). A variable whose type is not found here needs it written down.

pub mod error {
    pub struct PolarsError;
    pub type PolarsResult<T> = Result<T, PolarsError>;
    impl std::fmt::Display for PolarsError {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            Ok(())
        }
    }
    impl std::fmt::Debug for PolarsError {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            Ok(())
        }
    }
    impl std::error::Error for PolarsError {}
}

pub mod frame {
    use crate::prelude::*;

    #[derive(Clone, Debug, Default)]
    pub struct DataFrame;
    impl DataFrame {
        pub fn new(height: usize, columns: Vec<Column>) -> PolarsResult<Self> { loop {} }
        pub fn new_infer_height(columns: Vec<Column>) -> PolarsResult<Self> { loop {} }
        pub fn empty() -> Self { loop {} }
        pub fn height(&self) -> usize { loop {} }
        pub fn width(&self) -> usize { loop {} }
        pub fn shape(&self) -> (usize, usize) { loop {} }
        pub fn is_empty(&self) -> bool { loop {} }
        pub fn columns(&self) -> &[Column] { loop {} }
        pub fn column(&self, name: &str) -> PolarsResult<&Column> { loop {} }
        pub fn get_column_names(&self) -> Vec<&PlSmallStr> { loop {} }
        pub fn select<I, S>(&self, names: I) -> PolarsResult<Self> { loop {} }
        pub fn drop(&self, name: &str) -> PolarsResult<Self> { loop {} }
        pub fn with_column(&mut self, column: Column) -> PolarsResult<&mut Self> { loop {} }
        pub fn hstack(&self, columns: &[Column]) -> PolarsResult<Self> { loop {} }
        pub fn vstack(&self, other: &DataFrame) -> PolarsResult<Self> { loop {} }
        pub fn filter(&self, mask: &BooleanChunked) -> PolarsResult<Self> { loop {} }
        pub fn sort<I, S>(&self, by: I, options: S) -> PolarsResult<Self> { loop {} }
        pub fn slice(&self, offset: i64, length: usize) -> Self { loop {} }
        pub fn head(&self, length: Option<usize>) -> Self { loop {} }
        pub fn tail(&self, length: Option<usize>) -> Self { loop {} }
    }

    #[derive(Clone, Debug)]
    pub struct Column;
    impl Column {
        pub fn new<T>(name: PlSmallStr, values: T) -> Self { loop {} }
        pub fn name(&self) -> &PlSmallStr { loop {} }
        pub fn len(&self) -> usize { loop {} }
        pub fn dtype(&self) -> &DataType { loop {} }
        pub fn get(&self, index: usize) -> PolarsResult<AnyValue<'_>> { loop {} }
        pub fn head(&self, length: Option<usize>) -> Column { loop {} }
        pub fn tail(&self, length: Option<usize>) -> Column { loop {} }
        pub fn as_materialized_series(&self) -> &Series { loop {} }
        pub fn f64(&self) -> PolarsResult<&Float64Chunked> { loop {} }
        pub fn i64(&self) -> PolarsResult<&Int64Chunked> { loop {} }
        pub fn bool(&self) -> PolarsResult<&BooleanChunked> { loop {} }
        pub fn str(&self) -> PolarsResult<&StringChunked> { loop {} }
    }
    pub trait IntoColumn: Sized {
        fn into_column(self) -> Column;
    }
    impl IntoColumn for Series {
        fn into_column(self) -> Column { loop {} }
    }
}

pub mod series {
    use crate::prelude::*;

    #[derive(Clone, Debug)]
    pub struct Series;
    impl Series {
        pub fn head(&self, length: Option<usize>) -> Series { loop {} }
        pub fn tail(&self, length: Option<usize>) -> Series { loop {} }
        pub fn sum<T>(&self) -> PolarsResult<T> { loop {} }
        pub fn min<T>(&self) -> PolarsResult<Option<T>> { loop {} }
        pub fn max<T>(&self) -> PolarsResult<Option<T>> { loop {} }
        pub fn f64(&self) -> PolarsResult<&Float64Chunked> { loop {} }
        pub fn i64(&self) -> PolarsResult<&Int64Chunked> { loop {} }
        pub fn bool(&self) -> PolarsResult<&BooleanChunked> { loop {} }
        pub fn str(&self) -> PolarsResult<&StringChunked> { loop {} }
    }
    pub trait NamedFrom<T, Phantom: ?Sized> {
        fn new(name: PlSmallStr, values: T) -> Self;
    }
    impl<T> NamedFrom<T, T> for Series {
        fn new(name: PlSmallStr, values: T) -> Self { loop {} }
    }
}

pub mod prelude {
    pub use crate::df;
    pub use crate::error::{PolarsError, PolarsResult};
    pub use crate::frame::{Column, DataFrame, IntoColumn};
    pub use crate::series::{NamedFrom, Series};

    #[derive(Clone, Debug)]
    pub enum AnyValue<'a> { Null, Boolean(bool), String(&'a str), Int64(i64), Float64(f64) }
    #[derive(Clone, Debug)]
    pub enum DataType { Boolean, Int32, Int64, UInt32, UInt64, Float32, Float64, String, Null }
    #[derive(Clone, Debug)]
    pub struct PlSmallStr;
    impl PlSmallStr {
        pub fn as_str(&self) -> &str { loop {} }
    }
    impl From<&str> for PlSmallStr {
        fn from(text: &str) -> Self { loop {} }
    }
    impl From<String> for PlSmallStr {
        fn from(text: String) -> Self { loop {} }
    }
    #[derive(Clone, Debug)]
    pub struct Float64Chunked;
    #[derive(Clone, Debug)]
    pub struct Int64Chunked;
    #[derive(Clone, Debug)]
    pub struct BooleanChunked;
    #[derive(Clone, Debug)]
    pub struct StringChunked;
}

#[macro_export]
macro_rules! df {
    ($($name:expr => $values:expr),+ $(,)?) => {
        $crate::prelude::DataFrame::new_infer_height(Vec::new())
    };
}
