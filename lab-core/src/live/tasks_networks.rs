//! Exercises of the networks, answered on the page.

use std::sync::OnceLock;

use super::control::{Settings, number, range, select};
use super::draw::{figure, panel, view};
use super::{Explorable, View, explorable};
use crate::claims::sweeps::{BAD, net_a, net_d, split};
use crate::error::Result;
use crate::evaluate::{Summary, run_seeds};
use crate::exercises::{STAGES, bad_ends, freed, hundred_networks, mended, stop_after, test_losses};
use crate::mlp::{MlpParams, train_mlp};
use crate::notebook::chart::{Chart, Labels};
use crate::sweeps::final_accuracies;

/// The page looks for bad seeds, with which report A's network ends at 0.70 or less, among so many seeds.
const SEARCHED: u64 = 200;

/// A value that is computed at its first use in a page, and kept.
fn kept<T: Clone>(cell: &'static OnceLock<T>, make: impl FnOnce() -> Result<T>) -> Result<T> {
    if let Some(made) = cell.get() {
        return Ok(made.clone());
    }
    let made = make()?;
    Ok(cell.get_or_init(|| made).clone())
}

/// The seeds whose network of report A ends at 0.70 or less, and where each ends.
fn bad_seeds() -> Result<Vec<(u64, f64)>> {
    static SEEDS: OnceLock<Vec<(u64, f64)>> = OnceLock::new();
    kept(&SEEDS, || {
        let ends = run_seeds(0..SEARCHED, |seed| {
            let p = MlpParams { seed: seed.into(), ..net_a() };
            Ok(train_mlp(&split(seed)?.0, None, &p)?.train_accuracy[p.epochs])
        })?;
        Ok((0..SEARCHED).zip(ends).filter(|(_, accuracy)| *accuracy < BAD).collect())
    })
}

/// The biases, the reduction and the start that the controls choose.
fn chosen(settings: &Settings, p: MlpParams) -> MlpParams {
    MlpParams { bias: settings.bias(), reduction: settings.reduction(), init: settings.init(), ..p }
}

pub(super) fn try_units() -> Explorable {
    explorable(
        "try-units",
        "Exercise: free the silent units",
        "Change one or two parameters, but not the number of epochs, so that no bad seed ends at 0.70 or less.",
        vec![
            select("bias", "biases", &["scalar", "one a unit", "frozen at 0"]),
            select("reduction", "loss over the rows", &["sum", "mean"]),
            select("init", "start of the weights", &["uniform on (0, 1)", "normal", "normal / √fan-in"]),
            range("lr", "learning rate", (0.001, 0.02, 0.001), 0.01),
        ],
        units,
    )
}

fn units(settings: &Settings) -> Result<View> {
    let (seeds, theirs): (Vec<u64>, Vec<f64>) = bad_seeds()?.into_iter().unzip();
    let p = chosen(settings, MlpParams { lr: settings.number("lr"), ..net_a() });
    let ends = bad_ends(&seeds, &p)?;
    let about = format!(
        "Two box plots of the training accuracies of {} bad seeds: as in the report, and yours.",
        seeds.len()
    );
    let (title, x, y) = ("The bad seeds", "network", "training accuracy (share of 100 rows)");
    let chart = Chart::new(Labels { title, x, y, about: &about })
        .boxed("as in the report", &theirs)
        .boxed("yours", &ends)
        .horizontal(BAD, "bad below")
        .y_range(0.0, 1.02);
    let worst = ends.iter().copied().fold(1.0, f64::min);
    let shown = view(
        chart,
        vec![("bad seeds", format!("{} of {SEARCHED}", seeds.len())), ("worst of yours", figure(worst))],
    );
    Ok(View { answer: Some(freed(&ends)), ..shown })
}

pub(super) fn try_stop() -> Explorable {
    explorable(
        "try-stop",
        "Exercise: when to stop",
        "After how many epochs would you stop report B's network, to have the least test loss? Within 2 % of the least is right.",
        vec![number("epochs", "epochs", (1.0, 1000.0, 1.0), 1000.0)],
        stop,
    )
}

fn stop(settings: &Settings) -> Result<View> {
    static CURVE: OnceLock<Vec<f64>> = OnceLock::new();
    let curve = kept(&CURVE, test_losses)?;
    let epochs = settings.count("epochs");
    let least = curve.iter().copied().fold(f64::INFINITY, f64::min);
    let answer = stop_after(epochs, least)?;
    let high = curve.iter().copied().fold(0.0, f64::max);
    let about = format!(
        "The mean test loss of 100 networks against epochs: it falls, and rises again. You stop at {epochs}."
    );
    let (title, y) = ("Report B's networks, trained on", "mean test loss (nats)");
    let chart = Chart::new(Labels { title, x: "epoch", y, about: &about })
        .line("test rows", STAGES, &curve)
        .vertical(epochs as f64, "you stop")
        .x_range(0.0, 1020.0)
        .y_range(0.9 * least, 1.05 * high);
    let shown = view(chart, vec![("least test loss on the curve", figure(least))]);
    Ok(View { answer: Some(answer), ..shown })
}

pub(super) fn try_network() -> Explorable {
    explorable(
        "try-network",
        "Exercise: mend the network",
        "Change report D's network, but neither its rate nor its epochs, so that the median of a hundred runs reaches a training \
         accuracy of 0.95.",
        vec![
            select("output", "output", &["ReLU", "plain"]),
            select("bias", "biases", &["frozen at 0", "scalar", "one a unit"]),
            select("reduction", "loss over the rows", &["mean", "sum"]),
            select("init", "start of the weights", &["normal", "uniform on (0, 1)", "normal / √fan-in"]),
        ],
        network,
    )
}

fn network(settings: &Settings) -> Result<View> {
    let runs = hundred_networks(&chosen(settings, MlpParams { output: settings.output(), ..net_d() }))?;
    let (training, validation) = final_accuracies(&runs);
    let median = |values: &[f64]| figure(Summary::of(values).map_or(f64::NAN, |s| s.median));
    let about = format!(
        "Two histograms of the accuracies of a hundred networks. The medians are {} in training and {} in validation.",
        median(&training),
        median(&validation)
    );
    let charts = [("Training", &training), ("Validation", &validation)].map(|(title, values)| {
        let chart = panel(title, "accuracy (share of the rows)", "share of the runs (%)");
        chart.histogram("your network", values, 0.04).vertical(0.95, "0.95").x_range(0.0, 1.04)
    });
    let chart = Chart::side_by_side("A hundred of your networks", &about, charts);
    let said = vec![("median in training", median(&training)), ("median in validation", median(&validation))];
    Ok(View { answer: Some(mended(&runs)), ..view(chart, said) })
}
