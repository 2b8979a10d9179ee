//! Runs the scripts of `tests/vectors/rabbitmq` on the engine.
//!
//! The format is in the README beside the scripts. `Player` is the world around the broker that a
//! script supposes: a clock, timers, and what has reached each channel. Each op is complete before
//! the next, which comes for free, as the engine is a state machine.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::engine::rabbitmq::{
    AmqpError, BasicConsume, BasicPublish, Broker, ChannelId, Delivery, Effect, ExchangeBinding,
    ExchangeDeclare, ExchangeType, Message, Method, Properties, QueueBinding, QueueDeclare,
    QueueType, Reply, Scope, Table, Timer,
};
use serde_json::{Map, Value as Json, json};

use crate::CaseResult;

/// Runs one file of scripts; `None` when it is not a file of scripts for a queue broker.
pub fn run(area: &str, file: &Json) -> Option<Vec<CaseResult>> {
    file.get("broker")?;
    let scripts = file.get("scripts")?.as_array()?;
    Some(scripts.iter().map(|script| run_script(area, script)).collect())
}

fn run_script(area: &str, script: &Json) -> CaseResult {
    let id = script["id"].as_str().unwrap_or(area).to_owned();
    CaseResult { id, outcome: play(script) }
}

fn play(script: &Json) -> Result<(), String> {
    let mut player = Player::new();
    let ops = script["ops"].as_array().ok_or("a script has ops")?;
    for (number, op) in ops.iter().enumerate() {
        let wanted = op.get("expect").cloned().unwrap_or(Json::Null);
        let got = player.play(&Op(op)).map_err(|why| format!("op {number} {op}: {why}"))?;
        if !agree(&Op(op), &wanted, &got) {
            return Err(format!("op {number} {op}\n    expected {wanted}\n    actual   {got}"));
        }
    }
    Ok(())
}

/// Compares a result with the recorded one, without order where the format says so.
fn agree(op: &Op, wanted: &Json, got: &Json) -> bool {
    if !op.flag("unordered") {
        return wanted == got;
    }
    let sorted = |json: &Json| {
        let lists = json.as_object().into_iter().flatten().filter_map(|(_, list)| list.as_array());
        let mut items: Vec<String> = lists.flatten().map(Json::to_string).collect();
        items.sort();
        items
    };
    sorted(wanted) == sorted(got)
}

/// The fields of an op, with the format's defaults.
struct Op<'a>(&'a Json);

impl Op<'_> {
    fn text(&self, field: &str) -> Rc<str> {
        self.0.get(field).and_then(Json::as_str).unwrap_or_default().into()
    }

    fn text_or(&self, field: &str, default: &str) -> String {
        self.0.get(field).and_then(Json::as_str).unwrap_or(default).to_owned()
    }

    fn flag(&self, field: &str) -> bool {
        self.flag_or(field, false)
    }

    fn flag_or(&self, field: &str, default: bool) -> bool {
        self.0.get(field).and_then(Json::as_bool).unwrap_or(default)
    }

    fn number(&self, field: &str) -> u64 {
        self.0.get(field).and_then(Json::as_u64).unwrap_or_default()
    }

    fn table(&self, field: &str) -> Result<Table, String> {
        let Some(json) = self.0.get(field) else {
            return Ok(Table::new());
        };
        serde_json::from_value(json.clone()).map_err(|error| format!("{field}: {error}"))
    }

    fn properties(&self) -> Result<Properties, String> {
        let json = self.0.get("properties").cloned().unwrap_or(json!({}));
        let properties = serde_json::from_value(json);
        let mut properties: Properties = properties.map_err(|e| format!("properties: {e}"))?;
        properties.headers = self.table("headers")?;
        Ok(properties)
    }

    fn exchange_type(&self) -> Result<ExchangeType, String> {
        let json = json!(self.text_or("type", "direct"));
        serde_json::from_value(json).map_err(|error| format!("type: {error}"))
    }
}

/// What has reached a channel and was not looked at yet.
#[derive(Default)]
struct Inbox {
    deliveries: Vec<Json>,
    returns: Vec<Json>,
    acks: Vec<u64>,
    nacks: Vec<u64>,
    /// Publishes that have been answered since the channel was opened.
    answered: BTreeSet<u64>,
    cancelled: Vec<String>,
}

impl Inbox {
    fn answer(&mut self, number: u64, multiple: bool, ack: bool) {
        let first = if multiple { 1 } else { number };
        let list = if ack { &mut self.acks } else { &mut self.nacks };
        list.extend((first..=number).filter(|one| self.answered.insert(*one)));
    }
}

struct Player {
    broker: Broker,
    now: Instant,
    timers: BTreeMap<Timer, (Instant, u64)>,
    timers_set: u64,
    connections: BTreeMap<String, u32>,
    channels: BTreeMap<String, ChannelId>,
    inboxes: BTreeMap<ChannelId, Inbox>,
}

/// The channel number that `drain` and `route` use, out of the scripts' way.
const ASIDE: u16 = u16::MAX;

impl Player {
    fn new() -> Player {
        let mut player = Player {
            broker: Broker::new(),
            now: Instant::ZERO,
            timers: BTreeMap::new(),
            timers_set: 0,
            connections: BTreeMap::new(),
            channels: BTreeMap::new(),
            inboxes: BTreeMap::new(),
        };
        let connection = player.connection("main");
        let channel = player.name_channel("main", connection);
        player.ask(ChannelId { connection, channel: 0 }, Method::ConnectionOpen);
        player.ask(channel, Method::ChannelOpen);
        player
    }

    fn play(&mut self, op: &Op) -> Result<Json, String> {
        let kind = op.text("op");
        match &*kind {
            "open_connection" | "close_connection" | "open_channel" | "close_channel"
            | "restart_broker" | "advance_time" => self.play_world(&kind, op),
            "drain" => self.drain(op),
            "route" => self.route(op),
            "expect_deliveries" | "expect_returns" | "expect_confirms" | "expect_cancels" => {
                Ok(self.look(&kind, op))
            }
            "queue_info" => Ok(self.queue_info(&op.text("queue"))),
            "exchange_info" => {
                let exchange = op.text("exchange");
                let exists = exchange.is_empty() || self.broker.exchange(&exchange).is_some();
                Ok(json!({ "exists": exists }))
            }
            _ => {
                let method = method(&kind, op)?;
                let reply = self.ask(self.channel(op)?, method);
                Ok(reply_json(reply))
            }
        }
    }

    fn play_world(&mut self, kind: &str, op: &Op) -> Result<Json, String> {
        let connection = self.connection(&op.text_or("conn", "main"));
        let whole = ChannelId { connection, channel: 0 };
        let reply = match kind {
            "open_connection" => self.ask(whole, Method::ConnectionOpen),
            "close_connection" => self.ask(whole, Method::ConnectionClose),
            "open_channel" => {
                let channel = self.name_channel(&op.text_or("ch", "main"), connection);
                self.inboxes.remove(&channel);
                self.ask(channel, Method::ChannelOpen)
            }
            "close_channel" => self.ask(self.channel(op)?, Method::ChannelClose),
            "restart_broker" => {
                let effects = self.broker.restart(self.now);
                self.apply(effects);
                Reply::None
            }
            _ => {
                self.advance(op.number("ms"));
                Reply::None
            }
        };
        Ok(reply_json(reply))
    }

    fn ask(&mut self, channel: ChannelId, method: Method) -> Reply {
        let (reply, effects) = self.broker.handle(self.now, channel, method);
        self.apply(effects);
        reply
    }

    fn apply(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Deliver(delivery) => {
                    let json = delivery_json(&delivery);
                    self.inbox(delivery.channel).deliveries.push(json);
                }
                Effect::Return { channel, code, text, message } => {
                    let mut json = message_json(&message);
                    json.insert("code".into(), json!(code));
                    json.insert("text".into(), json!(text));
                    self.inbox(channel).returns.push(Json::Object(json));
                }
                Effect::Confirm { channel, delivery_tag, multiple, ack } => {
                    self.inbox(channel).answer(delivery_tag, multiple, ack);
                }
                Effect::ConsumerCancelled { channel, consumer_tag } => {
                    self.inbox(channel).cancelled.push(consumer_tag.to_string());
                }
                Effect::Schedule { timer, due } => {
                    self.timers_set += 1;
                    self.timers.insert(timer, (due, self.timers_set));
                }
                Effect::Cancel { timer } => {
                    self.timers.remove(&timer);
                }
                Effect::ChannelClosed { .. }
                | Effect::ConnectionBlocked { .. }
                | Effect::ConnectionUnblocked { .. }
                | Effect::ConnectionClosed { .. }
                | Effect::Event(_) => {}
            }
        }
    }

    /// Timers fire in the order of their deadlines, each at its own time.
    fn advance(&mut self, millis: u64) {
        let end = self.now + Duration::from_millis(millis);
        loop {
            let next = self.timers.iter().min_by_key(|(_, place)| **place);
            let Some((timer, (due, _))) = next.map(|(timer, place)| (timer.clone(), *place)) else {
                break;
            };
            if due > end {
                break;
            }
            self.timers.remove(&timer);
            self.now = self.now.max(due);
            let effects = self.broker.timeout(self.now, timer);
            self.apply(effects);
        }
        self.now = end;
    }

    fn inbox(&mut self, channel: ChannelId) -> &mut Inbox {
        self.inboxes.entry(channel).or_default()
    }

    fn connection(&mut self, name: &str) -> u32 {
        let next = self.connections.len() as u32 + 1;
        *self.connections.entry(name.to_owned()).or_insert(next)
    }

    fn name_channel(&mut self, name: &str, connection: u32) -> ChannelId {
        let next = self.channels.len() as u16 + 1;
        let known = self.channels.get(name).filter(|id| id.connection == connection);
        let id = known.copied().unwrap_or(ChannelId { connection, channel: next });
        self.channels.insert(name.to_owned(), id);
        id
    }

    fn channel(&self, op: &Op) -> Result<ChannelId, String> {
        let name = op.text_or("ch", "main");
        self.channels.get(&name).copied().ok_or(format!("no channel {name}"))
    }

    /// Gets everything on a channel of its own.
    fn drain(&mut self, op: &Op) -> Result<Json, String> {
        let connection = self.connection(&op.text_or("conn", "main"));
        let channel = ChannelId { connection, channel: ASIDE };
        self.ask(channel, Method::ChannelOpen);
        let mut messages = Vec::new();
        loop {
            let get = Method::BasicGet { queue: op.text("queue"), no_ack: true };
            match self.ask(channel, get) {
                Reply::GetOk { redelivered, message, .. } => {
                    let mut json = message_json(&message);
                    json.insert("redelivered".into(), json!(redelivered));
                    messages.push(Json::Object(json));
                }
                Reply::GetEmpty => break,
                other => return Err(format!("unexpected {other:?}")),
            }
        }
        self.ask(channel, Method::ChannelClose);
        Ok(json!({ "messages": messages }))
    }

    /// Publishes one message and takes the copies away again.
    fn route(&mut self, op: &Op) -> Result<Json, String> {
        let channel = self.channel(op)?;
        let reply = self.ask(channel, method("publish", op)?);
        if reply != Reply::None {
            return Ok(reply_json(reply));
        }
        let mut reached = Vec::new();
        let queues: Vec<Rc<str>> =
            self.broker.queues().map(|queue| Rc::clone(queue.name())).collect();
        for queue in queues {
            let copies = self.broker.queue(&queue).map_or(0, |queue| queue.ready_count());
            reached.extend((0..copies).map(|_| queue.to_string()));
            self.ask(channel, Method::QueuePurge { queue });
        }
        reached.sort();
        Ok(json!({ "queues": reached }))
    }

    fn look(&mut self, kind: &str, op: &Op) -> Json {
        let Ok(channel) = self.channel(op) else {
            return Json::Null;
        };
        let inbox = self.inbox(channel);
        match kind {
            "expect_deliveries" => {
                let mut deliveries = std::mem::take(&mut inbox.deliveries);
                if op.flag("unordered") {
                    for delivery in deliveries.iter_mut().filter_map(Json::as_object_mut) {
                        delivery.remove("tag");
                    }
                }
                json!({ "deliveries": deliveries })
            }
            "expect_returns" => json!({ "returns": std::mem::take(&mut inbox.returns) }),
            "expect_confirms" => {
                let sorted = |list: &mut Vec<u64>| {
                    std::mem::take(list).into_iter().collect::<BTreeSet<u64>>()
                };
                json!({ "acks": sorted(&mut inbox.acks), "nacks": sorted(&mut inbox.nacks) })
            }
            _ => {
                let mut cancelled = std::mem::take(&mut inbox.cancelled);
                cancelled.sort();
                json!({ "cancelled": cancelled })
            }
        }
    }

    fn queue_info(&self, name: &str) -> Json {
        let Some(queue) = self.broker.queue(name) else {
            return json!({ "exists": false });
        };
        let mut info = json!({ "ready": queue.ready_count(), "unacked": queue.unacked_count() });
        if queue.kind() == QueueType::Classic {
            info["consumers"] = json!(queue.consumer_count());
        }
        info
    }
}

fn method(kind: &str, op: &Op) -> Result<Method, String> {
    let name = op.text("name");
    Ok(match kind {
        "declare_exchange" => Method::ExchangeDeclare(ExchangeDeclare {
            name,
            kind: op.exchange_type()?,
            durable: op.flag_or("durable", true),
            auto_delete: op.flag("auto_delete"),
            internal: op.flag("internal"),
            passive: op.flag("passive"),
            arguments: op.table("arguments")?,
        }),
        "delete_exchange" => {
            let if_unused = op.flag("if_unused");
            Method::ExchangeDelete { exchange: name, if_unused }
        }
        "declare_queue" => Method::QueueDeclare(QueueDeclare {
            name,
            durable: op.flag_or("durable", true),
            exclusive: op.flag("exclusive"),
            auto_delete: op.flag("auto_delete"),
            passive: op.flag("passive"),
            arguments: op.table("arguments")?,
        }),
        "delete_queue" => {
            let (if_unused, if_empty) = (op.flag("if_unused"), op.flag("if_empty"));
            Method::QueueDelete { queue: name, if_unused, if_empty }
        }
        "purge_queue" => Method::QueuePurge { queue: name },
        "bind_queue" => Method::QueueBind(queue_binding(op)?),
        "unbind_queue" => Method::QueueUnbind(queue_binding(op)?),
        "bind_exchange" => Method::ExchangeBind(exchange_binding(op)?),
        "unbind_exchange" => Method::ExchangeUnbind(exchange_binding(op)?),
        _ => return basic_method(kind, op),
    })
}

fn basic_method(kind: &str, op: &Op) -> Result<Method, String> {
    let queue = op.text("queue");
    let (multiple, requeue) = (op.flag("multiple"), op.flag_or("requeue", true));
    let delivery_tag = op.number("tag");
    Ok(match kind {
        "publish" => Method::BasicPublish(Rc::new(BasicPublish {
            exchange: op.text("exchange"),
            routing_key: op.text("routing_key"),
            mandatory: op.flag("mandatory"),
            immediate: op.flag("immediate"),
            properties: op.properties()?,
            body: op.text("body").as_bytes().into(),
        })),
        "confirm_select" => Method::ConfirmSelect,
        "get" => Method::BasicGet { queue, no_ack: op.flag("auto_ack") },
        "qos" => {
            let prefetch_count = u16::try_from(op.number("count")).map_err(|e| e.to_string())?;
            Method::BasicQos { prefetch_count, global: op.flag("global") }
        }
        "consume" => Method::BasicConsume(BasicConsume {
            queue,
            consumer_tag: op.text("consumer"),
            no_ack: op.flag("auto_ack"),
            exclusive: op.flag("exclusive"),
            arguments: op.table("arguments")?,
        }),
        "cancel" => Method::BasicCancel { consumer_tag: op.text("consumer") },
        "ack" => Method::BasicAck { delivery_tag, multiple },
        "nack" => Method::BasicNack { delivery_tag, multiple, requeue },
        "reject" => Method::BasicReject { delivery_tag, requeue },
        "recover" => Method::BasicRecover { requeue },
        _ => return Err(format!("unknown op {kind}")),
    })
}

fn queue_binding(op: &Op) -> Result<QueueBinding, String> {
    Ok(QueueBinding {
        queue: op.text("queue"),
        exchange: op.text("exchange"),
        routing_key: op.text("routing_key"),
        arguments: op.table("arguments")?,
    })
}

fn exchange_binding(op: &Op) -> Result<ExchangeBinding, String> {
    Ok(ExchangeBinding {
        destination: op.text("destination"),
        source: op.text("source"),
        routing_key: op.text("routing_key"),
        arguments: op.table("arguments")?,
    })
}

fn reply_json(reply: Reply) -> Json {
    match reply {
        Reply::None | Reply::ConsumeOk { .. } | Reply::Blocked => Json::Null,
        Reply::QueueDeclareOk { message_count, consumer_count, .. } => {
            json!({ "messages": message_count, "consumers": consumer_count })
        }
        Reply::QueueDeleteOk { message_count } | Reply::QueuePurgeOk { message_count } => {
            json!({ "messages": message_count })
        }
        Reply::GetOk { delivery_tag, redelivered, message, message_count } => {
            let mut json = message_json(&message);
            json.insert("tag".into(), json!(delivery_tag));
            json.insert("redelivered".into(), json!(redelivered));
            json!({ "message": json, "remaining": message_count })
        }
        Reply::GetEmpty => json!({ "empty": true }),
        Reply::Refused(AmqpError { scope, code, name, .. }) => {
            let scope = match scope {
                Scope::Channel => "channel",
                Scope::Connection => "connection",
            };
            json!({ "error": { "scope": scope, "code": code, "name": name } })
        }
    }
}

fn delivery_json(delivery: &Delivery) -> Json {
    let mut json = message_json(&delivery.message);
    json.insert("consumer".into(), json!(&*delivery.consumer_tag));
    json.insert("tag".into(), json!(delivery.delivery_tag));
    json.insert("redelivered".into(), json!(delivery.redelivered));
    Json::Object(json)
}

fn message_json(message: &Message) -> Map<String, Json> {
    let mut json = Map::new();
    json.insert("exchange".into(), json!(&**message.exchange()));
    json.insert("routing_key".into(), json!(&**message.routing_key()));
    json.insert("body".into(), json!(String::from_utf8_lossy(message.body())));
    let properties = serde_json::to_value(message.properties());
    let mut properties = properties.expect("properties are plain values");
    if let Some(fields) = properties.as_object_mut() {
        fields.remove("headers");
        if !fields.is_empty() {
            json.insert("properties".into(), properties);
        }
    }
    if !message.headers().is_empty() {
        let headers = serde_json::to_value(message.headers());
        json.insert("headers".into(), headers.expect("headers are plain values"));
    }
    json
}
