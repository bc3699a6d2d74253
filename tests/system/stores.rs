//! Tests that are asked of both stores.

/// Makes two tests of each function: it is given the settings that name the store.
macro_rules! on_both_stores {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(vec![]).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test(vec![crate::world::database("both").await]).await;
            })*
        }
    };
}
