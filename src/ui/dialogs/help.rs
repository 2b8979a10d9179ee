//! Help: all keys, and how faithful the engines are.

use yew::{Callback, Html, html};

use crate::ui::model::{KEYS, Layer, Msg};
use crate::ui::parts::{IconName, icon, press};

use super::Dialog;

/// What the engines answer otherwise, case by case; the conformance test holds the list true.
const KNOWN_FAILURES: &str = include_str!("../../../tests/conformance/known_failures.txt");
const EXACT: [&str; 7] = [
    "Kafka: the partitioner, batches and offsets, retention by time and size, compaction",
    "Kafka: replicas, elections and truncation; idempotent producers; transactions",
    "Kafka: groups with generations, heartbeats and static members, all four assignors, commits",
    "RabbitMQ: exchanges, routing, TTL, length limits, priorities, prefetch, acks and requeues",
    "RabbitMQ: dead lettering with x-death as the broker writes it, confirms, quorum queues",
    "RabbitMQ: policies, alternate exchanges, single active consumers, consumer priorities",
    "RabbitMQ: what a restart keeps, what each error closes, alarms that block publishers",
];
const APPROXIMATE: [&str; 8] = [
    "A link has one fixed latency and loses nothing; partitions here have one copy each",
    "Services take the time that their setting says; processors and disks are not modelled",
    "One instance on a topic or queue works on one message at a time",
    "Kafka: a request carries one batch; markers of a transaction are written at once",
    "Kafka: coordinators never fail; records without a key change partition in turn, not at random",
    "RabbitMQ: a quorum queue works while most of its members are up; their log is not modelled",
    "RabbitMQ: confirms come at once, as no disk has to be waited for",
    "RabbitMQ: policies know simple patterns; a pattern beyond those is refused",
];
const LEFT_OUT: [&str; 3] = [
    "The bytes on the wire, authentication, quotas and compression",
    "Kafka: the new group protocol (KIP-848), share groups, KRaft's own log, tiered storage",
    "RabbitMQ: streams, transactions, virtual hosts, time limits on acks, plugins",
];

pub fn help(send: &Callback<Msg>) -> Html {
    let key = |(keys, what): &(&'static str, &'static str)| {
        let caps = keys.split(' ').map(|key| match key {
            "to" => html! { { " to " } },
            key => html! { <kbd>{ key }</kbd> },
        });
        html! { <div><dt>{ for caps }</dt><dd>{ *what }</dd></div> }
    };
    html! {
        <Dialog name="Help and keyboard shortcuts" class="dialog help" send={send.clone()}>
            <header class="dialog-head">
                <h2>{ "Help" }</h2>
                <button
                    class="ib"
                    aria-label="Close help"
                    data-first=""
                    onclick={press(send, Msg::Close(Layer::Help))}
                >
                    { icon(IconName::Close) }
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
                <details class="fold">
                    <summary><h4>{ "Recorded cases that are answered otherwise" }</h4></summary>
                    <ul class="plain-list">
                        { for known_failures().map(|item| html! { <li>{ item }</li> }) }
                    </ul>
                </details>
            </div>
        </Dialog>
    }
}

/// Case and reason.
fn known_failures() -> impl Iterator<Item = &'static str> {
    KNOWN_FAILURES.lines().filter(|line| !line.starts_with('#'))
}

fn part(title: &'static str, items: &[&'static str]) -> Html {
    html! {
        <>
            <h4>{ title }</h4>
            <ul class="plain-list">{ for items.iter().map(|item| html! { <li>{ *item }</li> }) }</ul>
        </>
    }
}
