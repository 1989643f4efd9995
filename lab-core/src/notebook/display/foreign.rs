//! The displays of Polars' and plotly's own values.

use plotly::Plot;
use polars::prelude::{Column, Series};
use serde_json::{Value, json};

use crate::notebook::display::{Bundle, Show};

impl Show for Column {
    fn bundle(&self) -> Bundle {
        self.clone().into_frame().bundle()
    }
}

impl Show for Series {
    fn bundle(&self) -> Bundle {
        self.clone().into_frame().bundle()
    }
}

/// The same MIME type as that of a [`Chart`](crate::notebook::Chart): notebooks and reports draw it without a
/// network.
impl Show for Plot {
    fn bundle(&self) -> Bundle {
        // As text: the prebuilt plotly of the kernel "Rust (lab)" has a serde of its own, which is not the one of this
        // crate.
        let mut plot: Value = serde_json::from_str(&self.to_json()).unwrap_or_default();
        for (option, value) in [("responsive", true), ("displaylogo", false)] {
            if plot["config"][option].is_null() {
                plot["config"][option] = json!(value);
            }
        }
        let traces = plot["data"].as_array().map_or(0, Vec::len);
        let title = plot["layout"]["title"]["text"].as_str().unwrap_or("plotly chart").to_owned();
        let plain = format!("{title} - {traces} {}", if traces == 1 { "trace" } else { "traces" });
        Bundle::plain(plain).with("application/vnd.plotly.v1+json", plot.to_string())
    }
}

/// The plan of a query that has not run.
#[cfg(lazy_polars)]
impl Show for polars::prelude::LazyFrame {
    fn bundle(&self) -> Bundle {
        use crate::notebook::display::failure;
        use crate::notebook::format::escape;

        match self.describe_plan() {
            Ok(plan) => {
                let caption = "a query that has not run; `.collect()?` runs it";
                let html = format!(
                    "<div class=\"lab-plan\"><p>{caption}</p><pre>{}</pre></div>",
                    escape(plan.trim())
                );
                Bundle::plain(format!("{caption}\n{}", plan.trim())).with("text/html", html)
            }
            Err(error) => failure(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use plotly::{Layout, Scatter};
    use polars::prelude::NamedFrom;

    use super::*;

    #[test]
    fn a_plot_is_drawn_without_a_network() {
        let mut plot = Plot::new();
        plot.add_trace(Scatter::new(vec![1, 2], vec![3.5, 4.0]));
        plot.set_layout(Layout::new().title("Growth"));
        let bundle = plot.bundle();
        let drawn: Value =
            serde_json::from_str(bundle.get("application/vnd.plotly.v1+json").unwrap()).unwrap();
        assert_eq!(drawn["data"][0]["y"], json!([3.5, 4.0]));
        assert_eq!(drawn["config"], json!({ "responsive": true, "displaylogo": false }));
        assert_eq!(bundle.get("text/plain"), Some("Growth - 1 trace"));
        assert_eq!(bundle.get("text/html"), None);
    }

    #[test]
    fn a_series_is_a_table_of_one_column() {
        let bundle = Series::new("length (cm)".into(), [5.1, 4.9]).bundle();
        assert!(bundle.get("text/html").unwrap().contains("length (cm)</th>"));
    }
}
