//! Publisher confirms: a service is done with its work when the broker has answered for its tasks.

use super::*;
use crate::simulation::job::Stage;

impl World {
    /// A task was published; in confirm mode its job waits for the broker's answer to it.
    pub(super) fn await_confirm(&mut self, seat: Seat, job: u64) {
        if !self.service_at(seat).confirms {
            return;
        }
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        instance.published += 1;
        instance.unconfirmed.insert(instance.published, job);
        if let Some(job) = self.job_at(seat, job) {
            job.stage = Stage::Confirming { returned: false };
        }
    }

    /// The broker answers for the publish of this number: it has the task, or refused it.
    pub(super) fn take_confirm(&mut self, connection: u32, number: u64, ack: bool) {
        let Some(seat) = self.connections.get(&connection).copied() else {
            return;
        };
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        let Some(id) = instance.unconfirmed.remove(&number) else {
            return;
        };
        if !ack {
            instance.unconfirmed.retain(|_, job| *job != id);
            return self.fail(seat, id, "503: the broker refused the task (basic.nack)".into());
        }
        if instance.unconfirmed.values().any(|job| *job == id) {
            return;
        }
        match self.job_at(seat, id).map(|job| job.stage) {
            Some(Stage::Confirming { returned: true }) => {
                self.fail(seat, id, "503: the task came back (312 NO_ROUTE)".into());
            }
            Some(Stage::Confirming { returned: false }) => self.all_is_passed_on(seat, id),
            _ => {}
        }
    }

    /// A mandatory task that reached no queue comes back.
    pub(super) fn take_return(&mut self, connection: u32, order: u32) {
        let Some(seat) = self.connections.get(&connection).copied() else {
            return;
        };
        self.note(Event::TaskReturned { order, service: seat.service });
        self.service_at(seat).returned += 1;
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        for job in instance.jobs.iter_mut().filter(|job| job.order == order) {
            if let Stage::Confirming { returned } = &mut job.stage {
                *returned = true;
            }
        }
    }
}
