//! The power switch of a service.

use std::rc::Rc;

use yew::{Callback, MouseEvent};

use crate::simulation::Command;

use super::{IconName, Node, el, icon};

/// "Kill email" or "Restart email", whichever there is to do; `on` is false when all instances are
/// down.
pub fn power_button(service: &Rc<str>, title: &str, on: bool, give: &Callback<Command>) -> Node {
    let (name, command) = power(service, title, on);
    let onclick = give.reform(move |_: MouseEvent| command.clone());
    el("button.power").label(name).attr("data-on", on).onclick(onclick).child(icon(IconName::Power))
}

/// The name of the switch in its present position, and what it does.
pub fn power(service: &Rc<str>, title: &str, on: bool) -> (String, Command) {
    let service = service.clone();
    if on {
        (format!("Kill {title}"), Command::Kill { service, instance: None })
    } else {
        (format!("Restart {title}"), Command::Restart { service, instance: None })
    }
}
