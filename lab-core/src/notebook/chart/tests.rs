//! What a chart must say, refuse and emit.

use ndarray::array;
use serde_json::json;

use super::*;
use crate::data::Labelled;
use crate::matrix::Matrix;

const LABELS: Labels<'static> = Labels { title: "T", x: "epoch", y: "loss (cm²)", about: "It falls." };

fn rows() -> Labelled {
    let words = |words: [&str; 2]| words.map(str::to_owned).to_vec();
    let x = array![[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]];
    Labelled { x, y: vec![0, 1, 0], classes: words(["setosa", "virginica"]), features: words(["a", "b"]) }
}

#[test]
fn a_chart_says_what_it_shows() {
    let chart = Chart::new(LABELS).line("GD", 0..3, [3.0, 2.0, 1.0]);
    let json = chart.json().unwrap();
    assert_eq!(json["layout"]["meta"]["description"], "It falls.");
    assert_eq!(json["layout"]["title"]["text"], "T");
    assert_eq!(json["layout"]["yaxis"]["title"]["text"], "loss (cm²)");
    assert_eq!(json["config"]["responsive"], true);
    assert!(json.get("frames").is_none());
    let bundle = chart.bundle();
    assert_eq!(bundle.get("text/plain"), Some("T - It falls."));
    assert!(bundle.get("application/vnd.plotly.v1+json").is_some());
    assert!(bundle.get("image/svg+xml").is_some_and(|svg| svg.contains("<desc>It falls.</desc>")));
}

#[test]
fn a_chart_without_words_or_data_is_refused() {
    for labels in [
        Labels { title: "", ..LABELS },
        Labels { x: " ", ..LABELS },
        Labels { y: "", ..LABELS },
        Labels { about: "", ..LABELS },
    ] {
        assert!(matches!(Chart::new(labels).line("GD", 0..1, [1.0]).json(), Err(Error::Param { .. })));
    }
    assert!(matches!(Chart::new(LABELS).json(), Err(Error::Empty { .. })));
}

#[test]
fn lengths_and_shapes_must_fit() {
    let chart = Chart::new(LABELS);
    assert!(chart.clone().line("GD", 0..3, [1.0]).json().is_err());
    assert!(chart.clone().bars("n", ["a"], [1.0, 2.0]).json().is_err());
    assert!(chart.clone().histogram("n", [1.0], 0.0).json().is_err());
    assert!(chart.clone().points("n", [1.0], [1.0]).hover(["a", "b"]).json().is_err());
    assert!(chart.clone().line("n", [1.0], [1.0]).hover(["a"]).json().is_err());
    assert!(chart.clone().band("n", 0..2, [1.0, 2.0], [1.0]).json().is_err());
    assert!(chart.clone().contour("n", 0..2, 0..3, &Matrix::zeros((2, 3))).json().is_err());
    assert!(chart.clone().contour("n", [1.0, 0.0], 0..2, &Matrix::zeros((2, 2))).json().is_err());
    assert!(chart.clone().contour("n", 0..2, 0..2, &Matrix::from_elem((2, 2), f64::NAN)).json().is_err());
    assert!(chart.clone().bars("n", ["a"], [1.0]).line("m", 0..2, [1.0, 2.0]).json().is_err());
    assert!(chart.clone().line("n", 0..2, [1.0, 2.0]).x_range(2.0, 1.0).json().is_err());
    assert!(chart.clone().line("n", 0..2, [1.0, 2.0]).log_y().y_range(0.0, 1.0).json().is_err());
    assert!(chart.clone().classes(&Matrix::zeros((2, 2)), &rows()).json().is_err());
    assert!(chart.clone().heat("n", ["a"], ["b"], &Matrix::zeros((2, 1))).json().is_err());
    assert!(chart.moving_classes(Vec::<(String, Matrix)>::new(), &rows()).json().is_err());
}

#[test]
fn hover_names_row_and_class() {
    let json = Chart::new(LABELS).classes(&rows().x, &rows()).json().unwrap();
    assert_eq!(json["data"][0]["text"], serde_json::json!(["row 1, setosa", "row 3, setosa"]));
    assert_eq!(json["data"][1]["x"], serde_json::json!([2]));
}

#[test]
fn a_slider_has_a_frame_for_each_step_on_fixed_axes() {
    let steps = [("epoch 0", rows().x), ("epoch 9", 2.0 * rows().x)];
    let json = Chart::new(LABELS).moving_classes(steps, &rows()).json().unwrap();
    assert_eq!(json["frames"].as_array().unwrap().len(), 2);
    assert_eq!(json["frames"][1]["name"], "epoch 9");
    assert_eq!(json["frames"][1]["traces"], serde_json::json!([0, 1]));
    assert_eq!(json["frames"][1]["data"][1]["y"], serde_json::json!([6]));
    assert_eq!(json["layout"]["sliders"][0]["steps"].as_array().unwrap().len(), 2);
    assert_eq!((&json["layout"]["sliders"][0]["active"], &json["data"][1]["y"][0]), (&1.into(), &6.into()));
    assert_eq!(json["layout"]["xaxis"]["range"], serde_json::json!([-0.4, 8.4]));
}

#[test]
fn panels_share_their_legend_and_have_their_own_axes() {
    let left = Chart::new(LABELS).classes(&rows().x, &rows());
    let right = Chart::new(Labels { title: "R", ..LABELS }).classes(&rows().x, &rows());
    let json =
        Chart::side_by_side("Both", "Two clouds.", [left, right.horizontal(1.0, "one")]).json().unwrap();
    assert_eq!(json["data"].as_array().unwrap().len(), 4);
    assert_eq!(json["data"][0]["showlegend"], true);
    assert_eq!(json["data"][2]["showlegend"], false);
    assert_eq!(json["data"][2]["xaxis"], "x2");
    assert_eq!(json["layout"]["xaxis2"]["domain"], serde_json::json!([0.56, 1]));
    assert_eq!(json["layout"]["shapes"][0]["yref"], "y2");
}

#[test]
fn there_may_be_many_panels_in_rows_of_three() {
    let panel = |_| Chart::new(LABELS).line("loss", 0..2, [2, 1]);
    let json = Chart::side_by_side("Many", "Ten panels.", (0..10).map(panel)).json().unwrap();
    assert_eq!(json["data"][9]["xaxis"], "x10");
    assert_eq!(json["layout"]["xaxis10"]["anchor"], "y10");
    assert_eq!(json["layout"]["yaxis10"]["domain"][0], 0);
}

#[test]
fn bins_boxes_and_levels_are_counted_here() {
    let bars = Chart::new(LABELS).histogram("n", [0.0, 0.9, 1.1, 5.0], 1.0).json().unwrap();
    assert_eq!((&bars["data"][0]["x"], &bars["data"][0]["y"]), (&json!([0, 1, 5]), &json!([25, 50, 25])));
    let boxed = Chart::new(LABELS).boxed("n", [1, 2, 3, 4, 50]).json().unwrap();
    assert_eq!((&boxed["data"][0]["upperfence"], &boxed["data"][0]["y"]), (&json!([4]), &json!([[50]])));
    let without = Chart::new(LABELS).boxed("n", [1, 2, 3, 4]).json().unwrap();
    assert!(without["data"][0].get("y").is_none(), "plotly draws no box beside an empty list of outliers");
    let hill = Chart::new(LABELS).contour("n", 0..2, 0..2, &array![[0.0, 1.0], [2.0, 10.0]]).json().unwrap();
    assert_eq!(hill["data"][0]["contours"], json!({ "start": 0, "end": 10, "size": 1 }));
}

#[test]
fn panels_give_every_name_a_colour_of_its_own() {
    let left = Chart::new(LABELS).line("loss", 0..2, [2.0, 1.0]);
    let right = Chart::new(LABELS).line("accuracy", 0..2, [0.1, 0.2]).line("loss", 0..2, [2.0, 1.0]);
    let json = Chart::side_by_side("Both", "Two curves.", [left, right]).json().unwrap();
    let colour = |trace: usize| json["data"][trace]["line"]["color"].clone();
    assert_ne!(colour(0), colour(1));
    assert_eq!(colour(0), colour(2));
}

#[test]
fn labels_of_bars_stay_words_and_those_of_lines_apart() {
    let chart = Chart::new(LABELS).bars("runs", ["15.2288", "more"], [1.0, 2.0]);
    let json = chart.vertical(0.0, "one").vertical(0.1, "two").json().unwrap();
    assert_eq!(json["layout"]["xaxis"]["type"], "category");
    assert_ne!(json["layout"]["annotations"][0]["y"], json["layout"]["annotations"][1]["y"]);
    let near =
        Chart::new(LABELS).line("a", 0..11, 0..11).vertical(7.0, "one").vertical(7.5, "two").json().unwrap();
    let anchors = [0, 1].map(|note| near["layout"]["annotations"][note]["xanchor"].clone());
    assert_eq!(anchors, ["right", "left"], "labels of lines close together stand on their outer sides");
}

#[test]
fn numbers_are_rounded_and_log_axes_place_labels_by_logarithm() {
    let chart = Chart::new(LABELS).line("GD", 1..3, [1.0 / 3.0, 100.0]).log_y().horizontal(100.0, "SVD");
    let json = chart.json().unwrap();
    assert_eq!(json["data"][0]["y"], serde_json::json!([0.333_333, 100]));
    assert_eq!(json["layout"]["shapes"][0]["y0"], 100);
    assert_eq!(json["layout"]["annotations"][0]["y"], 2);
    let heat = Chart::new(LABELS).heat("n", ["a", "b"], ["c"], &array![[1.0], [2.0]]).json().unwrap();
    assert_eq!(heat["data"][0]["y"], serde_json::json!(["b", "a"]));
    assert_eq!(heat["data"][0]["z"], serde_json::json!([[2], [1]]));
}
