//! A partition, a queue or an exchange from close by.

use std::rc::Rc;

use crate::engine::Instant;
use crate::engine::kafka::{self, TopicPartition};
use crate::engine::rabbitmq;
use crate::simulation::{Measure, Observation, Order, QueueRole, World, number_of};
use crate::ui::format;
use crate::ui::model::{Action, Letters, Model, Selection, replay};

use super::{Chart, SettingRow};

/// Rows of a table of records or messages.
const ROWS: usize = 12;
/// Dead letters that are listed one by one.
const LETTERS: usize = 50;

#[derive(Clone, Debug, PartialEq)]
pub struct RecordRow {
    pub offset: u64,
    pub key: String,
    pub order: Option<u32>,
    pub value: String,
    /// The hue of its key, 0 to 5.
    pub hue: u8,
}

#[derive(Clone, Debug, PartialEq)]
pub struct GroupRow {
    pub group: Rc<str>,
    pub committed: Option<u64>,
    pub lag: u64,
    /// Kafka's name of the group's state; its offsets can be reset while it is `Empty`.
    pub state: &'static str,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PartitionView {
    pub topic: Rc<str>,
    pub number: u32,
    pub partitions: u32,
    pub start: u64,
    pub high_watermark: u64,
    pub end: u64,
    /// Who leads it since when, and which brokers' copies are in sync.
    pub leader: String,
    pub in_sync: String,
    /// The newest first.
    pub records: Vec<RecordRow>,
    pub groups: Vec<GroupRow>,
    /// The record of the order that is followed, if it is among the newest.
    pub followed: Option<(u64, String)>,
    /// Settings of its topic.
    pub changes: Vec<SettingRow>,
    /// Whether offsets can be reset here.
    pub resets: bool,
    pub actions: Vec<Action>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct MessageRow {
    pub name: String,
    pub order: Option<u32>,
    pub hue: u8,
    pub redelivered: bool,
    /// How often it came here before, from `x-death`.
    pub deaths: Vec<DeathRow>,
    pub waiting_ms: u64,
    pub expires_in_ms: Option<u64>,
    pub body: Rc<[u8]>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct DeathRow {
    pub queue: Rc<str>,
    pub reason: &'static str,
    pub count: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct QueueView {
    pub name: Rc<str>,
    pub role: String,
    pub facts: Vec<(&'static str, String)>,
    pub settings: Vec<(String, String)>,
    pub bindings: Vec<BindingRow>,
    pub chart: Chart,
    /// The next to be handed out first.
    pub head: Vec<MessageRow>,
    /// How many more wait behind those.
    pub more: u64,
    /// Its messages are given up, and can be sent back to where they came from.
    pub replays: bool,
    pub letters: Letters,
    pub actions: Vec<Action>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct BindingRow {
    pub exchange: Rc<str>,
    pub routing_key: Rc<str>,
    pub destination: Rc<str>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ExchangeView {
    pub name: Rc<str>,
    pub kind: String,
    pub durable: bool,
    pub bindings: Vec<BindingRow>,
}

pub fn partition(model: &Model, topic: &Rc<str>, number: u32) -> Option<PartitionView> {
    let (world, kafka) = (model.world(), model.world().kafka());
    let at = TopicPartition { topic: topic.clone(), partition: number };
    let partition = kafka.partition(&at)?;
    let end = partition.log_end_offset();
    let near = partition.log_start_offset().max(end.saturating_sub(ROWS as u64));
    let rows = partition.records_from(near).take(ROWS);
    let mut records: Vec<RecordRow> = rows.map(|one| record(world, topic, one)).collect();
    records.reverse();
    let groups = kafka.groups().filter_map(|group| {
        let lag = kafka.lag(group.id()).into_iter().find(|(place, _)| *place == at)?.1;
        let (committed, state) = (group.committed(&at), group.state().name());
        Some(GroupRow { group: group.id().clone(), committed, lag, state })
    });
    let followed = records.iter().find(|row| row.order.is_some() && row.order == model.followed);
    Some(PartitionView {
        topic: topic.clone(),
        number,
        partitions: kafka.topic(topic)?.partitions().len() as u32,
        start: partition.log_start_offset(),
        high_watermark: partition.high_watermark(),
        end,
        leader: match partition.leader() {
            Some(broker) => format!("broker {broker}, epoch {}", partition.leader_epoch()),
            None => "none".to_owned(),
        },
        in_sync: format::list(partition.isr()),
        followed: followed.map(|row| (row.offset, row.key.clone())),
        changes: super::settings::of_topic(model, topic),
        resets: model.offers("reset_offsets", "*"),
        records,
        groups: groups.collect(),
        actions: model.actions(&Selection::Partition(topic.clone(), number)),
    })
}

fn record(world: &World, topic: &str, (offset, record): (u64, &kafka::Record)) -> RecordRow {
    let value = |bytes: &[u8]| match world.written_document(topic, bytes) {
        Some(document) => crate::json::text(&document),
        None => short_value(bytes),
    };
    let key = record.key.as_deref().unwrap_or_default();
    let name = String::from_utf8_lossy(key).into_owned();
    RecordRow {
        offset,
        order: number_of(&name),
        key: name,
        value: record.value.as_deref().map_or_else(|| "tombstone".to_owned(), value),
        hue: kafka::key_hue(key),
    }
}

/// An order in a few words; anything else as its bytes look.
fn short_value(bytes: &[u8]) -> String {
    match Order::from_bytes(bytes) {
        Some(order) => format!(
            "{}.{:02} EUR, {}",
            order.amount_cents / 100,
            order.amount_cents % 100,
            order.country
        ),
        None => String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned(),
    }
}

pub fn queue(model: &Model, now: &Observation, name: &Rc<str>) -> Option<QueueView> {
    let world = model.world();
    let queue = world.rabbitmq().queue(name)?;
    let figures = now.queues.get(name)?;
    let dead = world.queue_role(name) == QueueRole::DeadLetters;
    let all = replay(name.clone(), None, None);
    let rows = if dead { LETTERS } else { ROWS };
    let role = match world.queue_role(name) {
        QueueRole::Work => "hands out to workers".to_owned(),
        QueueRole::Rung { ttl_ms } => format!("waits {}, then back", format::duration(ttl_ms)),
        QueueRole::DeadLetters => "keeps what was given up".to_owned(),
    };
    let mut settings = vec![
        ("type".to_owned(), queue.kind().name().to_owned()),
        ("durable".to_owned(), queue.is_durable().to_string()),
    ];
    let arguments = queue.arguments().iter();
    settings.extend(arguments.map(|(name, value)| (name.to_string(), value.to_string())));
    Some(QueueView {
        name: name.clone(),
        role,
        facts: vec![
            ("ready", format::count(figures.ready)),
            ("unacked", format::count(figures.unacked)),
            ("arriving", format::per_minute(figures.arriving_per_minute)),
            ("leaving", format::per_minute(figures.leaving_per_minute)),
            ("consumers", format::count(figures.consumers)),
            ("acked", format::count(figures.acked)),
            ("redelivered", format::count(figures.redelivered)),
            ("dead-lettered", format::count(figures.dead_lettered)),
            ("peak", format::count(figures.peak_ready)),
            ("peak at", format::clock(Instant::from_millis(figures.peak_at_ms))),
        ],
        settings,
        bindings: bindings(model).filter(|row| row.destination == *name).collect(),
        chart: Chart::new(
            &model.timeline,
            world.metrics().series(&Measure::QueueReady(name.clone())),
            "queue",
            &format!("Backlog of {name}"),
        ),
        more: figures.ready.saturating_sub(rows as u64),
        letters: model.letters.clone(),
        replays: dead && model.offers_now(&all),
        head: queue.ready().take(rows).map(|one| message(model.now(), one)).collect(),
        actions: model.actions(&Selection::Queue(name.clone())),
    })
}

fn message(now: Instant, queued: &rabbitmq::QueuedMessage) -> MessageRow {
    let identity = queued.message.identity();
    let name = identity.to_string();
    let key = identity.correlation_id.as_deref().unwrap_or(&name);
    MessageRow {
        order: number_of(key),
        hue: kafka::key_hue(key.as_bytes()),
        name,
        redelivered: queued.redelivered,
        deaths: deaths(&queued.message),
        waiting_ms: now.since(queued.enqueued_at).as_millis() as u64,
        body: queued.message.body().clone(),
        expires_in_ms: queued.expires_at.map(|at| at.since(now).as_millis() as u64),
    }
}

pub(super) fn deaths(message: &rabbitmq::Message) -> Vec<DeathRow> {
    let row = |death: &rabbitmq::Death| DeathRow {
        queue: death.queue.clone(),
        reason: death.reason.name(),
        count: death.count,
    };
    message.deaths().iter().map(row).collect()
}

pub fn exchange(model: &Model, name: &str) -> Option<ExchangeView> {
    let exchange = model.world().rabbitmq().exchange(name)?;
    Some(ExchangeView {
        name: exchange.name().clone(),
        kind: exchange.kind().name().to_owned(),
        durable: exchange.is_durable(),
        bindings: bindings(model).filter(|row| &*row.exchange == name).collect(),
    })
}

fn bindings(model: &Model) -> impl Iterator<Item = BindingRow> + '_ {
    model.world().rabbitmq().bindings().map(|binding| BindingRow {
        exchange: binding.source.clone(),
        routing_key: binding.routing_key.clone(),
        destination: binding.destination.clone(),
    })
}
