//! Help: all keys, and how faithful the engines are.

use yew::Callback;

use crate::ui::model::{KEYS, Layer, Msg};
use crate::ui::parts::{IconName, Node, el, fragment, icon, text};

use super::dialog;

/// What the engines answer otherwise, case by case; the conformance test holds the list true.
const KNOWN_FAILURES: &str = include_str!("../../../tests/conformance/known_failures.txt");
const EXACT: [&str; 8] = [
    "Kafka: the partitioner, batches and offsets, retention by time and size, compaction",
    "Kafka: replicas, elections and truncation; idempotent producers; transactions",
    "Kafka: groups with generations, heartbeats and static members, all four assignors, commits",
    "Schema registry: Avro schemas, versions and ids, all compatibility levels, error codes",
    "RabbitMQ: exchanges, routing, TTL, length limits, priorities, prefetch, acks and requeues",
    "RabbitMQ: dead lettering with x-death as the broker writes it, confirms, quorum queues",
    "RabbitMQ: policies, alternate exchanges, single active consumers, consumer priorities",
    "RabbitMQ: what a restart keeps, what each error closes, alarms that block publishers",
];
const APPROXIMATE: [&str; 8] = [
    "A link has one fixed latency; a faulty one loses, doubles or delays messages, not packets",
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
const REPEATABLE: &str = "Time is virtual, and every run follows from its scenario, its seed and \
    your commands: rewinding shows the same moments again.";

pub fn help(send: &Callback<Msg>) -> Node {
    let close = el("button.ib")
        .label("Close help")
        .attr("data-first", "")
        .press(send, Msg::Close(Layer::Help))
        .child(icon(IconName::Close));
    let failures = el("details.fold")
        .child(el("summary").child(text("h4", "Recorded cases that are answered otherwise")))
        .child(list(known_failures()));
    let body = el("div.dialog-body")
        .region("Keys and fidelity")
        .child(text("h3", "Keys"))
        .child(el("dl.keys").children(KEYS.iter().map(key)))
        .child(text("h3", "How faithful the engines are"))
        .child(text("p", REPEATABLE))
        .child(part("As the real systems do it, checked against recorded cases", &EXACT))
        .child(part("Simplified", &APPROXIMATE))
        .child(part("Left out", &LEFT_OUT))
        .child(failures);
    let head = el("header.dialog-head").child(text("h2", "Help")).child(close);
    dialog("Help and keyboard shortcuts", "help", fragment().child(head).child(body), send)
}

fn key((keys, what): &(&'static str, &'static str)) -> Node {
    let cap = |caps: Node, key: &'static str| match key {
        "to" => caps.child(" to "),
        key => caps.child(text("kbd", key)),
    };
    let caps = keys.split(' ').fold(el("dt"), cap);
    el("div").child(caps).child(text("dd", *what))
}

/// Case and reason.
fn known_failures() -> impl Iterator<Item = &'static str> {
    KNOWN_FAILURES.lines().filter(|line| !line.starts_with('#'))
}

fn part(title: &'static str, items: &[&'static str]) -> Node {
    fragment().child(text("h4", title)).child(list(items.iter().copied()))
}

fn list(items: impl Iterator<Item = &'static str>) -> Node {
    el("ul.plain-list").children(items.map(|item| text("li", item)))
}
