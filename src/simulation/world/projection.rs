//! Projections: restoring, folding, snapshots, rebuilding, and the buyers who read them.

use super::*;
use crate::engine::kafka::{ConsumerInput, TopicPartition};
use crate::simulation::command::CommandError;
use crate::simulation::job::{Job, Source};
use crate::simulation::observation::ProjectionFigures;
use crate::simulation::order::Order;
use crate::simulation::projection::{Read, View, WaitingRead};
use crate::simulation::service::Intake;

/// What a reader hears whose order the read model does not have.
const NOT_THERE: &str = "404: not in the list yet";

impl World {
    /// An instance got partitions: it restores what was saved of them and reads on from there.
    pub(super) fn restore_views(&mut self, seat: Seat, partitions: Vec<TopicPartition>) {
        let service = self.service_at(seat);
        if service.spec.projection.is_none() {
            return;
        }
        for at in partitions {
            let view = self.service_at(seat).snapshots.get(&at).cloned().unwrap_or_default();
            let (partition, offset) = (at.partition, view.next);
            let Some(instance) = self.instance_at(seat) else {
                return;
            };
            instance.views.insert(at.clone(), view);
            self.note(Event::Restored { service: seat.service, partition, offset });
            self.seek(seat, at, offset);
        }
    }

    fn seek(&mut self, seat: Seat, partition: TopicPartition, offset: u64) {
        if let Some(instance) = self.instance_at(seat)
            && let Intake::Topic { client, .. } = &instance.intake
        {
            let client = *client;
            self.drive_consumer(client, ConsumerInput::Seek { partition, offset });
        }
    }

    /// Partitions went to other members, and with them their part of the read model.
    pub(super) fn forget_views(&mut self, seat: Seat, gone: &[TopicPartition]) {
        if let Some(instance) = self.instance_at(seat).filter(|one| !one.views.is_empty()) {
            instance.views.retain(|at, _| !gone.contains(at));
            instance.jobs.retain(|job| !comes_from(job, gone));
        }
    }

    /// Folds the record of a job into the read model.
    pub(super) fn fold(&mut self, seat: Seat, id: u64, document: &Order) {
        let Some(spec) = self.service_at(seat).spec.projection else {
            return;
        };
        let Some(job) = self.job_at(seat, id).cloned() else {
            return;
        };
        let Source::Record { partition: at, offset } = job.source else {
            return;
        };
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        let event = instance.event.clone().unwrap_or_else(|| at.topic.clone());
        let Some(view) = instance.views.get_mut(&at) else {
            return;
        };
        if offset < view.next {
            return;
        }
        view.fold(spec, job.order, &event, document);
        view.next = offset + 1;
        let saved = spec.snapshot_every.is_some_and(|every| view.since_snapshot >= every);
        if saved {
            view.since_snapshot = 0;
            let (partition, offset, view) = (at.partition, view.next, view.clone());
            let service = self.service_at(seat);
            service.snapshots.insert(at, view);
            service.snapshots_taken += 1;
            self.note(Event::SnapshotTaken { service: seat.service, partition, offset });
        }
        self.service_at(seat).folded += 1;
        self.answer_readers(job.order);
    }

    /// Throws read model and snapshots away and reads the topic from its start.
    pub(super) fn rebuild(&mut self, service: &str) -> Result<(), CommandError> {
        self.edit(service)?.snapshots.clear();
        for seat in self.seats(service, None)? {
            let Some(instance) = self.instance_at(seat) else {
                continue;
            };
            instance.jobs.clear();
            if let Intake::Topic { records, .. } = &mut instance.intake {
                records.clear();
            }
            let partitions = instance.views.keys().cloned().collect();
            self.restore_views(seat, partitions);
            self.take_next(seat);
        }
        Ok(())
    }

    /// A buyer's order was accepted: some look at it next.
    pub(super) fn expect_read(&mut self, order: u32) {
        if let Some(spec) = &self.readers.spec {
            let due = self.now + Duration::from_millis(spec.after_ms);
            self.agenda.add(due, Task::Read { order });
        }
    }

    /// The service whose projection buyers read.
    pub(super) fn projection(&self) -> u16 {
        let reads = self.readers.spec.as_ref();
        let read = |one: &Service| reads.is_some_and(|spec| spec.service == one.spec.id);
        self.services.iter().position(read).expect("the scenario's reads were checked") as u16
    }

    /// The buyer asks the first instance that is up; it knows what the others have.
    pub(super) fn read(&mut self, order: u32) {
        let service = self.projection();
        let instances = &self.services[usize::from(service)].instances;
        let instance = instances.iter().position(|instance| instance.up).unwrap_or(0) as u16;
        let call = self.id();
        self.calls.insert(call, Caller::Reader { order, asked_at: self.now });
        self.give_up_after(call, self.buyers.patience_ms);
        let to = Endpoint::Service { service, instance };
        let body = Rc::from([].as_slice());
        self.send(Endpoint::Buyer, to, Some(order), Cargo::HttpRequest { call, body });
    }

    /// A read reaches the projection.
    pub(super) fn take_read(&mut self, to: Endpoint, call: u64, order: u32) {
        let Endpoint::Service { service, .. } = to else {
            return;
        };
        let target = &self.services[usize::from(service)];
        if target.instances_up() == 0 {
            let reason = format!("{} is down: connection refused", target.spec.id);
            return self.answer_call(to, call, Err(reason.into()));
        }
        let views = target.instances.iter().flat_map(|instance| instance.views.values());
        if views.into_iter().any(|view| view.has(order)) {
            return self.answer_call(to, call, Ok(()));
        }
        match &self.readers.spec {
            Some(spec) if spec.waits => {
                let due = self.now + Duration::from_millis(spec.patience_ms);
                self.readers.waiting.push(WaitingRead { call, order, from: to });
                self.agenda.add(due, Task::ReadTimeout { call });
            }
            Some(_) | None => self.answer_call(to, call, Err(NOT_THERE.into())),
        }
    }

    fn answer_readers(&mut self, order: u32) {
        while let Some(place) = self.readers.waiting.iter().position(|read| read.order == order) {
            let read = self.readers.waiting.remove(place);
            self.answer_call(read.from, read.call, Ok(()));
        }
    }

    /// A reader has waited long enough.
    pub(super) fn read_timeout(&mut self, call: u64) {
        if let Some(place) = self.readers.waiting.iter().position(|read| read.call == call) {
            let read = self.readers.waiting.remove(place);
            self.answer_call(read.from, call, Err(NOT_THERE.into()));
        }
    }

    pub(super) fn reader_has_answer(
        &mut self,
        order: u32,
        asked_at: Instant,
        outcome: Result<(), Rc<str>>,
    ) {
        let read = match outcome {
            Ok(()) => Read::Fresh,
            Err(reason) if *reason == *NOT_THERE => Read::Stale,
            Err(_) => Read::Failed,
        };
        self.readers.count(read, asked_at, self.now);
        self.note(Event::OrderRead { order, read });
    }
}

fn comes_from(job: &Job, partitions: &[TopicPartition]) -> bool {
    matches!(&job.source, Source::Record { partition, .. } if partitions.contains(partition))
}

/// The read model of a service, all instances together.
pub(super) fn figures(service: &Service) -> Option<ProjectionFigures> {
    service.spec.projection?;
    let mut figures = ProjectionFigures {
        folded: service.folded,
        snapshots: service.snapshots_taken,
        ..ProjectionFigures::default()
    };
    let views = service.instances.iter().flat_map(|instance| instance.views.values());
    views.for_each(|view| add(&mut figures, view));
    Some(figures)
}

fn add(figures: &mut ProjectionFigures, view: &View) {
    figures.orders += view.orders;
    figures.balance_cents += view.balance_cents;
    for (event, orders) in view.states() {
        *figures.states.entry(event.clone()).or_default() += orders;
    }
}
