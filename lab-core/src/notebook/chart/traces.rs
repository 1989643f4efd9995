//! What can be drawn on a chart.

use std::borrow::Borrow;

use super::{Chart, Kind, Mark, Step};
use crate::data::Labelled;
use crate::error::Error;
use crate::matrix::Matrix;
use crate::notebook::values::Values;

impl Chart {
    /// A line through the points `(x, y)`.
    #[must_use]
    pub fn line(mut self, name: &str, x: impl Values, y: impl Values) -> Chart {
        let (x, y) = self.pair(name, &x, &y);
        self.mark(name, Kind::Line { x, y })
    }

    /// Points at `(x, y)`.
    #[must_use]
    pub fn points(mut self, name: &str, x: impl Values, y: impl Values) -> Chart {
        let (x, y) = self.pair(name, &x, &y);
        self.mark(name, Kind::Points { x, y, text: Vec::new() })
    }

    /// Texts for the points just added, one for each: shown on hover.
    #[must_use]
    pub fn hover<T: Into<String>>(mut self, texts: impl IntoIterator<Item = T>) -> Chart {
        let texts: Vec<String> = texts.into_iter().map(Into::into).collect();
        let found = match self.panel().marks.last_mut().map(|mark| &mut mark.kind) {
            Some(Kind::Points { x, text, .. }) if x.len() == texts.len() => {
                *text = texts;
                return self;
            }
            Some(Kind::Points { x, .. }) => format!("{} for {} points", texts.len(), x.len()),
            _ => "no points before it".to_owned(),
        };
        self.refuse("hover", "one text for each of the points just added", &found);
        self
    }

    /// The area between two curves over the same `x`: a spread, or an interval.
    #[must_use]
    pub fn band(mut self, name: &str, x: impl Values, low: impl Values, high: impl Values) -> Chart {
        let (x, low) = self.pair(name, &x, &low);
        let (x, high) = self.pair(name, &x, &high);
        self.mark(name, Kind::Band { x, low, high })
    }

    /// The first two columns of `positions` `(rows, 2 or more)` as points coloured by the rows' classes; hover says
    /// `row 35, Iris-setosa` (rows from 1).
    #[must_use]
    pub fn classes(mut self, positions: &Matrix, rows: &Labelled) -> Chart {
        let Some(by_class) = self.split(positions, rows) else { return self };
        for (class, (x, y)) in by_class.into_iter().enumerate() {
            let name = &rows.classes[class];
            let members = rows.y.iter().enumerate().filter(|(_, label)| **label == class);
            let text = members.map(|(row, _)| format!("row {}, {name}", row + 1)).collect();
            self = self.mark(name, Kind::Points { x, y, text });
        }
        self
    }

    /// Points by class that move: one step of a slider for each labelled matrix, on fixed axes that hold them all. The
    /// chart opens, and is printed, at the last step.
    #[must_use]
    pub fn moving_classes<L: AsRef<str>>(
        mut self,
        steps: impl IntoIterator<Item = impl Borrow<(L, Matrix)>>,
        rows: &Labelled,
    ) -> Chart {
        let steps: Vec<(String, Matrix)> = steps
            .into_iter()
            .map(|step| (step.borrow().0.as_ref().to_owned(), step.borrow().1.clone()))
            .collect();
        let Some((_, last)) = steps.last() else {
            self.refuse("steps", "at least one", "none");
            return self;
        };
        self = self.classes(last, rows);
        for (label, positions) in &steps {
            let Some(points) = self.split(positions, rows) else { return self };
            self.panel().steps.push(Step { label: label.clone(), points });
        }
        let panel = self.panel();
        panel.x.range = range(panel.steps.iter().flat_map(|step| &step.points).flat_map(|(x, _)| x));
        panel.y.range = range(panel.steps.iter().flat_map(|step| &step.points).flat_map(|(_, y)| y));
        self
    }

    /// One bar for each label.
    #[must_use]
    pub fn bars<T: Into<String>>(
        mut self,
        name: &str,
        labels: impl IntoIterator<Item = T>,
        values: impl Values,
    ) -> Chart {
        let labels: Vec<String> = labels.into_iter().map(Into::into).collect();
        let values = values.values();
        if labels.len() != values.len() {
            self.refuse("values", "one for each label", &format!("{} for {}", values.len(), labels.len()));
        }
        self.mark(name, Kind::Bars { labels, values })
    }

    /// How many per cent of the values fall into each bin of this width; several histograms lie over one another.
    #[must_use]
    pub fn histogram(mut self, name: &str, values: impl Values, width: f64) -> Chart {
        if !(width.is_finite() && width > 0.0) {
            self.refuse("width", "finite and above 0", &width.to_string());
        }
        self.mark(name, Kind::Histogram { values: values.values(), width })
    }

    /// A box plot of the values: median, quartiles, whiskers and outliers.
    #[must_use]
    pub fn boxed(self, name: &str, values: impl Values) -> Chart {
        self.mark(name, Kind::Box { values: values.values() })
    }

    /// A heat map of `z` `(rows, columns)`, with one label for each row and column; the first row on top.
    #[must_use]
    pub fn heat<T: Into<String>>(
        mut self,
        name: &str,
        rows: impl IntoIterator<Item = T>,
        columns: impl IntoIterator<Item = T>,
        z: &Matrix,
    ) -> Chart {
        let y: Vec<String> = rows.into_iter().map(Into::into).collect();
        let x: Vec<String> = columns.into_iter().map(Into::into).collect();
        if (y.len(), x.len()) != z.dim() {
            self.refuse("labels", "one for each row and column", &format!("{} and {}", y.len(), x.len()));
        }
        self.mark(name, Kind::Heat { x, y, z: z.clone() })
    }

    /// A surface over the plane by lines of equal height, such as a loss; paths over it are [`Chart::line`]s. `z` has a
    /// row for each `y` and a column for each `x`. Where heights range over many decades, pass their logarithms:
    /// `z.mapv(f64::log10)`.
    #[must_use]
    pub fn contour(mut self, name: &str, x: impl Values, y: impl Values, z: &Matrix) -> Chart {
        let (x, y) = (x.values(), y.values());
        if (y.len(), x.len()) != z.dim() || x.len() < 2 || y.len() < 2 {
            let found = format!("{} x {}", z.nrows(), z.ncols());
            let expected =
                format!("one row for each y and one column for each x ({} x {})", y.len(), x.len());
            self.problem.get_or_insert(Error::Shape { what: format!("z of {name:?}"), expected, found });
        }
        if ![&x, &y].iter().all(|values| values.is_sorted_by(|a, b| a < b)) {
            self.refuse("x and y", "rising from value to value", name);
        }
        if let Some(value) = z.iter().find(|value| !value.is_finite()) {
            self.refuse("z", "finite", &value.to_string());
        }
        self.mark(name, Kind::Contour { x, y, z: z.clone() })
    }

    /// Every number that is drawn, trace by trace, to its last digit.
    pub(crate) fn numbers(&self) -> Vec<f64> {
        let rows = |z: &Matrix| z.iter().copied().collect();
        let of = |mark: &Mark| -> Vec<f64> {
            match &mark.kind {
                Kind::Line { x, y } | Kind::Points { x, y, .. } => [&x[..], y].concat(),
                Kind::Band { x, low, high } => [&x[..], low, high].concat(),
                Kind::Bars { values, .. } | Kind::Histogram { values, .. } | Kind::Box { values } => {
                    values.clone()
                }
                Kind::Heat { z, .. } | Kind::Contour { z, .. } => rows(z),
            }
        };
        let panels = self.panels.iter();
        panels
            .flat_map(|panel| {
                let lines = panel.rules.iter().map(|rule| rule.at);
                panel.marks.iter().flat_map(of).chain(lines).collect::<Vec<_>>()
            })
            .collect()
    }

    /// Adds a trace; a name used before keeps its colour.
    fn mark(mut self, name: &str, kind: Kind) -> Chart {
        let panel = self.panel();
        let taken = || panel.marks.iter().filter(|mark| mark.has_colour());
        let named = taken().find(|mark| mark.name == name).map(|mark| mark.colour);
        let colour = named.unwrap_or_else(|| taken().map(|mark| mark.colour + 1).max().unwrap_or(0));
        panel.marks.push(Mark { name: name.to_owned(), colour, kind });
        self
    }

    fn pair(&mut self, name: &str, x: &impl Values, y: &impl Values) -> (Vec<f64>, Vec<f64>) {
        let (x, y) = (x.values(), y.values());
        if x.len() != y.len() && self.problem.is_none() {
            self.problem = Some(Error::Shape {
                what: format!("y of the trace {name:?}"),
                expected: format!("as long as x ({})", x.len()),
                found: y.len().to_string(),
            });
        }
        (x, y)
    }

    /// The first two columns by class, or `None` after noting why not.
    fn split(&mut self, positions: &Matrix, rows: &Labelled) -> Option<Vec<(Vec<f64>, Vec<f64>)>> {
        if positions.nrows() != rows.y.len() || positions.ncols() < 2 {
            let found = format!("{} x {}", positions.nrows(), positions.ncols());
            let expected = format!("{} x 2 or wider", rows.y.len());
            self.problem.get_or_insert(Error::Shape { what: "positions".into(), expected, found });
            return None;
        }
        let mut by_class = vec![(Vec::new(), Vec::new()); rows.classes.len()];
        for (row, (at, &class)) in positions.rows().into_iter().zip(&rows.y).enumerate() {
            let Some((x, y)) = by_class.get_mut(class) else {
                let classes = rows.classes.len();
                self.problem.get_or_insert(Error::Label { row, found: class, classes });
                return None;
            };
            x.push(at[0]);
            y.push(at[1]);
        }
        Some(by_class)
    }
}

/// The range that holds all values, with a margin of 5 % on either side.
fn range<'a>(values: impl Iterator<Item = &'a f64>) -> Option<(f64, f64)> {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
    let margin = 0.05 * (high - low);
    (low <= high).then_some((low - margin, high + margin))
}
