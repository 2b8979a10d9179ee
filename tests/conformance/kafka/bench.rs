//! A cluster with a clock: what scripts of requests have in common.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use ackademy::engine::Instant;
use ackademy::engine::kafka::{
    BrokerConfig, Call, ClientId, Cluster, Effect, Reply, Request, Response, Timer,
};

use super::script::START_MS;

pub struct Bench {
    pub cluster: Cluster,
    pub now: Instant,
    timers: BTreeMap<Timer, (Instant, u64)>,
    timers_set: u64,
    calls: u32,
    /// Answers that came, in order.
    pub answers: VecDeque<(Call, Response)>,
}

impl Bench {
    pub fn new(config: BrokerConfig) -> Bench {
        Bench {
            cluster: Cluster::new(config),
            now: Instant::from_millis(START_MS),
            timers: BTreeMap::new(),
            timers_set: 0,
            calls: 0,
            answers: VecDeque::new(),
        }
    }

    pub fn create_topic(&mut self, name: &str, partitions: u32) {
        let request = Request::CreateTopic { name: name.into(), partitions, config: Rc::default() };
        self.ask(request);
    }

    /// A request of nobody in particular, which is answered at once.
    pub fn ask(&mut self, request: Request) -> Response {
        let call = self.send(ClientId(0), request);
        let at = self.answers.iter().position(|(answered, _)| *answered == call);
        let at = at.expect("requests of this kind are answered at once");
        self.answers.remove(at).expect("the place was found").1
    }

    /// A request of a client; the answer may come later.
    pub fn send(&mut self, client: ClientId, request: Request) -> Call {
        self.calls += 1;
        let call = Call { client, correlation: self.calls };
        self.handle(call, request);
        call
    }

    pub fn handle(&mut self, call: Call, request: Request) {
        let (reply, effects) = self.cluster.handle(self.now, call, request);
        if let Reply::Answer(response) = reply {
            self.answers.push_back((call, response));
        }
        self.take(effects);
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Answer { call, response } => self.answers.push_back((call, response)),
                Effect::Schedule { timer, due } => {
                    self.timers_set += 1;
                    self.timers.insert(timer, (due, self.timers_set));
                }
                Effect::Cancel { timer } => {
                    self.timers.remove(&timer);
                }
                Effect::Event(_) => {}
            }
        }
    }

    pub fn next_due(&self) -> Option<Instant> {
        self.timers.values().map(|(due, _)| *due).min()
    }

    /// Moves the clock on, over the timers that are due.
    pub fn advance(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some((timer, due)) = self.next_timer().filter(|(_, due)| *due <= until) {
            self.now = self.now.max(due);
            self.timers.remove(&timer);
            self.fire(timer);
        }
        self.now = until;
    }

    fn next_timer(&self) -> Option<(Timer, Instant)> {
        let next = self.timers.iter().min_by_key(|(_, due)| **due);
        next.map(|(timer, (due, _))| (timer.clone(), *due))
    }

    pub fn fire(&mut self, timer: Timer) {
        let effects = self.cluster.timeout(self.now, timer);
        self.take(effects);
    }
}
