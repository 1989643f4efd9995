//! The nodes that an expression is made of.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::Var;
use super::plan::Plan;
use super::rules::Op;
use crate::lanes::Padded;

pub(super) struct Node {
    pub shape: (usize, usize),
    pub op: Op,
    pub args: [Option<Var>; 2],
    /// Whether it depends on a leaf: only then does it need a gradient.
    pub varies: bool,
    /// Whether its value has been asked for: it is then also stored when it is computed as a part of another
    /// expression.
    pub asked: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub value: Option<Arc<Padded>>,
    /// For a leaf, how often it was set; for any other node, [`version_of`] the versions of its arguments when its
    /// value was computed.
    pub version: u64,
    pub gradient: Option<Padded>,
    pub plan: Option<Plan>,
    /// The result of the last backward pass through this node, and the version that the result had then.
    pub differentiated: Option<(Weak<Node>, u64)>,
}

/// The version of a node, from those of its arguments: a hash, which differs for any two states of the leaves except
/// with probability 2⁻⁶⁴. (A global counter would not do: evcxr gives each cell its own statics.)
pub(super) fn version_of(a: u64, b: u64) -> u64 {
    let mix = |x: u64| {
        let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9); // splitmix64's, Steele et al. 2014
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    };
    mix(mix(a.wrapping_add(0x9e37_79b9_7f4a_7c15)).wrapping_add(b))
}

impl Node {
    pub fn new(op: Op, args: [Option<Var>; 2], shape: (usize, usize)) -> Node {
        let varies = matches!(op, Op::Leaf) || args.iter().flatten().any(|arg| arg.0.varies);
        Node { shape, op, args, varies, asked: AtomicBool::new(false), state: Mutex::default() }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn keep(&self, value: Arc<Padded>, version: u64) {
        let mut state = self.state();
        (state.value, state.version) = (Some(value), version);
    }
}

/// Drops long chains of nodes in a loop: by recursion they would overflow the stack.
impl Drop for Node {
    fn drop(&mut self) {
        let mut open: Vec<Var> = Vec::new();
        let mut node = Some(self);
        let mut last: Node;
        while let Some(Node { args, state, .. }) = node {
            open.extend(args.iter_mut().filter_map(Option::take));
            let plan = state.get_mut().unwrap_or_else(PoisonError::into_inner).plan.take();
            open.extend(plan.into_iter().flat_map(|plan| plan.nodes));
            node = loop {
                match open.pop().map(|var| Arc::into_inner(var.0)) {
                    None => break None,
                    Some(None) => {}
                    Some(Some(next)) => {
                        last = next;
                        break Some(&mut last);
                    }
                }
            };
        }
    }
}
