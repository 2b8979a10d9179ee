//! Transactions: what an instance produces for a record and the offset behind that record become
//! visible together or not at all.
//!
//! The calls are those of `KafkaProducer`: `initTransactions` before the instance joins its group,
//! `beginTransaction` before the first record, `sendOffsetsToTransaction` and `commitTransaction`
//! in place of a commit of the consumer. What the work did outside is not part of it.

use super::*;
use crate::engine::kafka::{Committer, ErrorCode, OffsetCommit, ProducerInput};
use crate::simulation::job::{Job, Source};
use crate::simulation::service::{Intake, Transaction};

impl World {
    /// A transactional instance readies its producer first; any other one joins its group.
    pub(super) fn begin_consuming(&mut self, seat: Seat) {
        if self.service_at(seat).spec.producer.transactional {
            self.set_transaction(seat, Transaction::Initializing);
            self.tell_producer(seat, ProducerInput::InitTransactions);
        } else {
            self.join_group(seat);
        }
    }

    fn set_transaction(&mut self, seat: Seat, state: Transaction) {
        if let Some(instance) = self.instance_at(seat) {
            instance.transaction = Some(state);
        }
    }

    fn tell_producer(&mut self, seat: Seat, input: ProducerInput) {
        let producer = self.instance_at(seat).and_then(|instance| instance.producer.as_ref());
        if let Some(client) = producer.map(|(client, _)| *client) {
            self.drive_producer(client, input);
        }
    }

    fn transaction(&mut self, seat: Seat) -> Option<Transaction> {
        self.instance_at(seat)?.transaction.clone()
    }

    /// Begins a transaction before the first record of a job, if the producer is transactional.
    pub(super) fn begin_transaction(&mut self, seat: Seat) {
        if let Some(Transaction::Ready) = self.transaction(seat) {
            self.set_transaction(seat, Transaction::Open);
            self.tell_producer(seat, ProducerInput::BeginTransaction);
        }
    }

    /// Sends the offset behind a job's record to the transaction, which is committed next. False
    /// if the producer is not transactional.
    pub(super) fn ends_in_transaction(&mut self, seat: Seat, id: u64) -> bool {
        self.begin_transaction(seat);
        let Some(Source::Record { partition, offset }) =
            self.job_at(seat, id).map(|job| job.source.clone())
        else {
            return false;
        };
        let Some(Transaction::Open) = self.transaction(seat) else {
            return false;
        };
        let Some(instance) = self.instance_at(seat) else {
            return false;
        };
        let Intake::Topic { consumer, .. } = &instance.intake else {
            return false;
        };
        let member = Committer {
            member: consumer.member_id().cloned().unwrap_or_else(|| "".into()),
            generation: consumer.generation(),
            instance: consumer.group_instance_id().cloned(),
        };
        let group = consumer.group_id().clone();
        let offsets = vec![(partition, offset + 1)];
        let commit = OffsetCommit { group, member: Some(member), offsets };
        self.set_transaction(seat, Transaction::SendingOffsets);
        self.tell_producer(seat, ProducerInput::SendOffsetsToTransaction(commit));
        true
    }

    /// A record of the job was refused. True if its transaction is aborted before anything else.
    pub(super) fn aborts(&mut self, seat: Seat, id: u64, error: ErrorCode) -> bool {
        let Some(state) = self.transaction(seat) else {
            return false;
        };
        if self.job_at(seat, id).is_some() && state == Transaction::Open {
            self.abort(seat, error);
        }
        true
    }

    fn abort(&mut self, seat: Seat, error: ErrorCode) {
        self.set_transaction(seat, Transaction::Aborting(error));
        self.tell_producer(seat, ProducerInput::AbortTransaction);
    }

    /// A transactional call of the producer ended.
    pub(super) fn transaction_returned(&mut self, seat: Seat, outcome: Result<(), ErrorCode>) {
        let Some(state) = self.transaction(seat) else {
            return;
        };
        match (state, outcome) {
            (Transaction::Initializing, Ok(())) => {
                self.set_transaction(seat, Transaction::Ready);
                self.join_group(seat);
            }
            (Transaction::Ready | Transaction::Open, Ok(())) => {}
            (Transaction::SendingOffsets, Ok(())) => {
                self.set_transaction(seat, Transaction::Committing);
                self.tell_producer(seat, ProducerInput::CommitTransaction);
            }
            (Transaction::Committing, Ok(())) => {
                self.set_transaction(seat, Transaction::Ready);
                self.service_at(seat).transactions_committed += 1;
                if let Some(job) = self.only_job(seat) {
                    self.done(seat, job.id);
                }
            }
            (Transaction::Aborting(error), Ok(())) => self.aborted(seat, error),
            (Transaction::SendingOffsets | Transaction::Committing, Err(error))
                if error != ErrorCode::ProducerFenced =>
            {
                self.abort(seat, error);
            }
            // Kafka's clients have to be closed after any other error.
            (_, Err(error)) => self.crash(seat, &format!("its producer must be closed: {error}")),
        }
    }

    fn only_job(&mut self, seat: Seat) -> Option<Job> {
        self.instance_at(seat)?.jobs.first().cloned()
    }

    /// Nothing of the transaction is visible to who reads what is committed. The record is tried
    /// again, unless its partition went to another member, which reads it anew.
    fn aborted(&mut self, seat: Seat, error: ErrorCode) {
        self.set_transaction(seat, Transaction::Ready);
        self.service_at(seat).transactions_aborted += 1;
        let Some(job) = self.only_job(seat) else {
            return;
        };
        let reason: Rc<str> = format!("its transaction was aborted: {error}").into();
        if self.owns(seat, &job) {
            return self.fail(seat, job.id, reason);
        }
        let (order, Seat { service, instance }) = (job.order, seat);
        self.note(Event::WorkFailed { order, service, instance, reason });
        self.drop_job(seat, job.id);
    }

    fn owns(&mut self, seat: Seat, job: &Job) -> bool {
        let Some(instance) = self.instance_at(seat) else {
            return false;
        };
        match (&job.source, &instance.intake) {
            (Source::Record { partition, .. }, Intake::Topic { consumer, .. }) => {
                consumer.assignment().any(|at| at == partition)
            }
            _ => false,
        }
    }
}
