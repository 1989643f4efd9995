//! The real kernel, as Jupyter's clients meet it. The tests are Python's, in `tests/kernel/`, because they speak Jupyter's
//! protocol by its own library; `make test` installs what they need.

use std::process::Command;

use lab_tests::{lab_python, root};

#[cfg(unix)]
#[allow(dead_code)] // its `main`
#[path = "../notebooks/tools/kernel/cell_rustc.rs"]
mod cell_rustc;

/// Runs a file of tests in the environment that has Jupyter, whose tools write nothing to a person's home.
fn python_tests(name: &str) {
    let jupyter = root().join(".lab/jupyter/tests");
    std::fs::create_dir_all(&jupyter).expect("a folder can be made in .lab");
    let folders = ["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"];
    let done = Command::new(lab_python())
        .current_dir(root().join("tests/kernel"))
        .args(["-m", "unittest", "-v", name])
        .envs(folders.map(|folder| (folder, jupyter.join(folder))))
        .output()
        .expect("Python starts");
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success() && told.contains("\nOK"),
        "{told}\n{}",
        String::from_utf8_lossy(&done.stdout)
    );
}

#[test]
fn jupyters_own_tests_of_a_kernel_pass() {
    python_tests("test_protocol");
}

#[test]
fn a_person_meets_no_surprise() {
    python_tests("test_person"); // edits lab-core for a moment, and no spare outlives that: so one after the other
    python_tests("test_spare");
}

#[test]
fn stock_tools_fail_where_a_cell_fails() {
    python_tests("test_stock_tools");
}

#[test]
fn an_interrupt_costs_no_variable_and_progress_is_one_line() {
    python_tests("test_interrupts");
}

#[test]
fn what_evcxr_and_cargo_do_without_promise_still_holds() {
    python_tests("test_facts");
}

#[test]
fn polars_and_plotly_work_as_in_their_guides() {
    python_tests("test_guides");
}

#[test]
fn your_data_takes_a_table_of_yours() {
    python_tests("test_your_data");
}

#[test]
#[cfg(unix)]
fn a_cell_is_compiled_without_the_variables_that_it_does_not_mention() {
    let cell = |get: &str, check_s: &str, take_s: &str, put_s: &str| {
        format!(
            "fn helper(s: i32) -> i32 {{ self.variables.get(name) + s }}\n\
             mod evcxr_internal_runtime {{\n{get}\n}}\n\
             pub extern \"C\" fn run_user_code_7(\n\
             {{let mut vars_ok = true;\n{check_s}\n\
             vars_ok &= evcxr_variable_store.check_variable::<Vec<f64>>(stringify!(loss));\n\
             if !vars_ok {{return evcxr_variable_store;}}}}\n{take_s}\n\
             let mut loss = evcxr_variable_store.take_variable::<Vec<f64>>(stringify!(loss));\n\
             println!(\"{{loss:?}} of losses, s_1\");\n{put_s}\n\
             evcxr_variable_store.put_variable::<Vec<f64>>(stringify!(loss), loss);\n"
        )
    };
    let code = cell(
        "self.variables.get(name)",
        "vars_ok &= evcxr_variable_store.check_variable::<[i32; 2]>(stringify!(s));",
        "let s = evcxr_variable_store.take_variable::<[i32; 2]>(stringify!(s));",
        "evcxr_variable_store.put_variable::<[i32; 2]>(stringify!(s), s);",
    );
    assert_eq!(
        cell_rustc::shorter(&code),
        Some(cell("::cell_store::get(&self.variables, name)", "", "", "")),
        "`s` is only an argument's name elsewhere, and a person's own `variables` are theirs"
    );
    let statements = |code: &str| code.matches("stringify!").count();
    for mentioning in [
        code.replace("s_1", "{s}"),
        code.replace("[i32; 2]", "[i32;\n2]"),
        code.replace("println!", "include!(\"s.rs\"); println!"),
    ] {
        let shorter = cell_rustc::shorter(&mentioning).expect("a cell");
        assert_eq!(
            statements(&shorter),
            6,
            "mentioned in a text, in an unknown form, or in a file: {shorter}"
        );
    }
    assert_eq!(cell_rustc::shorter(&code.replace("run_user_code", "analysis")), None);
}
