//! The reports' two exercises side by side with the PyTorch that answers them: no more statements, and the same bits as
//! the crate's own functions, whether an expression is built once or anew in each epoch.
#![allow(clippy::float_cmp)] // the same bits

use lab_core::{
    Bias, GdParams, Init, Labelled, Loss, Matrix, Mlp, MlpParams, Output, Random, Reduction, Result, Scale,
    Seed, Var, gd_factorise, gd_factorise_from, iris, scale, train_mlp_from,
};
use ndarray::Axis;

/// Report B, exercise 1.1, without the function around it.
const TORCH_FACTORISATION: &str = r#"
U = torch.rand(m, rank, requires_grad=True)
V = torch.rand(n, rank, requires_grad=True)
for epoch in range(num_epochs):
    U.grad = V.grad = None
    loss = torch.nn.functional.mse_loss(A, U @ V.t(), reduction="sum")
    loss.backward()
    U.data = U - lr * U.grad
    V.data = V - lr * V.grad
"#;

/// Report B, exercise 2.1, with its leaves.
const TORCH_NETWORK: &str = r#"
W1 = torch.randn(4, 12, requires_grad=True)
W2 = torch.randn(12, 3, requires_grad=True)
b1 = torch.zeros(12, requires_grad=True)
b2 = torch.zeros(3, requires_grad=True)
for epoch in range(epochs):
    W1.grad = W2.grad = b1.grad = b2.grad = None
    logits = torch.relu(data_tr @ W1 + b1) @ W2 + b2
    loss = torch.nn.functional.cross_entropy(logits, targets_tr, reduction="sum")
    loss.backward()
    W1.data -= lr * W1.grad
    W2.data -= lr * W2.grad
    b1.data -= lr * b1.grad
    b2.data -= lr * b2.grad
"#;

/// Statements of a snippet, a loop's head counted as one: lines in Python, in Rust what ends in a semicolon.
fn statements(snippet: &str) -> usize {
    if snippet.contains(';') {
        return snippet.matches(';').count() + snippet.matches("for ").count();
    }
    snippet.lines().filter(|line| !line.trim().is_empty()).count()
}

/// Runs the statements, in which `losses` takes each epoch's loss, and says how many the others are.
macro_rules! counted {
    ($count:ident: { $($body:tt)* }) => {
        let $count = statements(stringify!($($body)*)) - stringify!($($body)*).matches("losses").count();
        $($body)*
    };
}

#[test]
fn factorisation() -> Result<()> {
    let (x, lr) = (scale(&iris().x, Scale::Centre)?, 0.01);
    let (mut random, mut losses) = (Random::new(Seed::Torch(0)), Vec::new());
    counted!(ours: {
        let a = Var::constant(x.clone());
        let u = Var::leaf(random.uniform((150, 2)));
        let v = Var::leaf(random.uniform((4, 2)));
        for _ in 0..1000 {
            let loss = (&a - u.dot(&v.t())).squared().sum();
            loss.backward()?;
            losses.push(loss.scalar()?);
            u.descend(lr)?;
            v.descend(lr)?;
        }
    });
    assert!(ours <= statements(TORCH_FACTORISATION), "{ours} statements");
    let found = gd_factorise(&x, &GdParams { seed: Seed::Torch(0), ..Default::default() })?;
    assert_eq!(losses, found.losses[..1000]);
    assert_eq!((u.value()?, v.value()?), (found.u.clone(), found.v.clone()));

    // The step as the exercise has it, of one expression that is built once.
    let start = found.losses.len() - 1;
    let p = GdParams { epochs: 50, lr, ..Default::default() };
    let again = gd_factorise_from(&x, found.u, found.v, &p)?;
    let loss = (&a - u.dot(&v.t())).squared().sum();
    for epoch in 0..p.epochs {
        loss.backward()?;
        assert_eq!(loss.scalar()?, again.losses[epoch], "epoch {}", start + epoch);
        u.set(u.value()? - lr * u.gradient()?)?;
        v.set(v.value()? - lr * v.gradient()?)?;
    }
    assert_eq!((u.value()?, v.value()?, loss.scalar()?), (again.u, again.v, again.losses[50]));
    Ok(())
}

/// Every loss of [`gd_factorise`] is an expression that anybody can write.
#[test]
fn losses() -> Result<()> {
    type Build = fn(Var) -> Var;
    let x = scale(&iris().x, Scale::Centre)?;
    let losses: [(Loss, Build); 3] = [
        (Loss::SumSquared, |e| e.squared().sum()),
        (Loss::MeanSquared, |e| e.squared().mean()),
        (Loss::Frobenius, |e| e.squared().sum().sqrt()),
    ];
    for (loss, build) in losses {
        let mut random = Random::new(Seed::Portable(3));
        let (u0, v0) = (random.uniform((150, 2)), random.uniform((4, 2)));
        let p = GdParams { loss, epochs: 40, ..Default::default() };
        let found = gd_factorise_from(&x, u0.clone(), v0.clone(), &p)?;
        let (a, u, v) = (Var::constant(x.clone()), Var::leaf(u0), Var::leaf(v0));
        for expected in &found.losses[..40] {
            let result = build(u.dot(&v.t()) - &a); // the other sign: the same bits
            result.backward()?;
            assert_eq!(result.scalar()?, *expected, "{loss:?}");
            u.descend(p.lr)?;
            v.descend(p.lr)?;
        }
        assert_eq!((u.value()?, v.value()?), (found.u, found.v), "{loss:?}");
    }
    Ok(())
}

#[test]
fn network() -> Result<()> {
    let (train, _): (Labelled, Labelled) =
        iris().scaled(Scale::Variance)?.shuffled(Seed::Torch(0)).split_at(100)?;
    let (mut random, mut losses, lr) = (Random::new(Seed::Torch(1)), Vec::new(), 0.001);
    let (start_1, start_2) = (random.normal((4, 12)), random.normal((12, 3)));
    counted!(ours: {
        let x = Var::constant(train.x.clone());
        let w1 = Var::leaf(start_1.clone());
        let w2 = Var::leaf(start_2.clone());
        let b1 = Var::leaf(Matrix::zeros((1, 12)));
        let b2 = Var::leaf(Matrix::zeros((1, 3)));
        for _ in 0..100 {
            let logits = (x.dot(&w1) + &b1).relu().dot(&w2) + &b2;
            let loss = logits.cross_entropy(&train.y, Reduction::Sum);
            loss.backward()?;
            losses.push(loss.scalar()?);
            w1.descend(lr)?;
            w2.descend(lr)?;
            b1.descend(lr)?;
            b2.descend(lr)?;
        }
    });
    assert!(ours <= statements(TORCH_NETWORK), "{ours} statements");
    let zeros = |b: &Var| b.value().map(|b| b.remove_axis(Axis(0)) * 0.0);
    let start = Mlp { w1: start_1, b1: zeros(&b1)?, w2: start_2, b2: zeros(&b2)?, output: Output::Logits };
    let p = MlpParams {
        lr,
        bias: Bias::PerUnit,
        reduction: Reduction::Sum,
        init: Init::Normal { mean: 0.0, std: 1.0 },
        ..Default::default()
    };
    let found = train_mlp_from(&train, None, start, &p)?;
    assert_eq!(losses, found.losses[..100]);
    assert_eq!((w1.value()?, w2.value()?), (found.mlp.w1, found.mlp.w2));
    assert_eq!(b1.value()?.row(0), found.mlp.b1);
    assert_eq!(b2.value()?.row(0), found.mlp.b2);
    Ok(())
}
