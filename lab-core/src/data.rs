//! From a file to a labelled table: reading, scaling, shuffling, splitting.

mod table;

use std::io::Read;
use std::path::Path;
use std::sync::LazyLock;

use ndarray::Axis;

use crate::csv::unreadable;
use crate::error::{Error, Result};
use crate::matrix::{Matrix, check_matrix, check_two_rows, column_means};
use crate::random::{Random, Seed};

/// A table of features with one class label a row.
///
/// `x` and `y` have as many rows; every label is below `classes.len()`. The constructors guarantee this, and functions
/// that take a `Labelled` check it.
///
/// ```
/// let iris = lab_core::iris();
/// assert_eq!((iris.x.dim(), iris.y.len(), iris.classes.len()), ((150, 4), 150, 3));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// Features (rows, columns).
    pub x: Matrix,
    /// The class of each row: an index of `classes`.
    pub y: Vec<usize>,
    /// Names of the classes, in order of first appearance.
    pub classes: Vec<String>,
    /// Names of the columns of `x`.
    pub features: Vec<String>,
}

/// The 150 iris flowers of UCI's `iris.data`, in file order; four lengths in centimetres, three species.
///
/// Source: Fisher (1936), UCI Machine Learning Repository, DOI 10.24432/C56C76. The file differs from Fisher's table in
/// rows 35 and 38 (counted from 1), and is kept as it is because the reports' digits rest on it.
///
/// ```
/// let iris = lab_core::iris();
/// assert_eq!(iris.features[2], "petal length");
/// assert_eq!(iris.classes[iris.y[149]], "Iris-virginica");
/// assert_eq!(iris.x[[34, 3]], 0.1); // 0.2 in Fisher's table
/// ```
///
/// # Panics
/// Never: the file is part of the crate, and a test reads it.
pub fn iris() -> Labelled {
    IRIS.clone()
}

/// Parsed once: a sweep asks for it again for each seed.
static IRIS: LazyLock<Labelled> = LazyLock::new(|| {
    let table = table::read(&include_bytes!("../data/iris.data")[..], "iris.data".into())
        .expect("the embedded file is a valid table");
    let features = ["sepal length", "sepal width", "petal length", "petal width"].map(String::from).into();
    Labelled { features, ..table }
});

impl Labelled {
    /// Reads a comma-separated table of numbers whose last column is the label.
    ///
    /// The first row is a header where none of its feature fields is a number; without one, the features are called
    /// `x1`, `x2`, … Blank lines, CRLF and quoted fields (RFC 4180) are read as usual, and white space around a field
    /// is dropped. Classes are numbered by first appearance.
    ///
    /// # Errors
    /// [`Error::File`] where the file cannot be read, [`Error::Empty`] where it holds no row, and [`Error::Data`] with
    /// line, column and reason for the first row of another length, feature that is not a finite number, empty label or
    /// text that is not UTF-8.
    ///
    /// ```
    /// use lab_core::Labelled;
    ///
    /// let path = std::env::temp_dir().join("lab_core_from_csv.csv");
    /// std::fs::write(&path, "width,height,kind\r\n1.5,2,\"a, b\"\r\n3,oops,c\r\n")?;
    /// let error = Labelled::from_csv(&path).unwrap_err();
    /// assert_eq!(error.to_string(), "row 3, column 2 (both counted from 1): must be a number, found \"oops\"");
    ///
    /// std::fs::write(&path, "1.5,2,a\n3,4,b\n\n")?;
    /// let table = Labelled::from_csv(&path)?;
    /// assert_eq!((table.y, table.features), (vec![0, 1], vec!["x1".into(), "x2".into()]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_csv(path: impl AsRef<Path>) -> Result<Labelled> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let file = std::fs::File::open(path).map_err(|error| unreadable(&name, &error))?;
        table::read(file, name)
    }

    /// [`Labelled::from_csv`] from any source of bytes: text in memory, a decompressor, a network connection.
    ///
    /// # Errors
    /// As [`Labelled::from_csv`]; [`Error::File`] names "the reader".
    ///
    /// ```
    /// use lab_core::Labelled;
    ///
    /// let table = Labelled::from_reader("width,kind\n1.5,a\n3,b\n".as_bytes())?;
    /// assert_eq!((table.x.dim(), table.classes), ((2, 1), vec!["a".into(), "b".into()]));
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn from_reader(source: impl Read) -> Result<Labelled> {
        table::read(source, "the reader".into())
    }

    /// The same rows with every column scaled by [`scale`].
    ///
    /// # Errors
    /// Those of [`scale`].
    ///
    /// ```
    /// use lab_core::{Scale, iris};
    ///
    /// let iris = iris().scaled(Scale::Variance)?;
    /// assert!(iris.x.column(0).sum().abs() < 1e-12);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn scaled(&self, scale: Scale) -> Result<Labelled> {
        Ok(Labelled { x: self::scale(&self.x, scale)?, ..self.clone() })
    }

    /// The rows in random order ([`Random::permutation`]), with the classes numbered anew by first appearance, as lab
    /// sheet 2, exercise 2.1 asks. Classes without a row come last, in their old order.
    ///
    /// ```
    /// use lab_core::{Seed, iris};
    ///
    /// let shuffled = iris().shuffled(Seed::Torch(0));
    /// assert_eq!(shuffled.y[0], 0); // whichever species comes first
    /// assert_ne!(shuffled.x, iris().x);
    /// ```
    #[must_use]
    pub fn shuffled(&self, seed: Seed) -> Labelled {
        let order = Random::new(seed).permutation(self.x.nrows().min(self.y.len()));
        let mut old_classes: Vec<usize> = Vec::new(); // in the new numbering
        let mut y = Vec::with_capacity(order.len());
        for &row in &order {
            let old = self.y[row];
            y.push(old_classes.iter().position(|&class| class == old).unwrap_or_else(|| {
                old_classes.push(old);
                old_classes.len() - 1
            }));
        }
        old_classes.extend((0..self.classes.len()).filter(|class| !self.y.contains(class)));
        Labelled {
            x: self.x.select(Axis(0), &order),
            y,
            classes: old_classes.iter().filter_map(|&class| self.classes.get(class).cloned()).collect(),
            features: self.features.clone(),
        }
    }

    /// The first `rows` rows, and the others. Both keep all classes.
    ///
    /// # Errors
    /// [`Error::Param`] where one part would be empty.
    ///
    /// ```
    /// let (train, validation) = lab_core::iris().split_at(100)?;
    /// assert_eq!((train.y.len(), validation.y.len()), (100, 50));
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn split_at(&self, rows: usize) -> Result<(Labelled, Labelled)> {
        let total = self.x.nrows().min(self.y.len());
        if rows == 0 || rows >= total {
            let rule = "at least 1 and below the number of rows";
            return Err(Error::Param { name: "rows", rule, found: format!("{rows} of {total}") });
        }
        let part = |from: usize, to: usize| Labelled {
            x: self.x.slice(ndarray::s![from..to, ..]).to_owned(),
            y: self.y[from..to].to_vec(),
            classes: self.classes.clone(),
            features: self.features.clone(),
        };
        Ok((part(0, rows), part(rows, total)))
    }
}

/// What to do to each column of a matrix; variances divide by n - 1.
///
/// ```
/// use lab_core::{Scale, scale};
/// use ndarray::array;
///
/// let x = array![[1.0], [5.0]]; // mean 3, variance 8
/// assert_eq!(scale(&x, Scale::Variance)?, array![[-0.25], [0.25]]);
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// x - mean.
    Centre,
    /// (x - mean) / standard deviation.
    Standardise,
    /// (x - mean) / variance: what lab sheet 2, exercise 2.1 asks for. The result depends on the column's unit.
    Variance,
}

/// Scales each column of `x` (rows, columns).
///
/// # Errors
/// [`Error::Empty`] and [`Error::NotFinite`]; except for [`Scale::Centre`], [`Error::Shape`] for a single row and
/// [`Error::Param`] for a constant column, whose variance is 0.
///
/// ```
/// use lab_core::{Scale, scale};
/// use ndarray::array;
///
/// let x = array![[1.0, 10.0], [3.0, 30.0]];
/// assert_eq!(scale(&x, Scale::Centre)?, array![[-1.0, -10.0], [1.0, 10.0]]);
/// assert_eq!(scale(&x, Scale::Variance)?, array![[-0.5, -0.05], [0.5, 0.05]]); // variances 2 and 200
/// # Ok::<(), lab_core::Error>(())
/// ```
pub fn scale(x: &Matrix, how: Scale) -> Result<Matrix> {
    check_matrix("x", x)?;
    let mut scaled = x - &column_means(x);
    if how != Scale::Centre {
        check_two_rows(x)?;
        for (j, mut column) in scaled.columns_mut().into_iter().enumerate() {
            if !x.column(j).iter().any(|value| (value - x[[0, j]]).abs() > 0.0) {
                let rule = "free of constant columns, whose variance is 0";
                return Err(Error::Param { name: "x", rule, found: format!("column {j} (counted from 0)") });
            }
            let variance = column.iter().map(|d| d * d).sum::<f64>() / (x.nrows() - 1) as f64;
            let divisor = if how == Scale::Variance { variance } else { variance.sqrt() };
            column /= divisor;
        }
    }
    check_matrix("scaled x", &scaled)?;
    Ok(scaled)
}
