//! The structure of the repository: README's map shows every module of lab-core, modules import only from modules above
//! them in the map, the package is complete, and CONTRIBUTING.md names files that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use lab_tests::root;

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every Rust file of lab-core as its path below `src` without `.rs`, with its text.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("the folder is readable").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let (top, mut files) = (root().join("lab-core/src"), Vec::new());
    walk(&top, &mut files);
    let named = files.into_iter().map(|path| {
        let name = path.strip_prefix(&top).expect("it lies below").with_extension("");
        (name.to_string_lossy().replace('\\', "/"), read(path))
    });
    named.collect()
}

/// The modules ("rooms") of README's map, from the first to the last: each may import those before it.
fn map() -> Vec<String> {
    let readme = read("README.md");
    let (_, after) = readme.split_once("## The map of lab-core").expect("README has a map");
    let block = after.split("```").nth(1).expect("the map is a block of text");
    let rooms = block.lines().skip(1).filter(|line| !line.trim().is_empty());
    rooms.map(|line| line.split_whitespace().next().expect("the line is not empty").to_owned()).collect()
}

/// The room that a path of names belongs to: of those that contain it, the one with the longest name.
fn room_of<'a>(map: &'a [String], path: &str) -> Option<&'a String> {
    let holds = |room: &&String| path == room.as_str() || path.starts_with(&format!("{room}/"));
    map.iter().filter(holds).max_by_key(|room| room.len())
}

#[test]
fn the_map_shows_every_module() {
    let map = map();
    let mut expected: BTreeSet<String> = BTreeSet::new();
    for (name, _) in sources() {
        let parts: Vec<&str> = name.split('/').collect();
        let room = match parts[..] {
            ["lib"] => continue,
            ["notebook", room, ..] => format!("notebook/{room}"),
            _ => parts[0].to_owned(),
        };
        expected.insert(room);
    }
    let shown: BTreeSet<String> = map.iter().cloned().collect();
    assert_eq!(shown.len(), map.len(), "a room is shown twice");
    assert_eq!(shown, expected, "README's map and lab-core/src differ");
}

/// A module imports another by that module's own name, not by `super`, and only from rooms that the map shows above its own.
/// Links in comments are free.
#[test]
fn arrows_point_one_way() {
    let map = map();
    let place = |room: &String| map.iter().position(|other| other == room);
    for (name, text) in sources() {
        if ["lib", "notebook/prelude"].contains(&name.as_str()) {
            continue; // they hand everything on
        }
        let own = room_of(&map, &name).unwrap_or_else(|| panic!("{name} is in no room of the map"));
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            assert!(own != &name || !line.starts_with("use super::"), "{name} leaves its room: {line}");
            for (at, _) in line.match_indices("crate::") {
                let names =
                    line[at + 7..].chars().take_while(|&c| c.is_alphanumeric() || c == '_' || c == ':');
                let path = names.collect::<String>().trim_end_matches(':').replace("::", "/");
                if line[..at].ends_with("pub(in ") || line[..at].ends_with('$') {
                    continue; // how far something is seen, and what a macro says where it is used
                }
                let from = room_of(&map, &path);
                let from = from.unwrap_or_else(|| panic!("{name} imports by no room's own name: {line}"));
                assert!(
                    place(from) <= place(own),
                    "{name} imports {from}, which the map shows below it: {line}"
                );
            }
        }
    }
}

/// What is embedded lies inside the package, and the manifest says what a registry asks for.
#[test]
fn the_package_is_whole() {
    let package = root().join("lab-core");
    let mut embedded = 0;
    for (name, text) in sources() {
        let text: String =
            text.lines().filter(|line| !line.contains("$crate")).map(|line| line.to_owned() + "\n").collect();
        for (at, macro_name) in text.match_indices("include_bytes!").chain(text.match_indices("include_str!"))
        {
            let path = text[at + macro_name.len()..].split('"').nth(1).expect("it includes a path");
            let mut file = package.join("src").join(&name).with_file_name("");
            for part in path.split('/') {
                if part == ".." {
                    file.pop();
                } else {
                    file.push(part);
                }
            }
            assert!(file.starts_with(&package), "{name} embeds {path} from outside the package");
            let same = file.strip_prefix(&package).map(|inside| root().join(inside)).expect("it lies inside");
            let [bytes, original] = [&file, &same].map(|file| fs::read(file).expect("it embeds a file"));
            assert!(bytes == original, "{path} is not the file in data/");
            embedded += 1;
        }
    }
    assert!(embedded >= 2, "iris.data and claims.csv are embedded");
    let manifest = read("lab-core/Cargo.toml");
    for key in ["description", "license", "readme", "documentation", "keywords", "categories", "include"] {
        let given =
            |line: &str| line.starts_with(&format!("{key} =")) || line.starts_with(&format!("{key}."));
        assert!(manifest.lines().any(given), "lab-core/Cargo.toml has no {key}");
    }
}

/// Each kind of change names at most three places, and all of them exist.
#[test]
fn contributing_names_files_that_exist() {
    let text = read("CONTRIBUTING.md");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| a")).collect();
    for kind in ["loss", "optimiser", "operation", "chart", "dataset", "notebook", "claim"] {
        let named = |row: &&str| row.split('|').nth(1).is_some_and(|first| first.contains(kind));
        assert!(rows.iter().any(named), "no row for {kind}");
    }
    for row in rows {
        let places = row.split('|').nth(2).expect("a row has two columns");
        let code = places.split('`').skip(1).step_by(2);
        let paths: Vec<&str> = code.filter(|code| code.contains('/')).collect();
        assert!((1..=3).contains(&paths.len()), "{} places: {row}", paths.len());
        for path in paths.iter().filter(|path| !path.contains('…')) {
            assert!(root().join(path).exists(), "{path} does not exist: {row}");
        }
    }
}
