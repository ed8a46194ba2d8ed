//! Defines the columns of tables: a struct per group of columns, from which their documentation and their
//! buffer follow.

pub use arrow_array::ArrayRef;
use arrow_array::{BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use std::collections::HashMap;
use std::sync::Arc;

/// Type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers, 32 bits. Signed, although counts are not negative: differences of counts must not wrap
    /// around.
    I32,
    /// Whole numbers, 64 bits.
    I64,
    /// Real numbers, 64 bits.
    F64,
    /// True or false.
    Bool,
    /// Text.
    Text,
}

impl Kind {
    /// Returns the type in Arrow and Parquet.
    pub fn data_type(self) -> DataType {
        match self {
            Self::I32 => DataType::Int32,
            Self::I64 => DataType::Int64,
            Self::F64 => DataType::Float64,
            Self::Bool => DataType::Boolean,
            Self::Text => DataType::Utf8,
        }
    }

    /// Returns the name of the type in a schema.
    pub fn name(self) -> &'static str {
        match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F64 => "f64",
            Self::Bool => "bool",
            Self::Text => "text",
        }
    }
}

/// Direction in which an outcome is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// More is better.
    Max,
    /// Less is better.
    Min,
    /// Neither: depends on the question.
    Neither,
}

impl Goal {
    /// All goals.
    pub const ALL: [Self; 3] = [Self::Max, Self::Min, Self::Neither];

    /// Returns the name in the metadata of a column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Max => "max",
            Self::Min => "min",
            Self::Neither => "neither",
        }
    }

    /// Returns the goal of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|goal| goal.name() == name)
    }
}

/// Column: name, type and meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Type.
    pub kind: Kind,
    /// True if values may be missing.
    pub nullable: bool,
    /// Unit; empty for pure numbers, names and ids.
    pub unit: String,
    /// Meaning, in one line.
    pub meaning: String,
    /// Role in a study, if known: axis, lever, uncertainty or variant.
    pub role: Option<&'static str>,
    /// Goal, for outcomes: the columns that studies analyse.
    pub goal: Option<Goal>,
    /// Meaning of a missing value; empty if only failed runs lack a value.
    pub empty: String,
    /// Formula by which the column follows from others of its row; empty otherwise.
    pub formula: String,
    /// Copy of an extension that the column belongs to, such as `crowd.0`; empty otherwise.
    pub copy: String,
}

impl Column {
    /// Creates a column of required values, without unit, meaning or role.
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            kind,
            nullable: false,
            unit: String::new(),
            meaning: String::new(),
            role: None,
            goal: None,
            empty: String::new(),
            formula: String::new(),
            copy: String::new(),
        }
    }

    /// Returns the meaning, with the formula and the meaning of a missing value.
    pub fn full_meaning(&self) -> String {
        full_meaning(&self.meaning, &self.formula, &self.empty)
    }

    /// Returns the column as an Arrow field, with all metadata.
    pub fn field(&self) -> Field {
        let mut metadata = HashMap::from([("meaning".to_owned(), self.meaning.clone())]);
        let texts = [
            ("unit", self.unit.as_str()),
            ("role", self.role.unwrap_or_default()),
            ("goal", self.goal.map_or("", Goal::name)),
            ("empty", &self.empty),
            ("formula", &self.formula),
            ("copy", &self.copy),
        ];
        for (name, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            metadata.insert(name.to_owned(), text.to_owned());
        }
        Field::new(&self.name, self.kind.data_type(), self.nullable).with_metadata(metadata)
    }
}

/// Joins a meaning with a formula and the meaning of a missing value, where given.
pub fn full_meaning(meaning: &str, formula: &str, empty: &str) -> String {
    let more = [("; = ", formula), ("; empty: ", empty)];
    let more = more.into_iter().filter(|(_, text)| !text.is_empty());
    more.fold(meaning.to_owned(), |meaning, (before, text)| {
        meaning + before + text
    })
}

/// Returns the Arrow schema of columns.
pub fn arrow_schema(columns: &[Column]) -> Arc<Schema> {
    Arc::new(Schema::new(
        columns.iter().map(Column::field).collect::<Vec<_>>(),
    ))
}

/// Combines columns and their arrays into a batch.
pub fn batch(columns: &[Column], arrays: Vec<ArrayRef>) -> RecordBatch {
    RecordBatch::try_new(arrow_schema(columns), arrays).expect("columns of one length, as declared")
}

/// Type of a column's cells.
pub trait Cell: Sized {
    /// Type of the column.
    const KIND: Kind;
    /// True if cells may be missing.
    const NULLABLE: bool = false;
    /// Converts cells to an Arrow array.
    fn array(cells: Vec<Self>) -> ArrayRef;
    /// Returns true if a table may hold the cell: every real number must be finite.
    fn is_finite(&self) -> bool {
        true
    }
}

macro_rules! cells {
    ($($cell:ty => $kind:ident, $array:ident, $nullable:literal;)+) => {$(
        impl Cell for $cell {
            const KIND: Kind = Kind::$kind;
            const NULLABLE: bool = $nullable;
            fn array(cells: Vec<Self>) -> ArrayRef {
                Arc::new($array::from(cells))
            }
        }
    )+};
}

cells! {
    bool => Bool, BooleanArray, false;
    &'static str => Text, StringArray, false;
    Option<&'static str> => Text, StringArray, true;
}

impl Cell for f64 {
    const KIND: Kind = Kind::F64;

    fn array(cells: Vec<Self>) -> ArrayRef {
        Arc::new(Float64Array::from(cells))
    }

    #[inline]
    fn is_finite(&self) -> bool {
        Self::is_finite(*self)
    }
}

impl Cell for Option<f64> {
    const KIND: Kind = Kind::F64;
    const NULLABLE: bool = true;

    fn array(cells: Vec<Self>) -> ArrayRef {
        Arc::new(Float64Array::from(cells))
    }

    #[inline]
    fn is_finite(&self) -> bool {
        self.is_none_or(f64::is_finite)
    }
}

/// Implements cells of counts, as signed numbers; no count exceeds their range.
macro_rules! counts {
    ($($count:ty => $kind:ident, $signed:ty, $array:ident;)+) => {$(
        impl Cell for $count {
            const KIND: Kind = Kind::$kind;
            fn array(cells: Vec<Self>) -> ArrayRef {
                let signed = cells.into_iter().map(|count| signed::<_, $signed>(count));
                Arc::new($array::from_iter_values(signed))
            }
        }

        impl Cell for Option<$count> {
            const KIND: Kind = Kind::$kind;
            const NULLABLE: bool = true;
            fn array(cells: Vec<Self>) -> ArrayRef {
                let signed = cells.into_iter().map(|count| count.map(signed::<_, $signed>));
                Arc::new($array::from_iter(signed))
            }
        }
    )+};
}

counts! {
    u32 => I32, i32, Int32Array;
    u64 => I64, i64, Int64Array;
}

/// Converts a count to a signed number.
///
/// # Panics
/// When the count exceeds the range of signed numbers, as no count of a run, a study or a design does.
#[inline]
fn signed<C, S: TryFrom<C, Error: std::fmt::Debug>>(count: C) -> S {
    S::try_from(count).expect("a count within the range of signed numbers")
}

/// Returns true if all cells are finite. It examines every cell: without early exit, the loop vectorises.
#[inline]
pub fn all_finite<C: Cell>(cells: &[C]) -> bool {
    cells.iter().fold(true, |all, cell| all & cell.is_finite())
}

/// Buffer that collects the rows of one table, column by column.
pub trait Columns: Default + Send + Sync + 'static {
    /// Row of the table.
    type Row;
    /// Returns the table's columns, in order.
    fn columns() -> Vec<Column>;
    /// Adds a row.
    fn push(&mut self, row: Self::Row);
    /// Moves all rows of another buffer to the end of this one.
    fn append(&mut self, other: &mut Self);
    /// Returns the first column that contains a number that is not finite.
    fn not_finite(&self) -> Option<&'static str>;
    /// Removes all rows, and keeps the capacity.
    fn clear(&mut self);
    /// Returns the number of rows.
    fn len(&self) -> usize;
    /// Returns true without rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Returns an empty buffer with capacity for as many rows as this one holds.
    fn another(&self) -> Self;
    /// Converts the columns to arrays.
    fn arrays(self) -> Vec<ArrayRef>;
    /// Converts the columns to a batch.
    fn batch(self) -> RecordBatch {
        batch(&Self::columns(), self.arrays())
    }
}

/// Declares a group of columns: its row, its columns with unit and meaning, and its buffer, one vector per
/// column.
///
/// `=> max`, `=> min` or `=> neither` makes a column an outcome, which studies analyse, and states its
/// goal. `empty "…"` states the meaning of a missing value; every optional column has one. `from "…"` states
/// the formula of a column that follows from others of its row; tables of days omit it by default.
///
/// ```
/// use conviction::prelude::*;
///
/// columns! {
///     /// How far the crowd has moved.
///     CrowdRow, CrowdRows {
///         pulled: f64, "", "sum of the changes of opinion so far" => neither;
///         first_day: Option<u32>, "days", "first day on which an opinion changed", empty "none changed";
///     }
/// }
/// assert_eq!(CrowdRows::columns()[0].name, "pulled");
/// ```
#[macro_export]
macro_rules! columns {
    (@goal max) => { Some($crate::engine::columns::Goal::Max) };
    (@goal min) => { Some($crate::engine::columns::Goal::Min) };
    (@goal neither) => { Some($crate::engine::columns::Goal::Neither) };
    (
        $(#[doc = $doc:literal])*
        $row:ident, $buffer:ident {
            $(
                $field:ident: $cell:ty, $unit:literal, $meaning:literal
                $(, empty $empty:literal)? $(, from $from:literal)? $(=> $goal:ident)?;
            )+
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $row {
            $(#[doc = $meaning] pub $field: $cell,)+
        }

        #[doc = concat!("Gathers [`", stringify!($row), "`]s, column by column.")]
        #[derive(Debug, Default)]
        #[allow(missing_docs, reason = "a column is documented at its row")]
        pub struct $buffer {
            $(pub $field: Vec<$cell>,)+
        }

        impl $crate::engine::columns::Columns for $buffer {
            type Row = $row;

            fn columns() -> Vec<$crate::engine::columns::Column> {
                vec![$($crate::engine::columns::Column {
                    nullable: <$cell as $crate::engine::columns::Cell>::NULLABLE,
                    unit: $unit.to_owned(),
                    meaning: $meaning.to_owned(),
                    $(goal: $crate::columns!(@goal $goal),)?
                    $(empty: $empty.to_owned(),)?
                    $(formula: $from.to_owned(),)?
                    ..$crate::engine::columns::Column::new(
                        stringify!($field),
                        <$cell as $crate::engine::columns::Cell>::KIND,
                    )
                },)+]
            }

            fn push(&mut self, row: $row) {
                $(self.$field.push(row.$field);)+
            }

            fn append(&mut self, other: &mut Self) {
                $(self.$field.append(&mut other.$field);)+
            }

            fn not_finite(&self) -> Option<&'static str> {
                $(if !$crate::engine::columns::all_finite(&self.$field) {
                    return Some(stringify!($field));
                })+
                None
            }

            fn clear(&mut self) {
                $(self.$field.clear();)+
            }

            fn len(&self) -> usize {
                [$(self.$field.len()),+][0]
            }

            fn another(&self) -> Self {
                Self { $($field: Vec::with_capacity(self.$field.len()),)+ }
            }

            fn arrays(self) -> Vec<$crate::engine::columns::ArrayRef> {
                vec![$($crate::engine::columns::Cell::array(self.$field),)+]
            }
        }
    };
}
