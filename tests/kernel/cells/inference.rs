// Variables whose types evcxr must infer as rustc does, a statement each: see ../test_guides.py.

// %%
:dep lab-core = { path = "../lab-core", features = ["notebook"] }
use lab_core::prelude::*;
use polars::prelude::*;
let df = df!("a" => [1, 2, 3, 4], "b" => [1.5, 2.5, 3.5, 4.5], "c" => ["x", "y", "x", "z"], "d" => [true, false, true, false])?;

// %% Frames
let shape = df.shape();
let height = df.height();
let schema = df.schema().clone();
let field = schema.get("a").cloned();
let names = df.get_column_names_owned();
let kinds = df.dtypes();
let column = df.column("a")?.clone();
let columns = df.columns().to_vec();
let selected = df.select(["a", "b"])?;
let picked = df.select_at_idx(0).cloned();
let sorted = df.sort(["b"], SortMultipleOptions::default())?;
let head = df.head(None);
let nulls = df.null_count();
let unique = df.unique_stable(None, UniqueKeepStrategy::Any, None)?;
let (left, right) = df.split_at(2);
let size = df.estimated_size();
let index = df.get_column_index("b");
let reversed = df.reverse();

// %% Columns and series
let series = df.column("a")?.as_materialized_series().clone();
let floats = df.column("b")?.f64()?.clone();
let strings = df.column("c")?.str()?.clone();
let flags = df.column("d")?.bool()?.clone();
let mask = floats.gt(2.0);
let both = &mask & &flags;
let filtered = df.filter(&both)?;
let sum = series.sum::<i32>()?;
let mean = series.mean();
let least = series.min::<i32>()?;
let first = series.get(0)?.into_static();
let added = (&series + &series)?;
let scaled = &floats * 2.0;
let texts = strings.iter().flatten().map(str::to_owned).collect::<Vec<_>>();
let values = floats.into_no_null_iter().collect::<Vec<_>>();
let options = floats.iter().collect::<Vec<_>>();
let total = floats.sum();
let cast = series.cast(&DataType::Float64)?;
let counted = series.len();
let order = series.arg_sort(SortOptions::default());
let taken = df.take(&order)?;

// %% Expressions and lazy frames
let expression = col("a") + lit(1);
let renamed = expression.clone().alias("next");
let condition = col("b").gt(lit(2)).and(col("c").eq(lit("x")));
let chosen = when(condition.clone()).then(lit(1)).otherwise(lit(0)).alias("chosen");
let text = col("c").str().to_uppercase();
let lazy = df.clone().lazy();
let query = lazy.clone().filter(condition).select([renamed, col("b")]);
let grouped = lazy.clone().group_by([col("c")]);
let means = grouped.agg([col("b").mean(), len()]);
let collected = means.collect()?;
let joined = lazy.clone().join(lazy.clone(), [col("a")], [col("a")], JoinArgs::new(JoinType::Inner));
let plan = joined.explain(false)?;
let together = concat([lazy.clone(), lazy.clone()], UnionArgs::default())?;
let options = CsvReadOptions::default().with_has_header(true);
let every = Duration::parse("1d");
let kind = DataType::Datetime(TimeUnit::Milliseconds, None);
let selector = all();

// %% plotly
let trace = plotly::Scatter::new(vec![1, 2], vec![1.0, 2.0]);
let boxed = trace.clone().mode(plotly::common::Mode::Lines).name("line");
let bars = plotly::Bar::new(vec!["a", "b"], vec![1, 2]);
let line = plotly::common::Line::new().width(2.0);
let marker = plotly::common::Marker::new().size(3);
let axis = plotly::layout::Axis::new().title("x");
let layout = plotly::Layout::new().title("t").x_axis(axis.clone());
let plot = plotly::Plot::new();
let json = plot.to_json();

// %% The rest of the prebuilt crates
:dep chrono = "0.4"
let day = chrono::NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
let weekday = chrono::Datelike::weekday(&day);
let later = day + chrono::Duration::days(1);
let span = later - day;
