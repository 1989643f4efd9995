//! Tells the crate whether the Polars behind it has lazy queries. lab-core does not ask for them, but the kernel's prebuilt
//! Polars has them and says so; a `LazyFrame` can then be shown.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(lazy_polars)");
    let features = env::var("DEP_LAB_POLARS_FEATURES").unwrap_or_default();
    if features.split(',').any(|feature| feature == "lazy") {
        println!("cargo::rustc-cfg=lazy_polars");
    }
}
