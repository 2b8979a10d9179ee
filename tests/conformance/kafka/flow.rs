//! Scripts of whole groups: the consumer client against the cluster, over a link that takes a
//! millisecond each way.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::engine::kafka::{
    Assignor, Call, ClientId, Committer, Consumer, ConsumerConfig, ConsumerEffect, ConsumerInput,
    ConsumerTimer, Member, OffsetCommit, Request, Response,
};
use serde_json::{Map, Value as Json, json};

use super::bench::Bench;
use super::groups::{broker_config, committed, offsets, partitions, simple};
use super::script::{Step, play};

const LINK: Duration = Duration::from_millis(1);
/// Soon enough for what a script adds to be noticed before it looks.
const METADATA_MAX_AGE: Duration = Duration::from_secs(5);

pub fn case(case: &Json) -> Result<(), String> {
    let mut bench = Bench::new(broker_config(&case["config"]));
    for (name, count) in case["topics"].as_object().into_iter().flatten() {
        bench.create_topic(name, count.as_u64().unwrap_or(1) as u32);
    }
    let mut flow = Flow {
        bench,
        config: case["config"].clone(),
        strategy: case["strategy"].as_str().unwrap_or("range").to_owned(),
        members: Vec::new(),
        timers: BTreeMap::new(),
        links: VecDeque::new(),
    };
    play(case, |step| flow.step(step))
}

struct Running {
    name: String,
    consumer: Consumer,
    polls: bool,
    alive: bool,
    /// Its last member id, which a zombie still uses.
    id: Rc<str>,
    /// It was in some generation.
    has_joined: bool,
}

enum Cargo {
    Request(Call, Request),
    Response(Call, Response),
}

struct Flow {
    bench: Bench,
    config: Json,
    strategy: String,
    /// By the number of their client, less one.
    members: Vec<Running>,
    timers: BTreeMap<(ClientId, ConsumerTimer), Instant>,
    /// What is on its way, in the order of arrival.
    links: VecDeque<(Instant, Cargo)>,
}

impl Flow {
    fn step(&mut self, step: &Step) -> Result<Json, String> {
        match step.op() {
            "start" => self.start(step)?,
            "advance" => self.advance(step.millis()?),
            "close" => {
                let member = self.member(step)?;
                self.drive(member, ConsumerInput::Close);
                self.members[member].alive = false;
                // A program that closes its consumer waits for that.
                self.advance(2 * LINK);
            }
            "crash" => {
                let member = self.member(step)?;
                self.members[member].alive = false;
            }
            "stall" => {
                let member = self.member(step)?;
                self.members[member].polls = false;
                self.drive(member, ConsumerInput::Wakeup);
            }
            "add_partitions" => self.add_partitions(step)?,
            "commit" => return self.commit(step),
            "describe" => return Ok(self.describe()),
            "fetch_offsets" => {
                let request = Request::OffsetFetch {
                    group: "g".into(),
                    partitions: partitions(&step.0["partitions"]),
                    require_stable: false,
                };
                return Ok(json!({ "offsets": committed(self.bench.ask(request)) }));
            }
            other => return Err(format!("nothing here knows the op {other}")),
        }
        Ok(json!({}))
    }

    fn member(&self, step: &Step) -> Result<usize, String> {
        let name = step.text("member");
        let found = self.members.iter().position(|member| member.name == name);
        found.ok_or_else(|| format!("nobody is called {name}"))
    }

    fn start(&mut self, step: &Step) -> Result<(), String> {
        let millis = |field: &str| self.config[field].as_u64().map(Duration::from_millis);
        let topics = step.0["topics"].as_array();
        let topics =
            topics.map(|list| list.iter().filter_map(Json::as_str).map(Rc::from).collect());
        let all = || self.bench.cluster.topics().map(|topic| topic.name().clone()).collect();
        let mut config = ConsumerConfig::new("g".into(), topics.unwrap_or_else(all));
        config.client_name = step.text("member").into();
        config.assignor = Assignor::from_name(&self.strategy).ok_or("no such strategy")?;
        config.session_timeout = millis("session.timeout.ms").unwrap_or(config.session_timeout);
        let interval = millis("heartbeat.interval.ms");
        config.heartbeat_interval = interval.unwrap_or(config.heartbeat_interval);
        let interval = millis("max.poll.interval.ms");
        config.max_poll_interval = interval.unwrap_or(config.max_poll_interval);
        config.metadata_max_age = METADATA_MAX_AGE;
        config.enable_auto_commit = false;
        let member = self.members.len();
        self.members.push(Running {
            name: step.text("member").to_owned(),
            consumer: Consumer::new(ClientId(member as u32 + 1), config),
            polls: true,
            alive: true,
            id: "".into(),
            has_joined: false,
        });
        self.drive(member, ConsumerInput::Start);
        self.drive(member, ConsumerInput::Poll);
        Ok(())
    }

    fn drive(&mut self, member: usize, input: ConsumerInput) {
        if !self.members[member].alive {
            return;
        }
        let client = ClientId(member as u32 + 1);
        let now = self.bench.now;
        let running = &mut self.members[member];
        for effect in running.consumer.handle(now, input) {
            match effect {
                ConsumerEffect::Send { correlation, request } => {
                    let call = Call { client, correlation };
                    self.links.push_back((now + LINK, Cargo::Request(call, request)));
                }
                ConsumerEffect::Schedule { timer, due } => {
                    self.timers.insert((client, timer), due);
                }
                ConsumerEffect::Cancel { timer } => {
                    self.timers.remove(&(client, timer));
                }
                ConsumerEffect::Assigned(_) => running.has_joined = true,
                ConsumerEffect::Records(_)
                | ConsumerEffect::Revoked(_)
                | ConsumerEffect::Lost(_)
                | ConsumerEffect::Committed(_)
                | ConsumerEffect::Failed { .. }
                | ConsumerEffect::Closed => {}
            }
        }
        let running = &mut self.members[member];
        if let Some(id) = running.consumer.member_id() {
            running.id = id.clone();
        }
    }

    fn advance(&mut self, time: Duration) {
        let until = self.bench.now + time;
        loop {
            let arriving = self.links.front().map(|(due, _)| *due);
            let timer = self.timers.iter().min_by_key(|(_, due)| **due);
            let timer = timer.map(|(timer, due)| (*timer, *due));
            let cluster = self.bench.next_due();
            let times = [arriving, timer.map(|(_, due)| due), cluster];
            let Some(next) = times.into_iter().flatten().min().filter(|next| *next <= until) else {
                break;
            };
            self.bench.advance(next.since(self.bench.now));
            if arriving == Some(next) {
                let (_, cargo) = self.links.pop_front().expect("something arrives");
                self.arrive(cargo);
            } else if let Some((timer, _)) = timer.filter(|(_, due)| *due == next) {
                self.timers.remove(&timer);
                self.drive(timer.0.0 as usize - 1, ConsumerInput::Timer(timer.1));
            }
            while let Some((call, response)) = self.bench.answers.pop_front() {
                let due = self.bench.now + LINK;
                self.links.push_back((due, Cargo::Response(call, response)));
            }
        }
        self.bench.advance(until.since(self.bench.now));
    }

    fn arrive(&mut self, cargo: Cargo) {
        match cargo {
            Cargo::Request(call, request) => self.bench.handle(call, request),
            Cargo::Response(call, response) => {
                let correlation = call.correlation;
                let answer = ConsumerInput::Answer { correlation, response };
                self.drive(call.client.0 as usize - 1, answer);
            }
        }
    }

    /// Whoever adds partitions in these scripts does not wait for the leader's metadata to grow old:
    /// its program asks for the rebalance at once, and also when no partition was added.
    fn add_partitions(&mut self, step: &Step) -> Result<(), String> {
        let request = Request::CreatePartitions {
            name: step.text("topic").into(),
            total: step.number("partitions")? as u32,
        };
        self.bench.ask(request);
        let group = self.bench.cluster.group("g");
        let leader = group.and_then(|group| group.leader()).cloned();
        let leads = |member: &Running| member.alive && Some(&member.id) == leader.as_ref();
        if let Some(member) = self.members.iter().position(leads) {
            self.drive(member, ConsumerInput::EnforceRebalance);
        }
        Ok(())
    }

    fn commit(&mut self, step: &Step) -> Result<Json, String> {
        let member = &self.members[self.member(step)?];
        let generation = step.maybe_number("generation").map(|number| number as u32);
        let commit = OffsetCommit {
            group: "g".into(),
            member: Some(Committer {
                member: member.id.clone(),
                generation: generation.unwrap_or(member.consumer.generation()),
                instance: None,
            }),
            offsets: offsets(&step.0["offsets"]),
        };
        Ok(simple(self.bench.ask(Request::OffsetCommit(commit))))
    }

    fn describe(&self) -> Json {
        let Some(group) = self.bench.cluster.group("g") else {
            return json!({ "state": "Dead" });
        };
        let of = |member: &Member| &self.members[member.client().0 as usize - 1];
        let name = |member: &Member| {
            let running = of(member);
            if running.has_joined { running.name.as_str() } else { "?" }
        };
        let mut members: Vec<&str> = group.members().map(name).collect();
        members.sort_unstable();
        let mut assignment = Map::new();
        for member in group.members().filter(|member| of(member).alive) {
            let mut owned: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
            for at in of(member).consumer.assignment() {
                owned.entry(&at.topic).or_default().insert(at.partition);
            }
            assignment.insert(of(member).name.clone(), json!(owned));
        }
        json!({
            "state": group.state().name(),
            "generation": group.generation(),
            "assignment": assignment,
            "members": members,
        })
    }
}
