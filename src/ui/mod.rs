//! The page: what is shown and touched.
//!
//! [`model`] is its state as plain values, [`player`] plays it frame by frame; the rest are
//! components that show it. Everything below this layer runs without a browser.

pub mod browser;
pub mod format;
pub mod model;
pub mod parts;
pub mod player;
