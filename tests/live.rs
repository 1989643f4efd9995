//! What a page computes is what the crate computes: the WebAssembly module that pages contain, asked the same as the native
//! crate.

use std::fs;
use std::path::Path;

use lab_core::live::{names, respond};
use lab_core::notebook::Show;
use lab_core::{Result, explore};
use serde_json::{Value, json};

mod live {
    pub mod module;
}
use live::module::{Page, interface};

/// The same sums in another order, and logarithms of another library, may differ by so much.
const TOLERANCE: f64 = 1e-9;

fn numbers(answer: &str) -> Vec<f64> {
    let text = answer.strip_prefix("ok\u{1e}").unwrap_or_else(|| panic!("{answer}"));
    text.split(' ').map(|number| number.parse().expect("it is a number")).collect()
}

/// Whether two numbers are the same up to rounding; below 1 in size by their difference, as on a chart.
fn near(a: f64, b: f64) -> bool {
    (a.is_nan() && b.is_nan()) || (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1.0)
}

/// Asks for the numbers of a chart here and in the module, and compares all of them.
fn agree(page: &mut Page, request: &str) {
    let (theirs, ours) = (page.ask(request), respond(request));
    let (theirs, ours) = (numbers(&theirs), numbers(&ours));
    assert_eq!(theirs.len(), ours.len(), "{request}");
    let differs = theirs.iter().zip(&ours).position(|(a, b)| !near(*a, *b));
    if let Some(at) = differs {
        panic!(
            "{request:?}: number {at} of {} is {} in the module and {} here",
            ours.len(),
            theirs[at],
            ours[at]
        );
    }
}

#[test]
fn the_module_wants_nothing_and_offers_two_functions() {
    let (imports, exports) = interface();
    assert!(imports.is_empty(), "{imports:?}");
    let mut functions: Vec<&str> =
        exports.iter().map(String::as_str).filter(|name| name.starts_with("lab_")).collect();
    functions.sort_unstable();
    assert_eq!(functions, ["lab_call", "lab_reserve"]);
    assert!(exports.contains(&"memory".to_owned()));
    let mut page = Page::open();
    assert_eq!(page.reserve(5 << 20), 0, "a request of 5 MiB is refused");
    assert!(page.ask("explore nothing\n\n").starts_with("error\u{1e}the explorable must be one of"));
}

/// Hundreds of networks: what they are made of is compared by other explorables, and browsers run them.
const LONG: [&str; 3] = ["try-stop", "try-units", "try-network"];

/// Every explorable at its first values, but for the longest.
#[test]
fn every_explorable_computes_the_same() {
    let mut page = Page::open();
    for name in names().into_iter().filter(|name| !LONG.contains(name)) {
        agree(&mut page, &format!("numbers {name}\n\n"));
    }
}

/// Descents, completions and clouds from many seeds.
#[test]
fn many_seeds_compute_the_same() {
    let mut page = Page::open();
    for name in ["edge-of-stability", "saddle", "cloud", "power-of-sigma", "completion", "your-table"] {
        for seed in 1..=5 {
            agree(&mut page, &format!("numbers {name}\nseed={seed}\n\n"));
        }
    }
}

/// Networks overshoot, and overshooting is chaotic: a difference in the last digit grows, until the runs have nothing in common. So
/// they are compared at a rate at which they do not, from many seeds.
#[test]
fn networks_compute_the_same_where_they_are_not_chaotic() {
    let mut page = Page::open();
    for seed in 1..=4 {
        agree(&mut page, &format!("numbers silent-units\nlr=0.001\nseed={seed}\n\n"));
        agree(&mut page, &format!("numbers biases\nreduction=mean\nseed={seed}\n\n"));
        agree(&mut page, &format!("numbers output-relu\nseed={seed}\n\n"));
    }
}

/// The claims that take an interpreter little time; the browser's tests verify all of them.
#[test]
fn quick_claims_have_the_same_verdicts() {
    let mut page = Page::open();
    for claim in [
        "A12-svd",
        "A13-variance",
        "B12-svd",
        "C1-svd",
        "D1-svd",
        "E12-factors",
        "E12-loss",
        "E21-svd",
        "E32-completed",
    ] {
        let request = format!("check {claim}\n\n");
        let (theirs, ours) = (page.ask(&request), respond(&request));
        let fields = |answer: &str| answer.split('\u{1e}').map(str::to_owned).collect::<Vec<_>>();
        let (theirs, ours) = (fields(&theirs), fields(&ours));
        assert_eq!((&theirs[0], &theirs[1]), (&"ok".to_owned(), &ours[1]), "{claim}");
        let value = |fields: &[String]| fields[2].parse::<f64>().expect("it is a number");
        assert!(near(value(&theirs), value(&ours)), "{claim}: {theirs:?}, {ours:?}");
    }
}

/// The cells of the explorables, as a notebook has them, for the browser's tests.
#[test]
fn the_explorables_are_written_for_the_browser() -> Result<()> {
    let cell = |(at, name): (usize, &str)| -> Result<Value> {
        let bundle = explore(name)?.bundle();
        let forms = [
            "application/vnd.plotly.v1+json",
            "application/vnd.lab.explorable+json",
            "text/html",
            "image/svg+xml",
            "text/plain",
        ];
        let mut data = json!({});
        for mime in forms {
            let Some(form) = bundle.get(mime) else { continue };
            let parsed = || serde_json::from_str(form).expect("it is JSON");
            data[mime] = if mime.ends_with("json") { parsed() } else { form.into() };
        }
        let output =
            json!({ "output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data });
        Ok(
            json!({ "cell_type": "code", "id": format!("explorable-{at}"), "metadata": {}, "execution_count": 1,
                   "source": name, "outputs": [output] }),
        )
    };
    let cells: Vec<Value> = names().into_iter().enumerate().map(cell).collect::<Result<_>>()?;
    let notebook = json!({ "nbformat": 4, "nbformat_minor": 5, "metadata": { "language_info": { "name": "rust" } }, "cells": cells });
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("explorables.ipynb");
    fs::write(path, notebook.to_string()).expect("the temporary folder is writable");
    Ok(())
}
