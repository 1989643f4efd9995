// Cells as plotly's book for Rust writes them, run by ../test_guides.py as those of Polars are: no type is written down.

// %%
:dep lab-core = { path = "../lab-core", features = ["notebook"] }
use lab_core::prelude::*;
use plotly::{Bar, BoxPlot, Candlestick, Contour, HeatMap, Histogram, Layout, Mesh3D, Ohlc, Pie, Plot, Sankey, Scatter, Scatter3D, ScatterPolar, Surface};
use plotly::common::{ColorScale, ColorScalePalette, DashType, Fill, Font, Line, LineShape, Marker, MarkerSymbol, Mode, Orientation, Title};
use plotly::layout::{Annotation, BarMode, GridPattern, LayoutGrid, Legend, Margin, Shape, ShapeLine, ShapeType, TraceOrder};

// %% Basic charts: scatter and line
let trace1 = Scatter::new(vec![1, 2, 3, 4], vec![10, 15, 13, 17]).name("trace1").mode(Mode::Markers);
let trace2 = Scatter::new(vec![2, 3, 4, 5], vec![16, 5, 11, 9]).name("trace2").mode(Mode::Lines);
let trace3 = Scatter::new(vec![1, 2, 3, 4], vec![12, 9, 15, 12]).name("trace3");
let mut plot = Plot::new();
plot.add_trace(trace1);
plot.add_trace(trace2);
plot.add_traces(vec![trace3]);
plot.set_layout(Layout::new().title("Line and Scatter Plot"));
plot
//> application/vnd.plotly.v1+json

// %%
let layout = Layout::new()
    .title(Title::with_text("Styled"))
    .x_axis(plotly::layout::Axis::new().title("Year").range(vec![0.0, 6.0]).show_grid(false))
    .y_axis(plotly::layout::Axis::new().title("Value").zero_line(true))
    .legend(Legend::new().trace_order(TraceOrder::Reversed))
    .margin(Margin::new().left(40).top(40));
let styled = Scatter::new(vec![1.0, 2.0, 3.0], vec![2.0, 4.0, 8.0]).line(Line::new().shape(LineShape::Spline).dash(DashType::Dot).width(2.5)).marker(Marker::new().size(9).symbol(MarkerSymbol::Diamond).color("#1f77b4"));
let mut plot = Plot::new();
plot.add_trace(styled.clone());
plot.set_layout(layout.clone());
plot.to_json().contains("Styled")
//> true

// %% Bars
let animals = vec!["giraffes", "orangutans", "monkeys"];
let zoo1 = Bar::new(animals.clone(), vec![20, 14, 23]).name("SF Zoo");
let zoo2 = Bar::new(animals, vec![12, 18, 29]).name("LA Zoo").orientation(Orientation::Vertical);
let stacked = Layout::new().bar_mode(BarMode::Stack);
let mut plot = Plot::new();
plot.add_trace(zoo1);
plot.add_trace(zoo2);
plot.set_layout(stacked);
plot
//> SF Zoo

// %% Pie and Sankey
let pie = Pie::new(vec![19, 26, 55]).labels(vec!["Residential", "Non-Residential", "Utility"]).hole(0.4);
let sankey = Sankey::new().node(plotly::sankey::Node::new().label(vec!["A1", "A2", "B1"])).link(plotly::sankey::Link::new().source(vec![0, 1]).target(vec![2, 2]).value(vec![8, 4]));
let mut plot = Plot::new();
plot.add_trace(pie);
let mut flow = Plot::new();
flow.add_trace(sankey);
flow
//> sankey

// %% Scientific charts
let z = vec![vec![10.0, 10.625, 12.5], vec![5.625, 6.25, 8.125], vec![2.5, 3.125, 5.0]];
let heat = HeatMap::new_z(z.clone()).color_scale(ColorScale::Palette(ColorScalePalette::Viridis));
let contour = Contour::new_z(z.clone());
let grid = HeatMap::new(vec!["a", "b", "c"], vec!["x", "y", "z"], z.clone());
let mut plot = Plot::new();
plot.add_trace(contour);
plot
//> contour

// %% Financial charts
let days = vec!["2017-01-17", "2017-01-18", "2017-01-19"];
let candles = Candlestick::new(days.clone(), vec![118.3, 120.0, 119.4], vec![120.2, 120.5, 120.1], vec![118.2, 119.7, 119.4], vec![120.0, 119.9, 119.8]);
let bars = Ohlc::new(days, vec![1.0, 2.0, 3.0], vec![2.0, 3.0, 4.0], vec![0.5, 1.5, 2.5], vec![1.5, 2.5, 3.5]);
let mut plot = Plot::new();
plot.add_trace(candles);
plot
//> candlestick

// %% Subplots, shapes and annotations
let left = Scatter::new(vec![1, 2, 3], vec![4, 5, 6]).name("left");
let right = Scatter::new(vec![20, 30, 40], vec![50, 60, 70]).name("right").x_axis("x2").y_axis("y2");
let grid = Layout::new().grid(LayoutGrid::new().rows(1).columns(2).pattern(GridPattern::Independent));
let marked = grid
    .shapes(vec![Shape::new().shape_type(ShapeType::Line).x0(1).x1(3).y0(4).y1(6).line(ShapeLine::new().color("red"))])
    .annotations(vec![Annotation::new().text("here").x(2.0).y(5.0).show_arrow(true)]);
let mut plot = Plot::new();
plot.add_trace(left);
plot.add_trace(right);
plot.set_layout(marked);
plot
//> here

// %% A chart of a frame
let frame = df!("x" => [1.0, 2.0, 3.0], "y" => [2.0, 3.0, 5.0])?;
let [x, y] = ["x", "y"].map(|name| frame.column(name).unwrap().f64().unwrap().into_no_null_iter().collect::<Vec<_>>());
let trace = Scatter::new(x, y);
let mut plot = Plot::new();
plot.add_trace(trace);
plot
//> application/vnd.plotly.v1+json

// %% Statistical charts
let samples = (0..200).map(|i| (i as f64 * 12.9898).sin() * 3.0).collect::<Vec<_>>();
let histogram = Histogram::new(samples.clone()).name("h").n_bins_x(20).opacity(0.75);
let mut plot = Plot::new();
plot.add_trace(histogram);
plot.set_layout(Layout::new().bar_mode(BarMode::Overlay).title("Histogram"));
plot
//> "displaylogo": false
//> Histogram - 1 trace

// %%
let boxes = BoxPlot::new(samples.clone()).name("y").box_points(plotly::box_plot::BoxPoints::All).jitter(0.3).point_pos(-1.8);
let grouped = BoxPlot::new_xy(vec!["a", "a", "b", "b"], vec![1.0, 2.0, 3.0, 4.0]);
let mut plot = Plot::new();
plot.add_traces(vec![boxes]);
plot.add_trace(grouped);
plot
//> box

// %% 3D charts
let t = (0..50).map(|i| f64::from(i) / 5.0).collect::<Vec<_>>();
let spiral = Scatter3D::new(t.iter().map(|t| t.cos()).collect(), t.iter().map(|t| t.sin()).collect(), t.clone()).mode(Mode::Markers);
let surface = Surface::new(vec![vec![1.0, 2.0], vec![3.0, 5.0]]).x(vec![0.0, 1.0]).y(vec![0.0, 1.0]).color_scale(ColorScale::Palette(ColorScalePalette::Viridis)).show_scale(true);
let mut plot = Plot::new();
plot.add_trace(spiral);
plot.add_trace(surface);
plot.set_layout(Layout::new().scene(plotly::layout::LayoutScene::new().x_axis(plotly::layout::Axis::new().title("x"))));
plot
//> scatter3d

// %% Polar charts and tables
let polar = ScatterPolar::new(vec![0.0, 45.0, 90.0], vec![1.0, 2.0, 3.0]).mode(Mode::Lines).fill(Fill::ToSelf);
let table = plotly::Table::new(plotly::traces::table::Header::new(vec!["A", "B"]), plotly::traces::table::Cells::new(vec![vec![1, 2], vec![3, 4]]));
let mut plot = Plot::new();
plot.add_trace(polar);
let mut sheet = Plot::new();
sheet.add_trace(table);
plot.to_json().contains("scatterpolar") && sheet.to_json().contains("cells")
//> true

// %% Several axes and error bars
let bars = Bar::new(vec!["x", "y"], vec![3, 5]).error_y(plotly::common::ErrorData::new(plotly::common::ErrorType::Percent).value(5.0));
let second = Scatter::new(vec!["x", "y"], vec![40, 50]).y_axis("y2").name("yaxis2 data");
let layout = Layout::new().y_axis2(plotly::layout::Axis::new().title("second").overlaying("y").side(plotly::common::AxisSide::Right).color(plotly::color::NamedColor::Red)).font(Font::new().size(14)).width(600).height(400);
let mut plot = Plot::new();
plot.add_traces(vec![bars]);
plot.add_trace(second);
plot.set_layout(layout);
plot
//> yaxis2 data

// %% Heat maps and contours with settings
let x = (0..20).map(f64::from).collect::<Vec<_>>();
let z = x.iter().map(|a| x.iter().map(|b| (a * b).sqrt()).collect::<Vec<_>>()).collect::<Vec<_>>();
let contour = Contour::new(x.clone(), x.clone(), z.clone()).contours(plotly::contour::Contours::new().start(0.0).end(20.0).size(2.0)).auto_contour(false);
let mesh = Mesh3D::new(vec![0.0, 1.0, 2.0, 0.0], vec![0.0, 0.0, 1.0, 2.0], vec![0.0, 2.0, 0.0, 1.0], Some(vec![0, 0, 0, 1]), Some(vec![1, 2, 3, 2]), Some(vec![2, 3, 1, 3]));
let mut plot = Plot::new();
plot.add_trace(contour);
let json = plot.to_json();
json.contains("\"autocontour\":false")
//> true
