//! What cargo calls to compile a cell (`rustc-workspace-wrapper`): rustc, once the cell's code has less in it to compile.
//!
//! evcxr keeps variables in a store, whose code is part of every cell. For every variable there is, it writes a statement
//! that checks its type, one that takes it out of the store, and one that puts it back. Of a cell's code, this leaves out
//! 1. the statements for variables that the cell does not mention: a variable that stays in the store is the same afterwards;
//! 2. the store's own code, where it is the same for all types: that is compiled already (`cell_store.rs`).
//!
//! Lines are emptied or changed and none is removed, so that the places in the compiler's messages stay true.

use std::collections::HashSet;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::{env, fs, process::Command};

const CELL_FILE: &str = "src/lib.rs";
const STORE_BEGINS: &str = "mod evcxr_internal_runtime {";
const CELL_BEGINS: &str = "pub extern \"C\" fn run_user_code_";
const STORE: &str = "cell_store";

fn main() {
    let mut arguments = env::args_os().skip(1);
    let compiler = arguments.next().expect("cargo names the compiler");
    let mut arguments: Vec<OsString> = arguments.collect();
    if arguments.iter().any(|argument| argument == CELL_FILE)
        && let Ok(code) = fs::read_to_string(CELL_FILE)
        && let Some(shorter) = shorter(&code)
    {
        fs::write(CELL_FILE, shorter).expect("evcxr has written that file just now");
        let store =
            env::current_exe().expect("a program has a path").with_file_name(format!("lib{STORE}.rlib"));
        arguments.extend(["--extern".into(), format!("{STORE}={}", store.display()).into()]);
    }
    let failed = Command::new(&compiler).args(arguments).exec(); // returns only where it fails
    panic!("{}: {failed}", compiler.display());
}

/// The code of a cell with less in it; `None` for other code, such as what evcxr checks and does not run.
pub fn shorter(code: &str) -> Option<String> {
    let (before, cell) = code.split_at(code.find(CELL_BEGINS)?);
    // First come the person's functions and types, which see no variables; there is no store before the first variable.
    let (items, store) = before.split_at(before.rfind(STORE_BEGINS).unwrap_or(before.len()));
    Some(format!("{items}{}{}", with_compiled_store(store), without_unmentioned(cell)))
}

/// evcxr's store by way of the functions of `cell_store.rs`.
fn with_compiled_store(code: &str) -> String {
    code.replace("variables: std::collections::HashMap::new()", "variables: ::cell_store::new()")
        .replace("self.variables.get(name)", "::cell_store::get(&self.variables, name)")
        .replace("self.variables.remove(name)", "::cell_store::remove(&mut self.variables, name)")
        .replace(
            "self.variables.insert(name.to_owned(), ",
            "::cell_store::insert(&mut self.variables, name, ",
        )
}

/// A cell without the statements for variables that it does not mention, by name or in a file that it includes.
fn without_unmentioned(cell: &str) -> String {
    if cell.contains("include!") {
        return cell.to_owned();
    }
    let lines: Vec<&str> = cell.split('\n').collect();
    let others = lines.iter().filter(|line| variable(line).is_none());
    let mentioned: HashSet<&str> =
        others.flat_map(|line| line.split(|c: char| c != '_' && !c.is_alphanumeric())).collect();
    let kept = |line: &&str| variable(line).is_none_or(|name| mentioned.contains(name));
    let kept: Vec<&str> = lines.iter().map(|line| if kept(line) { line } else { "" }).collect();
    kept.join("\n")
}

/// The variable that a statement of evcxr's is for. A statement of several lines is not recognised: its variable is kept.
fn variable(line: &str) -> Option<&str> {
    let (start, rest) = line.trim().split_once("evcxr_variable_store.")?;
    let known = match rest.split_once("::<")?.0 {
        "check_variable" => start == "vars_ok &= ",
        "take_variable" => start.starts_with("let ") && start.ends_with(" = "),
        "put_variable" => start.is_empty(),
        _ => false,
    };
    let name = rest.strip_suffix(");").filter(|_| known)?.rsplit_once("(stringify!(")?.1.split_once(')')?.0;
    Some(name.strip_prefix("r#").unwrap_or(name))
}
