//! Metrics: rates, percentiles and time series, all with bounded memory.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use hdrhistogram::Histogram;
use litemap::LiteMap;

use super::scenario::Measure;
use crate::engine::Instant;

/// How often series are sampled and alerts are looked at.
pub const SAMPLE_EVERY: Duration = Duration::from_secs(1);
const WINDOW_SECS: u64 = 60;
/// Points of a series; when it is full, every second one is dropped and the step doubles.
const POINTS: usize = 720;
/// Answers remembered for the percentiles of the last minute.
const RECENT: usize = 4_000;

/// Events counted over the last 60 s, second by second.
#[derive(Clone, Debug)]
pub struct Rate {
    seconds: [u32; WINDOW_SECS as usize],
    /// The second that was counted last, and the sum of the 60 that end with it.
    latest: u64,
    sum: u64,
}

impl Default for Rate {
    fn default() -> Rate {
        Rate { seconds: [0; WINDOW_SECS as usize], latest: 0, sum: 0 }
    }
}

impl Rate {
    pub fn count(&mut self, now: Instant) {
        self.add(now, 1);
    }

    pub fn add(&mut self, now: Instant, events: u32) {
        let second = now.as_millis() / 1_000;
        for gap in self.latest + 1..=second.min(self.latest + WINDOW_SECS) {
            self.sum -= u64::from(std::mem::take(self.second(gap)));
        }
        self.latest = second;
        *self.second(second) += events;
        self.sum += u64::from(events);
    }

    fn second(&mut self, second: u64) -> &mut u32 {
        &mut self.seconds[(second % WINDOW_SECS) as usize]
    }

    /// Events in the 60 s that end with the present second.
    pub fn per_minute(&self, now: Instant) -> u64 {
        let second = now.as_millis() / 1_000;
        if second >= self.latest + WINDOW_SECS {
            return 0;
        }
        let gone = self.latest + 1..=second;
        let gone = gone.map(|gap| u64::from(self.seconds[(gap % WINDOW_SECS) as usize]));
        self.sum - gone.sum::<u64>()
    }
}

/// How long the time is that [`Rate::per_minute`] counts in, in milliseconds: the present second is
/// not over yet, and the first minute may not be either.
pub fn window_ms(now: Instant) -> u64 {
    let second = now.as_millis() / 1_000;
    now.as_millis() - (second + 1).saturating_sub(WINDOW_SECS) * 1_000
}

/// Latencies since the start, in microseconds with three significant digits.
#[derive(Clone, Debug)]
pub struct Latency {
    histogram: Rc<Histogram<u32>>,
}

impl Default for Latency {
    fn default() -> Latency {
        let histogram = Histogram::new(3).expect("three digits are allowed");
        Latency { histogram: Rc::new(histogram) }
    }
}

impl Latency {
    pub fn record(&mut self, duration: Duration) {
        let micros = duration.as_micros() as u64;
        Rc::make_mut(&mut self.histogram).record(micros).expect("the histogram resizes itself");
    }

    /// About how many bytes a copy takes.
    pub(super) fn weight(&self) -> usize {
        self.histogram.distinct_values() * size_of::<u32>()
    }

    /// A percentile in whole milliseconds; 0 before the first value.
    pub fn percentile_ms(&self, percent: u8) -> u64 {
        if self.histogram.is_empty() {
            return 0;
        }
        self.histogram.value_at_quantile(f64::from(percent) / 100.0) / 1_000
    }
}

/// Latencies of the last minute, for figures that must follow the present.
#[derive(Clone, Debug, Default)]
pub struct RecentLatency {
    values: Rc<VecDeque<(Instant, u32)>>,
}

impl RecentLatency {
    pub fn record(&mut self, now: Instant, duration: Duration) {
        let values = Rc::make_mut(&mut self.values);
        if values.len() == RECENT {
            values.pop_front();
        }
        values.push_back((now, duration.as_micros().min(u128::from(u32::MAX)) as u32));
        while values.front().is_some_and(|(at, _)| now.since(*at).as_secs() >= WINDOW_SECS) {
            values.pop_front();
        }
    }

    /// Percentiles in whole milliseconds by the nearest-rank rule, the least first; 0 without
    /// values.
    pub fn percentiles_ms<const N: usize>(&self, now: Instant, percents: [u64; N]) -> [u64; N] {
        let old = self.values.partition_point(|(at, _)| now.since(*at).as_secs() >= WINDOW_SECS);
        let mut values: Vec<u32> = self.values.range(old..).map(|(_, micros)| *micros).collect();
        if values.is_empty() {
            return [0; N];
        }
        // What is found so far is in order, and nothing behind it is less.
        let mut found = 0;
        percents.map(|percent| {
            let rank = (values.len() as u64 * percent).div_ceil(100).max(1) as usize;
            let (_, micros, _) = values[found..].select_nth_unstable(rank - 1 - found);
            found = rank - 1;
            u64::from(*micros) / 1_000
        })
    }
}

/// One figure over the whole run, with a resolution that halves as the run grows.
#[derive(Clone, Debug)]
pub struct Series {
    step_secs: u64,
    points: Rc<Vec<u32>>,
    /// Samples that the next point already stands for.
    pending: u64,
    pending_max: u32,
}

impl Default for Series {
    fn default() -> Series {
        Series { step_secs: 1, points: Rc::default(), pending: 0, pending_max: 0 }
    }
}

impl Series {
    /// Takes the sample of the next second. A point is the largest of its samples, so that no peak
    /// is lost.
    pub fn push(&mut self, value: u64) {
        let value = u32::try_from(value).unwrap_or(u32::MAX);
        self.pending += 1;
        self.pending_max = self.pending_max.max(value);
        if self.pending < self.step_secs {
            return;
        }
        let points = Rc::make_mut(&mut self.points);
        points.push(self.pending_max);
        (self.pending, self.pending_max) = (0, 0);
        if points.len() == POINTS {
            *points = points.chunks(2).map(|pair| pair[0].max(pair[pair.len() - 1])).collect();
            self.step_secs *= 2;
        }
    }

    /// Seconds from one point to the next; the first point stands at one step.
    pub fn step_secs(&self) -> u64 {
        self.step_secs
    }

    pub fn points(&self) -> &[u32] {
        &self.points
    }

    pub fn max(&self) -> u32 {
        self.points.iter().copied().max().unwrap_or(0)
    }
}

/// What is measured of a run: series, rates, and what exporters count.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    series: Rc<LiteMap<Measure, Series>>,
    pub(super) placed: Rate,
    pub(super) completed: Rate,
    /// Orders completed when the last sample was taken.
    pub(super) completed_before: u64,
    pub(super) answered: Rate,
    pub(super) refused: Rate,
    pub(super) retries: Rate,
    pub(super) checkout: RecentLatency,
    pub(super) queues: LiteMap<Rc<str>, QueueFlow>,
    /// The largest values so far.
    pub(super) peak_lag: LiteMap<Rc<str>, u64>,
    pub(super) peak_p95_ms: u64,
    /// How long all instances together have been there.
    pub(super) instance_seconds: u64,
    pub(super) exported: Exported,
}

/// What goes through a queue, and the most that was ready in it, with the moment.
#[derive(Clone, Debug, Default)]
pub(super) struct QueueFlow {
    pub arriving: Rate,
    pub leaving: Rate,
    pub peak_ready: (u64, Instant),
}

/// Counts that RabbitMQ's exporter has and no queue keeps.
#[derive(Clone, Debug, Default)]
pub struct Exported {
    pub retries: u64,
    pub connections_opened: u64,
    pub connections_closed: u64,
    pub received: u64,
    pub routed: u64,
    pub unroutable_dropped: u64,
    pub unroutable_returned: u64,
    /// Dead-lettered by classic and by quorum queues: expired, rejected, maxlen, delivery limit.
    pub dead_lettered: [[u64; 4]; 2],
}

impl Metrics {
    /// Metrics with a series for each of these measures.
    pub fn of(measures: Vec<Measure>) -> Metrics {
        let series = measures.into_iter().map(|measure| (measure, Series::default()));
        Metrics { series: Rc::new(series.collect()), ..Metrics::default() }
    }

    /// A figure over the whole run, if it is one of those that are kept.
    pub fn series(&self, measure: &Measure) -> Option<&Series> {
        self.series.get(measure)
    }

    /// All figures that are kept over the whole run.
    pub fn all_series(&self) -> impl Iterator<Item = (&Measure, &Series)> {
        self.series.iter()
    }

    pub(super) fn take_series(&mut self) -> Rc<LiteMap<Measure, Series>> {
        std::mem::take(&mut self.series)
    }

    pub(super) fn put_series(&mut self, series: Rc<LiteMap<Measure, Series>>) {
        self.series = series;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_forgets_what_is_older_than_a_minute() {
        let mut rate = Rate::default();
        rate.add(Instant::from_secs(1), 5);
        rate.add(Instant::from_secs(30), 7);
        assert_eq!(rate.per_minute(Instant::from_secs(60)), 12);
        assert_eq!(rate.per_minute(Instant::from_secs(61)), 7);
        assert_eq!(rate.per_minute(Instant::from_secs(500)), 0);
        rate.add(Instant::from_secs(500), 1);
        assert_eq!(rate.per_minute(Instant::from_secs(500)), 1);
    }

    #[test]
    fn percentiles_are_those_of_the_last_minute() {
        let mut recent = RecentLatency::default();
        recent.record(Instant::from_secs(0), Duration::from_millis(900));
        for value in 1..=100 {
            recent.record(Instant::from_secs(90), Duration::from_millis(value));
        }
        assert_eq!(recent.percentiles_ms(Instant::from_secs(90), [50, 95, 99]), [50, 95, 99]);
    }

    #[test]
    fn a_full_series_halves_its_resolution_and_keeps_its_peak() {
        let mut series = Series::default();
        for second in 0..2_000 {
            series.push(if second == 777 { 9_000 } else { 1 });
        }
        assert_eq!((series.step_secs(), series.max()), (4, 9_000));
        assert!(series.points().len() < POINTS);
    }

    #[test]
    fn a_latency_keeps_three_digits() {
        let mut latency = Latency::default();
        latency.record(Duration::from_millis(3_100));
        assert_eq!(latency.percentile_ms(50), 3_100);
    }
}
