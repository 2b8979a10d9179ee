//! What administrators do to a running cluster, and what the others see of it.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::Instant;
use crate::engine::kafka::{
    Acks, BrokerConfig, Call, ClientId, Cluster, Effect, ErrorCode, Event, Fetch, GroupDescription,
    GroupState, Isolation, JoinGroup, JoinReason, OffsetCommit, Produce, ProduceBatch, Record,
    Reply, Request, ResetTo, Response, Subscription, TopicConfig, TopicDescription, TopicPartition,
};

pub(super) struct Admin {
    pub cluster: Cluster,
    pub now: Instant,
    calls: u32,
    pub events: Vec<Event>,
    answers: Vec<Response>,
}

impl Admin {
    pub fn with_topic(config: TopicConfig) -> Admin {
        let mut admin = Admin {
            cluster: Cluster::new(BrokerConfig::default()),
            now: Instant::ZERO,
            calls: 0,
            events: Vec::new(),
            answers: Vec::new(),
        };
        admin.ask(Request::CreateTopic {
            name: "orders".into(),
            partitions: 2,
            config: Rc::new(config),
        });
        admin
    }

    pub fn ask(&mut self, request: Request) -> Option<Response> {
        self.calls += 1;
        let call = Call { client: ClientId(1), correlation: self.calls };
        let (reply, effects) = self.cluster.handle(self.now, call, request);
        self.take(effects);
        match reply {
            Reply::Answer(response) => Some(response),
            Reply::Later | Reply::Never => None,
        }
    }

    pub fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Event(event) => self.events.push(event),
                Effect::Answer { response, .. } => self.answers.push(response),
                Effect::Schedule { .. } | Effect::Cancel { .. } => {}
            }
        }
    }

    pub fn produce(&mut self, acks: Acks) -> Option<Response> {
        let timestamp_ms = self.now.as_millis() as i64;
        self.write(acks, Record { key: None, value: None, headers: Vec::new(), timestamp_ms })
    }

    pub fn write(&mut self, acks: Acks, record: Record) -> Option<Response> {
        let batch = ProduceBatch { partition: at(0), stamp: None, records: [record].into() };
        self.ask(Request::Produce(Produce { acks, transactional_id: None, batches: vec![batch] }))
    }

    pub fn alter(&mut self, name: &str, value: &str) -> Result<(), ErrorCode> {
        let configs = vec![(name.into(), value.into())];
        match self.ask(Request::AlterConfigs { name: "orders".into(), configs }) {
            Some(Response::AlterConfigs(outcome)) => outcome,
            other => panic!("settings were not changed but {other:?}"),
        }
    }

    pub fn topic(&self) -> Result<TopicDescription, ErrorCode> {
        self.cluster.describe_topic("orders")
    }

    fn reset(&mut self, to: ResetTo) -> Result<u64, ErrorCode> {
        let (group, partitions) = ("g".into(), vec![at(0)]);
        match self.ask(Request::ResetOffsets { group, partitions, to }) {
            Some(Response::ResetOffsets(outcome)) => outcome.map(|offsets| offsets[0].1),
            other => panic!("offsets were not reset but {other:?}"),
        }
    }

    fn group(&self, group: &str) -> Result<GroupDescription, ErrorCode> {
        self.cluster.describe_group(group)
    }
}

pub(super) fn at(partition: u32) -> TopicPartition {
    TopicPartition { topic: "orders".into(), partition }
}

pub(super) fn three_copies() -> TopicConfig {
    TopicConfig { replication_factor: 3, ..TopicConfig::default() }
}

#[test]
fn a_deleted_topic_tells_those_who_wait_for_it() {
    let mut admin = Admin::with_topic(three_copies());
    assert!(admin.produce(Acks::All).is_none(), "the write waits for the followers");
    let fetch = Fetch {
        positions: [(at(1), 0)].into(),
        max_wait: Duration::from_secs(1),
        min_bytes: 1,
        max_partition_bytes: 1_000,
        isolation: Isolation::ReadUncommitted,
    };
    assert!(admin.ask(Request::Fetch(fetch)).is_none(), "the fetch waits for records");
    let offsets = vec![(at(0), 0)];
    admin.ask(Request::OffsetCommit(OffsetCommit { group: "g".into(), member: None, offsets }));

    admin.ask(Request::DeleteTopic { name: "orders".into() });
    let gone = ErrorCode::UnknownTopicOrPartition;
    assert!(matches!(&admin.answers[0], Response::Produce(found) if found[0].1 == Err(gone)));
    assert!(
        matches!(&admin.answers[1], Response::Fetch(found) if found[0].outcome.as_ref().err() == Some(&gone))
    );
    assert_eq!(admin.topic(), Err(gone));
    assert_eq!(admin.group("g").map(|group| group.partitions), Ok(Vec::new()));
    let reason = "their topic was deleted";
    let expected = [
        Event::OffsetsExpired { group: "g".into(), reason },
        Event::TopicDeleted { topic: "orders".into() },
    ];
    assert_eq!(admin.events[admin.events.len() - 2..], expected);
}

#[test]
fn a_setting_takes_effect_while_the_topic_runs() {
    let mut admin = Admin::with_topic(TopicConfig::default());
    assert!(admin.alter("min.insync.replicas", "2").is_ok());
    let refused = admin.produce(Acks::All);
    let too_few = Err(ErrorCode::NotEnoughReplicas);
    assert!(matches!(refused, Some(Response::Produce(found)) if found[0].1 == too_few));
    assert!(admin.alter("min.insync.replicas", "1").is_ok());
    let accepted = admin.produce(Acks::All);
    assert!(matches!(accepted, Some(Response::Produce(found)) if found[0].1 == Ok(0)));
    let shown = admin.topic().expect("the topic exists").configs;
    assert!(shown.contains(&("min.insync.replicas", "1".to_owned())), "{shown:?}");
}

#[test]
fn settings_change_all_together_or_not_at_all() {
    let mut admin = Admin::with_topic(TopicConfig::default());
    let configs =
        vec![("retention.ms".into(), "1000".into()), ("cleanup.policy".into(), "shred".into())];
    let outcome = admin.ask(Request::AlterConfigs { name: "orders".into(), configs });
    let invalid = Err(ErrorCode::InvalidConfig);
    assert!(matches!(outcome, Some(Response::AlterConfigs(outcome)) if outcome == invalid));
    let topic = admin.cluster.topic("orders").expect("the topic exists");
    assert_eq!(topic.config(), &TopicConfig::default());
    assert!(!admin.events.iter().any(|event| matches!(event, Event::TopicConfigChanged { .. })));
}

#[test]
fn an_unclean_election_follows_from_the_setting_that_allows_it() {
    let mut admin = Admin::with_topic(three_copies());
    for broker in [2, 3, 1] {
        let effects = admin.cluster.kill_broker(Instant::ZERO, broker);
        admin.take(effects);
    }
    let effects = admin.cluster.restart_broker(Instant::ZERO, 2);
    admin.take(effects);
    assert_eq!(admin.topic().expect("the topic exists").partitions[0].leader, None);
    assert!(admin.alter("unclean.leader.election.enable", "true").is_ok());
    let partition = &admin.topic().expect("the topic exists").partitions[0];
    assert_eq!((partition.leader, &*partition.in_sync), (Some(2), [2].as_slice()));
    let elected = admin.events.iter().any(|event| {
        let reason = "the topic's settings changed";
        let (partition, broker) = (at(0), Some(2));
        *event == Event::LeaderElected { partition, broker, epoch: 3, reason }
    });
    assert!(elected, "the election is told with its reason: {:?}", admin.events);
}

#[test]
fn a_group_is_described_with_its_lag() {
    let mut admin = Admin::with_topic(TopicConfig::default());
    for _ in 0..3 {
        admin.produce(Acks::All);
    }
    let offsets = vec![(at(0), 1)];
    admin.ask(Request::OffsetCommit(OffsetCommit { group: "g".into(), member: None, offsets }));
    let group = admin.group("g").expect("a commit makes a group");
    assert_eq!((group.state, group.members.len()), (GroupState::Empty, 0));
    let first = &group.partitions[0];
    assert_eq!((first.committed, first.log_end_offset, first.lag), (Some(1), 3, 2));
    assert_eq!(admin.group("h").err(), Some(ErrorCode::GroupIdNotFound));
}

#[test]
fn records_deleted_by_hand_are_told() {
    let mut admin = Admin::with_topic(TopicConfig::default());
    admin.produce(Acks::All);
    admin.ask(Request::DeleteRecords { partition: at(0), before: None });
    let expected = Event::RecordsDeleted { partition: at(0), log_start_offset: 1 };
    assert_eq!(admin.events.last(), Some(&expected));
}

#[test]
fn the_offsets_of_an_empty_group_are_reset() {
    let mut admin = Admin::with_topic(TopicConfig::default());
    for second in 0..10 {
        admin.now = Instant::from_secs(second);
        admin.produce(Acks::All);
    }
    admin.ask(Request::DeleteRecords { partition: at(0), before: Some(2) });
    let nothing = Err(ErrorCode::NoOffsetForPartition);
    assert_eq!(admin.reset(ResetTo::ShiftBy(1)), nothing, "nothing is committed to shift");
    let resets = [
        (ResetTo::Current, 10),
        (ResetTo::Earliest, 2),
        (ResetTo::ShiftBy(3), 5),
        (ResetTo::Current, 5),
        (ResetTo::ShiftBy(-100), 2),
        (ResetTo::Offset(7), 7),
        (ResetTo::Offset(0), 2),
        (ResetTo::Offset(99), 10),
        (ResetTo::Datetime(3_500), 4),
        (ResetTo::Datetime(60_000), 10),
        (ResetTo::Latest, 10),
    ];
    for (to, offset) in resets {
        assert_eq!(admin.reset(to), Ok(offset), "{to:?}");
        let committed = Event::OffsetCommitted { group: "g".into(), partition: at(0), offset };
        assert_eq!(admin.events.last(), Some(&committed));
    }
    let all =
        Request::ResetOffsets { group: "g".into(), partitions: Vec::new(), to: ResetTo::Earliest };
    let reset = admin.ask(all);
    assert!(
        matches!(reset, Some(Response::ResetOffsets(Ok(offsets))) if offsets == [(at(0), 2)]),
        "no partitions stand for all that is committed"
    );
}

#[test]
fn the_offsets_of_a_group_with_members_are_not_reset() {
    let mut admin = Admin::with_topic(TopicConfig::default());
    admin.ask(Request::JoinGroup(Rc::new(JoinGroup {
        group: "g".into(),
        member: None,
        instance: None,
        requires_known_member_id: false,
        client_name: "reader".into(),
        session_timeout: Duration::from_secs(45),
        rebalance_timeout: Duration::from_secs(300),
        protocol_type: "consumer".into(),
        protocols: vec!["range".into()],
        subscription: Subscription {
            topics: vec!["orders".into()],
            instance_id: None,
            owned: Vec::new(),
            generation: 0,
        },
        reason: JoinReason::Started,
    })));
    assert_eq!(admin.reset(ResetTo::Earliest), Err(ErrorCode::UnknownMemberId));
    let (group, member) = ("g".into(), "".into());
    let refused = Event::CommitRefused { group, member, error: ErrorCode::UnknownMemberId };
    assert_eq!(admin.events.last(), Some(&refused));
}
