//! The requests of a page and the answers to them, as text.
//!
//! A request is a line `explore NAME`, `numbers NAME` or `check CLAIM`; a line `width=…` if the picture has to fit into
//! so many pixels; a line `control=value` for each control that was moved; an empty line; and the text of a file if one
//! was given. An answer is `ok` or `error` and then its fields, with U+001E between them. No field can contain that
//! character: a request with control characters is refused, and so is a file with any but line breaks and tabs.

use super::control::quoted;
use super::{Explorable, Kind, View, explore};
use crate::claims::check;
use crate::error::{Error, Result};

/// The separators: between two fields, and between the two parts of one field.
const FIELD: char = '\u{1e}';
const PART: &str = "\u{1f}";

/// Answers a request of a page; an error is an answer, too.
///
/// `explore` answers with the chart as SVG, its description, what the exercise's answer is (empty, `right …` or
/// `not yet …`), and what was found as pairs with U+001F between; `numbers` with every number that the chart shows, to
/// its last digit; `check` with the verdict, the number that decides, our finding, the rule, what was reported, and the claim.
///
/// ```
/// use lab_core::live::respond;
///
/// let shown = respond("explore edge-of-stability\nlr=0.03\n\n");
/// let fields: Vec<&str> = shown.split('\u{1e}').collect();
/// assert!(fields[0] == "ok" && fields[1].starts_with("<svg"));
/// assert!(fields[2].contains("diverges at epoch"));
/// let found = respond("check B12-svd\n\n");
/// assert!(found.starts_with("ok\u{1e}reproduced\u{1e}1.5228833"));
/// assert!(respond("explore nothing").starts_with("error\u{1e}the explorable must be one of "));
/// ```
pub fn respond(request: &str) -> String {
    let (ok, fields) = match fields(request) {
        Ok(fields) => ("ok", fields),
        Err(error) => ("error", vec![error.to_string()]),
    };
    fields.into_iter().fold(ok.to_owned(), |answer, field| answer + &FIELD.to_string() + &field)
}

fn fields(request: &str) -> Result<Vec<String>> {
    let (lines, file) = request.split_once("\n\n").unwrap_or((request.trim_end_matches('\n'), ""));
    if let Some(odd) = lines.chars().find(|c| c.is_control() && *c != '\n') {
        return Err(wrong("the request", "lines without control characters", &odd.to_string()));
    }
    let mut lines = lines.lines().peekable();
    let first = lines.next().unwrap_or_default();
    let (verb, name) = first.split_once(' ').unwrap_or((first, ""));
    let width = lines.next_if(|line| line.starts_with("width=")).map_or(Ok(f64::INFINITY), pixels)?;
    match verb {
        "explore" => moved(name, lines, file).and_then(|view| shown(&view, width)),
        "numbers" => moved(name, lines, file).map(|view| vec![numbers(&view)]),
        "check" => {
            let found = check(name)?;
            let (value, reported) = (format!("{:.16e}", found.value), found.reported());
            Ok(vec![found.verdict.to_string(), value, found.ours, found.rule, reported, found.claim.quantity])
        }
        _ => Err(wrong("the request", "explore, numbers or check, and a name", first)),
    }
}

/// The width of the place for the picture.
fn pixels(line: &str) -> Result<f64> {
    let width = line.trim_start_matches("width=").parse().ok().filter(|width| *width > 0.0);
    width.ok_or_else(|| wrong("width", "a number of pixels above 0", line))
}

/// The view of the explorable for the values that the lines give its controls.
fn moved<'a>(name: &str, lines: impl Iterator<Item = &'a str>, file: &'a str) -> Result<View> {
    let explorable = explore(name)?;
    let pair = |line: &'a str| {
        line.split_once('=').ok_or_else(|| wrong("a line", "a control, = and its value", line))
    };
    let mut given = lines.map(pair).collect::<Result<Vec<(&str, &str)>>>()?;
    if !file.is_empty() {
        given.push((file_of(&explorable)?, file));
    }
    explorable.view(&given)
}

/// The control that takes a file.
fn file_of(explorable: &Explorable) -> Result<&'static str> {
    let found = explorable.controls().iter().find(|control| matches!(control.kind, Kind::File { .. }));
    found.map(|control| control.name).ok_or_else(|| wrong("the request", "without a file", explorable.name()))
}

fn shown(view: &View, width: f64) -> Result<Vec<String>> {
    let answer = view.answer.as_ref().map_or(String::new(), |answer| {
        let word = if answer.is_right() { "right" } else { "not yet" };
        format!("{word} {}", answer.why())
    });
    let mut fields = vec![view.chart.svg_within(width)?, view.chart.about().to_owned(), answer];
    fields.extend(view.said.iter().map(|(what, value)| format!("{what}{PART}{value}")));
    Ok(fields)
}

fn numbers(view: &View) -> String {
    let numbers: Vec<String> = view.chart.numbers().iter().map(|number| format!("{number:e}")).collect();
    numbers.join(" ")
}

fn wrong(what: &str, rule: &str, found: &str) -> Error {
    Error::Control { control: what.into(), rule: rule.into(), found: quoted(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(request: &str) -> String {
        let answer = respond(request);
        let (first, message) = answer.split_once(FIELD).unwrap();
        assert_eq!(first, "error", "{request:?}");
        assert!(!message.contains(char::is_control), "{message:?}");
        message.to_owned()
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_rule() {
        assert!(refused("draw saddle\n\n").starts_with("the request must be explore, numbers or check"));
        assert!(refused("").contains("found \"\""));
        let unknown = refused("explore sadle\n\n");
        assert!(unknown.contains("saddle") && unknown.ends_with("found \"sadle\""), "{unknown}");
        assert_eq!(refused("check Z99\n\n"), "claim Z99 no such claim in data/claims.csv");
        assert!(refused("explore saddle\nlr\n\n").starts_with("a line must be a control, = and its value"));
        assert!(refused("explore saddle\nrate=1\n\n").starts_with("the control's name must be one of lr, "));
    }

    #[test]
    fn a_value_outside_its_range_is_named_with_its_rule() {
        let cases = [
            ("edge-of-stability", "lr=1", "lr must be a number from 0.0005 to 0.03, found \"1\""),
            ("edge-of-stability", "lr=NaN", "lr must be a number from 0.0005 to 0.03, found \"NaN\""),
            ("edge-of-stability", "seed=0.5", "seed must be a whole number from 0 to 9999, found \"0.5\""),
            ("edge-of-stability", "seed=", "seed must be a whole number from 0 to 9999, found \"\""),
            ("saddle", "optimiser=SGD", "optimiser must be one of plain, momentum, Adam, found \"SGD\""),
        ];
        for (name, line, message) in cases {
            assert_eq!(refused(&format!("explore {name}\n{line}\n\n")), message);
        }
        assert!(refused("explore completion\nhidden=0,0 3,1\n\n").contains("inside 3 x 3"));
    }

    #[test]
    fn a_picture_fits_the_place() {
        let viewed = |request: &str| {
            let answer = respond(request);
            let (_, after) = answer.split_once("viewBox=\"0 0 ").unwrap();
            after.split([' ', '"']).next().unwrap().parse::<f64>().unwrap()
        };
        assert_eq!(viewed("explore cloud\n\n").to_string(), "720");
        assert_eq!(viewed("explore cloud\nwidth=360\nseed=1\n\n").to_string(), "360");
        assert_eq!(viewed("explore cloud\nwidth=1000\n\n").to_string(), "720");
        assert!(
            refused("explore cloud\nwidth=wide\n\n").starts_with("width must be a number of pixels above 0")
        );
    }

    #[test]
    fn control_characters_never_come_back() {
        for odd in ["\u{1e}", "\u{1f}", "\0", "\u{85}", "\r"] {
            assert!(refused(&format!("explore sad{odd}dle\n\n")).contains("without control characters"));
            assert!(refused(&format!("explore saddle\nlr={odd}\n\n")).contains("without control characters"));
        }
        let csv = refused("explore your-table\n\n1,2,a\n3,4,b\u{1e}\n");
        assert_eq!(csv, "csv must be text without control characters, found '\\u{1e}'");
    }

    #[test]
    fn a_file_is_read_as_any_table_and_bounded() {
        let bad = refused("explore your-table\n\nwidth,height,kind\n1,2,a\n3,oops,b\n");
        assert_eq!(bad, "row 3, column 2 (both counted from 1): must be a number, found \"oops\"");
        assert!(refused("explore your-table\n\n1,2,a\n3,b\n").contains("must have 3 fields"));
        let huge = refused(&format!("explore your-table\n\n{}", "1,2,3,a\n".repeat(200_000)));
        assert_eq!(huge, "csv must be at most 1000000 bytes, found 1600000 bytes");
        assert!(refused("explore saddle\n\n1,2,a\n").starts_with("the request must be without a file"));
        let good = respond("explore your-table\n\n1,2,3,a\r\n2,1,0,b\r\n3,3,3,b\r\n5,1,2,a\r\n");
        assert!(good.starts_with("ok\u{1e}<svg"), "{good}");
    }
}
