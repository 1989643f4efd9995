//! Pairs each statement of Python with the most similar one of Rust, in the order of both.

use std::collections::HashSet;

/// Words of Python and the word of Rust that does the same.
const SAME: [(&str, &str); 22] = [
    ("def", "fn"),
    ("rand", "uniform"),
    ("randn", "normal"),
    ("requires_grad", "leaf"),
    ("zeros", "zeros"),
    ("mm", "dot"),
    ("matmul", "dot"),
    ("T", "t"),
    ("mse_loss", "squared"),
    ("norm", "sqrt"),
    ("append", "push"),
    ("float", "scalar"),
    ("item", "scalar"),
    ("sum", "sum"),
    ("return", "Ok"),
    ("grad", "descend"),
    ("num_epochs", "epochs"),
    ("shape", "nrows"),
    ("size", "nrows"),
    ("argmax", "predict"),
    ("svd", "truncated_svd"),
    ("None", "None"),
];

/// The words of a statement in lower case; to a word of Python, the word of Rust that does the same is added.
fn words(statement: &str) -> HashSet<String> {
    let code = statement.split("//").next().unwrap_or_default();
    let zeroes = code.contains("zero_()"); // Rust's `backward` has nothing to zero
    let mut words: HashSet<String> = HashSet::new();
    for word in code.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()) {
        words.insert(word.to_lowercase());
        let same = SAME.iter().filter(|(python, _)| *python == word && !zeroes);
        words.extend(same.map(|(_, rust)| rust.to_lowercase()));
    }
    if statement.contains('@') {
        words.insert("dot".to_owned());
    }
    words
}

/// How alike two statements are, from 0 to 1: the number of words that they share, over the geometric mean of their
/// numbers of words.
fn likeness(a: &HashSet<String>, b: &HashSet<String>) -> f64 {
    let shared = a.intersection(b).count() as f64;
    shared / (a.len().max(b.len()).max(1) as f64).sqrt() / (a.len().min(b.len()).max(1) as f64).sqrt()
}

/// Pairs of statements in the order of both sides, so that the sum of their likenesses is greatest (Needleman and Wunsch
/// 1970); what has no partner stands alone.
pub(super) fn pairs(left: &[String], right: &[String]) -> Vec<(Option<usize>, Option<usize>)> {
    let [a, b] = [left, right].map(|side| side.iter().map(|s| words(s)).collect::<Vec<_>>());
    let (m, n) = (a.len(), b.len());
    let mut best = vec![vec![0.0_f64; n + 1]; m + 1]; // of the statements from i and from j on
    let pair = |i: usize, j: usize| likeness(&a[i], &b[j]) - 0.12;
    for i in (0..m).rev() {
        for j in (0..n).rev() {
            best[i][j] = (best[i + 1][j + 1] + pair(i, j)).max(best[i + 1][j]).max(best[i][j + 1]);
        }
    }
    let (mut i, mut j, mut rows) = (0, 0, Vec::new());
    while i < m && j < n {
        let (without_left, without_right) = (best[i + 1][j], best[i][j + 1]);
        if best[i + 1][j + 1] + pair(i, j) >= without_left.max(without_right) {
            rows.push((Some(i), Some(j)));
            (i, j) = (i + 1, j + 1);
        } else if without_left >= without_right {
            rows.push((Some(i), None));
            i += 1;
        } else {
            rows.push((None, Some(j)));
            j += 1;
        }
    }
    rows.extend((i..m).map(|i| (Some(i), None)));
    rows.extend((j..n).map(|j| (None, Some(j))));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_stands_beside_its_step() {
        let step = words("        U.data = U.data - (lr*U.grad)");
        let (zero, descend) = (words("        U.grad.data.zero_()"), words("        u.descend(lr)?;"));
        assert!(likeness(&step, &descend) > likeness(&zero, &descend) + 0.1);
    }
}
