//! The structure of a value, so that lists, tuples, options and maps are displayed well whatever they hold.

use std::fmt::Write as _;

use super::Bundle;
use crate::notebook::format::{LEFT, decimals, ends, escape, round};

/// A list or map keeps this many entries at each end; what is between is left out.
const EDGE: usize = 30;
/// The same for the rows and columns of a grid.
const GRID_EDGE: usize = 5;
/// Significant digits of the numbers in a grid.
const DIGITS: usize = 6;

/// The parts of a value; a gap (`None`) stands for entries left out.
#[derive(Debug, Clone)]
pub enum Tree {
    /// A real number, rounded with its neighbours where it stands in a grid.
    Number(f64),
    /// A value that is one short text, as Rust writes it.
    Text(String),
    /// `None`.
    Nothing,
    /// `Some` of a value.
    Something(Box<Tree>),
    /// Values side by side.
    Tuple(Vec<Tree>),
    /// A list: its length, and the values shown.
    List(usize, Vec<Option<Tree>>),
    /// A map: the number of its keys, and the pairs shown, in order.
    Map(usize, Vec<Option<(Tree, Tree)>>),
    /// A value with a display of its own.
    Rich(Bundle),
}

impl Tree {
    /// The tree of a list, without its middle where it is long.
    pub(super) fn list<T>(items: &[T], tree: impl Fn(&T) -> Tree) -> Tree {
        let shown = ends(items.len(), EDGE).into_iter().map(|index| index.map(|index| tree(&items[index])));
        Tree::List(items.len(), shown.collect())
    }

    /// The tree of a map, by its keys in ascending order.
    pub(super) fn map<K: Ord, V>(
        pairs: impl Iterator<Item = (K, V)>,
        tree: impl Fn(&K, &V) -> (Tree, Tree),
    ) -> Tree {
        let mut pairs: Vec<(K, V)> = pairs.collect();
        pairs.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let shown =
            ends(pairs.len(), EDGE).into_iter().map(|index| index.map(|i| tree(&pairs[i].0, &pairs[i].1)));
        Tree::Map(pairs.len(), shown.collect())
    }

    /// The value in every MIME type that suits it.
    pub(super) fn bundle(&self) -> Bundle {
        if let Tree::Rich(bundle) = self {
            return bundle.clone();
        }
        if self.is_rich() {
            return Bundle::plain(self.text()).with("text/html", self.stacked());
        }
        match self.grid() {
            Some(grid) => grid.bundle(),
            None => Bundle::plain(self.text()),
        }
    }

    /// The value in one line where it can be, as Rust's `Debug` writes it.
    pub(super) fn text(&self) -> String {
        let joined = |parts: &[Option<Tree>]| {
            let parts = parts.iter().map(|part| part.as_ref().map_or("…".to_owned(), Tree::text));
            parts.collect::<Vec<_>>().join(", ")
        };
        match self {
            Tree::Number(value) => format!("{value:?}"),
            Tree::Text(text) => text.clone(),
            Tree::Nothing => "None".to_owned(),
            Tree::Something(value) => format!("Some({})", value.text()),
            Tree::Tuple(parts) => {
                format!("({})", parts.iter().map(Tree::text).collect::<Vec<_>>().join(", "))
            }
            Tree::List(_, parts) => format!("[{}]", joined(parts)),
            Tree::Map(_, pairs) => {
                let pair = |(key, value): &(Tree, Tree)| format!("{}: {}", key.text(), value.text());
                let pairs = pairs.iter().map(|p| p.as_ref().map_or("…".to_owned(), pair));
                format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
            }
            Tree::Rich(bundle) => bundle.get("text/plain").unwrap_or_default().to_owned(),
        }
    }

    /// Whether something in it brings a display of its own, such as a table.
    fn is_rich(&self) -> bool {
        match self {
            Tree::Number(_) | Tree::Text(_) | Tree::Nothing => false,
            Tree::Something(value) => value.is_rich(),
            Tree::Tuple(parts) => parts.iter().any(Tree::is_rich),
            Tree::List(_, parts) => parts.iter().flatten().any(Tree::is_rich),
            Tree::Map(_, pairs) => {
                pairs.iter().flatten().any(|(key, value)| key.is_rich() || value.is_rich())
            }
            Tree::Rich(_) => true,
        }
    }

    /// The displays of its parts, one below the other.
    fn stacked(&self) -> String {
        let all = |parts: &mut dyn Iterator<Item = &Tree>| parts.map(Tree::stacked).collect::<String>();
        match self {
            Tree::Something(value) => value.stacked(),
            Tree::Tuple(parts) => all(&mut parts.iter()),
            Tree::List(_, parts) => all(&mut parts.iter().flatten()),
            Tree::Map(_, pairs) => {
                let pair = |(key, value): &(Tree, Tree)| {
                    format!("<p>{}</p>{}", escape(&key.text()), value.stacked())
                };
                pairs.iter().flatten().map(pair).collect()
            }
            Tree::Rich(bundle) if bundle.get("text/html").is_some() => {
                bundle.get("text/html").unwrap_or_default().to_owned()
            }
            _ => format!("<pre>{}</pre>", escape(&self.text())),
        }
    }

    /// The grid of a list of numbers, of a list of rows or of a map; `None` where one line of text is better.
    fn grid(&self) -> Option<Grid<'_>> {
        match self {
            Tree::List(length, parts)
                if parts.iter().flatten().all(|part| matches!(part, Tree::Number(_))) =>
            {
                let rows = vec![self.cells().filter(|_| *length > 0)?];
                Some(Grid { caption: format!("vector of {length}"), rows, columns: false })
            }
            Tree::List(length, parts) => {
                let rows = parts.iter().map(|part| part.as_ref().map_or(Some(vec![None]), Tree::cells));
                let rows = rows.collect::<Option<Rows<'_>>>().filter(|rows| rows.len() > 1)?;
                let widths: Vec<usize> = parts.iter().flatten().map(Tree::width).collect();
                let even = widths.iter().all(|width| *width == widths[0]);
                let caption =
                    if even { format!("{length} x {}", widths[0]) } else { format!("{length} rows") };
                let columns = parts.iter().flatten().any(|part| matches!(part, Tree::Tuple(_)));
                Some(Grid { caption, rows: trimmed(&rows, GRID_EDGE, vec![None]), columns })
            }
            Tree::Map(length, pairs) => {
                let rows = pairs.iter().map(|pair| pair.as_ref().map_or(Some(vec![None]), entry));
                let rows = rows.collect::<Option<Rows<'_>>>().filter(|rows| !rows.is_empty())?;
                let caption = if *length == 1 { "1 key".to_owned() } else { format!("{length} keys") };
                Some(Grid { caption, rows, columns: true })
            }
            _ => None,
        }
    }

    /// Whether one cell of a grid can hold it.
    fn is_leaf(&self) -> bool {
        match self {
            Tree::Number(_) | Tree::Nothing => true,
            Tree::Text(text) => !text.contains('\n'),
            Tree::Something(value) => value.is_leaf(),
            _ => false,
        }
    }

    /// The cells of a tuple or list as a row of a grid; `None` where a part of it does not fit into one cell.
    fn cells(&self) -> Option<Vec<Option<&Tree>>> {
        let cells: Vec<Option<&Tree>> = match self {
            Tree::Tuple(parts) => parts.iter().map(Some).collect(),
            Tree::List(_, parts) => parts.iter().map(Option::as_ref).collect(),
            _ => return None,
        };
        cells.iter().flatten().all(|cell| cell.is_leaf()).then(|| trimmed(&cells, GRID_EDGE, None))
    }

    fn width(&self) -> usize {
        match self {
            Tree::Tuple(parts) => parts.len(),
            Tree::List(length, _) => *length,
            _ => 1,
        }
    }

    /// The number in a cell.
    fn number(&self) -> Option<f64> {
        match self {
            Tree::Number(value) => Some(*value),
            Tree::Something(value) => value.number(),
            _ => None,
        }
    }

    /// A cell's text and whether it reads as a number.
    fn cell(&self, decimals: usize) -> (String, bool) {
        match (self, self.number()) {
            (_, Some(value)) => (round(value, decimals, DIGITS), true),
            (Tree::Something(value), _) => value.cell(decimals),
            (Tree::Nothing, _) => (String::new(), false),
            (Tree::Text(text), _) => {
                let quoted = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                (quoted.unwrap_or(text).to_owned(), quoted.is_none() && text.parse::<f64>().is_ok())
            }
            _ => (self.text(), false),
        }
    }
}

/// Rows of cells; a gap stands for cells left out.
type Rows<'a> = Vec<Vec<Option<&'a Tree>>>;

/// The cells of a map's key and its value.
fn entry((key, value): &(Tree, Tree)) -> Option<Vec<Option<&Tree>>> {
    let cells = if value.is_leaf() { vec![Some(value)] } else { value.cells()? };
    key.is_leaf().then(|| [vec![Some(key)], cells].concat())
}

/// The first and the last of many, with a gap between them.
fn trimmed<T: Clone>(items: &[T], edge: usize, gap: T) -> Vec<T> {
    ends(items.len(), edge)
        .into_iter()
        .map(|index| index.map_or(gap.clone(), |index| items[index].clone()))
        .collect()
}

/// A table without headings.
struct Grid<'a> {
    caption: String,
    rows: Rows<'a>,
    /// The numbers of a column share their decimals; otherwise all do.
    columns: bool,
}

impl Grid<'_> {
    fn bundle(&self) -> Bundle {
        let width = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let number = |row: &Vec<Option<&Tree>>, column: usize| row.get(column).copied().flatten()?.number();
        let of_column = |column| decimals(self.rows.iter().filter_map(|row| number(row, column)), DIGITS);
        let mut decimals: Vec<usize> = (0..width).map(of_column).collect();
        if !self.columns {
            let most = decimals.iter().copied().max().unwrap_or(0);
            decimals.fill(most);
        }
        let caption = &self.caption;
        let mut html =
            format!("<div class=\"lab-table\"><table><caption>{}</caption><tbody>", escape(caption));
        let mut plain = caption.clone();
        for row in &self.rows {
            html.push_str("<tr>");
            plain.push('\n');
            for (cell, decimals) in row.iter().zip(&decimals) {
                let (text, number) = cell.map_or(("…".to_owned(), true), |cell| cell.cell(*decimals));
                let class = if number { " class=\"num\"" } else { LEFT };
                let _ = write!(html, "<td{class}>{}</td>", escape(&text));
                let _ = write!(plain, "{text:>12}");
            }
            html.push_str("</tr>");
        }
        html.push_str("</tbody></table></div>");
        Bundle::plain(plain).with("text/html", html)
    }
}
