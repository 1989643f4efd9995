//! The notebooks as books: lines to read, captions that are computed, every listing and every claim of the reports shown
//! once, exercises whose solutions pass their own check.

use std::fs;

use lab_core::claims;
use lab_core::notebook::listing;
use lab_tests::{contents, root};
use serde_json::Value;

/// A cell of a notebook.
struct Cell {
    id: String,
    kind: String,
    tags: Vec<String>,
    source: String,
    outputs: String,
}

/// All text below a value.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(text).collect(),
        Value::Object(fields) => fields.values().map(text).collect(),
        _ => String::new(),
    }
}

fn read(folder: &str, name: &str) -> Option<Vec<Cell>> {
    let text_of = fs::read_to_string(root().join(folder).join(format!("{name}.ipynb"))).ok()?;
    let notebook: Value = serde_json::from_str(&text_of).unwrap_or_else(|e| panic!("{folder}/{name}: {e}"));
    let cells = notebook["cells"].as_array().expect("a notebook has cells");
    let tags = |cell: &Value| cell["metadata"]["tags"].as_array().into_iter().flatten().map(text).collect();
    let cell = |cell: &Value| Cell {
        id: text(&cell["id"]),
        kind: text(&cell["cell_type"]),
        tags: tags(cell),
        source: text(&cell["source"]),
        outputs: text(&cell["outputs"]),
    };
    Some(cells.iter().map(cell).collect())
}

/// The notebooks of the index, with their cells.
fn books() -> Vec<(String, Vec<Cell>)> {
    let cells = |name: &str| read("notebooks", name).unwrap_or_else(|| panic!("{name} is not there"));
    let with_cells = |name: String| {
        let cells = cells(&name);
        (name, cells)
    };
    contents().into_iter().map(with_cells).collect()
}

/// The report's letter in a notebook's name.
fn letter(name: &str) -> Option<String> {
    Some(name.split_once("_report_")?.1.to_uppercase())
}

fn code(cells: &[Cell]) -> impl Iterator<Item = &Cell> {
    cells.iter().filter(|cell| cell.kind == "code")
}

#[test]
fn code_fits_the_page() {
    for (name, cells) in books() {
        let shown = |source: &str| {
            let names = code(&cells).flat_map(|cell| cell.source.split("source!(").skip(1));
            let mut names = names.filter_map(|rest| rest.split(')').next());
            names.any(|function| source.contains(&format!("fn {function}")))
        };
        for Cell { id, source, .. } in code(&cells) {
            let longest = source.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(longest <= 100, "{name}, {id}: a line of {longest} characters, at most 100");
            let lines = source.lines().count();
            assert!(lines <= 20 || shown(source), "{name}, {id}: {lines} lines, at most 20");
            assert!(lines <= 40, "{name}, {id}: {lines} lines, at most 40 even for a listing that is shown");
        }
    }
}

/// The string literals that a cell gives to captions, titles and descriptions, without what is computed in them.
fn captions(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for key in ["caption", "title", "about"] {
        for (at, _) in source.match_indices(key) {
            let rest = &source[at + key.len()..];
            let Some(quote) = rest.find('"') else { continue };
            if rest[..quote].contains([';', '}', '\n']) && !rest[..quote].trim_end().ends_with("format!(") {
                continue; // the word without a literal of its own
            }
            let mut literal = String::new();
            let mut characters = rest[quote + 1..].chars();
            while let Some(c) = characters.next() {
                match c {
                    '"' => break,
                    '\\' => drop(characters.next()),
                    c => literal.push(c),
                }
            }
            found.push(literal);
        }
    }
    found
}

/// A digit in a caption that is neither computed nor part of a name such as "exercise 1.2" or `a10`.
fn typed_digit(caption: &str) -> Option<String> {
    let mut depth = 0;
    let mut words = String::new();
    for c in caption.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            c if depth == 0 => words.push(c),
            _ => {}
        }
    }
    let words: Vec<&str> = words.split_whitespace().collect();
    let named =
        ["exercise", "exercises", "question", "figure", "figures", "sheet", "listing", "table", "and"];
    let typed = |at: usize| {
        let word = words[at].trim_matches(|c: char| !c.is_alphanumeric());
        let numeral = word.starts_with(|c: char| c.is_ascii_digit());
        let after_name = at > 0 && named.contains(&words[at - 1].to_lowercase().as_str());
        numeral && !after_name
    };
    (0..words.len()).find(|at| typed(*at)).map(|at| words[at].to_owned())
}

#[test]
fn numbers_in_captions_are_computed() {
    for (name, cells) in books() {
        for Cell { id, source, .. } in code(&cells) {
            for caption in captions(source) {
                let typed = typed_digit(&caption);
                assert!(typed.is_none(), "{name}, {id}: {typed:?} is typed in {caption:?}; compute it");
            }
        }
    }
}

#[test]
fn typed_digits_are_told_from_computed_ones() {
    for bad in ["seeds 0 to 999", "about 0.44 is left", "ends near {x}, at epoch 14"] {
        assert!(typed_digit(bad).is_some(), "{bad}");
    }
    for good in ["Report A, exercise 1.2: {n} runs", "cell a10 and σ₁", "Figures 1 and 2 of report B"] {
        assert!(typed_digit(good).is_none(), "{good}");
    }
    let source = "Labels { title: \"One\", about: \"Two \\\n   lines\" }).caption(format!(\"Three {n}\"))";
    assert_eq!(captions(source).len(), 3);
}

#[test]
fn each_claim_is_checked_once() {
    for (name, cells) in books() {
        let Some(letter) = letter(&name) else { continue };
        let source: String = code(&cells).map(|cell| cell.source.as_str()).collect();
        for claim in claims().expect("the claims are readable") {
            let found = source.matches(&format!("check(\"{}\")", claim.id)).count();
            let expected = usize::from(claim.report == letter);
            assert_eq!(found, expected, "{name} must check {} {expected} times", claim.id);
        }
    }
}

#[test]
fn each_listing_is_shown_once() {
    for (name, cells) in books() {
        let Some(letter) = letter(&name) else { continue };
        let source: String = code(&cells).map(|cell| cell.source.as_str()).collect();
        for number in (1..).take_while(|number| listing(&letter, *number).is_ok()) {
            let found = source.matches(&format!("side_by_side(\"{letter}\", {number},")).count();
            assert_eq!(found, 1, "{name} must show listing {number} of report {letter} once");
        }
    }
}

/// The answers that cells with this tag have shown.
fn answers<'a>(cells: &'a [Cell], tag: &str) -> Vec<(&'a str, bool)> {
    let tagged = cells.iter().filter(|cell| cell.tags.iter().any(|t| t == tag));
    tagged.map(|cell| (cell.id.as_str(), cell.outputs.contains("lab-answer right"))).collect()
}

#[test]
fn exercises_have_a_check_and_a_solution() {
    for (name, cells) in books() {
        let count = |tag: &str| cells.iter().filter(|cell| cell.tags.iter().any(|t| t == tag)).count();
        let (exercises, checks, solutions) = (count("exercise"), count("check"), count("solution"));
        assert_eq!((exercises, exercises), (checks, solutions), "{name}: exercises, checks and solutions");
        if letter(&name).is_some() {
            assert!((3..=5).contains(&exercises), "{name} has {exercises} exercises, 3 to 5 are wanted");
        }
    }
}

#[test]
fn solutions_pass_the_checks_that_the_exercises_as_shipped_do_not() {
    for (name, _) in books() {
        let Some(cells) = read("reports", &name) else {
            eprintln!("skipped: {name} has not been run; `make test` runs it first");
            continue;
        };
        for (id, right) in answers(&cells, "check") {
            assert!(!right, "{name}, {id}: the check says right before the exercise is done");
        }
        for (id, right) in answers(&cells, "solution") {
            assert!(right, "{name}, {id}: the solution does not pass the check");
        }
    }
}
