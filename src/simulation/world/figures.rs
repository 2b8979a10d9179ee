//! What can be seen of a world: the observation.

use crate::engine::Set;

use super::*;
use crate::simulation::alert::Firing;
use crate::simulation::metrics::QueueFlow;
use crate::simulation::observation::*;
use crate::simulation::scenario::{AckMode, Input, Measure, QueueSpec};
use crate::simulation::service::Intake;

/// What a queue is for, read off the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueRole {
    /// A service works on it.
    Work,
    /// Messages wait in it for their time to live and then go back: one rung of a retry ladder.
    Rung { ttl_ms: u64 },
    /// Nobody works on it and nothing leaves it by itself.
    DeadLetters,
}

impl World {
    pub fn queue_role(&self, name: &str) -> QueueRole {
        self.roles.get(name).copied().unwrap_or(QueueRole::Work)
    }

    /// Every figure at the present instant.
    pub fn observe(&self) -> Observation {
        let groups = self.group_figures();
        Observation {
            now_ms: self.now.as_millis(),
            checkout: self.checkout_figures(),
            ledger: self.ledger.figures(),
            services: self.service_figures(),
            topics: self.topic_figures(),
            instance_minutes: self.metrics.instance_seconds / 60,
            max_group_lag: groups.values().map(|group| group.lag).max().unwrap_or(0),
            groups,
            queues: self.queue_figures(),
            alerts: self.alert_figures(),
            kafka: self.kafka_figures(),
            rabbitmq: self.rabbitmq_figures(),
            decisions: self.decisions.clone(),
            network: NetworkFigures {
                cut: self.faults.network.cuts(),
                held: self.held_messages(),
                lost: self.faults.lost,
            },
            reads: self.scenario.reads.as_ref().map(|_| self.readers.figures()),
        }
    }

    fn kafka_figures(&self) -> KafkaFigures {
        let brokers = u64::from(self.scenario.kafka.brokers);
        let partitions = || self.kafka.topics().flat_map(|topic| topic.partitions());
        let offline = partitions().filter(|partition| partition.leader().is_none());
        let under = partitions().filter(|one| one.isr().len() < one.replicas().len());
        KafkaFigures {
            brokers,
            brokers_up: brokers - self.kafka.dead_brokers().len() as u64,
            offline_partitions: offline.count() as u64,
            under_replicated_partitions: under.count() as u64,
        }
    }

    fn rabbitmq_figures(&self) -> RabbitMqFigures {
        let nodes = self.scenario.rabbitmq.nodes;
        let blocked = self.connections.keys().filter(|one| self.rabbitmq.is_blocked(**one));
        RabbitMqFigures {
            nodes: u64::from(nodes),
            nodes_up: (0..nodes).filter(|node| self.rabbitmq.is_up(*node)).count() as u64,
            connections: self.connections.len() as u64,
            blocked_connections: blocked.count() as u64,
            unroutable_dropped: self.metrics.exported.unroutable_dropped,
            unroutable_returned: self.metrics.exported.unroutable_returned,
        }
    }

    /// The figure at an address of the observation.
    pub fn figure(&self, at: &str) -> Option<serde_json::Value> {
        self.observe_for(at).figure(at)
    }

    /// A figure that is a number.
    pub fn number(&self, at: &str) -> Option<u64> {
        self.observe_for(at).number(at)
    }

    /// An observation of which only the part is made that an address names, if it is known to be
    /// costly to make all.
    fn observe_for(&self, at: &str) -> Observation {
        let mut segments = at.split('/').skip(1);
        let (part, name) = (segments.next(), segments.next().unwrap_or_default());
        let mut seen = Observation::default();
        match part {
            Some("now_ms") => seen.now_ms = self.now.as_millis(),
            Some("decisions") => seen.decisions = self.decisions.clone(),
            Some("rabbitmq") => seen.rabbitmq = self.rabbitmq_figures(),
            Some("checkout") => seen.checkout = self.checkout_figures(),
            Some("ledger") => seen.ledger = self.ledger.figures(),
            Some("max_group_lag") => seen.max_group_lag = self.measure(&Measure::MaxGroupLag),
            Some("services") => {
                let service = self.service(name).into_iter();
                seen.services =
                    service.map(|it| (it.spec.id.clone(), self.figures_of(it))).collect();
            }
            Some("groups") => {
                let group = self.kafka.group(name).into_iter();
                let figures = group.map(|it| (it.id().clone(), self.figures_of_group(it)));
                seen.groups = figures.collect();
            }
            Some("queues") => {
                let queue = self.rabbitmq.queue(name).into_iter();
                let figures = queue.map(|it| (it.name().clone(), self.figures_of_queue(it)));
                seen.queues = figures.collect();
            }
            _ => return self.observe(),
        }
        seen
    }

    fn checkout_figures(&self) -> CheckoutFigures {
        let [p50_ms, p95_ms, p99_ms] = self.metrics.checkout.percentiles_ms(self.now, [50, 95, 99]);
        let answered = self.accepted + self.refused;
        CheckoutFigures {
            asked_per_minute: self.arrivals.per_minute,
            placed_last_minute: self.metrics.placed.per_minute(self.now),
            accepted: self.accepted,
            failed: self.refused,
            accepted_per_mille: (self.accepted * 1_000).checked_div(answered).unwrap_or(0),
            errors_per_mille: self.measure(&Measure::ErrorsPerMille),
            completed_last_minute: self.metrics.completed.per_minute(self.now),
            retries_last_minute: self.metrics.retries.per_minute(self.now),
            p50_ms,
            p95_ms,
            p99_ms,
            peak_p95_ms: self.metrics.peak_p95_ms.max(p95_ms),
            timed_out: self.timed_out,
            retried: self.bought_again,
        }
    }

    fn service_figures(&self) -> LiteMap<Rc<str>, ServiceFigures> {
        self.services.iter().map(|one| (one.spec.id.clone(), self.figures_of(one))).collect()
    }

    fn figures_of(&self, service: &Service) -> ServiceFigures {
        let busy: usize = service.instances.iter().map(|instance| instance.jobs.len()).sum();
        let called = service.calls.iter().filter(|call| call.spec.enabled);
        let outgoing = service.calls.iter().enumerate();
        ServiceFigures {
            state: service.condition().name().to_owned(),
            instances_paused: self.paused_instances(service),
            instances: service.instances.len() as u64,
            instances_up: service.instances_up(),
            busy: busy as u64,
            waiting: service.instances.iter().map(|instance| waiting(&instance.intake)).sum(),
            handled: service.handled,
            failed: service.failed,
            crashes: service.crashes,
            handled_last_minute: service.handled_rate.per_minute(self.now),
            utilisation_percent: self.utilisation_percent(service),
            p50_ms: service.latency.percentile_ms(50),
            p95_ms: service.latency.percentile_ms(95),
            p99_ms: service.latency.percentile_ms(99),
            work_ms: service.work_ms(),
            slow_percent: u64::from(service.slow_percent),
            fail_per_mille: u64::from(service.fail_per_mille),
            prefetch: u64::from(service.prefetch),
            auto_ack: service.ack == AckMode::Auto,
            poison_next: service.poison_next,
            crash_at: service.crash_at,
            calls: called.map(|call| call.spec.service.clone()).collect(),
            outgoing: outgoing
                .map(|(index, call)| (call.spec.service.clone(), figures_of_call(service, index)))
                .collect(),
            rejected: service.rejected,
            shed: service.shed,
            abandoned: service.abandoned,
            publisher_confirms: service.confirms,
            unconfirmed: service.instances.iter().map(|it| it.unconfirmed.len() as u64).sum(),
            returned: service.returned,
            scaled: service.scaled,
            down_since_ms: service.down_since.map(Instant::as_millis),
            ack: service.ack,
            commit: promises::commit_mode(&service.spec),
            fail_for_good_per_mille: u64::from(service.spec.fail_for_good_per_mille),
            skipped: service.skipped,
            recognised: service.recognised,
            given_up: service.given_up,
            transactions_committed: service.transactions_committed,
            transactions_aborted: service.transactions_aborted,
            producer: service.spec.producer.clone(),
            consumer: promises::consumer(&service.spec),
            projection: projection::figures(service),
            database: service.spec.database.map(|_| database::figures(&service.database)),
        }
    }

    fn topic_figures(&self) -> LiteMap<Rc<str>, TopicFigures> {
        let figures = |topic: &kafka::Topic| {
            let partitions: Vec<PartitionFigures> = topic
                .partitions()
                .iter()
                .map(|partition| PartitionFigures {
                    start_offset: partition.log_start_offset(),
                    end_offset: partition.log_end_offset(),
                    high_watermark: partition.high_watermark(),
                    leader: partition.leader(),
                    leader_epoch: partition.leader_epoch(),
                    in_sync: partition.isr().to_vec(),
                })
                .collect();
            let records = partitions.iter().map(|one| one.end_offset - one.start_offset).sum();
            let overtaken = topic.partitions().iter().map(kafka::Partition::overtaken).sum();
            let schema = self.schema_figures(topic.name());
            TopicFigures { records, overtaken, partitions, schema }
        };
        self.kafka.topics().map(|topic| (topic.name().clone(), figures(topic))).collect()
    }

    fn group_figures(&self) -> LiteMap<Rc<str>, GroupFigures> {
        self.kafka
            .groups()
            .map(|group| (group.id().clone(), self.figures_of_group(group)))
            .collect()
    }

    fn figures_of_group(&self, group: &kafka::Group) -> GroupFigures {
        let lags = self.kafka.lag(group.id());
        let topic = lags.first().map_or_else(|| "".into(), |(at, _)| at.topic.clone());
        let lag = lags.iter().map(|(_, lag)| lag).sum();
        let peak = self.metrics.peak_lag.get(group.id()).copied().unwrap_or(0);
        GroupFigures {
            topic,
            state: group.state().name().to_owned(),
            generation: u64::from(group.generation()),
            members: group.members().count() as u64,
            lag,
            peak_lag: peak.max(lag),
            partition_lag: lags.iter().map(|(_, lag)| *lag).collect(),
            assignment: group.members().map(|member| member.assignment().len() as u64).collect(),
        }
    }

    fn queue_figures(&self) -> LiteMap<Rc<str>, QueueFigures> {
        self.rabbitmq
            .queues()
            .map(|queue| (queue.name().clone(), self.figures_of_queue(queue)))
            .collect()
    }

    fn figures_of_queue(&self, queue: &rabbitmq::Queue) -> QueueFigures {
        let counters = queue.counters();
        let untouched = QueueFlow::default();
        let flow = self.metrics.queues.get(queue.name()).unwrap_or(&untouched);
        let (peak_ready, peak_at) = flow.peak_ready;
        QueueFigures {
            ready: queue.ready_count(),
            unacked: queue.unacked_count(),
            consumers: queue.consumer_count(),
            published: counters.published,
            delivered: counters.delivered,
            acked: counters.acked,
            redelivered: counters.redelivered,
            expired: counters.expired,
            dropped: counters.dropped,
            requeued: counters.requeued,
            dead_lettered: counters.dead_lettered,
            peak_ready,
            peak_at_ms: peak_at.as_millis(),
            arriving_per_minute: self.rate(flow.arriving.per_minute(self.now)),
            leaving_per_minute: self.rate(flow.leaving.per_minute(self.now)),
        }
    }

    /// What was counted in the last minute, as a rate: the first minute is not over yet.
    fn rate(&self, counted: u64) -> u64 {
        let elapsed = self.now.as_millis().clamp(1_000, 60_000);
        counted * 60_000 / elapsed
    }

    fn alert_figures(&self) -> LiteMap<Rc<str>, AlertFigures> {
        let figures = |alert: &AlertState| AlertFigures {
            firing: alert.firing,
            fired: alert.fired,
            value: alert.value,
            above: alert.rule.above,
            fired_at_ms: alert.fired_at.map(Instant::as_millis),
            cleared_at_ms: alert.cleared_at.map(Instant::as_millis),
            firings: alert.firings.iter().map(firing).collect(),
        };
        self.alerts.iter().map(|alert| (alert.rule.rule.as_str().into(), figures(alert))).collect()
    }
}

fn figures_of_call(service: &Service, index: usize) -> CallFigures {
    let call = &service.calls[index];
    let waiting = service.instances.iter().map(|instance| instance.waiting_for(index as u16));
    let breaker = call.spec.breaker.as_ref().map(|_| service.breaker(index).name());
    CallFigures {
        enabled: call.spec.enabled,
        timeout_ms: call.spec.timeout_ms,
        retries: u64::from(call.spec.retry.attempts),
        bulkhead: call.spec.bulkhead.map(u64::from),
        breaker: breaker.unwrap_or_default().to_owned(),
        opened: call.opened,
        waiting: waiting.sum(),
        made: call.made,
        failed: call.failed,
        timed_out: call.timed_out,
        retried: call.retried,
        stopped: call.stopped,
    }
}

fn firing(firing: &Firing) -> FiringFigures {
    FiringFigures {
        fired_at_ms: firing.fired_at.as_millis(),
        cleared_at_ms: firing.cleared_at.map(Instant::as_millis),
        peak: firing.peak,
    }
}

pub(super) fn waiting(intake: &Intake) -> u64 {
    match intake {
        Intake::Http { waiting } => waiting.len() as u64,
        Intake::Nothing | Intake::Topic { .. } | Intake::Queue { .. } => 0,
    }
}

/// The roles of all queues that a scenario declares.
pub(super) fn roles(scenario: &Scenario) -> LiteMap<Rc<str>, QueueRole> {
    let consumed: Set<Rc<str>> = scenario
        .services
        .iter()
        .filter_map(|service| match &service.input {
            Input::Queue { queue, .. } => Some(queue.clone()),
            Input::Http { .. } | Input::Topic { .. } => None,
        })
        .collect();
    let role = |queue: &QueueSpec| {
        let ttl = queue.arguments.get("x-message-ttl").and_then(|ttl| ttl.as_u64());
        match ttl {
            _ if consumed.contains(&queue.name) => QueueRole::Work,
            Some(ttl_ms) => QueueRole::Rung { ttl_ms },
            None => QueueRole::DeadLetters,
        }
    };
    scenario.queues.iter().map(|queue| (queue.name.clone(), role(queue))).collect()
}
