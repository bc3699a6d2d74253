//! Events and time in, acts out.
