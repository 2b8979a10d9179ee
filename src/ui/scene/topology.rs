//! What a scenario is made of, as the picture needs it: who writes where, who reads what.

use std::rc::Rc;

use crate::engine::{Set, sort_few};
use crate::simulation::{Input, QueueSpec, Scenario};

/// Services are named by their index in the scenario, the other parts by their index here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Topology {
    pub topics: Vec<TopicNode>,
    pub groups: Vec<GroupNode>,
    pub exchanges: Vec<ExchangeNode>,
    pub work: Vec<WorkNode>,
    pub rungs: Vec<RungNode>,
    pub dead: Vec<Rc<str>>,
    /// Who calls whom over HTTP.
    pub calls: Vec<(usize, usize)>,
    /// Services that take calls.
    pub http: Vec<usize>,
    /// How many brokers keep the topics, and how many nodes the queues.
    pub brokers: u32,
    pub nodes: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TopicNode {
    pub name: Rc<str>,
    pub partitions: u32,
    /// Copies of each partition.
    pub copies: u32,
    pub producers: Vec<usize>,
    pub readers: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct GroupNode {
    pub id: Rc<str>,
    pub topic: usize,
    pub services: Vec<usize>,
}

/// An exchange that services publish to, or that leads to a queue somebody works on.
#[derive(Clone, Debug, PartialEq)]
pub struct ExchangeNode {
    pub name: Rc<str>,
    pub kind: Rc<str>,
    pub producers: Vec<usize>,
    /// Work queues and the routing key that leads there.
    pub bindings: Vec<(usize, Rc<str>)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct WorkNode {
    pub name: Rc<str>,
    pub workers: Vec<usize>,
    /// What a worker rejects goes to a dead letter exchange.
    pub dead_letters: bool,
    /// Services that publish to it by its name, through the default exchange.
    pub direct: Vec<usize>,
}

/// Waiting queues with the same time to live.
#[derive(Clone, Debug, PartialEq)]
pub struct RungNode {
    pub ttl_ms: u64,
    pub queues: Vec<Rc<str>>,
    /// The exchange that gets its messages when their time is up.
    pub back_to: Option<usize>,
}

fn text<'a>(queue: &'a QueueSpec, argument: &str) -> Option<&'a str> {
    queue.arguments.get(argument).and_then(|value| value.as_str())
}

fn ttl(queue: &QueueSpec) -> Option<u64> {
    let waits = text(queue, "x-dead-letter-exchange").is_some();
    queue.arguments.get("x-message-ttl").and_then(|value| value.as_u64()).filter(|_| waits)
}

impl Topology {
    pub fn of(scenario: &Scenario) -> Topology {
        let (brokers, nodes) = (scenario.kafka.brokers, scenario.rabbitmq.nodes);
        let mut topology = Topology { brokers, nodes, ..Topology::default() };
        topology.read_calls(scenario);
        topology.read_topics(scenario);
        topology.read_queues(scenario);
        topology.read_exchanges(scenario);
        topology.read_rungs(scenario);
        topology
    }

    fn read_calls(&mut self, scenario: &Scenario) {
        let index = |id: &str| scenario.services.iter().position(|service| &*service.id == id);
        for (caller, service) in scenario.services.iter().enumerate() {
            if matches!(service.input, Input::Http { .. }) {
                self.http.push(caller);
            }
            let callees = service.calls.iter().filter_map(|call| index(&call.service));
            self.calls.extend(callees.map(|callee| (caller, callee)));
        }
    }

    fn read_topics(&mut self, scenario: &Scenario) {
        for spec in &scenario.topics {
            let writes = |index: &usize| scenario.services[*index].publishes.contains(&spec.name);
            let producers = (0..scenario.services.len()).filter(writes).collect();
            self.topics.push(TopicNode {
                name: spec.name.clone(),
                partitions: spec.partitions,
                copies: spec.replication_factor,
                producers,
                readers: Vec::new(),
            });
        }
        for (index, service) in scenario.services.iter().enumerate() {
            let Input::Topic { topic, group, .. } = &service.input else {
                continue;
            };
            let Some(topic) = self.topics.iter().position(|node| node.name == *topic) else {
                continue;
            };
            self.topics[topic].readers.push(index);
            match self.groups.iter_mut().find(|node| node.id == *group) {
                Some(node) => node.services.push(index),
                None => {
                    let services = vec![index];
                    self.groups.push(GroupNode { id: group.clone(), topic, services });
                }
            }
        }
        self.order_topics();
    }

    /// A topic comes after those whose readers write to it. Records that go in a circle stay in
    /// the scenario's order.
    fn order_topics(&mut self) {
        let depth = |topics: &[TopicNode], index: usize| {
            let mut reached = Set::from_iter([index]);
            let mut front = vec![index];
            let mut depth = 0;
            while let Some(upper) = Some(&front)
                .map(|front| {
                    let writes = |reader: &usize| {
                        front.iter().any(|topic| topics[*topic].producers.contains(reader))
                    };
                    let before = |other: &usize| topics[*other].readers.iter().any(writes);
                    (0..topics.len()).filter(before).filter(|it| !reached.contains(it)).collect()
                })
                .filter(|upper: &Vec<usize>| !upper.is_empty())
            {
                depth += 1;
                reached.extend(upper.iter().copied());
                front = upper;
            }
            depth
        };
        let mut order: Vec<usize> = (0..self.topics.len()).collect();
        sort_few(&mut order, |index| depth(&self.topics, *index));
        for group in &mut self.groups {
            group.topic = order.iter().position(|old| *old == group.topic).unwrap_or(0);
        }
        self.topics = order.iter().map(|old| self.topics[*old].clone()).collect();
    }

    fn read_queues(&mut self, scenario: &Scenario) {
        let fed: Set<&Rc<str>> = scenario
            .services
            .iter()
            .flat_map(|service| &service.enqueues)
            .map(|task| &task.exchange)
            .collect();
        for spec in &scenario.queues {
            let works = |index: &usize| match &scenario.services[*index].input {
                Input::Queue { queue, .. } => *queue == spec.name,
                Input::Http { .. } | Input::Topic { .. } => false,
            };
            let workers: Vec<usize> = (0..scenario.services.len()).filter(works).collect();
            let direct = |index: &usize| {
                let tasks = &scenario.services[*index].enqueues;
                tasks.iter().any(|task| task.exchange.is_empty() && task.routing_key == spec.name)
            };
            let direct: Vec<usize> = (0..scenario.services.len()).filter(direct).collect();
            let bound = scenario
                .bindings
                .iter()
                .any(|binding| binding.queue == spec.name && fed.contains(&binding.exchange));
            if workers.is_empty() && ttl(spec).is_some() {
                continue;
            }
            if workers.is_empty() && !bound && direct.is_empty() {
                self.dead.push(spec.name.clone());
                continue;
            }
            let dead_letters = text(spec, "x-dead-letter-exchange").is_some();
            self.work.push(WorkNode { name: spec.name.clone(), workers, dead_letters, direct });
        }
    }

    fn read_exchanges(&mut self, scenario: &Scenario) {
        for spec in &scenario.exchanges {
            let publishes = |index: &usize| {
                scenario.services[*index].enqueues.iter().any(|task| task.exchange == spec.name)
            };
            let producers: Vec<usize> = (0..scenario.services.len()).filter(publishes).collect();
            let mut bindings: Vec<(usize, Rc<str>)> = Vec::new();
            for binding in scenario.bindings.iter().filter(|it| it.exchange == spec.name) {
                let queue = self.work.iter().position(|node| node.name == binding.queue);
                let Some(queue) = queue else { continue };
                if !bindings.iter().any(|(bound, _)| *bound == queue) {
                    bindings.push((queue, binding.routing_key.clone()));
                }
            }
            if producers.is_empty() && bindings.is_empty() {
                continue;
            }
            let (name, kind) = (spec.name.clone(), spec.kind.clone());
            self.exchanges.push(ExchangeNode { name, kind, producers, bindings });
        }
        self.order_work();
    }

    /// Queues of one exchange stand together, so that the wires from it do not cross others.
    fn order_work(&mut self) {
        let first = |queue: usize| {
            let bound = |exchange: &ExchangeNode| exchange.bindings.iter().any(|it| it.0 == queue);
            self.exchanges.iter().position(bound).unwrap_or(usize::MAX)
        };
        let mut order: Vec<usize> = (0..self.work.len()).collect();
        sort_few(&mut order, |queue| first(*queue));
        self.work = order.iter().map(|old| self.work[*old].clone()).collect();
        for exchange in &mut self.exchanges {
            for (queue, _) in &mut exchange.bindings {
                *queue = order.iter().position(|old| old == queue).unwrap_or(0);
            }
            sort_few(&mut exchange.bindings, |(queue, _)| *queue);
        }
    }

    fn read_rungs(&mut self, scenario: &Scenario) {
        for spec in &scenario.queues {
            let Some(ttl_ms) = ttl(spec) else { continue };
            if self.work.iter().any(|node| node.name == spec.name) {
                continue;
            }
            let target = text(spec, "x-dead-letter-exchange").unwrap_or_default();
            let back_to = self.exchanges.iter().position(|node| &*node.name == target);
            match self.rungs.iter_mut().find(|rung| rung.ttl_ms == ttl_ms) {
                Some(rung) => rung.queues.push(spec.name.clone()),
                None => {
                    let queues = vec![spec.name.clone()];
                    self.rungs.push(RungNode { ttl_ms, queues, back_to });
                }
            }
        }
        sort_few(&mut self.rungs, |rung| rung.ttl_ms);
    }

    /// True when a service publishes tasks.
    pub fn enqueues(&self, service: usize) -> bool {
        self.exchanges.iter().any(|exchange| exchange.producers.contains(&service))
            || self.work.iter().any(|queue| queue.direct.contains(&service))
    }

    /// True when a service works on a queue.
    pub fn works(&self, service: usize) -> bool {
        self.work.iter().any(|queue| queue.workers.contains(&service))
    }

    /// How many places for replicas stand before each row: one for each broker, or a single one
    /// if no partition has a second copy.
    pub fn replica_places(&self) -> u32 {
        match self.brokers {
            0 | 1 => 0,
            _ if self.topics.iter().all(|topic| topic.copies == 1) => 1,
            brokers => brokers,
        }
    }

    /// The group that a service reads in.
    pub fn group_of(&self, service: usize) -> Option<usize> {
        self.groups.iter().position(|group| group.services.contains(&service))
    }
}
