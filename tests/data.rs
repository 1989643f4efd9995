//! The tables in `data/` are what `data/SOURCES.md` says: the same bytes, and all of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use lab_tests::root;
use sha2::{Digest, Sha256};

/// The SHA-256 that SOURCES.md states for each file; none for what this project wrote itself.
fn stated() -> BTreeMap<String, Option<String>> {
    let text = fs::read_to_string(root().join("data/SOURCES.md")).expect("SOURCES.md is readable");
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> =
            row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let [name, _, _, sum] = cells[..] else { panic!("a row has four cells: {row}") };
        (name.to_owned(), (sum.len() == 64).then(|| sum.to_owned()))
    })
    .collect()
}

#[test]
fn every_table_is_listed_and_has_the_checksum_on_record() {
    let stated = stated();
    let files = fs::read_dir(root().join("data"))
        .expect("data/ is readable")
        .map(|file| file.expect("a file").path());
    for path in files.filter(|path| path.is_file() && !path.ends_with("SOURCES.md")) {
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        let sum = stated.get(&name).unwrap_or_else(|| panic!("{name} is not in data/SOURCES.md"));
        let bytes = fs::read(&path).expect("the file is readable");
        let mut found = String::new();
        Sha256::digest(&bytes).iter().for_each(|byte| {
            let _ = write!(found, "{byte:02x}");
        });
        if let Some(sum) = sum {
            assert_eq!(&found, sum, "{name} has changed");
        }
    }
    assert!(stated.values().flatten().count() >= 2, "iris.data and penguins.csv have a checksum");
}
