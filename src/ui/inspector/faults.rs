//! What can be broken about a service, each with a press.

use yew::{AttrValue, Callback};

use crate::simulation::{Command, CrashPoint};
use crate::ui::model::Msg;
use crate::ui::parts::{IconName, Node, el, icon, text};
use crate::ui::view::{ServiceView, crash_point};

use super::section;

const SLOW_PERCENT: u32 = 1_000;
const NORMAL_PERCENT: u32 = 100;
const FAIL_PER_MILLE: u32 = 300;
const POINTS: [CrashPoint; 3] =
    [CrashPoint::AfterReceive, CrashPoint::AfterWork, CrashPoint::BeforeAck];

pub fn faults(view: &ServiceView, send: &Callback<Msg>) -> Option<Node> {
    let faults = offered(view);
    if faults.is_empty() {
        return None;
    }
    let button = |fault: &Fault| {
        el("button.fault")
            .attr("aria-pressed", fault.on)
            .label(&fault.name)
            .attr("title", &fault.name)
            .press(send, Msg::Command(fault.command.clone()))
            .child(icon(fault.icon))
            .child(text("span", &fault.label))
    };
    let some = |crashes: bool| {
        let kind = move |fault: &&Fault| (fault.icon == IconName::Bolt) == crashes;
        el("div.faults").children(faults.iter().filter(kind).map(button))
    };
    let section = section("Faults").child(some(false));
    if !view.offers.crash {
        return Some(section);
    }
    let note = text("p.faults-note", "The next piece of work crashes it");
    Some(section.child(note).child(some(true).class("three")))
}

struct Fault {
    icon: IconName,
    label: AttrValue,
    /// As a sentence uses it: "Slow email ×10".
    name: AttrValue,
    on: bool,
    command: Command,
}

fn offered(view: &ServiceView) -> Vec<Fault> {
    let (service, title, figures) = (&view.id, &view.title, &view.figures);
    let mut faults = Vec::new();
    if view.offers.kill && figures.instances_up > 0 {
        // One of several: the switch above ends them all.
        let instance = (figures.instances > 1).then_some(1);
        let (label, name) = match instance {
            Some(_) => ("Kill one".into(), format!("Kill one instance of {title}").into()),
            None => ("Kill".into(), format!("Kill {title}").into()),
        };
        let command = Command::Kill { service: service.clone(), instance };
        faults.push(Fault { icon: IconName::Power, label, name, on: false, command });
    } else if view.offers.restart {
        let command = Command::Restart { service: service.clone(), instance: None };
        let name = format!("Restart {title}").into();
        faults.push(Fault {
            icon: IconName::Power,
            label: "Killed".into(),
            name,
            on: true,
            command,
        });
    }
    if view.offers.slow {
        let on = figures.slow_percent > 100;
        let percent = if on { NORMAL_PERCENT } else { SLOW_PERCENT };
        let command = Command::Slow { service: service.clone(), percent };
        let name = format!("Slow {title} ×10").into();
        faults.push(Fault { icon: IconName::Snail, label: "Slow ×10".into(), name, on, command });
    }
    if view.offers.fail {
        let on = figures.fail_per_mille > 0;
        let per_mille = if on { 0 } else { FAIL_PER_MILLE };
        let command = Command::FailRate { service: service.clone(), per_mille };
        let label = "Fail 30\u{202f}%".into();
        let name = format!("Fail 30 % of {title}").into();
        faults.push(Fault { icon: IconName::Dice, label, name, on, command });
    }
    if view.offers.poison {
        let command = Command::Poison { service: service.clone() };
        let (label, name) = ("Poison next".into(), format!("Poison next for {title}").into());
        faults.push(Fault { icon: IconName::Skull, label, name, on: figures.poison_next, command });
    }
    if view.offers.crash {
        faults.extend(POINTS.iter().map(|point| crash(view, *point)));
    }
    faults
}

fn crash(view: &ServiceView, point: CrashPoint) -> Fault {
    let words = crash_point(point);
    Fault {
        icon: IconName::Bolt,
        label: words.into(),
        name: format!("Crash {} {words}", view.title).into(),
        on: view.figures.crash_at == Some(point),
        command: Command::CrashAt { service: view.id.clone(), point },
    }
}
