//! Scripts of groups at the level of requests: membership, static members, offsets.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::kafka::{
    BrokerConfig, Call, ClientId, Committer, ErrorCode, JoinGroup, JoinReason, Leaver, MemberId,
    OffsetCommit, Request, Response, Subscription, SyncGroup, Timer, TopicPartition, Transactional,
};
use serde_json::{Map, Value as Json, json};

use super::bench::Bench;
use super::script::{Step, play};

/// Members are known by name once a join of theirs is answered. Who never gets an answer has the
/// name `?`, so each script is played twice: once to know the names.
pub fn case(case: &Json) -> Result<(), String> {
    let mut first = Groups::new(&case["config"], None);
    let _ = play(&without_expectations(case), |step| first.step(step));
    let mut groups = Groups::new(&case["config"], Some(first.answered));
    play(case, |step| groups.step(step))
}

fn without_expectations(case: &Json) -> Json {
    let mut case = case.clone();
    for step in case["steps"].as_array_mut().into_iter().flatten() {
        step.as_object_mut().map(|step| step.remove("expect"));
    }
    case
}

pub fn broker_config(config: &Json) -> BrokerConfig {
    let millis = |field: &str| config[field].as_u64().map(Duration::from_millis);
    let mut broker = BrokerConfig::default();
    let groups = &mut broker.groups;
    if let Some(delay) = millis("group.initial.rebalance.delay.ms") {
        groups.initial_rebalance_delay = delay;
    }
    if let Some(most) = millis("group.max.session.timeout.ms") {
        groups.max_session_timeout = most;
    }
    groups.max_size = config["group.max.size"].as_u64().map(|size| size as u32);
    if let Some(minutes) = config["offsets.retention.minutes"].as_u64() {
        groups.offsets_retention = Duration::from_secs(60 * minutes);
    }
    broker
}

struct Groups {
    bench: Bench,
    session_timeout: u64,
    rebalance_timeout: u64,
    /// Ids of the members, as far as they were told.
    ids: BTreeMap<String, MemberId>,
    /// Names of the calls that are open, and of their members.
    open: BTreeMap<Call, (String, String)>,
    names: BTreeMap<MemberId, String>,
    /// Members whose join was answered, in this playing and in the first one.
    answered: BTreeSet<String>,
    known: Option<BTreeSet<String>>,
    clients: BTreeMap<String, ClientId>,
}

impl Groups {
    fn new(config: &Json, known: Option<BTreeSet<String>>) -> Groups {
        Groups {
            bench: Bench::new(broker_config(config)),
            session_timeout: config["session.timeout.ms"].as_u64().unwrap_or(45_000),
            rebalance_timeout: config["rebalance.timeout.ms"].as_u64().unwrap_or(300_000),
            ids: BTreeMap::new(),
            open: BTreeMap::new(),
            names: BTreeMap::new(),
            answered: BTreeSet::new(),
            known,
            clients: BTreeMap::new(),
        }
    }

    fn step(&mut self, step: &Step) -> Result<Json, String> {
        let group: Rc<str> = step.maybe_text("group").unwrap_or_else(|| "g".into());
        match step.op() {
            "join" => self.join(step),
            "sync" => self.sync(step),
            "advance" => self.bench.advance(step.millis()?),
            "describe" => return Ok(self.describe()),
            "heartbeat" => {
                let request = Request::Heartbeat {
                    group,
                    generation: step.number("generation")? as u32,
                    member: self.id(step).unwrap_or_else(|| "".into()),
                    instance: step.maybe_text("instance_id"),
                };
                return Ok(simple(self.bench.ask(request)));
            }
            "leave" => return Ok(self.leave(step)),
            "commit" => {
                let commit = self.commit(group, step);
                return Ok(simple(self.bench.ask(Request::OffsetCommit(commit))));
            }
            "fetch_offsets" => return Ok(self.fetch_offsets(group, step)),
            "delete_offsets" => {
                let partitions = partitions(&step.0["partitions"]).unwrap_or_default();
                let deleted = self.bench.ask(Request::OffsetDelete { group, partitions });
                return Ok(simple(deleted));
            }
            "delete_group" => return Ok(simple(self.bench.ask(Request::DeleteGroup { group }))),
            "expire_offsets" => self.bench.fire(Timer::OffsetRetention),
            "txn_commit" => return self.commit_in_transaction(group, step),
            "txn_end" => {
                let producer = self.producer(step.number("producer_id")?)?;
                let result = step.result()?;
                return Ok(simple(self.bench.ask(Request::EndTxn { producer, result })));
            }
            other => return Err(format!("nothing here knows the op {other}")),
        }
        Ok(json!({ "completes": self.completed() }))
    }

    fn id(&self, step: &Step) -> Option<MemberId> {
        let told = step.maybe_text("member_id").filter(|id| !id.is_empty());
        told.or_else(|| self.ids.get(step.text("member")).cloned())
    }

    fn open(&mut self, step: &Step, request: Request) {
        let number = self.clients.len() as u32 + 1;
        let name = step.text("member").to_owned();
        let client = *self.clients.entry(name.clone()).or_insert(ClientId(number));
        let call = self.bench.send(client, request);
        self.open.insert(call, (step.text("call").to_owned(), name));
    }

    fn join(&mut self, step: &Step) {
        let millis =
            |field, default| Duration::from_millis(step.maybe_number(field).unwrap_or(default));
        let protocols = step.0["protocols"].as_array();
        let protocols = protocols.map(|list| list.iter().filter_map(Json::as_str).collect());
        let protocols: Vec<&str> = protocols.unwrap_or_else(|| vec!["range"]);
        let protocol_type = step.maybe_text("protocol_type");
        let request = Request::JoinGroup(Rc::new(JoinGroup {
            group: "g".into(),
            member: self.id(step),
            instance: step.maybe_text("instance_id"),
            requires_known_member_id: step.0["require_known_member_id"] != false,
            client_name: step.text("member").into(),
            session_timeout: millis("session_timeout_ms", self.session_timeout),
            rebalance_timeout: millis("rebalance_timeout_ms", self.rebalance_timeout),
            protocol_type: protocol_type.unwrap_or_else(|| "consumer".into()),
            protocols: protocols.into_iter().map(Rc::from).collect(),
            subscription: Subscription::default(),
            reason: JoinReason::Started,
        }));
        self.open(step, request);
    }

    fn sync(&mut self, step: &Step) {
        let assignments = step.0["assignments"].as_object().into_iter().flatten();
        let assignments = assignments.filter_map(|(name, assignment)| {
            let id = self.ids.get(name)?.clone();
            Some((id, opaque(assignment.as_str()?)))
        });
        let request = Request::SyncGroup(SyncGroup {
            group: "g".into(),
            generation: step.maybe_number("generation").unwrap_or(0) as u32,
            member: self.id(step).unwrap_or_else(|| "".into()),
            instance: step.maybe_text("instance_id"),
            assignments: assignments.collect(),
        });
        self.open(step, request);
    }

    fn leave(&mut self, step: &Step) -> Json {
        let leavers = step.0["members"].as_array().into_iter().flatten();
        let leavers = leavers.map(|fields| Leaver {
            reason: "the script says so",
            member: self.id(&Step(fields)),
            instance: Step(fields).maybe_text("instance_id"),
        });
        let request = Request::LeaveGroup { group: "g".into(), members: leavers.collect() };
        match self.bench.ask(request) {
            Response::LeaveGroup(outcomes) => {
                let outcomes: Vec<&str> = outcomes.into_iter().map(name_of).collect();
                json!({ "error": "NONE", "members": outcomes })
            }
            other => unreachable!("a leave was answered with {other:?}"),
        }
    }

    fn commit(&self, group: Rc<str>, step: &Step) -> OffsetCommit {
        let generation = step.signed("generation").unwrap_or(-1);
        let generation = u32::try_from(generation).ok();
        let member = generation.map(|generation| Committer {
            member: self.id(step).unwrap_or_else(|| "".into()),
            generation,
            instance: step.maybe_text("instance_id"),
        });
        OffsetCommit { group, member, offsets: offsets(&step.0["offsets"]) }
    }

    fn fetch_offsets(&mut self, group: Rc<str>, step: &Step) -> Json {
        let request = Request::OffsetFetch {
            group,
            partitions: partitions(&step.0["partitions"]),
            require_stable: step.flag("require_stable"),
        };
        json!({ "error": "NONE", "offsets": committed(self.bench.ask(request)) })
    }

    /// The scripts name a producer by number and leave out how it came by its id and its epoch.
    fn producer(&mut self, number: u64) -> Result<Transactional, String> {
        let transactional_id: Rc<str> = format!("tx-{number}").into();
        if let Some(known) = self.bench.cluster.transaction(&transactional_id) {
            return Ok(Transactional {
                transactional_id,
                producer_id: known.producer_id(),
                epoch: known.epoch(),
            });
        }
        let request = Request::InitProducerId {
            transactional_id: Some(transactional_id.clone()),
            transaction_timeout: Duration::from_secs(60),
            current: None,
        };
        match self.bench.ask(request) {
            Response::InitProducerId(Ok((producer_id, epoch))) => {
                Ok(Transactional { transactional_id, producer_id, epoch })
            }
            other => Err(format!("no producer id but {other:?}")),
        }
    }

    fn commit_in_transaction(&mut self, group: Rc<str>, step: &Step) -> Result<Json, String> {
        let producer = self.producer(step.number("producer_id")?)?;
        let add = Request::AddOffsetsToTxn { producer: producer.clone(), group: group.clone() };
        self.bench.ask(add);
        let commit = self.commit(group, step);
        let request = Request::TxnOffsetCommit { producer, commit: Rc::new(commit) };
        Ok(simple(self.bench.ask(request)))
    }

    fn describe(&self) -> Json {
        let Some(group) = self.bench.cluster.group("g") else {
            return json!({ "state": "Dead" });
        };
        let known = |name: &&String| self.known.as_ref().is_none_or(|known| known.contains(*name));
        let clients: BTreeMap<ClientId, &String> =
            self.clients.iter().map(|(name, client)| (*client, name)).collect();
        let name = |member: &ackademy::engine::kafka::Member| {
            let name = clients.get(&member.client()).copied();
            name.filter(known).map_or("?", |name| name)
        };
        let mut members: Vec<&str> = group.members().map(name).collect();
        members.sort_unstable();
        let leader = group.members().find(|one| Some(one.id()) == group.leader());
        json!({
            "state": group.state().name(),
            "generation": group.generation(),
            "leader": leader.map(name),
            "members": members,
        })
    }

    /// Calls that were answered since the last look, by name.
    fn completed(&mut self) -> Json {
        let mut completed = Map::new();
        while let Some((call, response)) = self.bench.answers.pop_front() {
            let (name, member) = self.open.remove(&call).expect("the call was open");
            let answer = match response {
                Response::JoinGroup(Ok(joined)) => {
                    self.ids.insert(member.clone(), joined.member.clone());
                    self.names.insert(joined.member.clone(), member.clone());
                    self.answered.insert(member);
                    joined_fields(&self.bench, &self.clients, &joined)
                }
                Response::JoinGroup(Err(refused)) => {
                    if let Some(id) = refused.member {
                        self.ids.insert(member, id);
                    }
                    json!({ "error": refused.error.name() })
                }
                Response::SyncGroup(Ok(partitions)) => {
                    let assignment = partitions.first().map_or("", |at| &at.topic);
                    json!({ "error": "NONE", "assignment": assignment })
                }
                Response::SyncGroup(Err(error)) => json!({ "error": error.name() }),
                other => unreachable!("{other:?} is not awaited"),
            };
            completed.insert(name, answer);
        }
        Json::Object(completed)
    }
}

fn joined_fields(
    bench: &Bench,
    clients: &BTreeMap<String, ClientId>,
    joined: &ackademy::engine::kafka::Joined,
) -> Json {
    let group = bench.cluster.group("g").expect("somebody has joined it");
    let name = |id: &MemberId| {
        let member = group.members().find(|member| member.id() == id)?;
        let named = clients.iter().find(|(_, client)| **client == member.client());
        named.map(|(name, _)| name.clone())
    };
    let mut members: Vec<_> = joined.members.iter().map(|one| name(&one.id)).collect();
    members.sort();
    json!({
        "error": "NONE",
        "generation": joined.generation,
        "leader": name(&joined.leader),
        "protocol": &*joined.protocol,
        "members": members,
        "skip_assignment": joined.skip_assignment,
    })
}

fn name_of(outcome: Result<(), ErrorCode>) -> &'static str {
    outcome.err().map_or("NONE", ErrorCode::name)
}

/// The outcome of a request that is answered by an error alone.
pub fn simple(response: Response) -> Json {
    let outcome = match response {
        Response::Heartbeat(outcome)
        | Response::OffsetCommit(outcome)
        | Response::DeleteGroup(outcome)
        | Response::TxnOffsetCommit(outcome)
        | Response::AddPartitionsToTxn(outcome)
        | Response::AddOffsetsToTxn(outcome)
        | Response::EndTxn(outcome) => outcome,
        Response::OffsetDelete(deleted) => deleted.and_then(|partitions| {
            let mut outcomes = partitions.into_iter().map(|(_, outcome)| outcome);
            outcomes.find(Result::is_err).unwrap_or(Ok(()))
        }),
        other => unreachable!("{other:?} says more than an error"),
    };
    json!({ "error": name_of(outcome) })
}

pub fn committed(response: Response) -> Json {
    let Response::OffsetFetch(offsets) = response else {
        unreachable!("an offset fetch was answered with {response:?}");
    };
    let offset = |outcome: Result<Option<u64>, ErrorCode>| match outcome {
        Ok(Some(offset)) => json!(offset),
        Ok(None) => json!(-1),
        Err(error) => json!(error.name()),
    };
    let fields = offsets.into_iter().map(|(at, found)| (at.to_string(), offset(found)));
    Json::Object(fields.collect())
}

/// `t-0`
pub fn partition(name: &str) -> Option<TopicPartition> {
    let (topic, partition) = name.rsplit_once('-')?;
    Some(TopicPartition { topic: topic.into(), partition: partition.parse().ok()? })
}

pub fn partitions(list: &Json) -> Option<Vec<TopicPartition>> {
    let list = list.as_array()?;
    Some(list.iter().filter_map(|name| partition(name.as_str()?)).collect())
}

pub fn offsets(fields: &Json) -> Vec<(TopicPartition, u64)> {
    let fields = fields.as_object().into_iter().flatten();
    fields.filter_map(|(name, offset)| Some((partition(name)?, offset.as_u64()?))).collect()
}

/// To the coordinator an assignment is bytes; here the text stands in the place of a topic.
fn opaque(assignment: &str) -> Vec<TopicPartition> {
    let at = TopicPartition { topic: assignment.into(), partition: 0 };
    if assignment.is_empty() { Vec::new() } else { vec![at] }
}
