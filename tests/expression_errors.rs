//! Expressions with a mistake: what they say, wherever they are asked.

use lab_core::{Matrix, Reduction, Var};

/// What an expression with a mistake says, wherever it is asked.
#[test]
fn wrong_programs_say_what_is_wrong() {
    let (a, u, v) = (
        Var::constant(Matrix::ones((150, 4))),
        Var::leaf(Matrix::ones((150, 2))),
        Var::leaf(Matrix::ones((4, 2))),
    );
    let wrong: [(&str, Var, &str); 11] = [
        (
            "a transpose forgotten",
            (&a - u.dot(&v)).squared().sum(),
            "the second factor of `dot` (the first is 150 x 2) must be 2 x n, found 4 x 2",
        ),
        (
            "the wrong one transposed",
            (&a - v.dot(&u.t())).squared().sum(),
            "the second term of `-` (the first is 150 x 4) must be 150 x 4, 1 x 4 or 1 x 1, found 4 x 150",
        ),
        (
            "a bias for another layer",
            (a.dot(&v) + Var::leaf(Matrix::ones((1, 3)))).relu().sum(),
            "the second term of `+` (the first is 150 x 2) must be 150 x 2, 1 x 2 or 1 x 1, found 1 x 3",
        ),
        (
            "a mask of another shape",
            (&a * Var::constant(Matrix::ones((4, 150)))).sum(),
            "the second term of `*` (the first is 150 x 4) must be 150 x 4, 1 x 4 or 1 x 1, found 4 x 150",
        ),
        (
            "a quotient of factors",
            (&u / &v).sum(),
            "the second term of `/` (the first is 150 x 2) must be 150 x 2, 1 x 2 or 1 x 1, found 4 x 2",
        ),
        (
            "two mistakes: the first counts",
            (u.dot(&v) + a.dot(&a)).sum() * f64::NAN,
            "the second factor of `dot` (the first is 150 x 2) must be 2 x n, found 4 x 2",
        ),
        (
            "too few labels",
            a.dot(&v).cross_entropy(&[0; 100], Reduction::Mean),
            "the labels of `cross_entropy` (the logits are 150 x 2) must be 150, one a row, found 100",
        ),
        (
            "a label without a class",
            a.dot(&v).cross_entropy(&[2; 150], Reduction::Mean),
            "labels must be below the number of classes (2), found 2 in row 0 (counted from 0)",
        ),
        (
            "a hidden cell that is not a number",
            (Var::constant(Matrix::from_elem((2, 2), f64::NAN)) * 0.0).sum(),
            "a constant must be finite, found NaN in row 0, column 0 (both counted from 0)",
        ),
        (
            "a learning rate of 1 / 0",
            u.sum() * (1.0 / 0.0),
            "a number in an expression must be finite, found inf beside *",
        ),
        ("no matrix", Var::leaf(Matrix::zeros((0, 2))).sum(), "a leaf must not be empty"),
    ];
    for (name, wrong, message) in wrong {
        let wrong = wrong.t() * 2.0; // the mistake is kept
        let all = [
            wrong.value().unwrap_err(),
            wrong.scalar().unwrap_err(),
            wrong.gradient().unwrap_err(),
            wrong.backward().unwrap_err(),
            wrong.set(Matrix::ones((1, 1))).unwrap_err(),
            wrong.descend(0.1).unwrap_err(),
        ];
        for found in all {
            assert_eq!(found.to_string(), message, "{name}");
        }
    }
}

/// Methods that are called where they have no sense.
#[test]
fn misplaced_calls_say_what_is_wrong() {
    let (a, u) = (Var::constant(Matrix::ones((3, 2))), Var::leaf(Matrix::ones((3, 2))));
    let residual = &a - &u;
    let said = |result: lab_core::Result<()>| result.unwrap_err().to_string();
    assert_eq!(said(residual.backward()), "the result to differentiate must be 1 x 1, found 3 x 2");
    assert_eq!(
        said(a.sum().backward()),
        "the result to differentiate must be made of at least one leaf, found constants only"
    );
    assert_eq!(
        said(residual.scalar().map(drop)),
        "the expression whose scalar is asked for must be 1 x 1, found 3 x 2"
    );
    assert_eq!(said(residual.descend(0.1)), "descend must be called on a leaf, found an expression (3 x 2)");
    assert_eq!(said(a.set(Matrix::ones((3, 2)))), "set must be called on a leaf, found a constant");
    assert_eq!(said(u.set(Matrix::ones((2, 3)))), "the value to set must be 3 x 2, found 2 x 3");
    assert_eq!(said(u.descend(0.1)), "a gradient must be computed by backward() first, found none yet");
    assert_eq!(
        said(u.gradient().map(drop)),
        "a gradient must be computed by backward() first, found none yet"
    );
    residual.sum().backward().unwrap();
    assert_eq!(said(u.descend(0.0)), "lr must be finite and above 0, found 0");
    assert_eq!(
        said(a.gradient().map(drop)),
        "a gradient must be asked of a leaf or of what depends on one, found constants only"
    );
}

/// Each operation that can be given wrong shapes names itself and both of them.
#[test]
fn every_mistake_in_shapes_names_the_operation_and_both_shapes() {
    let (a, b) = (Var::leaf(Matrix::ones((2, 3))), Var::leaf(Matrix::ones((4, 5))));
    let wrong = [
        ("dot", a.dot(&b)),
        ("+", &a + &b),
        ("-", &a - &b),
        ("*", &a * &b),
        ("/", &a / &b),
        ("cross_entropy", a.cross_entropy(&[0; 45], Reduction::Sum)),
    ];
    for (operation, wrong) in wrong {
        let said = wrong.value().unwrap_err().to_string();
        let found = if operation == "cross_entropy" { "found 45" } else { "found 4 x 5" };
        assert!(said.contains(&format!("`{operation}`")) && said.contains("2 x 3"), "{said}");
        assert!(said.ends_with(found), "{said}");
    }
}
