//! Elections of the last moment, read off the trace.

use super::motion::FLASH;
use super::notes::What;

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
pub(super) fn take(elections: &mut Vec<Election>, age: f32, what: What) {
    match what {
        What::Elected { tape, partition } if age < FLASH => {
            elections.push(Election { tape, partition, age, after: None });
        }
        What::Stopped { broker } => {
            for election in elections.iter_mut().filter(|it| it.age == age) {
                election.after = Some(broker);
            }
        }
        _ => {}
    }
}
