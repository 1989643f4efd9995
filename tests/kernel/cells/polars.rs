// Cells as Polars' user guide writes them, run in the kernel "Rust (lab)" by ../test_guides.py: no type is written down.
// A line that begins with two slashes and `%%` begins a cell; `//> text` asks that what the cell shows or prints contains the text.

// %%
:dep lab-core = { path = "../lab-core", features = ["notebook"] }
:dep chrono = "0.4"
use lab_core::prelude::*;
use polars::prelude::*;
use chrono::prelude::*;

// %% Getting started: reading and writing
let mut people = df!(
    "name" => ["Alice Archer", "Ben Brown", "Chloe Cooper", "Daniel Donovan"],
    "birthdate" => [
        NaiveDate::from_ymd_opt(1997, 1, 10).unwrap(),
        NaiveDate::from_ymd_opt(1985, 2, 15).unwrap(),
        NaiveDate::from_ymd_opt(1983, 3, 22).unwrap(),
        NaiveDate::from_ymd_opt(1981, 4, 30).unwrap(),
    ],
    "weight" => [57.9, 72.5, 53.6, 83.1],
    "height" => [1.56, 1.77, 1.65, 1.75],
)?;
people.clone()
//> Alice Archer
//> text/html

// %%
let path = std::env::temp_dir().join(format!("lab-guide-{}.csv", std::process::id()));
let mut file = std::fs::File::create(&path)?;
CsvWriter::new(&mut file).include_header(true).with_separator(b',').finish(&mut people)?;
drop(file);
std::fs::read_to_string(&path)?.lines().next().unwrap().to_owned()
//> name,birthdate,weight,height

// %%
let read = CsvReadOptions::default()
    .with_infer_schema_length(None)
    .with_has_header(true)
    .with_parse_options(CsvParseOptions::default().with_try_parse_dates(true))
    .try_into_reader_with_file_path(Some(path.clone()))?
    .finish()?;
(read.shape(), read.column("birthdate")?.dtype().to_string())
//> ((4, 4), "date")

// %% Getting started: expressions
let result = people
    .clone()
    .lazy()
    .select([
        col("name"),
        col("birthdate").dt().year().alias("birth_year"),
        (col("weight") / col("height").pow(2)).alias("bmi"),
    ])
    .collect()?;
result.column("birth_year")?.get(0)?.to_string()
//> 1997

// %%
let query = people.clone().lazy().with_columns([
    col("birthdate").dt().year().alias("birth_year"),
    (col("weight") / col("height").pow(2)).alias("bmi"),
]);
query.clone()
//> a query that has not run
//> WITH_COLUMNS

// %%
let older = query.filter(col("birthdate").lt(lit(NaiveDate::from_ymd_opt(1990, 1, 1).unwrap()))).collect()?;
older.height()
//> 3

// %%
let between = people
    .clone()
    .lazy()
    .filter(
        col("birthdate")
            .is_between(
                lit(NaiveDate::from_ymd_opt(1982, 12, 31).unwrap()),
                lit(NaiveDate::from_ymd_opt(1996, 1, 1).unwrap()),
                ClosedInterval::Both,
            )
            .and(col("height").gt(lit(1.7))),
    )
    .collect()?;
between.height()
//> 1

// %%
let decades = people
    .clone()
    .lazy()
    .group_by_stable([(col("birthdate").dt().year() / lit(10) * lit(10)).alias("decade")])
    .agg([len().alias("sample_size"), col("weight").mean().round(2, RoundMode::default()).alias("avg_weight"), col("height").max().alias("tallest")])
    .collect()?;
decades.shape()
//> (2, 4)

// %%
let more = df!("name" => ["Ben Brown", "Daniel Donovan"], "parent" => [true, false])?;
let joined = people.clone().lazy().join(more.clone().lazy(), [col("name")], [col("name")], JoinArgs::new(JoinType::Left)).collect()?;
(joined.shape(), joined.column("parent")?.null_count())
//> ((4, 5), 2)

// %%
let others = df!("name" => ["Ethan Edwards"], "weight" => [67.9])?;
let names = concat([people.clone().lazy().select([col("name")]), others.clone().lazy().select([col("name")])], UnionArgs::default())?.collect()?;
let diagonal = concat_lf_diagonal([people.clone().lazy(), others.clone().lazy()], UnionArgs::default())?.collect()?;
(names.height(), diagonal.shape())
//> (5, (5, 4))

// %% Concepts: data types and structures
let s = Series::new("ints".into(), &[1, 2, 3, 4, 5]);
let doubled = &s * 2;
let total = s.sum::<i64>()?;
(s.dtype().to_string(), doubled.len(), total, s.mean())
//> ("i32", 5, 15, Some(3.0))

// %%
let schema = people.schema().clone();
let names = people.get_column_names_owned();
let kinds = people.dtypes();
(schema.len(), names.len(), kinds[2].to_string())
//> (4, 4, "f64")

// %%
let head = people.head(Some(2));
let tail = people.tail(Some(1));
let slice = people.slice(1, 2);
let one = people.column("weight")?.f64()?.get(1);
(head.height(), tail.height(), slice.height(), one)
//> (2, 1, 2, Some(72.5))

// %%
people.describe()?
//> null_count

// %% Expressions: basic operations
let numbers = df!("nrs" => [Some(1), Some(2), Some(3), None, Some(5)], "names" => ["foo", "ham", "spam", "egg", "spam"], "random" => [0.3, 0.7, 0.1, 0.9, 0.5], "groups" => ["A", "A", "B", "A", "B"])?;
let basic = numbers.clone().lazy().select([(col("nrs") + lit(5)).alias("nrs + 5"), (col("nrs") * col("random")).alias("product"), col("nrs").gt(lit(1)).alias("above"), col("names").n_unique().alias("unique")]).collect()?;
basic.width()
//> 4

// %%
let branches = numbers.clone().lazy().select([col("nrs"), when((col("nrs") % lit(2)).eq(lit(1))).then(lit(3) * col("nrs") + lit(1)).otherwise(col("nrs") / lit(2)).alias("Collatz")]).collect()?;
branches.column("Collatz")?.i32()?.get(2)
//> Some(10)

// %%
let cast = numbers.clone().lazy().select([col("nrs").cast(DataType::Float64), col("random").cast(DataType::String).alias("text"), col("nrs").fill_null(lit(0)).alias("filled")]).collect()?;
let strict = numbers.clone().lazy().select([col("names").strict_cast(DataType::Int32)]).collect();
(cast.dtypes().iter().map(|d| d.to_string()).collect::<Vec<_>>(), strict.is_err())
//> (["f64", "str", "i32"], true)

// %% Expressions: strings
let fruit = df!("fruit" => [Some("pear"), None, Some("papaya"), Some("dragonfruit")], "price" => [1.5, 2.0, 3.25, 4.0])?;
let strings = fruit
    .clone()
    .lazy()
    .select([
        col("fruit"),
        col("fruit").str().starts_with(lit("p")).alias("starts_with_p"),
        col("fruit").str().contains(lit("p..r"), true).alias("p..r"),
        col("fruit").str().len_chars().alias("chars"),
        col("fruit").str().to_uppercase().alias("upper"),
        col("fruit").str().extract(lit("(r.)"), 1).alias("extract"),
        col("fruit").str().replace_all(lit("a"), lit("o"), true).alias("replaced"),
        col("fruit").str().slice(lit(0), lit(2)).alias("slice"),
    ])
    .collect()?;
strings.column("upper")?.str()?.get(2)
//> PAPAYA

// %% Input and output: a query that reads a file
let q = LazyCsvReader::new(PlRefPath::new(path.to_str().unwrap())).with_has_header(true).finish()?;
let tall = q.clone().filter(col("height").gt(lit(1.6)));
let sizes = tall.clone().group_by([col("height").gt(lit(1.7)).alias("very")]).agg([col("weight").mean()]);
(tall.collect()?.height(), sizes.collect()?.shape())
//> (3, (2, 2))

// %%
let bytes = std::fs::read(&path)?;
let cursor = std::io::Cursor::new(bytes);
let parsed = CsvReadOptions::default().with_has_header(true).into_reader_with_file_handle(cursor).finish()?;
parsed.shape()
//> (4, 4)

// %%
let mut buffer = Vec::new();
CsvWriter::new(&mut buffer).with_separator(b';').finish(&mut people.head(Some(1)))?;
let text = String::from_utf8(buffer)?;
text.lines().count()
//> 2

// %% Expressions: structs
let ratings = df!("Movie" => ["Cars", "IT", "ET", "Cars", "Up", "IT"], "Theatre" => ["NE", "ME", "IL", "NE", "NE", "SD"], "Avg_Rating" => [4.5, 4.4, 4.6, 4.3, 4.8, 4.7], "Count" => [30, 27, 26, 29, 31, 28])?;
let counts = ratings.clone().lazy().select([col("Theatre").value_counts(true, true, "count", false)]).collect()?;
let unnested = counts.clone().lazy().unnest(by_name(["Theatre"], true, false), None).collect()?;
unnested.get_column_names_owned()
//> count

// %%
let packed = ratings.clone().lazy().select([as_struct(vec![col("Movie"), col("Count")]).alias("both")]).collect()?;
let fields = packed.column("both")?.struct_()?.fields_as_series();
let movies = packed.column("both")?.struct_()?.field_by_name("Movie")?;
(fields.len(), movies.len())
//> (2, 6)

// %%
let ranked = ratings.clone().lazy().with_columns([as_struct(vec![col("Count"), col("Avg_Rating")]).rank(RankOptions { method: RankMethod::Dense, descending: true }, None).over([col("Movie"), col("Theatre")])?.alias("Rank")]).collect()?;
let repeated = ranked.lazy().filter(len().over([col("Movie"), col("Theatre")])?.gt(lit(1))).collect()?;
repeated.height()
//> 2

// %% Expressions: a function of one's own
let mapped = ratings.clone().lazy().select([as_struct(vec![col("Movie"), col("Count")]).map(|s| {
    let fields = s.struct_()?.fields_as_series();
    let sums = fields[0].str()?.iter().zip(fields[1].i32()?.iter()).map(|(a, b)| Some(a?.len() as i32 + b?)).collect::<Int32Chunked>();
    Ok(sums.into_column())
}, |_, f| Ok(Field::new(f.name().clone(), DataType::Int32))).alias("sum")]).collect()?;
mapped.column("sum")?.i32()?.get(0)
//> Some(34)

// %%
let halved = ratings.column("Count")?.i32()?.apply_values(|count| count / 2);
let squares = ratings.column("Avg_Rating")?.f64()?.apply(|rating| rating.map(|r| r * r));
let mut named = halved.clone().into_series();
named.rename("half".into());
(halved.sum(), squares.len(), named.name().to_string())
//> (Some(84), 6, "half")

// %% Expressions: window functions
let windows = ratings.clone().lazy().select([col("Movie"), col("Avg_Rating").mean().over(["Movie"])?.alias("mean"), col("Avg_Rating").rank(RankOptions::default(), None).alias("rank"), col("Count").cum_sum(false).alias("so far")]).collect()?;
windows.column("so far")?.i32()?.last()
//> Some(171)

// %%
let rolled = ratings.clone().lazy().select([col("Count").rolling_mean(RollingOptionsFixedWindow { window_size: 2, min_periods: 1, ..Default::default() }).alias("smooth"), col("Count").diff(lit(1), Default::default()).alias("change"), col("Count").shift(lit(1)).alias("before")]).collect()?;
rolled.column("smooth")?.f64()?.get(1)
//> Some(28.5)

// %% Transformations: pivot and unpivot
let long = df!("foo" => ["A", "A", "B", "B", "C"], "bar" => ["k", "l", "m", "n", "o"], "N" => [1, 2, 2, 4, 2])?;
let wide = long.clone().lazy().pivot(by_name(["bar"], true, false), Arc::new(df!("bar" => ["k", "l", "m", "n", "o"])?), by_name(["foo"], true, false), by_name(["N"], true, false), element().item(true), false, "_".into(), polars::frame::PivotColumnNaming::Auto).collect()?;
let back = long.unpivot(Some(["N"]), ["foo", "bar"])?;
(wide.shape(), back.shape())
//> ((3, 6), (5, 4))

// %% Transformations: sort, is_in, top rows
let sorted = long.sort(["N", "foo"], SortMultipleOptions::default().with_order_descending_multi([true, false]))?;
let chosen = long.clone().lazy().filter(col("foo").is_in(lit(Series::new("".into(), ["A", "C"])).implode(false), false)).collect()?;
let top = long.clone().lazy().sort(["N"], SortMultipleOptions::default().with_order_descending(true)).limit(2).collect()?;
(sorted.column("N")?.i32()?.get(0), chosen.height(), top.height())
//> (Some(4), 3, 2)

// %% Transformations: time series
let stock = df!("date" => ["2024-01-01", "2024-01-02", "2024-01-08"], "close" => [1.0, 2.0, 4.0])?.lazy().with_column(col("date").str().to_date(StrptimeOptions { format: Some("%Y-%m-%d".into()), ..Default::default() })).collect()?;
let weekly = stock.clone().lazy().group_by_dynamic(col("date"), [], DynamicGroupOptions { every: Duration::parse("1w"), period: Duration::parse("1w"), offset: Duration::parse("0d"), ..Default::default() }).agg([col("close").mean()]).collect()?;
let parts = stock.clone().lazy().select([col("date").dt().month().alias("month"), col("date").dt().weekday().alias("day"), col("date").dt().strftime("%d.%m.%Y").alias("text")]).collect()?;
(weekly.shape(), parts.column("text")?.str()?.get(2).map(str::to_owned))
//> ((2, 2), Some("08.01.2024"))

// %% Expressions: missing data, folds, many columns at once
let gaps = df!("a" => [Some(1), None, Some(3)], "b" => [10, 20, 30])?;
let filled = gaps.clone().lazy().with_columns([col("a").fill_null_with_strategy(FillNullStrategy::Forward(None)).alias("forward"), col("a").interpolate(InterpolationMethod::Linear).alias("line")]).collect()?;
let totals = gaps.clone().lazy().select([(cols(["a", "b"]).as_expr().sum()).name().suffix("_total"), sum_horizontal([col("a"), col("b")], true)?.alias("across")]).collect()?;
(filled.null_count().column("a")?.get(0)?.to_string(), totals.width())
//> ("1", 3)

// %% Expressions: lists
let weather = df!("station" => ["one", "two"], "temperatures" => ["20 5 E1", "19 8 16"])?;
let lists = weather.lazy().with_columns([col("temperatures").str().split(lit(" "))]).collect()?;
let exploded = lists.clone().lazy().select([col("temperatures").list().len().alias("length"), col("temperatures").list().first().alias("first")]).collect()?;
exploded.column("first")?.str()?.get(0)
//> 20
