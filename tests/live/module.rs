//! The module that pages contain, in an interpreter.

use std::fs;

use lab_tests::root;
use wasmi::{Engine, Instance, Linker, Memory, Module, Store, TypedFunc};

/// A running module, as a page's worker has it.
pub struct Page {
    store: Store<()>,
    memory: Memory,
    reserve: TypedFunc<u32, u32>,
    call: TypedFunc<u32, u32>,
}

/// The module's bytes.
pub fn bytes() -> Vec<u8> {
    let path = root().join(".lab/module/lab.wasm");
    fs::read(&path).unwrap_or_else(|error| {
        panic!("{}: {error}; `make module` builds it, and `make test` does so first", path.display())
    })
}

/// What it wants from outside, and what it offers.
pub fn interface() -> (Vec<String>, Vec<String>) {
    let module = Module::new(&Engine::default(), bytes()).expect("it is a WebAssembly module");
    let imports = module.imports().map(|import| format!("{}.{}", import.module(), import.name()));
    (imports.collect(), module.exports().map(|export| export.name().to_owned()).collect())
}

impl Page {
    pub fn open() -> Page {
        let engine = Engine::default();
        let module = Module::new(&engine, bytes()).expect("it is a WebAssembly module");
        let mut store = Store::new(&engine, ());
        let instance: Instance = Linker::new(&engine)
            .instantiate_and_start(&mut store, &module)
            .expect("it starts without imports");
        let memory = instance.get_memory(&store, "memory").expect("it has a memory");
        let function = |name: &str| instance.get_typed_func(&store, name).expect("it has two functions");
        let (reserve, call) = (function("lab_reserve"), function("lab_call"));
        Page { store, memory, reserve, call }
    }

    /// The answer to a request.
    pub fn ask(&mut self, request: &str) -> String {
        let length = u32::try_from(request.len()).expect("requests are short");
        let place = self.reserve.call(&mut self.store, length).expect("it makes room");
        self.memory
            .write(&mut self.store, place as usize, request.as_bytes())
            .expect("the room is in its memory");
        let place =
            self.call.call(&mut self.store, length).unwrap_or_else(|trap| panic!("{trap}: {request}"));
        let mut length = [0; 4];
        self.memory.read(&self.store, place as usize, &mut length).expect("the answer is in its memory");
        let mut answer = vec![0; u32::from_le_bytes(length) as usize];
        self.memory.read(&self.store, place as usize + 4, &mut answer).expect("the answer is in its memory");
        String::from_utf8(answer).expect("the answer is text")
    }

    /// Room for so many bytes: 0 where it refuses.
    pub fn reserve(&mut self, bytes: u32) -> u32 {
        self.reserve.call(&mut self.store, bytes).expect("it answers")
    }
}
