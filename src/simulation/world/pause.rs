//! Processes that stand still: nothing is worked on or sent, and the process does not know it.

use super::*;

impl World {
    pub(super) fn pause(&mut self, seat: Seat) {
        let up = self.instance_at(seat).is_some_and(|instance| instance.up);
        if up && self.paused_since(seat).is_none() {
            self.faults.paused.push((seat, self.now));
            self.agenda.add(self.now + links::HEARTBEAT, Task::Heartbeats);
        }
    }

    /// All that came due meanwhile happens now, in its order.
    pub(super) fn resume(&mut self, seat: Seat) {
        self.faults.paused.retain(|(paused, _)| *paused != seat);
        let frozen = std::mem::take(&mut self.faults.frozen);
        let (due, kept): (Vec<_>, Vec<_>) = frozen.into_iter().partition(|(of, _)| *of == seat);
        self.faults.frozen = kept;
        for (_, task) in due {
            match task {
                Task::Timer(timer) => {
                    let set = self.timers.remove(&timer);
                    self.schedule(timer, set.map_or(self.now, |set| set.due));
                }
                task => {
                    self.agenda.add(self.now, task);
                }
            }
        }
    }

    pub(super) fn paused_since(&self, seat: Seat) -> Option<Instant> {
        let paused = self.faults.paused.iter().find(|(paused, _)| *paused == seat);
        paused.map(|(_, since)| *since)
    }

    /// How many instances of a service stand still.
    pub fn paused_instances(&self, service: &Service) -> u64 {
        let of = |seat: &Seat| self.services[usize::from(seat.service)].spec.id == service.spec.id;
        self.faults.paused.iter().filter(|(seat, _)| of(seat)).count() as u64
    }

    /// Keeps a task for later if it belongs to an instance that stands still, and otherwise gives
    /// it back.
    pub(super) fn unless_frozen(&mut self, task: Task) -> Option<Task> {
        if self.faults.paused.is_empty() {
            return Some(task);
        }
        let seat = self.seat_of(&task).filter(|seat| self.paused_since(*seat).is_some());
        match seat {
            Some(seat) => {
                self.faults.frozen.push((seat, task));
                None
            }
            None => Some(task),
        }
    }

    /// The instance that a task happens in.
    fn seat_of(&self, task: &Task) -> Option<Seat> {
        let of_client = |client| self.clients.get(client).map(|client| client.seat);
        match task {
            Task::Arrive(parcel) => match self.parcels.get(parcel)?.to {
                Endpoint::Service { service, instance } => Some(Seat { service, instance }),
                Endpoint::Buyer | Endpoint::Kafka | Endpoint::RabbitMq => None,
            },
            Task::Job { seat, .. } | Task::Reconnect(seat) | Task::Leave(seat) => Some(*seat),
            Task::Timer(Timer::Consumer(client, _) | Timer::Producer(client, _)) => {
                of_client(client)
            }
            Task::GiveUp(call) => of_client(&call.client),
            // The relay is part of the first instance that is up.
            Task::Relay(service) => {
                let instances = &self.services[usize::from(*service)].instances;
                let instance = instances.iter().position(|instance| instance.up)? as u16;
                Some(Seat { service: *service, instance })
            }
            Task::ReadTimeout { call } => {
                let read = self.readers.waiting.iter().find(|read| read.call == *call)?;
                match read.from {
                    Endpoint::Service { service, instance } => Some(Seat { service, instance }),
                    Endpoint::Buyer | Endpoint::Kafka | Endpoint::RabbitMq => None,
                }
            }
            Task::Timer(Timer::Call(call)) => match self.calls.get(call)? {
                Caller::Buyer { .. } | Caller::Reader { .. } => None,
                Caller::Job { seat, .. } => Some(*seat),
            },
            Task::Timer(Timer::Kafka(_) | Timer::RabbitMq(_) | Timer::Scaler(_) | Timer::Ramp)
            | Task::PlaceOrder
            | Task::ChangeArrivals { .. }
            | Task::PlaceRecorded(_)
            | Task::Burst { .. }
            | Task::BuyAgain { .. }
            | Task::StartInstances { .. }
            | Task::Fault(_)
            | Task::Surprise(_)
            | Task::Sample
            | Task::Heartbeats
            | Task::Audit { .. }
            | Task::Read { .. }
            | Task::BreakConnection(_) => None,
        }
    }
}
