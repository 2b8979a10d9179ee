//! A slider that asks for a change when it is let go, and shows its value while it is held.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::{
    AttrValue, Callback, Event, Html, InputEvent, Properties, TargetCast, component, use_state,
};

use crate::ui::format;

use super::{el, text};

/// What the slider's numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Millis,
    PerMille,
    PerMinute,
    /// Typed rather than slid to: a tape is long.
    Offset,
}

impl Unit {
    fn write(self, value: u64) -> String {
        match self {
            Unit::Millis => format::millis(value),
            Unit::PerMille => format::per_mille(value),
            Unit::PerMinute => format::per_minute(value),
            Unit::Offset => format::count(value),
        }
    }
}

#[derive(Debug, PartialEq, Properties)]
pub struct SliderProps {
    pub id: AttrValue,
    pub label: AttrValue,
    pub value: u64,
    pub min: u64,
    pub max: u64,
    pub step: u64,
    pub unit: Unit,
    pub change: Callback<u64>,
}

#[component]
pub fn Slider(props: &SliderProps) -> Html {
    // While the thumb is held, the value under it is shown; commands are for when it is let go.
    let held = use_state(|| None::<u64>);
    let typed = props.unit == Unit::Offset;
    // What is being typed is not yet a number between the two.
    let most = if typed { u64::MAX } else { props.max };
    let least = if typed { 0 } else { props.min };
    let shown = held.unwrap_or(props.value).clamp(least, most);
    let oninput = {
        let held = held.clone();
        move |event: InputEvent| held.set(Some(value_of(&event)))
    };
    let onchange = {
        let change = props.change.clone();
        move |event: Event| {
            held.set(None);
            change.emit(value_of(&event));
        }
    };
    let words = props.unit.write(shown);
    let filled =
        shown.saturating_sub(props.min).min(props.max) * 1_000 / (props.max - props.min).max(1);
    let input = el("input")
        .attr("type", if typed { "number" } else { "range" })
        .attr("id", &props.id)
        .attr("min", props.min.to_string())
        .attr("max", props.max.to_string())
        .attr("step", props.step.to_string())
        .style(format!("--v:{}.{}%", filled / 10, filled % 10))
        .attr("aria-valuetext", &words)
        .oninput(oninput)
        .onchange(onchange);
    let input = input.value(shown.to_string());
    el("div.field")
        .child(text("label", &props.label).attr("for", &props.id))
        .child((!typed).then(|| text("output", words).attr("for", &props.id)))
        .child(input)
        .into()
}

/// The value of the slider that an event comes from.
pub fn value_of<E: TargetCast + AsRef<web_sys::Event>>(event: &E) -> u64 {
    let input = event.as_ref().target().and_then(|target| target.dyn_into().ok());
    let value = input.map_or(0.0, |input: HtmlInputElement| input.value_as_number());
    if value.is_finite() { value.max(0.0) as u64 } else { 0 }
}
