//! plotly's `layout`: axes, lines across panels, titles, scale of colours, slider.

use serde_json::{Value, json};

use crate::notebook::chart::axis::{Ruler, Scale, Spacing, colour_ticks, six_digits};
use crate::notebook::chart::figure::{Drawn, Figure, Note, pinned};
use crate::notebook::chart::{Mark, Rule, Step};
use crate::notebook::palette::{ColourScale, QUIET};

const CLEAR: &str = "rgba(0,0,0,0)";
/// The gap between panels, as a share of the chart's width and in pixels of its height; and the share of the width that
/// a scale of colours takes.
const GAP: (f64, f64) = (0.12, 92.0);
const BAR: f64 = 0.09;
/// Margins above and below the panels in pixels.
const MARGIN: (f64, f64) = (70.0, 60.0);

/// plotly's name of an axis: `x`, `x2`, ….
pub(super) fn axis_name(letter: char, panel: usize) -> String {
    if panel == 0 { letter.to_string() } else { format!("{letter}{}", panel + 1) }
}

/// The part of the chart that a panel takes: `[left, right]` and `[bottom, top]` from 0 to 1.
fn place(figure: &Figure<'_>, panel: usize) -> ([f64; 2], [f64; 2]) {
    let (rows, columns) = figure.grid;
    let width = (1.0 + GAP.0) / columns as f64 - GAP.0;
    let gap = GAP.1 / (height(figure) as f64 - MARGIN.0 - MARGIN.1);
    let high = (1.0 + gap) / rows as f64 - gap;
    let left = (panel % columns) as f64 * (width + GAP.0);
    let bottom = 1.0 - high - (panel / columns) as f64 * (high + gap);
    let bar = if figure.panels[panel].colours().is_some() && figure.panels.len() > 1 { BAR } else { 0.0 };
    ([left, left + width - bar], [bottom.max(0.0), bottom + high])
}

pub(super) fn colour_bar(figure: &Figure<'_>, panel: usize, mark: &Mark, colours: &ColourScale) -> Value {
    let ([_, right], [bottom, top]) = place(figure, panel);
    let ticks = colour_ticks(colours);
    json!({
        "title": { "text": mark.name, "side": "right" }, "thickness": 14, "x": right + 0.01, "xanchor": "left",
        "y": f64::midpoint(bottom, top), "yanchor": "middle", "len": top - bottom, "outlinewidth": 0,
        "tickvals": ticks.iter().map(|tick| tick.at).collect::<Vec<_>>(),
        "ticktext": ticks.into_iter().map(|tick| tick.text).collect::<Vec<_>>(),
    })
}

pub(super) fn layout(figure: &Figure<'_>) -> Value {
    let mut layout = json!({
        "title": { "text": figure.title },
        "meta": { "description": figure.about },
        "paper_bgcolor": CLEAR, "plot_bgcolor": CLEAR,
        "showlegend": !figure.legend.is_empty(),
        "margin": { "l": 70, "r": 20, "t": MARGIN.0, "b": MARGIN.1 },
        "legend": { "orientation": "h", "x": 0.5, "xanchor": "center", "yref": "container", "y": 0, "yanchor": "bottom" },
        "height": height(figure),
    });
    let (mut shapes, mut notes) = (Vec::new(), Vec::new());
    for (index, drawn) in figure.panels.iter().enumerate() {
        let ([left, right], [bottom, top]) = place(figure, index);
        let (x, y) = (axis_name('x', index), axis_name('y', index));
        let mut across = axis(&drawn.x, pinned(&drawn.shapes, &drawn.x));
        across["domain"] = json!([left, right]);
        across["anchor"] = y.as_str().into();
        let mut up = axis(&drawn.y, false);
        up["domain"] = json!([bottom, top]);
        up["anchor"] = x.as_str().into();
        if drawn.panel.equal {
            across["scaleanchor"] = y.as_str().into();
            across["constrain"] = "domain".into();
            up["constrain"] = "domain".into();
        }
        layout[format!("xaxis{}", &x[1..])] = across;
        layout[format!("yaxis{}", &y[1..])] = up;
        shapes.extend(drawn.panel.rules.iter().map(|rule| line_across(rule, index)));
        notes.extend(drawn.notes().map(|(rule, note)| label(rule, note, drawn, index)));
        if !drawn.panel.title.is_empty() {
            notes.push(json!({
                "text": drawn.panel.title, "showarrow": false, "xref": format!("{x} domain"), "x": 0.5,
                "xanchor": "center", "yref": format!("{y} domain"), "y": 1, "yanchor": "bottom", "yshift": 6,
            }));
        }
    }
    layout["shapes"] = shapes.into();
    layout["annotations"] = notes.into();
    let steps: Vec<&Step> = figure.steps().collect();
    if !steps.is_empty() {
        layout["sliders"] = json!([slider(&steps)]);
        layout["updatemenus"] = json!([play()]);
    }
    layout
}

/// The chart's height in CSS pixels.
fn height(figure: &Figure<'_>) -> usize {
    let rows = figure.grid.0;
    let slider = if figure.steps().next().is_some() { 100 } else { 0 };
    slider + if rows == 1 { 440 } else { 300 * rows + 60 }
}

fn axis(ruler: &Ruler<'_>, pinned: bool) -> Value {
    let mut axis = json!({
        "title": { "text": ruler.name }, "automargin": true, "gridcolor": "rgba(128,128,128,0.25)", "zeroline": false,
        "range": [ruler.range.0, ruler.range.1], "autorange": false, "exponentformat": "none",
        "type": match ruler.scale { Scale::Linear => "linear", Scale::Log => "log", Scale::Words(_) => "category" },
    });
    let more = match (&ruler.scale, ruler.spacing) {
        (Scale::Words(words), spacing) => {
            let every = if let Spacing::Words(every) = spacing { every } else { 1 };
            json!({ "dtick": every, "categoryorder": "array", "categoryarray": words, "showgrid": false })
        }
        (Scale::Linear, Spacing::Steps { most, .. }) if !pinned => json!({ "nticks": most }),
        (Scale::Linear, Spacing::Steps { step, .. }) => json!({ "tick0": 0, "dtick": step }),
        (_, Spacing::Steps { step, .. }) => json!({ "tick0": 0, "dtick": format!("L{}", six_digits(step)) }),
        (_, Spacing::Powers(every)) => json!({ "dtick": every, "exponentformat": "power" }),
        (_, Spacing::OneTwoFive | Spacing::Words(_)) => {
            json!({ "dtick": "D2", "minorloglabels": "complete" })
        }
    };
    merge(&mut axis, more);
    axis
}

fn merge(object: &mut Value, more: Value) {
    if let (Value::Object(fields), Value::Object(more)) = (object, more) {
        fields.extend(more);
    }
}

fn line_across(rule: &Rule, panel: usize) -> Value {
    let (x, y) = (axis_name('x', panel), axis_name('y', panel));
    let line = json!({ "type": "line", "line": { "color": QUIET, "width": 1.5, "dash": "dash" } });
    let at = if rule.vertical {
        json!({ "xref": x, "x0": rule.at, "x1": rule.at, "yref": format!("{y} domain"), "y0": 0, "y1": 1 })
    } else {
        json!({ "xref": format!("{x} domain"), "x0": 0, "x1": 1, "yref": y, "y0": rule.at, "y1": rule.at })
    };
    let mut shape = line;
    merge(&mut shape, at);
    shape
}

fn label(rule: &Rule, note: Note, drawn: &Drawn<'_>, panel: usize) -> Value {
    let (x, y) = (axis_name('x', panel), axis_name('y', panel));
    let (anchor, shift) = if note.ends { ("right", -4) } else { ("left", 4) };
    let mut label = json!({ "text": rule.label, "showarrow": false, "xanchor": anchor, "xshift": shift });
    merge(
        &mut label,
        if rule.vertical {
            json!({ "xref": x, "x": drawn.x.position(rule.at), "yref": format!("{y} domain"), "y": note.at.1, "yanchor": "top" })
        } else {
            json!({ "xref": format!("{x} domain"), "x": 0, "yref": y, "y": drawn.y.position(rule.at), "yanchor": "bottom" })
        },
    );
    label
}

/// An animation: a jump to the frame given or, without one, through all frames at 0.4 s a step.
fn animation(frames: &[&str]) -> Value {
    let millis = if frames.is_empty() { 400 } else { 0 };
    let whole = if frames.is_empty() { Value::Null } else { json!(frames) };
    json!([whole, {
        "mode": "immediate", "frame": { "duration": millis, "redraw": false }, "transition": { "duration": millis },
    }])
}

fn slider(steps: &[&Step]) -> Value {
    let entries: Vec<Value> = steps
        .iter()
        .map(|step| json!({ "label": step.label, "method": "animate", "args": animation(&[step.label.as_str()]) }))
        .collect();
    json!({
        "active": steps.len() - 1, "steps": entries, "currentvalue": { "prefix": "", "visible": true },
        "x": 0.12, "len": 0.88, "y": -0.18,
    })
}

fn play() -> Value {
    let stop =
        json!([[null], { "mode": "immediate", "frame": { "duration": 0 }, "transition": { "duration": 0 } }]);
    json!({
        "type": "buttons", "direction": "down", "showactive": false, "x": 0, "xanchor": "left", "y": -0.18,
        "buttons": [
            { "label": "Play", "method": "animate", "args": animation(&[]) },
            { "label": "Pause", "method": "animate", "args": stop },
        ],
    })
}
