//! Explorables: charts that are computed again when a reader moves a control. In a notebook an explorable shows the
//! chart for the initial values of its controls; on a page, this crate runs as WebAssembly and computes the chart for
//! the values that the reader chooses.
//!
//! [`explore`] finds an explorable by its name. Each has its controls and one function from their values to a [`View`];
//! a page asks for views by [`respond`], which is all that the page's WebAssembly module offers.

mod cells;
mod choices;
mod clouds;
mod control;
mod descents;
mod draw;
#[cfg(target_family = "wasm")]
mod module;
mod networks;
mod protocol;
#[cfg(feature = "notebook")]
mod show;
mod table;
mod tasks;
mod tasks_networks;

pub use control::{Control, Kind};
pub use protocol::respond;

use self::control::{Settings, unknown};
use crate::error::{Error, Result};
use crate::notebook::answer::Answer;
use crate::notebook::chart::Chart;

/// What an explorable shows for some values of its controls.
///
/// ```
/// let view = lab_core::explore("edge-of-stability")?.view(&[("lr", "0.03")])?;
/// assert!(view.said.iter().any(|(what, value)| what == "the run" && value.starts_with("diverges")));
/// # Ok::<(), lab_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct View {
    /// The chart.
    pub chart: Chart,
    /// The results in words: pairs of a name and a value.
    pub said: Vec<(String, String)>,
    /// For an exercise: whether it is solved, and why.
    pub answer: Option<Answer>,
}

/// A chart with controls, such as the loss of a descent with its learning rate: see [`explore`].
#[derive(Debug, Clone)]
pub struct Explorable {
    name: &'static str,
    title: &'static str,
    teaches: &'static str,
    controls: Vec<Control>,
    compute: fn(&Settings) -> Result<View>,
    problem: Option<Error>,
}

/// Makes an explorable whose controls have their defaults.
fn explorable(
    name: &'static str,
    title: &'static str,
    teaches: &'static str,
    controls: Vec<Control>,
    compute: fn(&Settings) -> Result<View>,
) -> Explorable {
    Explorable { name, title, teaches, controls, compute, problem: None }
}

/// Every explorable.
const ALL: [fn() -> Explorable; 19] = [
    descents::edge_of_stability,
    tasks::try_rate,
    tasks::try_start,
    networks::silent_units,
    tasks_networks::try_units,
    clouds::cloud,
    networks::biases,
    tasks_networks::try_stop,
    descents::saddle,
    tasks::try_better_start,
    tasks::try_plateau,
    clouds::power_of_sigma,
    tasks::try_gradient,
    networks::output_relu,
    tasks_networks::try_network,
    cells::completion,
    cells::try_predict,
    table::your_table,
    table::try_factor,
];

/// The explorable with this name, such as `edge-of-stability`; spaces may stand for the hyphens.
///
/// As the last value of a cell it shows the chart for the initial values of its controls; on the page that is made from
/// the notebook, the controls can be moved. [`Explorable::range`] narrows a control and [`Explorable::start`] sets its
/// initial value.
///
/// ```
/// let explorable = lab_core::explore("edge of stability")?.range("lr", 0.001, 0.025).start("seed", 7);
/// assert_eq!(explorable.view(&[])?.said[0], ("edge 1/(2σ₁)".into(), "0.0199".into()));
/// # Ok::<(), lab_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::Control`] where no explorable has this name; the message lists all names.
pub fn explore(name: &str) -> Result<Explorable> {
    let hyphened = name.trim().replace(' ', "-");
    let found = ALL.iter().map(|make| make()).find(|explorable| explorable.name == hyphened);
    found.ok_or_else(|| Error::Control {
        control: "the explorable".into(),
        rule: format!("one of {}", names().join(", ")),
        found: control::quoted(name),
    })
}

/// The names of all explorables.
///
/// ```
/// assert!(lab_core::live::names().contains(&"saddle"));
/// ```
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|make| make().name).collect()
}

impl Explorable {
    /// Its name.
    ///
    /// ```
    /// assert_eq!(lab_core::explore("power of sigma")?.name(), "power-of-sigma");
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its title.
    ///
    /// ```
    /// assert_eq!(lab_core::explore("power of sigma")?.title(), "How much of Σ?");
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// What it teaches, and what to try.
    ///
    /// ```
    /// assert!(lab_core::explore("edge of stability")?.teaches().starts_with("The rate decides"));
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn teaches(&self) -> &'static str {
        self.teaches
    }

    /// Its controls, in the order in which they stand.
    ///
    /// ```
    /// let controls = lab_core::explore("edge-of-stability")?.controls().to_vec();
    /// assert_eq!(controls.iter().map(|control| control.name).collect::<Vec<_>>(), ["lr", "seed"]);
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn controls(&self) -> &[Control] {
        &self.controls
    }

    /// Narrows the range of a number. A mistake is kept and shown in place of the chart.
    ///
    /// ```
    /// let narrowed = lab_core::explore("edge-of-stability")?.range("lr", 0.02, 0.03).start("lr", 0.02);
    /// assert!(narrowed.view(&[("lr", "0.01")]).is_err());
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    #[must_use]
    pub fn range(mut self, name: &str, from: f64, to: f64) -> Explorable {
        let narrowed = self.control(name).and_then(|control| {
            let wrong = |rule: String, found: String| Error::Control { control: name.into(), rule, found };
            let (Kind::Range { low, high, .. } | Kind::Number { low, high, .. }) = &mut control.kind else {
                return Err(wrong("a number to have a range".into(), "another kind of control".into()));
            };
            if !(*low <= from && from < to && to <= *high) {
                let rule = format!("narrowed to a rising range within {low} to {high}");
                return Err(wrong(rule, format!("{from} to {to}")));
            }
            (*low, *high) = (from, to);
            Ok(())
        });
        self.keep(narrowed)
    }

    /// Sets the initial value of a control. A mistake is kept and shown in place of the chart.
    ///
    /// ```
    /// let started = lab_core::explore("saddle")?.start("optimiser", "Adam").start("lr", 0.03);
    /// assert_eq!(started.controls()[0].value, "0.03");
    /// assert!(started.start("optimiser", "SGD").view(&[]).is_err());
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "a cell writes a number or a word")]
    pub fn start(mut self, name: &str, value: impl ToString) -> Explorable {
        let set = self.control(name).map(|control| control.value = value.to_string());
        self.keep(set)
    }

    /// The view for these values of controls, each given as text; all other controls have their initial values.
    ///
    /// # Errors
    /// The first mistake of [`Explorable::range`] and [`Explorable::start`]; [`Error::Control`] for an unknown control and
    /// for a value that it does not allow; those of the computation.
    ///
    /// ```
    /// let view = lab_core::explore("completion")?.view(&[("hidden", "1,0"), ("seed", "3")])?;
    /// assert!(view.said.iter().any(|(what, _)| what == "a10"));
    /// # Ok::<(), lab_core::Error>(())
    /// ```
    pub fn view(&self, given: &[(&str, &str)]) -> Result<View> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        (self.compute)(&Settings::of(&self.controls, given)?)
    }

    fn control(&mut self, name: &str) -> Result<&mut Control> {
        let unknown = unknown(name, &self.controls);
        self.controls.iter_mut().find(|control| control.name == name).ok_or(unknown)
    }

    fn keep(mut self, outcome: Result<()>) -> Explorable {
        self.problem = self.problem.or(outcome.err());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_explorable_shows_itself_and_says_what_it_is() {
        for name in names() {
            let explorable = explore(name).unwrap();
            let ends = |text: &str| text.ends_with(['.', '?']);
            assert!(!explorable.title.is_empty() && ends(explorable.teaches), "{name}");
            let allowed = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            assert!(
                allowed(name) && explorable.controls.iter().all(|control| allowed(control.name)),
                "{name}"
            );
            for control in &explorable.controls {
                assert!(control.check(&control.value).is_ok(), "{name}: {}", control.name);
            }
            let view = explorable.view(&[]).unwrap();
            assert!(!view.said.is_empty(), "{name}");
            assert_eq!(view.answer.is_some(), name.starts_with("try-"), "{name}");
            let texts = view.said.iter().flat_map(|(what, value)| [what, value]);
            assert!(texts.into_iter().all(|text| !text.contains(char::is_control)), "{name}");
            assert!(view.chart.svg().is_ok(), "{name}: {:?}", view.chart.svg());
        }
    }

    #[test]
    fn both_ends_of_every_range_are_computed() {
        for name in names() {
            let explorable = explore(name).unwrap();
            for control in &explorable.controls {
                let values: Vec<String> = match control.kind {
                    Kind::Range { low, high, .. } | Kind::Number { low, high, .. } => {
                        vec![low.to_string(), high.to_string()]
                    }
                    Kind::Check => vec!["true".into(), "false".into()],
                    Kind::Select { options } => options.iter().map(ToString::to_string).collect(),
                    Kind::Cells { .. } => vec![String::new(), "0,0".into(), "0,0 1,1 2,2".into()],
                    Kind::File { .. } => vec![String::new()],
                };
                for value in values {
                    let view = explorable.view(&[(control.name, &value)]);
                    let drawn = view.and_then(|view| view.chart.svg());
                    assert!(drawn.is_ok(), "{name}, {} = {value}: {drawn:?}", control.name);
                }
            }
        }
    }

    #[test]
    fn mistakes_of_a_cell_are_kept() {
        let edge = || explore("edge of stability").unwrap();
        let message = |explorable: Explorable| explorable.view(&[]).unwrap_err().to_string();
        assert!(message(edge().start("rate", 1)).starts_with("the control's name must be one of lr, seed"));
        assert!(message(edge().range("lr", 0.0, 1.0)).contains("narrowed to a rising range within 0.0005"));
        assert!(message(edge().range("lr", 0.02, 0.03)).contains("from 0.02 to 0.03, found \"0.01\""));
        assert!(message(explore("saddle").unwrap().range("optimiser", 0.0, 1.0)).contains("a number"));
        assert!(explore("nothing").unwrap_err().to_string().contains("your-table"));
    }
}
