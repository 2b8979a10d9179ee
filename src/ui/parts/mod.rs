//! Small pieces that panels and stage share.

mod chart;
mod choice;
mod icon;
mod lamp;
mod node;
mod power;
mod slider;
mod stepper;
mod token;

pub use chart::{mark_class, path, spark, time_chart};
pub use choice::choice;
pub use icon::{IconName, icon, symbol};
pub use lamp::{state, state_class, state_words};
pub use node::{Node, Words, component, el, fragment, text, typed};
pub use power::{power, power_button};
pub use slider::{Slider, SliderProps, Unit, value_of};
pub use stepper::{Steps, stepper};
pub use token::{TokenShape, diamond, token};
