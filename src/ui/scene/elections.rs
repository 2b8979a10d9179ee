//! Elections of the last moment, read off the trace.

use crate::engine::kafka::Event as Kafka;
use crate::simulation::Event;

use super::layout::Layout;
use super::motion::FLASH;

/// Another broker leads a partition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Election {
    pub tape: usize,
    pub partition: u32,
    pub age: f32,
    /// The broker whose end was the reason.
    pub after: Option<u32>,
}

/// Notes who leads since when. The newest event comes first, so a broker's end comes after the
/// elections that it led to.
pub(super) fn take(elections: &mut Vec<Election>, layout: &Layout, age: f32, event: &Event) {
    match event {
        Event::Kafka(Kafka::LeaderElected { partition: at, broker: Some(_), .. })
            if age < FLASH =>
        {
            let Some(tape) = layout.tapes.iter().position(|tape| tape.name == at.topic) else {
                return;
            };
            let partition = at.partition;
            elections.push(Election { tape, partition, age, after: None });
        }
        Event::Kafka(Kafka::BrokerStopped { broker }) => {
            for election in elections.iter_mut().filter(|it| it.age == age) {
                election.after = Some(*broker);
            }
        }
        _ => {}
    }
}
