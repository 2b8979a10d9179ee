//! Random lists of commands: the invariants hold after every step, and the same list gives the
//! same trace. A list that fails is cut down before it is shown, with its seed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use super::invariants::check;
use super::{MAIN, World};
use crate::engine::rabbitmq::{
    BasicConsume, BasicPublish, ChannelId, Effect, ExchangeBinding, ExchangeDeclare, ExchangeType,
    Method, Properties, QueueBinding, QueueDeclare, Table, Value,
};

/// How many lists, and how long each is.
const SEEDS: u64 = 300;
const STEPS: usize = 150;

const QUEUES: [&str; 4] = ["plain", "ladder", "quorum", "single"];

#[derive(Clone, Debug)]
enum Step {
    Ask(ChannelId, Box<Method>),
    /// Settles one of the deliveries that the channel holds, and perhaps those before it.
    Settle {
        channel: ChannelId,
        pick: u64,
        multiple: bool,
        way: Way,
    },
    Advance(u64),
    Restart,
}

#[derive(Clone, Copy, Debug)]
enum Way {
    Ack,
    Requeue,
    Discard,
}

/// A generator of pseudo-random numbers, xorshift64* (Vigna, 2016).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % sides
    }

    fn coin(&mut self) -> bool {
        self.roll(2) == 0
    }

    fn queue(&mut self) -> &'static str {
        QUEUES[self.roll(QUEUES.len() as u64) as usize]
    }
}

/// Queues of each kind that lead to each other when messages die.
fn prepared() -> World {
    let mut world = World::new();
    let int = Value::Int;
    let dying = |to: &str| {
        let table = Table::new().with("x-dead-letter-exchange", Value::text(""));
        table.with("x-dead-letter-routing-key", Value::text(to))
    };
    world.declare("plain", dying("ladder").with("x-max-length", int(6)));
    let ladder = dying("quorum").with("x-message-ttl", int(300));
    world.declare("ladder", ladder.with("x-max-priority", int(3)));
    let quorum = dying("plain").with("x-queue-type", Value::text("quorum"));
    world.declare("quorum", quorum.with("x-delivery-limit", int(2)));
    let single = Table::new().with("x-single-active-consumer", Value::Bool(true));
    let single = single.with("x-max-length", int(4));
    world.declare("single", single.with("x-overflow", Value::text("reject-publish")));
    let declare = ExchangeDeclare {
        name: "topic".into(),
        kind: ExchangeType::Topic,
        durable: true,
        auto_delete: false,
        internal: false,
        passive: false,
        arguments: Table::new(),
    };
    world.ask(MAIN, Method::ExchangeDeclare(declare));
    for channel in 2..=3 {
        world.ask(ChannelId { connection: 1, channel }, Method::ChannelOpen);
    }
    world
}

fn steps(seed: u64) -> Vec<Step> {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    (0..STEPS).map(|_| step(&mut dice)).collect()
}

fn step(dice: &mut Dice) -> Step {
    let channel = 1 + u16::try_from(dice.roll(3)).expect("small");
    let id = ChannelId { connection: 1, channel };
    let method = match dice.roll(40) {
        0..=13 => publish(dice),
        14..=17 => Method::BasicGet { queue: dice.queue().into(), no_ack: dice.coin() },
        18..=22 => {
            let way = [Way::Ack, Way::Ack, Way::Requeue, Way::Discard][dice.roll(4) as usize];
            let (pick, multiple) = (dice.roll(20), dice.roll(4) == 0);
            return Step::Settle { channel: id, pick, multiple, way };
        }
        23 => Method::BasicAck { delivery_tag: dice.roll(30), multiple: dice.coin() },
        24 => Method::BasicRecover { requeue: true },
        25..=27 => consume(dice),
        28 => Method::BasicCancel { consumer_tag: dice.roll(4).to_string().into() },
        29 => Method::BasicQos { prefetch_count: dice.roll(4) as u16, global: dice.roll(4) == 0 },
        30 => Method::ConfirmSelect,
        31 | 32 => bind(dice),
        33 => Method::QueuePurge { queue: dice.queue().into() },
        34 if dice.coin() => Method::ChannelClose,
        35 => open_or_declare(dice),
        36..=38 => return Step::Advance(dice.roll(250)),
        _ if dice.roll(8) == 0 => return Step::Restart,
        _ => Method::ChannelOpen,
    };
    Step::Ask(id, Box::new(method))
}

fn publish(dice: &mut Dice) -> Method {
    let (exchange, key) = match dice.roll(4) {
        0 => ("topic", ["a", "a.b", "b.a"][dice.roll(3) as usize]),
        _ => ("", dice.queue()),
    };
    let properties = Properties {
        priority: dice.coin().then(|| dice.roll(6) as u8),
        expiration: (dice.roll(4) == 0).then(|| (dice.roll(4) * 100).to_string().into()),
        delivery_mode: dice.coin().then_some(2),
        ..Default::default()
    };
    Method::BasicPublish(Rc::new(BasicPublish {
        exchange: exchange.into(),
        routing_key: key.into(),
        mandatory: dice.coin(),
        immediate: false,
        properties,
        body: vec![b'x'; dice.roll(5) as usize].into(),
    }))
}

fn consume(dice: &mut Dice) -> Method {
    let priority = Value::Int(i64::try_from(dice.roll(3)).expect("small"));
    Method::BasicConsume(BasicConsume {
        queue: dice.queue().into(),
        consumer_tag: dice.roll(4).to_string().into(),
        no_ack: dice.roll(4) == 0,
        exclusive: dice.roll(8) == 0,
        arguments: Table::new().with("x-priority", priority),
    })
}

fn bind(dice: &mut Dice) -> Method {
    let routing_key = ["a.*", "#", "a.#.b", "*.a"][dice.roll(4) as usize].into();
    let (exchange, arguments) = ("topic".into(), Table::new());
    if dice.roll(6) == 0 {
        let (destination, source) = ("topic".into(), "topic".into());
        let binding = ExchangeBinding { destination, source, routing_key, arguments };
        return Method::ExchangeBind(binding);
    }
    let binding = QueueBinding { queue: dice.queue().into(), exchange, routing_key, arguments };
    if dice.coin() { Method::QueueBind(binding) } else { Method::QueueUnbind(binding) }
}

fn open_or_declare(dice: &mut Dice) -> Method {
    match dice.roll(6) {
        0 => Method::ConnectionOpen,
        1 => Method::ConnectionClose,
        2 => Method::QueueDelete { queue: dice.queue().into(), if_unused: true, if_empty: true },
        _ => Method::QueueDeclare(QueueDeclare {
            name: dice.queue().into(),
            durable: true,
            ..Default::default()
        }),
    }
}

/// Plays the steps and returns the trace, or what went wrong first.
fn play(steps: &[Step]) -> Result<String, String> {
    let mut world = prepared();
    let mut trace = String::new();
    for (number, step) in steps.iter().enumerate() {
        let effects = match step.clone() {
            Step::Ask(channel, method) => world.ask(channel, *method).1,
            Step::Settle { channel, pick, multiple, way } => {
                settle(&mut world, channel, pick, multiple, way)
            }
            Step::Advance(millis) => world.advance(millis),
            Step::Restart => world.restart(),
        };
        for effect in &effects {
            if let Effect::Event(event) = effect {
                let line = event.to_string();
                if line.is_empty() || line.contains('\n') {
                    return Err(format!("step {number}: {event:?} is no line"));
                }
            }
        }
        trace += &format!("{effects:?}\n");
        check(&world.broker).map_err(|why| format!("step {number} {step:?}: {why}"))?;
        reopen(&mut world);
    }
    Ok(trace)
}

fn settle(
    world: &mut World,
    channel: ChannelId,
    pick: u64,
    multiple: bool,
    way: Way,
) -> Vec<Effect> {
    let held = &world.broker.channels[&channel].unacked;
    let Some(last) = held.len().checked_sub(1) else {
        return Vec::new();
    };
    let delivery_tag =
        held.iter().nth(pick as usize % (last + 1)).expect("within what is held").tag;
    let method = match way {
        Way::Ack => Method::BasicAck { delivery_tag, multiple },
        Way::Requeue => Method::BasicNack { delivery_tag, multiple, requeue: true },
        Way::Discard => Method::BasicNack { delivery_tag, multiple, requeue: false },
    };
    world.ask(channel, method).1
}

/// Most of what fails closes channels; the next steps want them open.
fn reopen(world: &mut World) {
    for channel in 1..=3 {
        let id = ChannelId { connection: 1, channel };
        if !world.broker.is_open(id) {
            world.ask(id, Method::ConnectionOpen);
            world.ask(id, Method::ChannelOpen);
        }
    }
}

fn fault(steps: &[Step]) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(|| play(steps))) {
        Ok(played) => played.err(),
        Err(_) => Some("panicked".to_owned()),
    }
}

/// Leaves out whatever the fault does without.
fn cut_down(mut steps: Vec<Step>) -> Vec<Step> {
    let mut place = steps.len();
    while place > 0 {
        place -= 1;
        let mut shorter = steps.clone();
        shorter.remove(place);
        if fault(&shorter).is_some() {
            steps = shorter;
        }
    }
    steps
}

#[test]
fn whatever_clients_do_no_message_is_lost_sight_of() {
    for seed in 1..=SEEDS {
        let steps = steps(seed);
        if fault(&steps).is_some() {
            let steps = cut_down(steps);
            panic!("seed {seed}: {}\n{steps:#?}", fault(&steps).unwrap_or_default());
        }
    }
}

#[test]
fn the_same_commands_give_the_same_trace() {
    for seed in 1..=10 {
        let steps = steps(seed);
        assert_eq!(play(&steps), play(&steps), "seed {seed}");
    }
}
