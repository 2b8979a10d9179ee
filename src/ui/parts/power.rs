//! The power switch of a service.

use std::rc::Rc;

use yew::{Callback, Html, MouseEvent, Properties, component, html};

use crate::simulation::Command;

use super::{Icon, IconName};

#[derive(Debug, PartialEq, Properties)]
pub struct PowerButtonProps {
    pub service: Rc<str>,
    pub title: String,
    /// False when all instances are down.
    pub on: bool,
    #[prop_or_default]
    pub disabled: bool,
    pub give: Callback<Command>,
}

/// "Kill email" or "Restart email", whichever there is to do.
#[component]
pub fn PowerButton(props: &PowerButtonProps) -> Html {
    let (name, command) = power(&props.service, &props.title, props.on);
    let onclick = props.give.reform(move |_: MouseEvent| command.clone());
    html! {
        <button
            class="power"
            aria-label={name}
            data-on={props.on.to_string()}
            disabled={props.disabled}
            {onclick}
        >
            <Icon name={IconName::Power} />
        </button>
    }
}

/// The name of the switch in its present position, and what it does.
pub fn power(service: &Rc<str>, title: &str, on: bool) -> (String, Command) {
    let service = service.clone();
    if on {
        (
            format!("Kill {title}"),
            Command::Kill {
                service,
                instance: None,
            },
        )
    } else {
        (
            format!("Restart {title}"),
            Command::Restart {
                service,
                instance: None,
            },
        )
    }
}
