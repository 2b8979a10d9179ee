//! The stage: a canvas with the picture, and the parts of it that have words as elements above it.
//!
//! The canvas is drawn in the player's frames and never causes a render. The elements follow the
//! observation, a few times a second.

mod brokers;
mod card;
mod drag;
mod fit;
mod items;
mod labels;
mod paint;
mod palette;
mod stamps;
mod surface;
mod table;
mod view;
mod words;

pub use paint::Painter;
pub use palette::Palette;
pub use view::{Stage, StageProps};
