use super::super::{Check, claim, claims};
use super::*;

fn altered(id: &str, reported: &str) -> Claim {
    Claim { reported: reported.to_owned(), ..claim(id).unwrap() }
}

#[test]
fn a_number_is_compared_at_its_printed_digits() {
    let svd = 15.228_833_347_803_338;
    assert_eq!(claim("B12-svd").unwrap().number(svd).unwrap().verdict, Verdict::Reproduced);
    assert_eq!(claim("A12-svd").unwrap().number(svd).unwrap().verdict, Verdict::Wrong);
    assert!(altered("B12-svd", "15.228834").number(svd).is_err());
    assert!(altered("A12-svd", "15.2288").number(svd).is_err());
}

#[test]
fn ours_must_agree_with_the_reference() {
    let error = claim("B12-svd").unwrap().number(15.228_833).unwrap_err().to_string();
    assert!(error.contains("within"), "{error}");
}

#[test]
fn a_mistake_must_explain_the_reported_digits() {
    let right = claim("D1-svd").unwrap().reference.parse().unwrap();
    assert!(claim("D1-svd").unwrap().mistaken(right, &[1.020_051_485]).is_ok());
    assert!(claim("D1-svd").unwrap().mistaken(right, &[1.03]).is_err());
    assert!(altered("D1-svd", "1.0202").mistaken(right, &[1.020_051_485]).is_err());
}

#[test]
fn a_sample_is_judged_by_its_central_part_and_its_quantiles() {
    // Runs whose quartiles are those on record for E12-loss.
    let runs: Vec<f64> = (0..1000)
        .map(|i| match i {
            0..250 => 0.1219 + f64::from(i) * 4.4e-7,
            250..500 => 0.122_011 + f64::from(i - 250) * 1.496e-6,
            500..750 => 0.122_385 + f64::from(i - 500) * 7.22e-6,
            _ => 0.124_19 + f64::from(i - 750) * 1e-3,
        })
        .collect();
    assert_eq!(claim("E12-loss").unwrap().sample(&runs).unwrap().verdict, Verdict::Reproduced);
    assert!(altered("E12-loss", "0.1200").sample(&runs).is_err());
    assert!(altered("E12-loss", "0.9").sample(&runs).is_err());
    let shifted: Vec<f64> = runs.iter().map(|run| run + 0.001).collect();
    assert!(claim("E12-loss").unwrap().sample(&shifted).is_err());
    assert!(claim("E12-loss").unwrap().sample(&[0.1221; 9]).is_err());
}

#[test]
fn statements_are_right_loose_or_wrong() {
    let claim = |verdict| Claim {
        verdict,
        reference: "0.4".into(),
        tolerance: "0.1".into(),
        ..claim("A13-rotated").unwrap()
    };
    let (no, yes) =
        (Held::new("rest", 0.44, Rule::AtMost(0.01)), Held::new("rest", 0.44, Rule::Within(0.3, 0.5)));
    let weaker = Held::new("affine rest", 1e-9, Rule::AtMost(0.01));
    assert_eq!(claim(Verdict::Right).decide(&yes, None).unwrap().verdict, Verdict::Right);
    assert_eq!(claim(Verdict::Wrong).decide(&no, None).unwrap().verdict, Verdict::Wrong);
    let loose = claim(Verdict::Loose).decide(&no, Some(&weaker)).unwrap();
    assert_eq!(loose.ours, "rest: 0.44; affine rest: 1.0e-9");
    assert_eq!(loose.rule, "at most 0.01; loosely: at most 0.01");
    assert!(claim(Verdict::Right).decide(&no, Some(&weaker)).is_err());
    let drifted = Held::new("rest", 0.2, Rule::AtLeast(0.0));
    assert!(claim(Verdict::Right).decide(&drifted, None).is_err());
    let nothing = Held::new("rest", f64::NAN, Rule::AtMost(0.01));
    assert!(!nothing.holds());
}

#[test]
fn a_figure_needs_all_its_features() {
    let claim = Claim { reference: "7.16".into(), tolerance: "0.01".into(), ..claim("C1-curve").unwrap() };
    let (end, flat) = (Held::new("end", 7.16, Rule::AtMost(8.0)), Held::new("fall", 0.2, Rule::AtMost(0.3)));
    let steep = Held::new("fall", 0.4, Rule::AtMost(0.3));
    assert_eq!(claim.figure(&[end.clone(), flat]).unwrap().verdict, Verdict::Reproduced);
    assert!(claim.figure(&[end, steep]).is_err());
    assert!(claim.figure(&[]).is_err());
}

#[test]
fn tables_are_compared_as_distributions() {
    let reported = &claim("B22-table").unwrap().matrices().unwrap()[0];
    let repeat = |column: usize| (0..800).map(|i| reported[(i % 8, column)]).collect::<Vec<f64>>();
    let altered = Claim { reference: "median=0.99".into(), ..claim("B22-table").unwrap() };
    assert_eq!(altered.table(&[repeat(0), repeat(1)]).unwrap().verdict, Verdict::Reproduced);
    let low: Vec<f64> = repeat(1).iter().map(|value| value - 0.2).collect();
    assert!(altered.table(&[repeat(0), low]).is_err());
    assert!(altered.table(&[repeat(0)]).is_err());
}

#[test]
fn every_number_on_record_can_be_read() {
    for claim in claims().unwrap() {
        match claim.check {
            Check::Exact => assert!(claim.number_in(&claim.reference).is_ok(), "{}", claim.id),
            Check::Distribution => assert!(claim.number_in(&claim.tolerance).is_ok(), "{}", claim.id),
            _ => assert!(
                claim.reference.is_empty() || claim.number_in(&claim.reference).is_ok(),
                "{}",
                claim.id
            ),
        }
    }
}

#[test]
fn distances_of_small_samples() {
    assert!((distance(&[0.0, 1.0], &[0.0, 1.0])).abs() < 1e-15);
    assert!((distance(&[0.0, 0.0], &[1.0, 1.0]) - 1.0).abs() < 1e-15);
}
