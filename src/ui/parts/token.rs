//! An order as a small shape: disc fresh, diamond tried before, triangle given up.

use yew::{Html, Properties, component, html};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenShape {
    #[default]
    Fresh,
    Tried,
    Dead,
}

#[derive(Debug, PartialEq, Properties)]
pub struct TokenProps {
    /// The hue of its key, 0 to 5.
    pub hue: u8,
    #[prop_or_default]
    pub shape: TokenShape,
}

#[component]
pub fn Token(props: &TokenProps) -> Html {
    let class = format!("tok k{}", props.hue);
    let shape = match props.shape {
        TokenShape::Fresh => html! { <circle {class} r="5.2" /> },
        TokenShape::Tried => html! {
            <rect {class} x="-4.7" y="-4.7" width="9.4" height="9.4" rx="1.5" transform="rotate(45)" />
        },
        TokenShape::Dead => html! {
            <path class={format!("{class} dead")} d="M0 -5.4 L5.5 4.4 H-5.5 Z" />
        },
    };
    html! { <svg class="token" viewBox="-8 -8 16 16" aria-hidden="true">{ shape }</svg> }
}
