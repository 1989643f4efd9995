//! Small networks on iris: silent units, kinds of biases, the ReLU on the output.

use super::control::{Settings, range, seed, select};
use super::draw::{ending, figure, panel, view};
use super::{Explorable, View, explorable};
use crate::claims::sweeps::{net_a, net_b, net_d, split};
use crate::data::Labelled;
use crate::error::{Error, Result};
use crate::evaluate::accuracy;
use crate::loss::{Reduction, cross_entropy};
use crate::matrix::Matrix;
use crate::mlp::{Mlp, MlpParams, Output, train_mlp_from};
use crate::notebook::chart::Chart;

/// The number of epochs that the lab sheet asks for.
const EPOCHS: usize = 100;

/// The networks after 0, 1, 2, … epochs, and the epoch at which the loss is no longer finite. Each epoch is a run of
/// its own: with full batches and plain steps that gives the same networks as one long run.
pub(super) fn stages(train: &Labelled, p: &MlpParams) -> Result<(Vec<Mlp>, Option<usize>)> {
    let mut nets = vec![Mlp::start(train.x.ncols(), train.classes.len(), p)?];
    let one = MlpParams { epochs: 1, ..*p };
    for epoch in 1..=p.epochs {
        match train_mlp_from(train, None, nets[epoch - 1].clone(), &one) {
            Ok(trained) => nets.push(trained.mlp),
            Err(Error::Diverged { .. }) => return Ok((nets, Some(epoch))),
            Err(error) => return Err(error),
        }
    }
    Ok((nets, None))
}

/// A measurement of every network.
fn each(nets: &[Mlp], of: impl Fn(&Mlp) -> Result<f64>) -> Result<Vec<f64>> {
    nets.iter().map(of).collect()
}

fn last(values: &[f64]) -> f64 {
    values.last().copied().unwrap_or(f64::NAN)
}

/// The share of rows that a network classifies rightly.
fn right(net: &Mlp, rows: &Labelled) -> Result<f64> {
    accuracy(&net.predict(&rows.x)?, &rows.y)
}

/// For how many rows every hidden unit is off.
fn silent_rows(net: &Mlp, x: &Matrix) -> usize {
    let hidden = x.dot(&net.w1) + &net.b1;
    hidden.rows().into_iter().filter(|row| row.iter().all(|unit| *unit <= 0.0)).count()
}

pub(super) fn silent_units() -> Explorable {
    explorable(
        "silent-units",
        "Silent units",
        "Steps on the summed loss overshoot and can switch all hidden units off for many rows, which then learn nothing. Look \
         for a seed that stays low, then try a tenth of the rate, and another start.",
        vec![
            range("lr", "learning rate", (0.001, 0.02, 0.001), 0.01),
            select("init", "start of the weights", &["uniform on (0, 1)", "normal", "normal / √fan-in"]),
            seed("seed of split and start", 0),
        ],
        silent,
    )
}

fn silent(settings: &Settings) -> Result<View> {
    let seed = settings.whole("seed");
    let (train, validation) = split(seed)?;
    let (lr, init) = (settings.number("lr"), settings.init());
    let p = MlpParams { lr, init, seed: seed.into(), epochs: EPOCHS, ..net_a() };
    let (nets, diverged) = stages(&train, &p)?;
    let rows = train.y.len() as f64;
    let learned = each(&nets, |net| Ok(rows * right(net, &train)?))?;
    let silent = each(&nets, |net| Ok(silent_rows(net, &train.x) as f64))?;
    let losses = each(&nets, |net| cross_entropy(&net.logits(&train.x)?, &train.y, Reduction::Sum))?;
    let about = format!(
        "Left the summed loss against epochs, right the rows that are classified rightly and those for which all hidden units are \
         off. At the end {:.0} of {rows} rows are right and {:.0} are silent.",
        last(&learned),
        last(&silent)
    );
    let epochs = || 0..nets.len();
    let charts = [
        panel("Training loss", "epoch", "summed cross entropy (nats)").line(
            "training loss",
            epochs(),
            &losses,
        ),
        panel("Training rows", "epoch", "rows of 100")
            .line("rightly classified", epochs(), &learned)
            .line("silent: all hidden units off", epochs(), &silent)
            .y_range(-2.0, 102.0),
    ];
    let chart = Chart::side_by_side("Report A's network, epoch by epoch", &about, charts);
    let most = silent.iter().copied().fold(0.0, f64::max);
    let said = vec![
        ("silent rows at the end", format!("{:.0} of {rows}", last(&silent))),
        ("most silent rows", format!("{most:.0}")),
        ("training accuracy", format!("{:.2}", last(&learned) / rows)),
        ("validation accuracy", format!("{:.2}", right(&nets[nets.len() - 1], &validation)?)),
        ("the run", ending(diverged)),
    ];
    Ok(view(chart, said))
}

pub(super) fn biases() -> Explorable {
    explorable(
        "biases",
        "Biases, splits and reductions",
        "One bias a unit learns a little more than one a layer; the split matters more than either. Change the split, then the \
         reduction: the sum takes a hundred times the mean's steps.",
        vec![
            select("bias", "biases", &["one a unit", "scalar", "frozen at 0"]),
            select("reduction", "loss over the rows", &["sum", "mean"]),
            range("epochs", "epochs", (10.0, 500.0, 10.0), 100.0),
            seed("seed of the split", 0),
        ],
        kinds,
    )
}

fn kinds(settings: &Settings) -> Result<View> {
    let (train, validation) = split(settings.whole("seed"))?;
    let (bias, reduction) = (settings.bias(), settings.reduction());
    let p = MlpParams { bias, reduction, epochs: settings.count("epochs"), ..net_b() };
    let title = format!("Biases {}, loss {}", settings.text("bias"), settings.text("reduction"));
    Ok(both_losses(&title, &train, &validation, &p)?.0)
}

/// A view of the mean loss and the accuracy after each epoch, in training and in validation; and the last network.
fn both_losses(title: &str, train: &Labelled, validation: &Labelled, p: &MlpParams) -> Result<(View, Mlp)> {
    let (mut nets, diverged) = stages(train, p)?;
    let loss =
        |rows: &Labelled| each(&nets, |net| cross_entropy(&net.logits(&rows.x)?, &rows.y, Reduction::Mean));
    let (in_training, in_validation) = (loss(train)?, loss(validation)?);
    let shares = |rows: &Labelled| each(&nets, |net| right(net, rows));
    let (learned, known) = (shares(train)?, shares(validation)?);
    let about = format!(
        "Left the mean loss, right the accuracy, in training and in validation. They end at {:.3} and {:.3} nats, and at {:.2} and \
         {:.2}.",
        last(&in_training),
        last(&in_validation),
        last(&learned),
        last(&known)
    );
    let epochs = || 0..nets.len();
    let charts = [
        panel("Loss", "epoch", "mean cross entropy (nats)")
            .line("training", epochs(), &in_training)
            .line("validation", epochs(), &in_validation)
            .log_y(),
        panel("Accuracy", "epoch", "share of the rows")
            .line("training", epochs(), &learned)
            .line("validation", epochs(), &known)
            .y_range(0.0, 1.05),
    ];
    let chart = Chart::side_by_side(title, &about, charts);
    let said = vec![
        ("training loss (nats)", figure(last(&in_training))),
        ("validation loss (nats)", figure(last(&in_validation))),
        ("training accuracy", format!("{:.2}", last(&learned))),
        ("validation accuracy", format!("{:.2}", last(&known))),
        ("the run", ending(diverged)),
    ];
    Ok((view(chart, said), nets.swap_remove(nets.len() - 1)))
}

pub(super) fn output_relu() -> Explorable {
    explorable(
        "output-relu",
        "A ReLU on the output",
        "The ReLU stops the gradient of every row whose own class is negative. Take it away, then let the biases learn, then take \
         the sum: which of the three helps most?",
        vec![
            select("output", "output", &["ReLU", "plain"]),
            select("bias", "biases", &["frozen at 0", "scalar", "one a unit"]),
            select("reduction", "loss over the rows", &["mean", "sum"]),
            seed("seed of split and start", 0),
        ],
        through_relu,
    )
}

fn through_relu(settings: &Settings) -> Result<View> {
    let seed = settings.whole("seed");
    let (train, validation) = split(seed)?;
    let (output, bias, reduction) = (settings.output(), settings.bias(), settings.reduction());
    let p = MlpParams { output, bias, reduction, seed: seed.into(), epochs: EPOCHS, ..net_d() };
    let title = format!("Output {}", settings.text("output"));
    let (mut shown, net) = both_losses(&title, &train, &validation, &p)?;
    let before = Mlp { output: Output::Logits, ..net }.logits(&train.x)?;
    let stopped = train
        .y
        .iter()
        .enumerate()
        .filter(|(row, class)| output == Output::Relu && before[[*row, **class]] <= 0.0)
        .count();
    shown
        .said
        .push(("rows whose own class gets no gradient".into(), format!("{stopped} of {}", train.y.len())));
    Ok(shown)
}
