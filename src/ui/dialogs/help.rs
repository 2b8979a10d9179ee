//! Help: all keys, and how faithful the engines are.

use yew::{Callback, Html, Properties, component, html};

use crate::ui::model::{KEYS, Layer, Msg};
use crate::ui::parts::{Icon, IconName, press};

use super::Dialog;

/// What the vectors in `tests/vectors` prove, case by case.
const EXACT: [&str; 6] = [
    "Kafka: murmur2 and the choice of a partition, offsets, segments and retention",
    "Kafka: groups with generations, heartbeats, session timeout, commits and their refusals",
    "Kafka: range, round-robin, sticky and cooperative-sticky assignment",
    "RabbitMQ: direct, fanout, topic and headers exchanges, alternate exchanges, returns",
    "RabbitMQ: TTL, length limits, priorities, prefetch, requeue to the original place, confirms",
    "RabbitMQ: dead lettering with x-death as the broker writes it, quorum queues",
];
const APPROXIMATE: [&str; 3] = [
    "Links have one latency each; there is no packet loss and no bandwidth",
    "Services take the time that their setting says; processors and disks are not modelled",
    "Percentiles at the door are those of the last minute",
];
const LEFT_OUT: [&str; 3] = [
    "Kafka: more than one broker, transactions and compaction are not shown yet",
    "RabbitMQ: clustering, streams and policies",
    "Authentication, quotas and the wire formats of both",
];

#[derive(Debug, PartialEq, Properties)]
pub struct HelpProps {
    pub send: Callback<Msg>,
}

#[component]
pub fn Help(props: &HelpProps) -> Html {
    let key = |(keys, what): &(&'static str, &'static str)| {
        let caps = keys.split(' ').map(|key| match key {
            "to" => html! { { " to " } },
            key => html! { <kbd>{ key }</kbd> },
        });
        html! { <div><dt>{ for caps }</dt><dd>{ *what }</dd></div> }
    };
    html! {
        <Dialog name="Help and keyboard shortcuts" class="dialog help" send={props.send.clone()}>
            <header class="dialog-head">
                <h2>{ "Help" }</h2>
                <button
                    class="ib"
                    aria-label="Close help"
                    data-first=""
                    onclick={press(&props.send, Msg::Close(Layer::Help))}
                >
                    <Icon name={IconName::Close} />
                </button>
            </header>
            <div class="dialog-body" tabindex="0" role="region" aria-label="Keys and fidelity">
                <h3>{ "Keys" }</h3>
                <dl class="keys">{ for KEYS.iter().map(key) }</dl>
                <h3>{ "How faithful the engines are" }</h3>
                <p>
                    { "Time is virtual, and every run follows from its scenario, its seed and your \
                       commands: rewinding shows the same moments again." }
                </p>
                { part("As the real systems do it, checked against recorded cases", &EXACT) }
                { part("Simplified", &APPROXIMATE) }
                { part("Left out", &LEFT_OUT) }
            </div>
        </Dialog>
    }
}

fn part(title: &'static str, items: &[&'static str]) -> Html {
    html! {
        <>
            <h4>{ title }</h4>
            <ul class="plain-list">{ for items.iter().map(|item| html! { <li>{ *item }</li> }) }</ul>
        </>
    }
}
