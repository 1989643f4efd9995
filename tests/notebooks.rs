//! The runner executes notebooks through the real kernel: it must fail on every kind of broken cell, name it, and leave the
//! earlier report alone. `make test` installs what this needs.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use lab_tests::{lab_python, root};
use serde_json::{Value, json};

/// Runs a Python tool of the repository in its virtual environment.
fn python(arguments: &[String]) -> Output {
    Command::new(lab_python()).current_dir(root()).args(arguments).output().expect("Python starts")
}

/// Writes a notebook with these code cells, whose ids are `cell-1`, `cell-2`, ...
fn notebook(path: &Path, cells: &[&str]) {
    let cells: Vec<Value> = cells
        .iter()
        .enumerate()
        .map(|(i, source)| {
            json!({"cell_type": "code", "id": format!("cell-{}", i + 1), "metadata": {}, "execution_count": null,
                   "outputs": [], "source": source})
        })
        .collect();
    let content = json!({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5});
    fs::write(path, content.to_string()).expect("the temporary folder is writable");
}

#[test]
fn runner_names_every_kind_of_broken_cell_and_keeps_the_earlier_report() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("notebooks");
    let reports = folder.join("reports");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&reports).expect("the temporary folder is writable");

    // name, cells, the broken one, a word of its message
    let broken: [(&str, &[&str], &str, &str); 4] = [
        ("panics", &["let v = vec![1];", "println!(\"{}\", v[3]);", "2"], "cell-2", "index out of bounds"),
        ("question_mark", &["let n: i32 = \"seven\".parse::<i32>()?;", "n"], "cell-1", "invalid digit"),
        ("does_not_compile", &["1", "let n: i32 = \"seven\";"], "cell-2", "mismatched types"),
        ("exits", &["std::process::exit(3);"], "cell-1", "exit status: 3"),
    ];
    let good = ["let x = 1.5; eprintln!(\"a remark\");", "println!(\"x is {x}\");", "x * 2.0"];
    let earlier = "the earlier report";
    let mut arguments = ["-m", "tools.report", "--no-export", "--reports"].map(String::from).to_vec();
    arguments.push(reports.display().to_string());
    for (name, cells, ..) in broken {
        let path = folder.join(format!("{name}.ipynb"));
        notebook(&path, cells);
        fs::write(reports.join(format!("{name}.ipynb")), earlier).expect("the temporary folder is writable");
        arguments.push(path.display().to_string());
    }
    let path = folder.join("good.ipynb");
    notebook(&path, &good);
    arguments.push(path.display().to_string());

    let done = python(&arguments);
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert_eq!(done.status.code(), Some(1), "{said}");
    for (name, _, id, message) in broken {
        let told = said.split("FAILED ").find(|part| part.starts_with(name));
        let told = told.unwrap_or_else(|| panic!("{name} is not reported as failed:\n{said}"));
        assert!(
            told.contains(id) && told.contains(message),
            "{name}: {id} and {message:?} expected in\n{told}"
        );
        let report =
            fs::read_to_string(reports.join(format!("{name}.ipynb"))).expect("the earlier report exists");
        assert_eq!(report, earlier, "{name}: the earlier report was replaced");
    }

    let report = fs::read_to_string(reports.join("good.ipynb")).expect("the good notebook was executed");
    let report: Value = serde_json::from_str(&report).expect("an executed notebook is JSON");
    assert_eq!(report["cells"][1]["outputs"][0]["text"].to_string(), r#"["x is 1.5\n"]"#);
    assert_eq!(report["cells"][2]["outputs"][0]["data"]["text/plain"].to_string(), r#"["3.0"]"#);
    assert!(report["cells"][2]["metadata"]["lab"]["seconds"].is_number());
    for key in ["date", "seconds", "versions", "inputs"] {
        assert!(!report["metadata"]["lab"][key].is_null(), "metadata.lab.{key} is missing");
    }

    // Only what is not up to date runs again.
    arguments.push("--plan".into());
    let plan = python(&arguments);
    let stale = String::from_utf8_lossy(&plan.stdout).into_owned();
    assert!(!stale.contains("good") && stale.contains("panics"), "{stale}");
}
