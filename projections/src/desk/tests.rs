//! Events in, changes out.
