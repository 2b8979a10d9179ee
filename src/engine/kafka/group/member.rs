//! One member of a group.

use std::rc::Rc;
use std::time::Duration;

use crate::engine::kafka::api::JoinGroup;
use crate::engine::kafka::assignor::Subscription;
use crate::engine::kafka::types::{Call, ClientId, MemberId, TopicPartition};

#[derive(Clone, Debug)]
pub struct Member {
    pub(super) id: MemberId,
    pub(super) client: ClientId,
    pub(super) instance: Option<Rc<str>>,
    /// Its place in the order of arrival.
    pub(super) arrival: u32,
    /// It has never got an answer to its join.
    pub(super) is_new: bool,
    pub(super) session_timeout: Duration,
    pub(super) rebalance_timeout: Duration,
    pub(super) protocols: Vec<Rc<str>>,
    pub(super) subscription: Subscription,
    pub(super) assignment: Vec<TopicPartition>,
    /// The call of a join that waits for the others.
    pub(super) joining: Option<Call>,
    /// The call of a sync that waits for the leader.
    pub(super) syncing: Option<Call>,
}

impl Member {
    pub(super) fn new(id: MemberId, arrival: u32, call: Call, join: &JoinGroup) -> Member {
        Member {
            id,
            client: call.client,
            instance: join.instance.clone(),
            arrival,
            is_new: true,
            session_timeout: join.session_timeout,
            rebalance_timeout: join.rebalance_timeout,
            protocols: join.protocols.clone(),
            subscription: join.subscription.clone(),
            assignment: Vec::new(),
            joining: Some(call),
            syncing: None,
        }
    }

    /// Takes over what it says when it joins again.
    pub(super) fn update(&mut self, join: &JoinGroup) {
        self.session_timeout = join.session_timeout;
        self.rebalance_timeout = join.rebalance_timeout;
        self.protocols = join.protocols.clone();
        self.subscription = join.subscription.clone();
    }

    /// True if it says the same as when it joined.
    pub(super) fn matches(&self, join: &JoinGroup) -> bool {
        self.protocols == join.protocols && self.subscription == join.subscription
    }

    pub fn id(&self) -> &MemberId {
        &self.id
    }

    pub fn client(&self) -> ClientId {
        self.client
    }

    /// `group.instance.id` of a static member.
    pub fn instance(&self) -> Option<&Rc<str>> {
        self.instance.as_ref()
    }

    pub fn session_timeout(&self) -> Duration {
        self.session_timeout
    }

    pub fn assignment(&self) -> &[TopicPartition] {
        &self.assignment
    }
}
