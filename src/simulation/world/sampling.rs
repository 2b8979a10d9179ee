//! What is measured while the world runs: events are counted as they happen, and once a second of
//! virtual time series grow and alerts are looked at.

use super::*;
use crate::simulation::alert::Change;
use crate::simulation::finding::FindingKind;
use crate::simulation::ledger::OrderStatus;
use crate::simulation::metrics::{Rate, SAMPLE_EVERY, window_ms};
use crate::simulation::scenario::{Input, Measure};

/// What many measures of a sample need, worked out once.
struct Sample {
    /// The percentiles 50, 95 and 99 in milliseconds.
    checkout: [u64; 3],
    /// Of all groups, in the order of the cluster.
    lags: Vec<u64>,
    /// Of their partitions, in the same order, the last one first: series take them in turn.
    each: Vec<(Rc<str>, kafka::TopicPartition, u64)>,
}

impl World {
    pub(super) fn sample(&mut self) {
        self.agenda.add(self.now + SAMPLE_EVERY, Task::Sample);
        self.hold_to_deadlines();
        self.count_completed();
        let instances = self.services.iter().map(|service| service.instances.len() as u64);
        self.metrics.instance_seconds += instances.sum::<u64>();
        let mut sample = self.worked_out();
        self.sample_series(&mut sample);
        for index in 0..self.alerts.len() {
            let value = self.sampled(&self.alerts[index].rule.measure, &mut sample);
            let change = self.alerts[index].update(self.now, value);
            let rule = || Rc::from(self.alerts[index].rule.rule.as_str());
            match change {
                Change::None => {}
                Change::Fired => self.note(Event::AlertFired { rule: rule(), value }),
                Change::Cleared => self.note(Event::AlertCleared { rule: rule(), value }),
            }
        }
    }

    fn worked_out(&self) -> Sample {
        let checkout = self.metrics.checkout.percentiles_ms(self.now, [50, 95, 99]);
        let (mut lags, mut each) = (Vec::new(), Vec::new());
        for group in self.kafka.groups() {
            let mut total = 0;
            self.kafka.each_lag(group, &mut |at, lag| {
                total += lag;
                each.push((group.id().clone(), at.clone(), lag));
            });
            lags.push(total);
        }
        each.reverse();
        Sample { checkout, lags, each }
    }

    fn count_completed(&mut self) {
        let completed = self.ledger.completed();
        let fresh = completed.saturating_sub(self.metrics.completed_before);
        self.metrics.completed_before = completed;
        self.metrics.completed.add(self.now, fresh as u32);
    }

    fn sample_series(&mut self, sample: &mut Sample) {
        let mut all = self.metrics.take_series();
        for (measure, series) in Rc::make_mut(&mut all).iter_mut() {
            series.push(self.sampled(measure, sample));
        }
        self.metrics.put_series(all);
        self.metrics.peak_p95_ms = self.metrics.peak_p95_ms.max(sample.checkout[1]);
        for (group, lag) in self.kafka.groups().zip(&sample.lags) {
            let peak = self.metrics.peak_lag.entry(group.id().clone()).or_default();
            *peak = (*lag).max(*peak);
        }
    }

    /// A measure in a sample: looked up if it was worked out for all.
    fn sampled(&self, measure: &Measure, sample: &mut Sample) -> u64 {
        let [p50, p95, p99] = sample.checkout;
        match measure {
            Measure::CheckoutP50Ms => p50,
            Measure::CheckoutP95Ms => p95,
            Measure::CheckoutP99Ms => p99,
            Measure::GroupLag(id) => {
                let mut lags = self.kafka.groups().zip(&sample.lags);
                lags.find(|(group, _)| group.id() == id).map_or(0, |(_, lag)| *lag)
            }
            Measure::PartitionLag { group, topic, partition } => {
                let is_it = |(of, at, _): &mut (Rc<str>, kafka::TopicPartition, u64)| {
                    at.partition == *partition && at.topic == *topic && of == group
                };
                let known = sample.each.pop_if(is_it);
                known.map_or_else(|| self.measure(measure), |(.., lag)| lag)
            }
            Measure::MaxGroupLag => sample.lags.iter().copied().max().unwrap_or(0),
            other => self.measure(other),
        }
    }

    /// The present value of a figure that alerts and the time bar watch.
    pub fn measure(&self, measure: &Measure) -> u64 {
        let checkout = |percent| self.metrics.checkout.percentiles_ms(self.now, [percent])[0];
        let rate = |rate: &Rate| rate.per_minute(self.now);
        let of = |id: &str, figure: &dyn Fn(&Service) -> u64| self.service(id).map_or(0, figure);
        match measure {
            Measure::GroupLag(group) => self.kafka.total_lag(group),
            Measure::MaxGroupLag => {
                let lags = self.kafka.groups().map(|group| self.kafka.total_lag(group.id()));
                lags.max().unwrap_or(0)
            }
            Measure::PartitionLag { group, topic, partition } => {
                self.partition_lag(group, topic, *partition)
            }
            Measure::QueueReady(queue) => {
                self.rabbitmq.queue(queue).map_or(0, |queue| queue.ready_count())
            }
            Measure::QueueUnacked(queue) => {
                self.rabbitmq.queue(queue).map_or(0, |queue| queue.unacked_count())
            }
            Measure::DeadLetters => self.dead_letters(),
            Measure::CheckoutP50Ms => checkout(50),
            Measure::CheckoutP95Ms => checkout(95),
            Measure::CheckoutP99Ms => checkout(99),
            Measure::OrdersFailed => self.refused,
            Measure::ErrorsPerMille => {
                let answered = rate(&self.metrics.answered);
                (rate(&self.metrics.refused) * 1_000).checked_div(answered).unwrap_or(0)
            }
            Measure::PlacedPerMinute => rate(&self.metrics.placed),
            Measure::CompletedPerMinute => rate(&self.metrics.completed),
            Measure::RetriesPerMinute => rate(&self.metrics.retries),
            Measure::Duplicates => self.ledger.found(FindingKind::Duplicate),
            Measure::OrdersLost => self.ledger.count(OrderStatus::Lost),
            Measure::LateEffects => self.ledger.found(FindingKind::Late),
            Measure::HandledPerMinute(id) => of(id, &|one| rate(&one.handled_rate)),
            Measure::FailedPerMinute(id) => of(id, &|one| rate(&one.failed_rate)),
            Measure::ServiceP95Ms(id) => of(id, &|one| one.latency.percentile_ms(95)),
            Measure::UtilisationPercent(id) => of(id, &|one| self.utilisation_percent(one)),
            Measure::InstancesUp(id) => of(id, &Service::instances_up),
            Measure::CallsRejected(id) => of(id, &|one| one.rejected + one.shed),
            Measure::CallsTimedOut(id) => {
                of(id, &|one| one.calls.iter().map(|call| call.timed_out).sum())
            }
            Measure::BreakersOpened(id) => {
                of(id, &|one| one.calls.iter().map(|call| call.opened).sum())
            }
            Measure::BuyersTimedOut => self.timed_out,
        }
    }

    fn partition_lag(&self, group: &str, topic: &Rc<str>, partition: u32) -> u64 {
        let at = kafka::TopicPartition { topic: topic.clone(), partition };
        let log = self.kafka.partition(&at);
        log.map_or(0, |log| {
            let committed = self.kafka.group(group).and_then(|group| group.committed(&at));
            let done = committed.unwrap_or(log.log_start_offset());
            log.log_end_offset().saturating_sub(done)
        })
    }

    /// How much of the time of a service's places for work was taken in the last minute. Instances
    /// that came or went within the minute are counted as they are now.
    pub(super) fn utilisation_percent(&self, service: &Service) -> u64 {
        let each = match service.spec.input {
            Input::Http { concurrency, .. } => u64::from(concurrency),
            Input::Topic { .. } | Input::Queue { .. } => 1,
        };
        let minute = window_ms(self.now);
        let jobs = service.instances.iter().flat_map(|instance| &instance.jobs);
        let running = jobs.map(|job| (self.now.since(job.began_at).as_millis() as u64).min(minute));
        let taken = service.busy_ms.per_minute(self.now) + running.sum::<u64>();
        let places = service.instances_up() * each * minute;
        (taken * 100).checked_div(places).unwrap_or(0).min(100)
    }

    /// A piece of work leaves its place.
    pub(super) fn place_is_free(&mut self, seat: Seat, began_at: Instant) {
        let (now, taken) = (self.now, self.now.since(began_at).as_millis() as u32);
        self.service_at(seat).busy_ms.add(now, taken);
    }

    /// Messages in all dead letter queues.
    pub fn dead_letters(&self) -> u64 {
        let dead = self.roles.iter().filter(|(_, role)| **role == QueueRole::DeadLetters);
        let queues = dead.filter_map(|(name, _)| self.rabbitmq.queue(name));
        queues.map(|queue| queue.ready_count()).sum()
    }

    /// Counts an event for the rates and for the exporters.
    pub(super) fn count(&mut self, event: &Event) {
        let (now, metrics) = (self.now, &mut self.metrics);
        match event {
            Event::WorkStarted { attempt, .. } if *attempt > 1 => {
                metrics.retries.count(now);
                metrics.exported.retries += 1;
            }
            Event::CallRetried { .. } => {
                metrics.retries.count(now);
                metrics.exported.retries += 1;
            }
            Event::WorkFailed { service, .. } => {
                self.services[usize::from(*service)].failed_rate.count(now);
            }
            Event::OrderAnswered { accepted, reason, .. } => {
                metrics.answered.count(now);
                if !accepted && **reason != *work::DECLINED {
                    metrics.refused.count(now);
                }
            }
            Event::RabbitMq(event) => self.count_for_exporter(event),
            _ => {}
        }
    }

    fn count_for_exporter(&mut self, event: &rabbitmq::Event) {
        let exported = &mut self.metrics.exported;
        match event {
            rabbitmq::Event::ConnectionOpened { .. } => exported.connections_opened += 1,
            rabbitmq::Event::ConnectionClosed { .. } => exported.connections_closed += 1,
            rabbitmq::Event::Routed { queues, .. } => {
                exported.received += 1;
                exported.routed += queues.len() as u64;
            }
            rabbitmq::Event::Unroutable { returned, .. } => {
                exported.received += 1;
                exported.unroutable_returned += u64::from(*returned);
                exported.unroutable_dropped += u64::from(!*returned);
            }
            rabbitmq::Event::DeadLettered { queue, reason, .. } => {
                let kind = self.rabbitmq.queue(queue).map(|queue| queue.kind());
                let kind = usize::from(kind == Some(rabbitmq::QueueType::Quorum));
                exported.dead_lettered[kind][*reason as usize] += 1;
            }
            _ => {}
        }
    }
}

/// The figures of a scenario that are kept over the whole run: all but those that cost too much to
/// be worked out each second, unless an alert or the time bar watches them.
pub(super) fn kept_measures(scenario: &Scenario) -> Vec<Measure> {
    let mut kept = vec![
        Measure::PlacedPerMinute,
        Measure::CompletedPerMinute,
        Measure::OrdersFailed,
        Measure::ErrorsPerMille,
        Measure::CheckoutP50Ms,
        Measure::CheckoutP95Ms,
        Measure::CheckoutP99Ms,
        Measure::RetriesPerMinute,
        Measure::Duplicates,
        Measure::OrdersLost,
        Measure::LateEffects,
        Measure::MaxGroupLag,
        Measure::DeadLetters,
    ];
    for service in &scenario.services {
        let id = || service.id.clone();
        kept.extend([Measure::HandledPerMinute(id()), Measure::FailedPerMinute(id())]);
        kept.push(Measure::UtilisationPercent(id()));
        if let Input::Topic { topic, group, .. } = &service.input {
            kept.push(Measure::GroupLag(group.clone()));
            let spec = scenario.topics.iter().find(|spec| spec.name == *topic);
            for partition in 0..spec.map_or(0, |spec| spec.partitions) {
                let (group, topic) = (group.clone(), topic.clone());
                kept.push(Measure::PartitionLag { group, topic, partition });
            }
        }
    }
    for queue in &scenario.queues {
        kept.push(Measure::QueueReady(queue.name.clone()));
        kept.push(Measure::QueueUnacked(queue.name.clone()));
    }
    kept.extend(scenario.alerts.iter().map(|alert| alert.measure.clone()));
    kept.extend(scenario.key_quantity.clone());
    kept
}
