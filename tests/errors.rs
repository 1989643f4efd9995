//! What every public function refuses, with the message that the reader of a notebook sees (`data.rs` has the readers').

use lab_core::{
    Bias, Error, Family, GdParams, Init, Labelled, Loss, Mask, Matrix, Mlp, MlpParams, Observations,
    Optimiser, Order, Reduction, Result, Scale, SgdParams, align, cross_entropy, gd_factorise,
    gd_factorise_from, iris, pca, principal_angles, run_seeds, scale, sgd_factorise, sgd_factorise_from,
    sgd_factorise_masked, sgd_factorise_masked_from, sgd_factorise_observed, train_mlp, train_mlp_from,
    truncated_svd,
};
use lab_tests::refused;
use ndarray::{Array2, array};

fn ones(m: usize, n: usize) -> Matrix {
    Matrix::ones((m, n))
}

fn with(value: f64) -> Matrix {
    array![[1.0, 2.0], [3.0, value]]
}

/// The argument's name, and a function that takes it.
type Call = (&'static str, Box<dyn Fn(&Matrix) -> Result<()>>);

/// Every function that takes a matrix refuses an empty one, NaN and infinity, and names the first such cell.
#[test]
fn matrices_are_checked_before_any_work() {
    let (gd, sgd) = (GdParams::default(), SgdParams { rank: 1, ..Default::default() });
    let calls: [Call; 9] = [
        ("the matrix to factorise", Box::new(move |a| gd_factorise(a, &gd).map(drop))),
        ("the matrix to factorise", Box::new(move |a| sgd_factorise(a, &sgd).map(drop))),
        ("a", Box::new(|a| truncated_svd(a, 1).map(drop))),
        ("x", Box::new(|a| pca(a, 1).map(drop))),
        ("x", Box::new(|a| scale(a, Scale::Centre).map(drop))),
        ("source", Box::new(|a| align(a, &ones(2, 2), Family::Affine).map(drop))),
        ("target", Box::new(|a| align(&array![[1.0, 0.0], [0.0, 1.0]], a, Family::Rotation).map(drop))),
        ("a", Box::new(|a| principal_angles(a, &ones(2, 1)).map(drop))),
        ("b", Box::new(|a| principal_angles(&ones(2, 1), a).map(drop))),
    ];
    for (what, call) in calls {
        refused(call(&ones(0, 2)), &format!("{what} must not be empty"));
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let place = "in row 1, column 1 (both counted from 0)";
            refused(call(&with(value)), &format!("{what} must be finite, found {value} {place}"));
        }
    }
}

#[test]
fn ranks() {
    for found in [0, 3] {
        let message = format!("rank must be between 1 and 2 (the smaller side of the matrix), found {found}");
        refused(gd_factorise(&ones(3, 2), &GdParams { rank: found, ..Default::default() }), &message);
        refused(sgd_factorise(&ones(3, 2), &SgdParams { rank: found, ..Default::default() }), &message);
        refused(truncated_svd(&ones(3, 2), found), &message);
        refused(pca(&ones(3, 2), found), &message);
    }
}

#[test]
fn learning_rates() {
    for lr in [0.0, -0.01, f64::NAN, f64::INFINITY] {
        let message = format!("lr must be finite and above 0, found {lr}");
        refused(gd_factorise(&ones(3, 2), &GdParams { lr, ..Default::default() }), &message);
        refused(sgd_factorise(&ones(3, 2), &SgdParams { lr, ..Default::default() }), &message);
        refused(train_mlp(&iris(), None, &MlpParams { lr, ..Default::default() }), &message);
    }
}

#[test]
fn constants_of_losses_and_optimisers() {
    for found in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let message = format!("delta must be finite and above 0, found {found}");
        let p = GdParams { loss: Loss::Huber { delta: found }, ..Default::default() };
        refused(gd_factorise(&ones(3, 2), &p), &message);
    }
    for beta in [-0.1, 1.0, f64::NAN] {
        for optimiser in [Optimiser::Momentum { beta }, Optimiser::Nesterov { beta }] {
            let message = format!("beta must be at least 0 and below 1, found {beta}");
            refused(gd_factorise(&ones(3, 2), &GdParams { optimiser, ..Default::default() }), &message);
            refused(train_mlp(&iris(), None, &MlpParams { optimiser, ..Default::default() }), &message);
        }
    }
    let adam = |beta1, beta2, epsilon| GdParams {
        optimiser: Optimiser::Adam { beta1, beta2, epsilon },
        ..Default::default()
    };
    let range = "at least 0 and below 1";
    refused(gd_factorise(&ones(3, 2), &adam(1.5, 0.9, 1.0)), &format!("beta1 must be {range}, found 1.5"));
    refused(gd_factorise(&ones(3, 2), &adam(0.5, 2.0, 1.0)), &format!("beta2 must be {range}, found 2"));
    let message = "epsilon must be finite and above 0, found 0";
    refused(gd_factorise(&ones(3, 2), &adam(0.5, 0.9, 0.0)), message);
    for penalty in [-1.0, f64::NAN, f64::INFINITY] {
        let p = SgdParams { penalty, ..Default::default() };
        let message = format!("penalty must be finite and at least 0, found {penalty}");
        refused(sgd_factorise(&ones(3, 2), &p), &message);
        refused(sgd_factorise_masked(&ones(3, 2), &Mask::from_elem((3, 2), true), &p), &message);
    }
}

/// What cannot fit is refused with the bytes that it would need: a failed allocation would end the process.
#[test]
fn sizes_that_cannot_fit() {
    let complete = |dim, p: &SgdParams, blocks: usize| {
        let cells = Observations::new(dim, [(0, dim.1 - 1, 1.0)]).unwrap();
        sgd_factorise_observed(&cells, None, p, Order::Shuffled, blocks.try_into().unwrap())
    };
    let p = SgdParams { rank: 1, ..Default::default() };
    let widest = Observations::from_reader("0,4294967294,1\n".as_bytes()).unwrap().dim();
    assert_eq!(widest, (1, 4_294_967_295));
    let largest = SgdParams { rank: 1000, ..p };
    for (dim, p, needed) in [
        (widest, &p, 8 * 3 * 4_294_967_296_u128 + 16),
        ((4_000_000_000, 4_000_000_000), &largest, 128_000_000_000_016),
    ] {
        let Err(Error::Memory { bytes, available, .. }) = complete(dim, p, 1) else {
            panic!("it must not fit")
        };
        assert_eq!(bytes, needed);
        assert!(u128::from(available) < needed || available == u64::MAX);
    }
    let text = complete(widest, &p, 1).unwrap_err().to_string();
    assert!(
        text.starts_with("a completion of 1 x 4294967295 at rank 1 would need 103.1 GB of memory, of which "),
        "{text}"
    );

    for blocks in [3, 1025, usize::MAX] {
        let rule = "at most 1024, and at most the smaller side of the matrix";
        refused(complete((2, 2), &p, blocks), &format!("blocks must be {rule}, found {blocks}"));
    }
    refused(
        complete((5000, 5000), &p, 1025),
        "blocks must be at most 1024, and at most the smaller side of the matrix, found 1025",
    );
    assert!(complete((5000, 5000), &SgdParams { epochs: 1, ..p }, 1024).is_ok());

    let wide = MlpParams { hidden: usize::MAX / 2, ..Default::default() };
    assert!(matches!(train_mlp(&iris(), None, &wide), Err(Error::Memory { .. })));
}

#[test]
fn initial_distributions() {
    for (init, message) in [
        (
            Init::Uniform { low: 1.0, high: 1.0 },
            "init must be Uniform with finite low < high, found low 1, high 1",
        ),
        (
            Init::Uniform { low: f64::NAN, high: 1.0 },
            "init must be Uniform with finite low < high, found low NaN, high 1",
        ),
        (
            Init::Normal { mean: 0.0, std: -1.0 },
            "init must be Normal with a finite mean and a finite std above 0, found mean 0, std -1",
        ),
    ] {
        refused(gd_factorise(&ones(3, 2), &GdParams { init, ..Default::default() }), message);
        refused(sgd_factorise(&ones(3, 2), &SgdParams { init, ..Default::default() }), message);
        refused(train_mlp(&iris(), None, &MlpParams { init, ..Default::default() }), message);
    }
}

#[test]
fn starts_of_another_shape() {
    let a = ones(3, 2);
    let (gd, sgd) = (GdParams { rank: 1, ..Default::default() }, SgdParams { rank: 1, ..Default::default() });
    let all = Mask::from_elem((3, 2), true);
    let message = "the start of U must be 3 x 1, found 2 x 1";
    refused(gd_factorise_from(&a, ones(2, 1), ones(2, 1), &gd), message);
    refused(sgd_factorise_from(&a, ones(2, 1), ones(2, 1), &sgd), message);
    refused(sgd_factorise_masked_from(&a, &all, ones(2, 1), ones(2, 1), &sgd), message);
    let message = "the start of V must be 2 x 1, found 2 x 2";
    refused(gd_factorise_from(&a, ones(3, 1), ones(2, 2), &gd), message);
    let message = "the start of V must be finite, found inf in row 0, column 0 (both counted from 0)";
    refused(sgd_factorise_from(&a, ones(3, 1), array![[f64::INFINITY], [1.0]], &sgd), message);
}

#[test]
fn masks() {
    let p = SgdParams { rank: 1, ..Default::default() };
    let mask = |shape, seen| Array2::from_elem(shape, seen);
    let message = "the mask, like the matrix, must be 3 x 2, found 2 x 3";
    refused(sgd_factorise_masked(&ones(3, 2), &mask((2, 3), true), &p), message);
    let message = "the set of observed cells must not be empty";
    refused(sgd_factorise_masked(&ones(3, 2), &mask((3, 2), false), &p), message);
    let message =
        "the matrix to factorise must be finite, found NaN in row 1, column 1 (both counted from 0)";
    refused(sgd_factorise_masked(&with(f64::NAN), &mask((2, 2), true), &p), message);
    assert!(sgd_factorise_masked(&with(f64::NAN), &array![[true, true], [true, false]], &p).is_ok());
}

/// The first loss that is not finite ends a run.
#[test]
fn divergence() {
    let centred = scale(&iris().x, Scale::Centre).unwrap();
    let p = GdParams { lr: 1.0, ..Default::default() };
    let Err(Error::Diverged { epoch, loss }) = gd_factorise(&centred, &p) else {
        panic!("lr 1 must diverge")
    };
    assert!(epoch > 0 && !loss.is_finite());
    let message = format!("diverged at epoch {epoch}: the loss became {loss}; try a smaller lr");
    refused(gd_factorise(&centred, &p), &message);
    assert!(matches!(
        sgd_factorise(&centred, &SgdParams { lr: 10.0, ..Default::default() }),
        Err(Error::Diverged { .. })
    ));
}

#[test]
fn alignment() {
    let square = array![[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]];
    refused(
        align(&square, &ones(2, 2), Family::Affine),
        "target must be 3 x any number (as many rows as source), found 2 x 2",
    );
    refused(align(&square, &ones(3, 1), Family::Rotation), "target must be 3 x 2 like source, found 3 x 1");
    let rule = "a cloud of at least two different rows, found the same point in every row";
    refused(align(&square, &ones(3, 2), Family::Similarity), &format!("target must be {rule}"));
    refused(align(&ones(3, 2), &square, Family::Affine), &format!("source must be {rule}"));
    refused(
        principal_angles(&ones(3, 1), &ones(2, 1)),
        "the number of rows of b must be 3, as in a, found 2",
    );
    let message = "a must be a matrix of linearly independent columns, found rank 1 in 2 columns";
    refused(principal_angles(&ones(3, 2), &ones(3, 1)), message);
}

/// The error of the smallest failing seed is returned, however the threads interleave.
#[test]
fn seeds() {
    let failing = |seed: u64| {
        let found = seed.to_string();
        if seed % 3 == 2 { Err(Error::Param { name: "seed", rule: "lucky", found }) } else { Ok(seed) }
    };
    refused(run_seeds(0..1000, failing), "seed must be lucky, found 2");
    refused(run_seeds(990..1000, failing), "seed must be lucky, found 992");
    assert_eq!(run_seeds(0..2, failing).unwrap(), [0, 1]);
    assert_eq!(run_seeds(5..5, failing).unwrap(), Vec::<u64>::new());
}

#[test]
fn networks() {
    let (p, table) = (MlpParams::default(), iris());
    refused(train_mlp(&table, None, &MlpParams { hidden: 0, ..p }), "hidden must be at least 1, found 0");
    let out_of_range = Labelled { y: vec![3; 150], ..table.clone() };
    let message = "labels must be below the number of classes (3), found 3 in row 0 (counted from 0)";
    refused(train_mlp(&out_of_range, None, &p), message);
    refused(train_mlp(&table, Some(&out_of_range), &p), message);
    let no_classes = Labelled { classes: vec![], ..table.clone() };
    refused(train_mlp(&no_classes, None, &p), "the training set's list of classes must not be empty");
    let empty = Labelled { x: ones(0, 4), y: vec![], ..table.clone() };
    refused(train_mlp(&empty, None, &p), "the training set must not be empty");
    let short = Labelled { y: vec![0; 149], ..table.clone() };
    assert!(matches!(train_mlp(&short, None, &p), Err(Error::Shape { .. })));
    let start = Mlp::start(4, 3, &p).unwrap();
    let message = "b1 under Bias::PerUnit must be of length 12, found 1";
    refused(train_mlp_from(&table, None, start.clone(), &MlpParams { bias: Bias::PerUnit, ..p }), message);
    refused(start.logits(&ones(2, 3)), "the rows to classify must be 2 x 4, found 2 x 3");
    refused(start.predict(&ones(0, 4)), "the rows to classify must not be empty");
    let torn = Mlp { w2: ones(11, 3), ..start };
    refused(torn.logits(&ones(2, 4)), "w2 must be 12 x 3, found 11 x 3");
    refused(
        cross_entropy(&ones(1, 2), &[2], Reduction::Sum),
        "labels must be below the number of classes (2), found 2 in row 0 (counted from 0)",
    );
    refused(
        cross_entropy(&ones(0, 2), &[], Reduction::Mean),
        "the logits of `cross_entropy` must not be empty",
    );
}
