//! The switches of brokers and nodes.

use yew::{Callback, MouseEvent};

use crate::simulation::{Command, World};
use crate::ui::format;
use crate::ui::parts::{IconName, Node, el, icon, text};
use crate::ui::scene::{Layout, Rect};

use super::labels::place;

/// One broker or node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    pub name: String,
    pub number: u32,
    pub up: bool,
    /// Partitions that a broker leads, or queues that a node has a copy of.
    pub holds: u64,
    /// What that is called: "leads 4 partitions".
    pub words: String,
    pub command: Command,
}

/// Kafka's brokers, then RabbitMQ's nodes, as far as the stage has places for them.
pub fn machines(world: &World, layout: &Layout) -> Vec<Machine> {
    let kafka = world.kafka();
    let leads = |number| {
        let partitions = kafka.topics().flat_map(|topic| topic.partitions());
        partitions.filter(|one| one.leader() == Some(number)).count() as u64
    };
    let broker = |number| {
        let (up, holds) = (!kafka.dead_brokers().contains(&number), leads(number));
        Machine {
            name: format!("broker {number}"),
            number,
            up,
            holds,
            words: format!("leads {}", format::counted(holds, "partition")),
            command: match up {
                true => Command::KillBroker { broker: number },
                false => Command::RestartBroker { broker: number },
            },
        }
    };
    let node = |number: u32| {
        let (up, queues) = (world.rabbitmq().is_up(number - 1), world.rabbitmq().queues());
        let holds = queues.filter(|it| it.members().contains(&(number - 1))).count() as u64;
        Machine {
            name: format!("RabbitMQ node {number}"),
            number,
            up,
            holds,
            words: format!("has {}", format::counted(holds, "queue")),
            command: match up {
                true => Command::KillNode { node: number },
                false => Command::RestartNode { node: number },
            },
        }
    };
    let brokers = (1..=layout.brokers.len() as u32).map(broker);
    brokers.chain((1..=layout.nodes.len() as u32).map(node)).collect()
}

/// A switch for each machine, with its number and how much it holds.
pub fn switches(machines: &[Machine], layout: &Layout, give: &Callback<Command>) -> Node {
    let places = layout.brokers.iter().chain(&layout.nodes);
    let switches = machines.iter().zip(places).map(|(one, rect)| switch(one, *rect, give));
    el("div").role("group").label("Brokers").children(switches)
}

fn switch(one: &Machine, rect: Rect, give: &Callback<Command>) -> Node {
    let command = one.command.clone();
    let verb = if one.up { "Kill" } else { "Restart" };
    let state = if one.up { "up" } else { "down" };
    let words = format!("{}, {state}, {}", one.name, one.words);
    let colour = format!("broker-{}", (one.number - 1) % 3 + 1);
    el("button.st-broker")
        .class("power")
        .key(&*one.name)
        .label(format!("{verb} {}", one.name))
        .attr("title", &words)
        .attr("aria-description", &words)
        .attr("data-on", one.up)
        .style(format!("{};--broker:var(--{colour})", place(rect)))
        .onclick(give.reform(move |_: MouseEvent| command.clone()))
        .child(text("b", one.number.to_string()))
        .child(if one.up { text("span", one.holds.to_string()) } else { text("span", "down") })
        .child(one.up.then(|| icon(IconName::Power)))
}
