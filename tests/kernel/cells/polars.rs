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
let eager = people.inner_join(&more, ["name"], ["name"])?;
(joined.shape(), eager.height(), joined.column("parent")?.null_count())
//> ((4, 5), 2, 2)

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
