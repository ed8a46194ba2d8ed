//! Columns that runs leave: a struct per group of columns, from which their documentation and the buffer
//! that gathers rows both follow.

pub use arrow_array::ArrayRef;
use arrow_array::{BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use std::collections::HashMap;
use std::sync::Arc;

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers, 32 bits. Signed, though counts are not negative: a reader who takes one count from
    /// another must get a number below 0, not one that wraps around.
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
    /// The type in Arrow and Parquet.
    pub fn data_type(self) -> DataType {
        match self {
            Self::I32 => DataType::Int32,
            Self::I64 => DataType::Int64,
            Self::F64 => DataType::Float64,
            Self::Bool => DataType::Boolean,
            Self::Text => DataType::Utf8,
        }
    }

    /// The type as a schema shows it.
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

/// The direction in which an outcome is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// More is better.
    Max,
    /// Less is better.
    Min,
    /// Neither: it depends on the question.
    Neither,
}

impl Goal {
    /// Every goal.
    pub const ALL: [Self; 3] = [Self::Max, Self::Min, Self::Neither];

    /// The name in the metadata of a column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Max => "max",
            Self::Min => "min",
            Self::Neither => "neither",
        }
    }

    /// The goal of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|goal| goal.name() == name)
    }
}

/// A column: what it is called, holds and means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name.
    pub name: String,
    /// The type.
    pub kind: Kind,
    /// Whether values may be missing.
    pub nullable: bool,
    /// The unit; empty for pure numbers, names and ids.
    pub unit: String,
    /// What it means, in a line.
    pub meaning: String,
    /// What it is to a study, if that was told: axis, lever, uncertainty or variant.
    pub role: Option<&'static str>,
    /// The goal, for outcomes: the columns that studies analyse.
    pub goal: Option<Goal>,
    /// The meaning of a missing value; empty where only failed runs lack one.
    pub empty: String,
    /// The formula by which it follows from other columns of its row; empty if it does not.
    pub formula: String,
    /// The copy of an extension that it belongs to, such as `crowd.0`; empty for all others.
    pub copy: String,
}

impl Column {
    /// A column of required values, without unit, meaning or role.
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

    /// The meaning, with the formula and the meaning of a missing value.
    pub fn full_meaning(&self) -> String {
        full_meaning(&self.meaning, &self.formula, &self.empty)
    }

    /// The column as an Arrow field, with all that is known about it in the metadata.
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

/// The Arrow schema of columns.
pub fn arrow_schema(columns: &[Column]) -> Arc<Schema> {
    Arc::new(Schema::new(
        columns.iter().map(Column::field).collect::<Vec<_>>(),
    ))
}

/// Columns and their arrays as one batch.
pub fn batch(columns: &[Column], arrays: Vec<ArrayRef>) -> RecordBatch {
    RecordBatch::try_new(arrow_schema(columns), arrays).expect("columns of one length, as declared")
}

/// What a cell of a column may be.
pub trait Cell: Sized {
    /// The type of the column.
    const KIND: Kind;
    /// Whether cells may be missing.
    const NULLABLE: bool = false;
    /// The column of these cells.
    fn array(cells: Vec<Self>) -> ArrayRef;
    /// Whether a table may hold the cell: every real number in it is finite.
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

/// Counts become signed numbers; none is beyond their range.
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

/// A count as a signed number.
///
/// # Panics
/// When it is beyond the range of signed numbers, as no count of a run, a study or a design is.
#[inline]
fn signed<C, S: TryFrom<C, Error: std::fmt::Debug>>(count: C) -> S {
    S::try_from(count).expect("a count within the range of signed numbers")
}

/// Whether tables may hold all of these cells. Looks at every one: without a way out, the loop is one over vectors.
#[inline]
pub fn all_finite<C: Cell>(cells: &[C]) -> bool {
    cells.iter().fold(true, |all, cell| all & cell.is_finite())
}

/// A buffer that gathers the rows of one table, column by column.
pub trait Columns: Default + Send + Sync + 'static {
    /// The rows gathered.
    type Row;
    /// The table's columns, in order.
    fn columns() -> Vec<Column>;
    /// Adds a row.
    fn push(&mut self, row: Self::Row);
    /// Moves all rows of another buffer behind those of this one.
    fn append(&mut self, other: &mut Self);
    /// The first column that holds a number that is not finite, in any row.
    fn not_finite(&self) -> Option<&'static str>;
    /// Forgets all rows, and keeps their room.
    fn clear(&mut self);
    /// How many rows there are.
    fn len(&self) -> usize;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// An empty buffer, with room for as many rows as this one holds.
    fn another(&self) -> Self;
    /// The columns as arrays.
    fn arrays(self) -> Vec<ArrayRef>;
    /// The columns as one batch.
    fn batch(self) -> RecordBatch {
        batch(&Self::columns(), self.arrays())
    }
}

/// Declares a group of columns: its row, its columns with unit and meaning, and its buffer, a vector per
/// column.
///
/// `=> max`, `=> min` or `=> neither` makes a column an outcome, which studies analyse, and states its
/// goal. `empty "…"` states the meaning of a missing value; every optional column has it. `from "…"` states
/// the formula of a column that follows from others of its row: by default no table of days holds it.
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
