//! The answer that a check cell gives to an exercise.

use std::fmt::{self, Display};

#[cfg(feature = "notebook")]
use crate::notebook::display::{Bundle, Show};
#[cfg(feature = "notebook")]
use crate::notebook::format::escape;

/// Whether an exercise is solved, and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    right: bool,
    why: String,
}

/// The answer to an exercise: `right` is computed from what the reader wrote, `why` says what was found.
///
/// ```
/// use lab_core::prelude::*;
///
/// let loss = 0.1219;
/// let shown = answer(loss < 0.1222, format!("the loss is {loss:.4}")).bundle();
/// assert_eq!(shown.get("text/plain"), Some("Right: the loss is 0.1219"));
/// ```
pub fn answer(right: bool, why: impl Into<String>) -> Answer {
    Answer { right, why: why.into() }
}

impl Answer {
    /// Whether it is right.
    ///
    /// ```
    /// use lab_core::notebook::answer;
    ///
    /// assert!(answer(1 + 1 == 2, "the sum is 2").is_right());
    /// ```
    pub fn is_right(&self) -> bool {
        self.right
    }

    /// What was found.
    ///
    /// ```
    /// use lab_core::notebook::answer;
    ///
    /// assert_eq!(answer(true, "the sum is 2").why(), "the sum is 2");
    /// ```
    pub fn why(&self) -> &str {
        &self.why
    }
}

impl Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", if self.right { "Right" } else { "Not yet" }, self.why)
    }
}

#[cfg(feature = "notebook")]
impl Show for Answer {
    fn bundle(&self) -> Bundle {
        let class = if self.right { "right" } else { "not-yet" };
        let text = self.to_string();
        let html = format!("<div class=\"lab-answer {class}\">{}</div>", escape(&text));
        Bundle::plain(text).with("text/html", html)
    }
}

#[cfg(all(test, feature = "notebook"))]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_right_or_not_yet() {
        let html = |right| answer(right, "1 < 2").bundle().get("text/html").unwrap().to_owned();
        assert_eq!(html(true), "<div class=\"lab-answer right\">Right: 1 &lt; 2</div>");
        assert_eq!(html(false), "<div class=\"lab-answer not-yet\">Not yet: 1 &lt; 2</div>");
    }
}
