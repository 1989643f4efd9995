//! `#[shown]`: the code that a notebook shows is the code that runs.

use proc_macro::{TokenStream, TokenTree};

/// Keeps the source of a function or structure beside it, as it was written, comments and line breaks included: in the
/// constant `SOURCE` of a module of the same name.
///
/// ```
/// #[lab_macros::shown]
/// fn twice(x: f64) -> f64 {
///     2.0 * x // not 3
/// }
///
/// assert_eq!(twice(1.5), 3.0);
/// assert!(twice::SOURCE.contains("2.0 * x // not 3"));
/// ```
#[proc_macro_attribute]
pub fn shown(_: TokenStream, item: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    let named =
        tokens.iter().position(|token| matches!(token.to_string().as_str(), "fn" | "struct" | "enum"));
    let Some(TokenTree::Ident(name)) = named.and_then(|at| tokens.get(at + 1)) else {
        return error("#[shown] stands above a function, a struct or an enum");
    };
    let Some(source) = whole(&tokens) else {
        return error(
            "the compiler gives no source of this item: it must be written out, not made by a macro",
        );
    };
    let module = format!(
        "#[doc(hidden)] #[allow(missing_docs)] pub mod {name} {{ pub const SOURCE: &str = {source:?}; }}"
    );
    item.into_iter().chain(module.parse::<TokenStream>().unwrap_or_default()).collect()
}

/// The lines from the first token to the last, as they stand in their file.
fn whole(tokens: &[TokenTree]) -> Option<String> {
    let (first, last) = (tokens.first()?.span(), tokens.last()?.span());
    let file = std::fs::read_to_string(first.local_file()?).ok()?;
    let lines: Vec<&str> = file.lines().collect();
    Some(lines.get(first.line() - 1..last.end().line())?.join("\n"))
}

fn error(message: &str) -> TokenStream {
    format!("compile_error!({message:?});").parse().unwrap_or_default()
}
