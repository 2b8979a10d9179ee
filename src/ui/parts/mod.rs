//! Small pieces that panels and stage share.

mod icon;
mod lamp;
mod power;

pub use icon::{Icon, IconName, Sprite};
pub use lamp::{Lamp, StateWords, state_class, state_words};
pub use power::{PowerButton, power};
