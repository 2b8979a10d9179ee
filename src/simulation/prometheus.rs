//! Figures as Prometheus text, named as the real exporters name them.
//!
//! Kafka's are those of kafka_exporter, <https://github.com/danielqsj/kafka_exporter#metrics>;
//! RabbitMQ's are those of its Prometheus plugin by object,
//! <https://www.rabbitmq.com/docs/prometheus>. What the shop measures of itself begins with
//! `shop_`. A dashboard or an alert rule made for the real systems reads them unchanged.

use std::fmt::Write as _;
use std::rc::Rc;

use super::metrics::Exported;
use super::observation::{Observation, ServiceFigures};
use super::world::World;
use crate::engine::kafka::{Partition, TopicPartition};
use crate::engine::rabbitmq::{Queue, QueueType};

/// A family of which each thing has one sample: its name, its help, and its value if it has one.
type Family<T> = (&'static str, &'static str, fn(&T) -> Option<u64>);

/// Names and values of labels.
type Labels<'a> = [(&'a str, &'a str)];

impl World {
    /// All figures at the present instant, in the text format 0.0.4.
    pub fn prometheus(&self) -> String {
        let seen = self.observe();
        let mut text = Text::default();
        self.kafka_topics(&mut text);
        self.kafka_groups(&mut text);
        self.rabbitmq_queues(&mut text);
        rabbitmq_counters(&mut text, &self.metrics().exported, self);
        shop(&mut text, &seen, self.metrics().exported.retries);
        alerts(&mut text, &seen);
        text.0
    }

    fn kafka_topics(&self, text: &mut Text) {
        let brokers = self.kafka().brokers() - self.kafka().dead_brokers().len() as u32;
        text.family("kafka_brokers", GAUGE, "Number of Brokers in the Kafka Cluster.");
        text.sample(&[], brokers.into());
        text.family("kafka_topic_partitions", GAUGE, "Number of partitions for this Topic");
        for topic in self.kafka().topics() {
            text.sample(&[("topic", topic.name())], topic.partitions().len() as u64);
        }
        let families: [Family<Partition>; 7] = [
            ("current_offset", "Current Offset of a Broker at Topic/Partition", |one| {
                Some(one.high_watermark())
            }),
            ("oldest_offset", "Oldest Offset of a Broker at Topic/Partition", |one| {
                Some(one.log_start_offset())
            }),
            ("in_sync_replica", "Number of In-Sync Replicas for this Topic/Partition", |one| {
                Some(one.isr().len() as u64)
            }),
            ("leader", "Leader Broker ID of this Topic/Partition", |one| {
                one.leader().map(u64::from)
            }),
            ("leader_is_preferred", "1 if Topic/Partition is using the Preferred Broker", |one| {
                let preferred = one.replicas().first().map(|replica| replica.broker());
                Some(u64::from(one.leader().is_some() && one.leader() == preferred))
            }),
            ("replicas", "Number of Replicas for this Topic/Partition", |one| {
                Some(one.replicas().len() as u64)
            }),
            ("under_replicated_partition", "1 if Topic/Partition is under Replicated", |one| {
                Some(u64::from(one.isr().len() < one.replicas().len()))
            }),
        ];
        for (name, help, figure) in families {
            text.family(&format!("kafka_topic_partition_{name}"), GAUGE, help);
            for topic in self.kafka().topics() {
                for (partition, number) in topic.partitions().iter().zip(0_u32..) {
                    let number = number.to_string();
                    let labels = [("topic", &**topic.name()), ("partition", &*number)];
                    if let Some(value) = figure(partition) {
                        text.sample(&labels, value);
                    }
                }
            }
        }
    }

    fn kafka_groups(&self, text: &mut Text) {
        let committed = |group: &str| match self.kafka().group(group) {
            Some(group) => group.all_committed().map(|(at, offset)| (at.clone(), offset)).collect(),
            None => Vec::new(),
        };
        let by_partition = |text: &mut Text, of: &dyn Fn(&str) -> Vec<(TopicPartition, u64)>| {
            for group in self.kafka().groups() {
                for (at, value) in of(group.id()) {
                    let number = at.partition.to_string();
                    let group = ("consumergroup", &**group.id());
                    text.sample(&[group, ("topic", &at.topic), ("partition", &number)], value);
                }
            }
        };
        let by_topic = |text: &mut Text, of: &dyn Fn(&str) -> Vec<(TopicPartition, u64)>| {
            for group in self.kafka().groups() {
                for (topic, sum) in sums(&of(group.id())) {
                    text.sample(&[("consumergroup", group.id()), ("topic", &topic)], sum);
                }
            }
        };
        let lag = |group: &str| self.kafka().lag(group);
        let name = |part: &str| format!("kafka_consumergroup_{part}");
        let help = "Current Offset of a ConsumerGroup at Topic/Partition";
        text.family(&name("current_offset"), GAUGE, help);
        by_partition(text, &committed);
        let help = "Current Offset of a ConsumerGroup at Topic for all partitions";
        text.family(&name("current_offset_sum"), GAUGE, help);
        by_topic(text, &committed);
        let help = "Current Approximate Lag of a ConsumerGroup at Topic/Partition";
        text.family(&name("lag"), GAUGE, help);
        by_partition(text, &lag);
        let help = "Current Approximate Lag of a ConsumerGroup at Topic for all partitions";
        text.family(&name("lag_sum"), GAUGE, help);
        by_topic(text, &lag);
        text.family(&name("members"), GAUGE, "Amount of members in a consumer group");
        for group in self.kafka().groups() {
            text.sample(&[("consumergroup", group.id())], group.members().count() as u64);
        }
    }

    fn rabbitmq_queues(&self, text: &mut Text) {
        let families: [Family<Queue>; 4] = [
            ("messages_ready", "Messages ready to be delivered to consumers", |queue| {
                Some(queue.ready_count())
            }),
            (
                "messages_unacked",
                "Messages delivered to consumers but not yet acknowledged",
                |queue| Some(queue.unacked_count()),
            ),
            ("messages", "Sum of ready and unacknowledged messages - total queue depth", |queue| {
                Some(queue.ready_count() + queue.unacked_count())
            }),
            ("consumers", "Consumers on a queue", |queue| Some(queue.consumer_count())),
        ];
        for (name, help, figure) in families {
            text.family(&format!("rabbitmq_queue_{name}"), GAUGE, help);
            for queue in self.rabbitmq().queues() {
                if let Some(value) = figure(queue) {
                    text.sample(&[("vhost", "/"), ("queue", queue.name())], value);
                }
            }
        }
    }
}

/// The values of a group by topic.
fn sums(by_partition: &[(TopicPartition, u64)]) -> Vec<(Rc<str>, u64)> {
    let mut sums: Vec<(Rc<str>, u64)> = Vec::new();
    for (at, value) in by_partition {
        match sums.iter_mut().find(|(topic, _)| *topic == at.topic) {
            Some((_, sum)) => *sum += value,
            None => sums.push((at.topic.clone(), *value)),
        }
    }
    sums
}

fn rabbitmq_counters(text: &mut Text, exported: &Exported, world: &World) {
    let queues = || world.rabbitmq().queues();
    let consumers = queues().map(Queue::consumer_count).sum();
    let connections = exported.connections_opened - exported.connections_closed;
    let broker = [
        ("connections", GAUGE, "Connections currently open", connections),
        ("consumers", GAUGE, "Consumers currently connected", consumers),
        ("queues", GAUGE, "Queues available", queues().count() as u64),
        (
            "connections_opened_total",
            COUNTER,
            "Total number of connections opened",
            exported.connections_opened,
        ),
        (
            "connections_closed_total",
            COUNTER,
            "Total number of connections closed or terminated",
            exported.connections_closed,
        ),
    ];
    for (name, kind, help, value) in broker {
        text.family(&format!("rabbitmq_{name}"), kind, help);
        text.sample(&[], value);
    }
    let published = [
        ("received", "Total number of messages received from publishers", exported.received),
        ("routed", "Total number of messages routed to queues or streams", exported.routed),
        (
            "unroutable_dropped",
            "Total number of messages published as non-mandatory into an exchange and dropped as \
             unroutable",
            exported.unroutable_dropped,
        ),
        (
            "unroutable_returned",
            "Total number of messages published as mandatory into an exchange and returned to the \
             publisher as unroutable",
            exported.unroutable_returned,
        ),
    ];
    for (name, help, value) in published {
        text.family(&format!("rabbitmq_global_messages_{name}_total"), COUNTER, help);
        text.sample(&[("protocol", "amqp091")], value);
    }
    let consumed: [Family<Queue>; 3] = [
        ("delivered", "Total number of messages delivered to consumers", |queue| {
            Some(queue.counters().delivered)
        }),
        ("redelivered", "Total number of messages redelivered to consumers", |queue| {
            Some(queue.counters().redelivered)
        }),
        ("acknowledged", "Total number of messages acknowledged by consumers", |queue| {
            Some(queue.counters().acked)
        }),
    ];
    for (name, help, figure) in consumed {
        text.family(&format!("rabbitmq_global_messages_{name}_total"), COUNTER, help);
        for (kind, label) in KINDS {
            let value = queues().filter(|queue| queue.kind() == kind).filter_map(figure).sum();
            text.sample(&[("protocol", "amqp091"), ("queue_type", label)], value);
        }
    }
    for (reason, help, index) in [
        ("expired", "message TTL exceeded", 0),
        ("rejected", "basic.reject or basic.nack", 1),
        ("maxlen", "overflow drop-head or reject-publish-dlx", 2),
        ("delivery_limit", "delivery-limit exceeded", 3),
    ] {
        let name = format!("rabbitmq_global_messages_dead_lettered_{reason}_total");
        let help = format!("Total number of messages dead-lettered due to {help}");
        text.family(&name, COUNTER, &help);
        for ((_, label), by_reason) in KINDS.iter().zip(exported.dead_lettered) {
            let strategy = ("dead_letter_strategy", "at_most_once");
            text.sample(&[("queue_type", label), strategy], by_reason[index]);
        }
    }
}

/// In the order of the counts of [`Exported::dead_lettered`].
const KINDS: [(QueueType, &str); 2] =
    [(QueueType::Classic, "rabbit_classic_queue"), (QueueType::Quorum, "rabbit_quorum_queue")];

/// What the shop measures of itself.
fn shop(text: &mut Text, seen: &Observation, retries: u64) {
    let ledger = &seen.ledger;
    text.family("shop_orders_placed_total", COUNTER, "Orders that buyers placed");
    text.sample(&[], ledger.placed);
    text.family("shop_orders", GAUGE, "Orders by how they stand");
    for (status, value) in [
        ("completed", ledger.completed),
        ("in_progress", ledger.in_progress),
        ("dead_lettered", ledger.dead_lettered),
        ("lost", ledger.lost),
    ] {
        text.sample(&[("status", status)], value);
    }
    for (name, help, by_effect) in [
        ("shop_effects_total", "How often each effect happened", &ledger.effects),
        ("shop_effects_expected", "Orders that are owed the effect", &ledger.expected),
        ("shop_effects_missing", "Orders that are owed the effect and lack it", &ledger.missing),
    ] {
        let kind = if name.ends_with("_total") { COUNTER } else { GAUGE };
        text.family(name, kind, help);
        for (effect, value) in by_effect {
            text.sample(&[("effect", effect)], *value);
        }
    }
    for (name, help, value) in [
        ("duplicates", "Effects that happened more than once", ledger.duplicated),
        ("late", "Effects that missed their deadline", ledger.late),
        ("retries", "Further attempts at a piece of work", retries),
        ("buyer_timeouts", "Attempts on which buyers gave up waiting", seen.checkout.timed_out),
        ("checkout_failures", "Orders that failed at the door", seen.checkout.failed),
    ] {
        text.family(&format!("shop_{name}_total"), COUNTER, help);
        text.sample(&[], value);
    }
    let help = "Time until the buyer has an answer, over the last minute";
    text.family("shop_checkout_latency_seconds", GAUGE, help);
    let checkout = &seen.checkout;
    for (quantile, ms) in
        [("0.5", checkout.p50_ms), ("0.95", checkout.p95_ms), ("0.99", checkout.p99_ms)]
    {
        text.sample_thousandths(&[("quantile", quantile)], ms);
    }
    services(text, seen);
}

fn services(text: &mut Text, seen: &Observation) {
    let services = || seen.services.iter().map(|(id, service)| (("service", &**id), service));
    text.family("shop_service_instances_up", GAUGE, "Instances that run");
    services().for_each(|(id, service)| text.sample(&[id], service.instances_up));
    text.family("shop_service_handled_total", COUNTER, "Pieces of work that are done");
    services().for_each(|(id, service)| text.sample(&[id], service.handled));
    text.family("shop_service_failed_total", COUNTER, "Pieces of work that failed");
    services().for_each(|(id, service)| text.sample(&[id], service.failed));
    let counters: [Family<ServiceFigures>; 4] = [
        ("rejected", "Calls turned away, shed ones too", |one| Some(one.rejected + one.shed)),
        ("timeouts", "Calls that it made and gave up waiting for", |one| {
            Some(one.outgoing.values().map(|call| call.timed_out).sum())
        }),
        ("breaker_opened", "How often its circuit breakers opened", |one| {
            Some(one.outgoing.values().map(|call| call.opened).sum())
        }),
        ("given_up", "Messages that it will not try again", |one| Some(one.given_up)),
    ];
    for (name, help, figure) in counters {
        text.family(&format!("shop_service_{name}_total"), COUNTER, help);
        for (id, service) in services() {
            figure(service).into_iter().for_each(|value| text.sample(&[id], value));
        }
    }
    let help = "Share of the places for work that was taken over the last minute";
    text.family("shop_service_utilisation_ratio", GAUGE, help);
    services().for_each(|(id, one)| text.sample_thousandths(&[id], one.utilisation_percent * 10));
    let help = "Time from taking a message or call in to being done with it, since the start";
    text.family("shop_service_latency_seconds", GAUGE, help);
    for (id, one) in services() {
        for (quantile, ms) in [("0.5", one.p50_ms), ("0.95", one.p95_ms), ("0.99", one.p99_ms)] {
            text.sample_thousandths(&[id, ("quantile", quantile)], ms);
        }
    }
}

/// The series that Prometheus itself keeps of alerts that fire.
fn alerts(text: &mut Text, seen: &Observation) {
    text.family("ALERTS", GAUGE, "Alerts that fire");
    for (rule, _) in seen.alerts.iter().filter(|(_, alert)| alert.firing) {
        text.sample(&[("alertname", rule), ("alertstate", "firing")], 1);
    }
}

const GAUGE: &str = "gauge";
const COUNTER: &str = "counter";

/// The text as far as it is written, and the family that samples belong to.
#[derive(Default)]
struct Text(String, String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.1 = name.to_owned();
        write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n").expect(STRING);
    }

    fn sample(&mut self, labels: &Labels, value: u64) {
        self.name(labels);
        writeln!(self.0, " {value}").expect(STRING);
    }

    fn sample_thousandths(&mut self, labels: &Labels, value: u64) {
        self.name(labels);
        writeln!(self.0, " {}.{:03}", value / 1_000, value % 1_000).expect(STRING);
    }

    fn name(&mut self, labels: &Labels) {
        self.0.push_str(&self.1);
        for (index, (name, value)) in labels.iter().enumerate() {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let open = if index == 0 { '{' } else { ',' };
            write!(self.0, "{open}{name}=\"{value}\"").expect(STRING);
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
    }
}

const STRING: &str = "writing to a string cannot fail";
