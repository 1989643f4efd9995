//! How an expression is computed: its nodes divided into regions, and the values and gradients that pass between them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::region::{Arg, Back, Input, Need, Region, Step, Work};
use super::rules::{Map, Op, Zip};
use super::{Node, Var};
use crate::lanes::{Lanes, sum};

/// Nodes are numbered so that each comes after its arguments. The last is the result, which owns the plan.
#[derive(Debug)]
pub(super) struct Plan {
    /// All but the result.
    pub nodes: Vec<Var>,
    args: Vec<[Option<usize>; 2]>,
    parts: Vec<Part>,
    /// The gradients of leaves and of the ends of parts, as the last backward pass has left them.
    pub slopes: Vec<Lanes>,
}

/// What makes the value of one node from those of others.
#[derive(Debug)]
struct Part {
    node: usize,
    make: Make,
}

#[derive(Debug)]
enum Make {
    /// Every row needs a whole column: no step of a region.
    Transpose(usize),
    /// The version that its slopes belong to, where it ends in a number.
    Region(Region, Work, u64),
}

/// Where a node is computed, as far as those that need it have said.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Home {
    Open,
    In(usize),
    /// At the end of a part of its own.
    Own,
}

/// Which steps share a region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fuse {
    All,
    /// All but the node of this number, whose gradient is wanted.
    AllBut(u64),
    /// For the tests: every node is a region of its own.
    #[cfg_attr(not(test), allow(dead_code))]
    Nothing,
}

impl Plan {
    /// Divides the nodes from the result down, so that those that need a node are settled before it: it joins their
    /// region where all of them are in one and need no more than its rows.
    pub fn new(result: &Var, fuse: Fuse) -> Plan {
        let mut open = BTreeMap::from([(result.0.id, result.clone())]);
        let mut nodes = Vec::new();
        while let Some((_, node)) = open.pop_last() {
            open.extend(node.0.args.iter().flatten().map(|arg| (arg.0.id, arg.clone())));
            nodes.push(node);
        }
        nodes.reverse();
        let place = |arg: &Var| nodes.binary_search_by_key(&arg.0.id, |node| node.0.id).ok();
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
                let Node { op, varies, id, .. } = &*nodes[arg].0;
                let step = *varies && matches!(op, Op::Dot | Op::Map(_) | Op::Zip(_));
                let joins = step && need == Need::Rows && fuse != Fuse::Nothing && fuse != Fuse::AllBut(*id);
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
        let slopes = vec![Lanes::default(); nodes.len()];
        nodes.pop(); // the result owns the plan
        Plan { nodes, args, parts, slopes }
    }

    fn node<'a>(&'a self, result: &'a Var, at: usize) -> &'a Node {
        &self.nodes.get(at).unwrap_or(result).0
    }

    /// Brings the result up to date, and with `backward` the slopes of its regions; says its version.
    pub fn forward(&mut self, result: &Var, backward: bool) -> u64 {
        let mut versions = vec![0; self.args.len()];
        let mut values: Vec<Option<Arc<Lanes>>> = vec![None; self.args.len()];
        for at in 0..versions.len() {
            let [a, b] = self.args[at];
            versions[at] = if let Some(a) = a {
                versions[a].max(b.map_or(0, |b| versions[b]))
            } else {
                let state = self.node(result, at).state();
                values[at].clone_from(&state.value);
                state.version
            };
        }
        let Plan { nodes, parts, .. } = self;
        let node = |at: usize| &nodes.get(at).unwrap_or(result).0;
        for Part { node: at, make } in parts {
            let end = node(*at);
            let version = versions[*at];
            let back = match make {
                Make::Region(region, _, slopes_of)
                    if backward && end.varies && region.reduces() && *slopes_of != version =>
                {
                    *slopes_of = version;
                    Back::FromOne
                }
                _ => Back::Not,
            };
            let mut out = {
                let mut state = end.state();
                if state.version == version && matches!(back, Back::Not) && state.value.is_some() {
                    values[*at].clone_from(&state.value);
                    continue;
                }
                reusable(state.value.take(), end.shape)
            };
            match make {
                Make::Transpose(of) => out.transpose_of(values[*of].as_deref().expect("computed before")),
                Make::Region(region, work, _) => {
                    let asked = region.steps.iter().enumerate().filter(|(_, step)| {
                        step.node != *at
                            && !matches!(step.op, Op::Constant)
                            && node(step.node).asked.load(Relaxed)
                    });
                    let mut asked: Vec<(usize, Lanes)> = asked
                        .map(|(step, made)| {
                            let node = node(made.node);
                            (step, reusable(node.state().value.take(), node.shape))
                        })
                        .collect();
                    let mut keep: Vec<_> = asked.iter_mut().map(|(step, lanes)| (*step, lanes)).collect();
                    if !region.reduces() {
                        keep.push((region.steps.len() - 1, &mut out));
                    }
                    pass(region, work, &values, back, &mut keep);
                    if region.reduces() {
                        out.data[0].0[0] = work.number;
                    }
                    for (step, lanes) in asked {
                        let at = region.steps[step].node;
                        node(at).keep(Arc::new(lanes), versions[at]);
                    }
                }
            }
            let out = Arc::new(out);
            end.keep(out.clone(), version);
            values[*at] = Some(out);
        }
        versions.last().copied().unwrap_or(0)
    }
}

impl Plan {
    /// Brings the result and the gradients of its leaves up to date; says the version of all that.
    pub fn backward(&mut self, result: &Var) -> u64 {
        let version = self.forward(result, true);
        let Plan { nodes, parts, slopes, .. } = self;
        let node = |at: usize| &nodes.get(at).unwrap_or(result).0;
        let mut slopes = Slopes { touched: vec![false; slopes.len()], slopes };
        slopes.give(nodes.len(), (1, 1), 1.0, &Lanes::identity(1));
        for Part { node: at, make } in parts.iter_mut().rev().filter(|part| node(part.node).varies) {
            match make {
                Make::Transpose(of) => {
                    let mut turned = Lanes::default();
                    turned.reset(node(*of).shape);
                    turned.add_transpose_of(&slopes.slopes[*at]);
                    slopes.give(*of, node(*of).shape, 1.0, &turned);
                }
                Make::Region(region, work, _) => {
                    let factor = if region.reduces() {
                        slopes.slopes[*at].data[0].0[0]
                    } else {
                        let values: Vec<_> =
                            (0..=nodes.len()).map(|at| node(at).state().value.clone()).collect();
                        pass(region, work, &values, Back::From(&slopes.slopes[*at]), &mut []);
                        1.0
                    };
                    for (input, slope) in
                        region.inputs.iter().zip(&work.slopes).filter(|(input, _)| input.varies)
                    {
                        slopes.give(input.node, input.shape, factor, slope);
                    }
                }
            }
        }
        version
    }
}

struct Slopes<'a> {
    slopes: &'a mut [Lanes],
    /// Whether a node has been given something in this pass.
    touched: Vec<bool>,
}

impl Slopes<'_> {
    /// Adds to a node's gradient; where the node is a number that was repeated, the sum of what its copies get.
    fn give(&mut self, to: usize, shape: (usize, usize), factor: f64, slope: &Lanes) {
        let out = &mut self.slopes[to];
        if !std::mem::replace(&mut self.touched[to], true) {
            out.reset(shape);
        }
        if (slope.rows, slope.columns) == shape {
            out.add(factor, slope);
        } else {
            out.data[0].0[0] += factor * sum(&slope.data);
        }
    }
}

/// A pass of a region over the nodes' values.
fn pass(
    region: &Region,
    work: &mut Work,
    values: &[Option<Arc<Lanes>>],
    back: Back<'_>,
    keep: &mut [(usize, &mut Lanes)],
) {
    let value = |at: usize| values[at].as_deref().expect("each part comes after what it needs");
    let inputs: Vec<&Lanes> = region.inputs.iter().map(|input| value(input.node)).collect();
    let transposes: Vec<_> = region.inputs.iter().map(|input| input.transpose_of.map(value)).collect();
    region.pass(work, &inputs, &transposes, back, keep);
}

/// A buffer for a node's next value: its last one where nobody else holds it.
fn reusable(value: Option<Arc<Lanes>>, shape: (usize, usize)) -> Lanes {
    value.and_then(Arc::into_inner).unwrap_or_else(|| Lanes::zeros(shape.0, shape.1))
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

/// The place of an input that a region needs in this way.
fn input(inputs: &mut Vec<Input>, nodes: &[Var], node: usize, need: Need, of: Option<usize>) -> usize {
    inputs.iter().position(|input| input.node == node && input.need == need).unwrap_or_else(|| {
        let Node { shape, varies, ref op, .. } = *nodes[node].0;
        let transpose_of = of.filter(|_| matches!(op, Op::Transpose));
        inputs.push(Input { node, need, varies, shape, transpose_of });
        inputs.len() - 1
    })
}

/// Lets a sum of squares take the squares in, and a sum or difference a product that nothing else needs.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::Reduction;
    use crate::matrix::Matrix;
    use crate::random::{Random, Seed};

    /// The value of an expression and the gradients of its leaves, by one plan.
    fn run(fuse: Fuse, build: impl Fn(&[Var]) -> Var, leaves: &[Matrix]) -> (f64, Vec<Matrix>, usize) {
        let leaves: Vec<Var> = leaves.iter().cloned().map(Var::leaf).collect();
        let result = build(&leaves);
        let mut plan = Plan::new(&result, fuse);
        plan.backward(&result);
        let value = result.0.state().value.as_ref().map_or(f64::NAN, |value| value.data[0].0[0]);
        let slope = |leaf: &Var| {
            let at = plan.nodes.iter().position(|node| node.0.id == leaf.0.id);
            at.map_or_else(|| Matrix::zeros(leaf.0.shape), |at| plan.slopes[at].to_matrix())
        };
        (value, leaves.iter().map(slope).collect(), plan.parts.len())
    }

    fn distance(a: &Matrix, b: &Matrix) -> f64 {
        let largest = |x: &Matrix| x.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        largest(&(a - b)) / largest(b).max(1e-300)
    }

    /// An expression, its leaves' shapes, and into how many parts it is fused.
    type Case = (&'static str, fn(&[Var]) -> Var, &'static [(usize, usize)], usize);

    const CASES: [Case; 6] = [
        (
            "a factorisation",
            |v| (&v[0] - v[1].dot(&v[2].t())).squared().sum(),
            &[(700, 70), (700, 5), (70, 5)],
            2,
        ),
        (
            "its norm",
            |v| (v[1].dot(&v[2].t()) - &v[0]).squared().sum().sqrt(),
            &[(300, 9), (300, 3), (9, 3)],
            3,
        ),
        (
            "a network",
            |v| {
                let logits = (v[0].dot(&v[1]) + &v[2]).relu().dot(&v[3]) + &v[4];
                logits.cross_entropy(&vec![2; 150], Reduction::Mean)
            },
            &[(150, 4), (4, 12), (1, 12), (12, 3), (1, 1)],
            1,
        ),
        (
            "Huber's loss and a penalty",
            |v| {
                let size = (&v[0] - v[1].dot(&v[2])).abs();
                let over = (&size - 0.7).relu();
                (0.5 * (size - &over).squared() + 0.7 * over).sum() + 0.1 * v[1].squared().sum()
            },
            &[(200, 20), (200, 3), (3, 20)],
            3,
        ),
        (
            "a shared middle",
            |v| {
                let z = (&v[0] * &v[1]).exp();
                z.t().dot(&z).sum() / z.sum()
            },
            &[(90, 10), (1, 10)],
            5,
        ),
        (
            "deep",
            |v| v[0].dot(&v[1]).relu().dot(&v[2]).abs().dot(&v[3]).mean(),
            &[(130, 9), (9, 17), (17, 8), (8, 2)],
            2,
        ),
    ];

    #[test]
    fn fused_or_not_the_numbers_are_the_same() {
        for (name, build, shapes, parts) in CASES {
            let mut random = Random::new(Seed::Portable(7));
            let leaves: Vec<Matrix> = shapes.iter().map(|shape| random.normal(*shape) * 0.5).collect();
            let (fused, slopes, count) = run(Fuse::All, build, &leaves);
            let (plain, expected, all) = run(Fuse::Nothing, build, &leaves);
            assert!(count == parts && all > parts, "{name}: {count} parts of {all}");
            assert!((fused - plain).abs() <= 1e-12 * plain.abs(), "{name}: {fused:e}, not {plain:e}");
            for (slope, expected) in slopes.iter().zip(&expected) {
                assert!(distance(slope, expected) < 1e-12, "{name}");
            }
        }
    }
}
