//! An order as a small shape: disc fresh, diamond tried before, triangle given up.

use yew::{Html, html};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenShape {
    Fresh,
    Tried,
    Dead,
}

/// An order whose key has a hue, 0 to 5.
pub fn token(hue: u8, shape: TokenShape) -> Html {
    let class = format!("tok k{hue}");
    let shape = match shape {
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
