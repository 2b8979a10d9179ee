//! Small pieces that panels and stage share.

mod chart;
mod choice;
mod icon;
mod lamp;
mod power;
mod slider;
mod stepper;
mod token;

pub use chart::{Spark, TimeChart, mark_class};
pub use choice::Choice;
pub use icon::{Icon, IconName};
pub use lamp::{Lamp, StateWords, state_class, state_words};
pub use power::{PowerButton, power};
pub use slider::{Slider, Unit, value_of};
pub use stepper::Stepper;
pub use token::{Token, TokenShape};

use yew::{Callback, MouseEvent};

use super::model::Msg;

/// What a press of a button asks for.
pub fn press(send: &Callback<Msg>, msg: Msg) -> Callback<MouseEvent> {
    send.reform(move |_| msg.clone())
}
