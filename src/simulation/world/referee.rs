//! What the world tells the referee: which messages were handled in which order, what is overdue.

use super::*;
use crate::simulation::job::Source;
use crate::simulation::scenario::Input;

impl World {
    /// Notes what the referee found, if it found anything.
    pub(super) fn note_finding(&mut self, order: u32, finding: Option<Rc<str>>) {
        self.note_finding_on(order, finding, None);
    }

    /// The same for a finding that a message is to blame for.
    pub(super) fn note_finding_on(
        &mut self,
        order: u32,
        finding: Option<Rc<str>>,
        message: Option<Rc<str>>,
    ) {
        let Some(finding) = finding else { return };
        if let Some(message) = message {
            self.ledger.name_message(message);
        }
        self.note(Event::Found { order, finding });
    }

    /// Why an effect would happen a second time, in words.
    pub(super) fn cause_of_repeat(
        &self,
        seat: Seat,
        source: &Source,
        attempt: u32,
    ) -> &'static str {
        match source {
            Source::Call { .. } => "the call was repeated",
            Source::Record { .. } if attempt > 1 => "its work was tried again",
            Source::Record { partition, offset }
                if self.was_moved_back(seat, partition, *offset) =>
            {
                "the record was read again, the offset of its group was moved back"
            }
            Source::Record { .. } => "the record was read again, its offset was not committed",
            Source::Delivery { redelivered: true, .. } => {
                "the message was redelivered, it had not been acknowledged"
            }
            Source::Delivery { redelivered: false, .. } => "a second message asked for it",
        }
    }

    /// An instance is done with a message. Where a service reads several messages about an order,
    /// the referee compares them by when they were sent.
    pub(super) fn handled(&mut self, seat: Seat, job: u64) {
        if !self.watched.contains(&seat.service) {
            return;
        }
        let Some(job) = self.job_at(seat, job) else {
            return;
        };
        let (order, source) = (job.order, job.source.clone());
        let Some(sent) = self.sent_at(&source) else {
            return;
        };
        let name = self.services[usize::from(seat.service)].spec.id.clone();
        let finding = self.ledger.handle(self.now, order, (seat.service, &name), sent);
        self.note_finding_on(order, finding, source.message());
    }

    /// A number that grows with the moment at which a message was sent.
    fn sent_at(&self, source: &Source) -> Option<u64> {
        match source {
            Source::Call { .. } => None,
            Source::Record { partition, offset } => {
                let record = self.kafka.partition(partition)?.record(*offset)?;
                u64::try_from(record.timestamp_ms).ok()
            }
            Source::Delivery { message, .. } => {
                message.as_deref()?.strip_prefix("m-")?.parse().ok()
            }
        }
    }

    /// The services whose topic or queue gets more than one message about an order.
    pub(super) fn readers_of_several(&self) -> Vec<u16> {
        let services = &self.scenario.services;
        let several = |input: &Input| {
            let counts = services.iter().map(|sender| match input {
                Input::Http { .. } => 0,
                Input::Topic { topic, .. } => {
                    sender.publishes.iter().filter(|one| *one == topic).count()
                }
                Input::Queue { queue, .. } => {
                    let routes = |exchange, key| self.rabbitmq.routes(exchange, key);
                    let tasks = sender.enqueues.iter();
                    tasks.filter(|to| routes(&to.exchange, &to.routing_key).contains(queue)).count()
                }
            });
            counts.sum::<usize>() > 1
        };
        let watched = services.iter().zip(0..).filter(|(service, _)| several(&service.input));
        watched.map(|(_, index)| index).collect()
    }

    /// Finds what is overdue since the last look.
    pub(super) fn hold_to_deadlines(&mut self) {
        for (order, effect) in self.ledger.overdue(self.now) {
            let (why, message) = self.whereabouts(order, effect);
            let finding = self.ledger.find_late(self.now, order, effect, &why);
            self.note_finding_on(order, Some(finding), message);
        }
    }
}
