//! A number with one button less and one more.

use yew::{AttrValue, Callback, Html, Properties, component, html};

use super::{Icon, IconName};

#[derive(Debug, PartialEq, Properties)]
pub struct StepperProps {
    pub id: &'static str,
    pub label: &'static str,
    pub less: AttrValue,
    pub more: AttrValue,
    pub value: u64,
    pub min: u64,
    pub max: u64,
    pub change: Callback<u64>,
}

#[component]
pub fn Stepper(props: &StepperProps) -> Html {
    let to = |value: u64| props.change.reform(move |_: yew::MouseEvent| value);
    html! {
        <div class="field">
            <span class="lbl" id={props.id}>{ props.label }</span>
            <div class="stepper" role="group" aria-labelledby={props.id}>
                <button
                    aria-label={&props.less}
                    disabled={props.value <= props.min}
                    onclick={to(props.value.saturating_sub(1))}
                >
                    <Icon name={IconName::Minus} />
                </button>
                <output>{ props.value }</output>
                <button
                    aria-label={&props.more}
                    disabled={props.value >= props.max}
                    onclick={to(props.value + 1)}
                >
                    <Icon name={IconName::Plus} />
                </button>
            </div>
        </div>
    }
}
