//! What evcxr's store of variables does that is the same for every type, compiled once and linked into each cell
//! (`cell_rustc.rs`): rustc would else compile the standard library's hash map anew for every cell that has a variable.

use std::any::Any;
use std::collections::HashMap;

/// The variables of a kernel by name, as in evcxr's own code.
pub type Variables = HashMap<String, Box<dyn Any + 'static>>;

pub fn new() -> Variables {
    Variables::new()
}

pub fn insert(variables: &mut Variables, name: &str, value: Box<dyn Any>) {
    variables.insert(name.to_owned(), value);
}

pub fn get<'a>(variables: &'a Variables, name: &str) -> Option<&'a Box<dyn Any>> {
    variables.get(name)
}

pub fn remove(variables: &mut Variables, name: &str) -> Option<Box<dyn Any>> {
    variables.remove(name)
}
