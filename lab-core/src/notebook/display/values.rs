//! The displays of plain values and of what the standard library puts them in.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::tree::Tree;
use super::{Bundle, Show};

macro_rules! shown_as {
    ($tree:expr => $($type:ty),*) => { $(impl Show for $type {
        fn bundle(&self) -> Bundle {
            self.tree().bundle()
        }
        fn tree(&self) -> Tree {
            $tree(self)
        }
    })* };
}
/// As `Debug` writes it.
fn text(value: &impl std::fmt::Debug) -> Tree {
    Tree::Text(format!("{value:?}"))
}
shown_as!(text => bool, char, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);
shown_as!(|value: &f64| Tree::Number(*value) => f64);
// By its shortest decimal form: 0.1_f32 is 0.1, not the f64 that is nearest to it.
shown_as!(|value: &f32| value.to_string().parse().map_or_else(|_| text(value), Tree::Number) => f32);

/// Nothing: a cell that ends in a call without a result shows nothing.
impl Show for () {
    fn bundle(&self) -> Bundle {
        Bundle::nothing()
    }
    fn tree(&self) -> Tree {
        Tree::Text("()".to_owned())
    }
}

/// Alone without quotes, inside another value with them.
impl Show for str {
    fn bundle(&self) -> Bundle {
        Bundle::plain(self)
    }
    fn tree(&self) -> Tree {
        text(&self)
    }
}

impl Show for String {
    fn bundle(&self) -> Bundle {
        self.as_str().bundle()
    }
    fn tree(&self) -> Tree {
        self.as_str().tree()
    }
}

macro_rules! shown_through {
    ($($type:ty),*) => { $(impl<T: Show + ?Sized> Show for $type {
        fn bundle(&self) -> Bundle {
            (**self).bundle()
        }
        fn tree(&self) -> Tree {
            (**self).tree()
        }
    })* };
}
shown_through!(&T, &mut T, Box<T>, std::rc::Rc<T>, std::sync::Arc<T>);

/// Implements [`Show`] for a type made of others, by its tree.
macro_rules! shown_by_parts {
    ([$($generics:tt)*] $type:ty, $value:ident => $tree:expr) => { impl<$($generics)*> Show for $type {
        fn bundle(&self) -> Bundle {
            self.tree().bundle()
        }
        fn tree(&self) -> Tree {
            let $value = self;
            $tree
        }
    } };
}
shown_by_parts!([T: Show] Option<T>, value => match value {
    Some(value) => Tree::Something(Box::new(value.tree())),
    None => Tree::Nothing,
});
shown_by_parts!([T: Show] [T], items => Tree::list(items, T::tree));
shown_by_parts!([T: Show] Vec<T>, items => Tree::list(items, T::tree));
shown_by_parts!([T: Show, const N: usize] [T; N], items => Tree::list(items, T::tree));
shown_by_parts!([K: Show + Ord, V: Show] BTreeMap<K, V>, map => Tree::map(map.iter(), |k, v| (k.tree(), v.tree())));
shown_by_parts!([K: Show + Ord, V: Show, S] HashMap<K, V, S>, map => Tree::map(map.iter(), |k, v| (k.tree(), v.tree())));
shown_by_parts!([T: Show + Ord] BTreeSet<T>, set => Tree::list(&set.iter().collect::<Vec<_>>(), Show::tree));
shown_by_parts!([T: Show + Ord, S] HashSet<T, S>, set => {
    let mut items: Vec<&T> = set.iter().collect();
    items.sort_unstable();
    Tree::list(&items, Show::tree)
});

macro_rules! shown_tuples {
    ($($($name:ident)+;)+) => { $(shown_by_parts!([$($name: Show),+] ($($name,)+), parts => {
        #[allow(non_snake_case)]
        let ($($name,)+) = parts;
        Tree::Tuple(vec![$($name.tree()),+])
    });)+ };
}
shown_tuples!(A; A B; A B C; A B C D; A B C D E; A B C D E F;);

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(value: &impl Show) -> String {
        value.bundle().get("text/plain").unwrap_or_default().to_owned()
    }

    fn html(value: &impl Show) -> String {
        value.bundle().get("text/html").unwrap_or_default().to_owned()
    }

    #[test]
    fn scalars_options_and_tuples_read_as_rust_writes_them() {
        assert_eq!(plain(&Some(0.5)), "Some(0.5)");
        assert_eq!(plain(&None::<f64>), "None");
        assert_eq!(plain(&(150, 2.0, "x", Some('y'))), "(150, 2.0, \"x\", Some('y'))");
        assert_eq!(plain(&vec![1, 2]), "[1, 2]");
        assert_eq!(plain(&"x"), "x");
        assert_eq!(plain(&0.1_f32), "0.1");
        assert_eq!(html(&(1, 2)), "");
    }

    #[test]
    fn a_call_without_a_result_shows_nothing() {
        assert_eq!(().bundle().to_string(), "");
    }

    #[test]
    fn lists_of_lists_and_of_tuples_are_grids() {
        let rows = html(&vec![vec![1.0, 2.5], vec![-3.0, 0.125]]);
        assert!(rows.contains("<caption>2 x 2</caption>"), "{rows}");
        assert!(rows.contains("<td class=\"num\">-3.000</td><td class=\"num\">0.125</td>"), "{rows}");
        assert!(html(&vec![vec![1], vec![2, 3]]).contains("<caption>2 rows</caption>"));
        let pairs = html(&[("a<b", 1.0), ("c", 2.0)]);
        assert!(pairs.contains(">a&lt;b</td><td class=\"num\">1</td></tr>"), "{pairs}");
    }

    #[test]
    fn a_map_is_a_table_in_the_order_of_its_keys() {
        let map = HashMap::from([("virginica", 50.0), ("setosa", 49.5)]);
        assert!(html(&map).contains(
            ">setosa</td><td class=\"num\">49.5</td></tr><tr><td style=\"text-align:left\">virginica</td>"
        ));
        assert!(
            html(&BTreeMap::from([(3, vec![1.0, 2.0])]))
                .contains("<td class=\"num\">3</td><td class=\"num\">1</td>")
        );
        assert_eq!(plain(&BTreeMap::<i32, i32>::new()), "{}");
    }

    #[test]
    fn what_is_long_loses_its_middle() {
        assert_eq!(plain(&(0..1000).collect::<Vec<i32>>()).matches(',').count(), 60);
        assert_eq!(html(&vec![vec![0.5; 100]; 100]).matches("<td").count(), 10 * 11 + 1);
        assert_eq!(
            html(&(0..1000).map(|i| (i, i)).collect::<BTreeMap<i32, i32>>()).matches("<tr>").count(),
            61
        );
    }

    #[test]
    fn what_has_a_display_of_its_own_keeps_it_inside_another() {
        let matrix = crate::matrix::Matrix::zeros((2, 3));
        assert_eq!(html(&(matrix.clone(), Some(matrix))).matches("2 x 3 matrix").count(), 2);
    }
}
