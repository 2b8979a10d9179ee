//! A service: its state, its settings, its faults, its tray or lag, and what happened to it.

use yew::Callback;

use crate::simulation::{AckMode, Command, Work};
use crate::ui::format;
use crate::ui::model::{Msg, Selection};
use crate::ui::parts::{
    self, IconName, Node, Slider, SliderProps, Steps, Unit, choice, component, el, fragment, icon,
    power, state_class, stepper, text, time_chart,
};
use crate::ui::view::{Happening, Intake, ServiceView};

use super::actions::actions;
use super::settings::changes;
use super::{facts, fold, link, section, section_with, settings};

/// The shortest time of work that the slider gives; the engine takes 0 too.
const SHORTEST_MS: u64 = 5;
const LONGEST_MS: u64 = 2_000;
const ACKS: [(&str, AckMode); 3] =
    [("after work", AckMode::After), ("before", AckMode::Before), ("no_ack", AckMode::Auto)];
const MOST_INSTANCES: u64 = 16;

pub fn panel(view: &ServiceView, send: &Callback<Msg>) -> Node {
    fragment()
        .child(state(view, send))
        .child(work(view, send))
        .child(actions(&view.actions, send))
        .child(chart(view, send))
        .child(what_happened(view))
        .child(changes(&view.changes, send))
        .child(fold("Declared", "as the scenario has it").child(settings(&view.settings)))
}

fn state(view: &ServiceView, send: &Callback<Msg>) -> Node {
    let on = view.figures.instances_up > 0;
    let (name, command) = power(&view.id, &view.title, on);
    let offered = if on { view.offers.kill } else { view.offers.restart };
    let button = offered.then(|| {
        el("button.btn")
            .class_if(!on, "primary")
            .label(name)
            .press(send, Msg::Command(command))
            .child(icon(IconName::Power))
            .child(if on { "Kill" } else { "Restart" })
    });
    el("div.insp-state")
        .class(state_class(&view.figures))
        .child(parts::state(&view.figures, view.now_ms))
        .child(button)
}

fn work(view: &ServiceView, send: &Callback<Msg>) -> Option<Node> {
    let offers = view.offers;
    let queue = matches!(view.intake, Intake::Queue { .. });
    let calls = offers.call && !view.calls.is_empty();
    let any = offers.instances || offers.work || offers.fail || calls;
    if !(any || queue && (offers.prefetch || offers.ack)) {
        return None;
    }
    let section = section("Work")
        .child(offers.instances.then(|| instances(view, send)))
        .child(offers.work.then(|| time_per_message(view, send)))
        .child(offers.fail.then(|| failure_rate(view, send)))
        .child((queue && offers.prefetch).then(|| prefetch(view, send)))
        .child((queue && offers.ack).then(|| acknowledgement(view, send)));
    if !calls {
        return Some(section);
    }
    Some(section.children(view.calls.iter().map(|(callee, on)| call(view, callee, *on, send))))
}

fn instances(view: &ServiceView, send: &Callback<Msg>) -> Node {
    let service = view.id.clone();
    let change = send.reform(move |count: u64| {
        Msg::Command(Command::Instances { service: service.clone(), count: count as u32 })
    });
    let steps = Steps {
        less: &format!("One instance of {} less", view.title),
        more: &format!("One instance of {} more", view.title),
        value: view.figures.instances,
        min: 1,
        max: MOST_INSTANCES.max(view.figures.instances),
    };
    stepper("instances", "Instances", steps, &change)
}

fn time_per_message(view: &ServiceView, send: &Callback<Msg>) -> Node {
    let service = view.id.clone();
    let change = send.reform(move |ms: u64| {
        Msg::Command(Command::SetWork { service: service.clone(), work: Work::FixedMs(ms) })
    });
    let label = match view.intake {
        Intake::Http => "Time per call",
        Intake::Topic { .. } => "Time per record",
        Intake::Queue { .. } => "Time per message",
    };
    component::<Slider>(SliderProps {
        id: "work".into(),
        label: label.into(),
        value: view.base_ms,
        min: SHORTEST_MS.min(view.base_ms),
        max: LONGEST_MS.max(view.base_ms),
        step: 5,
        unit: Unit::Millis,
        change,
    })
}

fn failure_rate(view: &ServiceView, send: &Callback<Msg>) -> Node {
    let service = view.id.clone();
    let change = send.reform(move |rate: u64| {
        Msg::Command(Command::FailRate { service: service.clone(), per_mille: rate as u32 })
    });
    component::<Slider>(SliderProps {
        id: "failure".into(),
        label: "Failure rate".into(),
        value: view.figures.fail_per_mille,
        min: 0,
        max: 1_000,
        step: 10,
        unit: Unit::PerMille,
        change,
    })
}

fn prefetch(view: &ServiceView, send: &Callback<Msg>) -> Node {
    let counts = view.prefetches.clone();
    let options =
        counts.iter().map(|count| (format::count(*count), *count == view.figures.prefetch));
    let options: Vec<_> = options.collect();
    let service = view.id.clone();
    let choose = send.reform(move |index: usize| {
        let count = counts[index] as u16;
        Msg::Command(Command::Prefetch { service: service.clone(), count })
    });
    choice("prefetch", "Prefetch", options, &choose)
}

fn acknowledgement(view: &ServiceView, send: &Callback<Msg>) -> Node {
    let Intake::Queue { ack, .. } = &view.intake else {
        return fragment();
    };
    let service = view.id.clone();
    let choose = send.reform(move |index: usize| {
        Msg::Command(Command::Ack { service: service.clone(), mode: ACKS[index].1 })
    });
    let options = ACKS.iter().map(|(words, mode)| ((*words).to_owned(), mode == ack));
    choice("ack", "Ack", options.collect(), &choose)
}

fn call(view: &ServiceView, callee: &std::rc::Rc<str>, on: bool, send: &Callback<Msg>) -> Node {
    let command = Command::Call { service: view.id.clone(), callee: callee.clone(), enabled: !on };
    let switch = el("button.switch")
        .role("switch")
        .attr("aria-checked", on)
        .label(format!("{} calls {callee}", view.title))
        .press(send, Msg::Command(command))
        .child(el("i"));
    el("div.field")
        .child(el("span.lbl").child("Calls ").child(text("b.mono", callee)))
        .child(switch)
}

fn chart(view: &ServiceView, send: &Callback<Msg>) -> Node {
    let (title, name) = match &view.intake {
        Intake::Http => ("Its calls", None),
        Intake::Topic { group } => ("Its lag", Some(text("span.mono", group).class("dim"))),
        Intake::Queue { queue, .. } => {
            ("Its tray", Some(link(queue, Selection::Queue(queue.clone()), send)))
        }
    };
    section_with(title, name).child(view.chart.as_ref().map(time_chart)).child(facts(&view.facts))
}

fn what_happened(view: &ServiceView) -> Node {
    let failed = format!("{} failed.", format::counted(view.orders_failed, "order"));
    let so_far = el("li").child(text("time", "so far")).child(text("span", failed));
    let events = el("ol.events").children(view.happened.iter().map(happening)).child(so_far);
    section("What happened").child(events)
}

fn happening(one: &Happening) -> Node {
    let term = one.term.map(|term| fragment().child(text("em", term)).child("."));
    el("li")
        .class_if(one.bad, "bad")
        .child(text("time", format::clock(one.at)))
        .child(text("span", &one.text).child(term))
}
