//! What is timed. A task's name carries its sizes: the peers read them from it.

pub mod completion;
pub mod large;

use std::hint::black_box;

use lab_core::{
    GdParams, Gradient, Labelled, Matrix, MlpParams, Random, Reduction, Result, Scale, Seed, SgdParams, Var,
    gd_factorise, iris, run_seeds, scale, sgd_factorise, train_mlp, truncated_svd,
};

/// Our ways to do a task: what to add to its name, and the run.
pub type Ours = Vec<(&'static str, Box<dyn Fn() -> Result<()>>)>;

pub struct Task {
    pub name: &'static str,
    /// Fused operations by the textbook's formulas, where they are what limits it.
    pub fused: Option<f64>,
    /// Makes the data and what works on them: only for tasks that are chosen.
    pub ours: Box<dyn Fn() -> Ours>,
}

pub fn all() -> Vec<Task> {
    [descents(), networks(), decompositions()].into_iter().flatten().collect()
}

/// A run that hands its result to nobody.
fn run<T>(work: impl Fn() -> Result<T> + 'static) -> Box<dyn Fn() -> Result<()>> {
    Box::new(move || black_box(work()).map(drop))
}

fn normal(shape: (usize, usize), seed: u64) -> Matrix {
    Random::new(Seed::Portable(seed)).normal(shape)
}

const GRADIENTS: [(&str, Gradient); 2] =
    [(", formulas", Gradient::Analytic), (", expression", Gradient::Autodiff)];

/// As a notebook's reader writes it: the expression built anew in each epoch.
const WRITTEN_OUT: &str = ", written out";

fn factorise(a: &Matrix, rank: usize, epochs: usize) -> Result<f64> {
    let mut random = Random::new(Seed::Portable(0));
    let a = Var::constant(a.clone());
    let u = Var::leaf(random.uniform((a.shape().0, rank)));
    let v = Var::leaf(random.uniform((a.shape().1, rank)));
    let mut last = f64::NAN;
    for _ in 0..epochs {
        let loss = (&a - u.dot(&v.t())).squared().sum();
        loss.backward()?;
        last = loss.scalar()?;
        u.descend(1e-5)?;
        v.descend(1e-5)?;
    }
    Ok(last)
}

fn train_network(train: &Labelled) -> Result<f64> {
    let mut random = Random::new(Seed::Portable(0));
    let x = Var::constant(train.x.clone());
    let [w1, w2] = [(4, 12), (12, 3)].map(|shape| Var::leaf(random.normal(shape)));
    let [b1, b2] = [(); 2].map(|()| Var::leaf(Matrix::zeros((1, 1))));
    let mut last = f64::NAN;
    for _ in 0..100 {
        let logits = (x.dot(&w1) + &b1).relu().dot(&w2) + &b2;
        let loss = logits.cross_entropy(&train.y, Reduction::Mean);
        loss.backward()?;
        last = loss.scalar()?;
        [&w1, &b1, &w2, &b2].into_iter().try_for_each(|part| part.descend(0.01))?;
    }
    Ok(last)
}

fn descents() -> Vec<Task> {
    let descent = |name, (m, n), rank, epochs| Task {
        name,
        // Each cell is met twice an epoch: in A V and in Aᵀ U.
        fused: Some(2.0 * (m * n * rank * epochs) as f64),
        ours: Box::new(move || {
            let a = if m == 150 {
                scale(&iris().x, Scale::Centre).expect("iris is finite")
            } else {
                normal((m, n), 0)
            };
            let ours = GRADIENTS.map(|(variant, gradient)| {
                let (a, p) = (a.clone(), GdParams { rank, epochs, lr: 1e-5, gradient, ..Default::default() });
                (variant, run(move || gd_factorise(&a, &p)))
            });
            ours.into_iter().chain([(WRITTEN_OUT, run(move || factorise(&a, rank, epochs)))]).collect()
        }),
    };
    let cell = || {
        let a = normal((3, 3), 0);
        vec![("", run(move || sgd_factorise(&a, &SgdParams::default())))]
    };
    vec![
        descent("gd 150 x 4, rank 2, 1000 epochs", (150, 4), 2, 1000),
        descent("gd 1797 x 64, rank 5, 1000 epochs", (1797, 64), 5, 1000),
        descent("gd 1000 x 1000, rank 20, 100 epochs", (1000, 1000), 20, 100),
        Task {
            name: "sgd 3 x 3, rank 2, 1000 epochs",
            fused: Some(4.0 * 9.0 * 2.0 * 1000.0), // a cell is met in its error, in both updates and in the loss
            ours: Box::new(cell),
        },
    ]
}

fn networks() -> Vec<Task> {
    let train = || {
        let shuffled = iris().scaled(Scale::Variance).expect("iris varies").shuffled(Seed::Portable(0));
        shuffled.split_at(100).expect("150 rows").0
    };
    // A row meets W1 forwards and backwards, W2 also on the way back to the hidden units.
    let fused = 100.0 * 100.0 * f64::from(2 * 4 * 12 + 3 * 12 * 3);
    let one = move || {
        let ours = GRADIENTS.map(|(variant, gradient)| {
            let (train, p) = (train(), MlpParams { gradient, ..Default::default() });
            (variant, run(move || train_mlp(&train, None, &p)))
        });
        let train = train();
        ours.into_iter().chain([(WRITTEN_OUT, run(move || train_network(&train)))]).collect()
    };
    let thousand = move || {
        let (train, p) = (train(), MlpParams { gradient: Gradient::Analytic, ..Default::default() });
        let network = move |seed: u64| train_mlp(&train, None, &MlpParams { seed: seed.into(), ..p });
        vec![(", formulas", run(move || run_seeds(0..1000, &network)))]
    };
    vec![
        Task { name: "mlp 4-12-3, 100 rows, 100 epochs", fused: Some(fused), ours: Box::new(one) },
        Task { name: "1000 such mlps", fused: Some(1000.0 * fused), ours: Box::new(thousand) },
    ]
}

fn decompositions() -> Vec<Task> {
    let task = |name, ours| Task { name, fused: None, ours };
    let svd = |a: Matrix, rank| vec![("", run(move || truncated_svd(&a, rank)))];
    let whole = |name, (m, n)| task(name, Box::new(move || svd(normal((m, n), 0), n)));
    let leading = |name, (m, n), rank| {
        let a = move || normal((m, rank), 0).dot(&normal((n, rank), 1).t()) + 0.1 * normal((m, n), 2);
        task(name, Box::new(move || svd(a(), rank)))
    };
    vec![
        whole("svd 150 x 4", (150, 4)),
        whole("svd 1797 x 64", (1797, 64)),
        whole("svd 2000 x 500", (2000, 500)),
        leading("svd 2000 x 2000, rank 10", (2000, 2000), 10),
        leading("svd 6000 x 4000, rank 10", (6000, 4000), 10),
    ]
}
