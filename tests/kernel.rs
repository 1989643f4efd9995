//! What a person meets who works in a notebook: inference, completion, mistakes, interrupts, two notebooks at once, a crate of
//! their own, an edit of lab-core. `make test` installs what this needs.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use lab_tests::{lab_python, root};
use serde_json::{Value, json};

const SET_UP: &str =
    ":dep lab-core = { path = \"../lab-core\", features = [\"notebook\"] }\nuse lab_core::prelude::*;";

/// A kernel of its own, started as a notebook would start it.
struct Kernel {
    process: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// What a cell gave back.
struct Answer(Value);

impl Kernel {
    fn start() -> Self {
        let mut process = Command::new(lab_python())
            .current_dir(root())
            .args(["-m", "tools.kernel.session", "rust"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let requests = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("its output is piped"));
        Self { process, requests, answers }
    }

    fn send(&mut self, request: &Value) {
        let requests = self.requests.as_mut().expect("the kernel is open");
        writeln!(requests, "{request}").expect("the kernel listens");
    }

    fn receive(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the kernel answers");
        serde_json::from_str(&line).expect("an answer is JSON")
    }

    fn ask(&mut self, request: &Value) -> Value {
        self.send(request);
        self.receive()
    }

    fn run(&mut self, code: &str) -> Answer {
        Answer(self.ask(&json!({ "run": code })))
    }

    fn complete(&mut self, code: &str) -> Vec<String> {
        let found = self.ask(&json!({ "complete": code }));
        found.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// How many processes run for this kernel, itself included.
    fn processes(&mut self) -> usize {
        self.ask(&json!({ "processes": true })).as_array().map_or(0, Vec::len)
    }
}

impl Drop for Kernel {
    fn drop(&mut self) {
        drop(self.requests.take()); // the end of its input ends the kernel
        let _ = self.process.wait();
    }
}

impl Answer {
    /// The text of the value that the cell shows.
    fn shown(&self) -> &str {
        self.outputs().find_map(|output| output["data"]["text/plain"].as_str()).unwrap_or_default()
    }

    /// All that it printed to a stream.
    fn printed(&self, stream: &str) -> String {
        self.outputs()
            .filter(|output| output["name"] == stream)
            .filter_map(|output| output["text"].as_str())
            .collect()
    }

    fn error(&self) -> Option<&str> {
        self.0["error"].as_str()
    }

    fn outputs(&self) -> impl Iterator<Item = &Value> {
        self.0["outputs"].as_array().into_iter().flatten()
    }
}

#[test]
fn a_mistake_explains_itself_and_costs_no_variable() {
    let mut kernel = Kernel::start();
    assert_eq!(kernel.run(SET_UP).error(), None);
    let begun = kernel
        .run("let x = iris().scaled(Scale::Centre)?.x;\nlet fit = gd_factorise(&x, &GdParams::default())?;");
    assert_eq!((begun.error(), begun.printed("stderr").as_str()), (None, ""));
    assert_eq!(kernel.run("use std::collections::{BTreeMap, HashMap};").error(), None);
    assert!(kernel.complete("lab_core::truncated_s").iter().any(|name| name.starts_with("truncated_svd")));
    assert!(kernel.complete("fit.los").iter().any(|name| name.starts_with("losses")));

    let of_std = kernel.run("let names = HashMap::from([(1, 'a')]);\nlet upper = names.iter().map(|(k, v)| (*k, v.len_utf8())).collect::<BTreeMap<_, _>>();");
    assert_eq!(of_std.error(), None, "a type that goes through the crates below std");

    let wrong_rank =
        kernel.run("let never = gd_factorise(&x, &GdParams { rank: 9, ..Default::default() })?;");
    assert!(wrong_rank.printed("stderr").starts_with("rank must be between 1 and 4"), "{}", wrong_rank.0);
    let diverging = kernel.run("let never = gd_factorise(&x, &GdParams { lr: 5.0, ..Default::default() })?;");
    assert!(diverging.printed("stderr").starts_with("diverged at epoch"), "{}", diverging.0);
    let panicking = kernel.run("let never = vec![1][fit.u.nrows()];");
    assert!(panicking.printed("stderr").starts_with("panicked: index out of bounds"), "{}", panicking.0);
    let wrong_type = kernel.run("let never: i32 = \"seven\";");
    assert!(wrong_type.error().is_some_and(|error| error.contains("mismatched types")), "{}", wrong_type.0);
    assert_eq!(kernel.run("(x.nrows(), fit.v.ncols())").shown(), "(150, 2)");

    assert_eq!(kernel.run(":dep itoa = \"1\"").error(), None);
    assert_eq!(kernel.run("itoa::Buffer::new().format(x.nrows()).len()").shown(), "3");
    let table = kernel.run("let frame: DataFrame = df![\"rank\" => [1, 2]]?;\nframe.head(Some(1))");
    assert!(table.outputs().any(|output| output["data"]["text/html"].is_string()), "{}", table.0);
}

#[test]
fn an_interrupt_leaves_a_kernel_that_works_and_nothing_else() {
    let mut kernel = Kernel::start();
    assert_eq!(kernel.run("1 + 1").shown(), "2");
    let idle = kernel.processes();
    let endless =
        "println!(\"started\");\nloop { std::thread::sleep(std::time::Duration::from_millis(10)); }";
    let interrupted = Answer(kernel.ask(&json!({ "run": endless, "interrupt_at": "started" })));
    assert!(interrupted.error().is_some(), "{}", interrupted.0);
    assert_eq!(kernel.run("2 + 2").shown(), "4");
    assert_eq!(kernel.processes(), idle);
}

#[test]
fn two_kernels_at_once_both_finish_and_both_are_right() {
    let mut kernels = [Kernel::start(), Kernel::start()];
    let ranks = [1, 3];
    for (kernel, rank) in kernels.iter_mut().zip(ranks) {
        kernel.send(&json!({ "run": SET_UP }));
        kernel.send(&json!({ "run": format!("let svd = truncated_svd(&iris().x, {rank})?;") }));
        kernel.send(&json!({ "run": "(svd.s.len(), svd.reconstruct().dim())" }));
    }
    for (kernel, rank) in kernels.iter_mut().zip(ranks) {
        let answers = [(); 3].map(|()| Answer(kernel.receive()));
        assert_eq!(answers[2].shown(), format!("({rank}, (150, 4))"), "{}", answers[1].0);
    }
}

#[test]
fn an_edit_of_lab_core_is_picked_up_by_its_dep() {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("edited");
    let _ = fs::remove_dir_all(&copy);
    for folder in ["lab-core", "data"] {
        copy_sources(&root().join(folder), &copy.join(folder));
    }
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the workspace has a manifest");
    let alone = manifest.replace("[\"lab-core\", \"tests\"]", "[\"lab-core\"]");
    assert_ne!(alone, manifest, "the copy holds no tests: they are no member of its workspace");
    fs::write(copy.join("Cargo.toml"), alone).expect("the temporary folder is writable");

    let dep = format!(":dep lab-core = {{ path = {:?} }}", copy.join("lab-core"));
    let mut kernel = Kernel::start();
    assert_eq!(kernel.run(&dep).error(), None);
    assert_eq!(kernel.run("lab_core::iris().classes.len()").shown(), "3");

    let library = copy.join("lab-core/src/lib.rs");
    let before = fs::read_to_string(&library).expect("lab-core has a lib.rs");
    fs::write(&library, format!("{before}\n/// Added by a test.\npub fn added() -> u32 {{ 41 + 1 }}\n"))
        .expect("the temporary folder is writable");
    assert_eq!(kernel.run(&dep).error(), None);
    assert_eq!(kernel.run("lab_core::added()").shown(), "42");
}

fn copy_sources(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the temporary folder is writable");
    for entry in fs::read_dir(from).expect("the folder is in the repository").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_sources(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("the temporary folder is writable");
        }
    }
}
