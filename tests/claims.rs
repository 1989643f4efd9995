//! The claims of the five reports: each is checked in its report's notebook and in the overview, shown once with the verdict
//! on record, and a changed figure is noticed.

use std::fs;

use lab_core::{
    Bias, Claim, Loss, Matrix, MlpParams, Reduction, Result, Scale, check, claim, claims, final_accuracies,
    iris, networks, truncated_svd,
};
use lab_tests::{contents, root, sheet_matrix};
use serde_json::Value;

/// The executed notebooks of the index: name without `.ipynb`, and content. Any other notebook is its owner's.
fn executed() -> Vec<(String, Value)> {
    let read = |name: String| {
        let text = fs::read_to_string(root().join("reports").join(format!("{name}.ipynb"))).ok()?;
        Some((name, serde_json::from_str(&text).expect("a notebook is JSON")))
    };
    contents().into_iter().filter_map(read).collect()
}

/// The claims that a notebook must show: all in the overview, one report's in the others.
fn expected(name: &str) -> Vec<Claim> {
    let report = name.rsplit('_').next().unwrap_or_default().to_uppercase();
    let all = claims().expect("the claims are readable");
    all.into_iter().filter(|claim| name == "overview" || claim.report == report).collect()
}

/// All of a cell's source, or all text that it put out.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().map(text).collect(),
        Value::Object(fields) => fields.values().map(text).collect(),
        _ => String::new(),
    }
}

fn cells(notebook: &Value) -> impl Iterator<Item = &Value> {
    notebook["cells"].as_array().into_iter().flatten()
}

#[test]
fn executed_notebooks_show_each_claim_once_with_its_verdict() {
    let executed = executed();
    if executed.is_empty() {
        assert!(std::env::var_os("CI").is_none(), "CI runs the notebooks first");
        return eprintln!("skipped: there are no executed notebooks; `make test` runs them first");
    }
    assert_eq!(executed.len(), contents().len(), "every notebook is executed: run `make reports`");
    for (name, notebook) in executed {
        let shown: String = cells(&notebook).map(|cell| text(&cell["outputs"])).collect();
        assert!(!shown.contains("lab-error"), "{name} shows an error");
        for claim in expected(&name) {
            let row = format!("data-claim=\"{}\"", claim.id);
            assert_eq!(shown.matches(&row).count(), 1, "{name} must show {} once", claim.id);
            let row = format!("{row} data-verdict=\"{}\"", claim.verdict);
            assert!(shown.contains(&row), "{name} shows {} with another verdict", claim.id);
        }
    }
}

/// The same claim with one unit more in the last printed digit.
fn altered(claim: &Claim) -> Claim {
    let decimals = claim.reported.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let unit = 10_f64.powi(-i32::try_from(decimals).expect("a few digits"));
    let value = claim.value().expect("the claim is a number") + unit;
    Claim { reported: format!("{value:.decimals$}"), ..claim.clone() }
}

fn squared(residual: &Matrix) -> f64 {
    Loss::SumSquared.value(residual)
}

#[test]
fn a_changed_digit_in_an_exact_figure_is_an_error() -> Result<()> {
    let x = iris().scaled(Scale::Centre)?.x;
    let svd = truncated_svd(&x, 2)?;
    let loss = squared(&(&x - &svd.reconstruct()));
    let a = sheet_matrix();
    let cells = x.len() as f64;
    let exact = [
        ("B12-svd", loss),
        ("C1-svd", loss.sqrt()),
        ("D1-gd", loss / cells),
        ("E21-svd", squared(&(&a - &truncated_svd(&a, 2)?.reconstruct()))),
    ];
    for (id, ours) in exact {
        let claim = claim(id)?;
        claim.number(ours)?;
        assert!(altered(&claim).number(ours).is_err(), "{id}");
    }
    // Wrong figures are tied to the mistake that gives their digits: report D left out Sigma, and kept all four directions.
    let whole = truncated_svd(&x, 4)?;
    let without_sigma = squared(&(&x - &whole.u.dot(&whole.v.t()))) / cells;
    let claim = claim("D1-svd")?;
    claim.mistaken(loss / cells, &[without_sigma])?;
    assert!(altered(&claim).mistaken(loss / cells, &[without_sigma]).is_err());
    Ok(())
}

#[test]
fn a_changed_digit_in_printed_matrices_is_an_error() -> Result<()> {
    let a = sheet_matrix();
    let loss = |parts: &[Matrix]| squared(&(&a - &parts[0].dot(&parts[1].t())));
    for (id, sign) in [("E32-completed", 1.0), ("E12-factors", -1.0)] {
        let claim = claim(id)?;
        let changed = Claim {
            reported: claim.reported.replacen("0.4796", "0.4896", 1).replacen("0.2790", "0.2890", 1),
            ..claim.clone()
        };
        for (claim, passes) in [(claim, true), (changed, false)] {
            let printed = claim.matrices()?;
            let mut mended = printed.clone();
            mended[1][[0, 1]] *= sign;
            assert_eq!(claim.printed_matrices(loss(&printed), Some(loss(&mended))).is_ok(), passes, "{id}");
        }
    }
    Ok(())
}

#[test]
fn every_claim_comes_to_the_verdict_on_record() -> Result<()> {
    for claim in claims()? {
        let found = check(&claim.id)?;
        assert_eq!(found.verdict, claim.verdict, "{}", claim.id);
        assert!(!found.ours.is_empty() && !found.rule.is_empty(), "{} shows no deciding number", claim.id);
    }
    assert!(check("Z9-none").is_err());
    Ok(())
}

#[test]
fn a_table_from_another_network_is_an_error() -> Result<()> {
    let (scaled, reduction) = (iris().scaled(Scale::Variance)?, Reduction::Sum);
    let per_unit = MlpParams { bias: Bias::PerUnit, reduction, ..Default::default() };
    let (train, validation) = final_accuracies(&networks(&scaled, 100, 0..1000, &per_unit)?);
    let columns = [train, validation];
    claim("B22-table")?.table(&columns)?;
    assert!(
        claim("A22-table")?.table(&columns).is_err(),
        "report A's ten runs passed for report B's network"
    );
    let mean = MlpParams { reduction: Reduction::Mean, ..per_unit };
    let (train, validation) = final_accuracies(&networks(&scaled, 100, 0..1000, &mean)?);
    assert!(claim("B22-table")?.table(&[train, validation]).is_err());
    Ok(())
}
