// Columns, rows and values one by one, after the cells of polars.rs: what borrows is a copy once its cell has ended.

// %%
let heights = people.column("height")?.f64()?;
let tallest = heights.iter().flatten().fold(0.0, f64::max);
let first = people.get(0);
(heights.mean(), tallest)
//> (Some(1.6825), 1.77)

// %%
let value = people.column("name")?.get(1)?;
let row = people.get_row(0)?;
for column in people.columns() {
    println!("{}: {}", column.name(), column.dtype());
}
println!("{value}, {}", row.0.len());
//> birthdate: date
//> "Ben Brown", 4
//> `row` borrows

// %%
let doubling = |x: f64| 2.0 * x;
let doubled_heights = heights.apply_values(doubling);
doubled_heights.max()
//> 3.54

// %%
let borrowed_names = people.get_column_names();
borrowed_names.len()
//> 4

// %%
let any = AnyValue::Int32(3);
let kinds = [DataType::Int32, DataType::String, DataType::Datetime(TimeUnit::Milliseconds, None)];
let pair = (people.head(Some(3)), people.shape());
let equal = doubled.equal(&(&s + &s)?)?;
let ratio = &s / 2;
(any.is_nested_null(), kinds.len(), pair.1, equal.all(), ratio.len(), heights.len())
//> (false, 3, (4, 4), true, 5, 4)
