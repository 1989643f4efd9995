//! What outside code compiles against: every name, every field and every signature of the public API, written as a caller
//! writes it. New fields come last and with defaults, so that none of these lines ever changes.
#![allow(clippy::float_cmp)] // the values are copied, not computed

use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::Path;

use lab_core::{
    Alignment, Batch, Bias, Error, Factors, Family, GdParams, Gradient, Init, Labelled, Loss, Mask, Matrix,
    Mlp, MlpParams, Optimiser, Output, Pca, Random, Reduction, Result, Scale, Seed, SgdParams, Summary,
    Trained, TruncatedSvd, Var, Vector, accuracy, align, cross_entropy, gd_factorise, gd_factorise_from,
    iris, pca, principal_angles, run_seeds, scale, sgd_factorise, sgd_factorise_from, sgd_factorise_masked,
    sgd_factorise_masked_from, train_mlp, train_mlp_from, truncated_svd,
};
use ndarray::array;

type Descend<P> = fn(&Matrix, &P) -> Result<Factors>;
type DescendFrom<P> = fn(&Matrix, Matrix, Matrix, &P) -> Result<Factors>;
type RunSeeds = fn(Range<u64>, fn(u64) -> Result<u64>) -> Result<Vec<u64>>;
type Train = fn(&Labelled, Option<&Labelled>, &MlpParams) -> Result<Trained>;
type TrainFrom = fn(&Labelled, Option<&Labelled>, Mlp, &MlpParams) -> Result<Trained>;

#[test]
fn functions_have_their_signatures() {
    let _: fn() -> Labelled = iris;
    let _: fn(&Matrix, Scale) -> Result<Matrix> = scale;
    let _: [Descend<GdParams>; 1] = [gd_factorise];
    let _: [DescendFrom<GdParams>; 1] = [gd_factorise_from];
    let _: [Descend<SgdParams>; 1] = [sgd_factorise];
    let _: [DescendFrom<SgdParams>; 1] = [sgd_factorise_from];
    let _: fn(&Matrix, &Mask, &SgdParams) -> Result<Factors> = sgd_factorise_masked;
    let _: fn(&Matrix, &Mask, Matrix, Matrix, &SgdParams) -> Result<Factors> = sgd_factorise_masked_from;
    let _: fn(&Matrix, usize) -> Result<TruncatedSvd> = truncated_svd;
    let _: fn(&Matrix, usize) -> Result<Pca> = pca;
    let _: fn(&Matrix, &Matrix, Family) -> Result<Alignment> = align;
    let _: fn(&Matrix, &Matrix) -> Result<Vector> = principal_angles;
    let _: [Train; 1] = [train_mlp];
    let _: [TrainFrom; 1] = [train_mlp_from];
    let _: fn(&[usize], &[usize]) -> Result<f64> = accuracy;
    let _: fn(&Matrix, &[usize], Reduction) -> Result<f64> = cross_entropy;
    let _: RunSeeds = run_seeds;
}

#[test]
fn methods_have_their_signatures() {
    let _: fn(Seed) -> Random = Random::new;
    let _: fn(&mut Random, (usize, usize)) -> Matrix = Random::uniform;
    let _: fn(&mut Random, (usize, usize)) -> Matrix = Random::normal;
    let _: fn(&mut Random, usize) -> Vec<usize> = Random::permutation;
    let _: fn(&Init, (usize, usize), &mut Random) -> Matrix = Init::sample;
    let _ = |path: &Path| -> Result<Labelled> { Labelled::from_csv(path) };
    let _: fn(&'static [u8]) -> Result<Labelled> = Labelled::from_reader;
    let _: fn(&Labelled, Scale) -> Result<Labelled> = Labelled::scaled;
    let _: fn(&Labelled, Seed) -> Labelled = Labelled::shuffled;
    let _: fn(&Labelled, usize) -> Result<(Labelled, Labelled)> = Labelled::split_at;
    let _: fn(&Factors) -> Matrix = Factors::reconstruct;
    let _: fn(&TruncatedSvd) -> Matrix = TruncatedSvd::reconstruct;
    let _: fn(&Mlp, &Matrix) -> Result<Matrix> = Mlp::logits;
    let _: fn(&Mlp, &Matrix) -> Result<Vec<usize>> = Mlp::predict;
    let _: fn(&[f64]) -> Option<Summary> = Summary::of;
    let _: [fn(Matrix) -> Var; 2] = [Var::leaf, Var::constant];
    let _: fn(&Var, &Var) -> Var = Var::dot;
    let _: [fn(&Var) -> Var; 8] =
        [Var::t, Var::relu, Var::squared, Var::exp, Var::ln, Var::sqrt, Var::sum, Var::mean];
    let _: fn(&Var, &[usize], Reduction) -> Var = Var::cross_entropy;
    let _: [fn(&Var) -> Result<Matrix>; 2] = [Var::value, Var::gradient];
    let _: fn(&Var) -> Result<f64> = Var::scalar;
    let _: fn(&Var) -> Result<()> = Var::backward;
    let _: fn(&Var, Matrix) -> Result<()> = Var::set;
    let _: fn(&Var, f64) -> Result<()> = Var::descend;
}

/// Parameters as notebooks write them, and their defaults: the lab sheets' values.
#[test]
fn parameters_have_their_fields_and_defaults() {
    let GdParams { rank, epochs, lr, loss, gradient, init, seed, optimiser } = GdParams::default();
    assert_eq!((rank, epochs, lr, loss, gradient), (2, 1000, 0.01, Loss::SumSquared, Gradient::Autodiff));
    assert_eq!((init, seed), (Init::Uniform { low: 0.0, high: 1.0 }, Seed::Portable(0)));
    assert_eq!(optimiser, Optimiser::Plain);
    let SgdParams { rank, epochs, lr, init, seed, penalty } = SgdParams::default();
    assert_eq!((rank, epochs, lr, penalty), (2, 1000, 0.01, 0.0));
    assert_eq!((init, seed), (Init::Uniform { low: 0.0, high: 1.0 }, Seed::from(0)));
    let MlpParams { hidden, epochs, lr, init, bias, reduction, batch, output, gradient, seed, optimiser } =
        MlpParams::default();
    assert_eq!((hidden, epochs, lr, init), (12, 100, 0.01, Init::Normal { mean: 0.0, std: 1.0 }));
    assert_eq!(
        (bias, reduction, batch, output),
        (Bias::Scalar, Reduction::Mean, Batch::Full, Output::Logits)
    );
    assert_eq!((gradient, seed, optimiser), (Gradient::Autodiff, Seed::default(), Optimiser::default()));

    let gd = GdParams { lr: 0.001, optimiser: Optimiser::Momentum { beta: 0.9 }, ..Default::default() };
    let sgd = SgdParams { penalty: 0.1, seed: Seed::Torch(1), ..Default::default() };
    let batch = Batch::Size(NonZeroUsize::MIN);
    let adam = Optimiser::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    let mlp = MlpParams { batch, optimiser: adam, bias: Bias::PerUnit, ..Default::default() };
    assert_eq!((gd.rank, sgd.rank, mlp.hidden), (2, 2, 12));
    let _ = (Optimiser::Nesterov { beta: 0.5 }, Loss::Huber { delta: 1.0 }, Loss::Absolute, Output::Relu);
    let _ = (Loss::MeanSquared, Loss::Frobenius, Reduction::Sum, Bias::Frozen, Gradient::Analytic);
    let _ = (Init::XavierUniform, Init::XavierNormal, Init::FanIn, Scale::Standardise, Scale::Variance);
}

/// Results are owned, can be built by hand, and cross threads.
#[test]
fn results_have_their_fields() -> Result<()> {
    fn owned<T: Clone + Send + Sync + 'static>(_: &T) {}
    let a = array![[2.0, 0.0], [0.0, 1.0], [1.0, 1.0]];
    let Factors { u, v, losses } = gd_factorise(&a, &GdParams { epochs: 2, ..Default::default() })?;
    assert_eq!((u.dim(), v.dim(), losses.len()), ((3, 2), (2, 2), 3));
    let TruncatedSvd { u, s, v } = truncated_svd(&a, 1)?;
    assert_eq!((u.dim(), s.len(), v.dim()), ((3, 1), 1, (2, 1)));
    let Pca { mean, components, scores, variance, total_variance } = pca(&a, 2)?;
    assert_eq!((mean.len(), components.dim(), scores.dim(), variance.len()), (2, (2, 2), (3, 2), 2));
    assert!(total_variance > 0.0);
    let Alignment { linear, shift, aligned, relative_error } = align(&a, &a, Family::Similarity)?;
    assert_eq!((linear.dim(), shift.len(), aligned.dim()), ((2, 2), 2, (3, 2)));
    assert!(relative_error < 1e-12);
    let Labelled { x, y, classes, features } = iris();
    let labelled = Labelled { x, y, classes, features };
    let trained = train_mlp(&labelled, None, &MlpParams { epochs: 1, ..Default::default() })?;
    owned(&trained);
    let Trained { mlp, losses, train_accuracy, validation_accuracy } = trained;
    assert_eq!((losses.len(), train_accuracy.len(), validation_accuracy.len()), (2, 2, 0));
    let Mlp { w1, b1, w2, b2, output } = mlp;
    assert_eq!((w1.dim(), b1.len(), w2.dim(), b2.len(), output), ((4, 12), 1, (12, 3), 1, Output::Logits));
    let Some(Summary { min, q1, median, q3, max, mean }) = Summary::of(&[1.0, 2.0]) else { unreachable!() };
    assert_eq!([min, q1, median, q3, max, mean], [1.0, 1.25, 1.5, 1.75, 2.0, 1.5]);
    owned(&Var::leaf(array![[1.0]]));
    Ok(())
}

/// Expressions by value and by reference, with numbers on either side.
#[test]
fn expressions_compose() -> Result<()> {
    let (a, u, v) = (Var::constant(array![[3.0]]), Var::leaf(array![[1.0]]), Var::leaf(array![[1.0]]));
    let loss = (&a - u.dot(&v.t())).squared().sum();
    loss.backward()?;
    u.descend(0.25)?;
    v.set(v.value()? - 0.25 * v.gradient()?)?;
    assert_eq!(loss.scalar()?, 1.0);
    let all =
        [&a + &u, &a - u.clone(), a.clone() * &v, a.clone() + v.clone(), -&a, -a.clone(), 2.0 * &a, &a * 2.0];
    assert_eq!(
        all.iter().map(Var::scalar).collect::<Result<Vec<f64>>>()?,
        [5.0, 1.0, 6.0, 5.0, -3.0, -3.0, 6.0, 6.0]
    );
    Ok(())
}

/// Errors can be told apart, and `Result` takes another error.
#[test]
fn errors_can_be_told_apart() {
    let other: Result<u8, String> = Err("another error".into());
    assert!(other.is_err());
    let error = gd_factorise(&array![[1.0, 2.0]], &GdParams { rank: 3, ..Default::default() }).unwrap_err();
    assert!(matches!(error, Error::Rank { found: 3, max: 1 }));
    let _ = |error: Error| match error {
        Error::Shape { what, expected, found } => what + &expected + &found,
        Error::Param { name, rule, found } => format!("{name}{rule}{found}"),
        Error::Diverged { epoch, loss } => format!("{epoch}{loss}"),
        Error::Data { row, column, reason } => format!("{row}{column}{reason}"),
        other => other.to_string(),
    };
}
