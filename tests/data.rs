//! The tables in `data/` are what `data/SOURCES.md` says: the same bytes, and all of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use lab_core::{Error, Labelled, Observations, Scale, accuracy, iris, pca, scale};
use lab_tests::{refused, root};
use ndarray::{Array2, array};
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

#[test]
fn tables_of_observations() {
    let read = |text: &'static str| Observations::from_reader(text.as_bytes());
    let index = "must be a whole number from 0 to 4294967294, found";
    for (text, message) in [
        ("", "the set of observed cells must not be empty".to_owned()),
        ("user,item,rating\n\n", "the set of observed cells must not be empty".to_owned()),
        ("0,1\n", "row 1 (counted from 1): must have 3 fields (row, column, value), found 2".to_owned()),
        ("0,1,2\n\n0,-1,2\n", format!("row 3, column 2 (both counted from 1): {index} \"-1\"")),
        ("0,1,2\n4294967295,0,2\n", format!("row 2, column 1 (both counted from 1): {index} \"4294967295\"")),
        ("0,1,x\n", "row 1, column 3 (both counted from 1): must be a number, found \"x\"".to_owned()),
        (
            "0,1,inf\n",
            "row 1, column 3 (both counted from 1): must be a finite number, found inf from \"inf\""
                .to_owned(),
        ),
    ] {
        refused(read(text), &message);
    }
    let quoted = read("\u{feff}user,item,rating\r\n\"1\", 2 ,\"3.5\"\r\n").unwrap();
    assert_eq!((quoted.dim(), quoted.len()), ((2, 3), 1));
    let Err(Error::File { path, .. }) = Observations::from_csv("no such file") else {
        panic!("there is none")
    };
    assert_eq!(path, "no such file");
}

#[test]
fn scaling() {
    refused(
        scale(&Array2::ones((1, 2)), Scale::Standardise),
        "the number of rows of x must be at least 2, found 1",
    );
    let message = "x must be free of constant columns, whose variance is 0, found column 1 (counted from 0)";
    for how in [Scale::Standardise, Scale::Variance] {
        refused(scale(&array![[1.0, 0.1], [2.0, 0.1], [4.0, 0.1]], how), message);
    }
    refused(pca(&array![[1.0, 2.0]], 1), "the number of rows of x must be at least 2, found 1");
}

#[test]
fn splits_and_accuracy() {
    for (rows, found) in [(0, "0 of 150"), (150, "150 of 150"), (151, "151 of 150")] {
        let message = format!("rows must be at least 1 and below the number of rows, found {found}");
        refused(iris().split_at(rows), &message);
    }
    refused(accuracy(&[], &[]), "predictions must not be empty");
    refused(accuracy(&[1], &[1, 2]), "the number of predictions must be 2, the number of labels, found 1");
}

/// A table with one fault each: line, column and reason.
#[test]
fn tables() {
    let directory = std::env::temp_dir().join(format!("lab_core_tables_{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join("table.csv");
    let read = |text: &[u8]| {
        std::fs::write(&path, text).unwrap();
        Labelled::from_csv(&path)
    };
    for (text, message) in [
        ("", "the table must not be empty"),
        ("\n\r\n\n", "the table must not be empty"),
        ("width,kind\n", "the table below its header must not be empty"),
        (
            "1;2;a\n",
            "row 1 (counted from 1): must hold at least one feature and a label, separated by a comma, found one field",
        ),
        ("1,2,a\n3,b\n", "row 2 (counted from 1): must have 3 fields like the first row, found 2"),
        ("1,2,a\n3,4,b,\n", "row 2 (counted from 1): must have 3 fields like the first row, found 4"),
        ("1,2,a\n\n\n3,x,b\n", "row 4, column 2 (both counted from 1): must be a number, found \"x\""),
        (
            "w,h,k\r\n1,,a\r\n",
            "row 2, column 2 (both counted from 1): must be a number, found an empty field",
        ),
        (
            "1,nan,a\n",
            "row 1, column 2 (both counted from 1): must be a finite number, found NaN from \"nan\"",
        ),
        (
            "1e999,2,a\n",
            "row 1, column 1 (both counted from 1): must be a finite number, found inf from \"1e999\"",
        ),
        ("1,2,\n", "row 1, column 3 (both counted from 1): must be a label, found an empty field"),
        (
            "1,\"2\n3\",a\n4,five,b\n",
            "row 1, column 2 (both counted from 1): must be a number, found \"2\\n3\"",
        ),
        (
            "1,2,\"a\n3,4,b\n",
            "row 1, column 3 (both counted from 1): must be a label on one line, found \"a\\n3,4,b\": is a quotation \
             mark left open?",
        ),
    ] {
        refused(read(text.as_bytes()), message);
    }
    refused(
        read(b"1,2,\xff\n"),
        "row 1, column 3 (both counted from 1): must be UTF-8 text, found other bytes",
    );
    // Quoted fields, CRLF, a byte order mark, white space and blank lines are read.
    let table =
        read("\u{feff}w,\"h, cm\",k\r\n 1 , -2.5e1,\"a, b\"\r\n\r\n3,4,c\r\n\r\n".as_bytes()).unwrap();
    assert_eq!(table.features, ["w", "h, cm"]);
    assert_eq!(table.classes, ["a, b", "c"]);
    assert_eq!(table.x, array![[1.0, -25.0], [3.0, 4.0]]);
    std::fs::remove_dir_all(&directory).unwrap();
    let Err(Error::File { path: named, .. }) = Labelled::from_csv(&path) else { panic!("the file is gone") };
    assert_eq!(named, path.display().to_string());
}
