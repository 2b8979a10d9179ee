//! A cluster, its clients, and a link between them that takes a millisecond and may lose things.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::engine::kafka::{
    BrokerConfig, Call, ClientId, Cluster, Consumer, ConsumerConfig, ConsumerEffect, ConsumerInput,
    ConsumerTimer, Effect, ErrorCode, Event, Producer, ProducerConfig, ProducerEffect,
    ProducerInput, ProducerTimer, Record, Reply, Request, Response, Timer, TopicConfig,
    TopicPartition,
};

const LINK: Duration = Duration::from_millis(1);

/// What happens to a request and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Arrives,
    RequestLost,
    AnswerLost,
}

#[derive(Clone, Debug)]
enum Due {
    Request(Call, Request, Fate),
    Answer(Call, Response),
    Timer(Key),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Cluster(Timer),
    Consumer(usize, ConsumerTimer),
    Producer(usize, ProducerTimer),
}

pub struct Reader {
    pub consumer: Consumer,
    pub polls: bool,
    pub alive: bool,
}

/// How a producer's call or record ended, with the number of the producer.
#[derive(Clone, Debug)]
pub enum Outcome {
    Acknowledged { handle: u64 },
    Failed,
    Returned { producer: usize, outcome: Result<(), ErrorCode> },
}

pub struct Net {
    pub cluster: Cluster,
    pub now: Instant,
    agenda: BTreeMap<(Instant, u64), Due>,
    timers: BTreeMap<Key, (Instant, u64)>,
    order: u64,
    calls: u32,
    pub readers: Vec<Reader>,
    pub producers: Vec<Producer>,
    /// The fates of the producers' next requests; afterwards all arrive.
    pub fates: Vec<Fate>,
    pub events: Vec<Event>,
    pub outcomes: Vec<Outcome>,
    /// Answers to plain calls.
    pub answers: Vec<(Call, Response)>,
}

const PLAIN: ClientId = ClientId(0);
const READERS: u32 = 1_000;
const PRODUCERS: u32 = 1_000_000;

impl Net {
    pub fn new(config: BrokerConfig) -> Net {
        Net {
            cluster: Cluster::new(config),
            now: Instant::from_millis(1_000),
            agenda: BTreeMap::new(),
            timers: BTreeMap::new(),
            order: 0,
            calls: 0,
            readers: Vec::new(),
            producers: Vec::new(),
            fates: Vec::new(),
            events: Vec::new(),
            outcomes: Vec::new(),
            answers: Vec::new(),
        }
    }

    pub fn create_topic(&mut self, name: &str, partitions: u32, config: TopicConfig) {
        self.plain(Request::CreateTopic { name: name.into(), partitions, config: Rc::new(config) });
    }

    /// A request that takes no time and is not lost.
    pub fn plain(&mut self, request: Request) -> Call {
        self.calls += 1;
        let call = Call { client: PLAIN, correlation: self.calls };
        self.reaches(call, request, Fate::Arrives);
        call
    }

    pub fn kill(&mut self, broker: u32) {
        let effects = self.cluster.kill_broker(self.now, broker);
        self.take(effects);
    }

    pub fn restart(&mut self, broker: u32) {
        let effects = self.cluster.restart_broker(self.now, broker);
        self.take(effects);
    }

    pub fn add_reader(&mut self, config: ConsumerConfig) -> usize {
        let index = self.readers.len();
        let consumer = Consumer::new(ClientId(READERS + index as u32), config);
        self.readers.push(Reader { consumer, polls: true, alive: true });
        self.read(index, ConsumerInput::Start);
        self.read(index, ConsumerInput::Poll);
        index
    }

    pub fn add_producer(&mut self, config: ProducerConfig) -> usize {
        let index = self.producers.len();
        self.producers.push(Producer::new(ClientId(PRODUCERS + index as u32), config));
        index
    }

    fn later(&mut self, after: Duration, due: Due) -> (Instant, u64) {
        self.order += 1;
        let place = (self.now + after, self.order);
        self.agenda.insert(place, due);
        place
    }

    fn schedule(&mut self, key: Key, due: Instant) {
        self.cancel(&key);
        let after = due.max(self.now).since(self.now);
        let place = self.later(after, Due::Timer(key.clone()));
        self.timers.insert(key, place);
    }

    fn cancel(&mut self, key: &Key) {
        if let Some(place) = self.timers.remove(key) {
            self.agenda.remove(&place);
        }
    }

    pub fn read(&mut self, index: usize, input: ConsumerInput) {
        if !self.readers[index].alive {
            return;
        }
        let client = ClientId(READERS + index as u32);
        for effect in self.readers[index].consumer.handle(self.now, input) {
            match effect {
                ConsumerEffect::Send { correlation, request } => {
                    let call = Call { client, correlation };
                    self.later(LINK, Due::Request(call, request, Fate::Arrives));
                }
                ConsumerEffect::Schedule { timer, due } => {
                    self.schedule(Key::Consumer(index, timer), due);
                }
                ConsumerEffect::Cancel { timer } => self.cancel(&Key::Consumer(index, timer)),
                ConsumerEffect::Records(_)
                | ConsumerEffect::Assigned(_)
                | ConsumerEffect::Revoked(_)
                | ConsumerEffect::Lost(_)
                | ConsumerEffect::Committed(_)
                | ConsumerEffect::Failed { .. }
                | ConsumerEffect::Closed => {}
            }
        }
    }

    pub fn write(&mut self, index: usize, input: ProducerInput) {
        let client = ClientId(PRODUCERS + index as u32);
        for effect in self.producers[index].handle(self.now, input) {
            match effect {
                ProducerEffect::Send { correlation, request } => {
                    let call = Call { client, correlation };
                    let fate = self.fates.pop().unwrap_or(Fate::Arrives);
                    self.later(LINK, Due::Request(call, request, fate));
                }
                ProducerEffect::Schedule { timer, due } => {
                    self.schedule(Key::Producer(index, timer), due);
                }
                ProducerEffect::Cancel { timer } => self.cancel(&Key::Producer(index, timer)),
                ProducerEffect::Acknowledged { handle, .. } => {
                    self.outcomes.push(Outcome::Acknowledged { handle });
                }
                ProducerEffect::Failed { .. } => self.outcomes.push(Outcome::Failed),
                ProducerEffect::Returned(outcome) => {
                    self.outcomes.push(Outcome::Returned { producer: index, outcome });
                }
                ProducerEffect::Retried { .. } => {}
            }
        }
    }

    fn reaches(&mut self, call: Call, request: Request, fate: Fate) {
        if fate == Fate::RequestLost {
            return;
        }
        let (reply, effects) = self.cluster.handle(self.now, call, request);
        if let (Reply::Answer(response), Fate::Arrives) = (reply, fate) {
            self.answer(call, response);
        }
        self.take(effects);
    }

    fn answer(&mut self, call: Call, response: Response) {
        if call.client == PLAIN {
            self.answers.push((call, response));
        } else {
            self.later(LINK, Due::Answer(call, response));
        }
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Answer { call, response } => self.answer(call, response),
                Effect::Schedule { timer, due } => self.schedule(Key::Cluster(timer), due),
                Effect::Cancel { timer } => self.cancel(&Key::Cluster(timer)),
                Effect::Event(event) => self.events.push(event),
            }
        }
    }

    pub fn advance(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(entry) = self.agenda.first_entry().filter(|next| next.key().0 <= until) {
            self.now = entry.key().0;
            let due = entry.remove();
            self.happens(due);
        }
        self.now = until;
    }

    fn happens(&mut self, due: Due) {
        match due {
            Due::Request(call, request, fate) => self.reaches(call, request, fate),
            Due::Answer(Call { client, correlation }, response) => {
                if client.0 >= PRODUCERS {
                    let input = ProducerInput::Answer { correlation, response };
                    self.write((client.0 - PRODUCERS) as usize, input);
                } else {
                    let reader = (client.0 - READERS) as usize;
                    self.read(reader, ConsumerInput::Answer { correlation, response });
                    if self.readers[reader].polls {
                        self.read(reader, ConsumerInput::Poll);
                    }
                }
            }
            Due::Timer(key) => {
                self.timers.remove(&key);
                match key {
                    Key::Cluster(timer) => {
                        let effects = self.cluster.timeout(self.now, timer);
                        self.take(effects);
                    }
                    Key::Consumer(index, timer) => self.read(index, ConsumerInput::Timer(timer)),
                    Key::Producer(index, timer) => self.write(index, ProducerInput::Timer(timer)),
                }
            }
        }
    }
}

pub fn at(partition: u32) -> TopicPartition {
    TopicPartition { topic: "t".into(), partition }
}

/// A record whose value is a number.
pub fn record(value: u32) -> Record {
    Record {
        key: None,
        value: Some(value.to_be_bytes().as_slice().into()),
        headers: Vec::new(),
        timestamp_ms: 0,
    }
}

pub fn value_of(record: &Record) -> u32 {
    let bytes = record.value.as_deref().and_then(|value| value.try_into().ok());
    bytes.map_or(u32::MAX, u32::from_be_bytes)
}
