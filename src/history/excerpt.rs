//! The words around what was found, as parts, those that were looked for marked.

use serde::Serialize;
use utoipa::ToSchema;

use crate::tables::search::{Word, is_part_of_word};

/// Characters shown before the first word that was found.
const BEFORE_CHARS: usize = 60;
const CHARS_MAX: usize = 240;
const ELLIPSIS: &str = "…";

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Part {
    pub text: String,
    /// Whether it was looked for.
    pub marked: bool,
}

/// The part of a text around the first of the words.
pub fn of(text: &str, words: &[Word]) -> Vec<Part> {
    let pieces = pieces(text);
    let is_meant = |piece: &str| piece.chars().next().is_some_and(is_part_of_word) && words.iter().any(|w| w.is(piece));
    let first = pieces.iter().position(|piece| is_meant(piece)).unwrap_or_default();
    // Whole pieces, as far as there is room.
    let mut from = first;
    let mut room = BEFORE_CHARS;
    while let Some(left) = from.checked_sub(1).and_then(|before| room.checked_sub(pieces[before].chars().count())) {
        (from, room) = (from - 1, left);
    }
    let mut parts: Vec<Part> = vec![];
    let mut add = |text: &str, marked| match parts.last_mut() {
        Some(last) if last.marked == marked => last.text.push_str(text),
        _ => parts.push(Part { text: text.to_owned(), marked }),
    };
    if from > 0 {
        add(ELLIPSIS, false);
    }
    let mut room = CHARS_MAX;
    for piece in &pieces[from..] {
        let Some(left) = room.checked_sub(piece.chars().count()) else {
            // One word may be longer than all there is room for.
            let cut: String = piece.chars().take(room).collect();
            add(&cut, is_meant(piece) && !cut.is_empty());
            add(ELLIPSIS, false);
            break;
        };
        add(piece, is_meant(piece));
        room = left;
    }
    parts.retain(|part| !part.text.is_empty());
    parts
}

/// Words, and what stands between them, in turn.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = vec![];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let of_word = is_part_of_word(first);
        let end = rest.find(|c| is_part_of_word(c) != of_word).unwrap_or(rest.len());
        let (piece, later) = rest.split_at(end);
        pieces.push(piece);
        rest = later;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::{CHARS_MAX, of};
    use crate::tables::search::Word;

    fn told(text: &str, typed: &str) -> String {
        let parts = of(text, &Word::all(typed, false));
        parts.iter().map(|part| if part.marked { format!("[{}]", part.text) } else { part.text.clone() }).collect()
    }

    #[test]
    fn every_word_that_was_looked_for_is_marked_and_nothing_is_lost() {
        assert_eq!(told("Where is my order, ORDER 4711?", "order 4711"), "Where is my [order], [ORDER] [4711]?");
        assert_eq!(told("Das Café ist zu. Cafe\u{301}!", "cafe"), "Das [Café] ist zu. [Cafe\u{301}]!");
        assert_eq!(told("reorder orders", "order"), "reorder orders", "whole words only");
        assert_eq!(told("<b>order</b>", "order"), "<b>[order]</b>", "as it was written");
    }

    #[test]
    fn a_long_text_is_told_around_what_was_found() {
        let text = format!("{}needle{}", "hay ".repeat(500), " straw".repeat(500));
        let told = told(&text, "needle");
        assert!(told.starts_with("…") && told.ends_with('…') && told.contains("hay [needle] straw"), "{told}");
        assert!(told.chars().count() <= CHARS_MAX + 4, "{told}");
    }

    #[test]
    fn a_word_without_end_is_cut() {
        assert_eq!(told(&"x".repeat(10_000), &"x".repeat(10_000)), format!("[{}]…", "x".repeat(CHARS_MAX)));
    }
}
