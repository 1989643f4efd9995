//! The source of what a notebook has defined, to be shown beside a report's listing: what is shown is what runs.

/// The source of a function of this notebook as it was written, comments and line breaks included.
///
/// ```ignore
/// fn twice(x: f64) -> f64 {
///     2.0 * x // not 3
/// }
/// side_by_side("E", 1, source!(twice)) // this, or a later cell
/// ```
///
/// evcxr writes the functions of all cells so far into the file `lib.rs`, which it compiles for each cell; the macro
/// finds the function there. So it works in notebooks only, and a name that no cell has defined is an error of the
/// compiler.
#[macro_export]
macro_rules! source {
    ($name:ident) => {{
        const SOURCE: &str = $crate::notebook::function_in(include_str!("lib.rs"), stringify!($name));
        SOURCE
    }};
}

/// The text of the function `name` in a file of Rust, from its first line to its closing brace. See [`source!`].
///
/// # Panics
/// When there is no such function. In a constant, as in [`source!`], that is an error of the compiler.
pub const fn function_in(file: &'static str, name: &str) -> &'static str {
    let bytes = file.as_bytes();
    let Some(start) = definition(bytes, name.as_bytes()) else {
        panic!("source!(name): no cell has defined a function of that name");
    };
    let Some(end) = end_of_body(bytes, start) else {
        panic!("source!(name): the function has no body");
    };
    file.split_at(end).0.split_at(start).1
}

/// Where `fn name` begins, not followed by more of a name.
const fn definition(file: &[u8], name: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at + 3 + name.len() < file.len() {
        let begins = at == 0 || !is_name(file[at - 1]);
        if begins
            && starts_with(file, at, b"fn ")
            && starts_with(file, at + 3, name)
            && !is_name(file[at + 3 + name.len()])
        {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// The place behind the brace that closes the first one opened from `at` on. Braces in strings, characters and comments
/// do not count.
const fn end_of_body(file: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    while at < file.len() {
        match file[at] {
            b'"' => at = text_end(file, at),
            b'\'' if at + 2 < file.len() && file[at + 2] == b'\'' => at += 2,
            b'\'' if at + 3 < file.len() && file[at + 1] == b'\\' => at += 3,
            b'/' if starts_with(file, at, b"//") => {
                while at + 1 < file.len() && file[at + 1] != b'\n' {
                    at += 1;
                }
            }
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(at + 1),
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The place of the quotation mark that ends the string which begins at `at`.
const fn text_end(file: &[u8], mut at: usize) -> usize {
    at += 1;
    while at < file.len() && file[at] != b'"' {
        at += if file[at] == b'\\' { 2 } else { 1 };
    }
    at
}

const fn starts_with(file: &[u8], at: usize, what: &[u8]) -> bool {
    let mut i = 0;
    while i < what.len() {
        if at + i >= file.len() || file[at + i] != what[i] {
            return false;
        }
        i += 1;
    }
    true
}

const fn is_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::function_in;

    const FILE: &str = r#"fn twice_more() {}
pub fn twice<T: Copy>(x: T) -> String {
    // a brace } in a remark
    let c = ('}', '\'');
    if true { format!("{{ \" }}{x}") } else { String::new() }
}
fn after() {}
"#;

    #[test]
    fn a_function_is_found_whole() {
        const TWICE: &str = function_in(FILE, "twice");
        assert!(TWICE.starts_with("fn twice<T: Copy>(x: T)"));
        assert!(TWICE.ends_with("String::new() }\n}"), "{TWICE}");
        assert_eq!(function_in(FILE, "twice_more"), "fn twice_more() {}");
        assert_eq!(function_in(FILE, "after"), "fn after() {}");
    }

    #[test]
    #[should_panic(expected = "no cell has defined")]
    fn an_unknown_name_is_refused() {
        function_in(FILE, "thrice");
    }
}
