//! Once a second of virtual time: series grow, alerts are looked at.

use super::*;
use crate::simulation::alert::Change;
use crate::simulation::metrics::SAMPLE_EVERY;
use crate::simulation::scenario::Measure;

impl World {
    pub(super) fn sample(&mut self) {
        self.agenda.add(self.now + SAMPLE_EVERY, Task::Sample);
        self.hold_to_deadlines();
        self.sample_series();
        for index in 0..self.alerts.len() {
            let value = self.measure(&self.alerts[index].rule.measure);
            let change = self.alerts[index].update(self.now, value);
            let rule: Rc<str> = self.alerts[index].rule.rule.as_str().into();
            match change {
                Change::None => {}
                Change::Fired => self.note(Event::AlertFired { rule, value }),
                Change::Cleared => self.note(Event::AlertCleared { rule, value }),
            }
        }
    }

    fn sample_series(&mut self) {
        let placed = self.metrics.placed.per_minute(self.now);
        let p95 = self.measure(&Measure::CheckoutP95Ms);
        let max_lag = self.measure(&Measure::MaxGroupLag);
        let dead = self.dead_letters();
        let metrics = &mut self.metrics;
        metrics.placed_per_minute.push(placed);
        metrics.checkout_p95_ms.push(p95);
        metrics.max_group_lag.push(max_lag);
        metrics.dead_letters.push(dead);
        metrics.orders_failed.push(self.refused);
        for group in self.kafka.groups() {
            let lag = self.kafka.total_lag(group.id());
            metrics.group_lag.entry(group.id().clone()).or_default().push(lag);
            let peak = metrics.peak_lag.entry(group.id().clone()).or_default();
            *peak = lag.max(*peak);
        }
        for queue in self.rabbitmq.queues() {
            let series = metrics.queue_ready.entry(queue.name().clone()).or_default();
            series.push(queue.ready_count());
        }
    }

    /// The present value of a figure that alerts and the time bar watch.
    pub fn measure(&self, measure: &Measure) -> u64 {
        match measure {
            Measure::GroupLag(group) => self.kafka.total_lag(group),
            Measure::MaxGroupLag => {
                let lags = self.kafka.groups().map(|group| self.kafka.total_lag(group.id()));
                lags.max().unwrap_or(0)
            }
            Measure::QueueReady(queue) => {
                self.rabbitmq.queue(queue).map_or(0, |queue| queue.ready_count())
            }
            Measure::CheckoutP95Ms => self.metrics.checkout.percentiles_ms(self.now, [95])[0],
            Measure::OrdersFailed => self.refused,
        }
    }

    /// Messages in all dead letter queues.
    pub fn dead_letters(&self) -> u64 {
        let dead =
            |queue: &&rabbitmq::Queue| self.queue_role(queue.name()) == QueueRole::DeadLetters;
        self.rabbitmq.queues().filter(dead).map(|queue| queue.ready_count()).sum()
    }
}
