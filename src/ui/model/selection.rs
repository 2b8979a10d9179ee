//! What the learner looks at more closely.

use std::rc::Rc;

use crate::simulation::World;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    Service(Rc<str>),
    /// A topic and the number of one of its partitions.
    Partition(Rc<str>, u32),
    Queue(Rc<str>),
    Exchange(Rc<str>),
    /// An order by its number; the first is 1.
    Order(u32),
}

impl Selection {
    /// Its name, as the inspector's title says it.
    pub fn title(&self) -> String {
        match self {
            Selection::Service(name) | Selection::Queue(name) | Selection::Exchange(name) => {
                name.to_string()
            }
            Selection::Partition(topic, number) => format!("{topic} p{number}"),
            Selection::Order(number) => crate::simulation::Order::id(*number),
        }
    }

    /// What kind of thing it is, as the line over the title says it.
    pub fn kind(&self) -> &'static str {
        match self {
            Selection::Service(_) => "Service",
            Selection::Partition(..) => "Partition",
            Selection::Queue(_) => "Queue",
            Selection::Exchange(_) => "Exchange",
            Selection::Order(_) => "Order",
        }
    }

    /// Whether the world has it: after a change of scenario or a rewind it may be gone.
    pub fn is_in(&self, world: &World) -> bool {
        match self {
            Selection::Service(id) => world.service(id).is_some(),
            Selection::Partition(topic, number) => world
                .kafka()
                .topic(topic)
                .is_some_and(|topic| (*number as usize) < topic.partitions().len()),
            Selection::Queue(name) => world.rabbitmq().queue(name).is_some(),
            Selection::Exchange(name) => world.rabbitmq().exchange(name).is_some(),
            Selection::Order(number) => world.ledger().account(*number).is_some(),
        }
    }
}
