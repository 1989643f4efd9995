//! Reverse-mode automatic differentiation on matrices (lab sheet 2): expressions that are written like the formula.
//!
//! A [`Var`] notes how it follows from others; nothing is computed until a value or a gradient is asked for, and again
//! only after a leaf has changed. [`rules`] has the table of derivatives. The way there: [`plan`] divides an expression
//! into regions, a [`region`] takes many steps together, a [`block`] of rows after the other. The method is Linnainmaa's
//! (1970); Baydin et al., *Automatic differentiation in machine learning: a survey*, JMLR 18 (2018), section 3.2, tells it
//! in today's words.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::descent::check_lr;
use crate::error::{Error, Result};
use crate::lanes::{Lanes, descend};
use crate::loss::{Reduction, check_labels};
use crate::matrix::{Matrix, check_matrix};

mod block;
mod operators;
mod plan;
mod region;
mod rules;
mod softmax;

use plan::{Fuse, Plan};
use rules::{Map, Op};

/// A matrix expression: its value, and how it came about. A copy is cheap and stands for the same expression.
///
/// Operators never panic. An expression with a mistake in it keeps the first one, and [`Var::value`], [`Var::scalar`],
/// [`Var::gradient`] and [`Var::backward`] return it.
///
/// ```
/// use lab_core::Var;
/// use ndarray::array;
///
/// // A rank-1 factorisation: a ≈ u vᵀ.
/// let a = Var::constant(array![[2.0, 4.0], [3.0, 6.0]]);
/// let u = Var::leaf(array![[1.0], [1.0]]);
/// let v = Var::leaf(array![[1.0], [1.0]]);
/// let loss = (&a - u.dot(&v.t())).squared().sum();
/// for _ in 0..200 {
///     loss.backward()?;
///     u.descend(0.02)?;
///     v.set(v.value()? - 0.02 * v.gradient()?)?; // the same step, written out
/// }
/// assert!(loss.scalar()? < 1e-9);
///
/// let wrong = (&a + array_of_three_columns()).relu().sum();
/// # fn array_of_three_columns() -> Var { Var::constant(array![[1.0, 2.0, 3.0]]) }
/// assert_eq!(
///     wrong.scalar().unwrap_err().to_string(),
///     "the second term of `+` (the first is 2 x 2) must be 2 x 2, 1 x 2 or 1 x 1, found 1 x 3"
/// );
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "an expression computes nothing until it is asked"]
pub struct Var(Arc<Node>);

struct Node {
    /// Nodes are numbered as they are made: arguments come before what is made of them.
    id: u64,
    shape: (usize, usize),
    op: Op,
    args: [Option<Var>; 2],
    /// Whether a leaf reaches it: constants need no gradient.
    varies: bool,
    /// Whether its value has been asked for: it is then kept where it is met on the way to another.
    asked: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    value: Option<Arc<Lanes>>,
    /// Of a leaf, when it was set; of any other node, the latest of its leaves' as its value was computed.
    version: u64,
    gradient: Option<Lanes>,
    plan: Option<Plan>,
    /// The result of the last backward pass that came by, and its version then.
    differentiated: Option<(Weak<Node>, u64)>,
}

/// The rule that a missing gradient breaks.
const FIRST: &str = "computed by backward() first";

/// Numbers nodes and versions: each is greater than all before.
fn tick() -> u64 {
    static CLOCK: AtomicU64 = AtomicU64::new(1);
    CLOCK.fetch_add(1, Relaxed)
}

impl Var {
    /// A matrix to differentiate by.
    #[expect(clippy::needless_pass_by_value, reason = "a leaf takes its matrix over, as `set` does")]
    pub fn leaf(value: Matrix) -> Var {
        Var::input(Op::Leaf, "a leaf", &value)
    }

    /// A matrix that stays as it is.
    #[expect(clippy::needless_pass_by_value, reason = "as for a leaf")]
    pub fn constant(value: Matrix) -> Var {
        Var::input(Op::Constant, "a constant", &value)
    }

    /// The matrix product: (m, k) times (k, n).
    pub fn dot(&self, other: &Var) -> Var {
        let ((m, k), (rows, n)) = (self.shape(), other.shape());
        if k == rows {
            return self.next(Op::Dot, Some(other), (m, n));
        }
        let what = format!("the second factor of `dot` (the first is {m} x {k})");
        let (expected, found) = (format!("{k} x n"), format!("{rows} x {n}"));
        self.or_wrong_with(other, Error::Shape { what, expected, found })
    }

    /// The transpose.
    pub fn t(&self) -> Var {
        let (m, n) = self.shape();
        self.next(Op::Transpose, None, (n, m))
    }

    /// `max(x, 0)` of each entry, with slope 0 at 0.
    pub fn relu(&self) -> Var {
        self.map("relu", Map::Relu)
    }

    /// `|x|` of each entry, with slope 0 at 0.
    pub fn abs(&self) -> Var {
        self.map("abs", Map::Abs)
    }

    /// `x²` of each entry.
    pub fn squared(&self) -> Var {
        self.map("squared", Map::Squared)
    }

    /// `xⁿ` of each entry, for a whole n.
    pub fn powi(&self, n: i32) -> Var {
        self.map("powi", Map::Powi(n))
    }

    /// `xᵖ` of each entry; NaN for x below 0 unless p is whole.
    pub fn powf(&self, p: f64) -> Var {
        self.map("powf", Map::Powf(p))
    }

    /// `√x` of each entry; its slope is taken as 0 at 0, so that a norm, `x.squared().sum().sqrt()`, has slope 0 at 0.
    pub fn sqrt(&self) -> Var {
        self.map("sqrt", Map::Sqrt)
    }

    /// `eˣ` of each entry.
    pub fn exp(&self) -> Var {
        self.map("exp", Map::Exp)
    }

    /// The natural logarithm of each entry.
    pub fn ln(&self) -> Var {
        self.map("ln", Map::Ln)
    }

    /// The sum of all entries, 1 x 1.
    pub fn sum(&self) -> Var {
        self.next(Op::Sum, None, (1, 1))
    }

    /// The mean of all entries, 1 x 1.
    pub fn mean(&self) -> Var {
        let (m, n) = self.shape();
        self.sum() / (m * n) as f64
    }

    /// [`cross_entropy`](crate::cross_entropy) of logits (n, k) against n labels below k, 1 x 1.
    pub fn cross_entropy(&self, labels: &[usize], reduction: Reduction) -> Var {
        match check_labels(self.shape(), labels) {
            Ok(()) => self.next(Op::CrossEntropy(labels.into(), reduction), None, (1, 1)),
            Err(error) => self.or_wrong(error),
        }
    }

    /// Rows and columns; of an expression with a mistake, 1 x 1.
    pub fn shape(&self) -> (usize, usize) {
        self.0.shape
    }

    /// The value, of this shape. A leaf that has changed is taken into account.
    ///
    /// # Errors
    /// The expression's first mistake.
    pub fn value(&self) -> Result<Matrix> {
        self.0.asked.store(true, Relaxed);
        Ok(self.evaluated()?.to_matrix())
    }

    /// The value of a 1 x 1.
    ///
    /// # Errors
    /// The expression's first mistake; [`Error::Shape`] for any other shape.
    pub fn scalar(&self) -> Result<f64> {
        self.check_number("the expression whose scalar is asked for")?;
        Ok(self.evaluated()?.data[0].0[0])
    }

    /// Computes the gradients of this 1 x 1 with respect to its leaves, at their present values. Earlier gradients of these
    /// leaves are replaced: there is nothing to zero.
    ///
    /// # Errors
    /// The expression's first mistake; [`Error::Shape`] unless it is 1 x 1; [`Error::Param`] where it has no leaf.
    pub fn backward(&self) -> Result<()> {
        self.check_number("the result to differentiate")?;
        if !self.0.varies {
            let found = "constants only".into();
            return Err(Error::Param {
                name: "the result to differentiate",
                rule: "made of at least one leaf",
                found,
            });
        }
        if matches!(self.0.op, Op::Leaf) {
            self.0.state().gradient = Some(Lanes::identity(1));
            return Ok(());
        }
        let mut plan = self.plan();
        let version = plan.backward(self);
        let Plan { nodes, slopes, .. } = &mut plan;
        for (node, slope) in nodes.iter().chain([self]).map(|node| &node.0).zip(slopes) {
            match node.op {
                Op::Leaf => std::mem::swap(node.state().gradient.get_or_insert_default(), slope),
                _ if node.varies => node.state().differentiated = Some((Arc::downgrade(&self.0), version)),
                _ => {}
            }
        }
        self.0.state().plan = Some(plan);
        Ok(())
    }

    /// The gradient that the last [`Var::backward`] through it has found, of this shape.
    ///
    /// # Errors
    /// The expression's first mistake; [`Error::Param`] for a constant, where there was no [`Var::backward`], and for the
    /// middle of an expression whose leaves have changed since.
    pub fn gradient(&self) -> Result<Matrix> {
        let missing = |rule, found: &str| Err(Error::Param { name: "a gradient", rule, found: found.into() });
        match &self.0.op {
            Op::Wrong(error) => return Err(error.clone()),
            Op::Leaf => {
                let state = self.0.state();
                return state
                    .gradient
                    .as_ref()
                    .map_or_else(|| missing(FIRST, "none yet"), |g| Ok(g.to_matrix()));
            }
            _ if !self.0.varies => {
                return missing("asked of a leaf or of what depends on one", "constants only");
            }
            _ => {}
        }
        let Some((result, version)) = self.0.state().differentiated.clone() else {
            return missing(FIRST, "none yet");
        };
        let Some(result) = result.upgrade().map(Var) else {
            return missing("asked while the result of backward() lives", "the result dropped");
        };
        if Arc::ptr_eq(&result.0, &self.0) {
            return Ok(Matrix::ones((1, 1)));
        }
        let mut plan = Plan::new(&result, Fuse::AllBut(self.0.id));
        if plan.backward(&result) != version {
            return missing(FIRST, "leaves that have changed since");
        }
        let at = plan.nodes.iter().position(|node| node.0.id == self.0.id);
        at.map_or_else(|| missing(FIRST, "none yet"), |at| Ok(plan.slopes[at].to_matrix()))
    }

    /// Gives a leaf another value of the same shape.
    ///
    /// # Errors
    /// [`Error::Param`] for anything but a leaf; [`Error::Shape`], [`Error::NotFinite`] for the value.
    #[expect(clippy::needless_pass_by_value, reason = "as for a leaf")]
    pub fn set(&self, value: Matrix) -> Result<()> {
        self.check_leaf("set")?;
        if value.dim() != self.shape() {
            return Err(Error::shape("the value to set", self.shape(), value.dim()));
        }
        check_matrix("the value to set", &value)?;
        let mut state = self.0.state();
        (state.value, state.version) = (Some(Arc::new(Lanes::of(&value.view()))), tick());
        Ok(())
    }

    /// One step of gradient descent: `leaf -= lr · gradient`.
    ///
    /// # Errors
    /// [`Error::Param`] for anything but a leaf, before the first [`Var::backward`], and for an lr that is not finite and
    /// above 0.
    pub fn descend(&self, lr: f64) -> Result<()> {
        self.check_leaf("descend")?;
        check_lr(lr)?;
        let mut state = self.0.state();
        let State { value: Some(value), gradient: Some(gradient), version, .. } = &mut *state else {
            let found = "none yet".into();
            return Err(Error::Param { name: "a gradient", rule: FIRST, found });
        };
        descend(&mut Arc::make_mut(value).data, lr, &gradient.data);
        *version = tick();
        Ok(())
    }

    fn input(op: Op, what: &'static str, value: &Matrix) -> Var {
        let op = check_matrix(what, value).map_or_else(Op::Wrong, |()| op);
        let node = Node::new(op, [None, None], if value.is_empty() { (1, 1) } else { value.dim() });
        {
            let mut state = node.state();
            (state.value, state.version) = (Some(Arc::new(Lanes::of(&value.view()))), node.id);
        }
        Var(Arc::new(node))
    }

    /// A node that follows from this one, and from another; where one of them is wrong, that one.
    fn next(&self, op: Op, other: Option<&Var>, shape: (usize, usize)) -> Var {
        let wrong = [Some(self), other].into_iter().flatten().find(|arg| matches!(arg.0.op, Op::Wrong(_)));
        wrong
            .cloned()
            .unwrap_or_else(|| Var(Arc::new(Node::new(op, [Some(self.clone()), other.cloned()], shape))))
    }

    /// This node where it is wrong already, else one with this mistake.
    fn or_wrong(&self, error: Error) -> Var {
        self.next(Op::Wrong(error), None, (1, 1))
    }

    fn or_wrong_with(&self, other: &Var, error: Error) -> Var {
        self.next(Op::Wrong(error), Some(other), (1, 1))
    }

    fn check(&self) -> Result<()> {
        if let Op::Wrong(error) = &self.0.op { Err(error.clone()) } else { Ok(()) }
    }

    fn check_number(&self, what: &str) -> Result<()> {
        self.check()?;
        if self.shape() == (1, 1) { Ok(()) } else { Err(Error::shape(what, (1, 1), self.shape())) }
    }

    fn check_leaf(&self, name: &'static str) -> Result<()> {
        self.check()?;
        let found = match self.0.op {
            Op::Leaf => return Ok(()),
            Op::Constant => "a constant".into(),
            _ => format!("an expression ({} x {})", self.shape().0, self.shape().1),
        };
        Err(Error::Param { name, rule: "called on a leaf", found })
    }

    fn plan(&self) -> Plan {
        let kept = self.0.state().plan.take();
        kept.unwrap_or_else(|| Plan::new(self, Fuse::All))
    }

    /// The value, brought up to date.
    fn evaluated(&self) -> Result<Arc<Lanes>> {
        self.check()?;
        if !matches!(self.0.op, Op::Leaf | Op::Constant) {
            let mut plan = self.plan();
            plan.forward(self, false);
            self.0.state().plan = Some(plan);
        }
        Ok(self.0.state().value.clone().expect("it has just been computed"))
    }
}

impl Node {
    fn new(op: Op, args: [Option<Var>; 2], shape: (usize, usize)) -> Node {
        let varies = matches!(op, Op::Leaf) || args.iter().flatten().any(|arg| arg.0.varies);
        Node { id: tick(), shape, op, args, varies, asked: AtomicBool::new(false), state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, value: Arc<Lanes>, version: u64) {
        let mut state = self.state();
        (state.value, state.version) = (Some(value), version);
    }
}

/// Long chains are taken apart one by one: dropped inside each other they would fill the stack.
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

/// The matrix, or the mistake.
impl fmt::Debug for Var {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.evaluated() {
            Ok(value) => write!(f, "{}", value.to_matrix()),
            Err(error) => write!(f, "{error}"),
        }
    }
}
