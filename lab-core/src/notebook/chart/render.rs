//! From a [`Chart`] to plotly's JSON.

use plotly::common::{
    Anchor, ColorScale, ColorScalePalette, DashType, ExponentFormat, Line, Marker, MarkerSymbol, Mode,
};
use plotly::histogram::{Bins, HistNorm};
use plotly::layout::update_menu::{ButtonBuilder, UpdateMenu, UpdateMenuDirection, UpdateMenuType};
use plotly::layout::{
    Animation, AnimationMode, AnimationOptions, Annotation, Axis, AxisRange, AxisType, BarMode, Frame,
    FrameSettings, Margin, Shape, ShapeLine, ShapeType, Slider, SliderCurrentValue, SliderStepBuilder,
    TransitionSettings,
};
use plotly::{Bar, BoxPlot, Configuration, HeatMap, Histogram, Layout, Plot, Scatter, Trace, Traces};
use serde_json::{Value, json};

use super::{Chart, Kind, Mark, Panel, Rule, Scale, Step};
use crate::notebook::palette::{QUIET, series};

const SYMBOLS: [MarkerSymbol; 6] = [
    MarkerSymbol::Circle,
    MarkerSymbol::Square,
    MarkerSymbol::Diamond,
    MarkerSymbol::TriangleUp,
    MarkerSymbol::Cross,
    MarkerSymbol::X,
];
const DASHES: [DashType; 4] = [DashType::Solid, DashType::Dash, DashType::Dot, DashType::DashDot];
const CLEAR: &str = "rgba(0,0,0,0)";
const GAP: f64 = 0.12;

/// The chart's `data`, `layout`, `config` and `frames`, rounded.
pub(super) fn json(chart: &Chart) -> Value {
    let mut plot = Plot::new();
    let mut frames = Vec::new();
    let mut drawn = 0;
    for (index, panel) in chart.panels.iter().enumerate() {
        for mark in &panel.marks {
            let first = first_of_its_name(chart, index, mark);
            plot.add_trace(trace(mark, index, first));
        }
        drawn += panel.marks.len();
        frames.extend(panel.steps.iter().map(|step| frame(step, drawn)));
    }
    let slides: Vec<&Step> = chart.panels.iter().flat_map(|panel| &panel.steps).collect();
    plot.set_layout(layout(chart, &slides));
    plot.set_configuration(Configuration::new().responsive(true).display_logo(false));
    // One by one: add_frames of plotly 0.14.1 enters the first batch twice.
    for frame in &frames {
        plot.add_frame(frame.clone());
    }
    // As text: the fast kernel's plotly comes with a serde of its own, which is not the one of this crate.
    let mut json: Value = serde_json::from_str(&plot.to_json()).unwrap_or_default();
    json["layout"]["meta"] = json!({ "description": chart.about });
    if frames.is_empty() {
        json.as_object_mut().map(|plot| plot.remove("frames"));
    }
    round(&mut json);
    json
}

/// Whether a legend entry of this name is still missing: each name is entered once.
fn first_of_its_name(chart: &Chart, panel: usize, mark: &Mark) -> bool {
    let earlier = chart.panels[..panel].iter().flat_map(|panel| &panel.marks);
    let here = chart.panels[panel].marks.iter().take_while(|other| !std::ptr::eq(*other, mark));
    !earlier.chain(here).any(|other| other.name == mark.name)
}

/// plotly's name of an axis: `x`, `x2`, ….
fn axis_name(letter: char, panel: usize) -> String {
    if panel == 0 { letter.to_string() } else { format!("{letter}{}", panel + 1) }
}

fn trace(mark: &Mark, panel: usize, in_legend: bool) -> Box<dyn Trace> {
    let colour = series(mark.colour);
    let (x_axis, y_axis) = (axis_name('x', panel), axis_name('y', panel));
    // The same calls on traces of different types.
    macro_rules! placed {
        ($trace:expr) => {
            $trace
                .name(&mark.name)
                .legend_group(&mark.name)
                .show_legend(in_legend)
                .x_axis(x_axis)
                .y_axis(y_axis)
        };
    }
    match &mark.kind {
        Kind::Line { x, y } => {
            let line = Line::new().color(colour).width(2.0).dash(DASHES[mark.colour % DASHES.len()].clone());
            placed!(Scatter::new(x.clone(), y.clone()).mode(Mode::Lines).line(line))
        }
        Kind::Points { x, y, text } => {
            let symbol = SYMBOLS[mark.colour % SYMBOLS.len()].clone();
            let marker = Marker::new().color(colour).symbol(symbol).size(7).opacity(0.85);
            let trace = Scatter::new(x.clone(), y.clone()).mode(Mode::Markers).marker(marker);
            if text.is_empty() {
                placed!(trace)
            } else {
                let hover = "%{text}<br>(%{x:.4g}, %{y:.4g})<extra></extra>";
                placed!(trace.text_array(text.clone()).hover_template(hover))
            }
        }
        Kind::Bars { labels, values } => {
            placed!(Bar::new(labels.clone(), values.clone()).marker(Marker::new().color(colour)))
        }
        Kind::Histogram { values, width } => {
            let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(l, h), &v| (l.min(v), h.max(v)));
            let start = (low / width).round() * width - width / 2.0;
            placed!(
                Histogram::new(values.clone())
                    .x_bins(Bins::new(start, high + width, *width))
                    .hist_norm(HistNorm::Percent)
                    .opacity(0.65)
                    .marker(Marker::new().color(colour))
            )
        }
        Kind::Box { values } => {
            placed!(BoxPlot::new(values.clone()).marker(Marker::new().color(colour).size(4)))
        }
        Kind::Heat { x, y, z } => {
            // plotly counts categories upwards: reversed, the first row is on top.
            let (y, z) = (y.iter().rev().cloned().collect(), z.iter().rev().cloned().collect());
            let heat = HeatMap::new(x.clone(), y, z);
            placed!(heat.color_scale(ColorScale::Palette(ColorScalePalette::Viridis)))
        }
    }
}

/// The moved points of one step: the last `points.len()` of the `drawn` traces so far.
fn frame(step: &Step, drawn: usize) -> Frame {
    let mut data = Traces::new();
    for (x, y) in &step.points {
        data.push(Scatter::new(x.clone(), y.clone()));
    }
    Frame::new().name(&step.label).data(data).traces((drawn - step.points.len()..drawn).collect())
}

fn layout(chart: &Chart, slides: &[&Step]) -> Layout {
    let mut shapes = Vec::new();
    let mut notes = Vec::new();
    for (index, panel) in chart.panels.iter().enumerate() {
        shapes.extend(panel.rules.iter().map(|rule| shape(rule, index)));
        // Each upright line's label one step lower than the last, so that lines close together stay readable.
        let mut upright = 0;
        for rule in &panel.rules {
            notes.push(note(rule, index, panel, upright));
            upright += usize::from(rule.vertical);
        }
        if !panel.title.is_empty() {
            notes.push(panel_title(panel, index));
        }
    }
    let overlaid = chart.panels.iter().flat_map(|panel| &panel.marks);
    let histograms = overlaid.filter(|mark| matches!(mark.kind, Kind::Histogram { .. })).count();
    let mut layout = Layout::new()
        .title(chart.title.as_str())
        .paper_background_color(CLEAR)
        .plot_background_color(CLEAR)
        .bar_mode(if histograms > 1 { BarMode::Overlay } else { BarMode::Group })
        .margin(Margin::new().left(70).right(20).top(70).bottom(60))
        .height(if slides.is_empty() { 440 } else { 540 })
        .shapes(shapes)
        .annotations(notes);
    let width = (1.0 + GAP) / chart.panels.len() as f64 - GAP;
    for (index, panel) in chart.panels.iter().enumerate() {
        let left = index as f64 * (width + GAP);
        let mut x = axis(&panel.x).domain(&[left, left + width]).anchor(axis_name('y', index));
        // Otherwise plotly reads labels such as "15.2288" as numbers.
        if panel.marks.iter().any(|mark| matches!(mark.kind, Kind::Bars { .. })) {
            x = x.type_(AxisType::Category);
        }
        let y = axis(&panel.y).anchor(axis_name('x', index));
        if panel.equal {
            x = x.scale_anchor(axis_name('y', index)).constrain(plotly::layout::AxisConstrain::Domain);
        }
        layout = place(layout, index, x, y);
    }
    if slides.is_empty() { layout } else { layout.sliders(vec![slider(slides)]).update_menus(vec![play()]) }
}

/// Sets the axes of one panel; plotly's layout has eight pairs.
fn place(layout: Layout, panel: usize, x: Axis, y: Axis) -> Layout {
    match panel {
        0 => layout.x_axis(x).y_axis(y),
        1 => layout.x_axis2(x).y_axis2(y),
        2 => layout.x_axis3(x).y_axis3(y),
        3 => layout.x_axis4(x).y_axis4(y),
        4 => layout.x_axis5(x).y_axis5(y),
        5 => layout.x_axis6(x).y_axis6(y),
        6 => layout.x_axis7(x).y_axis7(y),
        _ => layout.x_axis8(x).y_axis8(y),
    }
}

fn axis(scale: &Scale) -> Axis {
    let mut axis =
        Axis::new().title(scale.name.as_str()).auto_margin(true).grid_color("rgba(128,128,128,0.25)");
    if scale.log {
        // Not 10n and 100µ; and powers of ten only from three decades on, where 2 and 5 would touch their neighbours.
        axis = axis.type_(AxisType::Log).exponent_format(ExponentFormat::Power).n_ticks(4);
    }
    if let Some((low, high)) = scale.range {
        axis = axis.range(AxisRange::new(on(scale, low), on(scale, high)));
    }
    axis.zero_line(false)
}

/// A position in the unit that plotly wants for ranges and annotations: its logarithm on a log axis.
fn on(scale: &Scale, at: f64) -> f64 {
    if scale.log { at.log10() } else { at }
}

fn shape(rule: &Rule, panel: usize) -> Shape {
    let (x, y) = (axis_name('x', panel), axis_name('y', panel));
    let line = ShapeLine::new().color(QUIET).width(1.5).dash(DashType::Dash);
    let shape = Shape::new().shape_type(ShapeType::Line).line(line);
    if rule.vertical {
        shape.x_ref(x).x0(rule.at).x1(rule.at).y_ref(format!("{y} domain")).y0(0.0).y1(1.0)
    } else {
        shape.x_ref(format!("{x} domain")).x0(0.0).x1(1.0).y_ref(y).y0(rule.at).y1(rule.at)
    }
}

/// A line's label: beside the top of an upright one, on the left end of a flat one, where falling curves are far away.
fn note(rule: &Rule, panel: usize, axes: &Panel, line: usize) -> Annotation {
    let (x, y) = (axis_name('x', panel), axis_name('y', panel));
    let note = Annotation::new().text(rule.label.as_str()).show_arrow(false);
    if rule.vertical {
        note.x_ref(x)
            .x(on(&axes.x, rule.at))
            .x_anchor(Anchor::Left)
            .x_shift(4.0)
            .y_ref(format!("{y} domain"))
            .y(1.0 - 0.07 * line as f64)
    } else {
        let left = note.x_ref(format!("{x} domain")).x(0.0).x_anchor(Anchor::Left).x_shift(4.0);
        left.y_ref(y).y(on(&axes.y, rule.at)).y_anchor(Anchor::Bottom)
    }
}

fn panel_title(panel: &Panel, index: usize) -> Annotation {
    let (x, y) = (axis_name('x', index), axis_name('y', index));
    let note = Annotation::new().text(panel.title.as_str()).show_arrow(false);
    let centred = note.x_ref(format!("{x} domain")).x(0.5).x_anchor(Anchor::Center);
    centred.y_ref(format!("{y} domain")).y(1.0).y_anchor(Anchor::Bottom).y_shift(6.0)
}

/// An animation at once, or over half a second a step.
fn animation(frames: Option<String>) -> Animation {
    let millis = if frames.is_some() { 0 } else { 400 };
    let options = AnimationOptions::new()
        .mode(AnimationMode::Immediate)
        .frame(FrameSettings::new().duration(millis).redraw(false))
        .transition(TransitionSettings::new().duration(millis));
    frames.map_or_else(Animation::all_frames, |name| Animation::frames(vec![name])).options(options)
}

fn slider(slides: &[&Step]) -> Slider {
    let steps = slides.iter().filter_map(|step| {
        let animation = animation(Some(step.label.clone()));
        SliderStepBuilder::new().label(step.label.as_str()).animation(animation).build().ok()
    });
    Slider::new()
        .active(0)
        .steps(steps.collect())
        .current_value(SliderCurrentValue::new().prefix("").visible(true))
        .x(0.12)
        .length(0.88)
        .y(-0.18)
}

fn play() -> UpdateMenu {
    let button = |label: &str, animation| ButtonBuilder::new().label(label).animation(animation).build();
    let buttons = [button("Play", animation(None)), button("Pause", Animation::pause())];
    UpdateMenu::new()
        .ty(UpdateMenuType::Buttons)
        .direction(UpdateMenuDirection::Down)
        .show_active(false)
        .buttons(buttons.into_iter().flatten().collect())
        .x(0.0)
        .x_anchor(Anchor::Left)
        .y(-0.18)
}

/// Rounds every float to six significant digits; exact integers lose their point.
fn round(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(round),
        Value::Object(fields) => fields.values_mut().for_each(round),
        Value::Number(number) => {
            if let Some(float) = number.as_f64().filter(|_| number.is_f64()) {
                *value = compact(float);
            }
        }
        _ => {}
    }
}

fn compact(float: f64) -> Value {
    let rounded: f64 = format!("{float:.5e}").parse().unwrap_or(float);
    if rounded.fract() == 0.0 && rounded.abs() < 1e15 {
        #[allow(clippy::cast_possible_truncation)] // a whole number below 1e15
        return json!(rounded as i64);
    }
    json!(rounded)
}
