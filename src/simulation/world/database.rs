//! A service's database: the row of an order, the outbox and its relay, and the comparison of what
//! is written with what is published.

use super::*;
use crate::engine::kafka::{Request, TopicPartition};
use crate::simulation::command::CrashPoint;
use crate::simulation::database::{Database, OutboxRow, Target};
use crate::simulation::job::Stage;
use crate::simulation::observation::DatabaseFigures;
use crate::simulation::scenario::Publishes;

/// Orders with a record in a batch, where the batch should go, and where that log ended before.
type Produced = Vec<(TopicPartition, u64, Vec<u32>)>;

impl World {
    /// The work is done: the row and the messages follow, in the order that the service declares.
    pub(super) fn store_and_publish(&mut self, seat: Seat, id: u64) {
        match self.publishes_when(seat.service) {
            Some(Publishes::AfterWrite | Publishes::Outbox { .. }) => self.write(seat, id),
            Some(Publishes::BeforeWrite) | None => self.publish(seat, id),
        }
    }

    pub(super) fn publishes_when(&self, service: u16) -> Option<Publishes> {
        Some(self.services[usize::from(service)].spec.database?.publishes)
    }

    pub(super) fn write(&mut self, seat: Seat, id: u64) {
        let write_ms = self.service_at(seat).spec.database.map_or(0, |database| database.write_ms);
        let until = self.now + Duration::from_millis(write_ms);
        self.wait(seat, id, Stage::Writing { until }, until);
    }

    /// The database's transaction is committed.
    pub(super) fn written(&mut self, seat: Seat, id: u64) {
        let Some((order, body)) = self.job_at(seat, id).map(|job| (job.order, job.body.clone()))
        else {
            return;
        };
        let publishes = self.publishes_when(seat.service);
        let now = self.now;
        let service = self.service_at(seat);
        service.database.write(order);
        if service.spec.deduplicates.is_some() {
            service.database.remember(now, order);
        }
        let outbox = matches!(publishes, Some(Publishes::Outbox { .. }));
        if outbox {
            self.fill_outbox(seat, order, body);
        }
        self.note(Event::Written { order, service: seat.service });
        if self.crashes_at(seat, CrashPoint::AfterWrite) {
            return;
        }
        match publishes {
            Some(Publishes::AfterWrite) => self.publish(seat, id),
            Some(Publishes::BeforeWrite | Publishes::Outbox { .. }) | None => {
                self.complete(seat, id);
            }
        }
    }

    fn fill_outbox(&mut self, seat: Seat, order: u32, body: Rc<[u8]>) {
        let spec = self.service_at(seat).spec.clone();
        let topics = (0..spec.publishes.len() as u16).map(Target::Topic);
        let tasks = (0..spec.enqueues.len() as u16).map(Target::Task);
        for target in topics.chain(tasks) {
            let row = OutboxRow {
                id: self.id(),
                order,
                body: body.clone(),
                target,
                sent_by: None,
                returned: false,
            };
            self.service_at(seat).database.outbox.push_back(row);
        }
        self.relay_soon(seat.service);
    }

    /// Puts the relay on the agenda if it has something to do.
    pub(super) fn relay_soon(&mut self, service: u16) {
        let every = match self.publishes_when(service) {
            Some(Publishes::Outbox { relay_every_ms }) => relay_every_ms * 1_000,
            // Rows may be left from before the outbox was given up.
            Some(_) | None => 500_000,
        };
        let database = &mut self.services[usize::from(service)].database;
        if database.relay_is_due || database.outbox.is_empty() {
            return;
        }
        database.relay_is_due = true;
        let due = Instant::from_micros((self.now.as_micros() / every + 1) * every);
        self.agenda.add(due, Task::Relay(service));
    }

    /// The relay, part of the first instance that is up, publishes what nobody has in hand. A
    /// restarted instance calls it again when there was none.
    pub(super) fn relay(&mut self, service: u16) {
        let target = &mut self.services[usize::from(service)];
        target.database.relay_is_due = false;
        let Some(instance) = target.instances.iter().position(|instance| instance.up) else {
            return;
        };
        let seat = Seat { service, instance: instance as u16 };
        let waiting = target.database.outbox.iter_mut().filter(|row| row.sent_by.is_none());
        let rows: Vec<OutboxRow> = waiting
            .map(|row| {
                row.sent_by = Some(seat.instance);
                row.clone()
            })
            .collect();
        let spec = target.spec.clone();
        for row in rows {
            match row.target {
                Target::Topic(topic) => {
                    let topic = &spec.publishes[usize::from(topic)];
                    match self.record_value(seat, row.order, topic, row.body.clone()) {
                        Ok(value) => {
                            self.produce(seat, (row.id, row.order), topic, &row.body, value);
                        }
                        Err(_) => self.relay_failed(seat, row.id),
                    }
                }
                Target::Task(task) => {
                    let task = &spec.enqueues[usize::from(task)];
                    if self.is_disconnected(seat) {
                        self.relay_failed(seat, row.id);
                        continue;
                    }
                    self.enqueue(seat, row.id, row.order, task, row.body);
                    let confirms = self.service_at(seat).confirms;
                    if !confirms && self.relayed(seat, row.id).is_none() {
                        return;
                    }
                }
            }
        }
        self.relay_soon(service);
    }

    /// A message of the outbox is where it should be: its row is deleted, unless the relay crashes
    /// in this moment. Returns its order.
    pub(super) fn relayed(&mut self, seat: Seat, id: u64) -> Option<u32> {
        let outbox = &self.service_at(seat).database.outbox;
        let place = outbox.iter().position(|row| row.id == id)?;
        if self.crashes_at(seat, CrashPoint::AfterPublish) {
            return None;
        }
        let row = self.service_at(seat).database.outbox.remove(place)?;
        self.renew_when_idle(seat);
        Some(row.order)
    }

    pub(super) fn relay_failed(&mut self, seat: Seat, id: u64) {
        let outbox = &mut self.service_at(seat).database.outbox;
        if let Some(row) = outbox.iter_mut().find(|row| row.id == id) {
            row.sent_by = None;
            row.returned = false;
        }
    }

    /// The broker answers for a task of the outbox. False if what waits is no row of it.
    pub(super) fn row_is_answered_for(&mut self, seat: Seat, id: u64, ack: bool) -> bool {
        let mut outbox = self.service_at(seat).database.outbox.iter();
        let Some(returned) = outbox.find(|row| row.id == id).map(|row| row.returned) else {
            return false;
        };
        if ack && !returned {
            self.relayed(seat, id);
        } else {
            self.relay_failed(seat, id);
        }
        true
    }

    /// The orders with a record in a request, if the sender has a database to compare them with.
    pub(super) fn produced_by(&self, from: Endpoint, request: &Request) -> Produced {
        let (Endpoint::Service { service, .. }, Request::Produce(produce)) = (from, request) else {
            return Vec::new();
        };
        let spec = &self.services[usize::from(service)].spec;
        if spec.database.is_none() {
            return Vec::new();
        }
        let batches = produce.batches.iter();
        let ours = batches.filter(|batch| spec.publishes.contains(&batch.partition.topic));
        ours.map(|batch| {
            let orders = batch.records.iter().filter_map(log::order_of).collect();
            (batch.partition.clone(), self.log_end(&batch.partition), orders)
        })
        .collect()
    }

    /// The records of a request are in the log, unless the log did not grow.
    pub(super) fn note_appended(&mut self, from: Endpoint, produced: Produced) {
        let Endpoint::Service { service, .. } = from else {
            return;
        };
        for (at, end, orders) in produced {
            let grew = self.log_end(&at) > end;
            for order in orders.into_iter().filter(|_| grew) {
                self.services[usize::from(service)].database.published(order);
            }
        }
    }

    fn log_end(&self, at: &TopicPartition) -> u64 {
        let topic = self.kafka.topic(&at.topic);
        let partition = topic.and_then(|topic| topic.partitions().get(at.partition as usize));
        partition.map_or(0, |partition| partition.log_end_offset())
    }

    /// A crash cut off a buyer's call. What is on its way to the log still gets there; then, unless
    /// the buyer comes back, row and record should agree.
    pub(super) fn audit_after_crash(&mut self, seat: Seat, call: u64, order: u32) {
        let spec = &self.service_at(seat).spec;
        if spec.database.is_none() || spec.publishes.is_empty() {
            return;
        }
        if let Some(Caller::Buyer { .. }) = self.calls.get(&call) {
            let under_way = |parcel: &&Parcel| {
                parcel.from == Endpoint::from(seat) && parcel.to == Endpoint::Kafka
            };
            let arrivals = self.parcels.values().filter(under_way).map(|parcel| parcel.due_at);
            let due = arrivals.max().unwrap_or(self.now);
            self.agenda.add(due, Task::Audit { service: seat.service, order });
        }
    }

    pub(super) fn audit(&mut self, service: u16, order: u32) {
        if self.buyer_may_come_back(order) {
            let due = self.now + Duration::from_secs(1);
            self.agenda.add(due, Task::Audit { service, order });
            return;
        }
        let Service { database, spec, .. } = &self.services[usize::from(service)];
        let in_outbox = database.outbox.iter().any(|row| row.order == order);
        let (written, published) = (database.is_written(order), database.is_published(order));
        let id = &spec.id;
        let text = match (written, published) {
            (true, false) if !in_outbox => {
                format!("is in the database of {id}, which crashed and never published it")
            }
            (false, true) => {
                format!("was published by {id}, which crashed and never wrote it to its database")
            }
            (true, _) | (false, false) => return,
        };
        let finding = self.ledger.lose(self.now, order, text);
        self.note_finding(order, finding);
    }

    /// A message that is passed over will not be published by a later attempt either.
    pub(super) fn never_published(&mut self, seat: Seat, order: u32) {
        let spec = &self.service_at(seat).spec;
        if spec.database.is_some() && !spec.publishes.is_empty() {
            self.audit(seat.service, order);
        }
    }
}

pub(super) fn figures(database: &Database) -> DatabaseFigures {
    DatabaseFigures {
        rows: database.rows,
        unpublished: database.unpublished,
        unwritten: database.unwritten,
        outbox: database.outbox.len() as u64,
    }
}
