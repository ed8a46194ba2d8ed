//! Groups of settings, as structs.

use super::{Key, Value};
use crate::engine::document::Document;
use crate::engine::list::List;
use bevy_ecs::component::{Component, Mutable};

/// Group of settings: a struct that a feature declares with [`settings!`](crate::settings), and a component of
/// each run.
pub trait Settings: Component<Mutability = Mutable> + Copy + Default {
    /// Keys, in the order of its fields.
    const KEYS: &'static [Key];
    /// Builds the struct from the values of its keys.
    fn read(values: &[Value]) -> Self;
}

/// Type of a field of a group of settings.
pub trait Field: Copy {
    /// Converts the field to a value.
    fn value(self) -> Value;
    /// Converts a value of its kind to the field.
    fn from_value(value: Value) -> Option<Self>;
}

/// Implements fields whose values are of one kind.
macro_rules! fields {
    ($($field:ty => $kind:ident;)+) => {$(
        impl Field for $field {
            fn value(self) -> Value {
                Value::$kind(self.into())
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::$kind(value) => value.try_into().ok(),
                    _ => None,
                }
            }
        }
    )+};
}

fields! {
    f64 => Real;
    u32 => Count;
    &'static str => Name;
    List => List;
    Document => Document;
}

/// True and false are names, of the domain [`Domain::TRUTH`](super::Domain::TRUTH).
impl Field for bool {
    fn value(self) -> Value {
        Value::Name(if self { "true" } else { "false" })
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Name(name) => name.parse().ok(),
            _ => None,
        }
    }
}

/// Declares a group of settings, each with its default, unit, domain and meaning.
///
/// It expands to the struct, its `Default`, and [`Settings`]. The keys of a group `in "chain"` begin with
/// `chain.` and belong to the table `[chain]` of a spec; others belong to `[model]`.
///
/// ```
/// use conviction::prelude::*;
///
/// settings! {
///     /// How participants follow the crowd.
///     Crowd in "crowd" {
///         pull: f64 = 0.1, "", Domain::from_to(0.0, 1.0), "how far opinions move to the mean";
///     }
/// }
/// assert_eq!(Crowd::default().pull, 0.1);
/// ```
#[macro_export]
macro_rules! settings {
    ($(#[doc = $doc:literal])+ $group:ident in $table:literal $fields:tt) => {
        $crate::settings! { @under $table "." $(#[doc = $doc])+ $group $fields }
    };
    ($(#[doc = $doc:literal])+ $group:ident $fields:tt) => {
        $crate::settings! { @under "" "" $(#[doc = $doc])+ $group $fields }
    };
    (
        @under $table:literal $dot:literal
        $(#[doc = $doc:literal])+
        $group:ident {
            $($field:ident: $type:ty = $default:expr, $unit:literal, $domain:expr, $meaning:literal;)+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive($crate::bevy_ecs::component::Component, Clone, Copy, Debug, PartialEq)]
        pub struct $group {
            $(#[doc = $meaning] pub $field: $type,)+
        }

        impl Default for $group {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl $crate::engine::Settings for $group {
            const KEYS: &'static [$crate::engine::Key] = &[$($crate::engine::Key {
                name: concat!($table, $dot, stringify!($field)),
                unit: $unit,
                meaning: $meaning,
                domain: $domain,
                default: || $crate::engine::Field::value($group::default().$field),
                alias: None,
                overrides: None,
            },)+];

            fn read(values: &[$crate::engine::Value]) -> Self {
                let mut values = values.iter().copied();
                let mut group = Self::default();
                $(if let Some(field) = values.next().and_then($crate::engine::Field::from_value) {
                    group.$field = field;
                })+
                group
            }
        }
    };
}
