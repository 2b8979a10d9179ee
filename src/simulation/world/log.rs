//! The way to and from Kafka: requests, responses, consumers and producers.

use super::*;
use crate::engine::kafka::{
    ConsumerEffect, ConsumerInput, ConsumerRecord, ProducerEffect, ProducerInput, Record,
    TopicPartition,
};
use crate::simulation::job::{Job, Source, Stage};
use crate::simulation::order::{Order, number_of};
use crate::simulation::service::Intake;

impl World {
    /// A request reaches the cluster.
    pub(super) fn ask_kafka(
        &mut self,
        broker: Option<u32>,
        call: kafka::Call,
        request: kafka::Request,
    ) {
        if !self.reaches_broker(broker, call, &request) {
            return;
        }
        let (reply, effects) = self.kafka.handle(self.now, call, request);
        if let kafka::Reply::Answer(response) = reply {
            self.kafka_answers(call, response);
        }
        self.kafka_effects(effects);
    }

    pub(super) fn kafka_effects(&mut self, mut effects: Vec<kafka::Effect>) {
        for effect in effects.drain(..) {
            match effect {
                kafka::Effect::Answer { call, response } => self.kafka_answers(call, response),
                kafka::Effect::Schedule { timer, due } => self.schedule_kafka(timer, due),
                kafka::Effect::Cancel { timer } => self.cancel(&Timer::Kafka(timer)),
                kafka::Effect::Event(event) => self.note(Event::Kafka(event)),
            }
        }
        self.kafka.take_back(effects);
    }

    /// An answer leaves the cluster; a client that is gone does not get it.
    pub(super) fn kafka_answers(&mut self, call: kafka::Call, response: kafka::Response) {
        if let Some(client) = self.clients.get(&call.client) {
            let (seat, to) = (client.seat, client.seat.into());
            if matches!(response, kafka::Response::OffsetCommit(Ok(()))) {
                self.is_committed(seat);
            }
            self.send(Endpoint::Kafka, to, None, Cargo::KafkaResponse { call, response });
        }
    }

    /// The offset that an instance waits for is committed; it does not know it yet.
    fn is_committed(&mut self, seat: Seat) {
        let jobs = self.instance_at(seat).into_iter().flat_map(|instance| &mut instance.jobs);
        for job in jobs.filter(|job| job.stage == Stage::Committing) {
            job.committed = true;
        }
    }

    pub(super) fn kafka_answered(&mut self, call: kafka::Call, response: kafka::Response) {
        let correlation = call.correlation;
        match self.clients.get(&call.client).map(|client| client.role) {
            None => {}
            Some(Role::Consumer) => {
                self.drive_consumer(call.client, ConsumerInput::Answer { correlation, response });
            }
            Some(Role::Producer) => {
                self.drive_producer(call.client, ProducerInput::Answer { correlation, response });
            }
        }
    }

    /// A consumer starts: it joins its group and asks for records.
    pub(super) fn join_group(&mut self, seat: Seat) {
        if let Some(client) = self.consumer_of(seat) {
            self.drive_consumer(client, ConsumerInput::Start);
            self.take_next(seat);
        }
    }

    /// A consumer says good-bye to its group.
    pub(super) fn leave_group(&mut self, seat: Seat) {
        if let Some(client) = self.consumer_of(seat) {
            self.drive_consumer(client, ConsumerInput::Close);
            self.lose_unfinished(seat);
        }
    }

    /// A consumer that commits by itself commits on closing all that it has handed out, done or not.
    fn lose_unfinished(&mut self, seat: Seat) {
        if self.service_at(seat).spec.projection.is_some() {
            return;
        }
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        let Intake::Topic { records, consumer, .. } = &instance.intake else {
            return;
        };
        if !consumer.commits_by_itself() {
            return;
        }
        let mut orders: Vec<u32> = instance.jobs.iter().map(|job| job.order).collect();
        orders.extend(records.iter().filter_map(|record| order_of(&record.record)));
        let id = self.service_at(seat).spec.id.clone();
        for order in orders {
            let text = format!("was not finished by {id} when it closed and committed its offset");
            let finding = self.ledger.lose(self.now, order, text);
            self.note_finding(order, finding);
        }
    }

    fn consumer_of(&mut self, seat: Seat) -> Option<ClientId> {
        match &self.instance_at(seat)?.intake {
            Intake::Topic { client, .. } => Some(*client),
            Intake::Nothing | Intake::Http { .. } | Intake::Queue { .. } => None,
        }
    }

    pub(super) fn drive_consumer(&mut self, client: ClientId, input: ConsumerInput) {
        let now = self.now;
        let Some(seat) = self.clients.get(&client).map(|client| client.seat) else {
            return;
        };
        let mut effects = self.consumer_effects.take();
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        let Intake::Topic { consumer, .. } = &mut instance.intake else {
            return;
        };
        consumer.handle_into(now, input, &mut effects);
        for effect in effects.drain(..) {
            self.consumer_effect(client, seat, effect);
        }
        self.consumer_effects.put_back(effects);
    }

    fn consumer_effect(&mut self, client: ClientId, seat: Seat, effect: ConsumerEffect) {
        match effect {
            ConsumerEffect::Send { correlation, mut request } => {
                self.leave_out_unreachable(seat, &mut request);
                let call = kafka::Call { client, correlation };
                let cargo = Cargo::KafkaRequest { call, request };
                self.send(seat.into(), Endpoint::Kafka, None, cargo);
            }
            ConsumerEffect::Schedule { timer, due } => {
                self.schedule(Timer::Consumer(client, timer), due);
            }
            ConsumerEffect::Cancel { timer } => self.cancel(&Timer::Consumer(client, timer)),
            ConsumerEffect::Records(taken) => self.take_records(seat, taken),
            ConsumerEffect::Assigned(new) => self.restore_views(seat, new),
            ConsumerEffect::Closed => {}
            ConsumerEffect::Revoked(gone) => self.revoked(seat, gone, "its group rebalances"),
            ConsumerEffect::Lost(gone) => self.revoked(seat, gone, "its group went on without it"),
            ConsumerEffect::Failed { error, .. } => {
                let (service, instance) = (seat.service, seat.instance);
                self.note(Event::ReadFailed { service, instance, error: error.name() });
            }
            ConsumerEffect::Committed(outcome) => self.committed(seat, outcome),
        }
    }

    fn take_records(&mut self, seat: Seat, taken: Vec<ConsumerRecord>) {
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        let Intake::Topic { records, polled, .. } = &mut instance.intake else {
            return;
        };
        *polled = false;
        records.extend(taken);
        if instance.jobs.is_empty() {
            self.take_next(seat);
        }
    }

    /// Records of partitions that go to another member are not begun any more.
    fn revoked(&mut self, seat: Seat, gone: Vec<TopicPartition>, reason: &'static str) {
        let (service, instance) = (seat.service, seat.instance);
        self.forget_views(seat, &gone);
        self.forget_records(seat, &gone);
        self.note(Event::Revoked { service, instance, partitions: gone, reason });
    }

    fn forget_records(&mut self, seat: Seat, gone: &[TopicPartition]) {
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        let Intake::Topic { records, .. } = &mut instance.intake else {
            return;
        };
        records.retain(|record| !gone.contains(&record.partition));
        let refused = |job: &&Job| match (&job.stage, &job.source) {
            (Stage::Refused { .. }, Source::Record { partition, .. }) => gone.contains(partition),
            _ => false,
        };
        if let Some(id) = instance.jobs.iter().find(refused).map(|job| job.id) {
            self.leave_record(seat, id);
        }
    }

    /// Begins the next record, or polls for more.
    pub(super) fn next_record(&mut self, seat: Seat) {
        let now = self.now;
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        if !instance.jobs.is_empty() {
            return;
        }
        let Intake::Topic { client, records, polled, .. } = &mut instance.intake else {
            return;
        };
        if let Some(next) = records.pop_front() {
            let (partition, offset) = (next.partition, next.offset);
            let body = next.record.value.clone().unwrap_or_else(|| Rc::from([].as_slice()));
            let order = order_of(&next.record).unwrap_or(0);
            instance.event = promises::event_of(&next.record);
            self.begin(seat, order, body, Source::Record { partition, offset }, 1, now);
        } else if !*polled {
            *polled = true;
            let client = *client;
            self.drive_consumer(client, ConsumerInput::Poll);
        }
    }

    pub(super) fn commit(&mut self, seat: Seat, job: u64, offset: (TopicPartition, u64)) {
        if let Some(job) = self.job_at(seat, job) {
            job.stage = Stage::Committing;
        }
        if let Some(client) = self.consumer_of(seat) {
            self.drive_consumer(client, ConsumerInput::Commit { offsets: vec![offset] });
        }
    }

    /// Hands a record about an order, for a job or a row of the outbox, to the instance's producer.
    /// Its value is what its topic makes of the body.
    pub(super) fn produce(
        &mut self,
        seat: Seat,
        (job, order): (u64, u32),
        topic: &Rc<str>,
        body: &[u8],
        value: Rc<[u8]>,
    ) {
        let record_key = self.service_at(seat).spec.record_key;
        let (key, mut headers) = promises::key_and_headers(record_key, order, body);
        if let Some(event) = &self.service_at(seat).spec.event {
            headers.push((promises::EVENT_TYPE.into(), event.as_bytes().into()));
        }
        let timestamp_ms = self.now.as_millis() as i64;
        let record = Record { key, value: Some(value), headers, timestamp_ms };
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        let Some((client, _)) = &instance.producer else {
            return;
        };
        let (client, topic) = (*client, topic.clone());
        let input = ProducerInput::Send { handle: job, topic, record, partition: None };
        self.drive_producer(client, input);
    }

    /// Spoils the record if a reader of the topic is to be poisoned. All its readers get it.
    pub(super) fn poisoned_record(&mut self, topic: &str, body: Rc<[u8]>) -> Rc<[u8]> {
        let reads = |service: &Service| match &service.spec.input {
            crate::simulation::scenario::Input::Topic { topic: read, .. } => **read == *topic,
            crate::simulation::scenario::Input::Http { .. }
            | crate::simulation::scenario::Input::Queue { .. } => false,
        };
        let target =
            self.services.iter().position(|service| service.is_poisoned() && reads(service));
        match target {
            Some(service) => self.poisoned(service as u16, body),
            None => body,
        }
    }

    pub(super) fn drive_producer(&mut self, client: ClientId, input: ProducerInput) {
        let now = self.now;
        let Some(seat) = self.clients.get(&client).map(|client| client.seat) else {
            return;
        };
        let mut effects = self.producer_effects.take();
        let Some(instance) = self.instance_at(seat) else {
            return;
        };
        let Some((_, producer)) = &mut instance.producer else {
            return;
        };
        producer.handle_into(now, input, &mut effects);
        for effect in effects.drain(..) {
            match effect {
                ProducerEffect::Send { correlation, request } => {
                    let call = kafka::Call { client, correlation };
                    let cargo = Cargo::KafkaRequest { call, request };
                    self.send(seat.into(), Endpoint::Kafka, None, cargo);
                }
                ProducerEffect::Schedule { timer, due } => {
                    self.schedule(Timer::Producer(client, timer), due);
                }
                ProducerEffect::Cancel { timer } => self.cancel(&Timer::Producer(client, timer)),
                ProducerEffect::Acknowledged { handle, partition, offset } => {
                    self.acknowledged(seat, handle, partition, offset);
                }
                ProducerEffect::Failed { handle, error } => {
                    self.relay_failed(seat, handle);
                    if !self.aborts(seat, handle, error) {
                        let reason = format!("the record was refused: {error}");
                        self.fail(seat, handle, reason.into());
                    }
                }
                ProducerEffect::Returned(outcome) => self.transaction_returned(seat, outcome),
                // What a retry does is told by the partition.
                ProducerEffect::Retried { .. } => {}
            }
        }
        self.producer_effects.put_back(effects);
    }

    fn acknowledged(&mut self, seat: Seat, job: u64, at: TopicPartition, offset: Option<u64>) {
        let job_order = self.job_at(seat, job).map(|job| job.order);
        let order = job_order.or_else(|| self.relayed(seat, job));
        if let (Some(order), Some(offset)) = (order, offset) {
            let (service, topic, partition) = (seat.service, at.topic, at.partition);
            self.note(Event::Published { order, service, topic, partition, offset });
        }
        if job_order.is_some() {
            self.published(seat, job);
        }
    }
}

/// The order that a record is about: by a header, by its key, or by what it says.
pub(super) fn order_of(record: &Record) -> Option<u32> {
    let header = record.headers.iter().find(|(name, _)| **name == *promises::ORDER_ID);
    let id = header.map(|(_, id)| id).or(record.key.as_ref());
    let id = id.and_then(|id| std::str::from_utf8(id).ok());
    id.and_then(number_of)
        .or_else(|| number_of(&Order::from_bytes(record.value.as_deref()?)?.order_id))
}
