//! From a [`Figure`] to plotly's JSON.

mod layout;

use serde_json::{Value, json};

use self::layout::{axis_name, colour_bar, layout};
use super::axis::{Ruler, Scale, six_digits};
use super::figure::Figure;
use super::shape::{Shape, numbered};
use super::{Mark, Step};
use crate::notebook::format::significant;
use crate::notebook::palette::{QUIET, series};

/// plotly's names of the symbols and dashes that the series take in turn; [`super::svg`] draws the same.
const SYMBOLS: [&str; 6] = ["circle", "square", "diamond", "triangle-up", "cross", "x"];
const DASHES: [&str; 4] = ["solid", "dash", "dot", "dashdot"];

/// The chart's `data`, `layout`, `config` and `frames`, rounded.
pub(super) fn json(figure: &Figure<'_>) -> Value {
    let mut data = Vec::new();
    let mut frames = Vec::new();
    for (index, drawn) in figure.panels.iter().enumerate() {
        for (mark, shape) in drawn.panel.marks.iter().zip(&drawn.shapes) {
            data.push(trace(figure, index, mark, shape));
        }
        frames.extend(drawn.panel.steps.iter().map(|step| frame(step, data.len())));
    }
    let mut plot = json!({
        "data": data,
        "layout": layout(figure),
        "config": { "responsive": true, "displaylogo": false },
    });
    if !frames.is_empty() {
        plot["frames"] = frames.into();
    }
    round(&mut plot);
    plot
}

fn trace(figure: &Figure<'_>, panel: usize, mark: &Mark, shape: &Shape<'_>) -> Value {
    let colour = series(mark.colour);
    let drawn = &figure.panels[panel];
    let mut trace = match shape {
        Shape::Line { x, y } => json!({
            "type": "scatter", "mode": "lines", "x": numbers(x), "y": numbers(y),
            "line": { "color": colour, "width": 2, "dash": DASHES[mark.colour % DASHES.len()] },
        }),
        Shape::Points { x, y, text } => {
            let marker = json!({ "color": colour, "symbol": SYMBOLS[mark.colour % SYMBOLS.len()], "size": 7, "opacity": 0.85 });
            let mut trace = json!({ "type": "scatter", "mode": "markers", "x": numbers(x), "y": numbers(y), "marker": marker });
            if !text.is_empty() {
                trace["text"] = json!(text);
                trace["hovertemplate"] = "%{text}<br>(%{x:.4g}, %{y:.4g})<extra></extra>".into();
            }
            trace
        }
        Shape::Band { x, low, high } => {
            let back = |values: &[f64]| values.iter().rev().copied().collect::<Vec<f64>>();
            json!({
                "type": "scatter", "mode": "lines", "fill": "toself", "hoverinfo": "skip", "opacity": 0.25,
                "x": numbers(&[*x, &back(x)].concat()), "y": numbers(&[*high, &back(low)].concat()),
                "fillcolor": colour, "line": { "width": 0, "color": colour },
            })
        }
        Shape::Bars { at, offset, width, heights, overlaid } => {
            let mut trace = json!({
                "type": "bar", "x": places(&drawn.x, at), "y": numbers(heights), "offset": offset, "width": width,
                "marker": { "color": colour, "opacity": if *overlaid { 0.65 } else { 1.0 } },
            });
            if *overlaid {
                trace["hovertemplate"] = format!("%{{x:.4g}} ± {:.3}: %{{y:.3g}} %", width / 2.0).into();
            }
            trace
        }
        Shape::Box { at, quartiles, whiskers, outliers } => {
            let mut trace = json!({
                "type": "box", "x": places(&drawn.x, &[*at as f64]), "q1": [quartiles.q1], "median": [quartiles.median],
                "q3": [quartiles.q3], "lowerfence": [whiskers.0], "upperfence": [whiskers.1],
                "boxpoints": "outliers", "marker": { "color": colour, "size": 4 },
            });
            if !outliers.is_empty() {
                trace["y"] = json!([outliers]); // plotly draws no box for an empty list
            }
            trace
        }
        Shape::Heat { z, colours } => {
            // plotly counts words upwards: reversed, the first row is on top.
            let rows: Vec<Value> = z.rows().into_iter().rev().map(|row| numbers(&row.to_vec())).collect();
            let (Scale::Words(x), Scale::Words(y)) = (&drawn.x.scale, &drawn.y.scale) else {
                return Value::Null;
            };
            let mut trace = json!({ "type": "heatmap", "x": x, "y": y, "z": rows, "zmin": colours.low, "zmax": colours.high });
            if numbered(z) {
                let text = |row: ndarray::ArrayView1<'_, f64>| {
                    row.iter().map(|&z| json!(significant(z, 4))).collect()
                };
                trace["text"] = z.rows().into_iter().rev().map(text).collect::<Vec<Value>>().into();
                trace["texttemplate"] = "%{text}".into();
            }
            trace
        }
        Shape::Contour { x, y, z, levels, colours } => {
            let rows: Vec<Value> = z.rows().into_iter().map(|row| numbers(&row.to_vec())).collect();
            let step = levels.get(1).map_or(1.0, |second| second - levels[0]);
            json!({
                "type": "contour", "x": numbers(x), "y": numbers(y), "z": rows, "line": { "width": 0.5, "color": QUIET },
                "contours": { "start": levels.first(), "end": levels.last(), "size": step },
                "autocontour": false, "zmin": colours.low, "zmax": colours.high,
            })
        }
    };
    if let Shape::Heat { colours, .. } | Shape::Contour { colours, .. } = shape {
        trace["colorscale"] = colours.stops().map(|(at, colour)| json!([at, colour])).collect();
        trace["colorbar"] = colour_bar(figure, panel, mark, colours);
    }
    trace["name"] = mark.name.as_str().into();
    trace["legendgroup"] = mark.name.as_str().into();
    trace["showlegend"] = figure.legend.iter().any(|entry| std::ptr::eq(*entry, mark)).into();
    trace["xaxis"] = axis_name('x', panel).into();
    trace["yaxis"] = axis_name('y', panel).into();
    trace
}

/// Numbers for plotly, which draws a gap where there is none.
fn numbers(values: &[f64]) -> Value {
    values.iter().map(|value| if value.is_finite() { json!(value) } else { Value::Null }).collect()
}

/// Positions along an axis: its words where it has some.
fn places(ruler: &Ruler<'_>, at: &[f64]) -> Value {
    match &ruler.scale {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the index of a word
        Scale::Words(words) => at.iter().map(|&at| json!(words.get(at as usize))).collect(),
        _ => numbers(at),
    }
}

/// The moved points of one step: the last `points.len()` of the `drawn` traces so far.
fn frame(step: &Step, drawn: usize) -> Value {
    let data: Vec<Value> =
        step.points.iter().map(|(x, y)| json!({ "x": numbers(x), "y": numbers(y) })).collect();
    let traces: Vec<usize> = (drawn - data.len()..drawn).collect();
    json!({ "name": step.label, "data": data, "traces": traces })
}

/// Rounds every float to six significant digits; exact integers lose their point.
fn round(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(round),
        Value::Object(fields) => fields.values_mut().for_each(round),
        Value::Number(number) if number.is_f64() => {
            let rounded = six_digits(number.as_f64().unwrap_or(0.0));
            #[allow(clippy::cast_possible_truncation)] // a whole number below 1e15
            let whole = (rounded.fract() == 0.0 && rounded.abs() < 1e15).then(|| json!(rounded as i64));
            *value = whole.unwrap_or_else(|| json!(rounded));
        }
        _ => {}
    }
}
