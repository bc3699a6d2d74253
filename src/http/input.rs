//! Checks of what people typed, gathered so that one answer names every field to mend.

use crate::problem::{FieldProblem, Problem};

/// Longest name of anything.
const NAME_CHARS_MAX: usize = 100;

/// Problems found so far.
#[derive(Default)]
pub struct Fields(Vec<FieldProblem>);

impl Fields {
    /// Notes `message` for `field` unless `good`.
    pub fn check(&mut self, good: bool, field: &'static str, message: impl Into<String>) {
        if !good {
            self.0.push(FieldProblem { field, message: message.into() });
        }
    }

    /// A name: something, and not too much.
    pub fn name(&mut self, field: &'static str, name: &str) {
        let long = name.chars().count() > NAME_CHARS_MAX;
        self.check(!name.trim().is_empty(), field, "is missing");
        self.check(!long, field, format!("is longer than {NAME_CHARS_MAX} characters"));
        self.check(!name.chars().any(char::is_control), field, "has control characters");
    }

    /// Goes on when nothing is to be mended.
    pub fn done(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }
}
