//! Policies: settings for all queues and exchanges whose names match.
//!
//! Of the policies that match, the one of highest priority counts; the same holds for operator
//! policies, which then bound it (<https://www.rabbitmq.com/docs/parameters>). A limit that a queue
//! was also declared with is the lower of the two; anything else that it was declared with wins
//! (`rabbit_policy`, `rabbit_amqqueue_process`, `rabbit_quorum_queue`). Of equal priorities, which
//! RabbitMQ leaves open, the first by name counts.

use std::fmt;
use std::rc::Rc;

use super::broker::Broker;
use super::effect::{Effect, Timer};
use super::event::Event;
use super::method::AmqpError;
use super::pattern::Pattern;
use super::queue::Queue;
use super::settings::{QueueType, Settings};
use super::targets::QueueId;
use super::value::{Table, Value};
use super::work::{Context, Work};
use crate::engine::Instant;

/// What a policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApplyTo {
    All,
    Queues,
    ClassicQueues,
    QuorumQueues,
    Exchanges,
}

/// Who sets a policy: users, or the operator, who bounds what users ask for
/// (<https://www.rabbitmq.com/docs/parameters#operator-policies>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyBy {
    User,
    Operator,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Policy {
    pub name: Rc<str>,
    /// A regular expression, matched anywhere in a name.
    pub pattern: Rc<str>,
    pub apply_to: ApplyTo,
    pub priority: i64,
    /// By the names of policies, which are those of arguments without `x-`.
    pub definition: Table,
}

/// What is wrong with a policy. Policies are set by management and not by AMQP, so that this closes
/// nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PolicyError {
    /// No regular expression, or one beyond those that are known here (see `pattern`).
    Pattern(Rc<str>),
    /// It defines nothing.
    Empty,
    /// No such key, or none that an operator may set.
    UnknownKey(Rc<str>),
    /// Neither a whole number nor a text.
    WrongKind(Rc<str>),
    /// A value that a queue could not be declared with.
    Value(AmqpError),
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PolicyError::Pattern(pattern) => write!(f, "'{pattern}' is no pattern that is known"),
            PolicyError::Empty => f.write_str("no policy is defined"),
            PolicyError::UnknownKey(key) => write!(f, "'{key}' is not recognised"),
            PolicyError::WrongKind(key) => write!(f, "'{key}' has a value of the wrong kind"),
            PolicyError::Value(error) => f.write_str(&error.text),
        }
    }
}

/// The policies of a broker, those that count first in front.
#[derive(Clone, Debug, Default)]
pub(super) struct Policies {
    user: Vec<(Policy, Pattern)>,
    operator: Vec<(Policy, Pattern)>,
}

/// Where policies meet each other or arguments, the lower one counts.
const LIMITS: [&str; 5] =
    ["message-ttl", "expires", "max-length", "max-length-bytes", "delivery-limit"];
const OF_QUEUES: [&str; 4] =
    ["overflow", "dead-letter-exchange", "dead-letter-routing-key", "dead-letter-strategy"];
const ALTERNATE_EXCHANGE: &str = "alternate-exchange";
const OVERFLOW: &str = "overflow";

impl Policies {
    fn by(&mut self, by: PolicyBy) -> &mut Vec<(Policy, Pattern)> {
        match by {
            PolicyBy::User => &mut self.user,
            PolicyBy::Operator => &mut self.operator,
        }
    }

    fn insert(&mut self, by: PolicyBy, policy: Policy, pattern: Pattern) {
        self.remove(by, &policy.name);
        let list = self.by(by);
        let rank = |one: &Policy| (std::cmp::Reverse(one.priority), Rc::clone(&one.name));
        let place = list.partition_point(|(other, _)| rank(other) < rank(&policy));
        list.insert(place, (policy, pattern));
    }

    fn remove(&mut self, by: PolicyBy, name: &str) {
        self.by(by).retain(|(policy, _)| &*policy.name != name);
    }

    /// The name of the user's policy that counts, and what it comes to under the operator's.
    /// `kind` is `None` for an exchange.
    fn find(&self, name: &str, kind: Option<QueueType>) -> (Option<&Rc<str>>, Table) {
        let user = first(&self.user, name, kind);
        let mut definition = user.map_or_else(Table::new, |policy| policy.definition.clone());
        if let Some(operator) = first(&self.operator, name, kind) {
            for (key, bound) in operator.definition.iter() {
                let value = match definition.get(key) {
                    Some(value) if LIMITS.contains(&&**key) => lower(value, bound),
                    Some(_) | None => bound.clone(),
                };
                definition.insert(Rc::clone(key), value);
            }
        }
        (user.map(|policy| &policy.name), definition)
    }

    /// The alternate exchange that policies give to an exchange.
    pub(super) fn alternate(&self, exchange: &str) -> Option<Rc<str>> {
        let (_, definition) = self.find(exchange, None);
        definition.get(ALTERNATE_EXCHANGE).and_then(Value::as_text).cloned()
    }

    /// Sets a queue's settings anew from its arguments and the policies.
    pub(super) fn apply(&self, queue: &mut Queue) {
        let kind = queue.settings.kind;
        let (name, definition) = self.find(&queue.name, Some(kind));
        let mut arguments = queue.arguments.clone();
        for (key, value) in definition.iter() {
            let name = format!("x-{key}");
            if !Settings::knows(kind, &name) {
                continue;
            }
            let merged = match arguments.get(&name) {
                Some(argument) if LIMITS.contains(&&**key) => lower(argument, value),
                Some(_) => continue,
                None => value.clone(),
            };
            arguments.insert(name, merged);
        }
        queue.policy = name.cloned();
        queue.settings = Settings::of(kind, &arguments).expect("policies are checked when set");
    }
}

fn first<'a>(
    list: &'a [(Policy, Pattern)],
    name: &str,
    kind: Option<QueueType>,
) -> Option<&'a Policy> {
    let applies = |policy: &Policy| match policy.apply_to {
        ApplyTo::All => true,
        ApplyTo::Queues => kind.is_some(),
        ApplyTo::ClassicQueues => kind == Some(QueueType::Classic),
        ApplyTo::QuorumQueues => kind == Some(QueueType::Quorum),
        ApplyTo::Exchanges => kind.is_none(),
    };
    let found = list.iter().find(|(policy, pattern)| applies(policy) && pattern.is_in(name));
    found.map(|(policy, _)| policy)
}

/// The lower of two limits. A negative one, which only a delivery limit may be, is none, and none
/// wins (`rabbit_quorum_queue`).
fn lower(one: &Value, other: &Value) -> Value {
    match (one.as_int(), other.as_int()) {
        (Some(one), Some(other)) if one < 0 || other < 0 => Value::Int(one.max(other)),
        (Some(one), Some(other)) => Value::Int(one.min(other)),
        (_, _) => one.clone(),
    }
}

fn check(by: PolicyBy, policy: &Policy) -> Result<Pattern, PolicyError> {
    let pattern = Pattern::parse(&policy.pattern)
        .ok_or_else(|| PolicyError::Pattern(Rc::clone(&policy.pattern)))?;
    if policy.definition.is_empty() {
        return Err(PolicyError::Empty);
    }
    let mut arguments = Table::new();
    for (key, value) in policy.definition.iter() {
        let bounds = LIMITS.contains(&&**key) || &**key == OVERFLOW;
        let known = bounds || OF_QUEUES.contains(&&**key) || &**key == ALTERNATE_EXCHANGE;
        if !known || by == PolicyBy::Operator && !bounds {
            return Err(PolicyError::UnknownKey(Rc::clone(key)));
        }
        if value.as_int().is_none() && value.as_text().is_none() {
            return Err(PolicyError::WrongKind(Rc::clone(key)));
        }
        arguments.insert(format!("x-{key}"), value.clone());
    }
    let alternate = policy.definition.get(ALTERNATE_EXCHANGE);
    if alternate.is_some_and(|name| name.as_text().is_none()) {
        return Err(PolicyError::WrongKind(ALTERNATE_EXCHANGE.into()));
    }
    for kind in [QueueType::Classic, QueueType::Quorum] {
        Settings::of(kind, &arguments).map_err(PolicyError::Value)?;
    }
    Ok(pattern)
}

impl Broker {
    /// Sets a policy, in place of one of the same name, and applies it to what is there.
    pub fn set_policy(
        &mut self,
        now: Instant,
        by: PolicyBy,
        policy: Policy,
    ) -> Result<Vec<Effect>, PolicyError> {
        let pattern = check(by, &policy)?;
        Rc::make_mut(&mut self.policies).insert(by, policy, pattern);
        Ok(self.apply_policies(now))
    }

    pub fn has_policy(&self, by: PolicyBy, name: &str) -> bool {
        let policies = match by {
            PolicyBy::User => &self.policies.user,
            PolicyBy::Operator => &self.policies.operator,
        };
        policies.iter().any(|(policy, _)| &*policy.name == name)
    }

    pub fn clear_policy(&mut self, now: Instant, by: PolicyBy, name: &str) -> Vec<Effect> {
        Rc::make_mut(&mut self.policies).remove(by, name);
        self.apply_policies(now)
    }

    fn apply_policies(&mut self, now: Instant) -> Vec<Effect> {
        let mut cx = Context::new(now);
        let policies = Rc::clone(&self.policies);
        for (name, exchange) in self.exchanges.iter_mut() {
            let alternate = policies.alternate(name);
            Rc::make_mut(exchange).set_alternate(alternate);
        }
        let queues: Vec<QueueId> = self.queues().map(|queue| queue.id).collect();
        for id in queues {
            let mut work = self.work(id, &mut cx).expect("the queue was just listed");
            let before = (work.queue.settings.clone(), work.queue.policy.clone());
            policies.apply(work.queue);
            if before != (work.queue.settings.clone(), work.queue.policy.clone()) {
                work.policy_changed();
            }
        }
        self.deliver_dead_letters(&mut cx);
        cx.effects
    }
}

impl Work<'_> {
    /// New limits hold at once, and a new time to live for messages that come from now on.
    fn policy_changed(&mut self) {
        let (queue, policy) = (Rc::clone(&self.queue.name), self.queue.policy.clone());
        self.cx.event(Event::PolicyApplied { queue, policy });
        if self.queue.settings.expires.is_none() && self.queue.expiry_timer.take().is_some() {
            let timer = Timer::QueueExpiry { queue: Rc::clone(&self.queue.name) };
            self.cx.effects.push(Effect::Cancel { timer });
        }
        self.touch();
        self.look_at_limits();
    }
}
