//! Minutes as people type them: a decimal, fractions allowed, kept as whole milliseconds. No float is calculated with.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::input::Fields;

/// No promise reaches further than a year.
const MS_MAX: u128 = 365 * 24 * 60 * MINUTE_MS;
const MINUTE_MS: u128 = 60_000;
/// Far more than anybody types, and few enough to calculate with.
const DIGITS_MAX: usize = 30;

/// A number, or the same as text; blank text is as good as nothing.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = f64)]
pub struct Minutes(Value);

impl Minutes {
    /// The milliseconds they are, to the nearest; what is wrong with them is noted in `fields`.
    pub fn read(this: Option<Self>, fields: &mut Fields, field: &'static str) -> Option<u64> {
        let text = match this?.0 {
            // Written as shortly as it reads back, hence as it was typed.
            Value::Number(number) => number.to_string(),
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => text,
            other => other.to_string(),
        };
        let ms = as_ms(text.trim());
        fields.check(ms.is_some(), field, "must be more than 0 minutes and at most a year");
        ms
    }
}

fn as_ms(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let number = |digits: &str| {
        let good = (1..=DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
        good.then(|| digits.parse::<u128>().ok())?
    };
    let unit = 10_u128.pow(u32::try_from(fraction.len()).ok().filter(|places| *places <= 30)?);
    let parts = number(fraction)? * MINUTE_MS;
    let ms = number(whole)?.checked_mul(MINUTE_MS)?.checked_add((parts + unit / 2) / unit)?;
    (1..=MS_MAX).contains(&ms).then(|| u64::try_from(ms).ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn minutes_may_have_fractions_and_are_kept_as_whole_milliseconds() {
        let good = [
            (json!(0.66), 39_600),
            (json!("0.66"), 39_600),
            (json!(" 2 "), 120_000),
            (json!(1), 60_000),
            (json!(525_600), 31_536_000_000),
            (json!("525600.000"), 31_536_000_000),
            (json!("0.00001"), 1),
            (json!("0.33333"), 20_000),
        ];
        for (typed, ms) in good {
            assert_eq!(read(typed.clone()), Ok(Some(ms)), "{typed}");
        }
    }

    #[test]
    fn blank_says_nothing() {
        for typed in [json!(""), json!("  ")] {
            assert_eq!(read(typed), Ok(None));
        }
        assert_eq!(Minutes::read(None, &mut Fields::default(), "sla_minutes"), None);
    }

    #[test]
    fn nothing_less_than_nothing_nonsense_and_more_than_a_year_are_refused() {
        let bad = [
            json!(0),
            json!(0.0),
            json!("0.000"),
            json!(-1),
            json!(-0.66),
            json!("-1"),
            json!("+1"),
            json!(0.000_000_1),
            json!("0.000001"),
            json!(1e300),
            json!(525_600.1),
            json!("525600.00001"),
            json!("soon"),
            json!("1e1"),
            json!("0,66"),
            json!("1."),
            json!(".5"),
            json!("."),
            json!("1.2.3"),
            json!("0x10"),
            json!("NaN"),
            json!("٣"),
            json!(true),
            json!([1]),
            json!({"minutes": 1}),
            json!("1".repeat(400)),
            json!(format!("1.{}", "0".repeat(400))),
        ];
        for typed in bad {
            assert_eq!(read(typed.clone()), Err(()), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn every_millisecond_of_a_year_can_be_typed(ms in 1_u64..=31_536_000_000) {
            // Six places tell a millisecond, which is 1/60,000 of a minute, from its neighbours.
            let text = format!("{}.{:06}", ms / 60_000, (ms % 60_000 * 1_000_000 + 30_000) / 60_000);
            prop_assert_eq!(read(json!(text)), Ok(Some(ms)));
            let number: f64 = text.parse().unwrap();
            prop_assert_eq!(read(json!(number)), Ok(Some(ms)));
        }

        #[test]
        fn hundredths_are_exact(hundredths in 1_u64..=52_560_000) {
            let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            prop_assert_eq!(read(json!(text)), Ok(Some(hundredths * 600)));
        }

        #[test]
        fn no_text_is_too_strange(text in ".*") {
            if let Ok(Some(ms)) = read(json!(text)) {
                prop_assert!((1..=31_536_000_000).contains(&ms));
            }
        }
    }

    fn read(typed: Value) -> Result<Option<u64>, ()> {
        let mut fields = Fields::default();
        let ms = Minutes::read(Some(Minutes(typed)), &mut fields, "sla_minutes");
        match fields.done() {
            Ok(()) => Ok(ms),
            Err(problem) => {
                assert_eq!((problem.fields[0].field, ms), ("sla_minutes", None));
                Err(())
            }
        }
    }
}
