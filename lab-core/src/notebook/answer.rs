//! What a check cell says to an exercise.

use super::display::{Bundle, Show};
use super::format::escape;

/// Right, or not yet, and why.
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

impl Show for Answer {
    fn bundle(&self) -> Bundle {
        let (class, word) = if self.right { ("right", "Right") } else { ("not-yet", "Not yet") };
        let text = format!("{word}: {}", self.why);
        let html = format!("<div class=\"lab-answer {class}\">{}</div>", escape(&text));
        Bundle::plain(text).with("text/html", html)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_right_or_not_yet() {
        let html = |right| answer(right, "1 < 2").bundle().get("text/html").unwrap().to_owned();
        assert_eq!(html(true), "<div class=\"lab-answer right\">Right: 1 &lt; 2</div>");
        assert_eq!(html(false), "<div class=\"lab-answer not-yet\">Not yet: 1 &lt; 2</div>");
    }
}
