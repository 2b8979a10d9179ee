//! The switches of brokers and nodes.

use yew::{Callback, MouseEvent};

use crate::simulation::{Command, World};
use crate::ui::format;
use crate::ui::parts::{IconName, Node, el, icon, text};
use crate::ui::scene::{Layout, Rect};

use super::labels::place;

/// A broker or a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    kind: &'static str,
    number: u32,
    up: bool,
    /// Partitions that a broker leads, or queues that a node has a copy of.
    holds: (&'static str, &'static str, u64),
    /// What a press does.
    command: Command,
}

/// Kafka's brokers, then RabbitMQ's nodes, as far as the stage has places for them.
pub fn machines(world: &World, layout: &Layout) -> Vec<Machine> {
    let (kafka, rabbitmq) = (world.kafka(), world.rabbitmq());
    let mut machines = Vec::new();
    for broker in 1..=layout.brokers.len() as u32 {
        let up = !kafka.dead_brokers().contains(&broker);
        let partitions = kafka.topics().flat_map(|topic| topic.partitions());
        let leads = partitions.filter(|one| one.leader() == Some(broker)).count() as u64;
        machines.push(Machine {
            kind: "broker",
            number: broker,
            up,
            holds: ("leads", "partition", leads),
            command: match up {
                true => Command::KillBroker { broker },
                false => Command::RestartBroker { broker },
            },
        });
    }
    for node in 1..=layout.nodes.len() as u32 {
        let up = rabbitmq.is_up(node - 1);
        let queues = rabbitmq.queues().filter(|queue| queue.members().contains(&(node - 1)));
        machines.push(Machine {
            kind: "RabbitMQ node",
            number: node,
            up,
            holds: ("has", "queue", queues.count() as u64),
            command: match up {
                true => Command::KillNode { node },
                false => Command::RestartNode { node },
            },
        });
    }
    machines
}

/// A switch for each machine, with its number and how much it holds.
pub fn switches(machines: &[Machine], layout: &Layout, give: &Callback<Command>) -> Node {
    let places = layout.brokers.iter().chain(&layout.nodes);
    let switches = machines.iter().zip(places).map(|(one, rect)| switch(one, *rect, give));
    el("div").role("group").label("Brokers").children(switches)
}

fn switch(one: &Machine, rect: Rect, give: &Callback<Command>) -> Node {
    let Machine { kind, number, up, holds: (verb, noun, holds), command } = one.clone();
    let (does, state) = if up { ("Kill", "up") } else { ("Restart", "down") };
    let words = format!("{state}, {verb} {}", format::counted(holds, noun));
    // What is seen beside the button is said with it.
    let seen = |node: Node| node.attr("aria-hidden", true);
    let button = el("button.power")
        .label(format!("{does} {kind} {number}"))
        .attr("title", &words)
        .attr("aria-description", words)
        .onclick(give.reform(move |_: MouseEvent| command.clone()))
        .child(up.then(|| icon(IconName::Power)));
    el("div.st-broker")
        .key(format!("{kind}-{number}"))
        .attr("data-on", up)
        .style(format!("{};--broker:var(--broker-{})", place(rect), (number - 1) % 3 + 1))
        .child(seen(text("b", number.to_string())))
        .child(seen(text("span", if up { holds.to_string() } else { state.to_owned() })))
        .child(button)
}
