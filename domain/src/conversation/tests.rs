//! What is promised of it.
