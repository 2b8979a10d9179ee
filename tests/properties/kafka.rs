//! Kafka: logs and replicas, groups, transactions, idempotent producers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ackademy::engine::kafka::{
    Acks, Assignor, BrokerConfig, Call, ConsumerConfig, ConsumerInput, Election, Event, Fetched,
    Isolation, OffsetCommit, Partition, Produce, ProduceBatch, ProducerConfig, ProducerInput,
    Request, Response, TopicConfig,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::for_all;
use crate::kafka_checks::{
    Checked, consecutive, never_back, nothing_lost, nothing_past, once_in_order, one_owner,
    whole_or_not_at_all,
};
use crate::kafka_net::{Fate, Net, Outcome, at, record, value_of};

const PARTITIONS: u32 = 2;

fn replicated() -> TopicConfig {
    TopicConfig {
        replication_factor: 3,
        min_insync_replicas: 2,
        segment_bytes: 1_000,
        ..TopicConfig::default()
    }
}

// --- Logs and replicas --------------------------------------------------------------------------

#[derive(Clone, Copy, Debug)]
enum OnReplicas {
    Produce {
        partition: u32,
        count: u32,
        acks: Acks,
    },
    Wait {
        ms: u64,
    },
    /// One broker at a time: whichever was stopped before is started again.
    Stop {
        broker: u32,
    },
    Start,
    Preferred {
        partition: u32,
    },
}

fn on_replicas() -> impl Strategy<Value = OnReplicas> {
    let acks = prop_oneof![4 => Just(Acks::All), 1 => Just(Acks::Leader), 1 => Just(Acks::None)];
    prop_oneof![
        6 => (0..PARTITIONS, 1..4_u32, acks)
            .prop_map(|(partition, count, acks)| OnReplicas::Produce { partition, count, acks }),
        4 => (0..4_u64).prop_map(|ms| OnReplicas::Wait { ms }),
        1 => (10_000..40_000_u64).prop_map(|ms| OnReplicas::Wait { ms }),
        3 => (1..4_u32).prop_map(|broker| OnReplicas::Stop { broker }),
        2 => Just(OnReplicas::Start),
        1 => (0..PARTITIONS).prop_map(|partition| OnReplicas::Preferred { partition }),
    ]
}

struct Replicas {
    net: Net,
    stopped: Option<u32>,
    values: u32,
    /// Writes with `acks=all` whose answer is out: their partition and values.
    open: BTreeMap<Call, (u32, Vec<u32>)>,
    acknowledged: Vec<(u32, u64, u32)>,
    seen: Vec<(u32, u64)>,
}

impl Replicas {
    fn new() -> Replicas {
        let mut net = Net::new(BrokerConfig::default());
        net.create_topic("t", PARTITIONS, replicated());
        Replicas {
            net,
            stopped: None,
            values: 0,
            open: BTreeMap::new(),
            acknowledged: Vec::new(),
            seen: vec![(0, 0); PARTITIONS as usize],
        }
    }

    fn command(&mut self, command: OnReplicas) {
        match command {
            OnReplicas::Produce { partition, count, acks } => {
                let values: Vec<u32> = (self.values..self.values + count).collect();
                self.values += count;
                let records = values.iter().map(|value| record(*value)).collect();
                let batch = ProduceBatch { partition: at(partition), stamp: None, records };
                let produce = Produce { acks, transactional_id: None, batches: vec![batch] };
                let call = self.net.plain(Request::Produce(produce));
                if acks == Acks::All {
                    self.open.insert(call, (partition, values));
                }
            }
            OnReplicas::Wait { ms } => self.net.advance(Duration::from_millis(ms)),
            OnReplicas::Stop { broker } => {
                self.start();
                self.net.kill(broker);
                self.stopped = Some(broker);
            }
            OnReplicas::Start => self.start(),
            OnReplicas::Preferred { partition } => {
                let election = Election::Preferred;
                self.net.plain(Request::ElectLeaders { partition: at(partition), election });
            }
        }
        self.hear();
    }

    fn start(&mut self) {
        if let Some(broker) = self.stopped.take() {
            self.net.restart(broker);
        }
    }

    /// Takes note of writes that are acknowledged.
    fn hear(&mut self) {
        for (call, response) in std::mem::take(&mut self.net.answers) {
            let open = self.open.remove(&call);
            let (Some((partition, values)), Response::Produce(outcomes)) = (open, response) else {
                continue;
            };
            if let Ok(base) = outcomes[0].1 {
                let numbered = (base..).zip(values);
                self.acknowledged
                    .extend(numbered.map(|(offset, value)| (partition, offset, value)));
            }
        }
    }

    fn log(&self, partition: u32) -> Result<&Partition, String> {
        self.net.cluster.partition(&at(partition)).ok_or_else(|| "no such partition".to_owned())
    }

    fn check(&mut self) -> Checked {
        for partition in 0..PARTITIONS {
            let log = self.log(partition)?;
            for replica in log.replicas() {
                let offsets: Vec<u64> = replica.log().records_from(0).map(|(at, _)| at).collect();
                consecutive(&offsets)?;
            }
            let now = (log.leader_epoch(), log.high_watermark());
            let from = log.log_start_offset();
            let offsets = |fetched: Fetched| -> Vec<u64> {
                let records = fetched.batches.iter().flat_map(|batch| batch.records().iter());
                records.map(|(at, _)| at).collect()
            };
            if let Ok(read) = log.read(from, Isolation::ReadUncommitted, u32::MAX) {
                nothing_past(log.high_watermark(), &offsets(read))?;
            }
            if let Ok(read) = log.read(from, Isolation::ReadCommitted, u32::MAX) {
                nothing_past(log.last_stable_offset(), &offsets(read))?;
            }
            let before = std::mem::replace(&mut self.seen[partition as usize], now);
            never_back(before, now)?;
        }
        Ok(())
    }
}

#[test]
fn acknowledged_records_survive_any_one_broker_at_a_time() {
    for_all(3_000, vec(on_replicas(), 1..40), |commands| {
        let mut replicas = Replicas::new();
        for command in commands {
            replicas.command(command);
            replicas.check()?;
        }
        replicas.start();
        replicas.net.advance(Duration::from_secs(60));
        replicas.hear();
        for partition in 0..PARTITIONS {
            let log = replicas.log(partition)?.records_from(0);
            let log: BTreeMap<u64, u32> = log.map(|(at, one)| (at, value_of(one))).collect();
            let acknowledged = replicas.acknowledged.iter().filter(|one| one.0 == partition);
            let acknowledged: Vec<(u64, u32)> = acknowledged.map(|one| (one.1, one.2)).collect();
            nothing_lost(&acknowledged, &log)?;
        }
        replicas.check()
    });
}

// --- Groups ------------------------------------------------------------------------------------

#[derive(Clone, Copy, Debug)]
enum OnGroup {
    Join,
    Close(usize),
    Crash(usize),
    /// It stops polling, or polls again.
    Stall(usize),
    Resume(usize),
    AddPartitions(u32),
    Wait {
        ms: u64,
    },
}

fn on_group() -> impl Strategy<Value = OnGroup> {
    prop_oneof![
        4 => Just(OnGroup::Join),
        1 => (0..8_usize).prop_map(OnGroup::Close),
        1 => (0..8_usize).prop_map(OnGroup::Crash),
        1 => (0..8_usize).prop_map(OnGroup::Stall),
        1 => (0..8_usize).prop_map(OnGroup::Resume),
        1 => (3..9_u32).prop_map(OnGroup::AddPartitions),
        3 => (0..10_u64).prop_map(|ms| OnGroup::Wait { ms }),
        3 => (100..20_000_u64).prop_map(|ms| OnGroup::Wait { ms }),
    ]
}

fn group_command(net: &mut Net, assignor: Assignor, command: OnGroup) {
    let count = net.readers.len();
    let some = |index: usize| (count > 0).then(|| index % count.max(1));
    match command {
        OnGroup::Join if count < 8 => {
            let mut config = ConsumerConfig::new("g".into(), vec!["t".into()]);
            config.assignor = assignor;
            config.session_timeout = Duration::from_secs(10);
            config.max_poll_interval = Duration::from_secs(15);
            config.metadata_max_age = Duration::from_secs(5);
            net.add_reader(config);
        }
        OnGroup::Join => {}
        OnGroup::Close(index) => {
            if let Some(index) = some(index) {
                net.read(index, ConsumerInput::Close);
            }
        }
        OnGroup::Crash(index) => {
            if let Some(index) = some(index) {
                net.readers[index].alive = false;
            }
        }
        OnGroup::Stall(index) => {
            if let Some(index) = some(index) {
                net.readers[index].polls = false;
                net.read(index, ConsumerInput::Wakeup);
            }
        }
        OnGroup::Resume(index) => {
            if let Some(index) = some(index) {
                net.readers[index].polls = true;
                net.read(index, ConsumerInput::Poll);
            }
        }
        OnGroup::AddPartitions(total) => {
            net.plain(Request::CreatePartitions { name: "t".into(), total });
        }
        OnGroup::Wait { ms } => net.advance(Duration::from_millis(ms)),
    }
}

/// What the coordinator told, and what the members believe.
fn ownership(net: &Net) -> Vec<(u32, String, Vec<String>)> {
    let told = net.events.iter().filter_map(|event| match event {
        Event::Assigned { member, generation, partitions, .. } => {
            let partitions = partitions.iter().map(ToString::to_string).collect();
            Some((*generation, member.to_string(), partitions))
        }
        _ => None,
    });
    let living = net.readers.iter().filter(|reader| reader.alive);
    let believed = living.filter_map(|reader| {
        let member = reader.consumer.member_id()?;
        let partitions = reader.consumer.assignment().map(ToString::to_string).collect();
        Some((reader.consumer.generation(), member.to_string(), partitions))
    });
    told.chain(believed).collect()
}

#[test]
fn a_partition_has_one_owner_in_each_generation() {
    let assignors = prop::sample::select(Assignor::ALL.to_vec());
    for_all(2_000, (assignors, vec(on_group(), 1..25)), |(assignor, commands)| {
        let mut net = Net::new(BrokerConfig::default());
        net.create_topic("t", 2, TopicConfig::default());
        for command in commands {
            group_command(&mut net, assignor, command);
            one_owner(&ownership(&net))?;
        }
        Ok(())
    });
}

// --- Transactions ------------------------------------------------------------------------------

#[derive(Clone, Copy, Debug)]
enum OnTransactions {
    Begin(usize),
    Send {
        producer: usize,
        partition: u32,
    },
    SendOffsets(usize),
    Commit(usize),
    Abort(usize),
    /// Another process takes the transactional id.
    Replace(usize),
    Plain {
        partition: u32,
    },
    Wait {
        ms: u64,
    },
}

fn on_transactions() -> impl Strategy<Value = OnTransactions> {
    let producer = || 0..2_usize;
    prop_oneof![
        4 => producer().prop_map(OnTransactions::Begin),
        6 => (producer(), 0..PARTITIONS)
            .prop_map(|(producer, partition)| OnTransactions::Send { producer, partition }),
        1 => producer().prop_map(OnTransactions::SendOffsets),
        3 => producer().prop_map(OnTransactions::Commit),
        1 => producer().prop_map(OnTransactions::Abort),
        1 => producer().prop_map(OnTransactions::Replace),
        1 => (0..PARTITIONS).prop_map(|partition| OnTransactions::Plain { partition }),
        6 => (0..20_u64).prop_map(|ms| OnTransactions::Wait { ms }),
        1 => (1_000..20_000_u64).prop_map(|ms| OnTransactions::Wait { ms }),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![6 => Just(Fate::Arrives), 1 => Just(Fate::RequestLost), 2 => Just(Fate::AnswerLost)]
}

/// What the program knows of its transactions.
struct Program {
    net: Net,
    /// The running process of each transactional id, and its transaction.
    running: [(usize, Option<u32>); 2],
    committing: BTreeMap<usize, u32>,
    transactions: u32,
    values: u32,
    written: Vec<BTreeMap<u32, Vec<u32>>>,
    /// Commits that were asked for: the coordinator may have decided them.
    asked: BTreeSet<u32>,
    committed: BTreeSet<u32>,
}

impl Program {
    fn new(fates: Vec<Fate>) -> Program {
        let mut net = Net::new(BrokerConfig::default());
        net.create_topic("t", PARTITIONS, TopicConfig::default());
        net.fates = fates;
        let mut program = Program {
            net,
            running: [(0, None), (1, None)],
            committing: BTreeMap::new(),
            transactions: 0,
            values: 0,
            written: vec![BTreeMap::new(); PARTITIONS as usize],
            asked: BTreeSet::new(),
            committed: BTreeSet::new(),
        };
        for id in 0..2 {
            program.start(id);
        }
        program
    }

    fn start(&mut self, id: usize) {
        let producer = self.net.add_producer(ProducerConfig {
            transactional_id: Some(format!("id-{id}").into()),
            transaction_timeout: Duration::from_secs(15),
            request_timeout: Duration::from_millis(300),
            ..ProducerConfig::default()
        });
        self.running[id] = (producer, None);
        self.net.write(producer, ProducerInput::InitTransactions);
    }

    fn command(&mut self, command: OnTransactions) {
        match command {
            OnTransactions::Begin(id) => {
                let (producer, transaction) = self.running[id];
                let before = self.net.outcomes.len();
                self.net.write(producer, ProducerInput::BeginTransaction);
                let began = matches!(
                    self.net.outcomes[before..],
                    [Outcome::Returned { outcome: Ok(()), .. }]
                );
                if began && transaction.is_none() {
                    self.transactions += 1;
                    self.running[id].1 = Some(self.transactions);
                }
                self.net.outcomes.truncate(before);
            }
            OnTransactions::Send { producer: id, partition } => {
                let (producer, Some(transaction)) = self.running[id] else { return };
                self.values += 1;
                let written = self.written[partition as usize].entry(transaction).or_default();
                written.push(self.values);
                self.net.write(
                    producer,
                    ProducerInput::Send {
                        handle: u64::from(self.values),
                        topic: "t".into(),
                        record: record(self.values),
                        partition: Some(partition),
                    },
                );
            }
            OnTransactions::SendOffsets(id) => {
                let offsets = vec![(at(0), u64::from(self.values))];
                let commit = OffsetCommit { group: "g".into(), member: None, offsets };
                let input = ProducerInput::SendOffsetsToTransaction(commit);
                self.net.write(self.running[id].0, input);
                // The call is made to end before the next one begins, as a program would.
                self.net.advance(Duration::from_secs(2));
            }
            OnTransactions::Commit(id) => {
                let (producer, Some(transaction)) = self.running[id] else { return };
                self.hear();
                self.committing.insert(producer, transaction);
                self.asked.insert(transaction);
                self.running[id].1 = None;
                self.net.write(producer, ProducerInput::CommitTransaction);
            }
            OnTransactions::Abort(id) => {
                self.running[id].1 = None;
                self.net.write(self.running[id].0, ProducerInput::AbortTransaction);
            }
            OnTransactions::Replace(id) => self.start(id),
            OnTransactions::Plain { partition } => {
                let records = [record(u32::MAX - 1)].into();
                let batch = ProduceBatch { partition: at(partition), stamp: None, records };
                let (acks, transactional_id) = (Acks::All, None);
                let produce = Produce { acks, transactional_id, batches: vec![batch] };
                self.net.plain(Request::Produce(produce));
            }
            OnTransactions::Wait { ms } => self.net.advance(Duration::from_millis(ms)),
        }
        self.hear();
    }

    fn hear(&mut self) {
        for outcome in std::mem::take(&mut self.net.outcomes) {
            if let Outcome::Returned { producer, outcome } = outcome
                && let Some(transaction) = self.committing.remove(&producer)
                && outcome.is_ok()
            {
                self.committed.insert(transaction);
            }
        }
    }

    fn read(&self, partition: u32) -> Result<Vec<u32>, String> {
        let log = self.net.cluster.partition(&at(partition)).ok_or("no such partition")?;
        let fetched = log.read(0, Isolation::ReadCommitted, u32::MAX);
        let fetched = fetched.map_err(|error| error.to_string())?;
        let records = fetched.deliver(0, Isolation::ReadCommitted);
        let (offsets, values): (Vec<u64>, Vec<u32>) =
            records.map(|(at, record)| (at, value_of(record))).unzip();
        nothing_past(log.last_stable_offset(), &offsets)?;
        Ok(values)
    }

    fn check(&self) -> Checked {
        for partition in 0..PARTITIONS {
            let read = self.read(partition)?;
            whole_or_not_at_all(&read, &self.stable(partition)?, &self.asked)?;
        }
        Ok(())
    }

    /// What transactions have written below the last stable offset. A reader stops there, also
    /// between two records of one transaction.
    fn stable(&self, partition: u32) -> Result<BTreeMap<u32, Vec<u32>>, String> {
        let log = self.net.cluster.partition(&at(partition)).ok_or("no such partition")?;
        let end = log.last_stable_offset();
        let stable: BTreeSet<u32> = log
            .records_from(0)
            .take_while(|(offset, _)| *offset < end)
            .map(|(_, record)| value_of(record))
            .collect();
        let mut written = self.written[partition as usize].clone();
        for values in written.values_mut() {
            values.retain(|value| stable.contains(value));
        }
        Ok(written)
    }

    /// When every transaction is decided, those that were told to be committed are seen, on all
    /// partitions.
    fn check_end(&self) -> Checked {
        for partition in 0..PARTITIONS {
            let read = self.read(partition)?;
            for (transaction, values) in &self.written[partition as usize] {
                let seen = values.iter().all(|value| read.contains(value));
                if self.committed.contains(transaction) && !seen {
                    return Err(format!("transaction {transaction} is committed and not seen"));
                }
            }
        }
        Ok(())
    }
}

#[test]
fn a_transaction_is_seen_whole_or_not_at_all() {
    let inputs = (vec(fate(), 0..30), vec(on_transactions(), 1..30));
    for_all(2_500, inputs, |(fates, commands)| {
        let mut program = Program::new(fates);
        program.net.advance(Duration::from_secs(5));
        program.hear();
        for command in commands {
            program.command(command);
            program.check()?;
        }
        program.net.advance(Duration::from_secs(300));
        program.hear();
        program.check()?;
        program.check_end()
    });
}

// --- Idempotent producers ------------------------------------------------------------------------

/// A partition that does not know a producer takes any first sequence, in Kafka as well. So while
/// several requests are in flight only answers may get lost: a connection that loses a request
/// loses those behind it, too.
fn in_flight(fates: &[Fate]) -> u32 {
    if fates.contains(&Fate::RequestLost) { 1 } else { 5 }
}

fn losses() -> impl Strategy<Value = Vec<Fate>> {
    let answers = prop_oneof![2 => Just(Fate::Arrives), 1 => Just(Fate::AnswerLost)];
    prop_oneof![2 => vec(answers, 0..60), 1 => vec(fate(), 0..60)]
}

#[test]
fn an_idempotent_producer_appends_each_record_once_and_in_order() {
    let sends = vec((0..4_u32, 0..30_u64), 1..40);
    for_all(3_000, (losses(), 0..3_u32, sends), |(fates, small, sends)| {
        let mut net = Net::new(BrokerConfig::default());
        net.create_topic("t", 1, replicated());
        let max_in_flight = in_flight(&fates);
        net.fates = fates;
        let producer = net.add_producer(ProducerConfig {
            batch_size: if small == 0 { 1 } else { 16_384 },
            linger: Duration::from_millis(u64::from(small)),
            request_timeout: Duration::from_millis(200),
            delivery_timeout: Duration::from_secs(3_600),
            max_in_flight,
            ..ProducerConfig::default()
        });
        let mut values = 0;
        for (count, wait_ms) in sends {
            for _ in 0..count {
                values += 1;
                net.write(
                    producer,
                    ProducerInput::Send {
                        handle: u64::from(values),
                        topic: "t".into(),
                        record: record(values),
                        partition: None,
                    },
                );
            }
            net.advance(Duration::from_millis(wait_ms));
        }
        net.advance(Duration::from_secs(300));
        let log = net.cluster.partition(&at(0)).ok_or("no such partition")?;
        let log: Vec<u32> = log.records_from(0).map(|(_, record)| value_of(record)).collect();
        let acknowledged = net.outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Acknowledged { handle } => Some(*handle as u32),
            Outcome::Failed | Outcome::Returned { .. } => None,
        });
        let acknowledged: BTreeSet<u32> = acknowledged.collect();
        if acknowledged.len() != values as usize {
            return Err(format!("{} of {values} are acknowledged", acknowledged.len()));
        }
        once_in_order(&acknowledged, &log)
    });
}
