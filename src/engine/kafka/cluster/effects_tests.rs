//! What happens to logs and brokers, as the trace tells it.

use std::time::Duration;

use super::administration_tests::{Admin, at, three_copies};
use crate::engine::Instant;
use crate::engine::kafka::{Acks, ClusterDescription, Event, Record, Timer, TopicConfig};

impl Admin {
    fn fires(&mut self, timer: Timer) {
        let effects = self.cluster.timeout(self.now, timer);
        self.take(effects);
    }

    fn replicates(&mut self, broker: u32) {
        self.fires(Timer::ReplicaFetch { partition: at(0), broker });
    }

    fn stops(&mut self, broker: u32) {
        let effects = self.cluster.kill_broker(self.now, broker);
        self.take(effects);
    }

    fn starts(&mut self, broker: u32) {
        let effects = self.cluster.restart_broker(self.now, broker);
        self.take(effects);
    }

    fn tells(&self, event: Event) {
        assert!(self.events.contains(&event), "{event:?} is not in {:#?}", self.events);
    }
}

fn keyed(key: &str) -> Record {
    let (key, value) = (Some(key.as_bytes().into()), Some([1].as_slice().into()));
    Record { key, value, headers: Vec::new(), timestamp_ms: 0 }
}

#[test]
fn replication_and_the_high_watermark_are_told() {
    let mut admin = Admin::with_topic(three_copies());
    admin.produce(Acks::All);
    for broker in [2, 3, 2, 3] {
        admin.replicates(broker);
    }
    for broker in [2, 3] {
        admin.tells(Event::Replicated { partition: at(0), broker, base_offset: 0, count: 1 });
    }
    let (high_watermark, reason) = (1, "a follower caught up");
    let moved = Event::HighWatermarkMoved { partition: at(0), high_watermark, reason };
    admin.tells(moved.clone());
    assert_eq!(admin.events.iter().filter(|event| **event == moved).count(), 1);
}

#[test]
fn a_lonely_leader_moves_the_high_watermark_itself() {
    let mut admin = Admin::with_topic(three_copies());
    admin.stops(2);
    admin.stops(3);
    admin.produce(Acks::All);
    admin.tells(Event::HighWatermarkMoved {
        partition: at(0),
        high_watermark: 1,
        reason: "the leader is the only replica in sync",
    });
}

#[test]
fn a_truncation_tells_the_records_that_are_lost() {
    let mut admin = Admin::with_topic(three_copies());
    admin.write(Acks::Leader, keyed("only on broker 1"));
    admin.stops(1);
    admin.write(Acks::Leader, keyed("written to broker 2"));
    admin.starts(1);
    admin.replicates(1);
    let lost = vec![(0, keyed("only on broker 1"))];
    admin.tells(Event::Truncated { partition: at(0), broker: 1, to: 0, lost });
}

#[test]
fn deleted_segments_are_told_with_the_setting_that_asked_for_it() {
    let segment_age = Duration::from_secs(1);
    let mut admin = Admin::with_topic(TopicConfig { segment_age, ..TopicConfig::default() });
    for second in [0, 10, 20] {
        admin.now = Instant::from_secs(second);
        admin.produce(Acks::All);
    }
    let deleted = |segments, log_start_offset, reason| Event::SegmentDeleted {
        partition: at(0),
        segments,
        log_start_offset,
        reason,
    };
    assert!(admin.alter("retention.ms", "15000").is_ok());
    admin.fires(Timer::Retention);
    admin.tells(deleted(1, 1, "its records are older than retention.ms"));
    assert!(admin.alter("retention.bytes", "1").is_ok());
    admin.fires(Timer::Retention);
    admin.tells(deleted(1, 2, "the log is larger than retention.bytes"));
}

#[test]
fn a_compaction_tells_how_much_it_removed() {
    let (compact, segment_age) = (true, Duration::from_secs(1));
    let config = TopicConfig { compact, segment_age, ..TopicConfig::default() };
    let mut admin = Admin::with_topic(config);
    for (second, key) in [(0, "a"), (0, "a"), (0, "b"), (9, "c")] {
        let timestamp_ms = second * 1_000;
        admin.write(Acks::All, Record { timestamp_ms, ..keyed(key) });
    }
    admin.fires(Timer::Cleaner);
    admin.tells(Event::Compacted { partition: at(0), up_to: 3, removed: 1 });
}

#[test]
fn the_next_broker_is_the_controller_when_its_broker_stops() {
    let mut admin = Admin::with_topic(TopicConfig::default());
    let elected = |broker, epoch, reason| Event::ControllerElected { broker, epoch, reason };
    admin.stops(1);
    admin.tells(elected(Some(2), 2, "the controller stopped"));
    let described =
        || ClusterDescription { brokers: vec![2, 3], controller: Some(2), controller_epoch: 2 };
    assert_eq!(admin.cluster.describe_cluster(), described());
    admin.starts(1);
    let all = ClusterDescription { brokers: vec![1, 2, 3], ..described() };
    assert_eq!(admin.cluster.describe_cluster(), all, "a controller that runs stays");
    for broker in [3, 1, 2] {
        admin.stops(broker);
    }
    admin.tells(elected(None, 3, "the controller stopped"));
    admin.starts(3);
    admin.tells(elected(Some(3), 4, "a broker is back"));
}

#[test]
fn leadership_goes_back_to_the_preferred_leader_by_itself() {
    let mut admin = Admin::with_topic(three_copies());
    admin.stops(1);
    admin.starts(1);
    admin.fires(Timer::LeaderImbalance);
    let leader = |admin: &mut Admin| admin.topic().map(|topic| topic.partitions[0].leader);
    assert_eq!(leader(&mut admin), Ok(Some(2)), "broker 1 is not in sync yet");
    admin.replicates(1);
    admin.fires(Timer::LeaderImbalance);
    assert_eq!(leader(&mut admin), Ok(Some(1)));
    let reason = "its preferred leader is back";
    admin.tells(Event::LeaderElected { partition: at(0), broker: Some(1), epoch: 2, reason });
}
