//! Consumer groups, as the group coordinator keeps them (the classic protocol).
//!
//! A change of membership starts a rebalance: members join again, the group forms a new generation,
//! its leader assigns the partitions and everybody synchronises. Follows
//! `org.apache.kafka.coordinator.group.GroupMetadataManager` and `classic.ClassicGroup`. The newer
//! consumer protocol (KIP-848) is not here.

mod coordinator;
mod member;
mod membership;
mod offsets;
mod rebalance;

use std::rc::Rc;

pub use coordinator::GroupConfig;
use litemap::LiteMap;
use offsets::Offsets;

use crate::engine::{Instant, Set};

use super::error::ErrorCode;
use super::event::{Effect, Event, Timer};
use super::types::{MemberId, TopicPartition};

pub(super) use coordinator::Groups;
pub use member::Member;

/// The states of a group, named as Kafka names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupState {
    Empty,
    PreparingRebalance,
    CompletingRebalance,
    Stable,
}

impl GroupState {
    pub fn name(self) -> &'static str {
        match self {
            GroupState::Empty => "Empty",
            GroupState::PreparingRebalance => "PreparingRebalance",
            GroupState::CompletingRebalance => "CompletingRebalance",
            GroupState::Stable => "Stable",
        }
    }
}

/// How long a new group still waits for more members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct InitialDelay {
    remaining: std::time::Duration,
    step: std::time::Duration,
    /// Somebody came during the present step, so there will be another one.
    somebody_came: bool,
}

#[derive(Clone, Debug)]
pub struct Group {
    id: Rc<str>,
    state: GroupState,
    /// When the group came into this state.
    since: Instant,
    generation: u32,
    /// Unknown until a first member joins: then the kind of group, such as `consumer`.
    protocol_type: Option<Rc<str>>,
    protocol: Rc<str>,
    leader: Option<MemberId>,
    members: LiteMap<MemberId, Member>,
    /// The members of the group instances of static members.
    instances: LiteMap<Rc<str>, MemberId>,
    /// Ids that were given out and not used yet.
    pending: Set<MemberId>,
    /// Members that have joined the generation and not asked for their assignment yet.
    unsynced: Set<MemberId>,
    initial_delay: Option<InitialDelay>,
    /// Counts members, to know who came first.
    joined: u32,
    offsets: Offsets,
    /// Topics that the group reads or has read.
    topics: Set<Rc<str>>,
}

impl Group {
    fn new(id: Rc<str>, now: Instant) -> Group {
        Group {
            id,
            state: GroupState::Empty,
            since: now,
            generation: 0,
            protocol_type: None,
            protocol: "".into(),
            leader: None,
            members: LiteMap::new(),
            instances: LiteMap::new(),
            pending: Set::new(),
            unsynced: Set::new(),
            initial_delay: None,
            joined: 0,
            offsets: Offsets::default(),
            topics: Set::new(),
        }
    }

    pub fn id(&self) -> &Rc<str> {
        &self.id
    }

    pub fn state(&self) -> GroupState {
        self.state
    }

    pub fn generation(&self) -> u32 {
        self.generation
    }

    pub fn leader(&self) -> Option<&MemberId> {
        self.leader.as_ref()
    }

    /// The assignor that all members support.
    pub fn protocol(&self) -> &str {
        &self.protocol
    }

    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// The offset that the group goes on from, if it has committed one.
    pub fn committed(&self, at: &TopicPartition) -> Option<u64> {
        self.offsets.committed(at)
    }

    /// All committed offsets.
    pub fn all_committed(&self) -> impl Iterator<Item = (&TopicPartition, u64)> {
        self.offsets.all()
    }

    pub fn topics(&self) -> &Set<Rc<str>> {
        &self.topics
    }

    fn enter(&mut self, now: Instant, state: GroupState) {
        self.state = state;
        self.since = now;
    }

    fn session_timer(&self, member: &MemberId) -> Timer {
        Timer::Session { group: self.id.clone(), member: member.clone() }
    }

    fn rebalance_timer(&self) -> Timer {
        Timer::Rebalance { group: self.id.clone() }
    }

    fn sync_timer(&self) -> Timer {
        Timer::Sync { group: self.id.clone() }
    }

    /// A sign of life: the session of the member begins anew.
    fn heard_of(&self, now: Instant, id: &MemberId, effects: &mut Vec<Effect>) {
        if let Some(member) = self.members.get(id) {
            effects.push(Effect::Schedule {
                timer: self.session_timer(id),
                due: now + member.session_timeout,
            });
        }
    }

    /// Whether a member is who it says. A static member is fenced when another process has taken
    /// its instance over; that is told before everything else.
    fn check_member(&self, member: &str, instance: Option<&Rc<str>>) -> Result<(), ErrorCode> {
        if let Some(instance) = instance {
            let Some(holder) = self.instances.get(instance) else {
                return Err(ErrorCode::UnknownMemberId);
            };
            if **holder != *member {
                return Err(ErrorCode::FencedInstanceId);
            }
        }
        if !self.members.contains_key(member) {
            return Err(ErrorCode::UnknownMemberId);
        }
        Ok(())
    }

    fn check_generation(&self, generation: u32) -> Result<(), ErrorCode> {
        if generation == self.generation { Ok(()) } else { Err(ErrorCode::IllegalGeneration) }
    }

    fn note(&self, effects: &mut Vec<Effect>, event: impl FnOnce(Rc<str>) -> Event) {
        effects.push(Effect::Event(event(self.id.clone())));
    }
}
