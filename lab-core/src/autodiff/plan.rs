//! How an expression is divided into regions.

use std::collections::BTreeMap;

use super::Var;
use super::node::Node;
use super::region::{Arg, Input, Need, Region, Step, Work};
use super::rules::{Map, Op, Zip};
use crate::lanes::Padded;

/// Nodes are numbered so that each comes after its arguments. The last is the result, which owns the plan.
#[derive(Debug)]
pub(super) struct Plan {
    /// All but the result.
    pub nodes: Vec<Var>,
    pub args: Vec<[Option<usize>; 2]>,
    pub parts: Vec<Part>,
    /// The gradients of leaves and of the ends of parts, as the last backward pass has left them.
    pub slopes: Vec<Padded>,
    /// Whether a pass may take a good part of a millisecond.
    pub long: bool,
}

/// A pass is long if all nodes together hold more numbers than this.
const LONG: usize = 1 << 18;

/// A unit of execution: it computes the value of one node from those of others.
#[derive(Debug)]
pub(super) struct Part {
    pub node: usize,
    pub make: Make,
}

#[derive(Debug)]
pub(super) enum Make {
    /// The transpose of this node. It is no step of a region, because each of its rows needs a whole column.
    Transpose(usize),
    /// A region, its buffers and, where it ends in a number, the version that its gradients belong to.
    Region(Region, Work, u64),
}

/// Where a node is to be computed, as far as the nodes that use it have decided.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Home {
    Open,
    In(usize),
    /// As the end of a part of its own.
    Own,
}

/// Which steps share a region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fuse {
    All,
    /// All but the node at this address, whose gradient is wanted.
    AllBut(usize),
    /// For the tests: every node is a region of its own.
    #[cfg_attr(not(test), allow(dead_code))]
    Nothing,
}

impl Plan {
    /// Sorts the nodes topologically, by a depth-first search from the result. (Serial numbers in the nodes would not
    /// give the order: evcxr gives each cell its own statics to count with.) Then assigns them to regions from the
    /// result down, so that all users of a node are assigned before it. A node joins the region of its users if they
    /// are all in one region and need only its rows.
    pub fn new(result: &Var, fuse: Fuse) -> Plan {
        let (mut nodes, mut places, mut open) = (Vec::new(), BTreeMap::new(), vec![result]);
        while let Some(&node) = open.last() {
            let before = open.len();
            let args = node.0.args.iter().flatten();
            if !places.contains_key(&node.address()) {
                open.extend(args.filter(|arg| !places.contains_key(&arg.address())));
            }
            if open.len() == before {
                open.pop();
                places.entry(node.address()).or_insert_with(|| {
                    nodes.push(node.clone());
                    nodes.len() - 1
                });
            }
        }
        let place = |arg: &Var| places.get(&arg.address()).copied();
        let args: Vec<_> =
            nodes.iter().map(|node| node.0.args.each_ref().map(|a| place(a.as_ref()?))).collect();

        let mut homes = vec![Home::Open; nodes.len()];
        let mut members: Vec<Vec<usize>> = Vec::new();
        for (at, node) in nodes.iter().enumerate().rev() {
            if args[at][0].is_none() {
                continue;
            }
            let home = match homes[at] {
                Home::In(region) => Some(region),
                _ if matches!(node.0.op, Op::Transpose) => None,
                _ => {
                    members.push(Vec::new());
                    Some(members.len() - 1)
                }
            };
            if let Some(region) = home {
                members[region].push(at);
            }
            for (arg, need) in args[at].into_iter().zip(needs(&node.0)) {
                let Some(arg) = arg else { continue };
                let Node { op, varies, .. } = &*nodes[arg].0;
                let step = *varies && matches!(op, Op::Dot | Op::Map(_) | Op::Zip(_));
                let fused = fuse != Fuse::Nothing && fuse != Fuse::AllBut(nodes[arg].address());
                let joins = step && need == Need::Rows && fused;
                homes[arg] = match (homes[arg], home) {
                    (Home::Open, Some(region)) if joins => Home::In(region),
                    (Home::In(other), Some(region)) if joins && other == region => Home::In(region),
                    _ => Home::Own,
                };
            }
        }

        let mut parts: Vec<Part> = Vec::new();
        for mut steps in members {
            steps.reverse();
            let region = region(&nodes, &args, &steps, fuse);
            let make = Make::Region(region, Work::default(), 0);
            parts.push(Part { node: steps[steps.len() - 1], make });
        }
        for (at, node) in nodes.iter().enumerate().filter(|(_, node)| matches!(node.0.op, Op::Transpose)) {
            let of = place(node.0.args[0].as_ref().expect("a transpose has an argument"))
                .expect("a node of the plan");
            parts.push(Part { node: at, make: Make::Transpose(of) });
        }
        parts.sort_by_key(|part| part.node);
        let slopes = vec![Padded::default(); nodes.len()];
        let long = nodes.iter().map(|node| node.0.shape.0 * node.0.shape.1).sum::<usize>() > LONG;
        nodes.pop(); // the result owns the plan
        Plan { nodes, args, parts, slopes, long }
    }
}

/// What a row of a node needs of its arguments.
fn needs(node: &Node) -> [Need; 2] {
    let entrywise = |arg: &Option<Var>| match arg {
        Some(arg) if arg.0.shape != node.shape => Need::Repeated(node.shape.1),
        _ => Need::Rows,
    };
    match node.op {
        Op::Dot => [Need::Rows, Need::Whole],
        Op::Zip(_) => node.args.each_ref().map(entrywise),
        Op::Transpose => [Need::Whole; 2],
        _ => [Need::Rows; 2],
    }
}

/// The region of these nodes.
fn region(nodes: &[Var], args: &[[Option<usize>; 2]], members: &[usize], fuse: Fuse) -> Region {
    let mut region = Region::default();
    for &at in members {
        let node = &nodes[at].0;
        let mut found = [Arg::None; 2];
        for (found, (arg, need)) in found.iter_mut().zip(args[at].into_iter().zip(needs(node))) {
            let Some(arg) = arg else { continue };
            let step = members.binary_search(&arg).ok().filter(|_| need == Need::Rows);
            *found = step.map_or_else(
                || Arg::Input(input(&mut region.inputs, nodes, arg, need, args[arg][0])),
                Arg::Step,
            );
        }
        let [a, b] = found;
        let reduced = matches!(node.op, Op::Sum | Op::CrossEntropy(..))
            .then(|| args[at][0].map(|arg| nodes[arg].0.shape));
        let (rows, columns) = reduced.flatten().unwrap_or(node.shape);
        region.rows = rows;
        region.steps.push(Step {
            node: at,
            op: node.op.clone(),
            a,
            b,
            onto: None,
            sign: 1.0,
            columns,
            varies: node.varies,
        });
    }
    if fuse != Fuse::Nothing {
        absorb(&mut region.steps);
    }
    region
}

/// The index of the region's input that is this node with this need; the input is added if it is new.
fn input(inputs: &mut Vec<Input>, nodes: &[Var], node: usize, need: Need, of: Option<usize>) -> usize {
    inputs.iter().position(|input| input.node == node && input.need == need).unwrap_or_else(|| {
        let Node { shape, varies, ref op, .. } = *nodes[node].0;
        let transpose_of = of.filter(|_| matches!(op, Op::Transpose));
        inputs.push(Input { node, need, varies, shape, transpose_of });
        inputs.len() - 1
    })
}

/// Merges steps: the sum of squares takes over the squaring, and an addition or subtraction takes over a product, where
/// the result of that step is used nowhere else.
fn absorb(steps: &mut [Step]) {
    let mut uses = vec![0; steps.len()];
    for arg in steps.iter().flat_map(|step| [step.a, step.b]) {
        if let Arg::Step(s) = arg {
            uses[s] += 1;
        }
    }
    let alone = |arg: Arg| match arg {
        Arg::Step(s) if uses[s] == 1 => Some(s),
        _ => None,
    };
    for at in 0..steps.len() {
        let Step { ref op, a, b, .. } = steps[at];
        match op {
            Op::Sum => {
                let squares = alone(a).filter(|&s| matches!(steps[s].op, Op::Map(Map::Squared)));
                if let Some(s) = squares {
                    (steps[at].op, steps[at].a) = (Op::SumOfSquares, steps[s].a);
                    steps[s].op = Op::Constant;
                }
            }
            Op::Zip(zip @ (Zip::Add | Zip::Sub)) => {
                let minus = if *zip == Zip::Sub { -1.0 } else { 1.0 };
                let product =
                    |arg| alone(arg).filter(|&s| matches!(steps[s].op, Op::Dot) && steps[s].onto.is_none());
                let taken = match (product(b), product(a)) {
                    (Some(s), _) => Some((s, minus, (a, 1.0))),
                    (_, Some(s)) => Some((s, 1.0, (b, minus))),
                    _ => None,
                };
                if let Some((s, sign, onto)) = taken {
                    let Step { a, b, .. } = steps[s];
                    steps[s].op = Op::Constant;
                    let step = &mut steps[at];
                    (step.op, step.a, step.b, step.sign, step.onto) = (Op::Dot, a, b, sign, Some(onto));
                }
            }
            _ => {}
        }
    }
}
