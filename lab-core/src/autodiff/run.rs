//! Executes a plan part by part: values forwards, gradients backwards.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::Var;
use super::node::{Node, version_of};
use super::plan::{Make, Part, Plan};
use super::region::{Back, Region, Work};
use super::rules::Op;
use crate::lanes::{Padded, sum};

impl Plan {
    fn node<'a>(&'a self, result: &'a Var, at: usize) -> &'a Node {
        &self.nodes.get(at).unwrap_or(result).0
    }

    /// Brings the result up to date and, with `backward`, the gradients of its regions. Returns the result's version
    /// and the values of the leaves, of the constants and of the ends of all parts, the result's last.
    pub fn forward(&mut self, result: &Var, backward: bool) -> (u64, Vec<Option<Arc<Padded>>>) {
        let mut versions = vec![0; self.args.len()];
        let mut values: Vec<Option<Arc<Padded>>> = vec![None; self.args.len()];
        for at in 0..versions.len() {
            let [a, b] = self.args[at];
            versions[at] = if let Some(a) = a {
                version_of(versions[a], b.map_or(0, |b| versions[b]))
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
                    let mut asked: Vec<(usize, Padded)> = asked
                        .map(|(step, made)| {
                            let node = node(made.node);
                            (step, reusable(node.state().value.take(), node.shape))
                        })
                        .collect();
                    let mut keep: Vec<_> = asked.iter_mut().map(|(step, padded)| (*step, padded)).collect();
                    if !region.reduces() {
                        keep.push((region.steps.len() - 1, &mut out));
                    }
                    pass(region, work, &values, back, &mut keep);
                    if region.reduces() {
                        out.data[0].0[0] = work.number;
                    }
                    for (step, padded) in asked {
                        let at = region.steps[step].node;
                        node(at).keep(Arc::new(padded), versions[at]);
                    }
                }
            }
            let out = Arc::new(out);
            end.keep(out.clone(), version);
            values[*at] = Some(out);
        }
        (versions.last().copied().unwrap_or(0), values)
    }

    /// Brings the result and the gradients of its leaves up to date; returns the result's version.
    pub fn backward(&mut self, result: &Var) -> u64 {
        let (version, values) = self.forward(result, true);
        let Plan { nodes, parts, slopes, .. } = self;
        let node = |at: usize| &nodes.get(at).unwrap_or(result).0;
        let mut slopes = Slopes { touched: vec![false; slopes.len()], slopes };
        slopes.give(nodes.len(), (1, 1), 1.0, &Padded::identity(1));
        for Part { node: at, make } in parts.iter_mut().rev().filter(|part| node(part.node).varies) {
            match make {
                Make::Transpose(of) => {
                    let mut turned = Padded::default();
                    turned.reset(node(*of).shape);
                    turned.add_transpose_of(&slopes.slopes[*at]);
                    slopes.give(*of, node(*of).shape, 1.0, &turned);
                }
                Make::Region(region, work, _) => {
                    let factor = if region.reduces() {
                        slopes.slopes[*at].data[0].0[0]
                    } else {
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
    slopes: &'a mut [Padded],
    /// Whether a node's gradient has been written to in this pass.
    touched: Vec<bool>,
}

impl Slopes<'_> {
    /// Adds to a node's gradient; for a number that was broadcast, adds the sum over its copies.
    fn give(&mut self, to: usize, shape: (usize, usize), factor: f64, slope: &Padded) {
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

/// Runs a pass of a region on the nodes' values.
fn pass(
    region: &Region,
    work: &mut Work,
    values: &[Option<Arc<Padded>>],
    back: Back<'_>,
    keep: &mut [(usize, &mut Padded)],
) {
    let value = |at: usize| values[at].as_deref().expect("each part comes after what it needs");
    let inputs: Vec<&Padded> = region.inputs.iter().map(|input| value(input.node)).collect();
    let transposes: Vec<_> = region.inputs.iter().map(|input| input.transpose_of.map(value)).collect();
    region.pass(work, &inputs, &transposes, back, keep);
}

/// A buffer for a node's next value: its last one where nobody else holds it.
fn reusable(value: Option<Arc<Padded>>, shape: (usize, usize)) -> Padded {
    value.and_then(Arc::into_inner).unwrap_or_else(|| Padded::zeros(shape.0, shape.1))
}
