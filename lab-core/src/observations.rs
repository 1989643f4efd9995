//! Sparse observations: the observed cells of a matrix, without the matrix itself.

use std::io::Read;
use std::path::Path;

use crate::csv::{Row, Rows, number, quoted, unreadable};
use crate::error::{Error, Result};
use crate::matrix::{Mask, Matrix};
use crate::random::Random;

/// One observed cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cell {
    pub row: u32,
    pub column: u32,
    pub value: f64,
}

/// Observed cells (row, column, value) of a matrix, in a fixed order: 16 bytes each, whatever the matrix's size.
///
/// ```
/// use lab_core::Observations;
///
/// let ratings = Observations::new((2, 3), [(0, 0, 5.0), (1, 2, 3.5)])?;
/// assert_eq!((ratings.len(), ratings.dim()), (2, (2, 3)));
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Observations {
    dim: (usize, usize),
    pub(crate) cells: Vec<Cell>,
}

impl Observations {
    /// Cells (row, column, value) of a matrix (rows, columns), counted from 0; a cell may occur more than once.
    ///
    /// # Errors
    /// [`Error::Empty`] without cells, [`Error::Shape`] for a cell outside the matrix, [`Error::NotFinite`] for NaN or
    /// infinity, [`Error::Param`] above 2³² - 1 rows or columns.
    ///
    /// ```
    /// # use lab_core::Observations;
    /// let error = Observations::new((2, 2), [(0, 2, 1.0)]).unwrap_err().to_string();
    /// assert!(error.starts_with("each observed cell must be inside 2 x 2, found row 0, column 2"));
    /// ```
    pub fn new(
        dim: (usize, usize),
        cells: impl IntoIterator<Item = (usize, usize, f64)>,
    ) -> Result<Observations> {
        let index = |i: usize| {
            u32::try_from(i).map_err(|_| Error::Param {
                name: "dim",
                rule: "below 2^32",
                found: i.to_string(),
            })
        };
        index(dim.0.max(dim.1))?;
        let checked = |(row, column, value): (usize, usize, f64)| {
            if row >= dim.0 || column >= dim.1 {
                return Err(Error::Shape {
                    what: "each observed cell".into(),
                    expected: format!("inside {} x {}", dim.0, dim.1),
                    found: format!("row {row}, column {column} (both counted from 0)"),
                });
            }
            if !value.is_finite() {
                return Err(Error::NotFinite { what: "the observed cells", row, column, value });
            }
            Ok(Cell { row: index(row)?, column: index(column)?, value })
        };
        Observations::checked(dim, cells.into_iter().map(checked).collect::<Result<_>>()?)
    }

    fn checked(dim: (usize, usize), cells: Vec<Cell>) -> Result<Observations> {
        if cells.is_empty() {
            return Err(Error::Empty { what: "the set of observed cells" });
        }
        Ok(Observations { dim, cells })
    }

    /// The observed cells of a dense matrix, row by row; what hidden cells hold does not matter.
    ///
    /// # Errors
    /// [`Error::Shape`] for a mask of another shape, and those of [`Observations::new`].
    ///
    /// ```
    /// # use lab_core::Observations;
    /// # use ndarray::array;
    /// let a = array![[1.0, f64::NAN], [3.0, 4.0]];
    /// assert_eq!(Observations::masked(&a, &a.mapv(f64::is_finite))?.len(), 3);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn masked(a: &Matrix, observed: &Mask) -> Result<Observations> {
        if a.dim() != observed.dim() {
            return Err(Error::shape("the mask, like the matrix,", a.dim(), observed.dim()));
        }
        let cells = a.indexed_iter().zip(observed).filter(|(_, seen)| **seen);
        Observations::new(a.dim(), cells.map(|(((i, j), &x), _)| (i, j, x)))
    }

    /// Every cell of a matrix, row by row.
    ///
    /// # Errors
    /// Those of [`Observations::new`].
    pub(crate) fn all(a: &Matrix) -> Result<Observations> {
        Observations::new(a.dim(), a.indexed_iter().map(|((i, j), &x)| (i, j, x)))
    }

    /// Reads a table of row, column (both counted from 0) and value, one cell a line, separated by commas. The first line
    /// may be a header; blank lines, CRLF and quoted fields (RFC 4180) are read as usual. The matrix ends with the largest
    /// row and column that occur.
    ///
    /// # Errors
    /// [`Error::File`] where the file cannot be read, [`Error::Data`] with line, column and reason, and those of
    /// [`Observations::new`].
    ///
    /// ```
    /// # use lab_core::Observations;
    /// let path = std::env::temp_dir().join(format!("ratings-{}.csv", std::process::id()));
    /// std::fs::write(&path, "user,item,rating\n0,1,4.5\n2,0,3\n")?;
    /// assert_eq!(Observations::from_csv(&path)?.dim(), (3, 2));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_csv(path: impl AsRef<Path>) -> Result<Observations> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let file = std::fs::File::open(path).map_err(|error| unreadable(&name, &error))?;
        Observations::read(file, name)
    }

    /// [`Observations::from_csv`] from any source of bytes.
    ///
    /// # Errors
    /// As [`Observations::from_csv`]; [`Error::File`] names "the reader".
    ///
    /// ```
    /// # use lab_core::Observations;
    /// assert_eq!(Observations::from_reader("0,1,4.5\n2,0,3\n".as_bytes())?.dim(), (3, 2));
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn from_reader(source: impl Read) -> Result<Observations> {
        Observations::read(source, "the reader".into())
    }

    fn read(source: impl Read, name: String) -> Result<Observations> {
        let mut rows = Rows::of(source, name)?;
        let (mut cells, mut dim, mut first) = (Vec::new(), (0, 0), true);
        while let Some(row) = rows.next()? {
            let header =
                first && row.fields().all(|field| field.is_ok_and(|field| field.parse::<f64>().is_err()));
            first = false;
            if header {
                continue;
            }
            let cell = cell(&row)?;
            dim = (dim.0.max(cell.row as usize + 1), dim.1.max(cell.column as usize + 1));
            cells.push(cell);
        }
        Observations::checked(dim, cells)
    }

    /// The number of observed cells: at least 1.
    ///
    /// ```
    /// # use lab_core::Observations;
    /// assert_eq!(Observations::new((9, 9), [(0, 0, 1.0), (8, 8, 2.0)])?.len(), 2);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    #[expect(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Rows and columns of the matrix.
    ///
    /// ```
    /// # use lab_core::Observations;
    /// assert_eq!(Observations::new((9, 7), [(0, 0, 1.0)])?.dim(), (9, 7));
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn dim(&self) -> (usize, usize) {
        self.dim
    }

    /// Two parts: the first `count` cells in an order drawn from `random`, and the rest, as for training and for testing.
    ///
    /// # Errors
    /// [`Error::Param`] where either part would be empty.
    ///
    /// ```
    /// # use lab_core::{Observations, Random, Seed};
    /// let cells = Observations::new((2, 2), [(0, 0, 1.0), (0, 1, 2.0), (1, 0, 3.0)])?;
    /// let (train, test) = cells.split(2, &mut Random::new(Seed::Portable(0)))?;
    /// assert_eq!((train.len(), test.len()), (2, 1));
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn split(&self, count: usize, random: &mut Random) -> Result<(Observations, Observations)> {
        if count == 0 || count >= self.len() {
            let rule = "at least 1 and below the number of cells";
            return Err(Error::Param { name: "count", rule, found: count.to_string() });
        }
        let mut first = self.shuffled(random);
        let rest = Observations { dim: self.dim, cells: first.cells.split_off(count) };
        Ok((first, rest))
    }

    /// The same cells in an order drawn from `random`.
    pub(crate) fn shuffled(&self, random: &mut Random) -> Observations {
        let order = random.permutation(self.len());
        Observations { dim: self.dim, cells: order.into_iter().map(|k| self.cells[k]).collect() }
    }
}

/// One cell of a table.
fn cell(row: &Row<'_>) -> Result<Cell> {
    let found = row.len();
    if found != 3 {
        return Err(row.error_in_all(format!("must have 3 fields (row, column, value), found {found}")));
    }
    let mut fields = row.fields();
    let mut next = || fields.next().unwrap_or(Ok(""));
    let index = |at: usize, field: &str| {
        let found = field.parse().ok().filter(|&index| index < u32::MAX);
        let rule = "must be a whole number from 0 to 4294967294, found";
        found.ok_or_else(|| row.error(at, format!("{rule} {}", quoted(field))))
    };
    let (i, j, value) = (index(0, next()?)?, index(1, next()?)?, next()?);
    Ok(Cell { row: i, column: j, value: number(value).map_err(|reason| row.error(2, reason))? })
}
