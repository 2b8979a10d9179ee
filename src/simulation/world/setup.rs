//! How a world starts: topics, exchanges, queues and bindings are declared, services start, the
//! first order is on the agenda.

use super::*;
use crate::simulation::metrics::SAMPLE_EVERY;
use crate::simulation::order::Order;
use crate::simulation::scenario::{Effect, ServiceSpec};

/// The connection that declares the scenario's exchanges and queues.
const SETUP: rabbitmq::ChannelId = rabbitmq::ChannelId { connection: 0, channel: 1 };
const COUNTRIES: [&str; 6] = ["DE", "FR", "GB", "NL", "US", "SE"];
const MINUTE_US: u64 = 60_000_000;

impl World {
    /// The world of a scenario at its first instant. The seed decides every draw of the run.
    pub fn new(scenario: Rc<Scenario>, seed: u64) -> World {
        let owed = scenario.services.iter().filter_map(|service| service.does);
        let mut world = World {
            now: Instant::ZERO,
            agenda: Agenda::default(),
            timers: Default::default(),
            kafka: Cluster::new(kafka::BrokerConfig::default()),
            rabbitmq: Broker::new(),
            services: Vec::new(),
            parcels: Parcels::default(),
            next_id: 0,
            clients: LiteMap::new(),
            connections: LiteMap::new(),
            forgetful: LiteMap::new(),
            calls: LiteMap::new(),
            arrivals: Arrivals {
                per_minute: 0,
                next: None,
                gaps: Stream::new(seed, "gaps between orders"),
                contents: Stream::new(seed, "contents of orders"),
            },
            ledger: Ledger::new(owed.filter(|effect| *effect != Effect::Count).collect()),
            metrics: Metrics::default(),
            alerts: scenario.alerts.iter().cloned().map(AlertState::new).collect(),
            trace: Trace::default(),
            accepted: 0,
            refused: 0,
            roles: Rc::new(figures::roles(&scenario)),
            happened: 0,
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
        }
    }

    fn fill_agenda(&mut self) {
        let scenario = self.scenario.clone();
        for (fault, index) in scenario.faults.iter().zip(0..) {
            self.agenda.add(Instant::from_millis(fault.at_ms), Task::Fault(index));
        }
        for change in &scenario.arrivals.changes {
            let at = Instant::from_millis(change.at_ms);
            self.agenda.add(at, Task::ChangeArrivals(change.per_minute));
        }
        self.agenda.add(self.now + SAMPLE_EVERY, Task::Sample);
        self.set_arrivals(scenario.arrivals.per_minute);
    }

    /// Changes the rate of orders; the gap that is running is drawn anew.
    pub(super) fn set_arrivals(&mut self, per_minute: u32) {
        self.arrivals.per_minute = per_minute;
        if let Some(place) = self.arrivals.next.take() {
            self.agenda.remove(place);
        }
        self.expect_next_order();
    }

    fn expect_next_order(&mut self) {
        let over = self.scenario.arrivals.limit.is_some_and(|limit| self.ledger.placed() >= limit);
        if over || self.arrivals.per_minute == 0 {
            return;
        }
        let mean = MINUTE_US / u64::from(self.arrivals.per_minute);
        let stray = mean * u64::from(self.scenario.arrivals.jitter_percent.min(100)) / 100;
        let gap = self.arrivals.gaps.between(mean - stray, mean + stray);
        let due = self.now + Duration::from_micros(gap);
        self.arrivals.next = Some(self.agenda.add(due, Task::PlaceOrder));
    }

    /// A buyer places the next order at the door.
    pub(super) fn place_order(&mut self) {
        self.arrivals.next = None;
        let order = self.ledger.place(self.now);
        self.metrics.placed.count(self.now);
        self.note(Event::OrderPlaced { order });
        let malformed = self.scenario.arrivals.malformed_addresses.contains(&order);
        let contents = &mut self.arrivals.contents;
        let declined = contents.chance(self.scenario.arrivals.declined_percent, 100);
        let country = COUNTRIES[contents.below(COUNTRIES.len() as u64) as usize];
        let document = Order {
            order_id: Order::id(order),
            amount_cents: contents.between(900, 24_000) as u32,
            country: country.to_owned(),
            address: if malformed {
                String::new()
            } else {
                format!("{} Harbour Road", contents.between(1, 240))
            },
            card_is_good: malformed || !declined,
            paid: false,
        };
        let call = self.id();
        self.calls.insert(call, Caller::Buyer { order });
        self.call_service(Endpoint::Buyer, self.door(), call, order, document.to_bytes());
        self.expect_next_order();
    }

    /// The service at which orders are placed. A checked scenario has one.
    fn door(&self) -> u16 {
        let door = self.scenario.door().map(|door| &door.id);
        let index = self.services.iter().position(|service| Some(&service.spec.id) == door);
        index.expect("a scenario with orders has a service that takes HTTP calls") as u16
    }
}

fn calls_of(spec: &ServiceSpec, scenario: &Scenario) -> Vec<(u16, bool)> {
    spec.calls
        .iter()
        .filter_map(|call| {
            let index = scenario.services.iter().position(|other| other.id == call.service)?;
            Some((index as u16, call.enabled))
        })
        .collect()
}
