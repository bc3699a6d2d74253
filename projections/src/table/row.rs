//! A row as a struct: its table, columns and their comments are declared with it, once.

use super::{Table, Value};

/// A row of a table.
pub trait Row {
    fn table(&self) -> &'static Table;
    fn values(self) -> Vec<Value>;
}

/// Declares a row and its table: documentation becomes the comments in the database, fields become columns in order.
/// After the indexes, `search ["text" Words]` says which texts are searched.
///
/// ```text
/// row! {
///     /// One stay of an interaction in an inbox.
///     pub struct QueueStay in QUEUE_STAYS "queue_stays" key 2 indexes [["inbox_id", "left_at"]] {
///         /// The conversation.
///         conversation_id: ConversationId,
///         ...
///     }
/// }
/// ```
#[macro_export]
macro_rules! row {
    (
        $(#[doc = $about:literal])*
        $vis:vis struct $row:ident in $table:ident $name:literal key $key:literal indexes [$($index:expr),* $(,)?]
        $(search [$($text:literal $search:ident),*])? {
            $($(#[doc = $told:literal])* $column:ident: $of:ty,)*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq)]
        $vis struct $row {
            $($(#[doc = $told])* $vis $column: $of,)*
        }

        $(#[doc = $about])*
        $vis static $table: $crate::table::Table = $crate::table::Table {
            name: $name,
            about: concat!($($about),*).trim_ascii(),
            columns: &[$($crate::table::Column {
                name: stringify!($column),
                about: concat!($($told),*).trim_ascii(),
                of: <$of as $crate::table::Cell>::OF,
                nullable: <$of as $crate::table::Cell>::NULLABLE,
            },)*],
            key: $key,
            indexes: &[$(&$index),*],
            search: &[$($(($text, $crate::table::Search::$search)),*)?],
        };

        impl $crate::table::Row for $row {
            fn table(&self) -> &'static $crate::table::Table {
                &$table
            }

            fn values(self) -> Vec<$crate::table::Value> {
                vec![$($crate::table::Cell::value(self.$column)),*]
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::table::{Change, Type, Value};

    crate::row! {
        /// One stay
        /// of something.
        pub struct Stay in STAYS "stays" key 1 indexes [["left"]] {
            /// Which one.
            number: i64,
            /// When it left; none: it is here.
            left: Option<chrono::DateTime<chrono::Utc>>,
        }
    }

    #[test]
    fn documentation_becomes_the_comments_and_fields_the_columns() {
        assert_eq!((STAYS.about, STAYS.key, STAYS.indexes), ("One stay of something.", 1, &[&["left"][..]][..]));
        assert_eq!(STAYS.search, []);
        let [number, left] = STAYS.columns else { panic!("two columns: {:?}", STAYS.columns) };
        assert_eq!(
            (number.name, number.about, number.of, number.nullable),
            ("number", "Which one.", Type::Number, false)
        );
        assert_eq!((left.of, left.nullable), (Type::Time, true));
        let put = Change::put(Stay { number: 3, left: None });
        assert_eq!(put, Change::Put { table: &STAYS, row: vec![Value::Number(3), Value::Null] });
    }
}
