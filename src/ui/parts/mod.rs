//! Small pieces that panels and stage share.

mod chart;
mod choice;
mod icon;
mod lamp;
mod power;
mod slider;
mod stepper;
mod token;

pub use chart::{mark_class, spark, time_chart};
pub use choice::choice;
pub use icon::{IconName, icon};
pub use lamp::{state, state_class, state_words};
pub use power::{power, power_button};
pub use slider::{Slider, Unit, value_of};
pub use stepper::{Steps, stepper};
pub use token::{TokenShape, token};

use yew::{Callback, MouseEvent};

use super::model::Msg;

/// What a press of a button asks for.
pub fn press(send: &Callback<Msg>, msg: Msg) -> Callback<MouseEvent> {
    send.reform(move |_| msg.clone())
}
