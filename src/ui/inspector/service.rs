//! A service: its state, its settings, its faults, its tray or lag, and what happened to it.

use yew::{Callback, Html, html};

use crate::simulation::{AckMode, Command, Work};
use crate::ui::format;
use crate::ui::model::{Msg, Selection};
use crate::ui::parts::{
    self, IconName, Slider, Steps, Unit, choice, icon, power, press, state_class, stepper,
    time_chart,
};
use crate::ui::view::{Happening, Intake, ServiceView};

use super::faults::faults;
use super::{facts, link, section, section_with, settings};

/// The shortest time of work that the slider gives; the engine takes 0 too.
const SHORTEST_MS: u64 = 5;
const LONGEST_MS: u64 = 2_000;
const MOST_INSTANCES: u64 = 16;

pub fn panel(view: &ServiceView, send: &Callback<Msg>) -> Html {
    html! {
        <>
            { state(view, send) }
            { work(view, send) }
            { faults(view, send) }
            { chart(view, send) }
            { what_happened(view) }
            <details class="insp-sec fold">
                <summary><h3>{ "Settings" }</h3><em>{ "as the scenario has them" }</em></summary>
                { settings(&view.settings) }
            </details>
        </>
    }
}

fn state(view: &ServiceView, send: &Callback<Msg>) -> Html {
    let on = view.figures.instances_up > 0;
    let (name, command) = power(&view.id, &view.title, on);
    let offered = if on { view.offers.kill } else { view.offers.restart };
    let (word, class) = if on { ("Kill", "btn") } else { ("Restart", "btn primary") };
    html! {
        <div class={format!("insp-state {}", state_class(&view.figures.state))}>
            { parts::state(&view.figures, view.now_ms) }
            if offered {
                <button {class} aria-label={name} onclick={press(send, Msg::Command(command))}>
                    { icon(IconName::Power) }{ word }
                </button>
            }
        </div>
    }
}

fn work(view: &ServiceView, send: &Callback<Msg>) -> Html {
    let offers = view.offers;
    let queue = matches!(view.intake, Intake::Queue { .. });
    let calls = offers.call && !view.calls.is_empty();
    let any = offers.instances || offers.work || offers.fail || calls;
    if !(any || queue && (offers.prefetch || offers.ack)) {
        return Html::default();
    }
    section(
        "Work",
        html! {
            <>
                if offers.instances {
                    { instances(view, send) }
                }
                if offers.work {
                    { time_per_message(view, send) }
                }
                if offers.fail {
                    { failure_rate(view, send) }
                }
                if queue && offers.prefetch {
                    { prefetch(view, send) }
                }
                if queue && offers.ack {
                    { acknowledgement(view, send) }
                }
                if calls {
                    { for view.calls.iter().map(|(callee, on)| call(view, callee, *on, send)) }
                }
            </>
        },
    )
}

fn instances(view: &ServiceView, send: &Callback<Msg>) -> Html {
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

fn time_per_message(view: &ServiceView, send: &Callback<Msg>) -> Html {
    let service = view.id.clone();
    let change = send.reform(move |ms: u64| {
        Msg::Command(Command::SetWork { service: service.clone(), work: Work::FixedMs(ms) })
    });
    let label = match view.intake {
        Intake::Http => "Time per call",
        Intake::Topic { .. } => "Time per record",
        Intake::Queue { .. } => "Time per message",
    };
    html! {
        <Slider
            id="work"
            {label}
            value={view.base_ms}
            min={SHORTEST_MS.min(view.base_ms)}
            max={LONGEST_MS.max(view.base_ms)}
            step={5}
            unit={Unit::Millis}
            {change}
        />
    }
}

fn failure_rate(view: &ServiceView, send: &Callback<Msg>) -> Html {
    let service = view.id.clone();
    let change = send.reform(move |rate: u64| {
        Msg::Command(Command::FailRate { service: service.clone(), per_mille: rate as u32 })
    });
    html! {
        <Slider
            id="failure"
            label="Failure rate"
            value={view.figures.fail_per_mille}
            min={0}
            max={1_000}
            step={10}
            unit={Unit::PerMille}
            {change}
        />
    }
}

fn prefetch(view: &ServiceView, send: &Callback<Msg>) -> Html {
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

fn acknowledgement(view: &ServiceView, send: &Callback<Msg>) -> Html {
    let auto = view.figures.auto_ack;
    let service = view.id.clone();
    let choose = send.reform(move |index: usize| {
        let mode = if index == 0 { AckMode::After } else { AckMode::Auto };
        Msg::Command(Command::Ack { service: service.clone(), mode })
    });
    let options = vec![("after work".to_owned(), !auto), ("no_ack".to_owned(), auto)];
    choice("ack", "Ack", options, &choose)
}

fn call(view: &ServiceView, callee: &std::rc::Rc<str>, on: bool, send: &Callback<Msg>) -> Html {
    let command = Command::Call { service: view.id.clone(), callee: callee.clone(), enabled: !on };
    let onclick = press(send, Msg::Command(command));
    html! {
        <div class="field">
            <span class="lbl">{ "Calls " }<b class="mono">{ &**callee }</b></span>
            <button
                class="switch"
                role="switch"
                aria-checked={on.to_string()}
                aria-label={format!("{} calls {callee}", view.title)}
                {onclick}
            >
                <i></i>
            </button>
        </div>
    }
}

fn chart(view: &ServiceView, send: &Callback<Msg>) -> Html {
    let (title, name) = match &view.intake {
        Intake::Http => ("Its calls", Html::default()),
        Intake::Topic { group } => {
            ("Its lag", html! { <span class="mono dim">{ &**group }</span> })
        }
        Intake::Queue { queue, .. } => {
            ("Its tray", link(queue, Selection::Queue(queue.clone()), send))
        }
    };
    section_with(
        title,
        name,
        html! {
            <>
                if let Some(chart) = &view.chart {
                    { time_chart(chart) }
                }
                { facts(&view.facts) }
            </>
        },
    )
}

fn what_happened(view: &ServiceView) -> Html {
    section(
        "What happened",
        html! {
                <ol class="events">
                    { for view.happened.iter().map(happening) }
                    <li>
                        <time>{ "so far" }</time>
                        <span>{ format!("{} failed.", format::counted(view.orders_failed, "order")) }</span>
                    </li>
                </ol>
        },
    )
}

fn happening(one: &Happening) -> Html {
    html! {
        <li class={one.bad.then_some("bad")}>
            <time>{ format::clock(one.at) }</time>
            <span>
                { &one.text }
                if let Some(term) = one.term {
                    <em>{ term }</em>{ "." }
                }
            </span>
        </li>
    }
}
