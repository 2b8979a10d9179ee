//! How a world starts: topics, exchanges, queues and bindings are declared, services start, the
//! first order is on the agenda.

use super::*;
use crate::simulation::metrics::SAMPLE_EVERY;
use crate::simulation::random::Stream;
use crate::simulation::scenario::{Effect, KafkaSpec, PolicySpec, ServiceSpec};
use crate::simulation::service::Outgoing;

/// The connection that declares the scenario's exchanges and queues.
pub(super) const SETUP: rabbitmq::ChannelId = rabbitmq::ChannelId { connection: 0, channel: 1 };

impl World {
    /// The world of a scenario at its first instant. The seed decides every draw of the run.
    pub fn new(scenario: Rc<Scenario>, seed: u64) -> World {
        let owed = scenario.services.iter().filter_map(|service| service.does);
        let mut world = World {
            now: Instant::ZERO,
            agenda: Agenda::default(),
            timers: Default::default(),
            kafka: Cluster::new(broker_config(&scenario.kafka)),
            rabbitmq: Broker::with_nodes(scenario.rabbitmq.nodes),
            services: Vec::new(),
            parcels: Parcels::default(),
            next_id: 0,
            clients: LiteMap::new(),
            connections: LiteMap::new(),
            forgetful: LiteMap::new(),
            confirming: LiteMap::new(),
            calls: LiteMap::new(),
            arrivals: arrivals::Arrivals::new(seed),
            buyers: Rc::new(scenario.arrivals.buyers.clone()),
            ledger: Ledger::new(owed.filter(|effect| *effect != Effect::Count).collect())
                .with_deadlines(&scenario.deadlines),
            metrics: Metrics::of(sampling::kept_measures(&scenario)),
            alerts: scenario.alerts.iter().cloned().map(AlertState::new).collect(),
            trace: Trace::default(),
            accepted: 0,
            refused: 0,
            timed_out: 0,
            bought_again: 0,
            readers: Readers::new(scenario.reads.clone()),
            schemas: schemas::Schemas::of(&scenario.topics),
            roles: Rc::new(figures::roles(&scenario)),
            moved: Vec::new(),
            faults: Faults::new(seed),
            standing: scenario.clone(),
            decisions: LiteMap::new(),
            watched: Rc::default(),
            happened: 0,
            consumer_effects: Spare::default(),
            producer_effects: Spare::default(),
            scenario,
        };
        world.declare_topics();
        world.declare_queues();
        world.watched = Rc::new(world.readers_of_several());
        world.start_services(seed);
        world.fill_agenda(seed);
        world
    }

    fn declare_topics(&mut self) {
        let call = kafka::Call { client: ClientId(0), correlation: 0 };
        for spec in self.scenario.clone().topics.iter() {
            let replication_factor = spec.replication_factor;
            let mut config = kafka::TopicConfig { replication_factor, ..Default::default() };
            for (setting, value) in spec.settings() {
                config.set(setting, &value).expect("the scenario's settings were checked");
            }
            let (name, partitions) = (spec.name.clone(), spec.partitions);
            let config = Rc::new(config);
            let request = kafka::Request::CreateTopic { name, partitions, config };
            let (_, effects) = self.kafka.handle(self.now, call, request);
            self.kafka_effects(effects);
        }
    }

    fn declare_queues(&mut self) {
        let scenario = self.scenario.clone();
        if scenario.queues.is_empty() && scenario.exchanges.is_empty() {
            return;
        }
        let exchanges = scenario.exchanges.iter().map(tasks::exchange_declare);
        let queues = scenario.queues.iter().map(tasks::queue_declare);
        let bindings = scenario.bindings.iter().map(tasks::bind);
        let open = [rabbitmq::Method::ConnectionOpen, rabbitmq::Method::ChannelOpen];
        for method in open.into_iter().chain(exchanges).chain(queues).chain(bindings) {
            self.ask_rabbitmq(SETUP, method);
        }
        for spec in &scenario.rabbitmq.policies {
            let set = self.rabbitmq.set_policy(self.now, rabbitmq::PolicyBy::User, policy(spec));
            self.rabbitmq_effects(set.expect("the scenario's policies were checked"));
        }
    }

    fn start_services(&mut self, seed: u64) {
        let scenario = self.scenario.clone();
        for spec in &scenario.services {
            let calls = calls_of(spec, &scenario);
            self.services.push(Service::new(Rc::new(spec.clone()), seed, calls));
        }
        for service in 0..self.services.len() as u16 {
            for instance in 0..scenario.services[usize::from(service)].instances as u16 {
                self.start_instance(Seat { service, instance });
            }
            if self.services[usize::from(service)].autoscale.is_some() {
                self.start_scaler(service);
            }
        }
    }

    fn fill_agenda(&mut self, seed: u64) {
        let scenario = self.scenario.clone();
        self.draw_surprises(seed);
        for (fault, index) in scenario.faults.iter().zip(0..) {
            self.agenda.add(Instant::from_millis(fault.at_ms), Task::Fault(index));
        }
        self.expect_orders();
        self.agenda.add(self.now + SAMPLE_EVERY, Task::Sample);
        self.set_arrivals(scenario.arrivals.per_minute);
    }
}

impl World {
    fn draw_surprises(&mut self, seed: u64) {
        let Some(surprises) = self.scenario.surprises.clone() else {
            return;
        };
        let mut stream = Stream::new(seed, "surprises");
        let mut left: Vec<u32> = (0..surprises.of.len() as u32).collect();
        for _ in 0..surprises.count.min(left.len() as u32) {
            let drawn = left.remove(stream.below(left.len() as u64) as usize);
            let at = stream.between(surprises.from_ms, surprises.until_ms);
            self.agenda.add(Instant::from_millis(at), Task::Surprise(drawn));
        }
    }
}

fn broker_config(spec: &KafkaSpec) -> kafka::BrokerConfig {
    kafka::BrokerConfig {
        brokers: spec.brokers,
        replica_lag_time_max: Duration::from_millis(spec.replica_lag_time_max_ms),
        retention_check: Duration::from_millis(spec.log_retention_check_interval_ms),
        ..kafka::BrokerConfig::default()
    }
}

/// The policy that a scenario asks for. Unknown kinds of things are told from known ones before.
pub(in crate::simulation) fn policy(spec: &PolicySpec) -> rabbitmq::Policy {
    rabbitmq::Policy {
        name: spec.name.clone(),
        pattern: spec.pattern.clone(),
        apply_to: match &*spec.apply_to {
            "queues" => rabbitmq::ApplyTo::Queues,
            "classic_queues" => rabbitmq::ApplyTo::ClassicQueues,
            "quorum_queues" => rabbitmq::ApplyTo::QuorumQueues,
            "exchanges" => rabbitmq::ApplyTo::Exchanges,
            _ => rabbitmq::ApplyTo::All,
        },
        priority: spec.priority,
        definition: tasks::table(&spec.definition),
    }
}

fn calls_of(spec: &ServiceSpec, scenario: &Scenario) -> Vec<Outgoing> {
    spec.calls
        .iter()
        .filter_map(|call| {
            let index = scenario.services.iter().position(|other| other.id == call.service)?;
            Some(Outgoing::new(call.clone(), index as u16))
        })
        .collect()
}
