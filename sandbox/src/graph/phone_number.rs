//! Turns what a business dialled into the number it reaches.

use crate::ids::WaId;

/// The number that is reached when a business with the number `own` dials `written`.
///
/// Without a plus, Meta puts the business's own country code in front, which is seldom what was meant.
pub fn reached(written: &str, own: &str) -> Option<WaId> {
    let written = written.trim();
    let (international, rest) = match written.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, written),
    };
    let digits: String = rest.chars().filter(|letter| !matches!(letter, ' ' | '-' | '(' | ')')).collect();
    let reached = WaId(if international { digits } else { format!("{}{digits}", country_code(own)) });
    reached.is_valid().then_some(reached)
}

/// The country code at the head of a number in digits (ITU-T E.164).
fn country_code(digits: &str) -> &str {
    let length = match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    };
    digits.get(..length).unwrap_or(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punctuation_does_not_matter_and_the_plus_does() {
        let anna = Some(WaId::from("4915112345678"));
        assert_eq!(reached("+49 (151) 1234-5678", "15550783881"), anna);
        assert_eq!(reached("15112345678", "4930123456"), anna);
        assert_eq!(reached("4915112345678", "15550783881"), Some(WaId::from("14915112345678")));
    }

    #[test]
    fn what_is_no_number_reaches_nobody() {
        for written in ["", "+", "+49151x", "+12", "anna"] {
            assert_eq!(reached(written, "15550783881"), None, "{written}");
        }
    }

    #[test]
    fn country_codes_have_one_to_three_digits() {
        for (number, code) in [("15550783881", "1"), ("4930123456", "49"), ("35312345678", "353"), ("79161234567", "7")]
        {
            assert_eq!(country_code(number), code);
        }
    }
}
