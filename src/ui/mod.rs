//! The page: what is shown and touched.
//!
//! [`model`] is its state as plain values, [`player`] plays it frame by frame; the rest are
//! components that show it. Everything below this layer runs without a browser.

mod api;
pub mod app;
pub mod browser;
mod callback;
pub mod compare;
pub mod dialogs;
pub mod format;
pub mod home;
pub mod inspector;
pub mod instruments;
mod interview;
pub mod ledger;
pub mod lesson;
pub mod metrics;
pub mod model;
mod outside;
pub mod parts;
pub mod player;
pub mod sandbox;
pub mod scene;
pub mod stage;
pub mod time;
pub mod toasts;
pub mod topbar;
pub mod view;
