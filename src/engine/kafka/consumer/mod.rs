//! The consumer client: membership in a group, fetching, positions and commits.
//!
//! It joins, assigns (if it is the leader), synchronises and sends heartbeats by itself, as
//! `ConsumerCoordinator` does. The application polls and commits. As in Kafka a consumer joins a
//! rebalance only while the application polls: one that is busy with its records holds it up, and
//! one that does not come back within `max.poll.interval.ms` leaves its group. With an eager
//! assignor every partition is given up before a rebalance; with a cooperative one only those that
//! move.

mod commits;
mod config;
mod disconnects;
mod membership;
mod records;
#[cfg(test)]
mod seek_tests;

use std::collections::VecDeque;
use std::rc::Rc;

pub use config::ConsumerConfig;
use litemap::LiteMap;
use records::{Buffered, Lookup};

use crate::engine::Instant;

use super::api::{JoinReason, Request, Response};
use super::error::ErrorCode;
use super::types::{ClientId, MemberId, OffsetSpec, Record, TopicPartition};

#[derive(Clone, Debug)]
pub enum ConsumerInput {
    Start,
    /// The application is done with what it has and wants more.
    Poll,
    /// The application does not wait for the answer to its poll any more: `wakeup`.
    Wakeup,
    /// The application asks for a rebalance: `enforceRebalance`.
    EnforceRebalance,
    Commit {
        offsets: Vec<(TopicPartition, u64)>,
    },
    /// `seek`: the next record to read of a partition that it holds.
    Seek {
        partition: TopicPartition,
        offset: u64,
    },
    /// `seekToBeginning`, `seekToEnd`, and `seek` to what `offsetsForTimes` finds; a time after the
    /// last record leads to the end.
    SeekTo {
        partition: TopicPartition,
        spec: OffsetSpec,
    },
    Close,
    Answer {
        correlation: u32,
        response: Response,
    },
    /// The connection broke before the answer to this request came, or `request.timeout.ms` is
    /// over.
    Disconnected {
        correlation: u32,
    },
    Timer(ConsumerTimer),
}

#[derive(Clone, Debug)]
pub enum ConsumerEffect {
    Send {
        correlation: u32,
        request: Request,
    },
    Schedule {
        timer: ConsumerTimer,
        due: Instant,
    },
    Cancel {
        timer: ConsumerTimer,
    },
    /// The answer to a poll; never empty.
    Records(Vec<ConsumerRecord>),
    Assigned(Vec<TopicPartition>),
    Revoked(Vec<TopicPartition>),
    /// Taken away without being asked: the group went on without this member.
    Lost(Vec<TopicPartition>),
    Committed(Result<(), ErrorCode>),
    /// A poll or a seek ends with an exception, about these partitions if it is about any.
    Failed {
        error: ErrorCode,
        partitions: Vec<TopicPartition>,
    },
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConsumerTimer {
    Heartbeat,
    AutoCommit,
    /// The application did not poll for `max.poll.interval.ms`.
    PollInterval,
    /// The metadata is `metadata.max.age.ms` old.
    Metadata,
    /// `retry.backoff.ms` after an answer that asks to try again.
    Retry,
}

/// A record and where it stood.
#[derive(Clone, Debug)]
pub struct ConsumerRecord {
    pub partition: TopicPartition,
    pub offset: u64,
    pub record: Record,
}

/// What an answer that is awaited is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    Join(JoinReason),
    Sync,
    Heartbeat,
    Fetch,
    Committed,
    Positions,
    Metadata,
    Commit { automatic: bool },
    Leave,
}

type Effects = Vec<ConsumerEffect>;

#[derive(Clone, Debug)]
pub struct Consumer {
    client: ClientId,
    config: ConsumerConfig,
    correlation: u32,
    awaited: Vec<(u32, Awaited)>,
    member: Option<MemberId>,
    generation: u32,
    /// The join or sync whose answer counts; older ones are overtaken.
    rebalancing: Option<u32>,
    /// To be joined with the next poll.
    rejoin: Option<JoinReason>,
    /// What it was assigned last, which an eager sticky member tells when it joins again.
    last_assignment: Vec<TopicPartition>,
    /// The partition counts that this member has assigned as the leader of its group.
    assigned_counts: Option<Vec<(Rc<str>, u32)>>,
    /// The next offset to fetch of each partition, once it is known.
    positions: LiteMap<TopicPartition, Option<u64>>,
    buffer: VecDeque<Buffered>,
    /// True while a fetch is on its way, and the positions that the last one asked for.
    fetching: bool,
    asked: Rc<[(TopicPartition, u64)]>,
    polled: bool,
    /// Partitions whose committed offset has to be asked for again.
    unknown: Vec<TopicPartition>,
    /// Positions that are looked up.
    lookups: Vec<Lookup>,
    /// Behind the last record handed out, and behind the last one the application is done with.
    handed_out: LiteMap<TopicPartition, u64>,
    finished: LiteMap<TopicPartition, u64>,
    closed: bool,
}

impl Consumer {
    pub fn new(client: ClientId, config: ConsumerConfig) -> Consumer {
        Consumer {
            client,
            config,
            correlation: 0,
            awaited: Vec::new(),
            member: None,
            generation: 0,
            rebalancing: None,
            rejoin: None,
            last_assignment: Vec::new(),
            assigned_counts: None,
            positions: LiteMap::new(),
            buffer: VecDeque::new(),
            fetching: false,
            asked: Rc::default(),
            polled: false,
            unknown: Vec::new(),
            lookups: Vec::new(),
            handed_out: LiteMap::new(),
            finished: LiteMap::new(),
            closed: false,
        }
    }

    pub fn client(&self) -> ClientId {
        self.client
    }

    /// `enable.auto.commit`.
    pub fn commits_by_itself(&self) -> bool {
        self.config.enable_auto_commit
    }

    pub fn group_id(&self) -> &Rc<str> {
        &self.config.group_id
    }

    pub fn group_instance_id(&self) -> Option<&Rc<str>> {
        self.config.group_instance_id.as_ref()
    }

    pub fn member_id(&self) -> Option<&MemberId> {
        self.member.as_ref()
    }

    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// The partitions that this member owns.
    pub fn assignment(&self) -> impl Iterator<Item = &TopicPartition> {
        self.positions.keys()
    }

    /// The offset that will be fetched next.
    pub fn position(&self, at: &TopicPartition) -> Option<u64> {
        self.positions.get(at).copied().flatten()
    }

    pub fn handle(&mut self, now: Instant, input: ConsumerInput) -> Effects {
        let mut effects = Vec::new();
        self.handle_into(now, input, &mut effects);
        effects
    }

    /// The same with a list that is there already.
    pub fn handle_into(&mut self, now: Instant, input: ConsumerInput, effects: &mut Effects) {
        if self.closed {
            return;
        }
        match input {
            ConsumerInput::Start => self.start(now, effects),
            ConsumerInput::Poll => self.poll(now, effects),
            ConsumerInput::Wakeup => {
                self.polled = false;
                self.begin_poll_interval(now, effects);
            }
            ConsumerInput::EnforceRebalance => {
                self.must_rejoin(JoinReason::Enforced, effects);
            }
            ConsumerInput::Commit { offsets } => self.commit(offsets, false, effects),
            ConsumerInput::Seek { partition, offset } => {
                self.seek(partition, offset, effects);
            }
            ConsumerInput::SeekTo { partition, spec } => {
                self.seek_to(partition, spec, effects);
            }
            ConsumerInput::Close => self.close(effects),
            ConsumerInput::Answer { correlation, response } => {
                self.answered(now, correlation, response, effects)
            }
            ConsumerInput::Disconnected { correlation } => {
                self.disconnected(now, correlation, effects);
            }
            ConsumerInput::Timer(ConsumerTimer::Heartbeat) => self.heartbeat(now, effects),
            ConsumerInput::Timer(ConsumerTimer::AutoCommit) => self.auto_commit(now, effects),
            ConsumerInput::Timer(ConsumerTimer::PollInterval) => {
                self.poll_interval_over(effects);
            }
            ConsumerInput::Timer(ConsumerTimer::Metadata) => {
                self.ask_for_metadata(now, effects);
            }
            ConsumerInput::Timer(ConsumerTimer::Retry) => self.retry(effects),
        }
    }

    /// True while it waits for the answer to this request.
    pub fn awaits(&self, correlation: u32) -> bool {
        self.awaited.iter().any(|(asked, _)| *asked == correlation)
    }

    fn start(&mut self, now: Instant, effects: &mut Effects) {
        self.join(JoinReason::Started, effects);
        if self.config.enable_auto_commit {
            effects.push(ConsumerEffect::Schedule {
                timer: ConsumerTimer::AutoCommit,
                due: now + self.config.auto_commit_interval,
            });
        }
        effects.push(ConsumerEffect::Schedule {
            timer: ConsumerTimer::Metadata,
            due: now + self.config.metadata_max_age,
        });
    }

    fn poll(&mut self, now: Instant, effects: &mut Effects) {
        self.finished.clone_from(&self.handed_out);
        self.polled = true;
        effects.push(ConsumerEffect::Cancel { timer: ConsumerTimer::PollInterval });
        if let Some(reason) = self.rejoin.take() {
            self.join(reason, effects);
        }
        self.hand_out(now, effects);
    }

    fn begin_poll_interval(&self, now: Instant, effects: &mut Effects) {
        effects.push(ConsumerEffect::Schedule {
            timer: ConsumerTimer::PollInterval,
            due: now + self.config.max_poll_interval,
        });
    }

    fn send(&mut self, awaited: Awaited, request: Request, effects: &mut Effects) -> u32 {
        self.correlation += 1;
        let correlation = self.correlation;
        self.awaited.push((correlation, awaited));
        effects.push(ConsumerEffect::Send { correlation, request });
        correlation
    }

    fn answered(
        &mut self,
        now: Instant,
        correlation: u32,
        response: Response,
        effects: &mut Effects,
    ) {
        let Some(place) = self.awaited.iter().position(|(asked, _)| *asked == correlation) else {
            return;
        };
        let (_, awaited) = self.awaited.remove(place);
        let overtaken = self.rebalancing != Some(correlation);
        match response {
            Response::JoinGroup(outcome) if !overtaken => self.joined(awaited, outcome, effects),
            Response::SyncGroup(outcome) if !overtaken => self.synced(now, outcome, effects),
            Response::Heartbeat(outcome) => self.heard_back(outcome, effects),
            Response::Fetch(found) => self.fetched(now, found, effects),
            Response::OffsetFetch(offsets) => self.found_committed(now, offsets, effects),
            Response::ListOffsets(offsets) => {
                self.found_positions(now, correlation, offsets, effects);
            }
            Response::Metadata(counts) => self.learned_counts(&counts, effects),
            Response::OffsetCommit(outcome) => {
                if awaited != (Awaited::Commit { automatic: true }) {
                    effects.push(ConsumerEffect::Committed(outcome));
                }
                self.heard_back(outcome, effects);
            }
            // Overtaken answers, and those that a consumer does not wait for.
            _ => {}
        }
    }

    fn heard_back(&mut self, outcome: Result<(), ErrorCode>, effects: &mut Effects) {
        if let Err(error) = outcome {
            self.refused(error, effects);
        }
    }

    fn close(&mut self, effects: &mut Effects) {
        if self.config.enable_auto_commit {
            self.finished.clone_from(&self.handed_out);
            self.commit_finished(effects);
        }
        // A static member keeps its seat until its session ends.
        if self.config.group_instance_id.is_none() {
            self.leave("it closed", effects);
        }
        for timer in [
            ConsumerTimer::Heartbeat,
            ConsumerTimer::AutoCommit,
            ConsumerTimer::PollInterval,
            ConsumerTimer::Metadata,
            ConsumerTimer::Retry,
        ] {
            effects.push(ConsumerEffect::Cancel { timer });
        }
        effects.push(ConsumerEffect::Closed);
        self.closed = true;
    }
}
