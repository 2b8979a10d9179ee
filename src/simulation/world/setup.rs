//! How a world starts: topics, exchanges, queues and bindings are declared, services start, the
//! first order is on the agenda.

use super::*;
use crate::simulation::metrics::SAMPLE_EVERY;
use crate::simulation::scenario::{Effect, ServiceSpec};
use crate::simulation::service::Outgoing;

/// The connection that declares the scenario's exchanges and queues.
const SETUP: rabbitmq::ChannelId = rabbitmq::ChannelId { connection: 0, channel: 1 };

impl World {
    /// The world of a scenario at its first instant. The seed decides every draw of the run.
    pub fn new(scenario: Rc<Scenario>, seed: u64) -> World {
        let owed = scenario.services.iter().filter_map(|service| service.does);
        let mut world = World {
            now: Instant::ZERO,
            agenda: Agenda::default(),
            timers: LiteMap::new(),
            kafka: Cluster::new(kafka::BrokerConfig::default()),
            rabbitmq: Broker::new(),
            services: Vec::new(),
            parcels: LiteMap::new(),
            next_id: 0,
            clients: LiteMap::new(),
            connections: LiteMap::new(),
            calls: LiteMap::new(),
            arrivals: arrivals::Arrivals::new(seed),
            buyers: Rc::new(scenario.arrivals.buyers.clone()),
            ledger: Ledger::new(owed.filter(|effect| *effect != Effect::Count).collect()),
            metrics: Metrics::default(),
            alerts: scenario.alerts.iter().cloned().map(AlertState::new).collect(),
            trace: Trace::default(),
            accepted: 0,
            refused: 0,
            timed_out: 0,
            bought_again: 0,
            roles: Rc::new(figures::roles(&scenario)),
            scenario,
        };
        world.declare_topics();
        world.declare_queues();
        world.start_services(seed);
        world.fill_agenda();
        world
    }

    fn declare_topics(&mut self) {
        let call = kafka::Call { client: ClientId(0), correlation: 0 };
        for spec in self.scenario.clone().topics.iter() {
            let mut config = kafka::TopicConfig::default();
            if let Some(ms) = spec.retention_ms {
                config.retention = Some(Duration::from_millis(ms));
            }
            if let Some(ms) = spec.segment_ms {
                config.segment_age = Duration::from_millis(ms);
            }
            let (name, partitions) = (spec.name.clone(), spec.partitions);
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
        let bindings = scenario.bindings.iter().map(tasks::queue_bind);
        let open = [rabbitmq::Method::ConnectionOpen, rabbitmq::Method::ChannelOpen];
        for method in open.into_iter().chain(exchanges).chain(queues).chain(bindings) {
            self.ask_rabbitmq(SETUP, method);
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

    fn fill_agenda(&mut self) {
        let scenario = self.scenario.clone();
        for (fault, index) in scenario.faults.iter().zip(0..) {
            self.agenda.add(Instant::from_millis(fault.at_ms), Task::Fault(index));
        }
        self.expect_orders();
        self.agenda.add(self.now + SAMPLE_EVERY, Task::Sample);
        self.set_arrivals(scenario.arrivals.per_minute);
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
