//! The sandbox as a business sees it: over HTTP, with a webhook of its own.

mod business;
mod registering;
mod sending;
mod receiving;
mod faults;
mod page;
mod demo;
