//! An explorable in a notebook: the chart for its initial values, and its declaration for the page.

use serde_json::{Value, json};

use super::{Control, Explorable, Kind, View};
use crate::notebook::display::{Bundle, Show, failure};

/// The MIME type of the declaration, which a page reads; a viewer that does not know it shows the chart.
const MIME: &str = "application/vnd.lab.explorable+json";

impl Explorable {
    /// What a page needs to know: the explorable's texts, its controls, and the results for their initial values.
    fn declaration(&self, view: &View) -> Value {
        let controls: Vec<Value> = self.controls.iter().map(declared).collect();
        json!({
            "name": self.name,
            "title": self.title,
            "teaches": self.teaches,
            "controls": controls,
            "said": view.said,
        })
    }
}

fn declared(control: &Control) -> Value {
    let mut declared = match &control.kind {
        Kind::Range { low, high, step } => json!({ "kind": "range", "low": low, "high": high, "step": step }),
        Kind::Number { low, high, step } => {
            json!({ "kind": "number", "low": low, "high": high, "step": step })
        }
        Kind::Check => json!({ "kind": "check" }),
        Kind::Select { options } => json!({ "kind": "select", "options": options }),
        Kind::Cells { rows, columns, labels } => {
            json!({ "kind": "cells", "rows": rows, "columns": columns, "labels": labels })
        }
        Kind::File { bytes } => json!({ "kind": "file", "bytes": bytes }),
    };
    declared["name"] = control.name.into();
    declared["label"] = control.label.into();
    declared["value"] = control.value.as_str().into();
    declared
}

/// Shows the chart. An exercise shows its answer instead, which viewers prefer to the picture; that is there for the
/// page.
impl Show for Explorable {
    fn bundle(&self) -> Bundle {
        match self.view(&[]) {
            Ok(view) => {
                let declaration = self.declaration(&view).to_string();
                match (&view.answer, view.chart.svg()) {
                    (Some(answer), Ok(svg)) => answer.bundle().with("image/svg+xml", svg),
                    _ => view.chart.bundle(),
                }
                .with(MIME, declaration)
            }
            Err(error) => failure(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::explore;

    #[test]
    fn a_cell_has_the_chart_and_the_declaration() {
        let bundle = explore("completion").unwrap().start("seed", 5).bundle();
        assert!(bundle.get("image/svg+xml").unwrap().starts_with("<svg"));
        assert!(bundle.get("application/vnd.plotly.v1+json").is_some());
        let declared: Value = serde_json::from_str(bundle.get(MIME).unwrap()).unwrap();
        assert_eq!(declared["name"], "completion");
        let cells = &declared["controls"][0];
        assert_eq!((&cells["kind"], &cells["value"]), (&json!("cells"), &json!("1,0 2,1")));
        assert_eq!(cells["labels"].as_array().unwrap().len(), 9);
        assert_eq!(declared["controls"][1]["value"], "5");
        assert!(declared["said"][0].as_array().is_some_and(|pair| pair.len() == 2));
    }

    #[test]
    fn a_cell_with_an_exercise_shows_its_answer() {
        let bundle = |lr: f64| explore("try-rate").unwrap().start("lr", lr).bundle();
        assert!(bundle(0.01).get("text/html").unwrap().contains("lab-answer not-yet"));
        assert!(bundle(0.016).get("text/plain").unwrap().starts_with("Right: "));
        assert!(bundle(0.016).get(MIME).is_some() && bundle(0.016).get("image/svg+xml").is_some());
        assert_eq!(bundle(0.016).get("application/vnd.plotly.v1+json"), None);
    }

    #[test]
    fn a_mistake_is_shown_in_its_place() {
        let bundle = explore("saddle").unwrap().start("optimiser", "SGD").bundle();
        assert!(bundle.get("text/html").unwrap().contains("optimiser must be one of plain, momentum, Adam"));
    }
}
