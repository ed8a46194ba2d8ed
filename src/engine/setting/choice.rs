//! Settings that are one of several words: an enumeration each.

/// Defines enumerations of the words that a setting may have; a setting of that type has the domain `DOMAIN`.
///
/// ```
/// use conviction::prelude::*;
///
/// choices! {
///     /// Payment for a meal.
///     Payment {
///         /// In cash.
///         Cash = "cash",
///         /// By card.
///         Card = "card",
///     }
/// }
///
/// settings! {
///     /// A meal.
///     Meal in "meal" {
///         paid: Payment = Payment::Cash, "", Payment::DOMAIN, "how the meal is paid: in cash, or by card";
///     }
/// }
///
/// assert_eq!(Meal::default().paid.to_string(), "cash");
/// ```
#[macro_export]
macro_rules! choices {
    ($($(#[doc = $doc:literal])+ $choice:ident { $($(#[doc = $meaning:literal])+ $name:ident = $word:literal,)+ })+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $choice {
            $($(#[doc = $meaning])+ $name,)+
        }

        impl $choice {
            /// Words in a spec.
            pub const NAMES: &'static [&'static str] = &[$($word,)+];
            /// Domain of a setting.
            pub const DOMAIN: $crate::engine::Domain = $crate::engine::Domain::Names(Self::NAMES);

            /// Returns the word in a spec.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }

        impl ::std::fmt::Display for $choice {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl $crate::engine::Field for $choice {
            fn value(self) -> $crate::engine::Value {
                $crate::engine::Value::Name(self.name())
            }

            fn from_value(value: $crate::engine::Value) -> Option<Self> {
                match value {
                    $($crate::engine::Value::Name($word) => Some(Self::$name),)+
                    _ => None,
                }
            }
        }
    )+};
}
