//! The page: what is shown and touched.
//!
//! [`model`] is its state as plain values, [`player`] plays it frame by frame; the rest are
//! components that show it. Everything below this layer runs without a browser.

pub mod browser;
pub mod dialogs;
pub mod format;
pub mod inspector;
pub mod ledger;
pub mod metrics;
pub mod model;
pub mod parts;
pub mod player;
pub mod sandbox;
pub mod time;
pub mod toasts;
pub mod topbar;
pub mod view;
