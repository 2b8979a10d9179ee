//! Resource alarms: while memory or disk run low, nobody publishes.
//!
//! Under an alarm the broker stops reading from a connection after the first publish on it, and
//! tells the client so; consumers elsewhere go on (<https://www.rabbitmq.com/docs/alarms>,
//! <https://www.rabbitmq.com/docs/connection-blocked>, `rabbit_reader`). What the client sends
//! meanwhile stays on the wire: it is answered with `Reply::Blocked` and must be brought again
//! after `Effect::ConnectionUnblocked`.

use super::broker::Broker;
use super::effect::Effect;
use super::event::Event;
use super::work::Context;

/// What has run low.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Alarm {
    Memory,
    Disk,
}

impl Broker {
    /// Raises or clears an alarm.
    pub fn set_alarm(&mut self, alarm: Alarm, raised: bool) -> Vec<Effect> {
        if raised {
            self.alarms.insert(alarm);
        } else {
            self.alarms.remove(&alarm);
        }
        if !self.alarms.is_empty() {
            return Vec::new();
        }
        let mut effects = Vec::new();
        for connection in std::mem::take(&mut self.blocked) {
            effects.push(Effect::ConnectionUnblocked { connection });
            effects.push(Effect::Event(Event::ConnectionUnblocked { connection }));
        }
        effects
    }

    /// Whether an alarm is raised.
    pub fn is_raised(&self, alarm: Alarm) -> bool {
        self.alarms.contains(&alarm)
    }

    pub fn is_blocked(&self, connection: u32) -> bool {
        self.blocked.contains(&connection)
    }

    /// A connection has published: under an alarm it is not read any further.
    pub(super) fn block_publisher(&mut self, cx: &mut Context, connection: u32) {
        let open = self.connections.contains_key(&connection);
        if self.alarms.is_empty() || !open || !self.blocked.insert(connection) {
            return;
        }
        let (memory, disk) =
            (self.alarms.contains(&Alarm::Memory), self.alarms.contains(&Alarm::Disk));
        let reason = match (memory, disk) {
            (true, true) => "low on memory & disk",
            (_, false) => "low on memory",
            (false, true) => "low on disk",
        };
        cx.effects.push(Effect::ConnectionBlocked { connection, reason });
        cx.event(Event::ConnectionBlocked { connection, reason });
    }
}
